//! One operation on a file fails, or ends the process, in a run that starts, reads a
//! log, seals, makes a Delta checkpoint, deletes the log and ends.
//!
//! A library that is loaded before the system's own (`operation.c`) tells the calls that
//! name something in the data directory. A first run lists them. Then each is made to
//! fail once: with EIO; those that change something also with ENOSPC, and by a SIGKILL
//! in their place. A call is told by what it does with which file, and the how-manieth of
//! its kind it is: threads that run beside each other change places from run to run.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use super::load::{Told, send};
use super::preload::library;
use super::process::{Ended, Process};
use super::{Outcome, base, check};
use crate::rollcall::Rollcall;

const EIO: &str = "5";
const ENOSPC: &str = "28";
const KILL: &str = "kill";

/// Runs that list the calls. Threads that wait for each other make some more or less
/// often: a call counts as often as all of them made it, and at least once.
const LISTINGS: usize = 3;
/// Runs in which a call is waited for.
const TRIES: usize = 5;

/// A call that is to fail.
#[derive(Debug, Clone)]
struct Point {
    call: String,
    /// Which of those that are told the same, from 1.
    number: usize,
    how: &'static str,
}

/// All that can be made to fail.
pub fn count() -> u64 {
    points().map_or(0, |points| points.len() as u64)
}

/// One of them.
pub fn run(number: u64) -> Outcome {
    let Some(points) = points() else {
        return Outcome::NotRun("there is no C compiler".to_owned());
    };
    let point = &points[usize::try_from(number).expect("small") % points.len()];
    let made = (0..TRIES).find_map(|_| fails_at(point));
    made.map_or_else(|| Outcome::NotRun("no run made such a call".to_owned()), Outcome::held)
}

/// Lets it fail, and checks that nothing is lost; nothing where the run didn't make it.
fn fails_at(point: &Point) -> Option<&'static str> {
    let (rollcall, told) = base::copy();
    let seen = check::checkpoint(&rollcall.data());
    let (ended, calls) = observed(&rollcall, &told, Some(point));
    let ended = ended.unwrap_or_else(|hung| panic!("{point:?}: {hung}"));
    if !calls.iter().any(|call| call.ends_with(" FAILED")) {
        return None;
    }
    ended.must_say_why_after(&format!("{point:?}:"), &rollcall.data());
    check::works(&rollcall);
    check::all(&rollcall, &told, &seen);
    Some(match (ended.was_killed(), ended.status.success()) {
        (true, _) => "killed in it",
        (_, true) => "went on",
        _ => "ended and said why",
    })
}

/// Starts, sends, ends. The calls that were made, a line each.
fn observed(
    rollcall: &Rollcall,
    told: &Told,
    point: Option<&Point>,
) -> (Result<Ended, String>, Vec<String>) {
    let token = rollcall.token();
    let trace = rollcall.folder().join("trace");
    let text = |path: PathBuf| path.to_str().expect("a path").to_owned();
    let mut environment = vec![
        ("LD_PRELOAD", text(library("operation").expect("a library"))),
        ("OPERATION_DATA", text(rollcall.data())),
        ("OPERATION_TRACE", text(trace.clone())),
        ("ROLLCALL_SEAL_ROWS", "100".to_owned()),
    ];
    if let Some(point) = point {
        environment.extend([
            ("OPERATION_CALL", point.call.clone()),
            ("OPERATION_AT", point.number.to_string()),
            ("OPERATION_HOW", point.how.to_owned()),
        ]);
    }
    let mut server = Process::serve(rollcall, &[], &environment);
    if let Some(address) = server.address.clone() {
        for _ in 0..3 {
            if !server.has_ended() {
                send(&address, &token, told);
            }
        }
    }
    server.terminate();
    let ended = server.ended_or_hung();
    let calls = std::fs::read_to_string(trace).unwrap_or_default();
    (ended, calls.lines().map(str::to_owned).collect())
}

/// Every point, in an order that begins with a fair sample; none without a compiler.
fn points() -> Option<&'static [Point]> {
    static POINTS: OnceLock<Option<Vec<Point>>> = OnceLock::new();
    POINTS.get_or_init(find).as_deref()
}

fn find() -> Option<Vec<Point>> {
    library("operation")?;
    let mut least: HashMap<String, usize> = HashMap::new();
    for listing in 0..LISTINGS {
        let mut counts = listed();
        for (call, count) in &mut least {
            *count = (*count).min(counts.remove(call).unwrap_or(1));
        }
        let more = counts.into_iter().map(|(call, n)| (call, if listing == 0 { n } else { 1 }));
        least.extend(more);
    }
    let mut points = Vec::new();
    for (call, count) in least {
        let changes = call.split(' ').nth(1) == Some("C");
        // What changes nothing leaves the same behind, wherever it is killed.
        let hows: &[&'static str] = if changes { &[EIO, ENOSPC, KILL] } else { &[EIO] };
        for number in 1..=count {
            points.extend(hows.iter().map(|how| Point { call: call.clone(), number, how }));
        }
    }
    points.sort_by_key(Point::place);
    Some(points)
}

/// How often a run without a fault makes each call.
fn listed() -> HashMap<String, usize> {
    let (rollcall, told) = base::copy();
    let (ended, calls) = observed(&rollcall, &told, None);
    let ended = ended.unwrap_or_else(|hung| panic!("without a fault: {hung}"));
    assert!(ended.status.success(), "without a fault it ended with {}", ended.status);
    assert!(calls.len() > 100, "hardly any calls were seen: {calls:?}");
    let mut counts = HashMap::new();
    for call in calls {
        *counts.entry(call).or_insert(0) += 1;
    }
    counts
}

impl Point {
    /// Its place in an order that has nothing to do with what it is, and is the same
    /// where a run makes a call more or less.
    fn place(&self) -> Vec<u8> {
        Sha256::digest(format!("{self:?}")).to_vec()
    }
}
