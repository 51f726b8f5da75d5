//! Marks: how far an input has come that follows something, such as a file or a vendor's
//! cursor. A mark lies in the frame of the records that it covers, so that both are
//! durable or neither is. Log files are deleted once their records are sealed; before
//! that, the newest marks of what is sealed are written into a file of their own. It lies
//! outside the log: where the log is lost, an input goes on behind what is sealed.
//!
//! The file: `rollcall marks 1 ‖ space ‖ CRC32C of the rest, 8 hex digits ‖ newline`, then
//! a JSON object a line: `{"collector":…,"number":…,"mark":…}`.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::{Frame, LogError};

const TITLE: &str = "rollcall marks 1 ";
/// Longest mark, bytes.
pub(crate) const LONGEST: usize = 64 << 10;
/// Marks of one collector that are kept until they are sealed. Of more, every other is
/// left out: then a little more is read again where the log is lost, and nothing
/// otherwise, as the newest is never left out.
const KEPT: usize = 64;

/// How far a collector has come.
#[derive(Debug, PartialEq, Eq)]
pub struct Mark {
    /// Grows from mark to mark, over all collectors and epochs: the highest is the newest.
    pub number: u64,
    /// What the collector makes of it.
    pub text: String,
}

/// The marks of all collectors.
#[derive(Debug)]
pub struct Marks {
    path: PathBuf,
    all: Mutex<All>,
}

#[derive(Debug, Default)]
struct All {
    next: u64,
    collectors: BTreeMap<String, VecDeque<At>>,
    /// What the file holds: each collector's number.
    saved: BTreeMap<String, u64>,
}

/// A mark, and one past the last record before it.
#[derive(Debug, Clone)]
struct At {
    end: i64,
    mark: Arc<Mark>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    collector: String,
    number: u64,
    mark: String,
}

