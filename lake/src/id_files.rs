//! The id files of everything that is remembered, few enough to look through at
//! each event: neighbours are merged, and what is too old is let go.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};

use crate::error::{LakeError, Result};
use crate::id_file::{Entry, IdFile};
use crate::ids::IdHasher;
use crate::segment::Segment;

/// So many neighbours of like size become one file.
const NEIGHBOURS: usize = 8;
/// A merged file has no more entries than this (of 40 bytes).
const MOST_ENTRIES: u64 = 16 << 20;

/// One file, and the latest receipt of what it tells of, µs.
#[derive(Debug)]
struct Remembered {
    ids: IdFile,
    received_max: Option<i64>,
}

impl Remembered {
    /// Files of one size class are merged with each other.
    fn size_class(&self) -> u32 {
        self.ids.segments().len().max(1).ilog(NEIGHBOURS)
    }
}

#[derive(Debug)]
struct Merging {
    from: Vec<PathBuf>,
    result: mpsc::Receiver<Result<IdFile>>,
}

/// The id files, oldest first.
#[derive(Debug)]
pub(crate) struct IdFiles {
    index: PathBuf,
    hasher: IdHasher,
    files: Vec<Remembered>,
    merging: Option<Merging>,
    /// A merge failed: files stay as they are until the next start.
    no_more_merges: bool,
}

impl IdFiles {
    /// None yet.
    pub(crate) const fn new(index: PathBuf, hasher: IdHasher) -> Self {
        Self { index, hasher, files: Vec::new(), merging: None, no_more_merges: false }
    }

    /// Opens the files of segments, which come oldest first. What is missing or
    /// can't be trusted is made again by `entries_of`; files of anything else are
    /// removed.
    ///
    /// # Errors
    /// If a segment can't be read or a file not be written.
    pub(crate) fn open(
        index: &Path,
        hasher: &IdHasher,
        segments: &[Arc<Segment>],
        entries_of: impl Fn(&Segment) -> Result<Vec<Entry>>,
    ) -> Result<Self> {
        let order: HashMap<&str, usize> =
            segments.iter().enumerate().map(|(n, segment)| (segment.name.as_str(), n)).collect();
        let mut found: Vec<(usize, IdFile)> = Vec::new();
        let mut covered: HashSet<usize> = HashSet::new();
        for (path, names) in on_disk(index)? {
            let numbers: Option<Vec<usize>> =
                names.iter().map(|name| order.get(name.as_str()).copied()).collect();
            let wanted = numbers.filter(|n| !n.iter().any(|number| covered.contains(number)));
            let opened = wanted.and_then(|numbers| match IdFile::open(&path, hasher) {
                Ok(ids) => Some((numbers, ids)),
                Err(error) => {
                    tracing::warn!(file.path = %path.display(), error = %error,
                        "ids can't be trusted; they are made again from their segments' rows");
                    None
                }
            });
            match opened {
                Some((numbers, ids)) => {
                    found.push((numbers.last().copied().unwrap_or_default(), ids));
                    covered.extend(numbers);
                }
                None => remove(&path),
            }
        }
        for (number, segment) in segments.iter().enumerate().filter(|(n, _)| !covered.contains(n)) {
            let entries = entries_of(segment)?;
            found.push((number, IdFile::write(index, &segment.name, hasher, entries)?));
        }
        found.sort_by_key(|(number, _)| *number);
        let received_max = |ids: &IdFile| {
            let numbers = ids.segments().iter().filter_map(|name| order.get(name.as_str()));
            numbers.filter_map(|number| segments.get(*number)?.tags.received_max).max()
        };
        let files = found
            .into_iter()
            .map(|(_, ids)| Remembered { received_max: received_max(&ids), ids })
            .collect();
        Ok(Self { files, ..Self::new(index.to_owned(), *hasher) })
    }

    /// Files that may hold an id, the newest first.
    pub(crate) fn that_may_hold(&self, id: u128) -> impl Iterator<Item = &IdFile> {
        self.files.iter().rev().map(|one| &one.ids).filter(move |ids| ids.may_hold(id))
    }

    /// Adds the file of a segment that was just sealed.
    ///
    /// # Errors
    /// If it can't be written.
    pub(crate) fn add(&mut self, segment: &Segment, entries: Vec<Entry>) -> Result<()> {
        let ids = IdFile::write(&self.index, &segment.name, &self.hasher, entries)?;
        self.files.push(Remembered { ids, received_max: segment.tags.received_max });
        self.take_merged();
        self.begin_merge();
        Ok(())
    }

    /// The hasher of ids.
    pub(crate) const fn hasher(&self) -> IdHasher {
        self.hasher
    }

