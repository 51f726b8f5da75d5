//! The binary, run in a directory of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A data directory that goes with the test.
pub struct Rollcall {
    scratch: tempfile::TempDir,
}

impl Rollcall {
    /// An empty directory.
    pub fn new() -> Self {
        Self { scratch: tempfile::tempdir().expect("a directory") }
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.scratch.path().join("data")
    }

    /// A file beside the data.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.scratch.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// The command, ready to run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
        command.current_dir(self.scratch.path()).args(arguments).arg("--data").arg(self.data());
        command
    }

    /// Runs it.
    pub fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary runs")
    }

    /// Runs it; it must succeed. Returns stdout.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {}\n{stderr}", output.status);
        String::from_utf8(output.stdout).expect("text")
    }

    /// Asks SQL; returns the CSV lines after the header.
    #[track_caller]
    pub fn sql(&self, query: &str) -> Vec<String> {
        let csv = self.run(&["sql", "--format", "csv", query]);
        csv.lines().skip(1).map(str::to_owned).collect()
    }
}

/// The real inputs beside the project; `None`, with a word, where they aren't.
pub fn shared(path: &str) -> Option<PathBuf> {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(path);
    let found = full.exists().then_some(full);
    if found.is_none() {
        eprintln!("skipped: {path} is not beside the project");
    }
    found
}
