//! Files: what comes out doesn't depend on how they were cut up. Holds invariant 2.

use std::sync::Arc;

use chrono::Utc;
use proptest::prelude::*;
use rollcall_lake::{Lake, ShardKind, Stream, Table};

use super::bench::{Bench, github, read_settings, rows};
use crate::Sums;
use crate::import::{Reading, read_file};
use crate::input::file::InputFile;

const COLUMNS: &[&str] =
    &["seq", "part", "source", "user_name", "activity", "outcome", "reason", "revises_seq", "time"];
const VERDICT: &[&str] = &["seq", "part", "source", "verdict", "of_seq"];

/// Journal entries of sshd amid others' events, NDJSON or in an array. `kinds` says
/// what stands where.
fn mixed(kinds: &[u8], array: bool) -> String {
    let journal = |process: u32, second: usize, message: &str| {
        format!(
            "{{\"__REALTIME_TIMESTAMP\":\"{}\",\"_HOSTNAME\":\"web-1\",\"SYSLOG_IDENTIFIER\":\"sshd\",\"_PID\":\"{process}\",\"MESSAGE\":\"{message}\"}}",
            1_763_632_800_000_000_usize + second * 1_000_000
        )
    };
    let lines: Vec<String> = kinds
        .iter()
        .enumerate()
        .map(|(second, kind)| {
            let process = 10 + u32::from(kind / 16);
            match kind % 16 {
                0 => journal(process, second, "Invalid user oracle from 203.0.113.9 port 4000"),
                1 => journal(
                    process,
                    second,
                    "Failed password for invalid user oracle from 203.0.113.9 port 4000 ssh2",
                ),
                2 => {
                    journal(process, second, "Connection closed by 203.0.113.9 port 4000 [preauth]")
                }
                3 => journal(
                    process,
                    second,
                    "Partial publickey for ada from 203.0.113.5 port 4200 ssh2: ED25519 SHA256:abc",
                ),
                4 => journal(
                    process,
                    second,
                    "Accepted keyboard-interactive/pam for ada from 203.0.113.5 port 4200 ssh2",
                ),
                5 => "{\"not\":\"an event\"}".to_owned(),
                other => {
                    let id = i64::from(other) * 31 + i64::from(process);
                    github(id, "git.push", 1_763_632_800_000).trim().to_owned()
                }
            }
        })
        .collect();
    if array { format!("[{}]\n", lines.join(",\n")) } else { lines.join("\n") + "\n" }
}

struct Read {
    rows: Vec<String>,
    verdicts: Vec<String>,
    sums: Sums,
}

