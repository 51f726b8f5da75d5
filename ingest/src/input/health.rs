//! What becomes of each collector, for people: those that rollcall runs itself (syslog,
//! tail, and whatever else follows or listens). Each has a [`Meter`] that it tells what
//! happens; [`Collectors`] has them all.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

/// How a collector comes by its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CollectorKind {
    /// Listens for syslog messages.
    Syslog,
    /// Follows files.
    Tail,
    /// Asks a vendor's API.
    Pull,
    /// Consumes a topic.
    Kafka,
    /// Is delivered to by a vendor, or answered by people.
    Hook,
}

impl CollectorKind {
    /// As it is shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Syslog => "syslog",
            Self::Tail => "tail",
            Self::Pull => "pull",
            Self::Kafka => "kafka",
            Self::Hook => "hook",
        }
    }
}

/// What a collector is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectorState {
    /// It hasn't begun yet; or no file that it is to follow is there.
    Starting,
    /// It takes records, or waits for some.
    Running,
    /// It holds its sender back: more comes in than is read.
    Waiting,
    /// What it tried last went wrong; it goes on trying.
    Failing,
    /// It has ended.
    Stopped,
}

impl CollectorState {
    /// As it is shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Failing => "failing",
            Self::Stopped => "stopped",
        }
    }
}

/// What went wrong, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectorError {
    /// When.
    pub time: DateTime<Utc>,
    /// What, and what to do.
    pub text: String,
}

/// A collector as it is now. What is counted is counted since the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectorHealth {
    /// Its name, which stands in the column `collector`.
    pub name: String,
    /// How it comes by its records.
    pub kind: CollectorKind,
    /// What it is doing.
    pub state: CollectorState,
    /// When it last stored records.
    pub last_received: Option<DateTime<Utc>>,
    /// Records that it stored.
    pub records: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Records that came and couldn't be stored, whole or in part.
    pub dropped: u64,
    /// The time of the newest event that it has read, where it follows a log.
    pub reached: Option<DateTime<Utc>>,
    /// Until when it waits after a failure.
    pub waits_until: Option<DateTime<Utc>>,
    /// Connections that are open now, where others connect to it.
    pub connections: Option<u64>,
    /// What went wrong last, also where it goes well again.
    pub last_error: Option<CollectorError>,
}

/// What a collector tells of itself. Counting costs next to nothing.
#[derive(Debug)]
pub struct Meter {
    name: String,
    kind: CollectorKind,
    records: AtomicU64,
    bytes: AtomicU64,
    dropped: AtomicU64,
    /// µs since 1970 UTC; 0 where there was nothing yet.
    last_received: AtomicI64,
    /// The same of the newest event that was read.
    reached: AtomicI64,
    /// The same of the end of a wait; 0 where there is none.
    waits_until: AtomicI64,
    /// −1 where nobody connects to it.
    connections: AtomicI64,
    said: Mutex<(CollectorState, Option<CollectorError>)>,
}

impl Meter {
    fn new(kind: CollectorKind, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            records: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            last_received: AtomicI64::new(0),
            reached: AtomicI64::new(0),
            waits_until: AtomicI64::new(0),
            connections: AtomicI64::new(-1),
            said: Mutex::new((CollectorState::Starting, None)),
        }
    }

    /// Records are stored.
    pub fn stored(&self, records: u64, bytes: u64) {
        if records > 0 {
            self.records.fetch_add(records, Ordering::Relaxed);
            self.bytes.fetch_add(bytes, Ordering::Relaxed);
            self.last_received.store(Utc::now().timestamp_micros(), Ordering::Relaxed);
        }
    }

    /// Records came and couldn't be stored, whole or in part.
    pub fn dropped(&self, records: u64) {
        self.dropped.fetch_add(records, Ordering::Relaxed);
    }

    /// A connection was opened; it counts until what is returned is dropped.
    pub fn connected(self: &Arc<Self>) -> Connected {
        // The first one makes 1 of "nobody connects".
        self.connections.fetch_max(0, Ordering::Relaxed);
        self.connections.fetch_add(1, Ordering::Relaxed);
        Connected(Arc::clone(self))
    }

    /// It has read a log up to an event of this time, µs since 1970 UTC.
    pub fn reached(&self, time: i64) {
        self.reached.store(time, Ordering::Relaxed);
    }

    /// It waits so long before it tries again.
    pub fn waits(&self, wait: Duration) {
        let wait = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
        let until = Utc::now().timestamp_micros().saturating_add(wait);
        self.waits_until.store(until, Ordering::Relaxed);
    }

    /// What it does now. What went wrong last stays known.
    pub fn is(&self, state: CollectorState) {
        self.waits_until.store(0, Ordering::Relaxed);
        self.said.lock().unwrap_or_else(PoisonError::into_inner).0 = state;
    }

    /// Something went wrong; it tries again.
    pub fn failed(&self, text: impl Into<String>) {
        let error = CollectorError { time: Utc::now(), text: text.into() };
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        *said = (CollectorState::Failing, Some(error));
    }

    /// Something went wrong that doesn't keep it from going on.
    pub fn note(&self, text: impl Into<String>) {
        let error = CollectorError { time: Utc::now(), text: text.into() };
        self.said.lock().unwrap_or_else(PoisonError::into_inner).1 = Some(error);
    }

    /// As it is now.
    pub fn health(&self) -> CollectorHealth {
        let (state, last_error) = self.said.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let moment = |time: &AtomicI64| {
            let time = Some(time.load(Ordering::Relaxed)).filter(|time| *time > 0);
            time.and_then(DateTime::from_timestamp_micros)
        };
        CollectorHealth {
            name: self.name.clone(),
            kind: self.kind,
            state,
            last_received: moment(&self.last_received),
            reached: moment(&self.reached),
            waits_until: moment(&self.waits_until),
            connections: u64::try_from(self.connections.load(Ordering::Relaxed)).ok(),
            records: self.records.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
            last_error,
        }
    }
}

