//! One file of the log: a header, then frames.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::LogError;
use super::frame::{Frame, Layout, PREFIX, Version, decode};

/// What a file begins with. Those of version 2 are read, for an upgrade with a log
/// that isn't sealed; none is written.
const MAGIC: &[u8; 8] = b"rclog\0\0\x03";
const MAGIC_TWO: &[u8; 8] = b"rclog\0\0\x02";
/// Bytes of the header: the magic, the first record's number, the mask.
pub(crate) const HEADER: usize = 24;

/// The name of the file whose first record is `first_seq`; names sort as numbers.
pub(crate) fn name(first_seq: i64) -> String {
    format!("{first_seq:020}.log")
}

/// A file that was just made.
#[derive(Debug)]
pub(crate) struct Created {
    pub(crate) file: File,
    pub(crate) path: PathBuf,
    /// What its frames' groups are masked with.
    pub(crate) mask: u64,
}

/// Makes a new file, header and directory entry durable.
pub(crate) fn create(directory: &Path, first_seq: i64) -> Result<Created, LogError> {
    let path = directory.join(name(first_seq));
    let (mask, _) = uuid::Uuid::new_v4().as_u64_pair();
    let make = || -> std::io::Result<File> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(MAGIC)?;
        file.write_all(&first_seq.to_le_bytes())?;
        file.write_all(&mask.to_le_bytes())?;
        file.sync_all()?;
        File::open(directory)?.sync_all()?;
        Ok(file)
    };
    let file = make().map_err(LogError::file("can't make the log file", &path))?;
    Ok(Created { file, path, mask })
}

/// Opens a file that takes more frames, with its length.
pub(crate) fn reopen(path: &Path) -> Result<(Created, u64), LogError> {
    let open = || -> std::io::Result<(Vec<u8>, File, u64)> {
        let mut file = OpenOptions::new().read(true).append(true).open(path)?;
        let mut header = vec![0; HEADER];
        file.read_exact(&mut header)?;
        let bytes = file.metadata()?.len();
        Ok((header, file, bytes))
    };
    let (found, file, bytes) = open().map_err(LogError::file("can't open", path))?;
    match header(&found) {
        Some(Header { version: Version::Three, mask, .. }) => {
            Ok((Created { file, path: path.to_owned(), mask }, bytes))
        }
        _ => Err(LogError::Damaged { path: path.to_owned(), offset: 0 }),
    }
}

/// What a file holds.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) first_seq: i64,
    pub(crate) frames: Vec<Frame>,
    /// Where a torn end begins, if the file has one.
    pub(crate) torn_at: Option<usize>,
}

/// Reads a file. A torn frame at the very end was never acknowledged and is
/// reported; a damaged one with an intact one of a later group behind it was.
pub(crate) fn read(path: &Path) -> Result<Contents, LogError> {
    let bytes = Bytes::from(fs::read(path).map_err(LogError::file("can't read", path))?);
    parse(path, &bytes)
}

/// The same of a file's bytes.
pub(crate) fn parse(path: &Path, bytes: &Bytes) -> Result<Contents, LogError> {
    let Some(header) = header(bytes) else {
        // A file is made with its header before any frame; a shorter one is
        // the remains of a crash at that moment.
        if bytes.len() <= HEADER {
            return Ok(Contents { first_seq: 0, frames: Vec::new(), torn_at: Some(0) });
        }
        return Err(LogError::Damaged { path: path.to_owned(), offset: 0 });
    };
    let first_seq = header.first_seq;
    if let Some(offset) = damaged_header(path, bytes, header) {
        return Err(LogError::Damaged { path: path.to_owned(), offset });
    }
    let mut frames = Vec::new();
    let mut at = HEADER;
    while at < bytes.len() {
        let Some(decoded) = decode(bytes, at, header.mask, header.version) else {
            if acknowledged_behind(bytes, at, header) {
                return Err(LogError::Damaged { path: path.to_owned(), offset: at });
            }
            return Ok(Contents { first_seq, frames, torn_at: Some(at) });
        };
        at = decoded.end;
        frames.push(decoded.frame);
    }
    Ok(Contents { first_seq, frames, torn_at: None })
}

