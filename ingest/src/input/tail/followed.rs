//! One file: what is new in it.

use std::fs::File;
use std::io;
use std::time::Instant;

use memchr::memchr;

use super::found::Found;
use super::mark::{Known, modified};
use super::print::{Print, read_at};
use crate::input::decode::Compression;
use crate::input::sink::Piece;

/// First bytes that a file is known by.
const HEAD: u64 = 1024;
/// Bytes before the offset that it is known by.
const BEFORE: u64 = 256;
/// Bytes that are read at once, beside a longest line.
const CHUNK: usize = 1 << 20;

/// A file that is followed.
#[derive(Debug)]
pub(super) struct Followed {
    pub(super) known: Known,
    file: File,
    /// Size and time of writing when all was read; none where more may be there.
    settled: Option<(u64, i64)>,
    /// Since when it isn't under a path that is followed.
    pub(super) replaced: Option<Instant>,
    /// When something new was last seen in it.
    pub(super) grown: Instant,
    /// What was told of it, as long as that goes on.
    pub(super) told: Option<String>,
    /// Whether it is compressed: nothing of it is read.
    is_compressed: bool,
}

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is taken, and so is the next.
    More,
    /// It is taken, and that is enough for now.
    Enough,
    /// It isn't taken now.
    NotNow,
}

/// What is asked about each line.
pub(super) type Give<'g> = &'g mut dyn FnMut(Piece<'_>) -> Answer;

/// What a look at a file showed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Nothing that is new.
    Nothing,
    /// Some lines; there may be more.
    Lines,
    /// It holds less than was read of it, or something else.
    CutShort,
    /// It is compressed.
    Compressed,
    /// The next line isn't taken now.
    Held,
}

impl Followed {
    pub(super) fn new(found: Found, known: Known, now: Instant) -> Self {
        let Found { file, .. } = found;
        let (settled, replaced, told) = (None, None, None);
        Self { known, file, settled, replaced, grown: now, told, is_compressed: false }
    }

    /// Its size and time of writing when all was read that could be.
    pub(super) const fn settled(&self) -> Option<(u64, i64)> {
        self.settled
    }

    /// Whether nothing of it waits to be read.
    pub(super) const fn is_settled(&self) -> bool {
        self.settled.is_some() || self.is_compressed
    }

    /// Whether another file begins with the same bytes, as far as it goes.
    pub(super) fn begins_like(&self, found: &Found) -> io::Result<bool> {
        let some = found.metadata.len().min(HEAD);
        Ok(Print::read(&self.file, 0, some)? == Print::read(&found.file, 0, some)?)
    }

    /// Reads some of what is new, gives its lines and moves on behind those that are taken.
    pub(super) fn look(&mut self, most: usize, now: Instant, give: Give<'_>) -> io::Result<Look> {
        let metadata = self.file.metadata()?;
        let state = (metadata.len(), modified(&metadata));
        if self.is_compressed || self.settled == Some(state) {
            return Ok(Look::Nothing);
        }
        if state.0 < self.known.offset {
            return Ok(Look::CutShort);
        }
        let before = usize::try_from(self.known.before.bytes).unwrap_or_default();
        let at = self.known.offset.saturating_sub(self.known.before.bytes);
        let unread = usize::try_from(state.0 - self.known.offset).unwrap_or(usize::MAX);
        let wanted = unread.min(CHUNK.max(most + 1));
        let mut buffer = vec![0; before + wanted];
        let read = read_at(&self.file, &mut buffer, at)?;
        buffer.truncate(read);
        let (Some(seen), Some(new)) = (buffer.get(..before), buffer.get(before..)) else {
            return Ok(Look::CutShort);
        };
        if Print::of(seen) != self.known.before && before > 0 {
            return Ok(Look::CutShort);
        }
        let content = Compression::of_content(new);
        if self.known.offset == 0 && matches!(content, Compression::Gzip | Compression::Zstd) {
            self.is_compressed = true;
            return Ok(Look::Compressed);
        }
        let (taken, in_long, is_held) = lines(new, most, self.known.in_long, give);
        if taken == 0 && is_held {
            return Ok(Look::Held);
        }
        if taken == 0 {
            self.settled = (new.len() >= unread).then_some(state);
            return Ok(Look::Nothing);
        }
        self.known.in_long = in_long;
        self.move_on(&buffer, before + taken, taken)?;
        self.known.modified = state.1;
        self.grown = now;
        Ok(Look::Lines)
    }

