//! Records into rows and verdicts. Stateless but for the adapters' own state, so
//! that several threads can read one file.

mod again;
mod rows;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use chrono_tz::Tz;
use hmac::{Hmac, KeyInit, Mac};
use rollcall_lake::IdHasher;
use rollcall_schemas::{EventRows, Record, SetAside, SetAsideRows, Verdict};
use sha2::Sha256;

use crate::redact::redact;
use crate::source::envelope::Opened;
use crate::source::{Adapter, Context, Output as _, Source, Sources, Split, envelope};
pub(crate) use again::Held;
use rows::{FROM_THE_FIRST_ON, Numbers, Rows};

/// Named as the source of records of which only the beginning came in; no source can have
/// this name.
pub(crate) const CUT_OFF: &str = "(cut off)";
/// Most events of one record, which must be in memory together.
const MOST_PARTS: usize = 250_000;

/// How records are read.
#[derive(Debug, Clone)]
pub struct ReadSettings {
    /// The zone of times that name none.
    pub zone: Tz,
    /// Key under which identifiers are hashed.
    pub identifier_key: [u8; 32],
    /// The sources that there are.
    pub sources: Sources,
}

/// One record on its way to its adapter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'a> {
    pub(crate) seq: i64,
    pub(crate) bytes: &'a [u8],
}

/// What a run of records of one shard gave.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) shard: i32,
    /// First record.
    pub(crate) from: i64,
    /// One past the last record.
    pub(crate) to: i64,
    /// Event rows.
    pub(crate) events: RecordBatch,
    /// For each row its event id's hash and its bytes' hash, where it has an id.
    pub(crate) ids: Vec<Option<(u128, u64)>>,
    /// Verdicts.
    pub(crate) set_aside: RecordBatch,
}

/// Reads records with the adapters of their sources.
pub(crate) struct Reader {
    settings: ReadSettings,
    ids: IdHasher,
    key: Hmac<Sha256>,
    adapters: HashMap<(i32, &'static str), Box<dyn Adapter>>,
    /// Shard, first record and one past the last of what was read and not taken.
    span: Option<(i32, i64, i64)>,
    /// The record that was read last, and the number of its next part: a message of a
    /// broker may hold several records, all under its number.
    last: Option<(i32, i64, i32)>,
    events: EventRows,
    row_ids: Vec<Option<(u128, u64)>>,
    set_aside: SetAsideRows,
    /// Times up to this are believed, whatever the receipt.
    believed_until: i64,
    numbers: Numbers,
    /// Whether a record's reading depended on earlier ones.
    met_state: bool,
}

impl Reader {
    pub(crate) fn new(settings: ReadSettings) -> Self {
        let mut block = [0; 64];
        block[..32].copy_from_slice(&settings.identifier_key);
        Self {
            ids: IdHasher::new(&settings.identifier_key),
            key: Hmac::new(&block.into()),
            settings,
            adapters: HashMap::new(),
            span: None,
            last: None,
            events: EventRows::default(),
            row_ids: Vec::new(),
            set_aside: SetAsideRows::default(),
            believed_until: i64::MIN,
            numbers: FROM_THE_FIRST_ON,
            met_state: false,
        }
    }

    /// Believes times up to this, µs, whatever the receipt.
    pub(crate) const fn believe_until(&mut self, time: i64) {
        self.believed_until = time;
    }

    /// Whether it has read a record whose reading depends on earlier ones.
    pub(crate) const fn met_state(&self) -> bool {
        self.met_state
    }

    /// The shard of what was read and not taken.
    pub(crate) fn shard(&self) -> Option<i32> {
        self.span.map(|(shard, ..)| shard)
    }

    /// Rows and verdicts of what was read and not taken.
    pub(crate) const fn waiting(&self) -> usize {
        self.events.len() + self.set_aside.len()
    }

    /// Reads a run of records that came in together, all of the shard of what was
    /// read before and not taken. `hint` is the source that the sender named, or
    /// empty.
    pub(crate) fn read<'a>(
        &mut self,
        shard: i32,
        collector: &Arc<str>,
        received: i64,
        hint: &str,
        pieces: impl Iterator<Item = Piece<'a>>,
    ) {
        for piece in pieces {
            let record =
                Record { shard, seq: piece.seq, collector: Arc::clone(collector), received };
            let first = match self.last {
                Some((of, seq, next)) if (of, seq) == (shard, piece.seq) => next,
                _ => 0,
            };
            let next = self.record(&record, hint, piece.bytes, first);
            self.last = Some((shard, piece.seq, next));
            let from = self.span.map_or(piece.seq, |(_, from, _)| from);
            self.span = Some((shard, from, piece.seq + 1));
        }
    }

    /// What was read since the last time.
    pub(crate) fn take(&mut self) -> Result<Option<Chunk>, ArrowError> {
        let span = self.span.take();
        span.map(|(shard, from, to)| {
            Ok(Chunk {
                shard,
                from,
                to,
                events: self.events.finish()?,
                ids: std::mem::take(&mut self.row_ids),
                set_aside: self.set_aside.finish()?,
            })
        })
        .transpose()
    }