/// A file's bytes with a frame for each payload, in groups of two, under a fixed mask.
pub(crate) fn image(payloads: &[&[u8]]) -> Vec<u8> {
    const MASK: u64 = 0x5eed_5eed_5eed_5eed;
    let mut bytes = [&MAGIC[..], &0_i64.to_le_bytes(), &MASK.to_le_bytes()].concat();
    let mut seq = 0;
    for group in payloads.chunks(2) {
        let begun = bytes.len() as u64;
        for payload in group {
            let frame = Frame {
                first_seq: seq,
                count: 1,
                received: 0,
                source: "okta".to_owned(),
                collector: "hook".to_owned(),
                layout: Layout::Told,
                mark: None,
                payload: Bytes::copy_from_slice(payload),
            };
            bytes.extend(frame.head(begun, MASK));
            bytes.extend_from_slice(payload);
            seq += 1;
        }
    }
    bytes
}

/// What stands at a file's beginning.
#[derive(Debug, Clone, Copy)]
struct Header {
    version: Version,
    /// The first record's number.
    first_seq: i64,
    mask: u64,
}

fn header(bytes: &[u8]) -> Option<Header> {
    let (magic, rest) = bytes.split_first_chunk::<8>()?;
    let (first_seq, rest) = rest.split_first_chunk::<8>()?;
    let (mask, _) = rest.split_first_chunk::<8>()?;
    let version = match magic {
        magic if magic == MAGIC => Version::Three,
        magic if magic == MAGIC_TWO => Version::Two,
        _ => return None,
    };
    let first_seq = i64::from_le_bytes(*first_seq);
    Some(Header { version, first_seq, mask: u64::from_le_bytes(*mask) })
}

/// Where the header is damaged, if it is. It has no checksum, but what it says is
/// said twice: the first record's number by the file's name, mask and version by the
/// first frame, whose group begins behind the header. No payload can lie there.
fn damaged_header(path: &Path, bytes: &Bytes, header: Header) -> Option<usize> {
    let Header { version, first_seq, mask } = header;
    let other = match version {
        Version::Two => Version::Three,
        Version::Three => Version::Two,
    };
    if path.file_name().is_none_or(|found| found != name(first_seq).as_str()) {
        return Some(8);
    }
    let group = bytes.get(HEADER + PREFIX..)?.first_chunk::<8>()?;
    let masked_with = u64::from_le_bytes(*group) ^ HEADER as u64;
    if masked_with != mask && decode(bytes, HEADER, masked_with, version).is_some() {
        return Some(16);
    }
    decode(bytes, HEADER, mask, other).is_some().then_some(7)
}

/// Whether an intact frame of a later group lies behind `bad`: then the bad one's
/// group had been acknowledged before that one was written.
fn acknowledged_behind(bytes: &Bytes, bad: usize, header: Header) -> bool {
    (bad + 1..bytes.len()).any(|at| {
        decode(bytes, at, header.mask, header.version).is_some_and(|found| {
            usize::try_from(found.group).is_ok_and(|group| group > bad && group <= at)
        })
    })
}

