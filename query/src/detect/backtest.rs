//! What detectors would have raised over stored history. Nothing is written, and nothing that
//! a running detection knows is touched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use rollcall_lake::{Segment, Snapshot, Table};

use super::accounts::Accounts;
use super::alert::{Alert, Severity};
use super::detection::unreadable;
use super::engine::Engine;
use super::id::{Id, Ids};
use super::names::Names;
use super::places::Places;
use super::reader::Reader;
use super::registry::detectors;
use super::row::{DAY, Row, Step};
use super::settings::DetectSettings;
use super::walk::Walk;
use crate::catalog::Session;
use crate::catalog::world::Derived;
use crate::error::{QueryError, Result};

/// What a backtest found.
#[derive(Debug, Clone)]
pub struct Backtest {
    /// The period, µs since 1970 UTC; the second isn't in it.
    pub period: (i64, i64),
    /// Events that were looked at in the period.
    pub events: u64,
    /// Events from before it, to learn from.
    pub learned: u64,
    /// People who got in in the period.
    pub people: u64,
    /// Each alert as it was raised, with the severity that it came to; in order of time.
    pub alerts: Vec<Raised>,
}

/// An alert that would have been raised.
#[derive(Debug, Clone)]
pub struct Raised {
    /// As it was raised.
    pub alert: Alert,
    /// The severity that it came to.
    pub severity: Severity,
    /// How often it would have been updated.
    pub updates: u32,
}

/// What one detector raised.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// Its name.
    pub detector: &'static str,
    /// Alerts in the period.
    pub alerts: usize,
    /// Alerts a week.
    pub a_week: f64,
    /// Alerts a week and thousand people; none where nobody got in.
    pub a_week_per_thousand: Option<f64>,
}

impl Backtest {
    /// Weeks of the period.
    pub fn weeks(&self) -> f64 {
        crate::stats::real(self.period.1 - self.period.0) / crate::stats::real(7 * DAY)
    }

    /// Alerts a week of each detector.
    pub fn rates(&self) -> Vec<Rate> {
        let of = |detector: &'static str| {
            let alerts = self.alerts.iter().filter(|one| one.alert.detector == detector).count();
            let a_week = crate::stats::size(alerts) / self.weeks().max(f64::MIN_POSITIVE);
            let people = i64::try_from(self.people).unwrap_or(i64::MAX);
            let thousands = crate::stats::real(people) / 1_000.0;
            let a_week_per_thousand = (thousands > 0.0).then(|| a_week / thousands);
            Rate { detector, alerts, a_week, a_week_per_thousand }
        };
        detectors().iter().map(|one| of(one.name)).collect()
    }
}

/// Runs the detectors over the stored events of a period, after the days before it from which
/// they learn. `from` and `to` in µs since 1970 UTC.
///
/// # Errors
/// If a setting doesn't fit, the directory can't be asked, or a file not be read.
pub async fn backtest(
    settings: &DetectSettings,
    session: &Session,
    (from, to): (i64, i64),
) -> Result<Backtest> {
    let parameters = settings.each().map_err(|problem| QueryError::Detect { problem })?;
    let engine = Engine::new(parameters, settings.late());
    let sql = include_str!("../../detect/logins.sql");
    let logins = session.run("detect/logins", sql, Vec::new(), Derived::Kept).await?;
    let world = session.world();
    let places = Places::new(Arc::clone(&world.geo), settings.exits.clone());
    let reader = Reader::new(Ids::new(&settings.secret), Names::default(), places);
    let snapshot = Arc::clone(world.shared.snapshot());
    let run = Run { engine, reader, since: from.saturating_sub(settings.history()), from, to };
    let work = tokio::task::spawn_blocking(move || run.over(&snapshot, &logins));
    work.await.map_err(|error| QueryError::Run(format!("detectors: {error}")))?
}

struct Run {
    engine: Engine,
    reader: Reader,
    since: i64,
    from: i64,
    to: i64,
}

impl Run {
    fn over(mut self, snapshot: &Snapshot, logins: &[RecordBatch]) -> Result<Backtest> {
        self.reader.know(Accounts::read(logins, &self.reader.ids));
        let overlaps = |file: &&Arc<Segment>| {
            let (first, last) = (file.tags.time_min, file.tags.time_max);
            first.is_some_and(|first| first < self.to)
                && last.is_some_and(|last| last >= self.since)
        };
        let files = snapshot.table(Table::Events).segments;
        let files: Vec<Arc<Segment>> = files.iter().filter(overlaps).cloned().collect();
        let mut unsealed = Vec::new();
        for batch in snapshot.tail.events.iter() {
            self.reader.read(batch, &mut |_, _| true, &mut unsealed);
        }
        let Self { mut engine, mut reader, since, from, to } = self;
        let (mut alerts, mut people) = (Vec::new(), BTreeSet::<Id>::new());
        let (mut events, mut learned) = (0_u64, 0_u64);
        let mut walk =
            Walk { reader: &mut reader, replaced: &snapshot.replaced, wants: &|_, _| true };
        let walked = walk.through(&files, unsealed, &mut |reader, rows| {
            let rows = within(rows, since, to);
            let in_period = rows.iter().filter(|row| row.time >= from);
            let got_in = in_period.clone().filter(|row| row.step == Step::In && row.is_human());
            people.extend(got_in.map(|row| row.person));
            let here = in_period.count() as u64;
            events += here;
            learned += rows.len() as u64 - here;
            engine.look(rows, &reader.ids, &reader.names, &mut alerts);
        });
        walked.map_err(unreadable)?;
        let alerts = raised(alerts, from);
        let people = people.len() as u64;
        Ok(Backtest { period: (from, to), events, learned, people, alerts })
    }
}

/// The part of rows, which are in order, that lies within a period.
fn within(rows: &[Row], from: i64, to: i64) -> &[Row] {
    let first = rows.partition_point(|row| row.time < from);
    let last = rows.partition_point(|row| row.time < to);
    rows.get(first..last).unwrap_or_default()
}

/// Updates put together with the alerts that they are of; those of before are left out.
fn raised(alerts: Vec<Alert>, from: i64) -> Vec<Raised> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut raised: Vec<Raised> = Vec::new();
    for alert in alerts {
        let place = places.get(&alert.key).copied();
        if let Some(known) = place.and_then(|place| raised.get_mut(place)) {
            known.severity = known.severity.max(alert.severity);
            known.updates = alert.update;
            continue;
        }
        places.insert(alert.key.clone(), raised.len());
        raised.push(Raised { severity: alert.severity, updates: alert.update, alert });
    }
    raised.retain(|one| one.alert.last >= from);
    raised
}
