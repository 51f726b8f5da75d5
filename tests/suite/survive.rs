//! The faults of `tests/faults`, some runs of each. `make torture` makes the rest.
//! Invariants 1, 2, 4 and 10.

use std::collections::BTreeSet;

use crate::faults::{FAULTS, Outcome};

fn survive(name: &str) {
    let fault = FAULTS.iter().find(|fault| fault.name == name).expect("a fault");
    let mut not_run = BTreeSet::new();
    for number in 0..fault.quick {
        eprintln!("{name} {number}");
        if let Outcome::NotRun(why) = (fault.run)(number) {
            not_run.insert(why);
        }
    }
    for why in not_run {
        // Past the capture of the test's output: it was not run, and that is told.
        let _ = std::io::Write::write_all(
            &mut std::io::stderr(),
            format!("not run: {}: {why}\n", fault.what).as_bytes(),
        );
    }
}

#[test]
fn kills() {
    survive("kill");
}

#[test]
fn failing_operations() {
    survive("operation");
}

#[test]
fn power_cuts() {
    survive("power");
}

#[test]
fn power_cuts_after_a_lying_fsync() {
    survive("lying-fsync");
}

#[test]
fn exhaustion() {
    survive("exhaustion");
}

#[test]
fn jumping_clocks() {
    survive("clock");
}

#[test]
fn flipped_bits_and_torn_files() {
    survive("flips");
}
