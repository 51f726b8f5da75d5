//! What is new in the files, up to a batch.

use std::time::Instant;

use super::{Follower, Step};
use crate::input::listed::Listed;
use crate::input::tail::followed::Look;
use crate::input::tail::taken::Taken;
use crate::tail::CUT_OFF;

impl Follower {
    /// Reads what is new, up to a batch. Returns it, and its source.
    pub(super) fn read(&mut self, now: Instant, step: &mut Step) -> (Listed, String) {
        let mut taken = Taken::default();
        let (mut cut_short, mut begun) = (Vec::new(), Vec::new());
        for (at, file) in self.files.iter_mut().enumerate() {
            let unread = (file.known.offset == 0).then(|| (file.known.clone(), file.settled()));
            let looked = taken.read(file, &self.rules, now);
            let has_changed =
                |(_, settled): &(_, _)| file.known.offset > 0 || file.settled() != *settled;
            begun.extend(unread.filter(has_changed).map(|(known, _)| known));
            if looked.is_ok() {
                file.told = None;
            }
            match looked {
                Ok(Look::Nothing | Look::Lines) => {}
                Ok(Look::Held) => break,
                Ok(Look::CutShort) => cut_short.push(at),
                Ok(Look::Compressed) => step.notes.push(format!(
                    "{:?}: it is compressed, and isn't followed; `rollcall ingest` reads it",
                    file.known.path
                )),
                Err(error) => {
                    let failure = format!("{:?}: can't be read: {error}", file.known.path);
                    if file.told.as_ref() != Some(&failure) {
                        step.notes.push(failure.clone());
                        file.told = Some(failure.clone());
                    }
                    step.failure = Some(failure);
                    self.is_failing = true;
                }
            }
            if taken.is_full() {
                break;
            }
        }
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
}
