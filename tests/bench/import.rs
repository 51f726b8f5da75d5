//! Files to sealed Parquet; bytes an event.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::{Figure, duckdb, per_second, rate, rollcall};

pub fn run(scratch: &Path, input: &Path, events: u64) -> Vec<Figure> {
    let data = scratch.join("imported");
    let begun = Instant::now();
    let status =
        Command::new(rollcall()).arg("ingest").arg(input).arg("--data").arg(&data).status();
    assert!(status.is_ok_and(|status| status.success()), "the import failed");
    let ours = begun.elapsed();
    let out = scratch.join("duck.parquet");
    let theirs = duckdb::time(
        &[
            "SELECT 1".to_owned(),
            format!(
                "COPY (SELECT * FROM read_ndjson_auto('{}') ORDER BY \"@timestamp\"//3600000, actor, \"@timestamp\") TO '{}' (FORMAT parquet, COMPRESSION zstd)",
                input.display(),
                out.display()
            ),
        ],
        1,
    );
    let mut figures = vec![Figure {
        name: format!("import of {events} events of 470 bytes"),
        ours: rate(events, ours),
        theirs: theirs.map_or("DuckDB can't be had".to_owned(), |took| {
            format!("DuckDB {}", rate(events, took))
        }),
        ratio: theirs.map_or(String::new(), |took| {
            format!("{:.2}", per_second(events, ours) / per_second(events, took))
        }),
    }];
    figures.push(size(&data.join("events"), input, events));
    figures
}

/// Bytes an event of every column but the two that hold what can't be packed.
fn size(events_folder: &Path, input: &Path, events: u64) -> Figure {
    let mut by_column: BTreeMap<String, i64> = BTreeMap::new();
    for entry in std::fs::read_dir(events_folder).expect("a folder").flatten() {
        if entry.path().extension().is_none_or(|extension| extension != "parquet") {
            continue;
        }
        let file = std::fs::File::open(entry.path()).expect("a file");
        let reader = SerializedFileReader::new(file).expect("Parquet");
        for group in reader.metadata().row_groups() {
            for column in group.columns() {
                *by_column.entry(column.column_path().string()).or_default() +=
                    column.compressed_size();
            }
        }
    }
    let big: i64 = ["raw", "source_event_id"].iter().filter_map(|name| by_column.get(*name)).sum();
    let rest: i64 = by_column.values().sum::<i64>() - big;
    let lines = std::fs::read(input).expect("the input");
    let zstd = zstd::encode_all(&*lines, 3).expect("memory").len();
    let mut sizes: Vec<_> = by_column.into_iter().collect();
    sizes.sort_by_key(|(_, bytes)| -bytes);
    for (name, bytes) in sizes.iter().take(12) {
        eprintln!("  {name}: {:.2} bytes an event", *bytes as f64 / events as f64);
    }
    Figure {
        name: "bytes an event: without raw and source_event_id + those two".to_owned(),
        ours: format!("{:.1} + {:.1}", rest as f64 / events as f64, big as f64 / events as f64),
        theirs: format!("zstd-3 of the lines {:.1}", zstd as f64 / events as f64),
        ratio: format!("{:.2}", big as f64 / zstd as f64),
    }
}