    /// Adds the file of a segment that another process sealed: its own file from
    /// `elsewhere`, or one made of `entries`.
    ///
    /// # Errors
    /// If neither can be had.
    pub(crate) fn take_in(
        &mut self,
        segment: &Segment,
        elsewhere: &[PathBuf],
        entries: impl FnOnce() -> Result<Vec<Entry>>,
    ) -> Result<()> {
        let name = std::slice::from_ref(&segment.name);
        let path = IdFile::path_of(&self.index, name);
        for folder in elsewhere {
            if fs::hard_link(IdFile::path_of(folder, name), &path).is_err() {
                continue;
            }
            match IdFile::open(&path, &self.hasher) {
                Ok(ids) => {
                    self.files.push(Remembered { ids, received_max: segment.tags.received_max });
                    return Ok(());
                }
                Err(_) => remove(&path),
            }
        }
        self.add(segment, entries()?)
    }

    /// Lets go of files of which everything was received before `since`, µs;
    /// returns the latest receipt among them.
    pub(crate) fn forget(&mut self, since: i64) -> Option<i64> {
        let old = |one: &Remembered| one.received_max.is_some_and(|received| received < since);
        let forgotten: Vec<Remembered> = self.files.extract_if(.., |one| old(one)).collect();
        for one in &forgotten {
            remove(one.ids.path());
        }
        forgotten.iter().filter_map(|one| one.received_max).max()
    }

    /// Puts a merged file in the place of those that it was made from.
    fn take_merged(&mut self) {
        let Some(merging) = &self.merging else { return };
        let merged = match merging.result.try_recv() {
            Err(mpsc::TryRecvError::Empty) => return,
            Err(mpsc::TryRecvError::Disconnected) => {
                Err(LakeError::Worker("merging ids".to_owned()))
            }
            Ok(merged) => merged,
        };
        let from = self.merging.take().map(|merging| merging.from).unwrap_or_default();
        let position = self.files.iter().position(|one| from.iter().any(|p| p == one.ids.path()));
        match (merged, position) {
            (Ok(ids), Some(position)) => {
                let gone: Vec<Remembered> = self
                    .files
                    .extract_if(.., |one| from.iter().any(|path| path == one.ids.path()))
                    .collect();
                for one in &gone {
                    remove(one.ids.path());
                }
                let received_max = gone.iter().filter_map(|one| one.received_max).max();
                self.files.insert(position, Remembered { ids, received_max });
            }
            // All of it was let go meanwhile.
            (Ok(ids), None) => remove(ids.path()),
            (Err(error), _) => {
                tracing::warn!(error = %error,
                    "ids of segments can't be merged; looking them up takes longer");
                self.no_more_merges = true;
            }
        }
    }

    /// Begins to merge the first neighbours of like size, if there are enough.
    fn begin_merge(&mut self) {
        if self.merging.is_some() || self.no_more_merges {
            return;
        }
        let mergeable = |run: &&[Remembered]| {
            let like = run
                .iter()
                .all(|one| Some(one.size_class()) == run.first().map(Remembered::size_class));
            like && run.iter().map(|one| one.ids.count()).sum::<u64>() <= MOST_ENTRIES
        };
        let Some(run) = self.files.windows(NEIGHBOURS).find(mergeable) else { return };
        let from: Vec<PathBuf> = run.iter().map(|one| one.ids.path().to_owned()).collect();
        let (answer, result) = mpsc::channel();
        let (index, hasher, files) = (self.index.clone(), self.hasher, from.clone());
        let begun = std::thread::Builder::new().name("ids".to_owned()).spawn(move || {
            // Whoever asked may have ended.
            let _ = answer.send(IdFile::merge(&index, &files, &hasher));
        });
        match begun {
            Ok(_) => self.merging = Some(Merging { from, result }),
            Err(error) => tracing::warn!(error = %error, "ids of segments can't be merged"),
        }
    }

    /// Waits for a merge that runs, and those that follow from it.
    #[cfg(test)]
    fn settle(&mut self) {
        while let Some(merging) = &mut self.merging {
            let (answer, result) = mpsc::channel();
            if let Ok(merged) = std::mem::replace(&mut merging.result, result).recv() {
                let _ = answer.send(merged);
            }
            drop(answer);
            self.take_merged();
            self.begin_merge();
        }
    }
}

/// Links the id files of other folders into this one. Files are written once: both see
/// the same for as long as either needs it.
pub(crate) fn borrow_all(index: &Path, elsewhere: &[PathBuf]) -> Result<()> {
    crate::store::create_private_directory(index)?;
    for folder in elsewhere {
        for (path, _) in on_disk(folder)? {
            let name = path.file_name().unwrap_or_default();
            // One that is there already, or that is gone by now, is no loss.
            let _ = fs::hard_link(&path, index.join(name));
        }
    }
    Ok(())
}

