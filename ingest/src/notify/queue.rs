//! Records that aren't taken yet, in order, in a file: a line each, the time it came in, a tab,
//! the record. The alerts themselves are in the trail.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

/// Records that wait; the oldest go first.
const MOST: usize = 10_000;
/// A record that nobody took for so long is dropped.
const PATIENCE: TimeDelta = TimeDelta::days(1);

/// Why a queue can't be kept.
#[derive(Debug, thiserror::Error)]
#[error("{action} {path}: {source}", path = path.display())]
pub struct QueueError {
    action: &'static str,
    path: PathBuf,
    source: std::io::Error,
}

/// The files of all queues of a folder; none where there is no folder.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, QueueError> {
    let failed = |source| QueueError { action: "can't list", path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(failed(source)),
    };
    entries.map(|entry| Ok(entry.map_err(failed)?.path())).collect()
}

/// The queue.
#[derive(Debug)]
pub struct Queue {
    path: PathBuf,
    waiting: Mutex<VecDeque<(DateTime<Utc>, String)>>,
    filled: Notify,
}

impl Queue {
    /// What an earlier process left, if it left any. Lines that can't be read are dropped.
    ///
    /// # Errors
    /// If the file is there and can't be read.
    pub fn open(path: &Path) -> Result<Self, QueueError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(source) => {
                return Err(QueueError { action: "can't read", path: path.to_owned(), source });
            }
        };
        let read = |line: &str| {
            let (time, record) = line.split_once('\t')?;
            let time = DateTime::parse_from_rfc3339(time).ok()?;
            Some((time.to_utc(), record.to_owned()))
        };
        let waiting = Mutex::new(text.lines().filter_map(read).collect());
        Ok(Self { path: path.to_owned(), waiting, filled: Notify::new() })
    }

    /// Adds records, which have no line breaks.
    ///
    /// # Errors
    /// If the file can't be written; they are sent all the same, but not after a restart.
    pub fn put(&self, records: &[String], now: DateTime<Utc>) -> Result<(), QueueError> {
        let mut waiting = self.waiting();
        waiting.extend(records.iter().map(|record| (now, record.clone())));
        let over = waiting.len().saturating_sub(MOST);
        if over > 0 {
            tracing::warn!(dropped = over, "too many alerts wait to be taken; the oldest go");
            waiting.drain(..over);
        }
        self.filled.notify_one();
        self.write(&waiting)
    }

    /// The record that is next. Those that are too old are dropped.
    pub fn first(&self, now: DateTime<Utc>) -> Option<String> {
        let mut waiting = self.waiting();
        let before = waiting.len();
        while waiting.front().is_some_and(|(time, _)| now - *time > PATIENCE) {
            waiting.pop_front();
        }
        let dropped = before - waiting.len();
        if dropped > 0 {
            tracing::warn!(dropped, "alerts that nobody took for a day are dropped");
        }
        waiting.front().map(|(_, record)| record.clone())
    }

    /// The record that was next was taken. One that was forgotten meanwhile is gone already.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn taken(&self, record: &str) -> Result<(), QueueError> {
        let mut waiting = self.waiting();
        if waiting.front().is_some_and(|(_, first)| first == record) {
            waiting.pop_front();
        }
        self.write(&waiting)
    }

    /// Drops the records that are meant. Returns how many those were.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn forget(&self, is_meant: impl Fn(&str) -> bool) -> Result<usize, QueueError> {
        let mut waiting = self.waiting();
        let before = waiting.len();
        waiting.retain(|(_, record)| !is_meant(record));
        let dropped = before - waiting.len();
        if dropped > 0 {
            self.write(&waiting)?;
        }
        Ok(dropped)
    }

    /// Waits until something comes.
    pub async fn filled(&self) {
        self.filled.notified().await;
    }

    fn write(&self, waiting: &VecDeque<(DateTime<Utc>, String)>) -> Result<(), QueueError> {
        let failed = |action| {
            let path = self.path.clone();
            move |source| QueueError { action, path, source }
        };
        let mut text = String::new();
        for (time, record) in waiting {
            text.push_str(&time.to_rfc3339());
            text.push('\t');
            text.push_str(record);
            text.push('\n');
        }
        let new = self.path.with_extension("new");
        fs::write(&new, text).map_err(failed("can't write"))?;
        fs::rename(&new, &self.path).map_err(failed("can't put in place"))
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<(DateTime<Utc>, String)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_taken_is_there_after_a_restart() {
        let scratch = tempfile::tempdir().expect("a folder");
        let path = scratch.path().join("unsent");
        let now = Utc::now();
        let queue = Queue::open(&path).expect("a queue");
        queue.put(&["{\"a\":\"x\\ty\"}".to_owned(), "b".to_owned()], now).expect("kept");
        queue.taken("{\"a\":\"x\\ty\"}").expect("written");
        drop(queue);
        let queue = Queue::open(&path).expect("a queue");
        assert_eq!(queue.first(now).as_deref(), Some("b"));
        queue.taken("b").expect("written");
        assert_eq!(Queue::open(&path).expect("a queue").first(now), None);
    }

    #[test]
    fn what_is_forgotten_while_it_is_sent_takes_no_other_with_it() {
        let scratch = tempfile::tempdir().expect("a folder");
        let path = scratch.path().join("unsent");
        let now = Utc::now();
        let queue = Queue::open(&path).expect("a queue");
        let records = ["of ada", "of bo", "of ada too"].map(str::to_owned);
        queue.put(&records, now).expect("kept");
        let sending = queue.first(now).expect("a record");
        assert_eq!(queue.forget(|record| record.contains("ada")).expect("written"), 2);
        queue.taken(&sending).expect("written");
        assert_eq!(queue.first(now).as_deref(), Some("of bo"));
        assert!(!fs::read_to_string(&path).expect("the file").contains("ada"));
        assert_eq!(queue.forget(|record| record.contains("ada")).expect("written"), 0);
    }

    #[test]
    fn a_day_is_long_enough_and_there_is_a_limit() {
        let scratch = tempfile::tempdir().expect("a folder");
        let queue = Queue::open(&scratch.path().join("unsent")).expect("a queue");
        let now = Utc::now();
        queue.put(&["old".to_owned()], now - TimeDelta::hours(25)).expect("kept");
        queue.put(&["new".to_owned()], now).expect("kept");
        assert_eq!(queue.first(now).as_deref(), Some("new"));
        let many: Vec<String> = (0..=MOST).map(|number| number.to_string()).collect();
        queue.put(&many, now).expect("kept");
        assert_eq!(queue.first(now).as_deref(), Some("1"));
    }
}
