//! Files whose time is over are removed. Their entries stay: that they were, and
//! what their rows hashed to, can be proved for ever.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use super::TOGETHER;
use crate::blocking::blocking;
use crate::delta_log::Change;
use crate::error::Result;
use crate::lake::Lake;
use crate::provenance::{Origin, Provenance, State};
use crate::seal::add_action;
use crate::segment::Segment;
use crate::table::Table;
use crate::tags::CommitNote;

/// What is kept whatever its age, in the words of a rule. Earlier versions said so of
/// superseded files for which nothing of their own was asked.
const FOR_EVER: &str = "kept for ever";
/// Superseded files for which nothing of their own was asked.
const AS_THE_OTHERS: &str = "as long as the others";

/// How long files are kept. By default, for ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RetainRule {
    /// Days after the receipt of a file's last row.
    pub days: Option<u32>,
    /// The same for files whose rows a compaction wrote into another.
    pub superseded_days: Option<u32>,
}

/// What was removed from a table, or would be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Retained {
    /// The table.
    pub table: String,
    /// Files.
    pub files: usize,
    /// Of these, files whose rows another file holds.
    pub superseded: usize,
    /// Rows that are no longer there.
    pub rows: u64,
    /// Bytes on disk.
    pub bytes: u64,
}

impl RetainRule {
    /// In words, for the ledger.
    fn words(self) -> String {
        let all = self.days.map_or_else(|| FOR_EVER.to_owned(), |days| format!("{days} days"));
        // Whatever is over, superseded or not, goes.
        let earlier = self.superseded_days.filter(|own| self.days.is_none_or(|days| *own < days));
        let superseded =
            earlier.map_or_else(|| AS_THE_OTHERS.to_owned(), |days| format!("{days} days"));
        format!("events and set_aside after receipt: {all}; superseded files: {superseded}")
    }

    /// Reads the words; nothing where they aren't those of a rule.
    pub(crate) fn from_words(words: &str) -> Option<Self> {
        let days = |text: &str| match text.strip_suffix(" days") {
            Some(days) => days.parse().ok().map(Some),
            None => [FOR_EVER, AS_THE_OTHERS].contains(&text).then_some(None),
        };
        let rest = words.strip_prefix("events and set_aside after receipt: ")?;
        let (all, superseded) = rest.split_once("; superseded files: ")?;
        Some(Self { days: days(all)?, superseded_days: days(superseded)? })
    }

    /// Latest receipt that is over, µs; nothing is where files are kept for ever.
    pub(crate) fn is_over(
        days: Option<u32>,
        received_max: Option<i64>,
        now: DateTime<Utc>,
    ) -> bool {
        let (Some(days), Some(received)) = (days, received_max) else { return false };
        // Further back than the calendar goes, nothing was received.
        let over = now.checked_sub_signed(Duration::days(days.into()));
        over.is_some_and(|over| received < over.timestamp_micros())
    }
}

/// What is to go from one table.
struct Expired {
    live: Vec<Arc<Segment>>,
    superseded: Vec<Origin>,
}

impl Lake {
    /// Removes what a rule says is over, or only says what it would remove.
    ///
    /// # Errors
    /// If a file can't be read or removed, or a commit fails.
    pub async fn retain(
        &self,
        rule: RetainRule,
        now: DateTime<Utc>,
        only_say: bool,
    ) -> Result<Vec<Retained>> {
        let mut done = Vec::new();
        for table in [Table::Events, Table::SetAside] {
            let expired = self.expired(table, rule, now).await?;
            if expired.live.is_empty() && expired.superseded.is_empty() {
                continue;
            }
            done.push(expired.sum(table));
            if !only_say {
                self.remove_all(table, rule, expired).await?;
                self.checkpoint(table).await?;
            }
        }
        if !only_say {
            self.forget_derived().await?;
        }
        Ok(done)
    }