/// A connection that is open.
#[derive(Debug)]
pub struct Connected(Arc<Meter>);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

/// All collectors of a server.
#[derive(Debug, Default)]
pub struct Collectors {
    all: Mutex<BTreeMap<(CollectorKind, String), Arc<Meter>>>,
}

impl Collectors {
    /// The meter of a collector; made where there is none.
    pub fn meter(&self, kind: CollectorKind, name: &str) -> Arc<Meter> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let meter = all.entry((kind, name.to_owned()));
        Arc::clone(meter.or_insert_with(|| Arc::new(Meter::new(kind, name))))
    }

    /// All of them as they are now, by kind and name.
    pub fn health(&self) -> Vec<CollectorHealth> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().map(|meter| meter.health()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_shows_what_it_was_told() {
        let collectors = Collectors::default();
        let meter = collectors.meter(CollectorKind::Tail, "auth");
        assert_eq!(meter.health().state, CollectorState::Starting);
        meter.stored(3, 300);
        meter.dropped(1);
        meter.failed("the file can't be read");
        let [shown] = &collectors.health()[..] else { panic!("one collector") };
        assert_eq!((shown.records, shown.bytes, shown.dropped), (3, 300, 1));
        assert!(shown.last_received.is_some());
        assert_eq!(shown.state, CollectorState::Failing);
        // It goes well again; what went wrong stays known.
        collectors.meter(CollectorKind::Tail, "auth").is(CollectorState::Running);
        let shown = meter.health();
        assert_eq!(shown.state, CollectorState::Running);
        assert_eq!(shown.last_error.expect("known").text, "the file can't be read");
    }

    #[test]
    fn a_wait_ends_with_what_comes_after_it_and_connections_are_counted() {
        let meter = Collectors::default().meter(CollectorKind::Pull, "okta");
        assert_eq!((meter.health().waits_until, meter.health().connections), (None, None));
        meter.failed("too many requests");
        meter.waits(Duration::from_secs(3600));
        meter.reached(1_000_000);
        let shown = meter.health();
        assert!(shown.waits_until.is_some_and(|until| until > Utc::now()));
        assert_eq!(shown.reached, DateTime::from_timestamp_micros(1_000_000));
        meter.is(CollectorState::Running);
        assert_eq!(meter.health().waits_until, None);
        let (first, second) = (meter.connected(), meter.connected());
        drop(first);
        assert_eq!(meter.health().connections, Some(1));
        drop(second);
        assert_eq!(meter.health().connections, Some(0));
    }

    #[test]
    fn collectors_are_told_apart_by_kind_and_name() {
        let collectors = Collectors::default();
        collectors.meter(CollectorKind::Tail, "auth").stored(1, 1);
        collectors.meter(CollectorKind::Syslog, "auth").stored(2, 2);
        let shown: Vec<_> =
            collectors.health().iter().map(|one| (one.kind.word(), one.records)).collect();
        assert_eq!(shown, [("syslog", 2), ("tail", 1)]);
    }
}
