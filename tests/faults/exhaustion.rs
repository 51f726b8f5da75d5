//! No space, no descriptors, no memory: the server says what it lacks and ends, or
//! refuses and goes on; with enough again, everything acknowledged is there.

use std::cell::RefCell;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::disk::Disk;
use super::load::{Pace, Told, load};
use super::process::{Ended, Process, under};
use super::{Outcome, base, check, seeded};
use crate::rollcall::Rollcall;

const PACE: Pace = Pace { clients: 8, most: i64::MAX };

/// KiB that are enough.
const AMPLE: u64 = 1 << 20;

/// One of the three, by turns.
pub fn run(number: u64) -> Outcome {
    let mut random = seeded("exhaustion", number);
    match number % 3 {
        0 => space(&mut random),
        1 => descriptors(&mut random),
        _ => memory(&mut random),
    }
}

/// A disk that fills up: what a start needs, and a little more.
fn space(random: &mut ChaCha8Rng) -> Outcome {
    let disk = match Disk::of_memory(AMPLE) {
        Ok(disk) => disk,
        Err(reason) => return Outcome::NotRun(reason),
    };
    let (rollcall, told) = base::copy_into(Rollcall::within(&disk.folder()));
    rollcall.token();
    let seen = check::checkpoint(&rollcall.data());
    disk.resize(kib_below(&disk.folder()) + random.random_range(100..6_000));
    let ended = until_it_ends(&rollcall, &told, &[]);
    ended.must_say_why(&rollcall.data());
    let why = said_to_end(&ended);
    assert!(!ended.status.success() || why, "a full disk was no reason to end: {}", ended.said);
    disk.resize(AMPLE);
    check::works(&rollcall);
    check::all(&rollcall, &told, &seen);
    Outcome::held("disk full: ended and said why")
}

/// What the files below a folder take, in pages.
fn kib_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| {
            let entry = entry.expect("an entry");
            match entry.file_type().expect("a type").is_dir() {
                true => kib_below(&entry.path()),
                false => entry.metadata().expect("a file").len().div_ceil(4096) * 4,
            }
        })
        .sum()
}

fn descriptors(random: &mut ChaCha8Rng) -> Outcome {
    let most = random.random_range(8..90_u32);
    let (rollcall, told) = base::copy();
    let limit = ["prlimit".to_owned(), format!("--nofile={most}:{most}")];
    let seen = check::checkpoint(&rollcall.data());
    let ended = until_it_ends(&rollcall, &told, &limit);
    survived(&rollcall, (&told, &seen), &ended, "descriptors")
}

fn memory(random: &mut ChaCha8Rng) -> Outcome {
    let mut mib = random.random_range(40..1_500_u64);
    let (rollcall, told) = base::copy();
    let limit = |mib: u64| ["prlimit".to_owned(), format!("--as={}", mib << 20)];
    // What doesn't hold the program's own bytes ends with the kernel's SIGSEGV.
    let loads = |mib| {
        let version = under(&limit(mib), &rollcall.command(&["--version"])).output();
        version.is_ok_and(|output| output.status.success())
    };
    while !loads(mib) {
        mib += 10;
    }
    let limit = limit(mib);
    let seen = check::checkpoint(&rollcall.data());
    let ended = until_it_ends(&rollcall, &told, &limit);
    survived(&rollcall, (&told, &seen), &ended, "memory")
}

/// Under load until it ends by itself, or was asked to after a while.
fn until_it_ends(rollcall: &Rollcall, told: &Told, outer: &[String]) -> Ended {
    let environment = [("ROLLCALL_SEAL_ROWS", "1000".to_owned())];
    let token = rollcall.token();
    let server = RefCell::new(Process::serve(rollcall, outer, &environment));
    let address = server.borrow().address.clone();
    if let Some(address) = address {
        let enough = told.sent.load(std::sync::atomic::Ordering::SeqCst) + 400;
        let full = || {
            let sent = told.sent.load(std::sync::atomic::Ordering::SeqCst);
            sent > enough || server.borrow_mut().has_ended()
        };
        load((&address, &token), told, PACE, full, || server.borrow().terminate());
    }
    server.into_inner().ended()
}

fn said_to_end(ended: &Ended) -> bool {
    ended.said.contains("sealing what is in memory")
}

/// It went on, or said what it lacks; then, with enough of it, all is there.
fn survived(
    rollcall: &Rollcall,
    (told, seen): (&Told, &[u8]),
    ended: &Ended,
    what: &str,
) -> Outcome {
    // SIGABRT; or another thread got no page for its stack before that one came.
    let out_of_memory =
        matches!(ended.status.signal(), Some(6 | 11)) && ended.said.contains("memory allocation");
    // A request that fails meanwhile may be told after it.
    let why = ended.said.lines().any(|line| line.starts_with("rollcall: "));
    let explained =
        ended.status.success() || out_of_memory || (ended.status.code() == Some(3) && why);
    assert!(explained, "{}: {}", ended.status, ended.said);
    assert!(!ended.said.contains("panicked"), "{}", ended.said);
    check::works(rollcall);
    check::all(rollcall, told, seen);
    let went_on = if ended.status.success() { "enough to go on" } else { "ended and said why" };
    Outcome::Held(format!("{what}: {went_on}"))
}
