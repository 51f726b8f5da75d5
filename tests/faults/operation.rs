//! One call of the system fails, or ends the process, in a run that starts,
//! reads a log, seals, makes a Delta checkpoint, deletes the log and ends.
//!
//! A first run under `strace` counts the calls that name something in the data
//! directory. Then each is made to fail: with EIO; those that change something also
//! with ENOSPC, and by a SIGKILL in their place. strace counts by thread; the server
//! runs with one worker thread, so that the number of a call means much the same
//! in each run.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use super::load::{Told, send};
use super::process::{Ended, Process};
use super::{Outcome, base, check};
use crate::rollcall::Rollcall;

/// The calls that touch files, and whether they change something.
const CALLS: [(&str, bool); 21] = [
    ("openat", false),
    ("read", false),
    ("pread64", false),
    ("write", true),
    ("writev", true),
    ("pwrite64", true),
    ("fsync", true),
    ("fdatasync", true),
    ("link", true),
    ("linkat", true),
    ("rename", true),
    ("renameat2", true),
    ("unlink", true),
    ("unlinkat", true),
    ("ftruncate", true),
    ("chmod", true),
    ("fchmod", true),
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
    let ended = match ended {
        Ok(ended) => ended,
        // A call that only wakes a thread: no file is at fault.
        Err(_) if !was_hit(&trace, &rollcall.data()) => return not_ours(),
        Err(hung) => panic!("{point:?}: {hung}: {}", injected(&trace).collect::<String>()),
    };
    let killed = point.how.starts_with("signal") && ended.was_killed();
    if !killed && !was_hit(&trace, &rollcall.data()) {
        return not_ours();
    }
    ended.must_say_why(&rollcall.data());
    check::works(&rollcall);
    check::all(&rollcall, &told, &[]);
    let then = match (killed, ended.status.success()) {
        (true, _) => "killed in it",
        (_, true) => "went on",
        _ => "ended and said why",
    };
    Outcome::held(then)
}

fn not_ours() -> Outcome {
    Outcome::NotRun("threads shared the calls differently".to_owned())
}

/// The lines about the call that failed.
fn injected(trace: &str) -> impl Iterator<Item = &str> {
    trace.split_inclusive('\n').filter(|line| line.contains("(INJECTED)"))
}

/// Whether a call failed that names something in the data directory.
fn was_hit(trace: &str, data: &Path) -> bool {
    let data = data.to_str().expect("a path");
    // Where another thread came in between, the name stands in an earlier line.
    let ours = |line: &&str| line.contains(data) || line.contains("resumed>");
    injected(trace).any(|line| ours(&line))
}

/// Starts, sends, ends; under strace, with more to do for it. The trace.
fn traced(rollcall: &Rollcall, told: &Told, more: &[&str]) -> (Result<Ended, String>, String) {
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
    let ended = server.ended_or_hung();
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
    let ended = ended.unwrap_or_else(|hung| panic!("without a fault: {hung}"));
    let seen = seen(&trace, &rollcall.data());
    if seen.is_empty() {
        return None;
    }
    assert!(ended.status.success(), "without a fault it ended with {}", ended.status);
    let mut points = Vec::new();
    for (call, changes) in CALLS {
        for (when, creates) in seen.get(call).into_iter().flatten() {
            // What changes nothing leaves the same behind, wherever it is killed.
            let hows: &[&str] = match changes || *creates {
                true => &["error=EIO", "error=ENOSPC", "signal=KILL"],
                false => &["error=EIO"],
            };
            points.extend(hows.iter().map(|how| Point { call, when: *when, how }));
        }
    }
    points.sort_by_key(Point::place);
    Some(points)
}

impl Point {
    /// Its place in an order that has nothing to do with what it is, and is the same
    /// where a run makes a call more or less.
    fn place(&self) -> Vec<u8> {
        Sha256::digest(format!("{self:?}")).to_vec()
    }
}

/// By call, its numbers at which something in the data directory is named, and
/// whether it is made there.
fn seen(trace: &str, data: &Path) -> BTreeMap<String, BTreeMap<usize, bool>> {
    let data = data.to_str().expect("a path");
    let mut made: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut seen: BTreeMap<String, BTreeMap<usize, bool>> = BTreeMap::new();
    for line in trace.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let Some((call, _)) = rest.trim_start().split_once('(') else { continue };
        let number = made.entry((thread, call)).or_default();
        *number += 1;
        if rest.contains(data) {
            let creates = seen.entry(call.to_owned()).or_default().entry(*number).or_default();
            *creates |= rest.contains("O_CREAT");
        }
    }
    seen
}
