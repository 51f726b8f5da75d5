//! One frame of the embedded log: one request, not one record.
//!
//! `u32 length ‖ u32 crc32c ‖ body`, little-endian; the length is the body's,
//! the checksum over the file's version (a byte) and the body, so that a file is never
//! read as one of another version. Body: `u64 group ‖ i64 first seq ‖ u32 count ‖
//! i64 received ‖ u16 length, source ‖ u16 length, collector ‖ u8 flags ‖ mark ‖
//! payload`. A mark is there where the flags say so: `u64 number ‖ u32 length, text`.
//! `group` is the offset in the file at which the write began that this frame
//! was part of, under the file's mask (exclusive or): frames of one group were
//! acknowledged together or not at all. Whoever sends a payload doesn't know the
//! mask, so that nothing in it can be taken for a frame.

use std::sync::Arc;

use bytes::Bytes;

use crate::input::records::{Records, cut, listed};

use super::Mark;

/// Bytes before the body.
pub(crate) const PREFIX: usize = 8;
/// Bytes that every body has, but the flags.
const FIXED: usize = 8 + 8 + 4 + 8 + 2 + 2;
/// Longest source and collector, bytes.
pub(crate) const NAME: usize = 1024;
/// Flag: records lie behind their lengths.
const LISTED: u8 = 1;
/// Flag: there is a mark.
const MARKED: u8 = 2;

/// Versions of a log file. What is written is the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// Without flags and marks; the checksum is over the body alone.
    Two,
    /// As described above.
    Three,
}

impl Version {
    /// Bytes that every body has.
    const fn fixed(self) -> usize {
        match self {
            Self::Two => FIXED,
            Self::Three => FIXED + 1,
        }
    }

    fn checksum(self, body: &[u8]) -> u32 {
        match self {
            Self::Two => crc32c::crc32c(body),
            Self::Three => crc32c::crc32c_append(crc32c::crc32c(&[3]), body),
        }
    }
}

/// How records lie in a payload.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// As their own bytes tell: lines, a JSON array, JSON documents.
    #[default]
    Told,
    /// Each behind its length in bytes (`u32`, little-endian): a record may hold anything.
    Listed,
}

impl Layout {
    /// The records of a payload that lies so.
    pub(crate) fn records(self, payload: &[u8]) -> Records<'_> {
        match self {
            Self::Told => cut(payload),
            Self::Listed => listed(payload),
        }
    }
}

/// A request's body on its way from the log to the rows.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Number of the first record.
    pub first_seq: i64,
    /// Records in it.
    pub count: u32,
    /// When it was taken in, µs since 1970 UTC.
    pub received: i64,
    /// The source that the sender named; empty where it named none.
    pub source: String,
    /// Who sent it.
    pub collector: String,
    /// How its records lie in the payload.
    pub layout: Layout,
    /// How far its collector has come with it, where that follows something.
    pub mark: Option<Arc<Mark>>,
    /// The bytes, as sent, expanded.
    pub payload: Bytes,
}

impl Frame {
    /// One past its last record.
    pub fn end(&self) -> i64 {
        self.first_seq + i64::from(self.count)
    }

