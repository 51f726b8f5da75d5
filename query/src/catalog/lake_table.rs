//! One table of the snapshot as DataFusion reads it: a plain `DataSourceExec`
//! over the files that can matter, in union with the tail. Read only.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::Session;
use datafusion::catalog::TableProvider;
use datafusion::common::stats::Precision;
use datafusion::common::{DataFusionError, Result, Statistics};
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::physical_plan::parquet::{
    CachedParquetFileReaderFactory, ParquetRowSelection,
};
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::cache::cache_manager::FileMetadataCache;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::object_store::path::Path;
use datafusion::object_store::{ObjectMeta, ObjectStore};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::union::UnionExec;
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};
use rollcall_lake::{Replaced, Segment, Table};

use super::engine::{local, parquet_options};
use super::prune;
use super::read::{Read, Trace, number};
use super::sound::{Good, SoundReaders};

/// Where the engine reads from and what it keeps.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    /// The store that holds the files.
    pub(crate) store: Arc<dyn ObjectStore>,
    /// Footers and page indexes, kept between queries.
    pub(crate) metadata: Arc<FileMetadataCache>,
    /// Files whose footers were looked at.
    pub(crate) good: Good,
}

/// One table of a snapshot.
#[derive(Debug)]
pub(crate) struct LakeTable {
    schema: SchemaRef,
    segments: Arc<Vec<Arc<Segment>>>,
    /// Rows that a revision replaced, where they are to be left out.
    without: Option<Arc<Replaced>>,
    tail: Unsealed,
    access: Access,
    read: (Table, bool),
    trace: Option<Trace>,
}

/// Unsealed rows, and a number that stands for them.
#[derive(Debug)]
pub(crate) struct Unsealed {
    /// The rows, without replaced ones where these are to be left out.
    pub(crate) rows: Arc<Vec<RecordBatch>>,
    /// Other rows have another.
    pub(crate) state: u64,
}

impl LakeTable {
    /// A table over files and unsealed rows. `without` leaves replaced rows of
    /// the files out. `trace` is told what is read.
    pub(crate) fn new(
        table: Table,
        segments: Arc<Vec<Arc<Segment>>>,
        without: Option<Arc<Replaced>>,
        tail: Unsealed,
        access: Access,
        trace: Option<Trace>,
    ) -> Self {
        let read = (table, without.is_some());
        Self { schema: table.schema(), segments, without, tail, access, read, trace }
    }

    /// One number for what a scan with these filters would read.
    pub(crate) fn state(&self, session: &dyn Session, filters: &[Expr]) -> Result<u64> {
        let segments = prune::segments(&self.segments, filters, &self.schema, session)?;
        Ok(self.state_of(&segments))
    }

    fn state_of(&self, segments: &[Arc<Segment>]) -> u64 {
        let replaced = |segment: &Segment| self.replaced_in(segment).map_or(0, |rows| rows.len());
        let files: Vec<_> = segments.iter().map(|s| (s.name.as_str(), replaced(s))).collect();
        number((files, self.tail.state))
    }

    fn replaced_in(&self, segment: &Segment) -> Option<&Arc<Vec<u32>>> {
        self.without.as_ref().and_then(|replaced| replaced.in_segment(&segment.name))
    }

    fn rows_of(&self, segment: &Segment) -> usize {
        segment.rows().saturating_sub(self.replaced_in(segment).map_or(0, |rows| rows.len()))
    }

    fn file(&self, segment: &Segment) -> Result<PartitionedFile> {
        let location = Path::from_absolute_path(&segment.path)
            .map_err(|e| DataFusionError::External(Box::new(e)))?;
        // Files never change: a constant stands for the time of change, so that
        // cached footers stay valid.
        let file = PartitionedFile::from(ObjectMeta {
            location,
            last_modified: chrono::DateTime::UNIX_EPOCH,
            size: segment.bytes,
            e_tag: None,
            version: None,
        })
        .with_arrow_schema(Arc::clone(&self.schema));
        Ok(match self.replaced_in(segment) {
            Some(rows) => {
                file.with_extension(ParquetRowSelection::new(all_but(rows, segment.rows())))
            }
            None => file,
        })
    }

    fn files(
        &self,
        segments: &[Arc<Segment>],
        projection: Option<&Vec<usize>>,
        limit: Option<usize>,
        threads: usize,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let files: Vec<_> = segments.iter().map(|s| self.file(s)).collect::<Result<_>>()?;
        let rows = segments.iter().map(|segment| self.rows_of(segment)).sum();
        let reader = SoundReaders {
            inner: CachedParquetFileReaderFactory::new(
                Arc::clone(&self.access.store),
                Arc::clone(&self.access.metadata),
            ),
            good: Arc::clone(&self.access.good),
        };
        let source = ParquetSource::new(Arc::clone(&self.schema))
            .with_table_parquet_options(parquet_options())
            .with_parquet_file_reader_factory(Arc::new(reader));
        let statistics =
            Statistics::new_unknown(&self.schema).with_num_rows(Precision::Exact(rows));
        let config = FileScanConfigBuilder::new(local(), Arc::new(source))
            .with_file_groups(FileGroup::new(files).split_files(threads))
            .with_statistics(statistics)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}

/// Every row of a file but these (ascending).
fn all_but(rows: &[u32], total: usize) -> RowSelection {
    let mut selectors = Vec::with_capacity(rows.len() * 2 + 1);
    let mut next = 0_usize;
    for row in rows.iter().filter_map(|row| usize::try_from(*row).ok()) {
        if row > next {
            selectors.push(RowSelector::select(row - next));
        }
        selectors.push(RowSelector::skip(1));
        next = row + 1;
    }
    if total > next {
        selectors.push(RowSelector::select(total - next));
    }
    RowSelection::from(selectors)
}

#[async_trait]
impl TableProvider for LakeTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        // Seen to leave files out; the rows are filtered by whoever reads them.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    fn statistics(&self) -> Option<Statistics> {
        let sealed: usize = self.segments.iter().map(|segment| self.rows_of(segment)).sum();
        let unsealed: usize = self.tail.rows.iter().map(RecordBatch::num_rows).sum();
        let rows = Precision::Exact(sealed + unsealed);
        Some(Statistics::new_unknown(&self.schema).with_num_rows(rows))
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let segments = prune::segments(&self.segments, filters, &self.schema, state)?;
        if let Some(trace) = &self.trace {
            let (table, current) = self.read;
            let read = Read::Table(table, current, filters.to_vec());
            trace.note(read, self.state_of(&segments));
        }
        let mut inputs: Vec<Arc<dyn ExecutionPlan>> = Vec::new();
        if !segments.is_empty() {
            let threads = state.config().target_partitions();
            // A limit counts rows before filters: it may only go down without any.
            let limit = if filters.is_empty() { limit } else { None };
            inputs.push(self.files(&segments, projection, limit, threads)?);
        }
        if !self.tail.rows.is_empty() {
            let partitions = [self.tail.rows.to_vec()];
            let schema = Arc::clone(&self.schema);
            inputs.push(MemorySourceConfig::try_new_exec(
                &partitions,
                schema,
                projection.cloned(),
            )?);
        }
        if inputs.is_empty() {
            let schema = match projection {
                Some(indices) => Arc::new(self.schema.project(indices)?),
                None => Arc::clone(&self.schema),
            };
            return Ok(Arc::new(EmptyExec::new(schema)));
        }
        UnionExec::try_new(inputs)
    }
}
