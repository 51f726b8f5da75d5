//! The types of entries and their fields. A type is a struct and its row in
//! [`facts`].

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::entry::{VERSION, integer};
use crate::error::{LedgerError, Result};

/// Ledger indexes `from..to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexRange {
    /// First index.
    #[serde(with = "integer")]
    pub from: u64,
    /// One past the last.
    #[serde(with = "integer")]
    pub to: u64,
}

/// The Delta commit of which an entry is a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// The table.
    pub table: String,
    /// The version that the commit made.
    #[serde(with = "integer")]
    pub delta_version: u64,
    /// SHA-256 of the commit's file, hex.
    pub delta_commit_sha256: String,
}

/// A file of rows that a commit added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its path in the table's directory.
    pub path: String,
    /// Its size in bytes.
    #[serde(with = "integer")]
    pub bytes: u64,
    /// Its SHA-256, hex.
    pub sha256: String,
    /// Rows in it.
    #[serde(with = "integer")]
    pub rows: u64,
    /// Version of the table's columns.
    #[serde(with = "integer")]
    pub schema_version: u64,
    /// RFC 6962 root over its rows (`rollcall-row-v1`), hex; where the table's rows are hashed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_root: Option<String>,
    /// Earliest event time, µs since 1970 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "integer::optional")]
    pub time_min: Option<i64>,
    /// Latest event time.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "integer::optional")]
    pub time_max: Option<i64>,
    /// Earliest time of receipt.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "integer::optional")]
    pub received_min: Option<i64>,
    /// Latest time of receipt.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "integer::optional")]
    pub received_max: Option<i64>,
    /// SHA-256 of the canonical JSON of the commit's ranges, hex.
    pub ranges_sha256: String,
}

/// A shard's number and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardName {
    /// The number; never reused.
    #[serde(with = "integer")]
    pub shard: i32,
    /// `log`, `import` or `kafka`.
    pub kind: String,
    /// A log epoch's UUID, a file's SHA-256, or `cluster/topic UUID/partition`.
    pub stands_for: String,
    /// Records in it, once it is finished.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "integer::optional")]
    pub records: Option<i64>,
}

/// Shards that got their numbers, or were finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// The shards.
    #[serde(deserialize_with = "objects")]
    pub shards: Vec<ShardName>,
    /// The file of the table `shards` that says so.
    #[serde(flatten)]
    pub file: File,
    /// Its commit.
    #[serde(flatten)]
    pub commit: Commit,
}

/// A commit that adds no file: a table was made, its settings were changed, or
/// positions moved on over records that gave no row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bare {
    /// The commit.
    #[serde(flatten)]
    pub commit: Commit,
}

/// A sealed file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The file.
    #[serde(flatten)]
    pub file: File,
    /// Its commit.
    #[serde(flatten)]
    pub commit: Commit,
}

/// Nothing was sealed for a while: silence is a statement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// The version that each table stands at.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub versions: BTreeMap<String, u64>,
}

/// Files that were merged into one, row by row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compaction {
    /// Ranges that hold the entries of the files merged. Entries of other tables
    /// in a range are not concerned.
    #[serde(deserialize_with = "objects")]
    pub inputs: Vec<IndexRange>,
    /// The file that came out.
    #[serde(flatten)]
    pub file: File,
    /// Its commit.
    #[serde(flatten)]
    pub commit: Commit,
}

/// Quarantined records that became rows after all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// Quarantined positions that the rows supersede.
    #[serde(with = "integer")]
    pub supersedes: u64,
    /// SHA-256 of the canonical JSON of these positions, `[[shard,seq,part],…]` as
    /// in the commit's tags, hex: there may be more of them than an entry holds.
    pub supersedes_sha256: String,
    /// The file.
    #[serde(flatten)]
    pub file: File,
    /// Its commit.
    #[serde(flatten)]
    pub commit: Commit,
}

/// Files that were removed because their time was over. Their entries stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// The rule, in the configuration's words.
    pub rule: String,
    /// Ranges that hold the entries of the files removed. Entries of other tables
    /// in a range are not concerned.
    #[serde(deserialize_with = "objects")]
    pub removed: Vec<IndexRange>,
    /// Files removed.
    #[serde(with = "integer")]
    pub files: u64,
    /// Rows in them.
    #[serde(with = "integer")]
    pub rows: u64,
    /// The commits before and after it that lift and restore append-only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commits: Vec<u64>,
    /// The commit that removed them.
    #[serde(flatten)]
    pub commit: Commit,
}

/// A file that another took the place of; the rows and their root are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaced {
    /// The old file's path.
    pub old: String,
    /// The new file's path.
    pub path: String,
    /// The new file's size in bytes.
    #[serde(with = "integer")]
    pub bytes: u64,
    /// The new file's SHA-256, hex.
    pub sha256: String,
}

