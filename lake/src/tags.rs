//! What a commit says of the file that it adds. Everything that the ledger's
//! entry of a segment needs stands here, so that the entry is a pure function
//! of the commit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The key in an `add` action's tags.
pub(crate) const TAG: &str = "rollcall";

/// A run of records of one shard that a commit accounts for: every one of them
/// became a row, has a verdict, or lies in a gap.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardRange {
    /// First record.
    pub from: i64,
    /// Records in the range that never existed (skipped offsets), as `[from, to)`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<(i64, i64)>,
    /// Rows made of them.
    pub rows: i64,
    /// The stream.
    pub shard: i32,
    /// Of `verdicts`, those that an interrupted seal had committed before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub standing: i64,
    /// One past the last record.
    pub to: i64,
    /// Of `rows`, those that are older than the memory of ids: whether they are
    /// duplicates couldn't be told.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unchecked: i64,
    /// Parts that gave no row, by verdict.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub verdicts: BTreeMap<String, i64>,
}

/// A shard that a file of the table `shards` gives a number, or finishes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardTag {
    /// What kind of stream it is.
    pub kind: String,
    /// Records in it, once it is finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<i64>,
    /// Its number.
    pub shard: i32,
    /// What it stands for: a UUID or a SHA-256.
    pub stands_for: String,
}

/// The tags of one file. Fields are declared in the order of their names: with
/// plain integers and no spaces the JSON is in RFC 8785 form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentTags {
    /// What the file accounts for, ascending by shard.
    pub ranges: Vec<ShardRange>,
    /// Latest time of receipt, µs since 1970 UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_max: Option<i64>,
    /// Earliest time of receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_min: Option<i64>,
    /// Quarantined parts that the rows (in `set_aside`: the verdicts) supersede,
    /// as `[shard, seq, part]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replays: Vec<(i32, i64, i32)>,
    /// Rows that revise an earlier one.
    pub revisions: i64,
    /// RFC 6962 root over the rows, hex; where the table's rows are hashed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row_root: Option<String>,
    /// Rows in the file.
    pub rows: i64,
    /// Version of the table's columns.
    pub schema_version: u32,
    /// SHA-256 of the file, hex.
    pub sha256: String,
    /// Shards that the rows name, in the table `shards`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shards: Vec<ShardTag>,
    /// Latest event time, µs since 1970 UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_max: Option<i64>,
    /// Earliest event time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_min: Option<i64>,
}

/// The key in a commit's `commitInfo`.
pub(crate) const NOTE: &str = "rollcall";

/// What a commit says of itself, where it does more than add rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CommitNote {
    /// Files were merged into one.
    Compaction {
        /// Ledger indexes `[from, to)` of the entries of the files merged.
        inputs: Vec<(u64, u64)>,
    },
    /// Files were removed because their time was over.
    Retention {
        /// The rule, in the configuration's words.
        rule: String,
        /// Ledger indexes `[from, to)` of the entries of the files removed.
        removed: Vec<(u64, u64)>,
        /// Files removed.
        files: u64,
        /// Rows in them.
        rows: u64,
        /// Versions that lift and restore append-only.
        commits: Vec<u64>,
    },
    /// Files were replaced by others without someone's personal columns.
    Erasure {
        /// Rows that lost them.
        rows: u64,
        /// Old file and new file.
        replaced: Vec<(String, String)>,
        /// Versions that lift and restore append-only.
        commits: Vec<u64>,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
const fn is_zero(number: &i64) -> bool {
    *number == 0
}

impl SegmentTags {
    /// The tag's text.
    pub(crate) fn to_json(&self) -> String {
        // A struct of integers, strings and lists always serialises.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a tag's text.
    pub(crate) fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_in_canonical_form_and_read_back() {
        let tags = SegmentTags {
            ranges: vec![ShardRange {
                from: 0,
                gaps: vec![(3, 5)],
                rows: 7,
                shard: 1,
                standing: 0,
                to: 10,
                unchecked: 2,
                verdicts: BTreeMap::from([("joined".to_owned(), 1), ("duplicate".to_owned(), 1)]),
            }],
            received_max: None,
            received_min: None,
            replays: Vec::new(),
            revisions: 0,
            row_root: Some("ab".to_owned()),
            rows: 7,
            schema_version: 1,
            sha256: "cd".to_owned(),
            shards: Vec::new(),
            time_max: Some(1_764_000_000_000_000),
            time_min: None,
        };
        let json = tags.to_json();
        assert_eq!(
            json,
            r#"{"ranges":[{"from":0,"gaps":[[3,5]],"rows":7,"shard":1,"to":10,"unchecked":2,"verdicts":{"duplicate":1,"joined":1}}],"revisions":0,"row_root":"ab","rows":7,"schema_version":1,"sha256":"cd","time_max":1764000000000000}"#
        );
        assert_eq!(SegmentTags::from_json(&json).expect("reads back"), tags);
    }
}
