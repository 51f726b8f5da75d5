//! Which files there are, and where those went that aren't under their path any more.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::{Follower, MARK, Step};
use crate::input::tail::found::{self, Found, comes_from, holds};
use crate::input::tail::mark::Known;
use crate::input::tail::settings::Beginning;

impl Follower {
    /// Which files there are, and which aren't any more.
    pub(super) fn scan(&mut self, now: Instant, step: &mut Step) {
        let (paths, failure) = found::matching(&self.rules.pattern, self.rules.is_pattern());
        step.failure = failure;
        let mut present: Vec<(PathBuf, Metadata)> = Vec::new();
        for path in paths {
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_file() => present.push((path, metadata)),
                Ok(_) => {}
                Err(error) if found::is_absent(&error) => {}
                Err(error) => {
                    step.failure = Some(format!("{path:?}: can't be read: {error}"));
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
                    let failure = format!("{path:?}: can't be read: {error}");
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
                    "{:?}: it is gone, and no file beside it is what it was; what was written behind byte {} isn't read (rotate with delaycompress)",
                    known.path, known.offset
                ),
            ),
        }
        self.add_between(known, now);
        self.is_dirty = true;
    }

    /// Files that were under a path after a known one, and are there no more.
    pub(super) fn add_between(&mut self, known: &Known, now: Instant) {
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
    pub(super) fn knows(&self, found: &Found) -> bool {
        let mut others = self.past.iter().chain(&self.lost);
        self.files.iter().any(|file| file.known.is(&found.metadata))
            || others.any(|known| known.is(&found.metadata) && holds(known, found))
    }

    /// Begins with a file under a path that is followed.
    fn meet(&mut self, found: Found, now: Instant, step: &mut Step) {
        if self.mark().in_words().len() > MARK {
            let path = &self.rules.pattern;
            self.tell(step, format!("{path:?}: these are too many files for one [[tail.files]]; some aren't followed: divide them"));
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
            step.failure = Some(format!("{:?}: can't be read: {error}", file.known.path));
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
