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
}
