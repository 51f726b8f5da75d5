//! What the process tells of itself.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};
use rollcall_ingest::{Collectors, Intake};
use rollcall_lake::{Lake, Table};
use rollcall_query::Catalog;
use rollcall_web::{CollectorNow, Counter, CounterKind, Reading};

use super::behind::Behind;
use super::{Stopping, readings};

/// The state of lake and intake.
pub struct Status {
    lake: Arc<Lake>,
    intake: Arc<Intake>,
    stopping: Stopping,
    collectors: Arc<Collectors>,
    catalog: Catalog,
    behind: Behind,
}

impl Status {
    /// Of a running server.
    pub const fn new(
        lake: Arc<Lake>,
        intake: Arc<Intake>,
        stopping: Stopping,
        collectors: Arc<Collectors>,
        catalog: Catalog,
        behind: Behind,
    ) -> Self {
        Self { lake, intake, stopping, collectors, catalog, behind }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn counter(name: &'static str, help: &'static str, kind: CounterKind, value: u64) -> Counter {
    Counter { name, help, kind, labels: Vec::new(), value: value as f64 }
}

impl rollcall_web::Status for Status {
    fn ready(&self) -> Result<(), String> {
        match self.stopping.failure() {
            Some(reason) => Err(reason),
            None if self.stopping.is_stopping() => Err("it is being stopped".to_owned()),
            None => Ok(()),
        }
    }

    fn log_bytes(&self) -> u64 {
        self.intake.log_bytes()
    }

    fn tail_rows(&self) -> u64 {
        self.intake.pipeline().status().tail_rows.load(Ordering::Relaxed)
    }

    fn last_seal(&self) -> Option<DateTime<Utc>> {
        // Of this process, or of the one before.
        let snapshot = self.lake.snapshot();
        let tables = [Table::Events, Table::SetAside].map(|table| snapshot.table(table).segments);
        let sealed = tables.iter().flat_map(|segments| segments.iter()).map(|s| s.committed);
        sealed.max().and_then(DateTime::from_timestamp_millis)
    }

    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    fn collectors(&self) -> Vec<CollectorNow> {
        self.collectors.health().into_iter().map(readings::collector).collect()
    }

    fn readings(&self) -> Vec<Reading> {
        let mut all = readings::readings(&self.lake, &self.intake, &self.catalog.geoip());
        all.extend(self.behind.readings());
        all
    }

    fn counters(&self) -> Vec<Counter> {
        let snapshot = self.lake.snapshot();
        let status = self.intake.pipeline().status();
        let sealed: usize = snapshot.table(Table::Events).rows();
        let files: usize = Table::ALL.iter().map(|t| snapshot.table(*t).segments.len()).sum();
        vec![
            counter(
                "rollcall_sealed_events",
                "Event rows in sealed files.",
                CounterKind::Gauge,
                sealed as u64,
            ),
            counter(
                "rollcall_sealed_files",
                "Sealed files of all tables.",
                CounterKind::Gauge,
                files as u64,
            ),
            counter(
                "rollcall_replaced_rows",
                "Rows that a later one replaced.",
                CounterKind::Gauge,
                snapshot.replaced.len() as u64,
            ),
            counter(
                "rollcall_backlog_bytes",
                "Bytes that came in and aren't rows yet.",
                CounterKind::Gauge,
                self.intake.backlog_bytes(),
            ),
            counter(
                "rollcall_rows_total",
                "Event rows published since the start.",
                CounterKind::Counter,
                status.rows.load(Ordering::Relaxed),
            ),
            counter(
                "rollcall_quarantined_total",
                "Records quarantined since the start.",
                CounterKind::Counter,
                status.quarantined.load(Ordering::Relaxed),
            ),
            counter(
                "rollcall_clock_behind_seconds",
                "How far the clock is behind the newest sealed time of receipt; then the rule against future times is off.",
                CounterKind::Gauge,
                status.clock_behind.load(Ordering::Relaxed).unsigned_abs().div_ceil(1_000_000),
            ),
            counter(
                "rollcall_seals_total",
                "Seals since the start.",
                CounterKind::Counter,
                status.seals.load(Ordering::Relaxed),
            ),
        ]
    }
}
