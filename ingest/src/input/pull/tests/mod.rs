//! Collectors against servers in this process that behave as the vendors' documentation
//! says, on a clock that nobody waits for.
//!
//! ```text
//! bench       clock, server, what was stored
//! okta        an endless log: links, late events, refused cursors
//! github      ranges in order: overlaps, limits
//! entra       tokens, ranges newest first, slices
//! duo         signatures, offsets, a log without ids
//! auth0       checkpoints
//! faults      what goes wrong on the way, and secrets
//! factors     snapshots of who has which
//! policies    snapshots of which stand
//! reconciled  what is stored against what a vendor has
//! configured  settings
//! ```

mod auth0;
mod bench;
mod configured;
mod duo;
mod entra;
mod factors;
mod faults;
mod github;
mod okta;
mod policies;
mod reconciled;
