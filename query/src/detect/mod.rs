//! Detectors: what is odd in the events, while they come in.
//!
//! ```text
//! id         texts as numbers
//! row        one event as detectors see it
//! meaning    what operations mean to detectors
//! accounts   who is behind a login
//! places     what an address says
//! names      texts behind numbers, for words
//! reader     Arrow columns into rows
//! walk       rows of many files in the order of their times
//! seen       which rows were looked at
//!
//! aged, window   tables with a limit; windows that slide
//! habits     what is usual for people, teams, all
//! parameter  what can be set of a detector
//! detector/  the detectors, a file each
//! registry   the table of them
//! incident   what goes on becomes one alert and its updates
//! engine     all detectors together
//!
//! settings   what an operator sets
//! saved      what they know, in a derived file
//! detection  what is new in a catalog, once
//! policies   policies that ask for less, by snapshots
//! backtest   what they would have raised
//! alert, triage   the events that are written
//! doc        docs/detectors.md
//! ```
//!
//! A detector that looks at counts of hours is a row like any other: it counts in `look`, and
//! judges when an hour is over.

mod accounts;
mod aged;
mod alert;
mod backtest;
mod detection;
mod detector;
mod doc;
mod engine;
mod habits;
mod id;
mod incident;
mod meaning;
mod names;
mod parameter;
mod places;
mod policies;
mod reader;
mod registry;
mod row;
mod saved;
mod seen;
mod settings;
#[cfg(test)]
mod tests;
mod triage;
mod walk;
mod window;

pub use alert::{About, Alert, Severity};
pub use backtest::{Backtest, Raised, Rate, backtest};
pub use detection::{Detection, Looked};
pub(crate) use detection::{newest_time, pairs};
pub use doc::document;
pub use parameter::{Parameter, Unit};
pub use places::Range;
pub use registry::{DetectorInfo, detector, detectors};
pub use settings::DetectSettings;
pub use triage::{MOST_NOTE, Step, Triage, Verdict};
