//! Where files are: those of a path or pattern, and those that went elsewhere in their
//! folder, renamed or copied by whoever rotates them.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::{DirEntryExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use super::mark::{Known, modified};

/// Compressed files aren't followed: they are written once. An import reads them.
const COMPRESSED: [&str; 5] = ["gz", "zst", "xz", "bz2", "lz4"];

/// How often files are listed that are being renamed, and the time between.
const TRIES: usize = 5;
const PAUSE: Duration = Duration::from_millis(2);

/// A file that is there.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) file: File,
    pub(super) metadata: Metadata,
}

impl Found {
    /// Opens a file; `None` where there is none, or where it is no file that grows.
    pub(super) fn open(path: &Path) -> io::Result<Option<Self>> {
        if is_compressed(path) {
            return Ok(None);
        }
        // A pipe would be waited for.
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => return Ok(None),
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(error),
        }
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let metadata = file.metadata()?;
        Ok(metadata.is_file().then(|| Self { path: path.to_owned(), file, metadata }))
    }
}

/// Whether there is no such file, which is no failure.
pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| COMPRESSED.iter().any(|known| extension == *known))
}

/// A path that can't be looked at now, and with it all that is below.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) path: PathBuf,
    /// What is to be told of it.
    pub(super) why: String,
}

impl Failed {
    pub(super) fn new(path: &Path, error: &io::Error) -> Self {
        Self { path: path.to_owned(), why: format!("{path:?}: can't be read: {error}") }
    }

    /// Whether nothing can be said of a path because of it.
    pub(super) fn hides(&self, path: &str) -> bool {
        Path::new(path).starts_with(&self.path)
    }
}

/// Files of a pattern that are there, those written last at the end; and what couldn't be
/// looked at.
pub(super) fn matching(pattern: &str, is_pattern: bool) -> (Vec<(PathBuf, Metadata)>, Vec<Failed>) {
    let (mut present, mut failed) = (Vec::new(), Vec::new());
    let mut look = |path: PathBuf| match fs::metadata(&path) {
        Ok(metadata) if metadata.is_file() => present.push((path, metadata)),
        Ok(_) => {}
        Err(error) if is_absent(&error) => {}
        Err(error) => failed.push(Failed::new(&path, &error)),
    };
    if !is_pattern {
        look(PathBuf::from(pattern));
        return (present, failed);
    }
    let mut unlisted = Vec::new();
    // It was checked when the settings were read.
    for entry in glob::glob(pattern).into_iter().flatten() {
        match entry {
            Ok(path) => look(path),
            Err(error) if is_absent(error.error()) => {}
            Err(error) => unlisted.push(Failed::new(error.path(), error.error())),
        }
    }
    failed.extend(unlisted);
    present.sort_by_cached_key(|(path, metadata)| (modified(metadata), path.clone()));
    (present, failed)
}

/// The folder of a path, where it is there and can't be listed.
pub(super) fn unlisted(path: &Path) -> Option<Failed> {
    let folder = path.parent()?;
    let error = fs::read_dir(folder).err().filter(|error| !is_absent(error))?;
    Some(Failed::new(folder, &error))
}

/// Files beside a path whose names come from its own: `auth.log.1`, `auth-20260301.log`.
/// Whoever rotates them may be at it: then they are listed again, since one that is being
/// renamed may show under no name, or under two. `None` where that has no end for now.
pub(super) fn beside(path: &Path) -> Option<Vec<Found>> {
    for _ in 0..TRIES {
        let names = listed(path);
        let found: Vec<Found> = names
            .iter()
            .filter_map(|(path, inode)| {
                let found = Found::open(path).ok().flatten();
                found.filter(|found| found.metadata.ino() == *inode)
            })
            .collect();
        if found.len() == names.len() && listed(path) == names {
            return Some(found);
        }
        std::thread::sleep(PAUSE);
    }
    None
}

/// Their paths and inodes.
fn listed(path: &Path) -> BTreeMap<PathBuf, u64> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return BTreeMap::new();
    };
    let name = name.to_string_lossy();
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let others = entries.filter(|entry| {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        is_file
            && comes_from(&entry.file_name().to_string_lossy(), &name)
            && !is_compressed(&entry.path())
    });
    others.map(|entry| (entry.path(), entry.ino())).collect()
}

/// Whether a name is another with something put behind it or before its ending.
pub(super) fn comes_from(other: &str, name: &str) -> bool {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    let behind = |stem: &str| {
        let rest = other.strip_prefix(stem);
        rest.is_some_and(|rest| rest.starts_with(['.', '-', '_']))
    };
    other != name && (behind(name) || (!stem.is_empty() && behind(stem)))
}

/// Of some files, one that was renamed.
pub(super) fn renamed(known: &Known, beside: &mut Vec<Found>) -> Option<Found> {
    take(beside, |found| known.may_be(&found.metadata) && holds(known, found))
}

/// Of some files, the copy of one that was made before that was cut short: it holds what
/// was read of it, and what wasn't.
pub(super) fn copied(known: &Known, beside: &mut Vec<Found>) -> Option<Found> {
    let is_copy = |found: &Found| !known.is(&found.metadata) && holds(known, found);
    take(beside, |found| known.head.bytes > 0 && is_copy(found))
}

fn take(all: &mut Vec<Found>, is_it: impl Fn(&Found) -> bool) -> Option<Found> {
    all.iter().position(is_it).map(|at| all.remove(at))
}

/// Whether a file holds what was read of one. One that can't be read is told of when it
/// is followed.
pub(super) fn holds(known: &Known, found: &Found) -> bool {
    known.holds(&found.file, found.metadata.len()).unwrap_or_default()
}

/// Of some files those that were under a path since a known one was, and are there no more:
/// `auth.log.1` where the known one has become `auth.log.2`. The oldest first.
pub(super) fn between(known: &Known, beside: Vec<Found>) -> Vec<Found> {
    let path = Path::new(&known.path);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut all: Vec<Found> = beside
        .into_iter()
        .filter(|found| {
            let other = found.path.file_name().unwrap_or_default().to_string_lossy();
            // A number or a date, and nothing that people make.
            other.strip_prefix(&*name).and_then(|rest| rest.get(1..)).is_some_and(|rest| {
                !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit())
            })
        })
        .filter(|found| modified(&found.metadata) >= known.modified && is_since(found, known))
        .collect();
    all.sort_by_key(|found| modified(&found.metadata));
    all
}

/// Whether a file was made since another was written last, where the system knows it.
fn is_since(found: &Found, known: &Known) -> bool {
    made(found).is_none_or(|made| made >= known.modified)
}

/// Whether a file was made after one was given up: a new one that got its inode.
pub(super) fn is_younger(found: &Found, known: &Known) -> bool {
    made(found).zip(known.away).is_some_and(|(made, away)| made > away)
}

/// When a file was made, ns since 1970 UTC, where the system knows it.
fn made(found: &Found) -> Option<i64> {
    let made = found.metadata.created().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(i64::try_from(made.as_nanos()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_rotated_files_come_from_the_name() {
        for (other, name, is) in [
            ("auth.log.1", "auth.log", true),
            ("auth.log-20260301", "auth.log", true),
            ("auth-20260301.log", "auth.log", true),
            ("auth.1.log", "auth.log", true),
            ("auth.log", "auth.log", false),
            ("author.log", "auth.log", false),
            ("other.log", "auth.log", false),
            ("secure-20260301", "secure", true),
        ] {
            assert_eq!(comes_from(other, name), is, "{other} from {name}");
        }
    }
}