/// Cuts a torn end off, durably.
pub(crate) fn truncate(path: &Path, at: usize) -> Result<(), LogError> {
    let cut = || -> std::io::Result<()> {
        let file = OpenOptions::new().write(true).open(path)?;
        file.set_len(at as u64)?;
        file.sync_all()
    };
    cut().map_err(LogError::file("can't truncate", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(groups: &[&[&'static str]]) -> (tempfile::TempDir, PathBuf, Vec<usize>) {
        let scratch = tempfile::tempdir().expect("a directory");
        let Created { mut file, path, mask } = create(scratch.path(), 5).expect("a file");
        let mut offset = HEADER;
        let mut starts = Vec::new();
        let mut seq = 5;
        for group in groups {
            let begun = offset as u64;
            for payload in *group {
                let frame = Frame {
                    first_seq: seq,
                    count: 1,
                    received: 0,
                    source: String::new(),
                    collector: String::new(),
                    layout: Layout::Told,
                    mark: None,
                    payload: Bytes::from_static(payload.as_bytes()),
                };
                let bytes = [frame.head(begun, mask), payload.as_bytes().to_vec()].concat();
                file.write_all(&bytes).expect("written");
                starts.push(offset);
                offset += bytes.len();
                seq += 1;
            }
        }
        (scratch, path, starts)
    }

    fn flip(path: &Path, at: usize) {
        let mut bytes = fs::read(path).expect("bytes");
        bytes[at] ^= 1;
        fs::write(path, bytes).expect("written");
    }

    #[test]
    fn frames_read_back_in_order() {
        let (_scratch, path, _) = written(&[&["a", "b"], &["c"]]);
        let contents = read(&path).expect("intact");
        let payloads: Vec<_> = contents.frames.iter().map(|f| f.payload.clone()).collect();
        assert_eq!(payloads, ["a", "b", "c"]);
        assert_eq!((contents.first_seq, contents.torn_at), (5, None));
    }

    #[test]
    fn a_torn_end_is_told_from_damage_in_the_middle() {
        let (_scratch, path, starts) = written(&[&["a"], &["b"]]);
        flip(&path, starts[1] + 20);
        let contents = read(&path).expect("a torn end");
        assert_eq!((contents.frames.len(), contents.torn_at), (1, Some(starts[1])));
        flip(&path, starts[1] + 20);
        flip(&path, starts[0] + 20);
        let error = read(&path).expect_err("damage");
        assert!(matches!(error, LogError::Damaged { offset, .. } if offset == starts[0]));
    }

    #[test]
    fn a_damaged_header_is_no_torn_end() {
        for (at, offset) in [(0, 0), (6, 0), (7, 7), (8, 8), (15, 8), (16, 16), (23, 16)] {
            let (_scratch, path, _) = written(&[&["a"], &["b"]]);
            flip(&path, at);
            let error = read(&path).expect_err("damage");
            assert!(
                matches!(error, LogError::Damaged { offset: found, .. } if found == offset),
                "byte {at}: {error}"
            );
        }
    }

    /// A payload that holds frames, as whoever doesn't know the mask would make
    /// them, and is cut off by a crash.
    #[test]
    fn frames_in_a_payload_are_no_frames() {
        let scratch = tempfile::tempdir().expect("a directory");
        let Created { mut file, path, mask } = create(scratch.path(), 0).expect("a file");
        let frame = |payload: Vec<u8>| Frame {
            first_seq: 0,
            count: 1,
            received: 0,
            source: String::new(),
            collector: String::new(),
            layout: Layout::Told,
            mark: None,
            payload: payload.into(),
        };
        let forged: Vec<u8> = (0..2_000_u64)
            .flat_map(|group| [frame(b"{}".to_vec()).head(group, 0), b"{}".to_vec()].concat())
            .collect();
        let torn = [frame(forged.clone()).head(HEADER as u64, mask), forged].concat();
        file.write_all(&torn[..torn.len() - 1]).expect("written");
        let contents = read(&path).expect("a torn end");
        assert_eq!((contents.frames.len(), contents.torn_at), (0, Some(HEADER)));
    }

    /// Two frames as version 2 wrote them, one record and two.
    #[test]
    fn a_file_of_version_two_is_read() {
        let scratch = tempfile::tempdir().expect("a directory");
        let path = scratch.path().join(name(5));
        fs::write(&path, include_bytes!("fixtures/version-2.log")).expect("a file");
        let contents = read(&path).expect("intact");
        let frames: Vec<_> = contents
            .frames
            .iter()
            .map(|f| (f.first_seq, f.count, &*f.source, &*f.collector, &f.payload[..]))
            .collect();
        let first = &b"{\"uuid\":\"a\"}\n"[..];
        let second = &b"{\"uuid\":\"b\"}\n{\"uuid\":\"c\"}\n"[..];
        assert_eq!(frames, [(5, 1, "okta", "hook", first), (6, 2, "", "hook", second)]);
        assert!(contents.frames.iter().all(|f| (f.layout, &f.mark) == (Layout::Told, &None)));
        // A bit that makes it one of version 3 is damage.
        flip(&path, 7);
        assert!(matches!(read(&path), Err(LogError::Damaged { offset: 7, .. })));
    }

    #[test]
    fn a_hole_within_the_last_group_was_never_acknowledged() {
        let (_scratch, path, starts) = written(&[&["a"], &["b", "c"]]);
        flip(&path, starts[1] + 20);
        let contents = read(&path).expect("a torn group");
        assert_eq!((contents.frames.len(), contents.torn_at), (1, Some(starts[1])));
    }
}
