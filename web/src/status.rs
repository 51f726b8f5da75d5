//! What the rest of the process tells the web server about itself.

use chrono::{DateTime, Utc};

/// Kind of a figure for a monitoring system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CounterKind {
    /// It only grows, apart from restarts.
    Counter,
    /// It goes up and down.
    Gauge,
}

/// One figure for `/metrics`: a count, never a name or an address.
#[derive(Debug, Clone, PartialEq)]
pub struct Counter {
    /// Its name, for instance `rollcall_events_total`.
    pub name: &'static str,
    /// What it counts.
    pub help: &'static str,
    /// Whether it only grows.
    pub kind: CounterKind,
    /// Labels and their values.
    pub labels: Vec<(&'static str, String)>,
    /// The value.
    pub value: f64,
}

/// A collector that the process runs itself, as it is now. What is counted is counted
/// since the process started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectorNow {
    /// Its name, as in the column `collector`.
    pub name: String,
    /// How it comes by its records.
    pub kind: &'static str,
    /// What it is doing.
    pub state: &'static str,
    /// When it last stored records.
    pub last_received: Option<DateTime<Utc>>,
    /// Records that it stored.
    pub records: u64,
    /// Records that came and couldn't be stored.
    pub dropped: u64,
    /// The time of the newest event that it has read, where it follows a log.
    pub reached: Option<DateTime<Utc>>,
    /// Until when it waits after a failure.
    pub waits_until: Option<DateTime<Utc>>,
    /// Connections that are open, where others connect to it.
    pub connections: Option<u64>,
    /// What went wrong last, and when.
    pub last_error: Option<(DateTime<Utc>, String)>,
}

/// A value that the process tells of itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Measure {
    /// Bytes.
    Bytes(u64),
    /// Bytes, of so many.
    BytesOf(u64, u64),
    /// A number of things.
    Count(u64),
    /// A length of time.
    Milliseconds(f64),
    /// An instant.
    At(DateTime<Utc>),
    /// Words.
    Text(String),
}

/// One thing that the process tells of its machine or of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// What it is.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// As it is now.
    pub value: Measure,
    /// What is out of order, and what to do; `None` where nothing is.
    pub trouble: Option<String>,
}

/// What the web server asks the process that it runs in.
pub trait Status: Send + Sync {
    /// Whether events are taken in and answers given; else why not.
    fn ready(&self) -> Result<(), String>;
    /// Bytes in the log that aren't sealed yet.
    fn log_bytes(&self) -> u64;
    /// Rows in memory that aren't sealed yet.
    fn tail_rows(&self) -> u64;
    /// When rows were last sealed.
    fn last_seal(&self) -> Option<DateTime<Utc>>;
    /// The program's version.
    fn version(&self) -> &str;
    /// Everything that `/metrics` shows.
    fn counters(&self) -> Vec<Counter>;
    /// The collectors that it runs itself.
    fn collectors(&self) -> Vec<CollectorNow>;
    /// What there is to say of its machine and of itself.
    fn readings(&self) -> Vec<Reading>;
}
