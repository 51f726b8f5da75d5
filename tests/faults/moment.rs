//! The moments of a seal that a fault waits for, told by the files that come and go.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::load::Pace;

/// A moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A Parquet file is being written.
    Writing,
    /// A file is there, its commit isn't.
    Written,
    /// A commit is staged, or just came.
    Staged,
    /// A commit is there, the log still holds its records.
    Committed,
    /// A Delta checkpoint is being written; where the base stands before one.
    Checkpoint,
    /// The ledger is being written: a leaf, its tiles, the checkpoint.
    Leaf,
    /// A file of the log has just been deleted.
    Forgotten,
    /// Nothing that a seal does.
    Any(Duration),
}

impl Moment {
    /// The moment of a run.
    pub fn of(number: u64, random: &mut ChaCha8Rng) -> Self {
        match number % 8 {
            0 => Self::Writing,
            1 => Self::Written,
            2 => Self::Staged,
            3 => Self::Committed,
            4 => Self::Checkpoint,
            5 => Self::Forgotten,
            6 => Self::Leaf,
            _ => Self::Any(Duration::from_micros(random.random_range(0..900_000))),
        }
    }

    /// Its word in the figures.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Writing => "Parquet write",
            Self::Written => "before a commit",
            Self::Staged => "commit",
            Self::Committed => "after a commit",
            Self::Checkpoint => "Delta checkpoint",
            Self::Leaf => "leaf",
            Self::Forgotten => "log deletion",
            Self::Any(_) => "any moment",
        }
    }

    /// Rows that make a seal, so that the moment comes.
    pub fn seal_rows(self, random: &mut ChaCha8Rng) -> u64 {
        match self {
            Self::Checkpoint | Self::Forgotten => 100,
            _ => random.random_range(100..3_000),
        }
    }

    /// What has to be sent for it: the log is deleted where all of it is sealed.
    pub const fn pace(self) -> Pace {
        match self {
            Self::Forgotten => Pace { clients: 1, most: 3 },
            _ => Pace { clients: 8, most: i64::MAX },
        }
    }

    /// Tells when it has come, from now on.
    pub fn watch(self, data: &Path) -> Box<dyn FnMut() -> bool> {
        let events = data.join("events");
        let delta = events.join("_delta_log");
        match self {
            Self::Writing => appears(&events, |name| name.starts_with(".writing-")),
            Self::Written => appears(&events, |name| name.ends_with(".parquet")),
            Self::Staged => appears(&delta, |name| name.contains(".json")),
            Self::Committed => appears(&delta, |name| name.ends_with(".json")),
            Self::Leaf => {
                let ledger = data.join("ledger");
                let before = contents(&ledger);
                Box::new(move || contents(&ledger) != before)
            }
            Self::Checkpoint => appears(&delta, |name| name.contains("checkpoint")),
            Self::Forgotten => {
                let log = data.join("log");
                let mut seen = BTreeSet::new();
                Box::new(move || {
                    let now = deep_names(&log);
                    let gone = seen.difference(&now).next().is_some();
                    seen = now;
                    gone
                })
            }
            Self::Any(after) => {
                let begun = Instant::now();
                Box::new(move || begun.elapsed() > after)
            }
        }
    }
}

/// True once a name is there that wasn't.
fn appears(folder: &Path, matching: fn(&str) -> bool) -> Box<dyn FnMut() -> bool> {
    let folder = folder.to_owned();
    let before = names(&folder);
    Box::new(move || names(&folder).iter().any(|name| matching(name) && !before.contains(name)))
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Every file below a folder, and when it was changed.
fn contents(folder: &Path) -> BTreeSet<(PathBuf, Option<SystemTime>)> {
    let mut all = BTreeSet::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.append(&mut contents(&path));
        } else {
            let changed = entry.metadata().and_then(|file| file.modified()).ok();
            all.insert((path, changed));
        }
    }
    all
}

/// The names in the folders of a folder.
fn deep_names(folder: &Path) -> BTreeSet<String> {
    names(folder).iter().flat_map(|name| names(&folder.join(name))).collect()
}
