//! What the anchors' tests stand on, and the tests of all kinds together.
//!
//! ```text
//! log     a small ledger
//! server  an HTTP server on loopback that keeps what it was sent
//! whole   push, receipts, reading back
//! ```

mod log;
mod server;
mod whole;

pub(super) use crate::remote::tests::runtime;
pub(super) use log::Log;
pub(super) use server::Server;
