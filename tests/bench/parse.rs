//! Parsers: MB/s on one core, next to serde_json's `Value` of the same records; a row for
//! each source.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rollcall_ingest::probe::{Parser, Probe};
use rollcall_ingest::source::Sources;

use crate::{Figure, rollcall};

/// Bytes that are read for one measurement, for each event of the other measurements.
const BYTES: u64 = 24;
/// Measurements of each; the middle one counts.
const TIMES: usize = 5;
/// Rows that are taken together, as the pipeline does.
const TOGETHER: usize = 16_384;

pub fn run(scratch: &Path, events: u64) -> Vec<Figure> {
    let most = usize::try_from(events * BYTES).expect("memory");
    let mut traffic = traffic(scratch);
    Sources::default()
        .iter()
        // What rollcall writes down itself is told by its name alone.
        .filter(|source| source.name != "rollcall")
        .map(|source| {
            let (of, records) = match traffic.remove(source.name) {
                Some(records) => ("traffic", records),
                None => ("fixtures", fixtures(source.name)),
            };
            figure(source.name, of, &records, most)
        })
        .collect()
}

/// The invented company's logs by source: records as they come.
fn traffic(scratch: &Path) -> BTreeMap<&'static str, Vec<Vec<u8>>> {
    let out = scratch.join("traffic");
    let status = Command::new(rollcall())
        .args(["generate", "--until", "2026-09-04T12:00:00Z", "--days", "3", "--out"])
        .arg(&out)
        .stdout(Stdio::null())
        .status();
    assert!(status.is_ok_and(|status| status.success()), "no traffic was made");
    let mut traffic: BTreeMap<&'static str, Vec<Vec<u8>>> = BTreeMap::new();
    for entry in std::fs::read_dir(out.join("logs")).expect("a folder").flatten() {
        for line in lines(&std::fs::read(entry.path()).expect("a log")) {
            if let Some(source) = Sources::default().recognise(&line) {
                traffic.entry(source.name).or_default().push(line);
            }
        }
    }
    traffic
}

/// A source's fixtures without what is broken on purpose.
fn fixtures(source: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("ingest/src/source").join(source).join("fixtures");
    let mut records = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let bytes = std::fs::read(entry.path()).expect("a fixture");
        match name.ends_with(".json") {
            _ if name.starts_with("odd") => {}
            true => records.push(bytes),
            false => records.extend(lines(&bytes)),
        }
    }
    records
}

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(<[u8]>::to_vec).collect()
}

fn figure(source: &str, of: &str, records: &[Vec<u8>], most: usize) -> Figure {
    let records = beginning(records, most);
    let bytes: usize = records.iter().map(Vec::len).sum();
    let passes = (most / bytes).max(1);
    let is_json = records.iter().all(|record| matches!(record.first(), Some(b'{' | b'[')));
    let (mut parsed, mut rows, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TIMES {
        parsed.push(timed(passes, || parse(records)));
        rows.push(timed(passes, || to_rows(records)));
        if is_json {
            values.push(timed(passes, || to_values(records)));
        }
    }
    let rate = |times: &mut Vec<Duration>| {
        times.sort();
        times.get(times.len() / 2).map(|took| (bytes * passes) as f64 / took.as_secs_f64() / 1e6)
    };
    let (parsed, rows, values) = (rate(&mut parsed), rate(&mut rows), rate(&mut values));
    let shown = |rate: Option<f64>| rate.map_or("–".to_owned(), |rate| format!("{rate:.0} MB/s"));
    Figure {
        name: format!(
            "{source}: {of}, {} records of {} bytes",
            records.len(),
            bytes / records.len()
        ),
        ours: format!("{}; redacted and made rows {}", shown(parsed), shown(rows)),
        theirs: format!("serde_json's `Value` {}", shown(values)),
        ratio: parsed
            .zip(values)
            .map_or(String::new(), |(ours, theirs)| format!("{:.1}", ours / theirs)),
    }
}

/// As many records as make so many bytes; one at least.
fn beginning(records: &[Vec<u8>], most: usize) -> &[Vec<u8>] {
    let mut bytes = 0;
    let fits = |record: &&Vec<u8>| {
        bytes += record.len();
        bytes <= most
    };
    let count = records.iter().take_while(fits).count().max(1);
    &records[..count]
}

fn timed(passes: usize, mut pass: impl FnMut()) -> Duration {
    let begun = Instant::now();
    (0..passes).for_each(|_| pass());
    begun.elapsed()
}

fn parse(records: &[Vec<u8>]) {
    let mut parser = Parser::default();
    records.iter().for_each(|record| parser.read(record));
    let counts = black_box(parser.counts());
    assert!(counts.events > 0, "nothing was read");
}

fn to_rows(records: &[Vec<u8>]) {
    let mut probe = Probe::default();
    for record in records {
        probe.read("", record);
        if probe.waiting() >= TOGETHER {
            black_box(probe.take().expect("rows"));
        }
    }
    black_box(probe.take().expect("rows"));
}

fn to_values(records: &[Vec<u8>]) {
    for record in records {
        // A record behind a header isn't JSON as a whole: its failure costs less.
        let _ = black_box(serde_json::from_slice::<serde_json::Value>(record));
    }
}
