//! What the files of an epoch hold after a start.

use std::fs;
use std::path::{Path, PathBuf};

use super::file::{self, Contents};
use super::{Frame, LogError};

/// What was found.
#[derive(Debug, Default)]
pub struct Recovered {
    /// Every acknowledged frame, in order.
    pub frames: Vec<Frame>,
    /// One past the last record in the files.
    pub next_seq: i64,
    /// The latest time of receipt.
    pub last_received: i64,
    /// The files, each with one past its last record.
    pub files: Vec<(PathBuf, i64)>,
    /// Bytes of a torn end that were cut off: a write that a crash interrupted wasn't
    /// acknowledged; of a file that somebody cut, nothing tells.
    pub torn: Option<(PathBuf, usize)>,
}

/// Reads an epoch's files and cuts off a torn end.
///
/// # Errors
/// If a file can't be read, or is damaged before its end.
pub fn recover(directory: &Path) -> Result<Recovered, LogError> {
    let mut paths = files(directory)?;
    paths.sort();
    let mut recovered = Recovered::default();
    let last = paths.last().cloned();
    for path in paths {
        let contents = file::read(&path)?;
        if let Some(at) = contents.torn_at {
            // An earlier file's end had been acknowledged before the next began; and the
            // remains of a file that was being made are removed before another is.
            if Some(&path) != last.as_ref() {
                return Err(LogError::Damaged { path, offset: at });
            }
            file::truncate(&path, at)?;
            recovered.torn = Some((path.clone(), at));
        }
        if contents.frames.is_empty() {
            // Nothing in it, and its name may be the next file's.
            fs::remove_file(&path).map_err(LogError::file("can't remove", &path))?;
            recovered.next_seq = recovered.next_seq.max(contents.first_seq);
            continue;
        }
        recovered.take(path, contents);
    }
    Ok(recovered)
}

impl Recovered {
    fn take(&mut self, path: PathBuf, contents: Contents) {
        let end = contents.frames.last().map_or(contents.first_seq, Frame::end);
        self.next_seq = self.next_seq.max(end);
        let received = contents.frames.iter().map(|frame| frame.received).max();
        self.last_received = self.last_received.max(received.unwrap_or_default());
        self.frames.extend(contents.frames);
        self.files.push((path, end));
    }
}

/// One past the last record in an epoch's files; `None` where they hold none. For readers:
/// nothing is cut off or removed.
///
/// # Errors
/// As [`recover`].
pub fn end_of_files(directory: &Path) -> Result<Option<i64>, LogError> {
    let mut paths = files(directory)?;
    paths.sort();
    for path in paths.iter().rev() {
        if let Some(last) = file::read(path)?.frames.last() {
            return Ok(Some(last.end()));
        }
    }
    Ok(None)
}

fn files(directory: &Path) -> Result<Vec<PathBuf>, LogError> {
    let entries = fs::read_dir(directory).map_err(LogError::file("can't list", directory))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(LogError::file("can't list", directory))?.path();
        if path.extension().is_some_and(|extension| extension == "log") {
            paths.push(path);
        }
    }
    Ok(paths)
}
