//! What an event is, and nothing about where it comes from or goes to.
//!
//! ```text
//! vocabulary   closed enums with an unknown arm (activity, outcome, factor, …)
//! column       the static table of columns: field id, type, group, meaning
//! event        one event as an adapter gives it, before it has a position
//! assign       an event's columns set by their names
//! position     (shard, seq, part): a row's identity everywhere
//! rows         events into Arrow, column by column
//! arrow        the Arrow schema of each table, with field ids
//! delta        the same schemas in Delta's JSON form
//! row_hash     `rollcall-row-v1`: canonical bytes of a row and its hash
//! set_aside    verdicts over records that gave no row
//! sparse       columns in which most rows say nothing
//! tail         rows that are visible but not sealed yet
//! directory    people and factor snapshots
//! policy       policies as code, and marked times
//! ocsf         OCSF 1.8 class, activity and status numbers
//! append       how events of rollcall's own get into the log
//! ```

mod append;
pub mod arrow;
mod assign;
pub mod column;
pub mod delta;
pub mod directory;
mod event;
pub mod ocsf;
pub mod policy;
mod position;
pub mod row_hash;
mod rows;
mod set_aside;
mod sparse;
mod tail;
mod vocabulary;

pub use append::{Append, AppendError};
pub use assign::{Assignable, Assigned, assignable};
pub use event::{Event, FactorStep, PolicyStep};
pub use position::{Position, Record};
pub use rows::EventRows;
pub use set_aside::{SetAside, SetAsideRows, Verdict};
pub use tail::Tail;
pub use vocabulary::{
    Activity, Credential, DurationBasis, Factor, Mfa, Outcome, Platform, PolicyMode, PolicyResult,
    Reason,
};