    /// As many files at a time as an entry can name.
    async fn remove_all(&self, table: Table, rule: RetainRule, mut all: Expired) -> Result<()> {
        while !(all.live.is_empty() && all.superseded.is_empty()) {
            let superseded =
                all.superseded.split_off(all.superseded.len().saturating_sub(TOGETHER));
            let room = TOGETHER.saturating_sub(superseded.len());
            let live = all.live.split_off(all.live.len().saturating_sub(room));
            self.remove(table, rule, Expired { live, superseded }).await?;
        }
        Ok(())
    }

    async fn expired(&self, table: Table, rule: RetainRule, now: DateTime<Utc>) -> Result<Expired> {
        let segments = self.snapshot().table(table).segments;
        let live: Vec<_> = segments
            .iter()
            .filter(|s| RetainRule::is_over(rule.days, s.tags.received_max, now))
            .cloned()
            .collect();
        let ledger = self.directory().ledger();
        let work = move || -> Result<Expired> {
            let provenance = Provenance::read(&ledger)?;
            let over = |origin: &&Origin| {
                let received = origin.file.received_max;
                RetainRule::is_over(rule.superseded_days, received, now)
                    || RetainRule::is_over(rule.days, received, now)
            };
            let superseded: Vec<Origin> = provenance
                .files()
                .iter()
                .filter(|origin| origin.table == table && origin.state == State::Superseded)
                .filter(over)
                .cloned()
                .collect();
            Ok(Expired { superseded, live })
        };
        blocking(work).await
    }

    async fn remove(&self, table: Table, rule: RetainRule, expired: Expired) -> Result<()> {
        let sum = expired.sum(table);
        let names = expired.names();
        let (ledger, wanted) = (self.directory().ledger(), names.clone());
        let ranges = move || -> Result<_> {
            Ok(Provenance::read(&ledger)?.ranges(table, |name| wanted.contains(name)))
        };
        let removed = blocking(ranges).await?;
        let change = |commits| Change {
            removes: expired.live.iter().map(|segment| add_action(segment)).collect(),
            note: Some(CommitNote::Retention {
                rule: rule.words(),
                removed: removed.clone(),
                files: sum.files as u64,
                rows: sum.rows,
                commits,
            }),
            ..Change::default()
        };
        let version = if expired.live.is_empty() {
            self.change(table, &change(Vec::new())).await?
        } else {
            self.commit_removal(table, change).await?
        };
        self.publish_removed(table, &names, version);
        self.delete_files(table, names).await
    }
}

impl Expired {
    fn names(&self) -> HashSet<String> {
        let live = self.live.iter().map(|segment| segment.name.clone());
        live.chain(self.superseded.iter().map(|origin| origin.file.path.clone())).collect()
    }

    fn sum(&self, table: Table) -> Retained {
        let superseded: u64 = self.superseded.iter().map(|origin| origin.file.bytes).sum();
        Retained {
            table: table.name().to_owned(),
            files: self.live.len() + self.superseded.len(),
            superseded: self.superseded.len(),
            rows: self.live.iter().map(|segment| segment.rows() as u64).sum(),
            bytes: self.live.iter().map(|segment| segment.bytes).sum::<u64>() + superseded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RetainRule;

    #[test]
    fn a_rules_words_are_read_again() {
        for (days, superseded_days) in [(None, None), (Some(400), None), (Some(400), Some(7))] {
            let rule = RetainRule { days, superseded_days };
            assert_eq!(RetainRule::from_words(&rule.words()), Some(rule));
        }
        // What is removed with the others isn't said to be kept.
        for superseded_days in [None, Some(40)] {
            let words = RetainRule { days: Some(0), superseded_days }.words();
            assert!(words.ends_with("superseded files: as long as the others"), "{words}");
        }
        for wrong in ["", "everything", "events and set_aside after receipt: 4; superseded files: "]
        {
            assert_eq!(RetainRule::from_words(wrong), None);
        }
    }
}
