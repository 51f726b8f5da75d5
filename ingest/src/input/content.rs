//! What a file is known by: the hash of what it holds, expanded. A log and its
//! compressed copy are one file; a log that has grown is the one that it was, with
//! more behind it.

use std::io::{self, ErrorKind, Read};

use sha2::{Digest, Sha256};

/// What a file held when it was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Earlier {
    /// The stream that it is.
    pub(crate) shard: i32,
    /// Records in it.
    pub(crate) records: i64,
    /// SHA-256 of its content, hex.
    pub(crate) sha256: String,
    /// Bytes of its content.
    pub(crate) bytes: u64,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content {
    /// SHA-256 of it, hex.
    pub(crate) sha256: String,
    /// Its bytes, expanded.
    pub(crate) bytes: u64,
    /// Whether it ends with a line's end: only then may more lines follow.
    pub(crate) is_whole: bool,
    /// The longest content that an earlier file had, if this one begins with it.
    pub(crate) grown_from: Option<Earlier>,
}

impl Content {
    /// Reads it all. What can't be expanded ends it: what came before counts.
    ///
    /// # Errors
    /// If the system can't read the file.
    pub(crate) fn of(mut reader: impl Read, earlier: &[Earlier]) -> io::Result<Self> {
        let mut marks: Vec<&Earlier> = earlier.iter().filter(|one| one.bytes > 0).collect();
        marks.sort_by_key(|one| one.bytes);
        let mut marks = marks.into_iter().peekable();
        let mut hash = Sha256::new();
        let mut content =
            Self { sha256: String::new(), bytes: 0, is_whole: false, grown_from: None };
        let mut beginnings: Vec<&Earlier> = Vec::new();
        let mut buffer = vec![0; 1 << 20];
        loop {
            let read = match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.raw_os_error().is_some() => return Err(error),
                Err(_) => break,
            };
            let mut some = buffer.get(..read).unwrap_or_default();
            while let Some(mark) =
                marks.next_if(|mark| mark.bytes <= content.bytes + some.len() as u64)
            {
                let before = usize::try_from(mark.bytes - content.bytes).unwrap_or_default();
                let (head, rest) = some.split_at_checked(before).unwrap_or((some, &[]));
                hash.update(head);
                content.bytes += head.len() as u64;
                some = rest;
                if hex::encode(hash.clone().finalize()) == mark.sha256 {
                    beginnings.push(mark);
                }
            }
            hash.update(some);
            content.bytes += some.len() as u64;
            content.is_whole = buffer.get(read - 1) == Some(&b'\n');
        }
        content.sha256 = hex::encode(hash.finalize());
        // The same content is the same file, not a grown one.
        let shorter = beginnings.iter().rev().find(|one| one.bytes < content.bytes);
        content.grown_from = shorter.map(|one| (*one).clone());
        Ok(content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, earlier: &[Earlier]) -> Content {
        // A few bytes at a time, so that marks fall within and between reads.
        struct Slow<'a>(&'a [u8]);
        impl Read for Slow<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let some = self.0.len().min(3).min(buffer.len());
                buffer[..some].copy_from_slice(&self.0[..some]);
                self.0 = &self.0[some..];
                Ok(some)
            }
        }
        Content::of(Slow(text.as_bytes()), earlier).expect("read")
    }

    #[test]
    fn a_grown_file_is_told_by_its_longest_beginning() {
        let earlier: Vec<Earlier> =
            ["one\n", "one\ntwo\n", "one\ntoo\n", "one\ntwo\nthree\nfour\n"]
                .iter()
                .zip(1..)
                .map(|(text, shard)| {
                    let content = of(text, &[]);
                    assert!(content.is_whole);
                    Earlier { shard, records: 0, sha256: content.sha256, bytes: content.bytes }
                })
                .collect();
        let grown = of("one\ntwo\nthree\n", &earlier);
        assert_eq!(grown.grown_from.map(|one| one.shard), Some(2));
        assert_eq!((grown.bytes, grown.is_whole), (14, true));
        assert_eq!(grown.sha256, hex::encode(Sha256::digest("one\ntwo\nthree\n")));
        assert_eq!(of("one\ntwo\n", &earlier).grown_from.map(|one| one.shard), Some(1));
        assert_eq!(of("two\none\n", &earlier).grown_from, None);
        assert!(!of("one\ntw", &earlier).is_whole);
    }
}
