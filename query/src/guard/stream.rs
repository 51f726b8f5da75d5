//! Rows of a typed query until a limit is reached, and at the end, always, what
//! was given and which limit was reached.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::execution::SendableRecordBatchStream;
use futures::{Stream, StreamExt};
use serde::{Deserialize, Serialize};

use super::memory::Pool;
use super::suggest;
use crate::caught::caught;
use crate::error::{QueryError, Result};
use crate::settings::Limits;

/// The limit that ended a result before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reached {
    /// Rows handed out.
    Rows,
    /// Bytes handed out.
    Bytes,
    /// Time.
    Time,
    /// Memory while running.
    Memory,
}

/// The last item of every result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct End {
    /// Rows that were given.
    pub rows: usize,
    /// Their bytes as Arrow arrays.
    pub bytes: usize,
    /// From the call to the end.
    pub took: Duration,
    /// The limit that cut the result off; `None`: it is whole.
    pub reached: Option<Reached>,
}

/// An item of a result.
#[derive(Debug, Clone)]
pub enum TypedItem {
    /// Rows.
    Rows(RecordBatch),
    /// The end: exactly one, the last.
    End(End),
}

/// The result of a typed query: rows as they come, then an [`End`].
pub struct Typed {
    /// Its columns.
    pub schema: SchemaRef,
    /// Its items.
    pub stream: Pin<Box<dyn Stream<Item = Result<TypedItem>> + Send>>,
}

impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Typed").field("schema", &self.schema).finish_non_exhaustive()
    }
}

struct Source {
    rows: SendableRecordBatchStream,
    pool: Arc<Pool>,
    limits: Limits,
    started: Instant,
    end: End,
    over: bool,
}

impl Typed {
    pub(super) fn new(
        rows: SendableRecordBatchStream,
        pool: Arc<Pool>,
        limits: Limits,
        started: Instant,
    ) -> Self {
        // Not the plan's as it was typed: types of a union are settled later.
        let schema = rows.schema();
        let end = End { rows: 0, bytes: 0, took: Duration::ZERO, reached: None };
        let source = Source { rows, pool, limits, started, end, over: false };
        let stream = futures::stream::unfold(source, |mut source| async move {
            if source.over {
                return None;
            }
            let item = source.next().await;
            source.over = !matches!(item, Ok(TypedItem::Rows(_)));
            Some((item, source))
        });
        Self { schema, stream: Box::pin(stream) }
    }

    /// All rows and the end.
    ///
    /// # Errors
    /// If the query fails, or a limit is reached before the first row.
    pub async fn collect(mut self) -> Result<(Vec<RecordBatch>, Option<End>)> {
        let mut batches = Vec::new();
        while let Some(item) = self.stream.next().await {
            match item? {
                TypedItem::Rows(batch) => batches.push(batch),
                TypedItem::End(end) => return Ok((batches, Some(end))),
            }
        }
        Ok((batches, None))
    }
}

impl Source {
    async fn next(&mut self) -> Result<TypedItem> {
        if let Some(reached) = self.end.reached {
            return Ok(self.finish(Some(reached)));
        }
        loop {
            let left = self.limits.time.saturating_sub(self.started.elapsed());
            let next = caught(async { self.rows.next().await.transpose() });
            let next = tokio::time::timeout(left, next).await;
            return match next.map(Result::transpose) {
                Err(_) => self.out_of_time(),
                Ok(Some(Err(_))) if self.started.elapsed() >= self.limits.time => {
                    self.out_of_time()
                }
                Ok(None) => Ok(self.finish(None)),
                Ok(Some(Err(_))) if self.pool.exhausted() && self.end.rows > 0 => {
                    Ok(self.finish(Some(Reached::Memory)))
                }
                Ok(Some(Err(error))) => Err(suggest::failed(&error, &self.pool, &self.limits)),
                Ok(Some(Ok(batch))) if batch.num_rows() == 0 => continue,
                Ok(Some(Ok(batch))) => match self.cut(batch) {
                    Some(batch) => Ok(TypedItem::Rows(batch)),
                    None => Ok(self.finish(self.end.reached)),
                },
            };
        }
    }

    fn out_of_time(&mut self) -> Result<TypedItem> {
        if self.end.rows == 0 {
            return Err(QueryError::Time { limit: self.limits.time });
        }
        Ok(self.finish(Some(Reached::Time)))
    }

    /// As much of a batch as the limits leave; `None` where they leave nothing.
    fn cut(&mut self, batch: RecordBatch) -> Option<RecordBatch> {
        let room = self.limits.rows - self.end.rows;
        let mut rows = batch.num_rows();
        if rows > room {
            rows = room;
            self.end.reached = Some(Reached::Rows);
        }
        let bytes = sliced_bytes(&batch, rows);
        let left = self.limits.bytes.saturating_sub(self.end.bytes);
        if bytes > left {
            self.end.reached = Some(Reached::Bytes);
            // Rows of a batch are of about the same size.
            rows = (rows * left).checked_div(bytes).unwrap_or(0);
        }
        if rows == 0 {
            return None;
        }
        let batch = batch.slice(0, rows);
        self.end.rows += rows;
        self.end.bytes += sliced_bytes(&batch, rows).min(bytes);
        Some(batch)
    }

    fn finish(&mut self, reached: Option<Reached>) -> TypedItem {
        self.end.reached = reached;
        self.end.took = self.started.elapsed();
        TypedItem::End(self.end.clone())
    }
}

/// Bytes of the first rows of a batch, not of the buffers that they share.
fn sliced_bytes(batch: &RecordBatch, rows: usize) -> usize {
    let slice = batch.slice(0, rows.min(batch.num_rows()));
    let columns = slice.columns().iter();
    columns
        .map(|column| {
            let data = column.to_data();
            data.get_slice_memory_size().unwrap_or(0)
                + match column.data_type() {
                    datafusion::arrow::datatypes::DataType::Utf8View => view_bytes(column.as_ref()),
                    datafusion::arrow::datatypes::DataType::BinaryView => {
                        view_bytes(column.as_ref())
                    }
                    _ => 0,
                }
        })
        .sum()
}

fn view_bytes(array: &dyn datafusion::arrow::array::Array) -> usize {
    use datafusion::arrow::array::AsArray;
    if let Some(texts) = array.as_string_view_opt() {
        return texts.iter().flatten().map(str::len).sum();
    }
    array.as_binary_view_opt().map_or(0, |raws| raws.iter().flatten().map(<[u8]>::len).sum())
}
