//! A data directory, opened as a server or an import would open it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use rollcall_lake::{Access, Lake, Segment, Table, read_rows};
use tokio::runtime::Runtime;

use crate::{Importer, Intake, LogSettings, Pipeline, PipelineSettings, ReadSettings, StartReport};

/// Where a test's data lies. What was opened holds its lock for as long as the
/// process lives, as its thread does: a restart is a copy.
pub(super) struct Bench {
    scratch: tempfile::TempDir,
    copies: usize,
    pub(super) runtime: Runtime,
}

pub(super) fn read_settings() -> ReadSettings {
    ReadSettings { zone: chrono_tz::UTC, identifier_key: [7; 32] }
}

fn settings() -> PipelineSettings {
    PipelineSettings {
        seal_rows: 1_000_000,
        seal_bytes: 1 << 30,
        seal_after: Duration::from_secs(3_600),
        read: read_settings(),
    }
}

impl Bench {
    pub(super) fn new() -> Self {
        Self {
            scratch: tempfile::tempdir().expect("a directory"),
            copies: 0,
            runtime: Runtime::new().expect("a runtime"),
        }
    }

    pub(super) fn data(&self) -> PathBuf {
        self.scratch.path().join(format!("data-{}", self.copies))
    }

    pub(super) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.scratch.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// What a process that is killed now leaves to the next.
    pub(super) fn restart(&mut self) {
        let before = self.data();
        self.copies += 1;
        copy(&before, &self.data());
    }

    /// Opens it to write.
    pub(super) fn lake(&self) -> Arc<Lake> {
        let lake = self.runtime.block_on(Lake::open(&self.data(), Access::Write));
        Arc::new(lake.expect("opened"))
    }

    /// As `rollcall serve` starts.
    pub(super) fn serve(&self, lake: &Arc<Lake>) -> (Arc<Intake>, StartReport) {
        self.serve_telling(lake, |reason: String| eprintln!("{reason}"))
    }

    /// The same; `failed` is told why it has to stop.
    pub(super) fn serve_telling(
        &self,
        lake: &Arc<Lake>,
        failed: impl Fn(String) + Clone + Send + 'static,
    ) -> (Arc<Intake>, StartReport) {
        let log = LogSettings::default();
        let started = Intake::start(Arc::clone(lake), settings(), log, failed);
        self.runtime.block_on(started).expect("started")
    }

    /// Why it doesn't start.
    pub(super) fn refused(&self, lake: &Arc<Lake>) -> String {
        let started = Intake::start(Arc::clone(lake), settings(), LogSettings::default(), drop);
        self.runtime.block_on(started).expect_err("refused").to_string()
    }

    /// As `rollcall ingest` starts.
    pub(super) fn alone(&self, lake: &Arc<Lake>) -> (Importer, Pipeline) {
        let _inside = self.runtime.enter();
        let pipeline = Pipeline::start(
            Arc::clone(lake),
            std::collections::HashSet::new(),
            settings(),
            |_, _| {},
            |reason| eprintln!("{reason}"),
        )
        .expect("started");
        (Importer::new(Arc::clone(lake), pipeline.clone(), read_settings()), pipeline)
    }

    /// Imports a file.
    pub(super) fn import(&self, importer: &Importer, path: &Path, hint: &str) -> crate::Sums {
        let paths = [path.to_owned()];
        let report = importer.import(&paths, hint, &|_| {});
        self.runtime.block_on(report).expect("imported").sums
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else if let Err(error) = std::fs::copy(&path, &target) {
            // The log deletes what is sealed meanwhile, and names its marks anew; nothing
            // else goes.
            let goes = path
                .extension()
                .is_some_and(|extension| extension == "log" || path.ends_with("marks.writing"));
            assert!(goes && error.kind() == ErrorKind::NotFound, "{}: {error}", path.display());
        }
    }
}

/// The rows of a table, sealed and not, each as the named columns joined by spaces,
/// in order.
pub(super) fn rows(lake: &Lake, table: Table, columns: &[&str]) -> Vec<String> {
    let snapshot = lake.snapshot();
    let segments: Vec<Arc<Segment>> = snapshot.table(table).segments.to_vec();
    let sealed = segments.iter().flat_map(|s| read_rows(s, columns, None).expect("rows"));
    let tail = match table {
        Table::SetAside => &snapshot.tail.set_aside,
        _ => &snapshot.tail.events,
    };
    let tail = tail.iter().map(|batch| RecordBatch::clone(batch));
    let mut rows: Vec<String> =
        sealed.chain(tail).flat_map(|batch| written(&batch, columns)).collect();
    rows.sort();
    rows
}

fn written(batch: &RecordBatch, columns: &[&str]) -> Vec<String> {
    let options = FormatOptions::default().with_null("-");
    let columns: Vec<ArrayFormatter<'_>> = columns
        .iter()
        .map(|name| batch.column_by_name(name).expect("a column"))
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options).expect("a format"))
        .collect();
    (0..batch.num_rows())
        .map(|row| {
            let values: Vec<String> =
                columns.iter().map(|column| column.value(row).to_string()).collect();
            values.join(" ")
        })
        .collect()
}

/// An entry of GitHub's log; `action` is what differs between its versions.
pub(super) fn github(id: i64, action: &str, time_ms: i64) -> String {
    format!(
        "{{\"@timestamp\":{time_ms},\"_document_id\":\"doc-{id:05}\",\"action\":\"{action}\",\"actor\":\"dev-{}\",\"org\":\"acme\"}}\n",
        id % 7
    )
}
