//! The `rollcall` command line: parse, load the configuration, call a crate,
//! print. No logic lives here.
//!
//! ```text
//! cli        what can be asked, in which words
//! config     rollcall.toml and ROLLCALL_… variables
//! command    one file a command
//! control    work that writes, here or in the process that holds the lock
//! lake       opening the data directory for a command
//! output     results as table, CSV, JSON, Parquet, Arrow
//! server     inputs, pipeline and dashboard in one process
//! panics     how panics of libraries end
//! progress   progress on a terminal, silence in a pipe
//! threads    the runtime, with threads enough
//! ```

mod cli;
mod command;
mod config;
mod control;
mod lake;
mod output;
mod panics;
mod progress;
mod server;
mod threads;
mod unseen;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use rollcall_ingest::IngestError;
use rollcall_lake::LakeError;
use tracing_subscriber::EnvFilter;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// It found something wrong.
const FOUND: u8 = 1;
/// It was used wrongly.
const USAGE: u8 = 2;
/// It failed.
const FAILED: u8 = 3;

/// What is logged unless `ROLLCALL_LOG` says otherwise. Delta's kernel logs the
/// errors that it returns, with a backtrace: they are told once, where they end up.
const LOG: &str = "warn,rollcall=info,deltalake=error,deltalake_core=error,buoyant_kernel=off";

/// What a command came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All is well.
    Fine,
    /// It did its work and found something wrong.
    Found,
}

/// What was asked can't be meant: two options that contradict each other, say.
#[derive(Debug)]
struct Usage(String);

/// The error that says what is wrong.
pub fn usage(reason: impl Into<String>) -> anyhow::Error {
    Usage(reason.into()).into()
}

/// Whether an error says that what was asked can't be meant.
pub fn is_usage(error: &anyhow::Error) -> bool {
    let is_setting = |error: &LakeError| error.is_setting();
    error.is::<Usage>()
        || error.downcast_ref::<LakeError>().is_some_and(is_setting)
        || matches!(error.downcast_ref::<IngestError>(), Some(IngestError::Lake(error)) if is_setting(error))
}

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

fn main() -> ExitCode {
    panics::are_told();
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, not errors; clap knows which is which.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { USAGE } else { 0 });
        }
    };
    let filter = EnvFilter::try_from_env("ROLLCALL_LOG").unwrap_or_else(|_| EnvFilter::new(LOG));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    match run(cli) {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(FOUND),
        // The reader of a pipe has what it wanted.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::note(&format!("rollcall: {}", said_once(&error)));
            ExitCode::from(if is_usage(&error) { USAGE } else { FAILED })
        }
    }
}

fn run(cli: cli::Cli) -> anyhow::Result<Outcome> {
    let mut config = config::Config::load(cli.global.config.as_deref())?;
    if matches!(cli.command, cli::Command::Demo(_)) {
        config = config.of_an_invented_company();
    }
    let runtime = threads::runtime()?;
    let outcome = runtime.block_on(command::run(cli.command, &cli.global, &config));
    // Threads that still wait for a client mustn't hold the process. Nor is anything
    // cancelled under those who wait for it: the end of the process ends it all.
    std::mem::forget(runtime);
    outcome
}

/// An error and its causes; a cause that its effect has told already isn't told again.
fn said_once(error: &anyhow::Error) -> String {
    let mut said = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        // Some libraries put a backtrace behind what they say.
        let cause = cause.split("\n   0: ").next().unwrap_or_default();
        if !said.contains(cause) {
            said.push_str(": ");
            said.push_str(cause);
        }
    }
    said
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
