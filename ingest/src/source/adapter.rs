//! What an adapter is: it reads one record and says what rows it gives. It
//! never fails; what it can't read it rejects with a reason.

use chrono_tz::Tz;
use rollcall_schemas::{Event, Position};

use super::mapping::Mapping;

/// Where an adapter's readings go. Each call uses up the next `part` of the
/// record.
pub trait Output {
    /// A row. Returns its position, so that a later record can revise it.
    fn event(&mut self, event: &mut Event<'_>) -> Position;
    /// Nothing of its own: the content is in the row at `of`.
    fn joined(&mut self, of: Position);
    /// Says nothing about authentication.
    fn not_authentication(&mut self);
    /// Can't be read; `reason` says what, where and what would be right.
    fn reject(&mut self, reason: &str);
    /// Whether one record may give so many rows. Each holds the record: without a
    /// bound a long one with many events in it would take any amount of memory.
    fn has_room(&self, _rows: usize) -> bool {
        true
    }
}

/// What is known of a record beside its bytes.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    /// When it was taken in, µs since 1970 UTC.
    pub received: i64,
    /// When it was sent, µs since 1970 UTC, as the envelope says that it came in.
    pub sent: Option<i64>,
    /// The stream that it came in; order is only defined within one.
    pub shard: i32,
    /// The zone of times that name none.
    pub zone: Tz,
    /// Hashes an identifier (a token's, a key's) under this installation's key,
    /// so that equal ones can be told and none can be guessed: 32 hex digits.
    pub keyed_hash: &'c (dyn Fn(&str) -> String + Sync),
}

/// Reads one source's records, in the order of the stream.
pub trait Adapter: Send {
    /// Looks at a record of an imported file before any is read, for what needs
    /// the whole file: the year of undated lines, say.
    fn survey(&mut self, _record: &[u8], _context: &Context<'_>) {}

    /// Reads one record, already redacted. Must call `out` at least once.
    fn read(&mut self, record: &[u8], context: &Context<'_>, out: &mut dyn Output);
}

/// Cuts a record that bundles several events into its parts; at least one.
pub type Split = &'static (dyn for<'a> Fn(&'a [u8]) -> Vec<&'a [u8]> + Sync);

/// One source: a row of the table of those built in, or made of a mapping file.
pub struct Source {
    /// Its name in the column `source`.
    pub name: &'static str,
    /// What it is, for people.
    pub title: &'static str,
    /// The vendor's documentation of the format; empty where a mapping file names none.
    pub documentation: &'static str,
    /// Whether a record looks like this source's; at most one of those built in says
    /// yes.
    pub recognises: &'static (dyn Fn(&[u8]) -> bool + Sync),
    /// Cuts a record that bundles several events (`{"Records":[…]}`) into its
    /// parts; `None` where a record is always one event.
    pub split: Option<Split>,
    /// Whether reading depends on earlier records; then the rows of the last
    /// ten minutes are read again, to no output, after a restart.
    pub stateful: bool,
    /// Whether events carry an id of their own, so that duplicates can be told.
    pub has_event_id: bool,
    /// Makes a reader for one stream.
    pub open: &'static (dyn Fn() -> Box<dyn Adapter> + Sync),
    /// The mapping that it is read by, where no code of its own does.
    pub mapping: Option<&'static Mapping>,
    /// Its `about.toml`: what docs/sources.md says of it. Empty for the user's mappings.
    pub about: &'static str,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("name", &self.name).finish_non_exhaustive()
    }
}
