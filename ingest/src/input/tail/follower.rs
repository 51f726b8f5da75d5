//! All files of a `[[tail.files]]`: which there are, where they went, and what is new in
//! them.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::followed::{Followed, Look};
use super::found::{self, Found, comes_from, holds};
use super::mark::{Known, Mark};
use super::settings::{Beginning, Rules};
use super::taken::Taken;
use crate::input::listed::Listed;
use crate::input::sink::Batch;
use crate::tail::CUT_OFF;

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

    /// Which files there are, and which aren't any more.
    fn scan(&mut self, now: Instant, step: &mut Step) {
        let (paths, failure) = found::matching(&self.rules.pattern, self.rules.is_pattern());
        step.failure = failure;
        let mut present: Vec<(PathBuf, Metadata)> = Vec::new();
        for path in paths {
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_file() => present.push((path, metadata)),
                Ok(_) => {}
                Err(error) if found::is_absent(&error) => {}
                Err(error) => {
                    step.failure = Some(format!("{}: can't be read: {error}", path.display()));
                }
            }
        }
        if let Some(failure) = step.failure.clone() {
            self.tell(step, failure);
        }
        for at in 0..self.files.len() {
            self.where_it_is(at, &present, now);
        }
        for known in std::mem::take(&mut self.owed) {
            self.add_between(&known, now);
        }
        // Those that are present are met under their paths.
        let is_present = |known: &Known| present.iter().any(|(_, found)| known.may_be(found));
        let absent: Vec<Known> =
            self.lost.iter().filter(|known| !is_present(known)).cloned().collect();
        for known in absent {
            self.lost.retain(|other| *other != known);
            self.look_for(&known, now, step);
        }
        for (path, metadata) in &present {
            if self.files.iter().any(|file| file.known.is(metadata)) {
                continue;
            }
            match Found::open(path) {
                Ok(Some(found)) => self.meet(found, now, step),
                Ok(None) => {}
                Err(error) => {
                    let failure = format!("{}: can't be read: {error}", path.display());
                    self.tell(step, failure.clone());
                    step.failure = Some(failure);
                }
            }
        }
        if self.is_new {
            self.is_new = false;
            // Whatever comes from now on is read from its start, after any restart.
            self.is_dirty = true;
        }
    }

    /// Whether a file still is under a path that is followed.
    fn where_it_is(&mut self, at: usize, present: &[(PathBuf, Metadata)], now: Instant) {
        let Some(file) = self.files.get_mut(at) else { return };
        match present.iter().find(|(_, metadata)| file.known.is(metadata)) {
            Some((path, _)) => {
                file.replaced = None;
                let path = path.to_string_lossy();
                if file.known.path != path {
                    file.known.path = path.into_owned();
                }
            }
            None if file.replaced.is_none() => {
                file.replaced = Some(now);
            }
            None => {}
        }
    }

    /// Looks for a file of the mark that isn't under its path.
    fn look_for(&mut self, known: &Known, now: Instant, step: &mut Step) {
        let Some(mut beside) = found::beside(Path::new(&known.path)) else {
            // It may show when its folder is at rest.
            return self.lost.push(known.clone());
        };
        let found = found::renamed(known, &mut beside)
            .or_else(|| found::copied(known, &mut beside).filter(|found| !self.knows(found)));
        match found {
            Some(found) => self.go_on(found, known, now, true),
            None => self.tell(
                step,
                format!(
                    "{}: it is gone, and no file beside it is what it was; what was written behind byte {} isn't read (rotate with delaycompress)",
                    known.path, known.offset
                ),
            ),
        }
        self.add_between(known, now);
        self.is_dirty = true;
    }

    /// Files that were under a path after a known one, and are there no more.
    fn add_between(&mut self, known: &Known, now: Instant) {
        if self.rules.is_pattern() {
            return;
        }
        let Some(beside) = found::beside(Path::new(&known.path)) else {
            return self.owed.push(known.clone());
        };
        for found in found::between(known, beside) {
            if found.path == Path::new(&self.rules.pattern) || self.knows(&found) {
                continue;
            }
            let origin = match known.head.bytes > 0 && holds(known, &found) {
                true => Origin::Past(known.clone()),
                false => self.origin_of(&found),
            };
            let known = match origin {
                Origin::Past(known) => known,
                Origin::Waits => continue,
                // It is looked for where what it was copied from is cut short.
                Origin::None if self.is_like_one(&found) => continue,
                Origin::None => Known::new(Path::new(&known.path), &found.metadata),
            };
            self.go_on(found, &known, now, true);
        }
    }

    /// Whether a file begins like one that is followed.
    fn is_like_one(&self, found: &Found) -> bool {
        self.files.iter().any(|file| file.begins_like(found).unwrap_or_default())
    }

    /// Whether a file is or was followed. One that is open keeps its inode; that of
    /// another may have come to a new file.
    fn knows(&self, found: &Found) -> bool {
        let mut others = self.past.iter().chain(&self.lost);
        self.files.iter().any(|file| file.known.is(&found.metadata))
            || others.any(|known| known.is(&found.metadata) && holds(known, found))
    }

    /// Begins with a file under a path that is followed.
    fn meet(&mut self, found: Found, now: Instant, step: &mut Step) {
        if self.mark().in_words().len() > MARK {
            let path = &self.rules.pattern;
            self.tell(step, format!("{path}: these are too many files for one [[tail.files]]; some aren't followed: divide them"));
            return;
        }
        if let Some(at) = self.lost.iter().position(|known| known.may_be(&found.metadata)) {
            let known = self.lost.remove(at);
            self.is_dirty = true;
            if holds(&known, &found) {
                return self.go_on(found, &known, now, false);
            }
            self.add_rest(&known, now);
        } else {
            match self.origin_of(&found) {
                Origin::None => {}
                Origin::Waits => return,
                Origin::Past(known) => return self.go_on(found, &known, now, false),
            }
        }
        // Between the last one and this there may have been others.
        let last = self.files.iter().map(|file| &file.known).chain(&self.past);
        if let Some(last) = last.max_by_key(|known| known.modified).cloned() {
            self.add_between(&last, now);
        }
        // It may have been rotated away meanwhile, and found there.
        if self.files.iter().any(|file| file.known.is(&found.metadata)) {
            return;
        }
        let new = Known::new(&found.path, &found.metadata);
        self.go_on(found, &new, now, false);
        if self.is_new
            && self.rules.from == Beginning::End
            && let Some(file) = self.files.last_mut()
            && let Err(error) = file.go_to_end()
        {
            step.failure = Some(format!("{}: can't be read: {error}", file.known.path));
        }
    }

    /// Whether a file is a copy of another that is or was followed.
    fn origin_of(&self, found: &Found) -> Origin {
        let is_beside = |known: &&Known| {
            let other = Path::new(&known.path);
            let names = other.file_name().zip(found.path.file_name());
            other.parent() == found.path.parent()
                && names.is_some_and(|(name, of)| {
                    comes_from(&of.to_string_lossy(), &name.to_string_lossy())
                })
        };
        let size = found.metadata.len();
        let begins =
            |known: &Known| known.head.bytes > 0 && known.begins(&found.file).unwrap_or_default();
        // What it has and wasn't read yet is read there, or from the copy once that is cut.
        for file in self.files.iter().filter(|file| is_beside(&&file.known)) {
            let known = &file.known;
            let is_like = || begins(known) || file.begins_like(found).unwrap_or_default();
            let is_part = size < known.offset && is_like();
            if is_part || (known.head.bytes > 0 && holds(known, found)) {
                return Origin::Waits;
            }
        }
        for known in self.lost.iter().filter(is_beside) {
            if size < known.head.bytes || begins(known) {
                return Origin::Waits;
            }
        }
        for known in self.past.iter().rev().filter(is_beside).filter(|known| begins(known)) {
            if size < known.offset {
                return Origin::Waits;
            }
            if holds(known, found) {
                return Origin::Past(known.clone());
            }
        }
        Origin::None
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
        tracing::info!(collector.name = %self.rules.collector, file.path = %known.path,
            file.offset = known.offset, "a file was cut short; it is read from its start");
    }

    /// Reads what is new, up to a batch. Returns it, and its source.
    fn read(&mut self, now: Instant, step: &mut Step) -> (Listed, String) {
        let mut taken = Taken::default();
        let (mut cut_short, mut begun) = (Vec::new(), Vec::new());
        let mut notes = Vec::new();
        for (at, file) in self.files.iter_mut().enumerate() {
            let unread = (file.known.offset == 0).then(|| (file.known.clone(), file.settled()));
            let looked = taken.read(file, &self.rules, now);
            let has_changed =
                |(_, settled): &(_, _)| file.known.offset > 0 || file.settled() != *settled;
            begun.extend(unread.filter(has_changed).map(|(known, _)| known));
            match looked {
                Ok(Look::Nothing | Look::Lines) => {}
                Ok(Look::Held) => break,
                Ok(Look::CutShort) => cut_short.push(at),
                Ok(Look::Compressed) => {
                    notes.push(format!(
                        "{}: it is compressed, and isn't followed; `rollcall ingest` reads it",
                        file.known.path
                    ));
                }
                Err(error) => {
                    let failure = format!("{}: can't be read: {error}", file.known.path);
                    notes.push(failure.clone());
                    step.failure = Some(failure);
                    self.is_failing = true;
                }
            }
            if taken.is_full() {
                break;
            }
        }
        notes.into_iter().for_each(|note| self.tell(step, note));
        self.is_dirty |= taken.has_moved;
        // That one of which nothing was read was cut short doesn't show in itself.
        begun.iter().for_each(|known| self.add_between(known, now));
        // What stands further on is moved behind what is added.
        for at in cut_short.into_iter().rev() {
            let Some(file) = self.files.get_mut(at) else { continue };
            let known = file.known.clone();
            file.start_again();
            self.is_dirty = true;
            let before = self.files.len();
            self.add_rest(&known, now);
            let added = self.files.len() - before;
            if let Some(rest) = self.files.get_mut(at..) {
                rest.rotate_right(added);
            }
        }
        let source = if taken.is_cut_off { CUT_OFF } else { &self.rules.source };
        (taken.records, source.to_owned())
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

/// What a file is a copy of.
enum Origin {
    /// Of none that is known.
    None,
    /// Of one that is still followed; or it isn't whole.
    Waits,
    /// Of one that was read so far.
    Past(Known),
}
