//! A data directory with something of everything, and what a verification finds.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use arrow::array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::rollcall::{Rollcall, github};

/// Three files of events, each a segment of its own; some of their records are
/// duplicates, some in quarantine, some were replayed.
pub fn stored() -> Rollcall {
    let rollcall = Rollcall::new();
    for part in 0..3 {
        let again = github(part * 40, 5);
        let broken = format!("{{\"action\":{part}}}\n");
        let lines = format!("{}{again}{broken}", github(part * 40, 40));
        rollcall.ingest(&rollcall.file(&format!("audit-{part}.ndjson"), lines));
    }
    let people =
        "id,name,logins,team\np-1,Ida Holm,github:dev-1,Platform\np-2,Ole Dahl,github:dev-2,Web\n";
    let people = rollcall.file("people.csv", people);
    rollcall.run(&["people", "import", people.to_str().expect("a path")]);
    rollcall
}

/// What `rollcall verify` finds: kinds and what they are about, sorted.
#[track_caller]
pub fn verify(rollcall: &Rollcall, arguments: &[&str]) -> Vec<(String, String)> {
    let output = rollcall.output(&[&["verify", "--json"], arguments].concat());
    let stderr = String::from_utf8_lossy(&output.stderr);
    let result: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"));
    let findings = result["findings"].as_array().expect("findings");
    assert_eq!(output.status.code(), Some(i32::from(!findings.is_empty())), "{stderr}");
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    let name = |what: String| what.rsplit('/').next().expect("a name").to_owned();
    let mut found: Vec<_> = findings
        .iter()
        .map(|finding| (text(&finding["kind"]), name(text(&finding["what"]))))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// The kinds alone.
#[track_caller]
pub fn kinds(rollcall: &Rollcall, arguments: &[&str]) -> Vec<String> {
    let mut kinds: Vec<_> = verify(rollcall, arguments).into_iter().map(|found| found.0).collect();
    kinds.dedup();
    kinds
}

/// The Parquet files of a table, by name.
pub fn files(rollcall: &Rollcall, table: &str) -> Vec<PathBuf> {
    named(&rollcall.data().join(table), ".parquet")
}

/// The commits of a table, oldest first.
pub fn commits(rollcall: &Rollcall, table: &str) -> Vec<PathBuf> {
    named(&rollcall.data().join(table).join("_delta_log"), ".json")
}

fn named(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(end))
        .collect();
    files.sort();
    files
}

/// The last part of a path.
pub fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

/// Writes a file's rows anew, changed; the result is sound Parquet.
pub fn rewrite(path: &Path, change: impl FnOnce(Vec<RecordBatch>) -> Vec<RecordBatch>) {
    let file = fs::File::open(path).expect("a file");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").build();
    let batches: Vec<_> = reader.expect("a reader").map(|batch| batch.expect("rows")).collect();
    let schema = batches[0].schema();
    let mut out = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut out, schema, None).expect("a writer");
    for batch in change(batches) {
        writer.write(&batch).expect("rows");
    }
    writer.close().expect("a footer");
    overwrite(path, &out);
}

/// Writes over a file, whatever its rights say.
pub fn overwrite(path: &Path, bytes: &[u8]) {
    let mut rights = fs::metadata(path).expect("a file").permissions();
    rights.set_mode(0o644);
    fs::set_permissions(path, rights).expect("rights");
    fs::write(path, bytes).expect("written");
}

/// Copies a directory as it is.
pub fn copy(from: &Path, to: &Path) {
    if to.exists() {
        fs::remove_dir_all(to).expect("removed");
    }
    let status = Command::new("cp").arg("-a").args([from, to]).status();
    assert!(status.expect("cp runs").success());
}
