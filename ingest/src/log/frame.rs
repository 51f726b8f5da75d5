//! One frame of the embedded log: one request, not one record.
//!
//! `u32 length ‖ u32 crc32c ‖ body`, little-endian; the length is the body's,
//! the checksum over the body. Body: `u64 group ‖ i64 first seq ‖ u32 count ‖
//! i64 received ‖ u16 length, source ‖ u16 length, collector ‖ payload`.
//! `group` is the offset in the file at which the write began that this frame
//! was part of, under the file's mask (exclusive or): frames of one group were
//! acknowledged together or not at all. Whoever sends a payload doesn't know the
//! mask, so that nothing in it can be taken for a frame.

use bytes::Bytes;

/// Bytes before the body.
pub(crate) const PREFIX: usize = 8;
const FIXED: usize = 8 + 8 + 4 + 8 + 2 + 2;

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
        let mut body = Vec::with_capacity(FIXED + self.source.len() + self.collector.len());
        body.extend_from_slice(&(group ^ mask).to_le_bytes());
        body.extend_from_slice(&self.first_seq.to_le_bytes());
        body.extend_from_slice(&self.count.to_le_bytes());
        body.extend_from_slice(&self.received.to_le_bytes());
        for text in [&self.source, &self.collector] {
            let text = text.as_bytes().get(..text.len().min(1024)).unwrap_or_default();
            body.extend_from_slice(&u16::try_from(text.len()).unwrap_or_default().to_le_bytes());
            body.extend_from_slice(text);
        }
        let length = u32::try_from(body.len() + self.payload.len()).unwrap_or(u32::MAX);
        let checksum = crc32c::crc32c_append(crc32c::crc32c(&body), &self.payload);
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
pub(crate) fn decode(file: &Bytes, at: usize, mask: u64) -> Option<Decoded> {
    let prefix = file.get(at..at + PREFIX)?;
    let (length, checksum) = prefix.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let checksum = u32::from_le_bytes(checksum.try_into().ok()?);
    if length < FIXED {
        return None;
    }
    let start = at + PREFIX;
    let end = start.checked_add(length)?;
    let body = file.get(start..end)?;
    // Before the checksum over all of it: a search for frames looks everywhere.
    if !head_may_be(body, at, mask) || crc32c::crc32c(body) != checksum {
        return None;
    }
    let (group, rest) = body.split_first_chunk()?;
    let (first_seq, rest) = rest.split_first_chunk()?;
    let (count, rest) = rest.split_first_chunk()?;
    let (received, rest) = rest.split_first_chunk()?;
    let (source, rest) = text(rest)?;
    let (collector, payload) = text(rest)?;
    let frame = Frame {
        first_seq: i64::from_le_bytes(*first_seq),
        count: u32::from_le_bytes(*count),
        received: i64::from_le_bytes(*received),
        source,
        collector,
        payload: file.slice(end - payload.len()..end),
    };
    Some(Decoded { frame, group: u64::from_le_bytes(*group) ^ mask, end })
}

/// Whether a body begins as one at `at` may: its group began there or before, its
/// texts lie within it, and it holds a record.
fn head_may_be(body: &[u8], at: usize, mask: u64) -> bool {
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
        Some(FIXED + source + collector <= body.len())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        Frame {
            first_seq: 41,
            count: 2,
            received: 1_700_000_000_000_000,
            source: "okta".to_owned(),
            collector: "hook".to_owned(),
            payload: Bytes::from_static(b"{}\n{}\n"),
        }
    }

    #[test]
    fn a_frame_reads_back() {
        let bytes = Bytes::from([frame().head(0, 77), b"{}\n{}\n".to_vec()].concat());
        assert!(decode(&bytes, 0, 78).is_none(), "of another file");
        let decoded = decode(&bytes, 0, 77).expect("intact");
        assert_eq!(decoded.end, bytes.len());
        assert_eq!((decoded.group, decoded.frame.end()), (0, 43));
        assert_eq!(decoded.frame.payload, frame().payload);
        assert_eq!((&*decoded.frame.source, &*decoded.frame.collector), ("okta", "hook"));
    }

    #[test]
    fn any_flipped_bit_and_any_cut_is_seen() {
        let whole = [frame().head(0, 77), b"{}\n{}\n".to_vec()].concat();
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(&Bytes::from(flipped), 0, 77).is_none(), "bit {bit}");
        }
        for length in 0..whole.len() {
            assert!(decode(&Bytes::copy_from_slice(&whole[..length]), 0, 77).is_none());
        }
    }
}
