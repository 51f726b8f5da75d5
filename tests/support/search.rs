//! Where a text is still to be found below a data directory.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// Files that hold a text, in their bytes or, of Parquet, in the values of a column.
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
            let bytes = fs::read(&path).expect("a file");
            let is_table = path.extension().is_some_and(|extension| extension == "parquet");
            let found = memchr::memmem::find(&bytes, text.as_bytes()).is_some();
            if found || (is_table && stands_in_a_column(&path, text)) {
                holding.push(path);
            }
        }
    }
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
