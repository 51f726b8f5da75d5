//! What is acknowledged is on disk, what is sealed goes, and marks outlive it.

use bytes::Bytes;

use super::*;
use crate::log::recover;

fn entry(payload: &'static str, count: u32) -> Batch {
    Batch { count, ..Batch::told("okta", "test", Bytes::from_static(payload.as_bytes())) }
}

fn marked(payload: &'static str, count: u32, mark: &str) -> Batch {
    Batch { mark: Some(mark.to_owned()), ..entry(payload, count) }
}

fn begin(directory: &Path, next_seq: i64) -> LogStart {
    let marks = Marks::open(directory.join("marks")).expect("opened");
    let directory = directory.to_owned();
    LogStart { directory, next_seq, last_received: 0, files: Vec::new(), marks: marks.into() }
}

/// What a start finds after the process was killed.
fn again(directory: &Path) -> LogStart {
    let recovered = recover(directory).expect("read");
    let from = begin(directory, recovered.next_seq);
    from.marks.recovered(&recovered.frames, true);
    LogStart { files: recovered.files, ..from }
}

fn start(directory: &Path, next: i64, settings: LogSettings) -> (Log, Arc<Mutex<Vec<Frame>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    let take = move |frame| sink.lock().expect("unpoisoned").push(frame);
    let log = Log::start(begin(directory, next), settings, take, |_| {}).expect("started");
    (log, seen)
}

#[tokio::test]
async fn what_is_acknowledged_is_in_the_files() {
    let scratch = tempfile::tempdir().expect("a directory");
    let (log, seen) = start(scratch.path(), 0, LogSettings::default());
    assert_eq!(log.append(entry("a\nb\n", 2)).await.expect("on disk").count, 2);
    assert_eq!(log.append(entry("c\n", 1)).await.expect("on disk").count, 1);
    let recovered = recover(scratch.path()).expect("read");
    assert_eq!((recovered.frames.len(), recovered.next_seq), (2, 3));
    let firsts: Vec<_> =
        seen.lock().expect("unpoisoned").iter().map(|frame| frame.first_seq).collect();
    assert_eq!(firsts, [0, 2]);
    log.stop();
}

#[tokio::test]
async fn sealed_files_go_and_others_stay() {
    let scratch = tempfile::tempdir().expect("a directory");
    let settings = LogSettings { file_bytes: 1, ..LogSettings::default() };
    let (log, _) = start(scratch.path(), 10, settings);
    for _ in 0..3 {
        log.append(entry("a\n", 1)).await.expect("on disk");
    }
    log.forget(11);
    log.append(entry("b\n", 1)).await.expect("on disk");
    // Deleting comes after acknowledging; the end waits for both.
    log.stop();
    let recovered = recover(scratch.path()).expect("read");
    let firsts: Vec<i64> = recovered.frames.iter().map(|frame| frame.first_seq).collect();
    assert_eq!(firsts, [11, 12, 13]);
}

/// Deleting what is sealed and the end are taken out together: that the first fails
/// mustn't swallow the second.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_that_comes_with_what_fails_is_an_end() {
    let scratch = tempfile::tempdir().expect("a directory");
    let (arrive, arrived) = mpsc::channel();
    let (go_on, held) = mpsc::channel();
    let hold = move |_| {
        arrive.send(()).expect("somebody waits");
        held.recv().expect("told to go on");
    };
    let (tell, told) = mpsc::channel();
    let failed = move |reason| tell.send(reason).expect("somebody listens");
    let settings = LogSettings::default();
    let log = Log::start(begin(scratch.path(), 10), settings, hold, failed);
    let log = Arc::new(log.expect("started"));
    let appended = tokio::spawn({
        let log = Arc::clone(&log);
        async move { log.append(entry("a\n", 1)).await }
    });
    arrived.recv().expect("written");
    log.forget(11);
    log.commands.send(Command::Stop).expect("it runs");
    // The file is gone before the log removes it.
    fs::remove_dir_all(scratch.path()).expect("removed");
    go_on.send(()).expect("it waits");
    appended.await.expect("no panic").expect("it was on disk");
    let patience = std::time::Duration::from_secs(60);
    let ended = tokio::task::spawn_blocking(move || log.stop());
    tokio::time::timeout(patience, ended).await.expect("it ends").expect("no panic");
    assert!(told.recv().expect("told").contains("can't remove"), "why it failed");
}

#[tokio::test]
async fn a_log_that_is_wholly_sealed_leaves_no_file() {
    let scratch = tempfile::tempdir().expect("a directory");
    let (log, _) = start(scratch.path(), 10, LogSettings::default());
    log.append(entry("a\n", 1)).await.expect("on disk");
    log.forget(11);
    log.stop();
    assert!(recover(scratch.path()).expect("read").frames.is_empty());
}

