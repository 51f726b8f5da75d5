//! What is unusual in counts, latencies and silence: pure functions of plain series, that
//! know nothing of tables. Detectors feed it and turn what it gives into alerts.
//!
//! ```text
//! sighting   one event, as far as counting needs it
//! kind       what is counted, a row each
//! known      who signed in lately, and who failed lately
//! life       when a source talked
//! tally      counts by slot of time
//! calendar   the organisation's week
//! window     lengths of sliding windows, and their grid
//! spread     how widely counts of windows vary
//! model      what a series usually has
//! budget     how much chance each decision may spend; why error control holds
//! series     one series: counts, judgement
//! finding    what is unusual, in words
//! incidents  findings that are one thing to look at
//! standing   what a series lacks to be judged
//! engine     all series together
//!
//! latency    whether signing in takes longer than on the same weekdays before
//! silence    whether a collector is quieter than its own rhythm allows
//! ```
//!
//! ## How to use it
//!
//! ```text
//! let mut engine = Engine::new(Settings::new(Calendar::new(zone, holidays)));
//! for event in batch { engine.see(&sighting(event), now_us); }   // each event once
//! for incident in engine.judge() { … }                           // new or grown
//! serde_json::to_writer(file, engine.memory())                   // survives a restart
//! Engine::resume(settings, memory)
//! ```
//!
//! [`Engine::see`] takes events in any order and counts each when it is given: an event
//! must be given once. History is given the same way, oldest first, with a
//! [`Engine::judge`] now and then (a backtest: each day, or each quarter of an hour for
//! its delays). An incident keeps its key for good; one that is given again has grown.
//! [`Engine::standing`] says what isn't judged yet, and why.
//!
//! What it keeps is bounded: counts by minute of 60 hours and by quarter of an hour of 16
//! weeks for at most 500 services and their sources, where something was counted; names
//! and networks that signed in within 90 days, 2 million of each.

mod budget;
mod calendar;
mod engine;
mod finding;
mod incidents;
mod kind;
mod known;
pub mod latency;
mod life;
mod model;
mod series;
mod sighting;
pub mod silence;
mod spread;
mod standing;
mod tally;
#[cfg(test)]
mod tests;
mod window;

pub use calendar::Calendar;
pub use engine::{Engine, Memory, Settings};
pub use finding::{Finding, Incident};
pub use kind::{About, Group, KINDS, Kind};
pub use sighting::{Sighting, What};
pub use standing::Standing;
