//! `make fuzz`: every parser is given inputs that are broken on purpose, for ten minutes
//! each, or for as long as is said; a run goes on where the last one was. What breaks a
//! parser is kept beside it, in a folder `fuzzed`, and replayed by ingest's tests.
//! Prints a table for docs/assurance.md.
//!
//! ```text
//! seeds     what inputs are made of: the fixtures
//! mutate    inputs that are broken: bytes, text
//! json      inputs that are broken: JSON as such
//! round     some thousand inputs; those that lead to something new are kept
//! watch     what an input may cost; panics, hangs
//! memory    an allocator that counts
//! found     what broke a parser: made small, kept
//! state     what was done
//! ```
//!
//! `--only TARGET` gives one parser inputs, `--minutes M` for so long in all (10),
//! `--more M` for so much longer, `--jobs N` so many parsers at a time, `--patience N`
//! allows for a build that is N times as slow. `--input FILE --only TARGET` gives it one
//! input, and tells what it costs; `--mended` says that what was found is. Each parser runs in a process of its own: one that
//! dies is a finding, not the end.

#![expect(clippy::print_stdout, reason = "its output is its result")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::cast_possible_truncation,
    reason = "a run that can't go on says so and ends"
)]

mod found;
mod json;
mod memory;
mod mutate;
mod round;
mod seeds;
mod state;
mod watch;

use std::collections::VecDeque;
use std::process::{Command, ExitStatus};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rollcall_ingest::probe::Target;
use state::State;

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

const KNOWN: [&str; 9] = [
    "--only",
    "--minutes",
    "--more",
    "--jobs",
    "--patience",
    "--input",
    "--mended",
    "--bench",
    // One parser, in this process.
    "--here",
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test` builds benches too and runs them with --test: nothing to do.
    if arguments.iter().any(|argument| argument == "--test") {
        return;
    }
    let unknown = |name: &&String| name.starts_with('-') && !KNOWN.contains(&name.as_str());
    if let Some(unknown) = arguments.iter().find(unknown) {
        eprintln!("{unknown} isn't known; there are {}", KNOWN[..7].join(", "));
        std::process::exit(2);
    }
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let number = |name: &str| value(name).map(|text| text.parse::<f64>().expect("a number"));
    let only = value("--only").or_else(|| value("--here"));
    let mut chosen = Target::all();
    chosen.retain(|target| only.as_deref().is_none_or(|only| only == target.name()));
    assert!(!chosen.is_empty(), "there is no such parser; there are {:?}", Target::all());
    let patience = number("--patience").unwrap_or(1.0);
    if arguments.iter().any(|argument| argument == "--mended") {
        for target in &chosen {
            let mut state = State::load(*target);
            let mended = std::mem::take(&mut state.found);
            state.mended.extend(mended);
            state.save(*target);
        }
    }
    if let Some(file) = value("--input") {
        watch::tell(chosen[0], &std::fs::read(file).expect("an input"), patience);
        return;
    }
    let until = |target: &Target| {
        let done = State::load(*target).seconds;
        let whole = number("--minutes").unwrap_or(10.0) * 60.0;
        number("--more").map_or(whole, |more| done + more * 60.0)
    };
    if value("--here").is_some() {
        let until = Duration::from_secs_f64(number("--minutes").expect("minutes") * 60.0);
        let target = chosen[0];
        // With as much stack as the program's threads have.
        let work = std::thread::spawn(move || round::run(target, until, patience));
        return work.join().expect("its rounds end");
    }
    let waiting: VecDeque<(Target, f64)> =
        chosen.iter().map(|target| (*target, until(target))).collect();
    let waiting = Mutex::new(waiting);
    std::thread::scope(|scope| {
        for _ in 0..value("--jobs").map_or(1, |text| text.parse::<u64>().expect("a number")) {
            scope.spawn(|| {
                let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                while let Some((target, until)) = next() {
                    apart(target, until, patience);
                }
            });
        }
    });
    println!("{}", state::table(&Target::all()));
    let broken = chosen.iter().any(|target| !State::load(*target).found.is_empty());
    std::process::exit(i32::from(broken));
}

/// Runs a parser in a process of its own, again after each input that it died of.
fn apart(target: Target, until: f64, patience: f64) {
    while State::load(target).seconds < until {
        let minutes = (until / 60.0).to_string();
        let status = Command::new(std::env::current_exe().expect("this program"))
            .args(["--here", target.name(), "--minutes", &minutes])
            .args(["--patience", &patience.to_string()])
            .status()
            .expect("this program runs");
        if status.success() {
            continue;
        }
        if !died_of_an_input(status) {
            eprintln!("{target:?} was ended: {status}");
            std::process::exit(1);
        }
        let kind = if status.code() == Some(watch::HANGS) { found::HANG } else { found::DEATH };
        let (mut state, input) = (State::load(target), state::current(target));
        let way = found::way(kind, &format!("{status}, {:x?}", input.first()));
        // Its round would end in the same way again.
        state.rounds += 1;
        found::keep(target, kind, &way, &input, &mut state);
    }
}

/// Not of being told to end.
fn died_of_an_input(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => code == watch::HANGS,
        // SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV
        (_, Some(signal)) => [4, 5, 6, 7, 8, 11].contains(&signal),
        _ => false,
    }
}
