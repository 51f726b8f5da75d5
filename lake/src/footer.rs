//! What a Parquet footer says of its file, looked at before it is believed: the library
//! takes places that can't be for granted, and panics.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow::array::RecordBatchReader;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

use crate::error::{LakeError, Result};

/// Opens a file whose footer can be believed.
///
/// # Errors
/// If it can't be read, or is damaged.
pub(crate) fn open(
    path: &Path,
    options: ArrowReaderOptions,
) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let file = File::open(path).map_err(LakeError::file("can't open", path))?;
    let bytes = file.metadata().map_err(LakeError::file("can't read", path))?.len();
    let builder = caught(|| ParquetRecordBatchReaderBuilder::try_new_with_options(file, options))
        .map_err(LakeError::parquet("can't read", path))?;
    check_footer(builder.metadata(), bytes).map_err(|detail| {
        let damaged = ParquetError::General(format!("its footer is damaged: {detail}"));
        LakeError::parquet("can't read", path)(damaged)
    })?;
    Ok(builder)
}

/// What the library says, or that it panicked; what it said then was told when it did.
fn caught<T>(
    work: impl FnOnce() -> Result<T, ParquetError>,
) -> std::result::Result<T, ParquetError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(panicked()))
}

fn panicked() -> ParquetError {
    ParquetError::General("the library panicked on what it read".to_owned())
}

/// What a reader gives, until the library panics on what it reads.
pub(crate) struct Decoded<R>(Option<R>);

impl Decoded<ParquetRecordBatchReader> {
    /// The reader that is asked for, and the schema of what it gives.
    ///
    /// # Errors
    /// If it can't be made.
    pub(crate) fn built(
        builder: ParquetRecordBatchReaderBuilder<File>,
    ) -> Result<(SchemaRef, Self), ParquetError> {
        let reader = caught(|| builder.build())?;
        Ok((reader.schema(), Self(Some(reader))))
    }
}

impl<T, R: Iterator<Item = Result<T, ArrowError>>> Iterator for Decoded<R> {
    type Item = Result<T, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let reader = self.0.as_mut()?;
        if let Ok(next) = catch_unwind(AssertUnwindSafe(|| reader.next())) {
            return next;
        }
        // It mustn't be asked again.
        self.0 = None;
        Some(Err(ArrowError::from(panicked())))
    }
}

/// Whether everything that a footer names lies in a file of so many bytes.
///
/// # Errors
/// What doesn't, in words.
pub fn check_footer(footer: &ParquetMetaData, bytes: u64) -> Result<(), String> {
    let mut rows = 0_i64;
    for (number, group) in footer.row_groups().iter().enumerate() {
        let of_group = |what: &str| format!("row group {number}: {what} isn't within the file");
        rows = rows.checked_add(group.num_rows().max(0)).unwrap_or(i64::MAX);
        for column in group.columns() {
            let what = column.column_path().string();
            if column.num_values() < 0 {
                return Err(format!("row group {number}: {what} has a negative number of values"));
            }
            for (part, place) in places(column) {
                let is_within = place.is_none_or(|(from, length)| is_within(from, length, bytes));
                if !is_within {
                    return Err(of_group(&format!("the {part} of {what}")));
                }
            }
        }
    }
    let said = footer.file_metadata().num_rows();
    if said != rows {
        return Err(format!("it says {said} rows, its row groups {rows}"));
    }
    Ok(())
}

/// Where the parts of a column lie: their start and length.
fn places(column: &ColumnChunkMetaData) -> [(&'static str, Option<(i64, i64)>); 4] {
    let start = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
    let index = |offset: Option<i64>, length: Option<i32>| {
        (offset.is_some() || length.is_some())
            .then_some((offset.unwrap_or(-1), length.map_or(-1, i64::from)))
    };
    [
        ("pages", Some((start, column.compressed_size()))),
        ("column index", index(column.column_index_offset(), column.column_index_length())),
        ("offset index", index(column.offset_index_offset(), column.offset_index_length())),
        // Its length is left out by those that tell only where it begins.
        (
            "Bloom filter",
            column
                .bloom_filter_offset()
                .map(|from| (from, column.bloom_filter_length().map_or(0, i64::from))),
        ),
    ]
}

fn is_within(from: i64, length: i64, bytes: u64) -> bool {
    let (Ok(from), Ok(length)) = (u64::try_from(from), u64::try_from(length)) else {
        return false;
    };
    from.checked_add(length).is_some_and(|end| end <= bytes)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, RecordBatch, StringArray};
    use bytes::Bytes;
    use parquet::arrow::ArrowWriter;
    use parquet::file::metadata::ParquetMetaDataReader;
    use parquet::file::properties::WriterProperties;

    use super::*;

    fn file() -> Vec<u8> {
        let numbers = Arc::new(Int64Array::from_iter_values(0..100));
        let texts = Arc::new(StringArray::from_iter_values((0..100).map(|n| format!("text {n}"))));
        let batch = RecordBatch::try_from_iter([("n", numbers as _), ("t", texts as _)]);
        let batch = batch.expect("a batch");
        let mut bytes = Vec::new();
        let filters = WriterProperties::builder().set_bloom_filter_enabled(true).build();
        let writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(filters));
        let mut writer = writer.expect("a writer");
        writer.write(&batch).expect("written");
        writer.close().expect("closed");
        bytes
    }

    fn footer(bytes: &[u8]) -> Option<ParquetMetaData> {
        let end = bytes.len() - 8;
        let length = u32::from_le_bytes(bytes[end..end + 4].try_into().expect("four"));
        let start = end - usize::try_from(length).expect("small");
        ParquetMetaDataReader::decode_metadata(&bytes[start..end]).ok()
    }

    #[test]
    fn a_reader_that_panics_is_asked_no_more() {
        let mut left = 2;
        let reader = std::iter::from_fn(|| {
            left -= 1;
            assert!(left > 0, "offset + len out of bounds");
            Some(Ok::<_, ArrowError>(left))
        });
        let all: Vec<_> = Decoded(Some(reader)).collect();
        assert!(matches!(&all[..], [Ok(1), Err(ArrowError::ParquetError(_))]), "{all:?}");
    }

    #[test]
    fn a_footer_that_is_whole_is_believed_and_of_a_shorter_file_not() {
        let bytes = file();
        let footer = footer(&bytes).expect("a footer");
        check_footer(&footer, bytes.len() as u64).expect("whole");
        assert!(check_footer(&footer, 100).is_err());
    }

    /// No flip of a bit in a footer leads the library to a place outside the file: it
    /// is read, or refused, and nothing panics.
    #[test]
    fn no_flipped_bit_of_a_footer_makes_the_library_panic() {
        let whole = file();
        let end = whole.len() - 8;
        let length = u32::from_le_bytes(whole[end..end + 4].try_into().expect("four"));
        let start = end - usize::try_from(length).expect("small");
        let mut refused = 0;
        for bit in start * 8..end * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let Some(footer) = footer(&bytes) else { continue };
            if check_footer(&footer, bytes.len() as u64).is_err() {
                refused += 1;
                continue;
            }
            let policy = parquet::file::metadata::PageIndexPolicy::Optional;
            // What comes of it is the reader's affair, as long as it comes back.
            let _ = ParquetMetaDataReader::new()
                .with_page_index_policy(policy)
                .parse_and_finish(&Bytes::from(bytes));
        }
        assert!(refused > 0, "no flip was told");
    }
}
