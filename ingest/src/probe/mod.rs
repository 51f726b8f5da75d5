//! Parsers by themselves, given bytes: for fuzzing (`make fuzz`) and measuring. No part
//! of the program's own way, and no promise to anybody.
//!
//! ```text
//! way      payloads through the reader to rows, and what must hold of these
//! parse    records to events and no further
//! piece    what reads bytes before and beside that: bodies, files, the log, redaction
//! ```

mod parse;
mod piece;
#[cfg(test)]
mod tests;
mod way;

pub use parse::{Counts, Parser};
pub use piece::log_file;
pub use way::{Probe, RECEIVED, Taken};

use crate::source::{Source, Sources};

/// Signatures of what an input led to: an input that gives new ones is worth keeping.
pub type Seen = Vec<u64>;

/// One parser.
#[derive(Clone, Copy)]
pub enum Target {
    /// A source's: from a payload to rows.
    Source(&'static Source),
    /// Another one, by its row in the table.
    Piece(&'static piece::Piece),
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Target {
    /// Every parser.
    pub fn all() -> Vec<Self> {
        let sources = Sources::default();
        let sources = sources.iter().map(Self::Source);
        sources.chain(piece::PIECES.iter().map(Self::Piece)).collect()
    }

    /// Its name: a source's, or what is read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Source(source) => source.name,
            Self::Piece(piece) => piece.name,
        }
    }

    /// The folder of what was found in it, within `ingest/`.
    pub fn folder(self) -> String {
        match self {
            Self::Source(source) => format!("src/source/{}/fuzzed", source.name),
            Self::Piece(piece) => format!("src/probe/fuzzed/{}", piece.name),
        }
    }

    /// Gives it an input.
    ///
    /// # Errors
    /// If something doesn't hold that must hold of any input; says what.
    pub fn run(self, input: &[u8]) -> Result<Seen, String> {
        match self {
            Self::Source(source) => way::run(source, input),
            Self::Piece(piece) => (piece.run)(input),
        }
    }
}
