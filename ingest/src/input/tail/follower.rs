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
use super::mark::{self, Known, Mark};
use super::settings::Rules;
use super::told::Told;
use crate::log::Batch;

/// Bytes of a mark beyond which no further file is followed; one may have 64 KiB.
const MARK: usize = 56 << 10;
/// Files that are remembered when they aren't followed any more.
const PAST: usize = 8;
/// How long more are, whose paths are nobody's since: they may come back, ns.
const AWAY: i64 = 7 * 24 * 3600 * 1_000_000_000;

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
    /// Paths that couldn't be looked at since the first start.
    unseen: Vec<String>,
    told: Told,
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
        let (lost, past, unseen) =
            known.map(|mark| (mark.files, mark.past, mark.unseen)).unwrap_or_default();
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
            unseen,
            told: Told::default(),
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

    /// Whether it follows any file now.
    pub(super) fn has_files(&self) -> bool {
        !self.files.is_empty()
    }

    fn mark(&self) -> Mark {
        let followed = self.files.iter().map(|file| &file.known);
        // What can't be looked at now may be there again later.
        let files = followed.chain(&self.lost).cloned().collect();
        Mark::new(files, self.past.clone(), self.unseen.clone())
    }

    /// Follows a file from where a known one was read to.
    fn go_on(&mut self, found: Found, known: &Known, now: Instant, is_replaced: bool) {
        let Known { path, device, inode, modified, .. } = Known::new(&found.path, &found.metadata);
        let is_same = known.is(&found.metadata);
        let modified = if is_same { known.modified } else { modified };
        // One that was rotated away keeps the path: what is beside it is looked for there.
        let path = if is_replaced { known.path.clone() } else { path };
        let known = Known { path, device, inode, modified, away: None, ..known.clone() };
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
        let keep = if self.make_room() { self.rules.keep } else { Duration::ZERO };
        let is_done = |file: &Followed| {
            let since = file.replaced.map(|replaced| replaced.max(file.grown));
            file.is_settled() && since.is_some_and(|since| now.duration_since(since) >= keep)
        };
        let (done, kept): (Vec<_>, Vec<_>) = self.files.drain(..).partition(is_done);
        self.files = kept;
        self.is_dirty |= !done.is_empty();
        done.into_iter().for_each(|file| self.give_up(file.known));
        self.forget_past();
        self.make_room();
    }

    /// Follows a file no more; it may come back.
    fn give_up(&mut self, known: Known) {
        self.past.push(Known { away: Some(mark::now()), ..known });
    }

    /// Forgets files that were followed, but for the last ones and those that may come back:
    /// a folder that isn't mounted takes many away at once.
    fn forget_past(&mut self) {
        let surplus = self.past.len().saturating_sub(PAST);
        if surplus == 0 {
            return;
        }
        let last = self.past.split_off(surplus);
        let others = self.files.iter().map(|file| &file.known).chain(&last);
        let mut taken: HashSet<String> = others.map(|known| known.path.clone()).collect();
        let long_ago = mark::now().saturating_sub(AWAY);
        let may_come = |known: &Known| {
            known.away.is_some_and(|away| away > long_ago) && taken.insert(known.path.clone())
        };
        let mut kept: Vec<Known> = self.past.drain(..).rev().filter(may_come).collect();
        kept.reverse();
        kept.extend(last);
        self.past = kept;
    }

    /// Forgets files that aren't followed where a mark has no room for another that is.
    /// Returns whether it has now.
    fn make_room(&mut self) -> bool {
        let mut is_long = self.mark().in_words().len() > MARK;
        while is_long && self.past.len() > PAST {
            self.past.remove(0);
            is_long = self.mark().in_words().len() > MARK;
        }
        !is_long
    }

    /// Tells something once, as long as it goes on.
    fn tell(&mut self, step: &mut Step, note: String) {
        if self.told.is_news(&note) {
            step.notes.push(note);
        }
    }
}
