//! All detectors together over stored history: events a second on one core, and a backtest of
//! 90 days on all.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::{Figure, events, per_second, rate, rollcall};

/// Days over which the events are spread.
const DAYS: u64 = 90;
/// Milliseconds between two events as `events` writes them.
const APART: u64 = 9;

pub fn run(folder: &Path, count: u64) -> Vec<Figure> {
    let data = folder.join("detected");
    if !data.exists() {
        let input = folder.join("ninety-days.ndjson");
        write(&input, count);
        let status = Command::new(rollcall())
            .arg("ingest")
            .arg(&input)
            .arg("--data")
            .arg(&data)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(status.expect("runs").success(), "the import failed");
    }
    let one = backtest(&data, true);
    let all = backtest(&data, false);
    vec![
        Figure {
            name: format!("all detectors, {count} events, one core, reading them too"),
            ours: rate(count, one),
            theirs: "wanted: 100,000/s".to_owned(),
            ratio: format!("{:.2}", per_second(count, one) / 100_000.0),
        },
        Figure {
            name: format!("backtest of {DAYS} days, {count} events"),
            ours: format!("{:.1} s", all.as_secs_f64()),
            theirs: "wanted: 120 s for 10 million".to_owned(),
            ratio: format!("{:.2}", all.as_secs_f64() / 120.0),
        },
    ]
}

/// The events of [`events`], spread over the days.
fn write(path: &Path, count: u64) {
    let step = (DAYS * 86_400_000 / (count.max(1) * APART)).max(1);
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let mut out = BufWriter::new(File::create(path).expect("a file"));
    for number in 0..count {
        out.write_all(events::line(number * step, &mut random).as_bytes()).expect("written");
    }
    out.flush().expect("written");
}

/// The whole period, so that every event is looked at. The process's start is in it.
fn backtest(data: &Path, one_core: bool) -> Duration {
    let mut command = match one_core {
        true => {
            let mut pinned = Command::new("taskset");
            pinned.args(["-c", "0"]).arg(rollcall());
            pinned
        }
        false => Command::new(rollcall()),
    };
    command.args(["detect", "--backtest", "--from", "2026-01-01", "--format", "csv", "--data"]);
    let began = Instant::now();
    let status = command.arg(data).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.expect("runs").success(), "the backtest failed");
    began.elapsed()
}
