//! Lines that are stored together, of one or several files.

use std::io;
use std::time::Instant;

use super::followed::{Answer, Followed, Look};
use super::settings::Rules;
use crate::input::listed::Listed;
use crate::input::sink::{ALONE, Piece};

/// Lines that are stored together.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) records: Listed,
    /// Whether it is the beginning of a line that was too long.
    pub(super) is_cut_off: bool,
    /// Whether some file is read further than before.
    pub(super) has_moved: bool,
}

impl Taken {
    /// Whether nothing more goes with it.
    pub(super) fn is_full(&self) -> bool {
        self.is_cut_off || self.records.len() >= ALONE
    }

    /// Reads what is new in a file, as far as there is room.
    pub(super) fn read(
        &mut self,
        file: &mut Followed,
        rules: &Rules,
        now: Instant,
    ) -> io::Result<Look> {
        loop {
            match file.look(rules.most, now, &mut |piece| self.take(piece))? {
                Look::Lines => self.has_moved = true,
                Look::Nothing => break,
                other => return Ok(other),
            }
            if self.is_full() {
                return Ok(Look::Lines);
            }
        }
        let since = file.replaced.map(|replaced| replaced.max(file.grown));
        if since.is_none_or(|since| now.duration_since(since) < rules.quiet) {
            return Ok(Look::Nothing);
        }
        let looked = file.last_line(rules.most, now, &mut |piece| self.take(piece))?;
        self.has_moved |= looked == Look::Lines;
        Ok(looked)
    }

    /// Takes a line, if it may stand with those that are there: one whose beginning alone
    /// is there is stored apart, under a source that nobody has; a long one by itself.
    fn take(&mut self, piece: Piece<'_>) -> Answer {
        let bytes = piece.bytes();
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Answer::More;
        }
        let is_apart = matches!(piece, Piece::CutOff(_)) || bytes.len() >= ALONE;
        if is_apart && !self.records.is_empty() {
            return Answer::NotNow;
        }
        self.records.push(bytes);
        self.is_cut_off = matches!(piece, Piece::CutOff(_));
        if is_apart || self.is_full() { Answer::Enough } else { Answer::More }
    }
}
