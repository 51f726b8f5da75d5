//! `make bench`: the real binary against what a user would take instead, in one
//! run on one machine. Prints a table for docs/benchmarks.md.
//!
//! ```text
//! events    470-byte events in GitHub's form, seeded
//! duckdb    DuckDB on the same input and the same files
//! import    files to sealed Parquet; bytes an event
//! http      requests to durable acknowledgement and on to sealed Parquet
//! queries   ten questions over the sealed files
//! ```
//!
//! `ROLLCALL_BENCH_EVENTS` sets how many events (default 2,000,000).

#![expect(clippy::print_stdout, reason = "its output is its result")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a measurement that can't go on says so and ends"
)]

mod duckdb;
mod events;
mod http;
mod import;
mod queries;

use std::path::PathBuf;
use std::time::Duration;

/// One line of the table.
struct Figure {
    name: String,
    ours: String,
    theirs: String,
    ratio: String,
}

fn main() {
    // `cargo test` builds benches too and runs them with --test: nothing to do.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let events: u64 = std::env::var("ROLLCALL_BENCH_EVENTS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(2_000_000);
    let scratch = tempfile::tempdir().expect("a directory");
    let input = scratch.path().join("events.ndjson");
    events::write(&input, events);
    let mut figures = Vec::new();
    figures.extend(import::run(scratch.path(), &input, events));
    figures.extend(queries::run(scratch.path()));
    figures.extend(http::run(scratch.path(), events));
    println!("| what | rollcall | for comparison | ratio |\n|---|---|---|---|");
    for figure in figures {
        println!("| {} | {} | {} | {} |", figure.name, figure.ours, figure.theirs, figure.ratio);
    }
}

/// The binary under test.
fn rollcall() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_rollcall"))
}

fn per_second(events: u64, took: Duration) -> f64 {
    events as f64 / took.as_secs_f64()
}

fn rate(events: u64, took: Duration) -> String {
    format!("{:.0}/s", per_second(events, took))
}

fn millis(took: Duration) -> String {
    format!("{:.1} ms", took.as_secs_f64() * 1000.0)
}
