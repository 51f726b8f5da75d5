//! What becomes of each collector, for people: those that rollcall runs itself (syslog,
//! tail, and whatever else follows or listens). Each has a [`Meter`] that it tells what
//! happens; [`Collectors`] has them all.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

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
    /// It hasn't begun yet.
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
    /// Connections that are open now, of one that listens.
    pub connections: u64,
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
    connections: AtomicU64,
    /// µs since 1970 UTC; 0 where there was nothing yet.
    last_received: AtomicI64,
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
            connections: AtomicU64::new(0),
            last_received: AtomicI64::new(0),
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
        self.connections.fetch_add(1, Ordering::Relaxed);
        Connected(Arc::clone(self))
    }

    /// What it does now. What went wrong last stays known.
    pub fn is(&self, state: CollectorState) {
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
        let last = Some(self.last_received.load(Ordering::Relaxed)).filter(|time| *time > 0);
        CollectorHealth {
            name: self.name.clone(),
            kind: self.kind,
            state,
            last_received: last.and_then(DateTime::from_timestamp_micros),
            records: self.records.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
            connections: self.connections.load(Ordering::Relaxed),
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
        let connected = meter.connected();
        assert_eq!(meter.health().connections, 1);
        drop(connected);
        assert_eq!(meter.health().connections, 0);
        assert!(shown.last_received.is_some());
        assert_eq!(shown.state, CollectorState::Failing);
        // It goes well again; what went wrong stays known.
        collectors.meter(CollectorKind::Tail, "auth").is(CollectorState::Running);
        let shown = meter.health();
        assert_eq!(shown.state, CollectorState::Running);
        assert_eq!(shown.last_error.expect("known").text, "the file can't be read");
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
