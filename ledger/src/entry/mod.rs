//! Entries: what is logged. A JSON object in RFC 8785 form with `type`, `v` and
//! `time` and the fields of its type; what a newer version adds is kept.
//!
//! ```text
//! fact     the types and their fields
//! integer  integers of any size in JSON
//! ```

mod fact;
mod integer;

pub(crate) use integer::from_value as integer_from;

pub use fact::{
    Bare, Close, Commit, Compaction, Erasure, Fact, File, Heartbeat, IndexRange, KeyChange,
    Replaced, Replay, Report, Restore, Retention, Segment, Shard, ShardName,
};

use serde_json::{Map, Value};

use crate::canonical::{from_canonical, to_canonical};
use crate::error::{LedgerError, Result};

/// Bytes that an entry may have: its length is a u16 in the bundle.
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// The version of the entries that this crate writes.
const VERSION: u64 = 1;

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// When the fact was, µs since 1970 UTC: a commit's time, so that the entry is
    /// a function of the commit.
    pub time: i64,
    /// What it states.
    pub fact: Fact,
    /// Fields that this version doesn't know.
    pub others: Map<String, Value>,
}

impl Entry {
    /// An entry without unknown fields.
    pub fn new(time: i64, fact: impl Into<Fact>) -> Self {
        Self { time, fact: fact.into(), others: Map::new() }
    }

    /// Its bytes, as they are hashed and stored.
    ///
    /// # Errors
    /// If they are over 65,535, or an unknown field holds a number that isn't an integer.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut fields = self.others.clone();
        fields.append(&mut self.fact.to_fields()?);
        fields.insert("type".to_owned(), self.fact.kind().into());
        fields.insert("v".to_owned(), self.fact.version().into());
        fields.insert("time".to_owned(), self.time.into());
        let bytes = to_canonical(&Value::Object(fields))?;
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(LedgerError::EntryTooLarge { bytes: bytes.len() });
        }
        Ok(bytes)
    }

    /// Reads an entry. Unknown types and versions become [`Fact::Other`].
    ///
    /// # Errors
    /// If the bytes are not a JSON object in canonical form, or lack a field.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(LedgerError::EntryTooLarge { bytes: bytes.len() });
        }
        let bad = |detail: &str| LedgerError::BadEntry(detail.to_owned());
        let Value::Object(mut fields) = from_canonical(bytes)? else {
            return Err(bad("it isn't an object"));
        };
        let Some(Value::String(kind)) = fields.remove("type") else {
            return Err(bad("it has no type"));
        };
        let version = fields.remove("v").and_then(|v| integer::from_value(&v));
        let version = version.ok_or_else(|| bad("its v isn't an integer"))?;
        let time = fields.remove("time").and_then(|time| integer::from_value(&time));
        let time = time.ok_or_else(|| bad("its time isn't an integer"))?;
        let fact = Fact::from_fields(kind, version, &fields)?;
        for name in fact.to_fields()?.keys() {
            fields.remove(name);
        }
        Ok(Self { time, fact, others: fields })
    }

    /// What it says of a file of rows that can be proved, where it is about one.
    pub const fn file(&self) -> Option<&File> {
        match &self.fact {
            Fact::Segment(Segment { file, .. })
            | Fact::Compaction(Compaction { file, .. })
            | Fact::Replay(Replay { file, .. }) => Some(file),
            _ => None,
        }
    }

    /// What it says of the file that its commit added, of whatever table.
    pub const fn added(&self) -> Option<&File> {
        match &self.fact {
            Fact::Shard(Shard { file, .. }) => Some(file),
            _ => self.file(),
        }
    }

    /// The commit of which it is a function, where it is about a table.
    pub const fn commit(&self) -> Option<&Commit> {
        match &self.fact {
            Fact::Segment(Segment { commit, .. })
            | Fact::Bare(Bare { commit })
            | Fact::Compaction(Compaction { commit, .. })
            | Fact::Replay(Replay { commit, .. })
            | Fact::Shard(Shard { commit, .. })
            | Fact::Retention(Retention { commit, .. })
            | Fact::Erasure(Erasure { commit, .. }) => Some(commit),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tests::entries::{any_entry, segment};

    #[test]
    fn a_segment_reads_as_the_format_says() {
        let text = String::from_utf8(segment(7).to_bytes().expect("fits")).expect("text");
        let expected = [
            r#"{"bytes":4711,"delta_commit_sha256":"dddd","delta_version":12,"path":"events_1.parquet","#,
            r#""ranges_sha256":"aaaa","received_max":1764000000000009,"received_min":1764000000000002,"#,
            r#""row_root":"bbbb","rows":7,"schema_version":1,"sha256":"cccc","table":"events","#,
            r#""time":1764000000000010,"time_max":1764000000000008,"time_min":1764000000000001,"#,
            r#""type":"segment","v":1}"#,
        ];
        assert_eq!(text, expected.concat());
    }

    #[test]
    fn unknown_types_versions_and_fields_are_kept() {
        for text in [
            r#"{"new":[1,{"deep":"9007199254740992"}],"time":5,"type":"sealing_wax","v":1}"#,
            r#"{"time":5,"type":"heartbeat","v":2,"versions":"of another shape"}"#,
            r#"{"comment":"hm","time":5,"type":"heartbeat","v":1}"#,
            r#"{"shard":null,"time":5,"type":"heartbeat","v":1}"#,
        ] {
            let entry = Entry::parse(text.as_bytes()).expect("an entry");
            assert_eq!(entry.to_bytes().expect("bytes"), text.as_bytes());
        }
    }

    #[test]
    fn what_is_no_entry_is_refused() {
        for text in [
            "[]",
            "{}",
            r#"{"time":5,"type":"heartbeat"}"#,
            r#"{"type":"heartbeat","v":1}"#,
            r#"{"time":5,"v":1}"#,
            r#"{"time":"5","type":"heartbeat","v":1}"#,
            r#"{"time":5,"type":"segment","v":1}"#,
            r#"{"time":-1,"type":"x","v":-1}"#,
            r#"{"time":5.5,"type":"heartbeat","v":1}"#,
        ] {
            assert!(Entry::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn an_entry_that_is_too_long_is_refused() {
        let mut entry = Entry::new(5, Heartbeat::default());
        entry.others.insert("x".to_owned(), "y".repeat(MAX_ENTRY_BYTES).into());
        assert!(matches!(entry.to_bytes(), Err(LedgerError::EntryTooLarge { .. })));
    }

    proptest! {
        #[test]
        fn entries_read_back_in_the_same_bytes(entry in any_entry()) {
            let bytes = entry.to_bytes().expect("fits");
            let read = Entry::parse(&bytes).expect("reads back");
            prop_assert_eq!(read.to_bytes().expect("fits"), bytes);
            prop_assert_eq!(read, entry);
        }
    }
}
