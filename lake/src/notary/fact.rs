//! A commit's entry, made of nothing but the commit's own bytes: the notary may be
//! stopped, lost and run again, and says the same.

use std::collections::HashMap;

use rollcall_ledger::{
    Bare, Commit, Compaction, Entry, Erasure, Fact, File, IndexRange, Replaced, Replay, Retention,
    Segment, Shard, ShardName, canonical_sha256,
};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::error::{LakeError, Result};
use crate::seal::{file_name, statistics};
use crate::table::Table;
use crate::tags::{CommitNote, NOTE, SegmentTags, TAG};

/// An `add` action.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Added {
    /// The file's name in the table's directory.
    pub(crate) path: String,
    /// Its bytes.
    pub(crate) size: u64,
    tags: HashMap<String, Option<String>>,
    #[serde(default)]
    stats: Option<String>,
}

/// What matters of a commit.
#[derive(Debug, Default)]
pub(crate) struct Commitment {
    /// By the writer's clock, ms since 1970 UTC.
    timestamp: i64,
    note: Option<CommitNote>,
    /// Files added.
    pub(crate) added: Vec<Added>,
    /// Files removed, by name.
    pub(crate) removed: Vec<String>,
}

impl Added {
    /// The tag that its writer put there, as text.
    fn tag(&self) -> &str {
        self.tags.get(TAG).and_then(Option::as_deref).unwrap_or_default()
    }

    /// What its writer says of the file.
    pub(crate) fn tags(&self) -> Result<SegmentTags, String> {
        SegmentTags::from_json(self.tag()).map_err(|error| format!("its tags: {error}"))
    }
}

impl Commitment {
    /// What the commit says of itself.
    pub(crate) const fn note(&self) -> Option<&CommitNote> {
        self.note.as_ref()
    }

    /// Why a commit that only adds isn't in the form in which this program writes them;
    /// nothing where it is.
    pub(crate) fn foreign_form(&self, table: Table) -> Option<String> {
        if self.note.is_some() {
            return None;
        }
        self.added.iter().find_map(|add| {
            let tags = match add.tags() {
                Ok(tags) => tags,
                Err(error) => return Some(error),
            };
            let named = file_name(table, &tags);
            let what = if add.path != named {
                format!("by its tags it would be called {named}")
            } else if add.tag() != tags.to_json() {
                "its tags aren't in the form in which rollcall writes them".to_owned()
            } else if add.stats.as_deref() != Some(statistics(&tags).as_str()) {
                "its statistics aren't those of its tags".to_owned()
            } else {
                return None;
            };
            Some(format!("it adds {}, and {what}", add.path))
        })
    }

    /// Reads a commit.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut commitment = Self::default();
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let mut action: serde_json::Map<String, Value> =
                serde_json::from_slice(line).map_err(|error| error.to_string())?;
            if let Some(mut info) = action.remove("commitInfo") {
                let timestamp = info.get("timestamp").and_then(Value::as_i64);
                commitment.timestamp = timestamp.unwrap_or_default();
                if let Some(note) = info.get_mut(NOTE).map(Value::take) {
                    let note = serde_json::from_value(note).map_err(|error| error.to_string())?;
                    commitment.note = Some(note);
                }
            }
            if let Some(add) = action.remove("add") {
                let add = serde_json::from_value(add).map_err(|error| error.to_string())?;
                commitment.added.push(add);
            }
            if let Some(path) = action.get("remove").and_then(|remove| remove.get("path")) {
                commitment.removed.push(path.as_str().unwrap_or_default().to_owned());
            }
        }
        Ok(commitment)
    }
}

/// The entry of a table's version, from the bytes of its commit.
///
/// # Errors
/// If the commit isn't one of rollcall's.
pub(crate) fn entry_of(table: Table, version: u64, bytes: &[u8]) -> Result<Entry> {
    let wrong = |detail: String| LakeError::Commit { table: table.name(), version, detail };
    let commitment = Commitment::parse(bytes).map_err(wrong)?;
    let commit = Commit {
        table: table.name().to_owned(),
        delta_version: version,
        delta_commit_sha256: hex::encode(Sha256::digest(bytes)),
    };
    let time = commitment.timestamp.saturating_mul(1000);
    let fact = fact(table, &commitment, commit).map_err(wrong)?;
    Ok(Entry::new(time, fact))
}

