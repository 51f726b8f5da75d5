//! kill -9 under load, and in the middle of a seal. Invariants 1 and 4: every
//! acknowledged event is there exactly once, whatever the moment.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::rollcall::{Rollcall, Server, github};

const BATCH: i64 = 500;

/// What was sent and what was acknowledged, as numbers of batches.
#[derive(Default)]
struct Told {
    sent: AtomicI64,
    acknowledged: Mutex<BTreeSet<i64>>,
}

/// Sends batches from eight clients until the server is gone or the time is
/// over; then `kill` says when to kill it.
fn load(server: Server, told: &Arc<Told>, kill_when: impl Fn() -> bool) {
    let over = Arc::new(AtomicBool::new(false));
    let (address, token) = (server.address.clone(), server.token.clone());
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let (told, over) = (Arc::clone(told), Arc::clone(&over));
            let (address, token) = (address.clone(), token.clone());
            std::thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let batch = told.sent.fetch_add(1, Ordering::Relaxed);
                    let body = github(batch * BATCH, BATCH);
                    let headers = [("authorization", format!("Bearer {token}"))];
                    let answer = crate::http::request(
                        &address,
                        "POST",
                        "/v1/events",
                        &headers,
                        body.as_bytes(),
                    );
                    if matches!(answer, Ok((200, _))) {
                        told.acknowledged.lock().expect("unpoisoned").insert(batch);
                    }
                }
            })
        })
        .collect();
    let begun = Instant::now();
    while !kill_when() && begun.elapsed() < Duration::from_secs(20) {
        std::thread::yield_now();
    }
    server.kill();
    over.store(true, Ordering::Relaxed);
    for client in clients {
        client.join().expect("a client");
    }
}

/// Every acknowledged event is stored once; nothing is stored that wasn't sent.
fn check(rollcall: &Rollcall, told: &Told) {
    let acknowledged = told.acknowledged.lock().expect("unpoisoned").clone();
    let stored = rollcall.sql(
        "SELECT CAST(substr(source_event_id, 5) AS BIGINT) / 500 AS batch, count(*) AS n, count(DISTINCT source_event_id) AS d FROM events_all GROUP BY 1",
    );
    let mut seen = BTreeSet::new();
    for line in stored {
        let numbers: Vec<i64> = line.split(',').map(|n| n.parse().expect("a number")).collect();
        assert_eq!(numbers[1..], [BATCH, BATCH], "batch {} is torn or doubled", numbers[0]);
        seen.insert(numbers[0]);
    }
    let lost: Vec<_> = acknowledged.difference(&seen).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    let sent = told.sent.load(Ordering::Relaxed);
    assert!(seen.iter().all(|batch| *batch < sent));
    assert!(!acknowledged.is_empty(), "nothing was acknowledged; the round shows nothing");
}

fn newest(folder: &Path, matching: impl Fn(&str) -> bool) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(&matching))
}

fn files(folder: &Path, matching: impl Fn(&str) -> bool) -> usize {
    std::fs::read_dir(folder).map_or(0, |entries| {
        entries
            .filter_map(|entry| entry.ok())
            .filter(|entry| entry.file_name().to_str().is_some_and(&matching))
            .count()
    })
}

/// Waits for the moment of a seal that a round is about.
fn moment(data: &Path, round: usize) -> Box<dyn Fn() -> bool> {
    let events = data.join("events");
    let log = events.join("_delta_log");
    let commits = files(&log, |name| name.ends_with(".json"));
    let parquets = files(&events, |name| name.ends_with(".parquet"));
    let begun = Instant::now();
    match round % 5 {
        // While a Parquet file is being written.
        0 => Box::new(move || newest(&events, |name| name.starts_with(".writing-")).is_some()),
        // Between the file and its commit.
        1 => Box::new(move || files(&events, |name| name.ends_with(".parquet")) > parquets),
        // Between the commit and the deletion of the log.
        2 => Box::new(move || files(&log, |name| name.ends_with(".json")) > commits),
        // At a moment that has nothing to do with a seal.
        _ => {
            let after = Duration::from_millis(150 + 97 * u64::try_from(round).expect("small"));
            Box::new(move || begun.elapsed() > after)
        }
    }
}

#[test]
fn twenty_five_kills() {
    let rollcall = Rollcall::new();
    let told = Arc::new(Told::default());
    let environment = [("ROLLCALL_SEAL_ROWS", "15000")];
    for round in 0..25 {
        let server = rollcall.serve(&environment);
        let moment = moment(&rollcall.data(), round);
        load(server, &told, moment);
    }
    rollcall.serve(&environment).stop();
    check(&rollcall, &told);
    let total = rollcall.number("SELECT count(*) FROM events_all");
    assert!(total >= 200_000, "only {total} events in all; the load was too small to mean much");
}
