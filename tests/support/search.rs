//! Where a text is still to be found below a data directory.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// Files that hold a text: in their bytes, in the values of a column of Parquet, or in what
/// was counted of rows.
pub fn holding(data: &Path, text: &str) -> Vec<PathBuf> {
    let mut holding = Vec::new();
    search(data, text, &mut holding);
    holding
}

fn search(folder: &Path, text: &str, holding: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            search(&path, text, holding);
        } else if path.is_file() {
            // A process that runs may take it away meanwhile.
            let Ok(bytes) = fs::read(&path) else { continue };
            let is_table = path.extension().is_some_and(|extension| extension == "parquet");
            let found = memchr::memmem::find(&bytes, text.as_bytes()).is_some();
            let counted = || stands_in_what_was_counted(&bytes, text);
            if found || counted() || (is_table && stands_in_a_column(&path, text)) {
                holding.push(path);
            }
        }
    }
}

/// A derived file: a magic, a head behind its length, and compressed content.
fn stands_in_what_was_counted(bytes: &[u8], text: &str) -> bool {
    let Some(rest) = bytes.strip_prefix(b"rcmade\0\x01") else { return false };
    let (length, rest) = rest.split_first_chunk().expect("a length");
    let content = &rest[usize::try_from(u32::from_le_bytes(*length)).expect("a length")..];
    let decoder = zstd::Decoder::with_buffer(content).expect("a decoder").single_frame();
    let mut unpacked = Vec::new();
    // A file that is being written ends early.
    let _ = std::io::Read::read_to_end(&mut { decoder }, &mut unpacked);
    memchr::memmem::find(&unpacked, text.as_bytes()).is_some()
}

fn stands_in_a_column(path: &Path, text: &str) -> bool {
    // Records stand in the JSON in hexadecimal.
    let hex = hex::encode(text);
    let file = File::open(path).expect("a file");
    let rows = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").build();
    rows.expect("a reader").any(|batch| {
        let mut lines = arrow::json::LineDelimitedWriter::new(Vec::new());
        lines.write(&batch.expect("rows")).expect("written");
        lines.finish().expect("written");
        let json = lines.into_inner();
        [text, &hex].iter().any(|text| memchr::memmem::find(&json, text.as_bytes()).is_some())
    })
}
