//! Reads files whose footers can be believed: each is looked at once, before the engine
//! reads its page indexes and pages by it.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use datafusion::common::Result;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::ParquetFileReaderFactory;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::FutureExt;
use futures::future::BoxFuture;
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::errors::ParquetError;
use parquet::file::FOOTER_SIZE;
use parquet::file::metadata::{FooterTail, ParquetMetaData, ParquetMetaDataReader};
use rollcall_lake::check_footer;

/// The files whose footers were found good: they never change.
pub(crate) type Good = Arc<Mutex<HashSet<String>>>;

/// Makes the readers.
#[derive(Debug)]
pub(super) struct SoundReaders {
    /// Of the files as they are.
    pub(super) inner: CachedParquetFileReaderFactory,
    /// What is known of them.
    pub(super) good: Good,
}

impl ParquetFileReaderFactory for SoundReaders {
    fn create_reader(
        &self,
        partition: usize,
        file: PartitionedFile,
        hint: Option<usize>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        let (name, bytes) = (file.object_meta.location.to_string(), file.object_meta.size);
        let inner = self.inner.create_reader(partition, file, hint, metrics)?;
        Ok(Box::new(SoundReader { inner, name, bytes, good: Arc::clone(&self.good) }))
    }
}

struct SoundReader {
    inner: Box<dyn AsyncFileReader + Send>,
    name: String,
    bytes: u64,
    good: Good,
}

impl SoundReader {
    /// Looks at the footer, if nobody has yet.
    async fn look(&mut self) -> parquet::errors::Result<()> {
        let known = self.good.lock().unwrap_or_else(PoisonError::into_inner).contains(&self.name);
        if known {
            return Ok(());
        }
        let damaged = |detail: String| {
            ParquetError::General(format!("the footer of {} is damaged: {detail}", self.name))
        };
        let end = self
            .bytes
            .checked_sub(FOOTER_SIZE as u64)
            .ok_or_else(|| damaged(format!("the file has {} bytes", self.bytes)))?;
        let tail = self.inner.get_bytes(end..self.bytes).await?;
        let tail = tail.as_ref().try_into().map_err(|_| damaged("it is cut short".to_owned()))?;
        let tail = FooterTail::try_new(tail).map_err(|error| damaged(error.to_string()))?;
        let start = end
            .checked_sub(tail.metadata_length() as u64)
            .ok_or_else(|| damaged("it is longer than the file".to_owned()))?;
        let footer = self.inner.get_bytes(start..end).await?;
        ParquetMetaDataReader::decode_metadata(&footer)
            .map_err(|error| error.to_string())
            .and_then(|footer| check_footer(&footer, self.bytes))
            .map_err(damaged)?;
        self.good.lock().unwrap_or_else(PoisonError::into_inner).insert(self.name.clone());
        Ok(())
    }
}

impl AsyncFileReader for SoundReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, parquet::errors::Result<Bytes>> {
        self.inner.get_bytes(range)
    }

    fn get_byte_ranges(
        &mut self,
        ranges: Vec<Range<u64>>,
    ) -> BoxFuture<'_, parquet::errors::Result<Vec<Bytes>>> {
        self.inner.get_byte_ranges(ranges)
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, parquet::errors::Result<Arc<ParquetMetaData>>> {
        async move {
            self.look().await?;
            self.inner.get_metadata(options).await
        }
        .boxed()
    }
}
