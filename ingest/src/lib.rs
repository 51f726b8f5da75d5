//! Bytes in, rows out. The folders follow the way of the data.
//!
//! ```text
//! input    HTTP requests and files: bytes, expanded, cut into records
//! log      raw bytes, durable before anything is acknowledged
//! source   one adapter a vendor: records into events
//! redact   secrets cut out before a row is made
//! tail     rows that are visible but not sealed; seals them
//! intake   the log and the tail, started together: what a server has
//! append   events of rollcall's own into the log
//! feedback what people say of signing in
//! notify   alerts on their way out: a webhook, a topic
//! import   files, for which the file itself is the log
//! memory   what a reader with state must see again after a restart
//! replay   quarantined records read again, after a fix
//! reconcile   what vendors have, asked again and compared with what is stored
//! unsealed what only the log holds, for readers
//! table    directory and factor snapshots, from files and from vendors
//! scim     the directory, written by an identity provider
//! probe    parsers by themselves, to be fuzzed and measured
//! ```

mod append;
mod error;
pub mod feedback;
mod import;
mod input;
mod intake;
mod log;
mod memory;
pub mod notify;
#[doc(hidden)]
pub mod probe;
pub mod reconcile;
mod redact;
mod replay;
pub mod scim;
pub mod source;
mod table;
mod tail;
#[cfg(test)]
mod tests;
mod unsealed;

pub use error::{IngestError, Result};
pub use import::{FileReport, ImportReport, Importer, Progress};
pub use input::error::InputError;
pub use input::health::{
    CollectorError, CollectorHealth, CollectorKind, CollectorState, Collectors, Meter,
};
pub use input::http::{Collector, HttpLimits, Tokens, router};
pub use input::inputs::{Inputs, Running};
pub use input::listed::Listed;
pub use input::sink::{IntoLog, NotStored, Sink};
pub use input::{pull, syslog, tail as follow};
pub use intake::{Intake, StartReport};
pub use log::kafka::{
    KafkaLogError, KafkaProducer, KafkaSettings, KafkaTopic, KafkaWorker, PartitionLag,
    WorkerStatus, kafka_lag,
};
pub use log::{Batch, LogError, LogSettings, Stored};
pub use replay::{ReplayChoice, ReplayReport, replay};
pub use table::{
    PolicyChange, PolicyVersion, StoredVersion, TableReport, has_factors, has_policies,
    import_annotations, import_factors, import_people, pull_factors, pull_policies, store_version,
    tell_of_load,
};
pub use tail::{Pipeline, PipelineError, PipelineSettings, PipelineStatus, ReadSettings, Sums};
pub use unsealed::unsealed;
