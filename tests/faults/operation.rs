//! One call of the system fails, or ends the process, in a run that starts,
//! reads a log, seals, makes a Delta checkpoint, deletes the log and ends.
//!
//! A first run under `strace` counts the calls that name something in the data
//! directory. Then each is made to fail: with EIO, with ENOSPC where space is
//! asked for, and by a SIGKILL in its place. strace counts by thread; the server
//! runs with one worker thread, so that the number of a call means much the same
//! in each run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use rand::seq::SliceRandom;

use super::load::{Told, send};
use super::process::{Ended, Process};
use super::{Outcome, base, check, seeded};
use crate::rollcall::Rollcall;

/// The calls that touch files, and whether they ask for space.
const CALLS: [(&str, bool); 21] = [
    ("openat", true),
    ("read", false),
    ("pread64", false),
    ("write", true),
    ("writev", true),
    ("pwrite64", true),
    ("fsync", false),
    ("fdatasync", false),
    ("link", true),
    ("linkat", true),
    ("rename", true),
    ("renameat2", true),
    ("unlink", false),
    ("unlinkat", false),
    ("ftruncate", true),
    ("chmod", false),
    ("fchmod", false),
    ("mkdir", true),
    ("statx", false),
    ("getdents64", false),
    ("flock", false),
];

/// A call that is to fail.
#[derive(Debug, Clone)]
struct Point {
    call: &'static str,
    /// How often a thread has made the call by then.
    when: usize,
    how: &'static str,
}

/// All that can be made to fail.
pub fn count() -> u64 {
    points().map_or(0, |points| points.len() as u64)
}

/// One of them.
pub fn run(number: u64) -> Outcome {
    let Some(points) = points() else {
        return Outcome::NotRun("strace isn't there, or mayn't trace".to_owned());
    };
    let point = &points[usize::try_from(number).expect("small") % points.len()];
    let inject = format!("inject={}:{}:when={}", point.call, point.how, point.when);
    let (rollcall, told) = base::copy();
    let (ended, trace) = traced(&rollcall, &told, &["-e", &inject]);
    ended.must_say_why(&rollcall.data());
    let killed = point.how.starts_with("signal") && ended.was_killed();
    if !killed && !trace.contains("(INJECTED)") {
        return Outcome::NotRun("threads shared the calls differently".to_owned());
    }
    check::works(&rollcall);
    check::all(&rollcall, &told);
    let then = match (killed, ended.status.success()) {
        (true, _) => "killed in it",
        (_, true) => "went on",
        _ => "ended and said why",
    };
    Outcome::held(then)
}

/// Starts, sends, ends; under strace, with more to do for it. The trace.
fn traced(rollcall: &Rollcall, told: &Told, more: &[&str]) -> (Ended, String) {
    let token = rollcall.token();
    let file = rollcall.folder().join("trace");
    let calls: Vec<&str> = CALLS.iter().map(|(call, _)| *call).collect();
    let trace = format!("trace={}", calls.join(","));
    let file_name = file.to_str().expect("a path");
    let mut strace = vec!["strace", "-D", "-f", "-y", "-o", file_name, "-e", &trace];
    strace.extend(more);
    let strace: Vec<String> = strace.into_iter().map(str::to_owned).collect();
    let environment =
        [("ROLLCALL_SEAL_ROWS", "100".to_owned()), ("TOKIO_WORKER_THREADS", "1".to_owned())];
    let mut server = Process::serve(rollcall, &strace, &environment);
    if let Some(address) = server.address.clone() {
        for _ in 0..3 {
            if !server.has_ended() {
                send(&address, &token, told);
            }
        }
    }
    server.terminate();
    let ended = server.ended();
    (ended, std::fs::read_to_string(file).unwrap_or_default())
}

/// Every point, in an order that begins with a fair sample; none without strace.
fn points() -> Option<&'static [Point]> {
    static POINTS: OnceLock<Option<Vec<Point>>> = OnceLock::new();
    POINTS.get_or_init(find).as_deref()
}

fn find() -> Option<Vec<Point>> {
    std::process::Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).output().ok()?;
    let (rollcall, told) = base::copy();
    let (ended, trace) = traced(&rollcall, &told, &[]);
    let seen = seen(&trace, &rollcall.data());
    if seen.is_empty() {
        return None;
    }
    assert!(ended.status.success(), "without a fault it ended with {}", ended.status);
    let mut points = Vec::new();
    for (call, asks_for_space) in CALLS {
        for when in seen.get(call).into_iter().flatten() {
            let space = asks_for_space.then_some("error=ENOSPC");
            for how in [Some("error=EIO"), space, Some("signal=KILL")].into_iter().flatten() {
                points.push(Point { call, when: *when, how });
            }
        }
    }
    points.shuffle(&mut seeded("points", 0));
    Some(points)
}

/// By call, its numbers at which something in the data directory is named.
fn seen(trace: &str, data: &Path) -> BTreeMap<String, BTreeSet<usize>> {
    let data = data.to_str().expect("a path");
    let mut made: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut seen: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for line in trace.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let Some((call, _)) = rest.trim_start().split_once('(') else { continue };
        let number = made.entry((thread, call)).or_default();
        *number += 1;
        if rest.contains(data) {
            seen.entry(call.to_owned()).or_default().insert(*number);
        }
    }
    seen
}
