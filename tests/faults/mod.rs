//! Faults, made on purpose, against the real binary. What each is and what must
//! hold after it stands in docs/assurance.md; how often it was survived too.
//!
//! ```text
//! base        a data directory with a history, to begin from
//! load        clients that remember what was acknowledged
//! process     a server that may end by itself, and what it said
//! preload     libraries that stand before the system's own
//! moment      the moments of a seal that a fault waits for
//! check       what must hold after every run
//! kill        kill -9, at such a moment
//! operation   one call of the system fails, or ends the process
//! disk        a disk of its own, whose power can be cut
//! power       that cut; and an fsync that had lied before it
//! exhaustion  no space, no descriptors, no memory
//! clock       a wall clock that jumps
//! flips       bits that flip and files that end early
//! answers     what a damaged directory may still say
//! ```
//!
//! A run is its number: the same number makes the same fault again, as far as
//! threads and disks allow.

pub mod answers;
pub mod base;
pub mod check;
pub mod clock;
pub mod disk;
pub mod exhaustion;
pub mod flips;
pub mod kill;
pub mod load;
pub mod moment;
pub mod operation;
pub mod power;
pub mod preload;
pub mod process;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What a run came to, where nothing was wrong; what is wrong panics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was survived, in this way.
    Held(String),
    /// It couldn't be made here: why.
    NotRun(String),
}

impl Outcome {
    /// It was survived, in this way.
    pub fn held(how: &str) -> Self {
        Self::Held(how.to_owned())
    }
}

/// A kind of fault.
pub struct Fault {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its line in the table.
    pub what: &'static str,
    /// Runs within `make test`.
    pub quick: u64,
    /// Runs of `make torture`.
    pub long: fn() -> u64,
    /// One run.
    pub run: fn(u64) -> Outcome,
}

/// Every kind of fault.
pub static FAULTS: &[Fault] = &[
    Fault {
        name: "kill",
        what: "kill -9 under load, at moments of a seal and at any",
        quick: 25,
        long: || 1_000,
        run: kill::run,
    },
    Fault {
        name: "operation",
        what: "one file operation fails, or ends the process",
        quick: 60,
        long: operation::count,
        run: operation::run,
    },
    Fault { name: "power", what: "power cut under load", quick: 10, long: || 300, run: power::run },
    Fault {
        name: "lying-fsync",
        what: "power cut after an fsync that lied",
        quick: 4,
        long: || 120,
        run: power::run_after_a_lie,
    },
    Fault {
        name: "exhaustion",
        what: "disk full, no descriptors, no memory",
        quick: 6,
        long: || 80,
        run: exhaustion::run,
    },
    Fault { name: "clock", what: "a clock that jumps", quick: 12, long: || 200, run: clock::run },
    Fault {
        name: "flips",
        what: "flipped bits and files cut short",
        quick: 200,
        long: || 20_000,
        run: flips::run,
    },
];

/// The randomness of one run.
pub fn seeded(fault: &str, number: u64) -> ChaCha8Rng {
    let name = fault.bytes().fold(0_u64, |sum, byte| sum * 31 + u64::from(byte));
    ChaCha8Rng::seed_from_u64(name ^ number << 20)
}
