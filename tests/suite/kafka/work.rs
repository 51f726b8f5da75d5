//! A worker that may be killed, stopped for a while, or asked to end.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

use super::broker::Broker;
use crate::rollcall::{Rollcall, eventually};

/// The settings of a broker and topics, as a file beside the data.
pub fn configure(rollcall: &Rollcall, broker: &Broker, further: &str) {
    let text = format!("[kafka]\nbrokers = \"{}\"\nreplicas = 1\n{further}\n", broker.address());
    rollcall.file("rollcall.toml", text);
}

/// A worker, killed when it is dropped.
pub struct Worker {
    child: Child,
    said: PathBuf,
}

impl Worker {
    /// Starts one.
    pub fn start(rollcall: &Rollcall, name: &str, seal_seconds: u32) -> Self {
        Self::with(rollcall, name, seal_seconds, &[])
    }

    /// The same with further options.
    pub fn with(rollcall: &Rollcall, name: &str, seal_seconds: u32, options: &[&str]) -> Self {
        let said = rollcall.folder().join(format!("said-{name}"));
        let log = File::options().create(true).append(true).open(&said).expect("a file");
        let mut command = rollcall.command(&[&["worker", "--name", name], options].concat());
        command
            .env("ROLLCALL_KAFKA_SEAL_SECONDS", seal_seconds.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        Self { child: command.spawn().expect("the binary runs"), said }
    }

    /// What it and those of its name before it said.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap_or_default()
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        Command::new("kill").args([name, &id]).status().expect("kill runs");
    }

    /// Waits until it has partitions.
    #[track_caller]
    pub fn reads(&self) {
        eventually("it reads", || self.said().contains("a partition is read"));
    }

    /// Kills it as the kernel would.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// Lets it do nothing, as a machine that hangs would.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    /// Asks it to end, and waits.
    #[track_caller]
    pub fn stop(mut self) {
        self.signal("-TERM");
        let status = self.child.wait().expect("gone");
        assert!(status.success(), "it ended with {status}: {}", self.said());
    }

    /// Waits until it ends by itself.
    pub fn ended(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().expect("gone");
        (status, self.said())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Gone already where the test ended it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