impl Marks {
    /// Reads the file, if there is one.
    ///
    /// # Errors
    /// If it can't be read, or is damaged.
    pub fn open(path: PathBuf) -> Result<Self, LogError> {
        let mut all = All::default();
        match fs::read(&path) {
            Ok(bytes) => {
                let lines = parse(&bytes)
                    .map_err(|detail| LogError::Marks { path: path.clone(), detail })?;
                for Line { collector, number, mark } in lines {
                    all.saved.insert(collector.clone(), number);
                    all.take(&collector, i64::MIN, Arc::new(Mark { number, text: mark }));
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(LogError::file("can't read", path)(error)),
        }
        Ok(Self { path, all: Mutex::new(all) })
    }

    /// Takes in what an epoch's files hold. Positions of an earlier epoch mean nothing in
    /// the one that takes records: its marks count as sealed.
    pub fn recovered(&self, frames: &[Frame], takes_records: bool) {
        let mut all = self.lock();
        for frame in frames {
            let Some(mark) = &frame.mark else { continue };
            let end = if takes_records { frame.end() } else { i64::MIN };
            all.take(&frame.collector, end, Arc::clone(mark));
        }
    }

    /// A mark with the next number.
    pub(crate) fn number(&self, text: String) -> Arc<Mark> {
        let mut all = self.lock();
        all.next += 1;
        Arc::new(Mark { number: all.next - 1, text })
    }

    /// Takes in the mark of a frame that is durable.
    pub(crate) fn take(&self, collector: &str, end: i64, mark: &Arc<Mark>) {
        self.lock().take(collector, end, Arc::clone(mark));
    }

    /// A collector's newest durable mark.
    pub fn newest(&self, collector: &str) -> Option<String> {
        let all = self.lock();
        let newest = all.collectors.get(collector).and_then(VecDeque::back);
        newest.map(|at| at.mark.text.clone())
    }

    /// Writes each collector's newest mark of what is sealed, if it isn't written yet.
    /// Blocks. Called before files are deleted that hold them.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn save(&self, sealed: i64) -> Result<(), LogError> {
        let (numbers, lines) = {
            let mut all = self.lock();
            let due: Vec<(String, Arc<Mark>)> = all.sealed(sealed);
            let numbers: BTreeMap<String, u64> =
                due.iter().map(|(collector, mark)| (collector.clone(), mark.number)).collect();
            if numbers == all.saved {
                return Ok(());
            }
            (numbers, due)
        };
        write(&self.path, &lines).map_err(LogError::file("can't write", &self.path))?;
        self.lock().saved = numbers;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl All {
    fn take(&mut self, collector: &str, end: i64, mark: Arc<Mark>) {
        self.next = self.next.max(mark.number.saturating_add(1));
        if !self.collectors.contains_key(collector) {
            self.collectors.insert(collector.to_owned(), VecDeque::new());
        }
        let Some(marks) = self.collectors.get_mut(collector) else { return };
        // Log files that a power cut brought back may hold older ones than the file.
        if marks.back().is_some_and(|newest| newest.mark.number >= mark.number) {
            return;
        }
        marks.push_back(At { end, mark });
        if marks.len() > KEPT {
            // The first may be sealed, the last is the newest.
            let last = marks.len() - 1;
            let mut at = 0..;
            marks.retain(|_| at.next().is_some_and(|at: usize| at.is_multiple_of(2) || at == last));
        }
    }

    /// Each collector's newest mark of what is sealed; forgets those before it.
    fn sealed(&mut self, sealed: i64) -> Vec<(String, Arc<Mark>)> {
        let mut due = Vec::new();
        for (collector, marks) in &mut self.collectors {
            while marks.get(1).is_some_and(|next| next.end <= sealed) {
                marks.pop_front();
            }
            let newest = marks.front().filter(|at| at.end <= sealed);
            due.extend(newest.map(|at| (collector.clone(), Arc::clone(&at.mark))));
        }
        due
    }
}

fn parse(bytes: &[u8]) -> Result<Vec<Line>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it isn't text".to_owned())?;
    let (head, rest) = text.split_once('\n').ok_or("it has no first line")?;
    let checksum = head.strip_prefix(TITLE).ok_or("its first line isn't one of marks")?;
    if checksum != format!("{:08x}", crc32c::crc32c(rest.as_bytes())) {
        return Err("its checksum is another".to_owned());
    }
    rest.lines().map(|line| serde_json::from_str(line).map_err(|error| error.to_string())).collect()
}

fn written(marks: &[(String, Arc<Mark>)]) -> std::io::Result<String> {
    let mut lines = String::new();
    for (collector, mark) in marks {
        let line =
            Line { collector: collector.clone(), number: mark.number, mark: mark.text.clone() };
        lines.push_str(&serde_json::to_string(&line)?);
        lines.push('\n');
    }
    Ok(format!("{TITLE}{:08x}\n{lines}", crc32c::crc32c(lines.as_bytes())))
}

/// Replaces the file: it is there as a whole, the old or the new.
fn write(path: &Path, marks: &[(String, Arc<Mark>)]) -> std::io::Result<()> {
    let staged = path.with_extension("writing");
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&staged)?;
    file.write_all(written(marks)?.as_bytes())?;
    file.sync_all()?;
    fs::rename(&staged, path)?;
    match path.parent() {
        Some(directory) => File::open(directory)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(scratch: &tempfile::TempDir) -> Marks {
        Marks::open(scratch.path().join("marks")).expect("opened")
    }

    fn take(marks: &Marks, collector: &str, end: i64, text: &str) {
        let mark = marks.number(text.to_owned());
        marks.take(collector, end, &mark);
    }

    #[test]
    fn what_is_saved_is_the_newest_of_what_is_sealed() {
        let scratch = tempfile::tempdir().expect("a directory");
        let marks = open(&scratch);
        for (end, text) in [(1, "one"), (5, "five"), (9, "nine")] {
            take(&marks, "a", end, text);
        }
        take(&marks, "b", 9, "not sealed");
        marks.save(6).expect("saved");
        assert_eq!(marks.newest("a").as_deref(), Some("nine"));
        let again = open(&scratch);
        assert_eq!(again.newest("a").as_deref(), Some("five"));
        assert_eq!(again.newest("b"), None);
        // What is newer goes on from the highest number.
        take(&again, "a", 2, "newer");
        assert_eq!(again.newest("a").as_deref(), Some("newer"));
    }

    #[test]
    fn nothing_is_written_where_nothing_is_new() {
        let scratch = tempfile::tempdir().expect("a directory");
        let marks = open(&scratch);
        marks.save(100).expect("nothing to save");
        assert!(!scratch.path().join("marks").exists());
        take(&marks, "a", 1, "one");
        marks.save(1).expect("saved");
        fs::remove_file(scratch.path().join("marks")).expect("removed");
        marks.save(2).expect("saved already");
        assert!(!scratch.path().join("marks").exists());
    }

    #[test]
    fn an_older_one_that_came_back_is_passed_over() {
        let scratch = tempfile::tempdir().expect("a directory");
        let marks = open(&scratch);
        let old = marks.number("old".to_owned());
        take(&marks, "a", 4, "new");
        marks.save(4).expect("saved");
        let again = open(&scratch);
        again.take("a", 3, &old);
        assert_eq!(again.newest("a").as_deref(), Some("new"));
    }

    #[test]
    fn of_many_the_first_and_the_newest_stay() {
        let scratch = tempfile::tempdir().expect("a directory");
        let marks = open(&scratch);
        for end in 0..1_000 {
            take(&marks, "a", end, &end.to_string());
            assert_eq!(marks.newest("a"), Some(end.to_string()));
        }
        let kept = marks.lock().collectors["a"].len();
        assert!(kept <= KEPT, "{kept}");
        marks.save(0).expect("saved");
        assert_eq!(open(&scratch).newest("a").as_deref(), Some("0"));
        marks.save(999).expect("saved");
        assert_eq!(open(&scratch).newest("a").as_deref(), Some("999"));
    }

    #[test]
    fn any_flipped_bit_stops_the_start_and_says_where() {
        let scratch = tempfile::tempdir().expect("a directory");
        let marks = open(&scratch);
        take(&marks, "tail:auth", 1, "{\"position\":\"ü\\n\"}");
        marks.save(1).expect("saved");
        let path = scratch.path().join("marks");
        let whole = fs::read(&path).expect("the file");
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, flipped).expect("written");
            let error = Marks::open(path.clone()).expect_err("damaged").to_string();
            assert!(error.contains(path.to_str().expect("text")), "bit {bit}: {error}");
        }
    }
}