fn on(from: LogStart, settings: LogSettings) -> (Log, Arc<Marks>) {
    let marks = Arc::clone(&from.marks);
    (Log::start(from, settings, |_| {}, |reason| panic!("{reason}")).expect("started"), marks)
}

#[tokio::test]
async fn a_mark_is_that_of_the_newest_durable_frame() {
    let scratch = tempfile::tempdir().expect("a directory");
    let (log, marks) = on(begin(scratch.path(), 0), LogSettings::default());
    log.append(marked("a\n", 1, "one")).await.expect("on disk");
    assert_eq!(marks.newest("test").as_deref(), Some("one"));
    log.append(entry("b\n", 1)).await.expect("on disk");
    let moved = log.append(marked("", 0, "two")).await.expect("on disk");
    assert_eq!(moved, Stored { count: 0, end: 2 });
    assert_eq!(again(scratch.path()).marks.newest("test").as_deref(), Some("two"));
    log.stop();
}

#[tokio::test]
async fn marks_outlive_the_files_that_held_them() {
    let scratch = tempfile::tempdir().expect("a directory");
    let settings = LogSettings { file_bytes: 1, ..LogSettings::default() };
    let (log, _) = on(begin(scratch.path(), 0), settings);
    log.append(marked("a\n", 1, "one")).await.expect("on disk");
    log.append(marked("a\n", 1, "two")).await.expect("on disk");
    log.forget(1);
    log.rotate().await;
    assert_eq!(begin(scratch.path(), 0).marks.newest("test").as_deref(), Some("one"));
    assert_eq!(again(scratch.path()).marks.newest("test").as_deref(), Some("two"));
    log.forget(2);
    log.stop();
    let from = again(scratch.path());
    assert!(from.files.is_empty());
    assert_eq!(from.marks.newest("test").as_deref(), Some("two"));
}

/// Files are named for their first record: one without any mustn't be in the next
/// one's way, neither in this process nor after a restart.
#[tokio::test]
async fn marks_without_records_are_in_no_files_way() {
    let scratch = tempfile::tempdir().expect("a directory");
    let settings = LogSettings { file_bytes: 1, ..LogSettings::default() };
    let (log, _) = on(begin(scratch.path(), 7), settings);
    for mark in ["one", "two"] {
        log.append(marked("", 0, mark)).await.expect("on disk");
        log.rotate().await;
    }
    drop(log);
    let from = again(scratch.path());
    assert_eq!((from.next_seq, from.files.len()), (7, 1));
    let (log, _) = on(from, settings);
    log.append(marked("", 0, "three")).await.expect("on disk");
    let stored = log.append(marked("a\n", 1, "four")).await.expect("on disk");
    assert_eq!(stored.end, 8);
    log.forget(7);
    log.stop();
    let found = recover(scratch.path()).expect("read");
    let counts: Vec<u32> = found.frames.iter().map(|frame| frame.count).collect();
    assert!(counts.ends_with(&[0, 1]), "{counts:?}");
    assert_eq!(again(scratch.path()).marks.newest("test").as_deref(), Some("four"));
    let (log, _) = on(again(scratch.path()), settings);
    log.forget(8);
    // What is told to forget comes before what is written, not together with it.
    log.rotate().await;
    log.append(marked("", 0, "five")).await.expect("on disk");
    log.stop();
    assert_eq!(again(scratch.path()).marks.newest("test").as_deref(), Some("five"));
}

#[tokio::test]
async fn a_file_full_of_marks_goes_once_all_is_sealed() {
    let scratch = tempfile::tempdir().expect("a directory");
    let settings = LogSettings { file_bytes: 200, ..LogSettings::default() };
    let (log, _) = on(begin(scratch.path(), 0), settings);
    log.append(marked("a\n", 1, "records")).await.expect("on disk");
    log.forget(1);
    for number in 0..100 {
        log.append(marked("", 0, &number.to_string())).await.expect("on disk");
    }
    log.rotate().await;
    assert!(log.disk_bytes() < 400, "{}", log.disk_bytes());
    log.stop();
    assert_eq!(again(scratch.path()).marks.newest("test").as_deref(), Some("99"));
}

#[tokio::test]
async fn a_mark_that_is_too_long_is_refused() {
    let scratch = tempfile::tempdir().expect("a directory");
    let (log, marks) = on(begin(scratch.path(), 0), LogSettings::default());
    let longest = "x".repeat(64 << 10);
    log.append(marked("a\n", 1, &longest)).await.expect("on disk");
    let refused = log.append(marked("a\n", 1, &format!("{longest}x"))).await;
    assert!(matches!(refused, Err(LogError::LongMark { mark: 65_537, collector: 4 })));
    assert_eq!(marks.newest("test"), Some(longest));
    log.stop();
}
