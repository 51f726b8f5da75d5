//! `make torture`: the faults of `tests/faults`, by the thousand. What was done is
//! kept in tests/torture/figures; a run goes on from there, and what had failed is
//! tried again first. Prints a table for docs/assurance.md.
//!
//! ```text
//! figures   what was done, and what it came to
//! ```
//!
//! `--only FAULT` runs one kind, `--count N` so many more runs of each, `--jobs N`
//! so many at a time, `--new` leaves out what had failed, `--number N` makes one run
//! that is told in full and not counted.

#![expect(clippy::print_stdout, reason = "its output is its result")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a run that can't go on says so and ends"
)]

mod figures;

#[path = "../faults/mod.rs"]
mod faults;
#[path = "../suite/http.rs"]
#[expect(unused_imports, reason = "the suite's tests need the rest")]
mod http;
#[path = "../suite/rollcall.rs"]
#[expect(dead_code, reason = "the suite's tests need the rest")]
mod rollcall;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::panic::catch_unwind;
use std::sync::{Mutex, PoisonError};

use faults::{FAULTS, Fault};
use figures::{Figures, Result};

thread_local! {
    /// What the last panic of this thread said.
    static SAID: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs at a time: a run mostly waits for one process or another.
const JOBS: u64 = 2;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test` builds benches too and runs them with --test: nothing to do.
    if arguments.iter().any(|argument| argument == "--test") {
        return;
    }
    let known = ["--only", "--count", "--jobs", "--number", "--new", "--bench"];
    let unknown = |name: &&String| name.starts_with('-') && !known.contains(&name.as_str());
    if let Some(unknown) = arguments.iter().find(unknown) {
        eprintln!("{unknown} isn't known; there are {}", known[..5].join(", "));
        std::process::exit(2);
    }
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let number = |name: &str| value(name).map(|text| text.parse::<u64>().expect("a number"));
    let only = value("--only");
    let chosen: Vec<&Fault> =
        FAULTS.iter().filter(|f| only.as_deref().is_none_or(|only| only == f.name)).collect();
    assert!(!chosen.is_empty(), "there is no such fault");
    if let Some(number) = number("--number") {
        chosen.iter().for_each(|fault| println!("{:?}", (fault.run)(number)));
        return;
    }
    std::panic::set_hook(Box::new(|panic| {
        SAID.set(panic.to_string());
    }));
    let failed_first = !arguments.iter().any(|argument| argument == "--new");
    for fault in chosen {
        more(fault, number("--count"), number("--jobs").unwrap_or(JOBS), failed_first);
    }
    let all: Vec<(&Fault, Figures)> = FAULTS.iter().map(|f| (f, Figures::load(f.name))).collect();
    println!("{}", figures::table(&all));
    let failed = all.iter().any(|(_, figures)| !figures.failed.is_empty());
    std::process::exit(i32::from(failed));
}

/// Runs again what had failed, then goes on to the number that is wanted.
fn more(fault: &Fault, count: Option<u64>, jobs: u64, failed_first: bool) {
    let figures = Figures::load(fault.name);
    let failed = figures.failed.keys().copied().filter(|_| failed_first);
    let end = (fault.long)();
    let end = count.map_or(end, |count| figures.next.saturating_add(count));
    let numbers: VecDeque<u64> =
        failed.chain((figures.next..end).filter(|n| !figures.has(*n))).collect();
    let (numbers, figures) = (Mutex::new(numbers), Mutex::new(figures));
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                let next = || numbers.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                while let Some(number) = next() {
                    let result = attempt(fault, number);
                    figures.lock().unwrap_or_else(PoisonError::into_inner).note(number, result);
                }
            });
        }
    });
}

fn attempt(fault: &Fault, number: u64) -> Result {
    let name = fault.name;
    match catch_unwind(|| (fault.run)(number)) {
        Ok(outcome) => Ok(outcome),
        Err(_) => {
            let said = SAID.take();
            eprintln!("{name} {number}: {said}");
            Err(said)
        }
    }
}