/// The id files of a folder with the segments that each says it is of, those of
/// many before those of few: what was merged lies there twice after a crash.
fn on_disk(index: &Path) -> Result<Vec<(PathBuf, Vec<String>)>> {
    let entries = match fs::read_dir(index) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(LakeError::file("can't list", index))?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(LakeError::file("can't list", index))?.path();
        if path.extension().is_some_and(|extension| extension == "ids") {
            // One that can't be read has no segment that is known, and goes.
            let segments = IdFile::segments_of(&path).unwrap_or_else(|_| vec![String::new()]);
            files.push((path, segments));
        }
    }
    files.sort_by(|a, b| (b.1.len(), &a.0).cmp(&(a.1.len(), &b.0)));
    Ok(files)
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::warn!(file.path = %path.display(), error = %error, "ids can't be removed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Table;
    use crate::tags::SegmentTags;
    use rollcall_schemas::Position;

    fn segment(number: i64) -> Arc<Segment> {
        let name = format!("events_{number:05}.parquet");
        let tags = SegmentTags {
            received_max: Some(number),
            received_min: Some(number),
            rows: 1,
            schema_version: 1,
            ..SegmentTags::default()
        };
        Arc::new(Segment {
            table: Table::Events,
            path: name.clone().into(),
            name,
            bytes: 0,
            tags,
            committed: number,
        })
    }

    /// Each segment has one id of its own and one that all have.
    fn entries(hasher: &IdHasher, number: i64) -> Vec<Entry> {
        let at = Position { shard: 1, seq: number, part: 0 };
        [number.to_string(), "all".to_owned()]
            .map(|id| Entry { id: hasher.id("okta", &id), bytes: number.unsigned_abs(), at })
            .to_vec()
    }

    fn newest(files: &IdFiles, id: u128) -> Option<i64> {
        files.that_may_hold(id).find_map(|ids| Some(ids.find(id).ok()?.last()?.at.seq))
    }

    #[test]
    fn a_month_of_seals_is_a_few_files_that_tell_the_same() {
        let scratch = tempfile::tempdir().expect("a directory");
        let hasher = IdHasher::new(&[3; 32]);
        let all = hasher.id("okta", "all");
        let mut files = IdFiles::new(scratch.path().to_owned(), hasher);
        for number in 0..1_000 {
            files.add(&segment(number), entries(&hasher, number)).expect("added");
            files.settle();
            assert_eq!(newest(&files, all), Some(number));
        }
        assert!(files.files.len() < 4 * NEIGHBOURS, "{} files", files.files.len());
        assert_eq!(on_disk(scratch.path()).expect("listed").len(), files.files.len());
        let tells = |files: &IdFiles| {
            for number in 0..1_000 {
                let id = hasher.id("okta", &number.to_string());
                assert_eq!(newest(files, id), Some(number));
            }
            assert_eq!(newest(files, all), Some(999));
        };
        tells(&files);
        let segments: Vec<_> = (0..1_000).map(segment).collect();
        let again =
            |segment: &Segment| Ok(entries(&hasher, segment.tags.received_max.unwrap_or_default()));
        let none = |segment: &Segment| panic!("{} was made again", segment.name);
        tells(&IdFiles::open(scratch.path(), &hasher, &segments, none).expect("opened"));
        // One that is gone is made again from its segments.
        let gone = files.files[0].ids.path().to_owned();
        fs::remove_file(&gone).expect("removed");
        let mut files = IdFiles::open(scratch.path(), &hasher, &segments, again).expect("opened");
        tells(&files);
        assert!(files.forget(500).is_some());
        assert_eq!(newest(&files, hasher.id("okta", "999")), Some(999));
        assert_eq!(newest(&files, hasher.id("okta", "0")), None);
    }

    #[test]
    fn what_a_crash_left_beside_a_merged_file_goes() {
        let scratch = tempfile::tempdir().expect("a directory");
        let hasher = IdHasher::new(&[3; 32]);
        let segments: Vec<_> = (0..3).map(segment).collect();
        let paths: Vec<PathBuf> = segments
            .iter()
            .zip(0..)
            .map(|(segment, number)| {
                let ids =
                    IdFile::write(scratch.path(), &segment.name, &hasher, entries(&hasher, number));
                ids.expect("written").path().to_owned()
            })
            .collect();
        IdFile::merge(scratch.path(), &paths, &hasher).expect("merged");
        fs::write(scratch.path().join("events_of_nothing.ids"), "cut off").expect("a file");
        let none = |segment: &Segment| panic!("{} was made again", segment.name);
        let files = IdFiles::open(scratch.path(), &hasher, &segments, none).expect("opened");
        assert_eq!((files.files.len(), on_disk(scratch.path()).expect("listed").len()), (1, 1));
    }
}
