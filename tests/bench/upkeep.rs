//! What upkeep costs, and that it changes nothing it shouldn't: a thousand small files of
//! a day merged into one, and one person among all rows erased.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::evidence::run_quietly;
use crate::queries::{QUERIES, ours};
use crate::search::holding;
use crate::served::{Served, connect, post};
use crate::{Figure, events, millis, rollcall};

/// Files that are merged, and events in each.
const FILES: u64 = 1_000;
const EACH: u64 = 1_000;
/// Proofs made before, and checked after.
const PROOFS: usize = 40;
/// Everybody whose row isn't hers.
const OTHERS: &str = "SELECT shard || '-' || seq || '-' || part FROM events WHERE user_name <> 'mia.berg@corp.example' ORDER BY source_event_id LIMIT 40";
const HERS: &str = "SELECT shard || '-' || seq || '-' || part FROM events WHERE user_name = 'mia.berg@corp.example' ORDER BY source_event_id LIMIT 40";
/// How her name, id and login stand in her events.
const NAMED: [&str; 2] = ["mia.berg@corp.example", "777000777"];
/// Events of hers among the others'.
const OF_HERS: u64 = 2_000;

pub fn run(scratch: &Path, events: u64) -> Vec<Figure> {
    let mut figures = compaction(scratch);
    figures.push(erasure(scratch, events));
    figures
}

/// Makes a file of each request; gives all that was sent.
fn small_files(data: &Path) -> String {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut all = String::new();
    let server = Served::start_with(data, &[("ROLLCALL_SEAL_ROWS", &EACH.to_string())]);
    let mut stream = connect(&server.address);
    let files = || {
        let entries = fs::read_dir(data.join("events")).into_iter().flatten().flatten();
        entries.filter(|e| e.path().extension().is_some_and(|kind| kind == "parquet")).count()
    };
    for file in 0..FILES {
        let lines: String = (0..EACH).map(|n| events::line(file * EACH + n, &mut random)).collect();
        assert!(post(&mut stream, &server.address, &server.token, lines.as_bytes()), "refused");
        let sealed = usize::try_from(file).expect("few") + 1;
        let begun = Instant::now();
        while files() < sealed {
            assert!(begun.elapsed() < Duration::from_secs(60), "it isn't sealed");
            std::thread::sleep(Duration::from_millis(1));
        }
        all.push_str(&lines);
    }
    server.stop();
    all
}

fn compaction(scratch: &Path) -> Vec<Figure> {
    let (small, one) = (scratch.join("small"), scratch.join("one"));
    let path = scratch.join("one.ndjson");
    fs::write(&path, small_files(&small)).expect("written");
    run_quietly(&one, &["ingest", path.to_str().expect("a path")]);

    let before = answers(&small);
    let slow = times(&small);
    let proofs = prove(&small, OTHERS, &scratch.join("before"));
    let took = time(|| run_quietly(&small, &["compact", "--before", "2099-01-01"]));
    assert_eq!(answers(&small), before, "compaction changed what is told");
    assert_eq!(answers(&one), before, "one file tells something else");
    check(&small, &proofs);
    run_quietly(&small, &["verify"]);
    let (fast, alike) = (times(&small), times(&one));
    let sum = |times: &[Duration]| times.iter().sum::<Duration>();
    let mut figures = vec![
        Figure {
            name: format!("merging {FILES} files of {EACH} events"),
            ours: millis(took),
            theirs: String::new(),
            ratio: String::new(),
        },
        Figure {
            name: format!("the ten queries over them, before {}; merged", millis(sum(&slow))),
            ours: millis(sum(&fast)),
            theirs: format!("the same rows sealed as one file {}", millis(sum(&alike))),
            ratio: format!("{:.2}", sum(&fast).as_secs_f64() / sum(&alike).as_secs_f64()),
        },
    ];
    figures.extend(QUERIES.iter().zip(fast.iter().zip(&alike)).map(
        |((name, _), (fast, alike))| Figure {
            name: format!("merged, {name}"),
            ours: millis(*fast),
            theirs: format!("one file {}", millis(*alike)),
            ratio: format!("{:.2}", fast.as_secs_f64() / alike.as_secs_f64()),
        },
    ));
    figures
}

