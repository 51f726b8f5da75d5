//! What readers see is swapped as a whole: no reader misses a row or sees one twice.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError};

use rollcall_schemas::{Position, Tail};

use crate::error::Result;
use crate::lake::Lake;
use crate::seal::Sealed;
use crate::segment::Segment;
use crate::snapshot::Snapshot;
use crate::table::Table;

impl Lake {
    /// Swaps what readers see, as a whole.
    pub(super) fn publish(&self, change: impl FnOnce(&Snapshot) -> Snapshot) {
        let _order = self.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        let next = change(&self.published.load());
        self.published.store(Arc::new(next));
    }

    /// The same where files must be read first.
    pub(super) fn try_publish(
        &self,
        change: impl FnOnce(&Snapshot) -> Result<Snapshot>,
    ) -> Result<()> {
        let _order = self.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        let next = change(&self.published.load())?;
        self.published.store(Arc::new(next));
        Ok(())
    }

    /// Publishes that some files became one. `order` is its rows by position.
    pub(crate) fn publish_merged(
        &self,
        table: Table,
        from: &[Arc<Segment>],
        to: &Arc<Segment>,
        order: &[Position],
        version: u64,
    ) -> Result<()> {
        let gone = from.iter().map(|segment| segment.name.clone()).collect();
        self.try_publish(|now| {
            let mut next = now.clone();
            if table == Table::Events {
                Arc::make_mut(&mut next.replaced).moved(from, &to.name, order)?;
            }
            without(&mut next, table, &gone);
            extend(&mut next, table, Some(to), Some(version));
            Ok(next)
        })
    }

    /// Publishes that files left a table.
    pub(crate) fn publish_removed(&self, table: Table, names: &HashSet<String>, version: u64) {
        self.publish(|now| {
            let mut next = now.clone();
            if table == Table::Events {
                Arc::make_mut(&mut next.replaced).forget(names);
            }
            without(&mut next, table, names);
            extend(&mut next, table, None, Some(version));
            next
        });
    }

    /// Publishes a new tail. `revised` are positions that its new rows replace.
    ///
    /// # Errors
    /// If a sealed file that holds a replaced row can't be read.
    pub fn publish_tail(&self, tail: Tail, revised: &[Position]) -> Result<()> {
        self.try_publish(|now| {
            let mut replaced = Arc::clone(&now.replaced);
            if !revised.is_empty() {
                let segments = &now.table(Table::Events).segments;
                Arc::make_mut(&mut replaced).add(revised, segments)?;
            }
            Ok(Snapshot { tail, replaced, has_tail: true, tables: now.tables.clone() })
        })
    }

    /// Publishes a seal and the tail without its rows, in one step: no reader
    /// misses a row or sees one twice.
    pub fn publish_sealed(&self, sealed: &Sealed, tail: Tail) {
        self.publish(|now| {
            let mut next = Snapshot { tail, ..now.clone() };
            sealed.extend(&mut next);
            if let Some(segment) = &sealed.events
                && !now.replaced.in_tail().is_empty()
            {
                let mut replaced = (*now.replaced).clone();
                replaced.sealed_into(&segment.name, sealed.event_positions.iter().copied());
                next.replaced = Arc::new(replaced);
            }
            next
        });
    }

    /// Publishes rows and verdicts that supersede quarantined ones, and the tail,
    /// in one step with what the rows replace.
    ///
    /// # Errors
    /// If a sealed file that holds a replaced row can't be read.
    pub fn publish_replayed(
        &self,
        sealed: &Sealed,
        tail: Tail,
        revised: &[Position],
    ) -> Result<()> {
        self.try_publish(|now| {
            let mut next = Snapshot { tail, ..now.clone() };
            sealed.extend(&mut next);
            let segments = next.table(Table::Events).segments;
            Arc::make_mut(&mut next.replaced).add(revised, &segments)?;
            Ok(next)
        })
    }
}

impl Sealed {
    fn extend(&self, next: &mut Snapshot) {
        extend(next, Table::Events, self.events.as_ref(), self.events_version);
        extend(next, Table::SetAside, self.set_aside.as_ref(), self.set_aside_version);
    }
}

fn without(next: &mut Snapshot, table: Table, names: &HashSet<String>) {
    let entry = next.tables.entry(table).or_default();
    let kept = entry.segments.iter().filter(|segment| !names.contains(&segment.name));
    entry.segments = Arc::new(kept.cloned().collect());
}

pub(super) fn extend(
    next: &mut Snapshot,
    table: Table,
    segment: Option<&Arc<Segment>>,
    version: Option<u64>,
) {
    let entry = next.tables.entry(table).or_default();
    if let Some(segment) = segment {
        let mut segments = (*entry.segments).clone();
        segments.push(Arc::clone(segment));
        entry.segments = Arc::new(segments);
    }
    // Two seals may end in another order than they committed.
    entry.version = version.max(entry.version);
}
