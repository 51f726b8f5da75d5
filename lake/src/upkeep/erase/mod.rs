//! Someone's personal columns are erased, everywhere. That the events happened can
//! still be proved: the rows keep the hashes that their roots were made of.
//!
//! ```text
//! directory    what the directory of people knows of someone
//! identifiers  the texts that identify someone, found in columns and records
//! rows         rows without them
//! unfinished   what an erasure looks for, kept until it has ended
//! ```

mod directory;
mod identifiers;
mod rows;
mod unfinished;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use rollcall_schemas::Position;
use rollcall_schemas::row_hash::RowKey;

use crate::blocking::blocking;
use crate::delta_log::Change;
use crate::error::{LakeError, Result};
use crate::lake::Lake;
use crate::provenance::{Origin, Provenance, State};
use crate::read::read_rows;
use crate::seal::{Written, add_action, positions_in_order, stage_segment};
use crate::segment::Segment;
use crate::table::Table;
use crate::tags::{CommitNote, SegmentTags};

pub use identifiers::{Identifiers, SHORTEST, is_searchable};
pub use unfinished::Unfinished;

/// Files that one entry of the ledger can name, with what takes their place.
const TOGETHER: usize = 150;

/// Rows of the files that wait for their commit, at most: their order is held.
const MOST_ROWS: usize = 4_000_000;

/// The rule by which an erasure removes files whose rows others hold.
pub(crate) const SUPERSEDED_AND_ERASED: &str = "superseded files that name someone who was erased";

/// The order in which tables are erased.
const ORDER: [Table; 9] = [
    Table::SetAside,
    Table::Events,
    Table::Shards,
    Table::Reconciliations,
    Table::VendorPolicies,
    Table::Policies,
    Table::Annotations,
    Table::Factors,
    Table::People,
];

/// What an erasure did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Erased {
    /// Files that were replaced by others.
    pub files: usize,
    /// Rows that lost their personal columns, or went.
    pub rows: u64,
    /// Superseded files that were removed.
    pub superseded: usize,
    /// Rows that name them in a column that everyone may see in a proof: such columns
    /// can't be erased.
    pub open: u64,
}

/// A file to be replaced, and the one that takes its place.
struct Replacement {
    old: Arc<Segment>,
    new: Written,
    order: Vec<Position>,
    rows: u64,
}

impl Lake {
    /// The ids that accounts with these logins have at their sources, where nobody
    /// else has them.
    ///
    /// # Errors
    /// If a file can't be read.
    pub async fn account_ids(&self, logins: Vec<String>) -> Result<BTreeSet<String>> {
        let segments = self.snapshot().table(Table::Events).segments;
        blocking(move || {
            let logins: HashSet<String> = logins.iter().map(|l| l.to_lowercase()).collect();
            let mut owners: HashMap<String, bool> = HashMap::new();
            for segment in segments.iter() {
                for batch in read_rows(segment, &["user_id", "user_name"], None)? {
                    let (Some(ids), Some(names)) =
                        (batch.column_by_name("user_id"), batch.column_by_name("user_name"))
                    else {
                        continue;
                    };
                    let pairs = ids.as_string_view().iter().zip(names.as_string_view());
                    for (id, name) in pairs.filter_map(|(id, name)| Some((id?, name?))) {
                        let is_theirs = logins.contains(name);
                        match owners.get_mut(id) {
                            Some(theirs) => *theirs &= is_theirs,
                            None => {
                                owners.insert(id.to_owned(), is_theirs);
                            }
                        }
                    }
                }
            }
            Ok(owners.into_iter().filter(|(_, theirs)| *theirs).map(|(id, _)| id).collect())
        })
        .await
    }

    /// Erases a person from every table, or only says what it would erase. Blocks no
    /// reader; what isn't sealed must be sealed before.
    ///
    /// # Errors
    /// If a file isn't what its commit says, or can't be read or written; a second
    /// run goes on where this one ended.
    pub async fn erase(
        &self,
        who: Arc<Identifiers>,
        only_say: bool,
        tell: &(dyn Fn(&Erased) + Sync),
    ) -> Result<Erased> {
        let mut done = Erased::default();
        // What a worker has read and not sealed yet would come behind it.
        let _kept_out = if only_say { None } else { Some(self.without_workers()?) };
        // Whom the others are about stands in the directory: that goes last.
        for table in ORDER {
            self.drop_superseded(table, &who, only_say, &mut done).await?;
            tell(&done);
            let mut waiting = Vec::new();
            let before = done.files;
            for segment in self.snapshot().table(table).segments.iter() {
                let (rows, open, replacement) = self.replacement(segment, &who, only_say).await?;
                done.rows += rows;
                done.open += open;
                done.files += usize::from(rows > 0);
                waiting.extend(replacement);
                tell(&done);
                let rows: usize = waiting.iter().map(|one: &Replacement| one.order.len()).sum();
                if waiting.len() >= TOGETHER || rows >= MOST_ROWS {
                    self.replace(table, std::mem::take(&mut waiting)).await?;
                }
            }
            if !waiting.is_empty() {
                self.replace(table, waiting).await?;
            }
            if done.files > before && !only_say {
                self.checkpoint(table).await?;
            }
        }
        if !only_say {
            // What was counted over the files that were replaced names them too; also
            // where an erasure that was interrupted had replaced them.
            self.forget_derived().await?;
        }
        Ok(done)
    }

