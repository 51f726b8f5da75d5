//! Rows that are visible but not sealed yet.
//!
//! ```text
//! reading    records into rows and verdicts; no state but the adapters' own
//! clock      a clock that has been set back
//! judge      duplicates and revisions, in the order of the stream
//! sums       what became of the records, for people
//! unsealed   the batches and what they account for
//! pipeline   the one thread that owns all of it, publishes and seals
//! ```

mod clock;
mod judge;
mod pipeline;
mod reading;
mod sums;
mod unsealed;

pub(crate) use clock::{Clock, believed_until};
pub(crate) use pipeline::{Message, Messages, Run, positions};
pub use pipeline::{Pipeline, PipelineError, PipelineSettings, PipelineStatus};
pub use reading::ReadSettings;
pub(crate) use reading::{CUT_OFF, Chunk, Held, Piece, Reader};
pub use sums::Sums;
