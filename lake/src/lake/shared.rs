//! What other processes committed: workers beside the one that writes, and the other
//! way round.

use std::sync::{Arc, PoisonError};

use deltalake::kernel::Add;

use crate::blocking::blocking;
use crate::directory::{Access, DataDirectory};
use crate::error::{LakeError, Result};
use crate::lake::Lake;
use crate::lake::publish::extend;
use crate::read::revised_positions;
use crate::segment::Segment;
use crate::table::Table;

/// Keeps workers out for as long as it lives.
#[derive(Debug)]
pub(crate) struct WithoutWorkers(#[expect(dead_code, reason = "held, not read")] std::fs::File);

impl Lake {
    /// Publishes what other processes committed, and lets the ledger say so, where this
    /// process writes it. Gives the files that came. Files only leave by the process that
    /// writes the ledger, which publishes that itself.
    ///
    /// # Errors
    /// If a table can't be read or the ledger not be written.
    pub async fn take_in(&self) -> Result<Vec<Arc<Segment>>> {
        let mut logs = self.logs.lock().await;
        let mut came = Vec::new();
        let mut looked_at = Vec::new();
        for (table, log) in logs.iter_mut() {
            log.refresh().await?;
            let version = log.version()?;
            if self.has_taken(*table, version) {
                continue;
            }
            looked_at.push((*table, version));
            let published = self.snapshot().table(*table);
            let live = log.segments().await?;
            let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
            let is_known = |segment: &&Arc<Segment>| {
                own.contains(&segment.name)
                    || published.segments.iter().any(|known| known.name == segment.name)
            };
            let new = live.iter().filter(|segment| !is_known(segment));
            came.extend(new.map(|segment| (Arc::clone(segment), version)));
        }
        self.publish_foreign(&came).await?;
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).extend(looked_at);
        drop(logs);
        self.notarise().await?;
        Ok(came.into_iter().map(|(segment, _)| segment).collect())
    }

    fn has_taken(&self, table: Table, version: u64) -> bool {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.get(&table) == Some(&version)
    }

    async fn publish_foreign(&self, came: &[(Arc<Segment>, u64)]) -> Result<()> {
        if came.is_empty() {
            return Ok(());
        }
        let events = came.iter().map(|(segment, _)| segment);
        let revising: Vec<Arc<Segment>> = events
            .filter(|segment| segment.table == Table::Events && segment.tags.revisions > 0)
            .cloned()
            .collect();
        let revised = blocking(move || {
            let mut all = Vec::new();
            for segment in &revising {
                all.extend(revised_positions(segment)?);
            }
            Ok(all)
        });
        let revised = revised.await?;
        self.try_publish(|now| {
            let mut next = now.clone();
            for (segment, version) in came {
                extend(&mut next, segment.table, Some(segment), Some(*version));
            }
            let segments = next.table(Table::Events).segments;
            if !revised.is_empty() {
                Arc::make_mut(&mut next.replaced).add(&revised, &segments)?;
            }
            Ok(next)
        })
    }

    /// Notes files that this process made.
    pub(super) fn are_own(&self, adds: &[Add]) {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        own.extend(adds.iter().map(|add| add.path.clone()));
    }

    /// Keeps workers out: what is done must find nothing of theirs on its way.
    ///
    /// # Errors
    /// If one works.
    pub(crate) fn without_workers(&self) -> Result<WithoutWorkers> {
        let path = self.directory.path().to_owned();
        let kept_out = DataDirectory::without_workers(&self.directory)?;
        kept_out.map(WithoutWorkers).ok_or(LakeError::WorkersRun { path })
    }

    /// Whether this process seals beside the one that writes.
    pub fn is_worker(&self) -> bool {
        self.access == Access::Work
    }
}
