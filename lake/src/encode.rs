//! Rows into Parquet, with all cores; and the root over the rows.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, new_null_array};
use arrow::compute::interleave;
use arrow::datatypes::{DataType, Int32Type, Int64Type, Schema};
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use rollcall_ledger::{Hash, RootBuilder, leaf_hash};
use rollcall_schemas::row_hash::{RowHashError, RowHasher, RowKey};

use crate::error::{LakeError, Result};
use crate::sort::Row;
use crate::table::Table;

/// Rows of a row group: small enough to prune, large enough for a dictionary.
pub(crate) const ROW_GROUP_ROWS: usize = 131_072;

fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// How a table's columns are encoded.
pub(crate) fn properties(schema: &Schema) -> WriterProperties {
    let path = |name: &str| ColumnPath::from(name);
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).unwrap_or_default()))
        .set_data_page_size_limit(128 * 1024)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_created_by(concat!("rollcall ", env!("CARGO_PKG_VERSION")).to_owned());
    for field in schema.fields() {
        let name = field.name();
        builder = match field.data_type() {
            DataType::Timestamp(_, _) | DataType::Int64 => builder
                .set_column_dictionary_enabled(path(name), false)
                .set_column_encoding(path(name), Encoding::DELTA_BINARY_PACKED),
            DataType::BinaryView => builder
                .set_column_dictionary_enabled(path(name), false)
                .set_column_statistics_enabled(path(name), EnabledStatistics::None),
            _ if name == "source_event_id" => builder
                .set_column_dictionary_enabled(path(name), false)
                .set_column_statistics_enabled(path(name), EnabledStatistics::Chunk),
            _ if ["user_name", "ip", "session_id"].contains(&name.as_str()) => builder
                .set_column_bloom_filter_enabled(path(name), true)
                .set_column_bloom_filter_max_ndv(path(name), ROW_GROUP_ROWS as u64),
            _ => builder,
        };
    }
    builder.build()
}

/// Writes rows in the given order as one Parquet file; row groups are encoded
/// in parallel and appended in order.
pub(crate) fn write_parquet<W: Write + Send>(
    table: Table,
    batches: &[Arc<RecordBatch>],
    order: &[Row],
    path: &Path,
    out: W,
) -> Result<W> {
    let schema = table.schema();
    let failed =
        |source| LakeError::Parquet { action: "can't write", path: path.to_owned(), source };
    let properties: WriterPropertiesPtr = Arc::new(properties(&schema));
    let parquet_schema = ArrowSchemaConverter::new().convert(&schema).map_err(failed)?;
    let mut writer = SerializedFileWriter::new(out, parquet_schema.root_schema_ptr(), properties)
        .map_err(failed)?;
    let factory = ArrowRowGroupWriterFactory::new(&writer, Arc::clone(&schema));
    let groups: Vec<&[Row]> = order.chunks(ROW_GROUP_ROWS).collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| -> Result<(), ParquetError> {
        // As many encoded groups wait as there are workers: memory stays flat.
        let (done, encoded) = mpsc::sync_channel(workers());
        for worker in 0..workers().min(groups.len()) {
            let (done, next, groups, factory, schema) =
                (done.clone(), &next, &groups, &factory, &schema);
            let started = thread::Builder::new().spawn_scoped(scope, move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(rows) = groups.get(index) else { return };
                    let chunks = encode_group(factory, index, schema, batches, rows);
                    if done.send((index, chunks)).is_err() {
                        return;
                    }
                }
            });
            match started {
                Err(error) if worker == 0 => return Err(ParquetError::External(error.into())),
                // Those that there are do all of it.
                Err(_) => break,
                Ok(_) => {}
            }
        }
        drop(done);
        append_in_order(&mut writer, encoded)
    })
    .map_err(failed)?;
    writer.into_inner().map_err(failed)
}

type Encoded = (usize, Result<Vec<ArrowColumnChunk>, ParquetError>);

fn append_in_order<W: Write + Send>(
    writer: &mut SerializedFileWriter<W>,
    encoded: mpsc::Receiver<Encoded>,
) -> Result<(), ParquetError> {
    let mut waiting = std::collections::BTreeMap::new();
    let mut next = 0;
    for (index, chunks) in encoded {
        waiting.insert(index, chunks?);
        while let Some(chunks) = waiting.remove(&next) {
            let mut group = writer.next_row_group()?;
            for chunk in chunks {
                chunk.append_to_row_group(&mut group)?;
            }
            group.close()?;
            next += 1;
        }
    }
    Ok(())
}

