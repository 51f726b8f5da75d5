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
//! `ROLLCALL_BENCH_EVENTS` sets how many events (default 2,000,000). With
//! `ROLLCALL_BENCH_DIR` the input and the tables stay in that directory; where
//! they are there already, only the queries run.

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

use std::path::{Path, PathBuf};
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
    let kept = std::env::var_os("ROLLCALL_BENCH_DIR").map(PathBuf::from);
    let mut figures = Vec::new();
    match kept {
        Some(folder) if folder.join("imported").exists() => figures.extend(queries::run(&folder)),
        Some(folder) => {
            std::fs::create_dir_all(&folder).expect("a directory");
            everything(&folder, events, &mut figures);
        }
        None => {
            let scratch = tempfile::tempdir().expect("a directory");
            everything(scratch.path(), events, &mut figures);
        }
    }
    println!("| what | rollcall | for comparison | ratio |\n|---|---|---|---|");
    for figure in figures {
        println!("| {} | {} | {} | {} |", figure.name, figure.ours, figure.theirs, figure.ratio);
    }
}

fn everything(scratch: &Path, events: u64, figures: &mut Vec<Figure>) {
    let input = scratch.join("events.ndjson");
    events::write(&input, events);
    figures.extend(import::run(scratch, &input, events));
    figures.extend(queries::run(scratch));
    figures.extend(http::run(scratch, events));
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