    /// The frame's bytes before the payload, of a group in a file with a mask.
    pub(crate) fn head(&self, group: u64, mask: u64) -> Vec<u8> {
        let marked = self.mark.as_ref().map_or(0, |mark| 12 + mark.text.len());
        let texts = self.source.len() + self.collector.len();
        let mut body = Vec::with_capacity(Version::Three.fixed() + texts + marked);
        body.extend_from_slice(&(group ^ mask).to_le_bytes());
        body.extend_from_slice(&self.first_seq.to_le_bytes());
        body.extend_from_slice(&self.count.to_le_bytes());
        body.extend_from_slice(&self.received.to_le_bytes());
        for text in [&self.source, &self.collector] {
            let text = text.as_bytes().get(..text.len().min(NAME)).unwrap_or_default();
            body.extend_from_slice(&u16::try_from(text.len()).unwrap_or_default().to_le_bytes());
            body.extend_from_slice(text);
        }
        let listed = if self.layout == Layout::Listed { LISTED } else { 0 };
        body.push(listed | if self.mark.is_some() { MARKED } else { 0 });
        if let Some(mark) = &self.mark {
            body.extend_from_slice(&mark.number.to_le_bytes());
            // Refused where it is longer than 64 KiB.
            let length = u32::try_from(mark.text.len()).unwrap_or_default();
            body.extend_from_slice(&length.to_le_bytes());
            body.extend_from_slice(mark.text.as_bytes());
        }
        let length = u32::try_from(body.len() + self.payload.len()).unwrap_or(u32::MAX);
        let checksum = crc32c::crc32c_append(Version::Three.checksum(&body), &self.payload);
        let mut head = Vec::with_capacity(PREFIX + body.len());
        head.extend_from_slice(&length.to_le_bytes());
        head.extend_from_slice(&checksum.to_le_bytes());
        head.extend_from_slice(&body);
        head
    }
}

/// A frame that was read, and where it ends.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) frame: Frame,
    pub(crate) group: u64,
    pub(crate) end: usize,
}

/// Reads the frame at `at` of a file with a mask; `None` if there is no whole,
/// intact one.
pub(crate) fn decode(file: &Bytes, at: usize, mask: u64, version: Version) -> Option<Decoded> {
    let prefix = file.get(at..at + PREFIX)?;
    let (length, checksum) = prefix.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let checksum = u32::from_le_bytes(checksum.try_into().ok()?);
    if length < version.fixed() {
        return None;
    }
    let start = at + PREFIX;
    let end = start.checked_add(length)?;
    let body = file.get(start..end)?;
    // Before the checksum over all of it: a search for frames looks everywhere.
    if !head_may_be(body, at, mask, version) || version.checksum(body) != checksum {
        return None;
    }
    let (group, rest) = body.split_first_chunk()?;
    let (first_seq, rest) = rest.split_first_chunk()?;
    let (count, rest) = rest.split_first_chunk()?;
    let (received, rest) = rest.split_first_chunk()?;
    let (source, rest) = text(rest)?;
    let (collector, rest) = text(rest)?;
    let (layout, mark, payload) = match version {
        Version::Two => (Layout::Told, None, rest),
        Version::Three => flagged(rest)?,
    };
    let frame = Frame {
        first_seq: i64::from_le_bytes(*first_seq),
        count: u32::from_le_bytes(*count),
        received: i64::from_le_bytes(*received),
        source,
        collector,
        layout,
        mark,
        payload: file.slice(end - payload.len()..end),
    };
    Some(Decoded { frame, group: u64::from_le_bytes(*group) ^ mask, end })
}

/// Whether a body begins as one at `at` may: its group began there or before, its
/// texts lie within it, and it holds a record.
fn head_may_be(body: &[u8], at: usize, mask: u64, version: Version) -> bool {
    let number = |from: usize| {
        let bytes = body.get(from..from + 8).and_then(|bytes| bytes.try_into().ok());
        bytes.map(u64::from_le_bytes)
    };
    let length = |from: usize| {
        let bytes = body.get(from..from + 2).and_then(|bytes| bytes.try_into().ok());
        bytes.map(|bytes| usize::from(u16::from_le_bytes(bytes)))
    };
    let fits = || {
        let source = length(28)?;
        let collector = length(30 + source)?;
        Some(version.fixed() + source + collector <= body.len())
    };
    number(0).is_some_and(|group| group ^ mask <= at as u64)
        && number(8).is_some_and(|first| i64::try_from(first).is_ok())
        && fits().unwrap_or_default()
}

fn text(bytes: &[u8]) -> Option<(String, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (text, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
    Some((String::from_utf8_lossy(text).into_owned(), rest))
}

/// How records lie in a payload, the mark, and the payload.
type Flagged<'b> = (Layout, Option<Arc<Mark>>, &'b [u8]);

