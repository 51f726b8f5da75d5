//! What adapters read, into rows: events with their numbers and ids, verdicts, and the
//! rule against times that can't be right.

use chrono::{DateTime, Utc};
use rollcall_lake::IdHasher;
use rollcall_schemas::{Event, EventRows, Position, Record, SetAside, SetAsideRows, Verdict};

use crate::source::{Output, Source};

/// Events before this are not believed (sources.md calls it "before 2000").
const EARLIEST: i64 = 946_684_800_000_000;
/// Most bytes that a record of several events may take by being in each one's row.
const MOST_COPIED: usize = 16 << 20;
/// How far ahead of its receipt an event's time may lie, µs.
pub(super) const AHEAD: i64 = 24 * 3_600_000_000;

/// How a record's parts are numbered: from its first on; those of a part that is
/// read again by its own numbers before `end`, then by free ones.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers {
    pub(super) end: i32,
    pub(super) free: i32,
}

pub(super) const FROM_THE_FIRST_ON: Numbers = Numbers { end: i32::MAX, free: 0 };

/// Where an adapter's readings of one part go.
pub(super) struct Rows<'r> {
    pub(super) record: &'r Record,
    pub(super) source: &'static Source,
    pub(super) hint: &'r str,
    pub(super) raw: &'r [u8],
    pub(super) redactions: i32,
    pub(super) part: i32,
    /// How many events this raw part has given.
    pub(super) in_raw: i32,
    pub(super) believed_until: i64,
    pub(super) numbers: Numbers,
    pub(super) ids: &'r IdHasher,
    pub(super) events: &'r mut EventRows,
    pub(super) row_ids: &'r mut Vec<Option<(u128, u64)>>,
    pub(super) set_aside: &'r mut SetAsideRows,
}

impl Rows<'_> {
    /// Uses up the number of a part. One that is quarantined again doesn't use up
    /// that of the part that was read.
    fn number(&mut self, quarantined: bool) -> i32 {
        let again = self.numbers.end < i32::MAX;
        let number = if self.part >= self.numbers.end || (again && quarantined) {
            &mut self.numbers.free
        } else {
            &mut self.part
        };
        *number += 1;
        *number - 1
    }

    pub(super) fn verdict(
        &mut self,
        verdict: Verdict,
        reason: Option<&str>,
        of: Option<Position>,
    ) -> Position {
        let part = self.number(verdict == Verdict::Quarantined);
        let row = SetAside {
            part,
            source: Some(self.source.name),
            source_hint: (!self.hint.is_empty()).then_some(self.hint),
            verdict,
            reason,
            of,
            redactions: self.redactions,
            raw: Some(self.raw),
        };
        self.set_aside.push(self.record, &row);
        self.record.part(part)
    }

    fn id(&self, event: &Event<'_>) -> Option<(u128, u64)> {
        let id = event.source_event_id.as_deref().filter(|_| self.source.has_event_id)?;
        let hash = self.ids.numbered(self.ids.id(self.source.name, id), self.in_raw);
        Some((hash, self.ids.bytes(self.raw)))
    }
}

impl Output for Rows<'_> {
    fn event(&mut self, event: &mut Event<'_>) -> Position {
        let until = self.record.received.saturating_add(AHEAD).max(self.believed_until);
        if let Some(reason) = unbelievable(event.time, self.record.received, until) {
            return self.verdict(Verdict::Quarantined, Some(&reason), None);
        }
        let part = self.number(false);
        self.row_ids.push(self.id(event));
        self.events.push(self.record, part, self.source.name, event, self.redactions, self.raw);
        self.in_raw += 1;
        self.record.part(part)
    }

    fn joined(&mut self, of: Position) {
        self.verdict(Verdict::Joined, None, Some(of));
    }

    fn not_authentication(&mut self) {
        self.verdict(Verdict::NotAuthentication, None, None);
    }

    fn reject(&mut self, reason: &str) {
        self.verdict(Verdict::Quarantined, Some(reason), None);
    }

    fn has_room(&self, rows: usize) -> bool {
        rows <= 1 || rows.saturating_mul(self.raw.len()) <= MOST_COPIED
    }
}

fn unbelievable(time: i64, received: i64, until: i64) -> Option<String> {
    let show = |time: i64| {
        DateTime::<Utc>::from_timestamp_micros(time)
            .map_or_else(|| time.to_string(), |time| time.to_rfc3339())
    };
    if time < EARLIEST {
        return Some(format!("its time {} lies before 2000; check the sender's clock", show(time)));
    }
    (time > until).then(|| {
        format!(
            "its time {} lies more than 24 hours after its receipt at {}; check the sender's clock",
            show(time),
            show(received)
        )
    })
}
