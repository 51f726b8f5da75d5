//! A wall clock that jumps: back, to 1970, to where 32 bits end, a day ahead;
//! between starts and while records come. Every record becomes a row or is set
//! aside for its time, once; and no time of receipt goes backwards.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::Utc;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::load::{BATCH, Told, send};
use super::preload::library;
use super::process::Process;
use super::{Outcome, base, check, seeded};
use crate::rollcall::Rollcall;

const DAY: i64 = 86_400;

/// What a jump is called, and where it leads: seconds since 1970.
type Jump = (&'static str, fn() -> i64);

/// Where a clock jumps to.
const JUMPS: [Jump; 6] = [
    ("a day back", || -DAY),
    ("a day ahead", || DAY),
    ("1970", || 5 - now()),
    ("the end of 32 bits", || i64::from(i32::MAX) - 1 - now()),
    ("a second back", || -1),
    ("the right time", || 0),
];

fn now() -> i64 {
    Utc::now().timestamp()
}

/// Three starts, each with jumps.
pub fn run(number: u64) -> Outcome {
    let Some(shim) = library("clock") else {
        return Outcome::NotRun("there is no C compiler".to_owned());
    };
    let mut random = seeded("clock", number);
    let jump = JUMPS[usize::try_from(number).expect("small") % JUMPS.len()];
    let (rollcall, told) = if random.random_bool(0.5) { base::copy() } else { base::empty() };
    let seen = check::checkpoint(&rollcall.data());
    for start in 0..3 {
        let first = if start == 0 { jump } else { any(&mut random) };
        one_start(&rollcall, &told, (first.1)(), &shim, &mut random);
    }
    check::works(&rollcall);
    let rows = accounted(&rollcall, &told);
    check::whole(&rollcall, rows, &seen);
    receipt_goes_on(&rollcall);
    Outcome::held(jump.0)
}

fn any(random: &mut ChaCha8Rng) -> (&'static str, fn() -> i64) {
    JUMPS[random.random_range(0..JUMPS.len())]
}

fn one_start(rollcall: &Rollcall, told: &Told, shift: i64, shim: &Path, random: &mut ChaCha8Rng) {
    let token = rollcall.token();
    let file = rollcall.file("shift", shift.to_ne_bytes());
    let environment = [
        ("LD_PRELOAD", shim.to_str().expect("a path").to_owned()),
        ("CLOCK_SHIFT", file.to_str().expect("a path").to_owned()),
        ("ROLLCALL_SEAL_ROWS", "150".to_owned()),
    ];
    let mut server = Process::serve(rollcall, &[], &environment);
    let Some(address) = server.address.clone() else {
        panic!("no start: {}", server.ended().said);
    };
    for _ in 0..2 {
        assert!(send(&address, &token, told), "records are refused for their time");
        let shift = any(random).1().to_ne_bytes();
        let open = std::fs::OpenOptions::new().write(true).open(&file);
        std::io::Write::write_all(&mut open.expect("a file"), &shift).expect("written");
        assert!(send(&address, &token, told), "records are refused for their time");
    }
    if random.random_bool(0.5) {
        server.kill();
        server.ended();
    } else {
        server.terminate();
        let ended = server.ended();
        assert!(ended.status.success(), "{}: {}", ended.status, ended.said);
        assert!(!ended.said.contains("panicked"), "{}", ended.said);
    }
}

/// Every batch that was acknowledged is there as rows, or set aside as a whole. The rows.
fn accounted(rollcall: &Rollcall, told: &Told) -> i64 {
    let rows = rollcall.sql(&format!(
        "SELECT CAST(substr(source_event_id, 5) AS BIGINT) / {BATCH}, count(*), count(DISTINCT source_event_id) FROM events_all GROUP BY 1"
    ));
    let set_aside = rollcall.sql(&format!(
        "SELECT CAST(substr(line, strpos(line, 'doc-') + 4, 9) AS BIGINT) / {BATCH}, count(*) - 1, count(DISTINCT line) FROM (SELECT raw_text(raw) AS line FROM set_aside WHERE verdict = 'quarantined') WHERE strpos(line, 'doc-') > 0 GROUP BY 1"
    ));
    let mut seen = BTreeSet::new();
    for line in rows.iter().chain(&set_aside) {
        let numbers: Vec<i64> = line.split(',').map(|n| n.parse().expect("a number")).collect();
        assert_eq!(numbers[1..], [BATCH, BATCH], "batch {} is torn or doubled", numbers[0]);
        assert!(seen.insert(numbers[0]), "batch {} is both stored and set aside", numbers[0]);
    }
    let lost: Vec<i64> = told.acknowledged().difference(&seen).copied().collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    i64::try_from(rows.len()).expect("few") * BATCH
}

fn receipt_goes_on(rollcall: &Rollcall) {
    let back = rollcall.number(
        "SELECT count(*) FROM (SELECT received, lag(received) OVER (PARTITION BY shard ORDER BY seq, part) AS before FROM (SELECT shard, seq, part, received FROM events_all UNION ALL SELECT shard, seq, part, received FROM set_aside)) WHERE received < before",
    );
    assert_eq!(back, 0, "{back} records were received before the one before");
}
