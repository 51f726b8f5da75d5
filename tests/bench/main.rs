//! `make bench`: the real binary against what a user would take instead, in one
//! run on one machine. Prints a table for docs/benchmarks.md.
//!
//! ```text
//! events    470-byte events in GitHub's form, seeded
//! duckdb    DuckDB on the same input and the same files
//! parse     each source's parser next to serde_json
//! import    files to sealed Parquet; bytes an event
//! http      requests to durable acknowledgement and on to sealed Parquet
//! kafka     a topic to sealed Parquet
//! fresh     from acknowledgement to sight in SQL and on a page
//! served    a server to measure
//! evidence  verification and proofs
//! queries   ten questions over the sealed files
//! detect    all detectors over ninety days
//! anomaly   a campaign of password guessing over benign sign-ins; what counting takes
//! company   a large company's events, with its directory
//! overview  the dashboard over these: cold, after a start, asked again
//! upkeep    a thousand small files merged, a person among a million rows erased
//! ```
//!
//! `ROLLCALL_BENCH_EVENTS` sets how many events (default 2,000,000); a part's name
//! as argument runs that part alone. With `ROLLCALL_BENCH_DIR` the input and the
//! tables stay in that directory; tables that are there already aren't made again.

#![expect(clippy::print_stdout, reason = "its output is its result")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a measurement that can't go on says so and ends"
)]

mod anomaly;
#[path = "../support/kafka/broker.rs"]
#[expect(dead_code, reason = "the suite does more with it")]
mod broker;
mod company;
mod detect;
mod duckdb;
mod events;
mod evidence;
mod fresh;
#[path = "../support/anomaly/mod.rs"]
#[expect(dead_code, reason = "the suite does more with it")]
mod guessing;
mod http;
mod import;
mod kafka;
mod overview;
mod parse;
mod queries;
#[path = "../support/search.rs"]
mod search;
mod served;
mod upkeep;

use std::path::PathBuf;
use std::time::Duration;

// As in the program, so that what is measured here allocates as it does there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    let kept = std::env::var_os("ROLLCALL_BENCH_DIR").map(PathBuf::from);
    let folder = kept.unwrap_or_else(|| scratch.path().to_owned());
    std::fs::create_dir_all(&folder).expect("a directory");
    let part = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let wanted = |name: &str| part.as_deref().is_none_or(|part| part == name);
    println!("| what | rollcall | for comparison | ratio |\n|---|---|---|---|");
    let made = folder.join("imported").exists();
    if wanted("import") || ((wanted("queries") || wanted("evidence")) && !made) {
        let input = folder.join("events.ndjson");
        events::write(&input, events);
        show(import::run(&folder, &input, events));
    }
    if wanted("queries") {
        show(queries::run(&folder));
    }
    if wanted("overview") {
        show(overview::run(&folder, events));
    }
    if wanted("evidence") {
        show(evidence::run(&folder));
    }
    if wanted("detect") {
        show(detect::run(&folder, events));
    }
    if wanted("anomaly") {
        show(anomaly::run(events));
    }
    if wanted("upkeep") {
        show(upkeep::run(scratch.path(), events));
    }
    if wanted("http") {
        show(http::run(scratch.path(), events));
    }
    if wanted("kafka") {
        show(kafka::run(scratch.path(), events));
    }
    if wanted("fresh") {
        show(fresh::run(scratch.path()));
    }
    if wanted("parse") {
        show(parse::run(scratch.path(), events));
    }
}

fn show(figures: Vec<Figure>) {
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