fn fact(table: Table, commitment: &Commitment, commit: Commit) -> Result<Fact, String> {
    let only = match commitment.added.as_slice() {
        [add] => Some((add, file(add)?)),
        _ => None,
    };
    let shape = (&commitment.note, only, commitment.removed.is_empty());
    Ok(match shape {
        (None, Some((add, file)), true) => return one_file(table, add, file, commit),
        (None, None, true) if commitment.added.is_empty() => Bare { commit }.into(),
        (Some(CommitNote::Compaction { inputs }), Some((_, file)), false) => {
            Compaction { inputs: ranges(inputs), file, commit }.into()
        }
        // What was superseded before is no longer the table's to remove.
        (Some(CommitNote::Retention { rule, removed, files, rows, commits }), None, _)
            if commitment.added.is_empty() =>
        {
            Retention {
                rule: rule.clone(),
                removed: ranges(removed),
                files: *files,
                rows: *rows,
                commits: commits.clone(),
                commit,
            }
            .into()
        }
        (Some(CommitNote::Erasure { rows, replaced, commits }), _, false)
            if [commitment.added.len(), commitment.removed.len()] == [replaced.len(); 2] =>
        {
            let replaced = replaced.iter().map(|(old, new)| replacement(commitment, old, new));
            let replaced = replaced.collect::<Result<_, String>>()?;
            Erasure { replaced, rows: *rows, commits: commits.clone(), commit }.into()
        }
        _ => {
            let (added, removed) = (commitment.added.len(), commitment.removed.len());
            return Err(format!("it adds {added} files and removes {removed}"));
        }
    })
}

/// A commit that adds one file and says nothing else.
fn one_file(table: Table, add: &Added, file: File, commit: Commit) -> Result<Fact, String> {
    let tags = add.tags()?;
    if !tags.replays.is_empty() {
        let supersedes = tags.replays.len() as u64;
        let supersedes_sha256 = sha256_of_field(add, "replays")?;
        return Ok(Replay { supersedes, supersedes_sha256, file, commit }.into());
    }
    if table != Table::Shards {
        return Ok(Segment { file, commit }.into());
    }
    let name = |shard: &crate::tags::ShardTag| ShardName {
        shard: shard.shard,
        kind: shard.kind.clone(),
        stands_for: shard.stands_for.clone(),
        records: shard.records,
    };
    Ok(Shard { shards: tags.shards.iter().map(name).collect(), file, commit }.into())
}

fn ranges(ranges: &[(u64, u64)]) -> Vec<IndexRange> {
    ranges.iter().map(|(from, to)| IndexRange { from: *from, to: *to }).collect()
}

fn replacement(commitment: &Commitment, old: &str, new: &str) -> Result<Replaced, String> {
    let add = commitment.added.iter().find(|add| add.path == new);
    let add = add.ok_or_else(|| format!("it names {new} and doesn't add it"))?;
    if !commitment.removed.iter().any(|path| path == old) {
        return Err(format!("it names {old} and doesn't remove it"));
    }
    Ok(Replaced {
        old: old.to_owned(),
        path: new.to_owned(),
        bytes: add.size,
        sha256: add.tags()?.sha256,
    })
}

fn file(add: &Added) -> Result<File, String> {
    let tags = add.tags()?;
    Ok(File {
        path: add.path.clone(),
        bytes: add.size,
        sha256: tags.sha256.clone(),
        rows: u64::try_from(tags.rows).unwrap_or_default(),
        schema_version: tags.schema_version.into(),
        row_root: tags.row_root.clone(),
        time_min: tags.time_min,
        time_max: tags.time_max,
        received_min: tags.received_min,
        received_max: tags.received_max,
        ranges_sha256: sha256_of_field(add, "ranges")?,
    })
}

/// SHA-256 of the canonical JSON of a field of a file's tag.
fn sha256_of_field(add: &Added, name: &str) -> Result<String, String> {
    let tag: Value = serde_json::from_str(add.tag()).map_err(|error| error.to_string())?;
    canonical_sha256(tag.get(name).unwrap_or(&Value::Null)).map_err(|error| error.to_string())
}