/// What the queries tell, less the one that estimates.
fn answers(data: &Path) -> Vec<String> {
    let further = "SELECT count(*), sum(shard), sum(seq), count(DISTINCT source_event_id), count(DISTINCT credential_id), min(time), max(time) FROM events_all";
    let exact = QUERIES.iter().filter(|(_, query)| !query.contains("approx_"));
    exact.map(|(_, query)| *query).chain([further]).map(|query| sorted(data, query)).collect()
}

fn times(data: &Path) -> Vec<Duration> {
    QUERIES.iter().map(|(_, query)| ours(data, query)).collect()
}

fn erasure(scratch: &Path, events: u64) -> Figure {
    let data = scratch.join("erased");
    let input = scratch.join("with-her.ndjson");
    let every = events / OF_HERS;
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let mut out = BufWriter::new(File::create(&input).expect("a file"));
    for number in 0..events {
        let line = events::line(number, &mut random);
        let line = if number % every == 0 { of_hers(&line) } else { line };
        out.write_all(line.as_bytes()).expect("written");
    }
    out.into_inner().expect("written").sync_all().expect("on disk");
    run_quietly(&data, &["ingest", input.to_str().expect("a path")]);
    fs::remove_file(&input).expect("gone");
    for text in NAMED {
        assert!(!holding(&data, text).is_empty(), "{text} isn't there to begin with");
    }
    let others = prove(&data, OTHERS, &scratch.join("others"));
    let places = rows(&data, HERS);
    let took = time(|| run_quietly(&data, &["erase", NAMED[0], "--also", NAMED[1]]));
    for text in NAMED {
        assert_eq!(holding(&data, text), [""; 0].map(PathBuf::from), "{text} is still there");
    }
    run_quietly(&data, &["verify"]);
    check(&data, &others);
    check(&data, &prove_each(&data, &places, &scratch.join("hers")));
    Figure {
        name: format!("erasing one person's {OF_HERS} of {events} events"),
        ours: millis(took),
        theirs: String::new(),
        ratio: String::new(),
    }
}

/// A line as if she had been there.
fn of_hers(line: &str) -> String {
    let (before, rest) = line.split_once("\"actor\":\"").expect("an actor");
    let (_, rest) = rest.split_once("\",\"actor_id\":").expect("an id");
    let (_, rest) = rest.split_once(',').expect("more");
    format!("{before}\"actor\":\"{}\",\"actor_id\":{},{rest}", NAMED[0], NAMED[1])
}

fn time(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn said(data: &Path, query: &str) -> String {
    let command = ["sql", "--format", "csv", query, "--data"];
    let output = Command::new(rollcall()).args(command).arg(data).output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn rows(data: &Path, query: &str) -> Vec<String> {
    said(data, query).lines().skip(1).map(str::to_owned).collect()
}

fn sorted(data: &Path, query: &str) -> String {
    let mut rows = rows(data, query);
    // Most of them don't say in which order.
    rows.sort_unstable();
    rows.join("\n")
}

fn prove(data: &Path, query: &str, folder: &Path) -> Vec<PathBuf> {
    prove_each(data, &rows(data, query), folder)
}

fn prove_each(data: &Path, places: &[String], folder: &Path) -> Vec<PathBuf> {
    assert_eq!(places.iter().collect::<HashSet<_>>().len(), PROOFS, "too few to prove");
    fs::create_dir_all(folder).expect("a folder");
    let one = |place: &String| {
        let path = folder.join(place);
        run_quietly(data, &["prove", place, "--out", path.to_str().expect("a path")]);
        path
    };
    places.iter().map(one).collect()
}

fn check(data: &Path, proofs: &[PathBuf]) {
    let key = data.join("ledger/keys/log.pub");
    for proof in proofs {
        let (proof, key) = (proof.to_str().expect("a path"), key.to_str().expect("a path"));
        let command = ["verify-proof", proof, "--key", key];
        let output = Command::new(rollcall()).args(command).output().expect("runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