fn encode_group(
    factory: &ArrowRowGroupWriterFactory,
    index: usize,
    schema: &Schema,
    batches: &[Arc<RecordBatch>],
    rows: &[Row],
) -> Result<Vec<ArrowColumnChunk>, ParquetError> {
    let mut writers = factory.create_column_writers(index)?.into_iter();
    let mut chunks = Vec::new();
    for (column, field) in schema.fields().iter().enumerate() {
        let array = gather(batches, column, field.data_type(), rows)?;
        for leaf in compute_leaves(field, &array)? {
            let mut writer = writers.next().ok_or_else(|| {
                ParquetError::General(format!("no writer for column {}", field.name()))
            })?;
            writer.write(&leaf)?;
            chunks.push(writer.close()?);
        }
    }
    Ok(chunks)
}

/// One column of the wanted rows.
fn gather(
    batches: &[Arc<RecordBatch>],
    column: usize,
    data_type: &DataType,
    rows: &[Row],
) -> Result<ArrayRef, ParquetError> {
    let arrays: Vec<&dyn Array> =
        batches.iter().map(|batch| batch.column(column).as_ref()).collect();
    if arrays.iter().all(|array| array.null_count() == array.len()) {
        return Ok(new_null_array(data_type, rows.len()));
    }
    interleave(&arrays, rows).map_err(ParquetError::from)
}

/// RFC 6962 root over the rows in (shard, seq, part) order.
pub(crate) fn row_root(table: Table, batches: &[Arc<RecordBatch>], key: &RowKey) -> Result<Hash> {
    leaves(table, batches, key).map(root_of)
}

/// RFC 6962 root over leaves in the order of their positions.
pub(crate) fn root_of(mut leaves: Vec<Leaf>) -> Hash {
    leaves.sort_unstable_by_key(|leaf| leaf.0);
    let mut root = RootBuilder::default();
    leaves.iter().for_each(|(_, hash)| root.push_hash(*hash));
    root.root()
}

/// The leaves of the rows in (shard, seq, part) order.
pub(crate) fn leaves(
    table: Table,
    batches: &[Arc<RecordBatch>],
    key: &RowKey,
) -> Result<Vec<Leaf>> {
    let next = AtomicUsize::new(0);
    let hash = || -> Result<Vec<Leaf>> {
        let mut leaves = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(batch) = batches.get(index) else { return Ok(leaves) };
            leaves.extend(hash_batch(table, batch, key)?);
        }
    };
    let mut leaves = thread::scope(|scope| -> Result<Vec<Leaf>> {
        let threads: Vec<_> = (1..workers().min(batches.len()))
            // Where the system gives no more threads, this one does all of it.
            .map_while(|_| thread::Builder::new().spawn_scoped(scope, hash).ok())
            .collect();
        let mut leaves = hash()?;
        for thread in threads {
            let part = thread.join().map_err(|_| LakeError::Worker("row hashing".to_owned()))?;
            leaves.extend(part?);
        }
        Ok(leaves)
    })?;
    leaves.sort_unstable_by_key(|leaf| leaf.0);
    Ok(leaves)
}

/// A row's position and the hash of its leaf.
pub(crate) type Leaf = ((i32, i64, i32), Hash);

/// The leaves of a batch's rows.
pub(crate) fn hash_batch(table: Table, batch: &RecordBatch, key: &RowKey) -> Result<Vec<Leaf>> {
    let mut hasher = match table {
        Table::SetAside => RowHasher::set_aside(batch, key),
        _ => RowHasher::events(batch, key),
    }?;
    let column =
        |name: &'static str| batch.column_by_name(name).ok_or(RowHashError::MissingColumn(name));
    let shard = column("shard")?.as_primitive::<Int32Type>().values();
    let seq = column("seq")?.as_primitive::<Int64Type>().values();
    let part = column("part")?.as_primitive::<Int32Type>().values();
    let positions = shard.iter().zip(seq).zip(part).enumerate();
    Ok(positions
        .filter_map(|(row, ((s, q), p))| Some(((*s, *q, *p), leaf_hash(&hasher.leaf(row)?))))
        .collect())
}
