//! Verdicts over parts of records that gave no row. Together with the rows they
//! account for everything that came in.

use std::sync::Arc;

use ::arrow::array::{
    ArrayRef, BinaryViewBuilder, Int32Builder, Int64Builder, RecordBatch, StringViewBuilder,
    TimestampMicrosecondBuilder,
};
use ::arrow::error::ArrowError;

use crate::position::{Position, Record};

/// Why a part of a record gave no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// The same event with the same bytes is already stored.
    Duplicate,
    /// Its content is in another record's row.
    Joined,
    /// It says nothing about authentication.
    NotAuthentication,
    /// It couldn't be read; kept with its bytes to be replayed after a fix.
    Quarantined,
}

impl Verdict {
    /// Every verdict, in the order in which sums print them.
    pub const ALL: [Self; 4] =
        [Self::Joined, Self::Duplicate, Self::Quarantined, Self::NotAuthentication];

    /// The word that stands in the file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Joined => "joined",
            Self::NotAuthentication => "not_authentication",
            Self::Quarantined => "quarantined",
        }
    }

    /// Reads a word that [`Verdict::as_str`] wrote.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.as_str() == word)
    }
}

/// One verdict.
#[derive(Debug, Clone)]
pub struct SetAside<'a> {
    /// The part of the record, from 0.
    pub part: i32,
    /// The source, where it could be told.
    pub source: Option<&'a str>,
    /// The source that the sender named.
    pub source_hint: Option<&'a str>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, in words.
    pub reason: Option<&'a str>,
    /// The row that holds its content.
    pub of: Option<Position>,
    /// How many secrets were cut out.
    pub redactions: i32,
    /// The record after redaction; `None` where another row holds the same bytes.
    pub raw: Option<&'a [u8]>,
}

/// Verdicts into Arrow, column by column.
#[derive(Debug, Default)]
pub struct SetAsideRows {
    shard: Int32Builder,
    seq: Int64Builder,
    part: Int32Builder,
    source: StringViewBuilder,
    collector: StringViewBuilder,
    received: TimestampMicrosecondBuilder,
    verdict: StringViewBuilder,
    reason: StringViewBuilder,
    of_shard: Int32Builder,
    of_seq: Int64Builder,
    of_part: Int32Builder,
    source_hint: StringViewBuilder,
    redactions: Int32Builder,
    raw: BinaryViewBuilder,
    raw_hash: BinaryViewBuilder,
    rows: usize,
}

impl SetAsideRows {
    /// Rows gathered so far.
    pub const fn len(&self) -> usize {
        self.rows
    }

    /// Whether none has been gathered.
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Adds one verdict over a part of `record`.
    pub fn push(&mut self, record: &Record, row: &SetAside<'_>) {
        self.shard.append_value(record.shard);
        self.seq.append_value(record.seq);
        self.part.append_value(row.part);
        self.source.append_option(row.source);
        self.collector.append_value(&*record.collector);
        self.received.append_value(record.received);
        self.verdict.append_value(row.verdict.as_str());
        self.reason.append_option(row.reason);
        self.of_shard.append_option(row.of.map(|p| p.shard));
        self.of_seq.append_option(row.of.map(|p| p.seq));
        self.of_part.append_option(row.of.map(|p| p.part));
        self.source_hint.append_option(row.source_hint);
        self.redactions.append_value(row.redactions);
        self.raw.append_option(row.raw);
        self.raw_hash.append_null();
        self.rows += 1;
    }

    /// Takes what was gathered as one batch of [`crate::arrow::set_aside_schema`].
    ///
    /// # Errors
    /// Only if the builders and the schema disagree.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        self.rows = 0;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.shard.finish()),
            Arc::new(self.seq.finish()),
            Arc::new(self.part.finish()),
            Arc::new(self.source.finish()),
            Arc::new(self.collector.finish()),
            Arc::new(self.received.finish().with_timezone("UTC")),
            Arc::new(self.verdict.finish()),
            Arc::new(self.reason.finish()),
            Arc::new(self.of_shard.finish()),
            Arc::new(self.of_seq.finish()),
            Arc::new(self.of_part.finish()),
            Arc::new(self.source_hint.finish()),
            Arc::new(self.redactions.finish()),
            Arc::new(self.raw.finish()),
            Arc::new(self.raw_hash.finish()),
        ];
        RecordBatch::try_new(crate::arrow::set_aside_schema(), columns)
    }
}