/// Flags, the mark, and the payload behind them.
fn flagged(bytes: &[u8]) -> Option<Flagged<'_>> {
    let (flags, rest) = bytes.split_first()?;
    let layout = if flags & LISTED == 0 { Layout::Told } else { Layout::Listed };
    match flags & !LISTED {
        0 => Some((layout, None, rest)),
        MARKED => {
            let (number, rest) = rest.split_first_chunk()?;
            let (length, rest) = rest.split_first_chunk()?;
            let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
            let (text, payload) = rest.split_at_checked(length)?;
            let text = String::from_utf8_lossy(text).into_owned();
            let mark = Mark { number: u64::from_le_bytes(*number), text };
            Some((layout, Some(Arc::new(mark)), payload))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Version = Version::Three;

    fn frame() -> Frame {
        Frame {
            first_seq: 41,
            count: 2,
            received: 1_700_000_000_000_000,
            source: "okta".to_owned(),
            collector: "hook".to_owned(),
            layout: Layout::Told,
            mark: None,
            payload: Bytes::from_static(b"{}\n{}\n"),
        }
    }

    #[test]
    fn a_frame_reads_back() {
        let bytes = Bytes::from([frame().head(0, 77), b"{}\n{}\n".to_vec()].concat());
        assert!(decode(&bytes, 0, 78, NOW).is_none(), "of another file");
        let decoded = decode(&bytes, 0, 77, NOW).expect("intact");
        assert_eq!(decoded.end, bytes.len());
        assert_eq!((decoded.group, decoded.frame.end()), (0, 43));
        assert_eq!(decoded.frame.payload, frame().payload);
        assert_eq!((&*decoded.frame.source, &*decoded.frame.collector), ("okta", "hook"));
    }

    fn marked() -> Frame {
        let mark = Mark { number: 9, text: "page-7".to_owned() };
        Frame { layout: Layout::Listed, mark: Some(Arc::new(mark)), ..frame() }
    }

    #[test]
    fn a_marked_frame_reads_back_also_without_records() {
        for (count, payload) in [(2, &b"{}\n{}\n"[..]), (0, &b""[..])] {
            let frame = Frame { count, payload: Bytes::from_static(payload), ..marked() };
            let bytes = Bytes::from([frame.head(0, 77), payload.to_vec()].concat());
            let decoded = decode(&bytes, 0, 77, NOW).expect("intact").frame;
            let mark = decoded.mark.expect("a mark");
            assert_eq!((mark.number, &*mark.text), (9, "page-7"));
            assert_eq!((decoded.count, decoded.layout), (count, Layout::Listed));
            assert_eq!(decoded.payload, payload);
        }
    }

    #[test]
    fn a_frame_of_version_two_reads_back() {
        let now = frame().head(0, 77);
        // Without the flags, the last byte of a head without a mark.
        let body = [&now[PREFIX..now.len() - 1], b"{}\n{}\n"].concat();
        let length = u32::try_from(body.len()).expect("short").to_le_bytes();
        let checksum = crc32c::crc32c(&body).to_le_bytes();
        let bytes = Bytes::from([&length[..], &checksum, &body].concat());
        assert!(decode(&bytes, 0, 77, NOW).is_none(), "of another version");
        let decoded = decode(&bytes, 0, 77, Version::Two).expect("intact").frame;
        assert_eq!((decoded.layout, decoded.mark), (Layout::Told, None));
        assert_eq!(decoded.payload, frame().payload);
    }

    #[test]
    fn any_flipped_bit_and_any_cut_is_seen() {
        for frame in [frame(), marked()] {
            let whole = [frame.head(0, 77), b"{}\n{}\n".to_vec()].concat();
            for bit in 0..whole.len() * 8 {
                let mut flipped = whole.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                assert!(decode(&Bytes::from(flipped), 0, 77, NOW).is_none(), "bit {bit}");
            }
            for length in 0..whole.len() {
                assert!(decode(&Bytes::copy_from_slice(&whole[..length]), 0, 77, NOW).is_none());
            }
        }
    }
}