    /// Reads one record, its parts numbered from `first` on; returns the number of the
    /// next.
    fn record(&mut self, record: &Record, hint: &str, bytes: &[u8], first: i32) -> i32 {
        let opened = Opened::of(bytes, self.settings.zone);
        let Some(source) = self.source(hint, &opened.content) else {
            let reason = if bytes.iter().all(|b| b.is_ascii_whitespace() || *b == 0) {
                "the record is empty".to_owned()
            } else if hint == CUT_OFF {
                "it is longer than its input takes, or its end never came; this is its beginning"
                    .to_owned()
            } else if hint.is_empty() {
                "no source recognises it; name its source with ?source= or --source".to_owned()
            } else {
                format!("there is no source {hint:?} any more; put its mapping file back")
            };
            self.quarantine(record, first, hint, bytes, &reason);
            return first + 1;
        };
        let parts = source.split.and_then(|split| bundled(split, &opened.content));
        let Some(parts) = parts else {
            return self.part(record, source, hint, bytes, Some(&opened), first);
        };
        if parts.len() > MOST_PARTS {
            let reason = format!(
                "it bundles {} events; more than {MOST_PARTS} in one record are not taken: split it",
                parts.len()
            );
            self.quarantine(record, first, hint, bytes, &reason);
            return first + 1;
        }
        let mut next = first;
        for part in parts {
            next = self.part(record, source, hint, part, None, next);
        }
        if next == first {
            let mut rows = self.rows(record, source, hint, first);
            rows.verdict(Verdict::NotAuthentication, Some("the bundle holds no event"), None);
            return first + 1;
        }
        next
    }

    /// The source of a record without its envelope: the one that was named, or the one
    /// that it looks like.
    fn source(&self, hint: &str, content: &[u8]) -> Option<&'static Source> {
        let sources = &self.settings.sources;
        if hint.is_empty() { sources.recognise_content(content) } else { sources.find(hint) }
    }

    /// Reads one part; returns the number of the next. `opened` is the part without its
    /// envelope, where that is known already.
    fn part(
        &mut self,
        record: &Record,
        source: &'static Source,
        hint: &str,
        bytes: &[u8],
        opened: Option<&Opened<'_>>,
        first: i32,
    ) -> i32 {
        let (raw, redactions) = redact(bytes);
        let shard = record.shard;
        let mut adapter =
            self.adapters.remove(&(shard, source.name)).unwrap_or_else(|| (source.open)());
        let key = self.key.clone();
        let keyed_hash = move |text: &str| keyed_hash(&key, text);
        let context = Context {
            received: record.received,
            sent: None,
            shard,
            zone: self.settings.zone,
            keyed_hash: &keyed_hash,
        };
        self.met_state |= source.stateful;
        let free = self.numbers.free;
        let mut rows = self.rows(record, source, hint, first);
        rows.raw = &raw;
        rows.redactions = redactions;
        // What was cut out may have stood within the envelope.
        match opened.filter(|_| matches!(raw, Cow::Borrowed(_))) {
            Some(opened) => opened.read(&mut *adapter, &context, &mut rows),
            None => envelope::read(&mut *adapter, &raw, &context, &mut rows),
        }
        if (rows.part, rows.numbers.free) == (first, free) {
            rows.reject("its source's reader said nothing of it; this is a bug of rollcall");
        }
        let (next, numbers) = (rows.part, rows.numbers);
        self.numbers = numbers;
        self.adapters.insert((shard, source.name), adapter);
        next
    }

    /// Shows an imported file's records to the adapters before any is read.
    pub(crate) fn survey<'a>(
        &mut self,
        shard: i32,
        received: i64,
        hint: &str,
        records: impl Iterator<Item = &'a [u8]>,
    ) {
        let key = self.key.clone();
        let keyed_hash = move |text: &str| keyed_hash(&key, text);
        let context = Context {
            received,
            sent: None,
            shard,
            zone: self.settings.zone,
            keyed_hash: &keyed_hash,
        };
        for bytes in records {
            let content = envelope::content(bytes);
            let found = self.source(hint, &content).filter(|source| source.stateful);
            if let Some(source) = found {
                let adapter =
                    self.adapters.entry((shard, source.name)).or_insert_with(|| (source.open)());
                adapter.survey(&content, &context);
            }
        }
    }

    /// Lets a source's adapter read earlier records again, to no output: its
    /// state after a restart.
    pub(crate) fn remember(
        &mut self,
        source: &'static Source,
        record: &Record,
        raw: &[u8],
        part: i32,
    ) {
        let _ = self.part(record, source, source.name, raw, None, part);
        // A chunk that is never taken: rows of records that are stored already.
        self.events = EventRows::default();
        self.row_ids.clear();
        self.set_aside = SetAsideRows::default();
    }

    fn rows<'r>(
        &'r mut self,
        record: &'r Record,
        source: &'static Source,
        hint: &'r str,
        part: i32,
    ) -> Rows<'r> {
        Rows {
            record,
            source,
            hint,
            raw: &[],
            redactions: 0,
            part,
            in_raw: 0,
            believed_until: self.believed_until,
            numbers: self.numbers,
            ids: &self.ids,
            events: &mut self.events,
            row_ids: &mut self.row_ids,
            set_aside: &mut self.set_aside,
        }
    }

    fn quarantine(&mut self, record: &Record, part: i32, hint: &str, bytes: &[u8], reason: &str) {
        let (raw, redactions) = redact(bytes);
        let row = SetAside {
            part,
            source: None,
            source_hint: (!hint.is_empty()).then_some(hint),
            verdict: Verdict::Quarantined,
            reason: Some(reason),
            of: None,
            redactions,
            raw: Some(&raw),
        };
        self.set_aside.push(record, &row);
    }
}

/// The parts of a record that bundles events; nothing where it is one by itself: then
/// its envelope belongs to it.
fn bundled(split: Split, content: &[u8]) -> Option<Vec<&[u8]>> {
    let parts = split(content);
    let is_one = matches!(parts[..], [whole] if whole.len() == content.len());
    (!is_one).then_some(parts)
}

fn keyed_hash(key: &Hmac<Sha256>, text: &str) -> String {
    let mut mac = key.clone();
    mac.update(text.as_bytes());
    let hash = mac.finalize().into_bytes();
    hex::encode(hash.get(..16).unwrap_or_default())
}