/// Reads a file with the given sizes; goes on from a record, where that isn't 0.
fn read(bench: &Bench, text: &str, block: usize, chunk: usize, from: i64) -> Read {
    let lake: Arc<Lake> = bench.lake();
    let (_, pipeline) = bench.alone(&lake);
    let mut file = InputFile::open(&bench.file("mixed.log", text), &[]).expect("opened");
    file.block = block;
    let streams = [Stream::new(file.content.sha256.clone(), file.name.clone())];
    let shard = bench.runtime.block_on(lake.assign(ShardKind::Import, &streams)).expect("a number");
    let reading = Reading {
        shard: shard[0].number,
        from,
        hint: String::new(),
        collector: "mixed.log".into(),
        received: Utc::now().timestamp_micros(),
        believed_until: i64::MIN,
        settings: read_settings(),
        chunk,
    };
    let mut sums = Sums::default();
    let done = read_file(file, reading, &pipeline, |some| sums.add(some));
    assert_eq!(bench.runtime.block_on(done).expect("read"), None);
    bench.runtime.block_on(pipeline.seal()).expect("sealed");
    Read {
        rows: rows(&lake, Table::Events, COLUMNS),
        verdicts: rows(&lake, Table::SetAside, VERDICT),
        sums,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_chunks_give_the_same_rows_and_sums(
        kinds in prop::collection::vec(0_u8..48, 1..120),
        array in prop::bool::weighted(0.2),
        block in 1_usize..4_000,
        chunk in 1_usize..40,
        from in any::<prop::sample::Index>(),
    ) {
        let text = mixed(&kinds, array);
        let whole = read(&Bench::new(), &text, 4 << 20, 16_384, 0);
        prop_assert_eq!(whole.sums.records, i64::try_from(kinds.len()).expect("few"));
        let cut = read(&Bench::new(), &text, block, chunk, 0);
        prop_assert_eq!(&cut.rows, &whole.rows);
        prop_assert_eq!(&cut.verdicts, &whole.verdicts);
        prop_assert_eq!(&cut.sums, &whole.sums);

        // An import that goes on gives what the whole one gives from there on, but
        // for what it then can't know to be a duplicate.
        let from = i64::try_from(from.index(kinds.len())).expect("few");
        let rest = read(&Bench::new(), &text, block, chunk, from);
        prop_assert_eq!(rest.sums.records, whole.sums.records - from);
        let of_sshd = |rows: &[String]| -> Vec<String> {
            let later = |row: &&String| {
                let seq = row.split(' ').next().and_then(|seq| seq.parse::<i64>().ok());
                row.contains(" sshd ") && seq >= Some(from)
            };
            rows.iter().filter(later).cloned().collect()
        };
        prop_assert_eq!(of_sshd(&rest.rows), of_sshd(&whole.rows));
        prop_assert_eq!(of_sshd(&rest.verdicts), of_sshd(&whole.verdicts));
    }
}

#[test]
fn rows_name_the_file_that_they_came_from_and_no_folder() {
    let bench = Bench::new();
    let lake = bench.lake();
    let (importer, _) = bench.alone(&lake);
    let text = github(1, "git.push", 1_763_632_800_000) + "nothing that can be read\n";
    bench.import(&importer, &bench.file("audit.ndjson", text), "");
    assert_eq!(rows(&lake, Table::Events, &["collector"]), ["audit.ndjson"]);
    assert_eq!(rows(&lake, Table::SetAside, &["collector"]), ["audit.ndjson"]);
}

#[test]
fn rows_older_than_the_memory_of_ids_are_told_to_be_unchecked() {
    const DAY: i64 = 24 * 3_600_000_000;
    let mut bench = Bench::new();
    let lake = bench.lake();
    let (importer, pipeline) = bench.alone(&lake);
    let now = Utc::now().timestamp_micros();
    // Nothing is older than what is remembered: however old, it is checked.
    let ancient = github(1, "git.push", (now - 400 * DAY) / 1_000);
    let sums = bench.import(&importer, &bench.file("ancient.ndjson", &ancient), "");
    assert_eq!((sums.rows, sums.unchecked), (1, 0));
    // Received 40 days ago.
    let old = github(2, "git.push", (now - 41 * DAY) / 1_000);
    let mut reader = crate::tail::Reader::new(read_settings());
    let pieces = [crate::tail::Piece { seq: 0, bytes: old.trim().as_bytes() }];
    reader.read(77, &"c".into(), now - 40 * DAY, "github", pieces.into_iter());
    let answer = pipeline.chunk(reader.take().expect("read").expect("a chunk")).expect("taken");
    bench.runtime.block_on(answer).expect("in the tail");
    bench.runtime.block_on(pipeline.seal()).expect("sealed");

    bench.restart();
    let lake = bench.lake();
    let (importer, _) = bench.alone(&lake);
    let recent = github(3, "git.push", (now - DAY) / 1_000);
    let text = format!("{old}{ancient}{recent}");
    let sums = bench.import(&importer, &bench.file("again.ndjson", &text), "");
    assert_eq!((sums.rows, sums.duplicate, sums.unchecked), (2, 1, 1));
    let snapshot = lake.snapshot();
    let segments = snapshot.table(Table::Events).segments;
    let unchecked: Vec<i64> = segments
        .iter()
        .flat_map(|segment| &segment.tags.ranges)
        .map(|range| range.unchecked)
        .filter(|unchecked| *unchecked > 0)
        .collect();
    assert_eq!(unchecked, [1]);
}

/// A log that is written to while it is imported is taken as it was when it was
/// hashed: what it is known by is what it held.
#[test]
fn a_file_that_grows_is_read_as_it_was_hashed() {
    use std::io::Write;
    let bench = Bench::new();
    let path = bench.file("auth.log", "one\ntwo\n");
    let file = InputFile::open(&path, &[]).expect("opened");
    let mut growing = std::fs::OpenOptions::new().append(true).open(&path).expect("a file");
    growing.write_all(b"three\n").expect("written");
    let mut blocks = file.blocks().expect("read");
    assert_eq!(blocks.next().expect("read").as_deref(), Some(&b"one\ntwo\n"[..]));
    assert_eq!(blocks.next().expect("read"), None);
    assert_eq!(blocks.damage, None);
    // One that was cut off meanwhile is told.
    growing.set_len(4).expect("cut off");
    let mut blocks = file.blocks().expect("read");
    while blocks.next().expect("read").is_some() {}
    assert!(blocks.damage.expect("damage").contains("8 bytes"));
}

/// A source without ids of its own: the same line twice is two records, and a time that
/// can't be right is nobody's.
#[test]
fn the_same_line_twice_is_two_records_where_there_are_no_ids() {
    let bench = Bench::new();
    let lake = bench.lake();
    let (importer, _) = bench.alone(&lake);
    let line = "2026-03-01T10:00:00Z web-1 sshd[7]: Failed password for root from 203.0.113.9 port 4242 ssh2\n";
    let sums = bench.import(&importer, &bench.file("auth.log", line.repeat(3)), "");
    assert_eq!((sums.rows, sums.duplicate), (3, 0));
}

#[test]
fn a_time_that_cant_be_right_is_quarantined() {
    let bench = Bench::new();
    let lake = bench.lake();
    let (importer, _) = bench.alone(&lake);
    let ahead = (Utc::now() + chrono::Duration::hours(25)).format("%Y-%m-%dT%H:%M:%SZ");
    let lines: String = ["1999-12-31T23:59:59Z", &ahead.to_string(), "2026-03-01T23:59:60Z"]
        .iter()
        .map(|time| {
            format!(
                "{time} web-1 sshd[7]: Accepted password for ada from 203.0.113.9 port 4242 ssh2\n"
            )
        })
        .collect();
    let sums = bench.import(&importer, &bench.file("auth.log", lines), "");
    assert_eq!((sums.rows, sums.quarantined), (1, 2));
}
