//! Which files there are, and where those went that aren't under their path any more.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::{Follower, Step};
use crate::input::tail::followed::Followed;
use crate::input::tail::found::{self, Failed, Found, comes_from, holds};
use crate::input::tail::mark::Known;
use crate::input::tail::settings::Beginning;

/// Paths that are remembered because they couldn't be looked at on the first start.
const UNSEEN: usize = 32;

impl Follower {
    /// Which files there are, and which aren't any more.
    pub(super) fn scan(&mut self, now: Instant, step: &mut Step) {
        let (present, mut failed) = found::matching(&self.rules.pattern, self.rules.is_pattern());
        for at in 0..self.files.len() {
            self.where_it_is(at, &present, &failed, now);
        }
        for known in std::mem::take(&mut self.owed) {
            self.add_between(&known, now);
        }
        // Those that are present are met under their paths; of those that are hidden nothing
        // is known.
        let is_present = |known: &Known| present.iter().any(|(_, found)| known.may_be(found));
        let is_hidden = |known: &Known| failed.iter().any(|one| one.hides(&known.path));
        let is_absent = |known: &&Known| !is_present(known) && !is_hidden(known);
        let absent: Vec<Known> = self.lost.iter().filter(is_absent).cloned().collect();
        for known in absent {
            match found::unlisted(Path::new(&known.path)) {
                Some(folder) => failed.push(folder),
                None => {
                    self.lost.retain(|other| *other != known);
                    self.look_for(&known, now, step);
                }
            }
        }
        for (path, metadata) in &present {
            if self.files.iter().any(|file| file.known.is(metadata)) {
                continue;
            }
            let met = match Found::open(path) {
                Ok(Some(found)) => self.meet(found, now, step),
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = met {
                failed.push(Failed::new(path, &error));
            }
        }
        self.keep_unseen(&failed);
        for one in failed {
            self.tell(step, one.why.clone());
            step.failure = Some(one.why);
        }
        self.told.over();
    }

    /// Remembers where nothing could be seen yet since the first start. Whatever comes
    /// elsewhere from now on is read from its start, after any restart.
    fn keep_unseen(&mut self, failed: &[Failed]) {
        let mut unseen: Vec<String> = Vec::new();
        if self.rules.from == Beginning::End {
            let still = self.unseen.iter().filter(|path| failed.iter().any(|one| one.hides(path)));
            unseen.extend(still.cloned());
            for one in failed.iter().filter(|one| self.is_unseen(&one.path)) {
                let path = one.path.to_string_lossy().into_owned();
                if !unseen.contains(&path) && unseen.len() < UNSEEN {
                    unseen.push(path);
                }
            }
        }
        self.is_dirty |= self.is_new || unseen != self.unseen;
        self.is_new = false;
        self.unseen = unseen;
    }

    /// Whether what is at a path couldn't be seen before.
    fn is_unseen(&self, path: &Path) -> bool {
        self.is_new || self.unseen.iter().any(|one| path.starts_with(one))
    }

    /// Whether a file still is under a path that is followed.
    fn where_it_is(
        &mut self,
        at: usize,
        present: &[(PathBuf, Metadata)],
        failed: &[Failed],
        now: Instant,
    ) {
        let Some(file) = self.files.get_mut(at) else { return };
        match present.iter().find(|(_, metadata)| file.known.is(metadata)) {
            Some((path, _)) => {
                file.replaced = None;
                let path = path.to_string_lossy();
                if file.known.path != path {
                    file.known.path = path.into_owned();
                }
            }
            None if failed.iter().any(|one| one.hides(&file.known.path)) => {}
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
            None => {
                self.give_up(known.clone());
                self.tell(
                    step,
                    format!(
                        "{:?}: it is gone, and no file beside it is what it was; unless it comes back, what was written behind byte {} isn't read (rotate with delaycompress)",
                        known.path, known.offset
                    ),
                );
            }
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
    ///
    /// # Errors
    /// If it can't be read: then it isn't followed.
    fn meet(&mut self, found: Found, now: Instant, step: &mut Step) -> io::Result<()> {
        let lost = self.lost.iter().position(|known| known.may_be(&found.metadata));
        if lost.is_none()
            && let Some(known) = self.come_back(&found)
        {
            self.go_on(found, &known, now, false);
            return Ok(());
        }
        if !self.make_room() {
            let path = &self.rules.pattern;
            self.tell(step, format!("{path:?}: these are too many files for one [[tail.files]]; some aren't followed: divide them"));
            return Ok(());
        }
        if let Some(at) = lost {
            let known = self.lost.remove(at);
            self.is_dirty = true;
            if holds(&known, &found) {
                self.go_on(found, &known, now, false);
                return Ok(());
            }
            self.add_rest(&known, now);
        } else {
            match self.origin_of(&found) {
                Origin::None => {}
                Origin::Waits => return Ok(()),
                Origin::Past(known) => {
                    self.go_on(found, &known, now, false);
                    return Ok(());
                }
            }
        }
        // Between the last one and this there may have been others.
        let last = self.files.iter().map(|file| &file.known).chain(&self.past);
        if let Some(last) = last.max_by_key(|known| known.modified).cloned() {
            self.add_between(&last, now);
        }
        self.add_rotated(&found.path, now);
        // It may have been rotated away meanwhile, and found there.
        if self.files.iter().any(|file| file.known.is(&found.metadata)) {
            return Ok(());
        }
        let is_at_end = self.rules.from == Beginning::End && self.is_unseen(&found.path);
        let new = Known::new(&found.path, &found.metadata);
        self.go_on(found, &new, now, false);
        if is_at_end && let Some(file) = self.files.last_mut() {
            let at_end = file.go_to_end();
            if at_end.is_err() {
                self.files.pop();
            }
            return at_end;
        }
        Ok(())
    }

    /// Files that were given up as gone, came back under a path and were rotated before a
    /// look saw them there: what they have that wasn't read is read from where they are.
    fn add_rotated(&mut self, path: &Path, now: Instant) {
        let is_of = |known: &&Known| known.away.is_some() && path == Path::new(&known.path);
        let away: Vec<Known> = self.past.iter().filter(is_of).cloned().collect();
        if self.rules.is_pattern() || away.is_empty() {
            return;
        }
        let mut beside = found::beside(path).unwrap_or_default();
        for known in away {
            let rotated = found::renamed(&known, &mut beside).filter(|found| {
                found.metadata.len() > known.offset
                    && !found::is_younger(found, &known)
                    && !self.files.iter().any(|file| file.known.is(&found.metadata))
            });
            if let Some(found) = rotated {
                self.past.retain(|other| *other != known);
                self.go_on(found, &known, now, true);
            }
        }
    }

    /// What is known of a file that was away and is under its path again.
    fn come_back(&mut self, found: &Found) -> Option<Known> {
        let is_it = |known: &Known| {
            found.path.to_string_lossy() == known.path
                && known.may_be(&found.metadata)
                && holds(known, found)
        };
        // What is mounted anew has another device; the file is still open under the old one.
        let is_away = |file: &Followed| file.replaced.is_some() && is_it(&file.known);
        if let Some(at) = self.files.iter().position(is_away) {
            return Some(self.files.remove(at).known);
        }
        let is_back = |known: &Known| is_it(known) && !found::is_younger(found, known);
        let at = self.past.iter().rposition(is_back)?;
        Some(self.past.remove(at))
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
