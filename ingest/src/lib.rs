//! Bytes in, rows out. The folders follow the way of the data.
//!
//! ```text
//! input    HTTP requests and files: bytes, expanded, cut into records
//! log      raw bytes, durable before anything is acknowledged
//! source   one adapter a vendor: records into events
//! redact   secrets cut out before a row is made
//! tail     rows that are visible but not sealed; seals them
//! intake   the log and the tail, started together: what a server has
//! import   files, for which the file itself is the log
//! memory   what a reader with state must see again after a restart
//! replay   quarantined records read again, after a fix
//! table    directory and factor snapshots from CSV
//! probe    parsers by themselves, to be fuzzed and measured
//! ```

mod error;
mod import;
mod input;
mod intake;
mod log;
mod memory;
#[doc(hidden)]
pub mod probe;
mod redact;
mod replay;
pub mod source;
mod table;
mod tail;
#[cfg(test)]
mod tests;

pub use error::{IngestError, Result};
pub use import::{FileReport, ImportReport, Importer, Progress};
pub use input::http::{Collector, HttpLimits, Tokens, router};
pub use intake::{Intake, StartReport, Stored};
pub use log::{LogError, LogSettings};
pub use replay::{ReplayChoice, ReplayReport, replay};
pub use table::{TableReport, import_factors, import_people};
pub use tail::{Pipeline, PipelineError, PipelineSettings, PipelineStatus, ReadSettings, Sums};
