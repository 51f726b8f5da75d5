//! Verification against a loop that only decodes and hashes the same rows; compaction;
//! a proof's size and time.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use rollcall_ledger::leaf_hash;
use rollcall_schemas::row_hash::{RowHasher, RowKey};

use crate::{Figure, millis, per_second, rate, rollcall};

pub fn run(folder: &Path) -> Vec<Figure> {
    let data = folder.join("imported");
    let rows = rows(&data);
    let verify = fastest(|| run_quietly(&data, &["verify"]));
    let only_hash = fastest(|| decode_and_hash(&data));
    let place = asked(&data, "SELECT shard || '-' || seq || '-' || part FROM events LIMIT 1");
    let proof = folder.join("event.tlog-proof");
    let out = proof.to_str().expect("a path");
    let prove = fastest(|| run_quietly(&data, &["prove", &place, "--without-raw", "--out", out]));
    vec![
        Figure {
            name: "verify".to_owned(),
            ours: rate(rows, verify),
            theirs: format!(
                "a loop that decodes and hashes the same rows: {}",
                rate(rows, only_hash)
            ),
            ratio: format!("{:.2}", per_second(rows, only_hash) / per_second(rows, verify)),
        },
        Figure {
            name: "proof of one event, without raw".to_owned(),
            ours: format!(
                "{} bytes, {}",
                fs::metadata(&proof).expect("a proof").len(),
                millis(prove)
            ),
            theirs: String::new(),
            ratio: String::new(),
        },
    ]
}

fn fastest(work: impl Fn()) -> Duration {
    let time = || {
        let begun = Instant::now();
        work();
        begun.elapsed()
    };
    (0..3).map(|_| time()).min().expect("three times")
}

pub fn run_quietly(data: &Path, arguments: &[&str]) {
    let status = Command::new(rollcall())
        .args(arguments)
        .arg("--data")
        .arg(data)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(status.expect("runs").success(), "{arguments:?}");
}

pub fn asked(data: &Path, query: &str) -> String {
    let output = Command::new(rollcall())
        .args(["sql", "--format", "csv", query, "--data"])
        .arg(data)
        .output()
        .expect("runs");
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().nth(1).expect("a row").to_owned()
}

fn rows(data: &Path) -> u64 {
    let count = |table: &str| -> u64 {
        asked(data, &format!("SELECT count(*) FROM {table}")).parse().expect("a number")
    };
    count("events_all") + count("set_aside")
}

/// All row groups of all files, on two threads: what no verification can do without.
fn decode_and_hash(data: &Path) {
    let key = fs::read(data.join("ledger/keys/row")).expect("a key").try_into().expect("32 bytes");
    let key = RowKey::new(&key);
    let groups: Vec<(PathBuf, bool, usize)> = [("events", true), ("set_aside", false)]
        .iter()
        .flat_map(|(t, e)| groups(data, t, *e))
        .collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((path, is_event, group)) =
                    groups.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    hash_group(path, *is_event, *group, &key);
                }
            });
        }
    });
}

fn groups(data: &Path, table: &str, is_event: bool) -> Vec<(PathBuf, bool, usize)> {
    let files = fs::read_dir(data.join(table)).expect("a folder");
    let files = files.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file());
    files
        .flat_map(|path| {
            let file = File::open(&path).expect("a file");
            let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
            (0..reader.metadata().num_row_groups())
                .map(move |group| (path.clone(), is_event, group))
        })
        .collect()
}

fn hash_group(path: &Path, is_event: bool, group: usize, key: &RowKey) {
    let schema = if is_event {
        rollcall_schemas::arrow::events_schema()
    } else {
        rollcall_schemas::arrow::set_aside_schema()
    };
    let options = ArrowReaderOptions::new().with_schema(schema);
    let file = File::open(path).expect("a file");
    let reader = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
        .expect("Parquet")
        .with_row_groups(vec![group])
        .with_batch_size(8192)
        .build()
        .expect("a reader");
    for batch in reader {
        let batch = batch.expect("rows");
        let hasher = if is_event {
            RowHasher::events(&batch, key)
        } else {
            RowHasher::set_aside(&batch, key)
        };
        let mut hasher = hasher.expect("columns");
        for row in 0..batch.num_rows() {
            std::hint::black_box(leaf_hash(&hasher.leaf(row).expect("a row")));
        }
    }
}