    async fn replacement(
        &self,
        segment: &Arc<Segment>,
        who: &Arc<Identifiers>,
        only_say: bool,
    ) -> Result<(u64, u64, Option<Replacement>)> {
        let key = self.row_key()?;
        let root = self.directory().path().join(segment.table.name());
        let (segment, who) = (Arc::clone(segment), Arc::clone(who));
        blocking(move || {
            let open = rows::named_openly(&segment, &who)?;
            let (batches, rows) = erased(&segment, &who, &key)?;
            if rows == 0 || only_say {
                return Ok((rows, open, None));
            }
            let replacement = write(&root, segment, batches, rows, &key)?;
            Ok((rows, open, Some(replacement)))
        })
        .await
    }

    async fn replace(&self, table: Table, replacements: Vec<Replacement>) -> Result<()> {
        for one in &replacements {
            one.new.publish()?;
        }
        let change = |commits| Change {
            adds: replacements.iter().map(|one| one.new.add.clone()).collect(),
            removes: replacements.iter().map(|one| add_action(&one.old)).collect(),
            note: Some(CommitNote::Erasure {
                rows: replacements.iter().map(|one| one.rows).sum(),
                replaced: replacements
                    .iter()
                    .map(|one| (one.old.name.clone(), one.new.segment.name.clone()))
                    .collect(),
                commits,
            }),
            ..Change::default()
        };
        let version = self.commit_removal(table, change).await?;
        let mut gone = HashSet::new();
        for one in replacements {
            gone.insert(one.old.name.clone());
            let new = Arc::new(one.new.segment);
            self.publish_merged(table, &[one.old], &new, &one.order, version)?;
        }
        self.delete_files(table, gone).await
    }

    /// Superseded files that name the person are of no use but to name them.
    async fn drop_superseded(
        &self,
        table: Table,
        who: &Arc<Identifiers>,
        only_say: bool,
        done: &mut Erased,
    ) -> Result<()> {
        let (ledger, data) = (self.directory().ledger(), self.directory().path().to_owned());
        let who = Arc::clone(who);
        let (names, provenance) = blocking(move || {
            let provenance = Provenance::read(&ledger)?;
            let mut names = Vec::new();
            let superseded = provenance
                .files()
                .iter()
                .filter(|origin| origin.table == table && origin.state == State::Superseded);
            for origin in superseded {
                if names_them(&data, origin, &who)? {
                    names.push(origin.file.path.clone());
                }
            }
            Ok((names, provenance))
        })
        .await?;
        done.superseded += names.len();
        if only_say {
            return Ok(());
        }
        for names in names.chunks(super::TOGETHER) {
            let names: HashSet<String> = names.iter().cloned().collect();
            let note = CommitNote::Retention {
                rule: SUPERSEDED_AND_ERASED.to_owned(),
                removed: provenance.ranges(table, |name| names.contains(name)),
                files: names.len() as u64,
                rows: 0,
                commits: Vec::new(),
            };
            self.change(table, &Change { note: Some(note), ..Change::default() }).await?;
            self.delete_files(table, names).await?;
        }
        Ok(())
    }
}

fn names_them(data: &Path, origin: &Origin, who: &Identifiers) -> Result<bool> {
    let name = origin.file.path.clone();
    let segment = Segment {
        table: origin.table,
        path: data.join(origin.table.name()).join(&name),
        name,
        bytes: origin.file.bytes,
        tags: SegmentTags::default(),
        committed: 0,
    };
    let searched = rows::searched(origin.table);
    let batches = read_rows(&segment, &searched, None)?;
    Ok(batches.iter().any(|batch| rows::concerned(batch, &searched, who).contains(&true)))
}

/// A file's rows without the person, and how many lost something.
fn erased(
    segment: &Segment,
    who: &Identifiers,
    key: &RowKey,
) -> Result<(Vec<Arc<RecordBatch>>, u64)> {
    let schema = segment.table.schema();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let searched = rows::searched(segment.table);
    if rows::is_hashed(segment.table) {
        // Most files don't name them: these are read only as far as it takes.
        let batches = read_rows(segment, &searched, None)?;
        if !batches.iter().any(|batch| rows::concerned(batch, &searched, who).contains(&true)) {
            return Ok((Vec::new(), 0));
        }
    }
    let mut changed = 0;
    let mut batches = Vec::new();
    for batch in read_rows(segment, &names, None)? {
        let (batch, rows) = if rows::is_hashed(segment.table) {
            let concerned = rows::concerned(&batch, &searched, who);
            let rows = concerned.iter().filter(|concerned| **concerned).count();
            (rows::without_person(segment.table, &batch, &concerned, key)?, rows)
        } else {
            rows::without_mentions(segment.table, &batch, who)?
        };
        changed += rows as u64;
        batches.push(Arc::new(batch));
    }
    Ok((batches, changed))
}

fn write(
    root: &Path,
    old: Arc<Segment>,
    batches: Vec<Arc<RecordBatch>>,
    rows: u64,
    key: &RowKey,
) -> Result<Replacement> {
    let known = SegmentTags {
        ranges: old.tags.ranges.clone(),
        replays: old.tags.replays.clone(),
        shards: old.tags.shards.clone(),
        ..SegmentTags::default()
    };
    let key = rows::is_hashed(old.table).then_some(key);
    let mut new = stage_segment(root, old.table, &batches, known, key)?;
    if new.segment.tags.row_root != old.tags.row_root {
        return Err(LakeError::Damaged {
            path: old.path.clone(),
            detail: "its rows aren't those that its commit says; nothing of it was erased"
                .to_owned(),
        });
    }
    new.segment.committed = old.committed;
    new.add = add_action(&new.segment);
    let order = positions_in_order(&batches, &new.order);
    Ok(Replacement { old, new, order, rows })
}