    /// Gives the last line of a file that nobody writes any more, though it doesn't end.
    pub(super) fn last_line(
        &mut self,
        most: usize,
        now: Instant,
        give: Give<'_>,
    ) -> io::Result<Look> {
        let size = self.file.metadata()?.len();
        if self.is_compressed || size <= self.known.offset {
            return Ok(Look::Nothing);
        }
        let before = usize::try_from(self.known.before.bytes).unwrap_or_default();
        let at = self.known.offset.saturating_sub(self.known.before.bytes);
        let rest = usize::try_from(size - self.known.offset).unwrap_or(usize::MAX).min(most);
        let mut buffer = vec![0; before + rest];
        let read = read_at(&self.file, &mut buffer, at)?;
        buffer.truncate(read);
        let line = buffer.get(before..).unwrap_or_default();
        if !self.known.in_long && give(Piece::Whole(without_return(line))) == Answer::NotNow {
            return Ok(Look::Held);
        }
        let taken = line.len();
        self.move_on(&buffer, before + taken, taken)?;
        self.known.in_long = false;
        self.settled = None;
        self.grown = now;
        Ok(Look::Lines)
    }

    /// It was cut short: what it holds now is read from its start.
    pub(super) fn start_again(&mut self) {
        self.known.offset = 0;
        self.known.head = Print::default();
        self.known.before = Print::default();
        self.known.in_long = false;
        self.settled = None;
    }

    /// Passes over what it holds, up to its last line's beginning.
    pub(super) fn go_to_end(&mut self) -> io::Result<()> {
        let size = self.file.metadata()?.len();
        let some = size.min(CHUNK as u64);
        let mut buffer = vec![0; usize::try_from(some).unwrap_or_default()];
        let read = read_at(&self.file, &mut buffer, size - some)?;
        buffer.truncate(read);
        let end = memchr::memrchr(b'\n', &buffer).map_or(0, |at| at + 1);
        self.known.offset = size - some;
        // A line of over a megabyte without an end is passed over as well.
        self.known.in_long = end == 0 && size > some;
        self.move_on(&buffer, end, end)
    }

    /// Moves the offset on by `taken` bytes, which lie before `end` of what was read last.
    fn move_on(&mut self, buffer: &[u8], end: usize, taken: usize) -> io::Result<()> {
        self.known.offset += taken as u64;
        let some = usize::try_from(BEFORE.min(self.known.offset)).unwrap_or_default().min(end);
        self.known.before = Print::of(buffer.get(end - some..end).unwrap_or_default());
        let head = HEAD.min(self.known.offset);
        if self.known.head.bytes < head {
            self.known.head = Print::read(&self.file, 0, head)?;
        }
        Ok(())
    }
}

/// Gives the lines of some bytes. Returns how many bytes are taken, whether those end
/// within a line that is too long, and whether the next line wasn't taken.
fn lines(bytes: &[u8], most: usize, mut in_long: bool, give: Give<'_>) -> (usize, bool, bool) {
    let mut taken = 0;
    while let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty()) {
        let end = memchr(b'\n', rest);
        if in_long {
            let Some(end) = end else { return (bytes.len(), true, false) };
            taken += end + 1;
            in_long = false;
            continue;
        }
        let (piece, length) = match end {
            Some(end) if end <= most => {
                let line = rest.get(..end).unwrap_or_default();
                let mark = b"\xef\xbb\xbf";
                let line = line.strip_prefix(mark).filter(|_| taken == 0).unwrap_or(line);
                (Piece::Whole(without_return(line)), end + 1)
            }
            None if rest.len() <= most => break,
            _ => (Piece::CutOff(rest.get(..most).unwrap_or_default()), most),
        };
        let answer = give(piece);
        if answer == Answer::NotNow {
            return (taken, in_long, true);
        }
        taken += length;
        // Its rest is passed over.
        in_long = matches!(piece, Piece::CutOff(_));
        if answer == Answer::Enough {
            break;
        }
    }
    (taken, in_long, false)
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}
