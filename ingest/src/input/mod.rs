//! Ways in. All of them write to the log; an import is its own log.
//!
//! ```text
//! decode    compressed bytes, under a cap
//! records   bytes into records
//! http      POST /v1/events, and Splunk's HTTP Event Collector
//! content   what a file is known by
//! file      files and folders, block by block
//! ```

pub(crate) mod content;
pub mod decode;
pub(crate) mod file;
pub mod http;
pub mod records;
