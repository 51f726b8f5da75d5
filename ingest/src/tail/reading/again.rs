//! Quarantined parts read again, after a fix.

use std::collections::{HashMap, HashSet};

use arrow::error::ArrowError;
use rollcall_schemas::{Position, Record, Verdict};

use super::rows::AHEAD;
use super::{Chunk, FROM_THE_FIRST_ON, Numbers, Reader, bundled};
use crate::source::envelope::Opened;
use crate::source::{Output, Source};
use crate::tail::pipeline::without;

/// Quarantined parts of one record that hold the same bytes: the whole record,
/// or one element of a bundle.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) record: Record,
    /// The first of them.
    pub(crate) first: i32,
    /// One past the last of them.
    pub(crate) end: i32,
    /// One past the record's last part.
    pub(crate) free: i32,
    /// Its source, or empty to tell it by content.
    pub(crate) source: String,
    /// The source that the sender named, or empty.
    pub(crate) hint: String,
    pub(crate) raw: Vec<u8>,
}

impl Reader {
    /// Reads quarantined parts again, at `now`: what was ahead of its receipt and
    /// isn't ahead of the clock is believed. What they give keeps their numbers;
    /// where that is more than there were parts, the rest gets free ones. What
    /// can't be read again gives nothing: its verdict stands.
    pub(crate) fn reread(&mut self, held: &[Held], now: i64) -> Result<Chunk, ArrowError> {
        self.believe_until(now.saturating_add(AHEAD));
        let mut free = HashMap::new();
        let mut unchanged = HashSet::new();
        for held in held {
            let opened = Opened::of(&held.raw, self.settings.zone);
            let Some(source) = self.source(&held.source, &opened.content) else { continue };
            let free = free.entry((held.record.shard, held.record.seq)).or_insert(held.free);
            self.numbers = Numbers { end: held.end, free: *free };
            if self.again(held, source, &opened) == held.first {
                let given = *free..self.numbers.free;
                unchanged.extend(given.map(|part| held.record.part(part)));
            }
            *free = self.numbers.free;
        }
        self.numbers = FROM_THE_FIRST_ON;
        Ok(Chunk {
            shard: 0,
            from: 0,
            to: 0,
            events: self.events.finish()?,
            ids: std::mem::take(&mut self.row_ids),
            set_aside: without(&self.set_aside.finish()?, &unchanged)?,
        })
    }

    /// Returns one past the last of the parts that got something else than
    /// quarantine; the first where none did.
    fn again(&mut self, held: &Held, source: &'static Source, opened: &Opened<'_>) -> i32 {
        let rows = self.events.len();
        let mut next = held.first;
        while next < held.end {
            let before = next;
            next = self.once(held, source, opened, next);
            // Elements of a bundle may be the same; a record is read once.
            if next == before || source.split.is_none() {
                break;
            }
        }
        if next > held.first && next < held.end {
            // It gave more before than it does now.
            let first: Position = held.record.part(held.first);
            let gave_row = self.events.len() > rows;
            let mut rest = self.rows(&held.record, source, &held.hint, next);
            rest.raw = &held.raw;
            while rest.part < held.end {
                if gave_row { rest.joined(first) } else { rest.not_authentication() }
            }
        }
        next
    }

    fn once(
        &mut self,
        held: &Held,
        source: &'static Source,
        opened: &Opened<'_>,
        first: i32,
    ) -> i32 {
        // Of a part behind the first it is an element already.
        let split = source.split.filter(|_| held.first == 0);
        let Some(pieces) = split.and_then(|split| bundled(split, &opened.content)) else {
            return self.part(&held.record, source, &held.hint, &held.raw, Some(opened), first);
        };
        let mut next = first;
        for piece in &pieces {
            next = self.part(&held.record, source, &held.hint, piece, None, next);
        }
        if pieces.is_empty() {
            let mut rows = self.rows(&held.record, source, &held.hint, first);
            rows.verdict(Verdict::NotAuthentication, Some("the bundle holds no event"), None);
            next = rows.part;
        }
        next
    }
}