/// Someone's personal columns were erased. Who it was is not said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Files and what took their place.
    #[serde(deserialize_with = "objects")]
    pub replaced: Vec<Replaced>,
    /// Rows that lost their personal columns.
    #[serde(with = "integer")]
    pub rows: u64,
    /// The commits before and after it that lift and restore append-only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commits: Vec<u64>,
    /// The commit that replaced the files.
    #[serde(flatten)]
    pub commit: Commit,
}

/// A new log key; see [`crate::PublicKeys`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyChange {
    /// The new key, as a verifier key's text.
    pub key: String,
    /// The first size whose checkpoint the new key signs: the entry's index plus one.
    #[serde(with = "integer")]
    pub from: u64,
    /// A note that says so, signed by the old key.
    pub statement: String,
}

/// A period was closed: figures about it have a pin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Close {
    /// The period, for instance `2026-Q3`.
    pub period: String,
    /// Its pin.
    pub pin: String,
}

/// A report was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Its SHA-256, hex.
    pub sha256: String,
    /// Its period.
    pub period: String,
    /// Its pin.
    pub pin: String,
}

/// The first entry after a restore: the tree goes on under a new origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restore {
    /// The new origin.
    pub origin: String,
    /// Its key, as a verifier key's text.
    pub key: String,
    /// The first size whose checkpoint the new key signs: the entry's index plus one.
    #[serde(with = "integer")]
    pub from: u64,
    /// A note that says so, signed by the key of the log that was restored.
    pub statement: String,
    /// The newest checkpoint known from before, a signed note.
    pub checkpoint: String,
    /// The entries that it had and the backup hadn't; absent if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<IndexRange>,
}

/// A list of objects: serde would take lists in place of them too, and other
/// people's readers wouldn't.
fn objects<'de, T: DeserializeOwned, D: Deserializer<'de>>(list: D) -> Result<Vec<T>, D::Error> {
    let objects = Vec::<Map<String, Value>>::deserialize(list)?;
    let read = |object| serde_json::from_value(Value::Object(object)).map_err(Error::custom);
    objects.into_iter().map(read).collect()
}

/// Makes [`Fact`] of the types and their words.
macro_rules! facts {
    ($($word:literal $kind:ident $doc:literal)+) => {
        /// What an entry states.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum Fact {
            $(#[doc = $doc] $kind($kind),)+
            /// A type or version that this crate doesn't know; its fields stand in
            /// [`super::Entry::others`].
            Other {
                /// Its type.
                kind: String,
                /// Its version.
                version: u64,
            },
        }

        impl Fact {
            /// The word in `type`.
            pub fn kind(&self) -> &str {
                match self {
                    $(Self::$kind(_) => $word,)+
                    Self::Other { kind, .. } => kind,
                }
            }

            pub(super) fn to_fields(&self) -> Result<Map<String, Value>> {
                let value = match self {
                    $(Self::$kind(fact) => serde_json::to_value(fact),)+
                    Self::Other { .. } => Ok(Value::Object(Map::new())),
                };
                match value {
                    Ok(Value::Object(fields)) => Ok(fields),
                    Ok(_) => Err(LedgerError::BadEntry("its fact has no fields".to_owned())),
                    Err(error) => Err(LedgerError::BadEntry(error.to_string())),
                }
            }

            pub(super) fn from_fields(
                kind: String,
                version: u64,
                fields: &Map<String, Value>,
            ) -> Result<Self> {
                if version != VERSION {
                    return Ok(Self::Other { kind, version });
                }
                let value = || Value::Object(fields.clone());
                let fact = match kind.as_str() {
                    $($word => serde_json::from_value(value()).map(Self::$kind),)+
                    _ => return Ok(Self::Other { kind, version }),
                };
                fact.map_err(|error| LedgerError::BadEntry(format!("{kind}: {error}")))
            }
        }

        $(impl From<$kind> for Fact {
            fn from(fact: $kind) -> Self {
                Self::$kind(fact)
            }
        })+
    };
}

facts! {
    "shard" Shard "Shards that got their numbers."
    "segment" Segment "A sealed file."
    "commit" Bare "A commit that adds no file."
    "heartbeat" Heartbeat "Nothing was sealed for a while."
    "compaction" Compaction "Files merged into one."
    "replay" Replay "Quarantined records that became rows."
    "retention" Retention "Files removed by a rule."
    "erasure" Erasure "Personal columns erased."
    "key" KeyChange "A new log key."
    "close" Close "A period closed."
    "report" Report "A report issued."
    "restore" Restore "The ledger went on from a backup."
}

impl Fact {
    pub(super) fn version(&self) -> u64 {
        match self {
            Self::Other { version, .. } => *version,
            _ => VERSION,
        }
    }
}
