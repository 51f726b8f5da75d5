//! All files of a `[[tail.files]]`, and what is known of those that were.
//!
//! ```text
//! scanning   which there are, and where they went
//! reading    what is new in them
//! ```

mod reading;
mod scanning;

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use super::followed::Followed;
use super::found::{self, Found};
use super::mark::{Known, Mark};
use super::settings::Rules;
use crate::input::sink::Batch;

/// Bytes of a mark beyond which no further file is followed; one may have 64 KiB.
const MARK: usize = 56 << 10;
/// Files that are remembered when they aren't followed any more.
const PAST: usize = 8;

/// Follows files.
#[derive(Debug)]
pub(super) struct Follower {
    rules: Rules,
    /// In the order in which they are read: older ones first.
    pub(super) files: Vec<Followed>,
    past: Vec<Known>,
    /// Files of the mark that weren't looked for yet.
    lost: Vec<Known>,
    /// Files after which others are to be looked for once the folder is at rest.
    owed: Vec<Known>,
    /// Whether it never ran before.
    is_new: bool,
    scanned: Option<Instant>,
    /// Whether something is to be kept though no line is new.
    is_dirty: bool,
    is_failing: bool,
    told: HashSet<String>,
}

/// What a step came to.
#[derive(Debug, Default)]
pub(super) struct Step {
    /// What is to be stored before the next step.
    pub(super) batch: Option<Batch>,
    /// What is to be told.
    pub(super) notes: Vec<String>,
    /// What can't be done now.
    pub(super) failure: Option<String>,
    /// Whether what couldn't be done before can be done now.
    pub(super) has_changed: bool,
}

impl Follower {
    /// Goes on where the mark says.
    pub(super) fn new(rules: Rules, mark: Option<&str>) -> Self {
        let known = mark.and_then(Mark::read);
        if mark.is_some() && known.is_none() {
            tracing::warn!(collector.name = %rules.collector,
                "its mark is of another version; files are read from their start");
        }
        let (lost, past) = known.map(|mark| (mark.files, mark.past)).unwrap_or_default();
        Self {
            rules,
            files: Vec::new(),
            past,
            lost,
            owed: Vec::new(),
            is_new: mark.is_none(),
            scanned: None,
            is_dirty: false,
            is_failing: false,
            told: HashSet::new(),
        }
    }

    /// Looks for files where that is due, and for what is new in them.
    pub(super) fn step(&mut self, now: Instant) -> Step {
        let mut step = Step::default();
        let is_due = |last: Instant| now.duration_since(last) >= self.rules.scan;
        if self.scanned.is_none_or(is_due) {
            self.scan(now, &mut step);
            self.scanned = Some(now);
            step.has_changed = self.is_failing && step.failure.is_none();
            self.is_failing = step.failure.is_some();
        }
        let (records, source) = self.read(now, &mut step);
        self.forget(now);
        if !records.is_empty() || self.is_dirty {
            let batch = Batch::listed(&source, &self.rules.collector, records);
            step.batch = Some(batch.marked(self.mark().in_words()));
            self.is_dirty = false;
        }
        step
    }

    fn mark(&self) -> Mark {
        let followed = self.files.iter().map(|file| &file.known);
        // What can't be looked at now may be there again later.
        Mark::new(followed.chain(&self.lost).cloned().collect(), self.past.clone())
    }

    /// Follows a file from where a known one was read to.
    fn go_on(&mut self, found: Found, known: &Known, now: Instant, is_replaced: bool) {
        let Known { path, device, inode, modified, .. } = Known::new(&found.path, &found.metadata);
        let is_same = known.is(&found.metadata);
        let modified = if is_same { known.modified } else { modified };
        // One that was rotated away keeps the path: what is beside it is looked for there.
        let path = if is_replaced { known.path.clone() } else { path };
        let known = Known { path, device, inode, modified, ..known.clone() };
        let mut file = Followed::new(found, known, now);
        file.replaced = is_replaced.then_some(now);
        self.files.push(file);
        self.is_dirty = true;
    }

    /// A file was cut short: what wasn't read of it may be in a copy.
    fn add_rest(&mut self, known: &Known, now: Instant) {
        // Where the folder isn't at rest, the copy shows as one later.
        let mut beside = found::beside(Path::new(&known.path)).unwrap_or_default();
        let copied = found::copied(known, &mut beside);
        match copied.filter(|found| !self.knows(found)) {
            Some(found) => self.go_on(found, known, now, true),
            None => self.past.push(known.clone()),
        }
        self.add_between(known, now);
        tracing::info!(collector.name = %self.rules.collector, file.path = ?known.path,
            file.offset = known.offset, "a file was cut short; it is read from its start");
    }

    /// Gives up files that were rotated away and are read.
    fn forget(&mut self, now: Instant) {
        // What a mark has no room for goes earlier.
        let is_long = self.mark().in_words().len() > MARK;
        let keep = if is_long { Duration::ZERO } else { self.rules.keep };
        let is_done = |file: &Followed| {
            let since = file.replaced.map(|replaced| replaced.max(file.grown));
            file.is_settled() && since.is_some_and(|since| now.duration_since(since) >= keep)
        };
        let (done, kept): (Vec<_>, Vec<_>) = self.files.drain(..).partition(is_done);
        self.files = kept;
        self.is_dirty |= !done.is_empty();
        self.past.extend(done.into_iter().map(|file| file.known));
        let surplus = self.past.len().saturating_sub(PAST);
        self.past.drain(..surplus);
    }

    /// Tells something once.
    fn tell(&mut self, step: &mut Step, note: String) {
        if self.told.insert(note.clone()) {
            step.notes.push(note);
        }
    }
}
