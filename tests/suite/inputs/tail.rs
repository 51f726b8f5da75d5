//! Files that grow and are rotated while the server is killed and started again. Holds
//! invariant 1.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::rollcall::{Rollcall, eventually, github};

/// Writes a log that has some events on until it is told to end, and rotates it as
/// logrotate does. Returns how many events there are then.
fn write(log: &Path, mut written: i64, copies: bool, ends: &AtomicBool) -> i64 {
    let numbered = |number: usize| PathBuf::from(format!("{}.{number}", log.display()));
    let mut rotated = 0;
    let mut file = open(log);
    while !ends.load(Ordering::SeqCst) {
        for _ in 0..20 {
            let lines = github(written, 7);
            let (half, rest) = lines.split_at(lines.len() / 2);
            file.write_all(half.as_bytes()).expect("written");
            file.write_all(rest.as_bytes()).expect("written");
            written += 7;
            // As slowly as a busy log; no test waits for it.
            std::thread::sleep(Duration::from_millis(5));
        }
        for number in (1..=rotated).rev() {
            fs::rename(numbered(number), numbered(number + 1)).expect("renamed");
        }
        rotated += 1;
        if copies {
            fs::copy(log, numbered(1)).expect("copied");
            file.set_len(0).expect("cut");
        } else {
            fs::rename(log, numbered(1)).expect("renamed");
            // Whoever writes notices a little later.
            file.write_all(github(written, 1).as_bytes()).expect("written");
            written += 1;
            file = open(log);
        }
    }
    written
}

fn open(log: &Path) -> File {
    OpenOptions::new().create(true).append(true).open(log).expect("a file")
}

fn follow(copies: bool) {
    let rollcall = Rollcall::new();
    let folder = rollcall.folder().join("logs");
    fs::create_dir(&folder).expect("a folder");
    let log = folder.join("audit.log");
    let settings =
        format!("[[tail.files]]\npath = {log:?}\nsource = \"github\"\ncollector = \"audit\"\n");
    rollcall.file("rollcall.toml", settings);
    let rows = || rollcall.number("SELECT count(*) FROM events_all");
    open(&log).write_all(github(0, 7).as_bytes()).expect("written");
    let mut server = rollcall.serve(&[]);
    eventually("the first are there", || rows() == 7);
    let ends = Arc::new(AtomicBool::new(false));
    let writing = {
        let (log, ends) = (log.clone(), Arc::clone(&ends));
        std::thread::spawn(move || write(&log, 7, copies, &ends))
    };
    let mut before = 7;
    for _ in 0..4 {
        eventually("more is there", || rows() > before);
        server.kill();
        // What isn't sealed can't be asked for without a server, and is in its log.
        server = rollcall.serve(&[]);
        before = rows();
    }
    ends.store(true, Ordering::SeqCst);
    let written = writing.join().expect("written");
    eventually("all is there", || rows() >= written);
    server.stop();
    assert_eq!(rows(), written);
    assert_eq!(rollcall.number("SELECT count(DISTINCT source_event_id) FROM events_all"), written);
    assert_eq!(rollcall.number("SELECT count(*) FROM set_aside"), 0);
    assert_eq!(rollcall.sql("SELECT DISTINCT collector FROM events"), ["audit"]);
    rollcall.run(&["verify"]);
}

#[test]
fn a_path_that_matches_nothing_is_said_to() {
    let rollcall = Rollcall::new();
    let log = rollcall.folder().join("later.log");
    rollcall
        .file("rollcall.toml", format!("[[tail.files]]\npath = {log:?}\nsource = \"github\"\n"));
    let server = rollcall.serve(&[]);
    let cookie = server.sign_in(&rollcall);
    let page = || server.get("/data-health", &cookie).1;
    eventually("it says so", || page().contains("there is no such file yet"));
    assert!(page().contains("1 collector: 1 starting."));
    open(&log).write_all(github(0, 7).as_bytes()).expect("written");
    eventually("it is followed", || page().contains("1 collector: 1 running."));
    server.stop();
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 7);
}

#[test]
fn a_file_that_is_renamed_is_stored_once_whatever_happens_to_the_process() {
    follow(false);
}

#[test]
fn a_file_that_is_copied_and_cut_is_stored_once_whatever_happens_to_the_process() {
    follow(true);
}
