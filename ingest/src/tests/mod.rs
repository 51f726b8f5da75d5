//! The way from bytes to rows as a whole, within one process.
//!
//! ```text
//! bench       a data directory, opened as a server or an import would
//! hooking     webhooks and answers, as collectors
//! importing   files: their chunks, names and sums
//! marking     how far an input has come, kept with its records
//! replaying   quarantined records read again
//! restarting  a stream that is split over a restart
//! ```

mod bench;
mod hooking;
mod importing;
mod marking;
mod replaying;
mod restarting;
