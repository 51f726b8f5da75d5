//! Real files, written, rotated and cut short, by a process that is killed now and then.
//! Holds invariant 1.

mod away;

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::follower::Follower;
use super::settings::{Beginning, Rules};
use crate::input::records;
use crate::tail::CUT_OFF;

const QUIET: Duration = Duration::from_secs(10);

/// A folder, and what was stored of its files.
struct Bench {
    folder: tempfile::TempDir,
    rules: Rules,
    follower: Follower,
    now: Instant,
    lines: Vec<String>,
    cut_off: Vec<usize>,
    mark: Option<String>,
    notes: Vec<String>,
}

impl Bench {
    fn new(pattern: &str) -> Self {
        Self::beginning(pattern, Beginning::Start)
    }

    fn beginning(pattern: &str, from: Beginning) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let rules = Rules {
            pattern: folder.path().join(pattern).to_str().expect("text").to_owned(),
            source: "sshd".to_owned(),
            collector: "test".to_owned(),
            from,
            most: 4_000,
            scan: Duration::ZERO,
            quiet: QUIET,
            keep: 30 * QUIET,
        };
        let follower = Follower::new(rules.clone(), None);
        let (lines, cut_off, mark, notes) = Default::default();
        Self { folder, rules, follower, now: Instant::now(), lines, cut_off, mark, notes }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        let file = OpenOptions::new().create(true).append(true).open(path);
        file.expect("a file").write_all(text.as_bytes()).expect("written");
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).expect("renamed");
    }

    /// What logrotate's copytruncate does.
    fn cut_short(&self, name: &str, copy: &str) {
        fs::copy(self.path(name), self.path(copy)).expect("copied");
        File::options().write(true).open(self.path(name)).expect("a file").set_len(0).expect("cut");
    }

    /// A step; what it gives is stored unless the process dies before. Returns whether
    /// there was something.
    fn step(&mut self, is_stored: bool) -> bool {
        let step = self.follower.step(self.now);
        self.notes.extend(step.notes);
        let Some(batch) = step.batch.filter(|_| is_stored) else { return false };
        assert!(batch.source == "sshd" || batch.source == CUT_OFF, "{}", batch.source);
        for record in records::listed(&batch.payload) {
            match batch.source == CUT_OFF {
                true => self.cut_off.push(record.len()),
                false => self.lines.push(String::from_utf8(record.to_vec()).expect("text")),
            }
        }
        self.mark = batch.mark;
        true
    }

    /// Reads all that there is.
    fn settle(&mut self) {
        while self.step(true) {}
    }

    /// The process dies and starts again.
    fn restart(&mut self) {
        self.follower = Follower::new(self.rules.clone(), self.mark.as_deref());
    }

    /// What was stored since the last time.
    #[track_caller]
    fn check(&mut self, lines: &[&str]) {
        self.settle();
        assert_eq!(std::mem::take(&mut self.lines), lines);
    }
}

#[test]
fn lines_come_as_they_are_written_and_wait_for_their_end() {
    let mut bench = Bench::new("auth.log");
    bench.check(&[]);
    bench.write("auth.log", "\u{feff}one\r\n\n  \ntwo\nthr");
    bench.check(&["one", "two"]);
    bench.write("auth.log", "ee");
    bench.now += 100 * QUIET;
    bench.check(&[]);
    bench.restart();
    bench.write("auth.log", "\nfour\n");
    bench.check(&["three", "four"]);
    bench.restart();
    bench.check(&[]);
}

#[test]
fn a_file_that_is_renamed_is_read_to_its_end_before_the_new_one() {
    for restarts in [false, true] {
        let mut bench = Bench::new("auth.log");
        bench.write("auth.log", "one\n");
        bench.check(&["one"]);
        bench.write("auth.log", "two\n");
        bench.rename("auth.log", "auth.log.1");
        bench.write("auth.log", "four\n");
        // Whoever writes it hasn't noticed yet.
        bench.write("auth.log.1", "three\nlast");
        if restarts {
            bench.restart();
        }
        bench.check(&["two", "three", "four"]);
        bench.write("auth.log.1", " words\nmore");
        bench.check(&["last words"]);
        // Nobody writes to it any more: what is there is a line.
        bench.now += QUIET;
        bench.check(&["more"]);
        bench.now += QUIET;
        bench.check(&[]);
        bench.now += 100 * QUIET;
        bench.check(&[]);
        assert_eq!(bench.follower.files.len(), 1);
    }
}

#[test]
fn files_that_came_and_went_meanwhile_are_read_too() {
    let mut bench = Bench::new("auth.log");
    let written = |bench: &Bench, name: &str, seconds: i64| {
        let now = std::time::SystemTime::now();
        let apart = Duration::from_secs(seconds.unsigned_abs());
        let time = if seconds < 0 { now - apart } else { now + apart };
        let file = File::options().append(true).open(bench.path(name)).expect("a file");
        file.set_modified(time).expect("a time");
    };
    bench.write("auth.log.1", "before our time\n");
    written(&bench, "auth.log.1", -100);
    bench.write("auth.log", "one\n");
    bench.check(&["one"]);
    bench.write("auth.log", "two\n");
    bench.rename("auth.log.1", "auth.log.2");
    bench.rename("auth.log", "auth.log.1");
    bench.write("auth.log", "three\n");
    written(&bench, "auth.log", 10);
    for number in [2, 1] {
        bench.rename(&format!("auth.log.{number}"), &format!("auth.log.{}", number + 1));
    }
    bench.rename("auth.log", "auth.log.1");
    bench.write("auth.log", "four\n");
    written(&bench, "auth.log", 20);
    bench.write("auth.log.bak", "somebody's copy\n");
    bench.restart();
    bench.check(&["two", "three", "four"]);
    bench.restart();
    bench.check(&[]);
}

#[test]
fn a_file_that_is_cut_short_is_read_from_its_start() {
    let mut bench = Bench::new("auth.log");
    bench.write("auth.log", "one\ntwo\n");
    bench.check(&["one", "two"]);
    File::create(bench.path("auth.log")).expect("cut");
    bench.write("auth.log", "three\n");
    bench.check(&["three"]);
    // Longer than it was, and another.
    File::create(bench.path("auth.log")).expect("cut");
    bench.write("auth.log", "four and some more than that\nfive\n");
    bench.check(&["four and some more than that", "five"]);
    bench.restart();
    File::create(bench.path("auth.log")).expect("cut");
    bench.write("auth.log", "six, which is yet more than was there before\nseven is too\n");
    bench.check(&["six, which is yet more than was there before", "seven is too"]);
}

#[test]
fn what_was_not_read_before_a_cut_is_read_from_the_copy() {
    for pattern in ["app.log", "app.log*"] {
        for restarts in [false, true] {
            let mut bench = Bench::new(pattern);
            bench.write("app.log", "one\n");
            bench.check(&["one"]);
            bench.write("app.log", "two\n");
            bench.cut_short("app.log", "app.log.1");
            bench.write("app.log", "three\n");
            if restarts {
                bench.restart();
            }
            bench.settle();
            bench.lines.sort();
            bench.check(&["one", "three", "two"][1..]);
            bench.restart();
            bench.check(&[]);
            bench.rename("app.log.1", "app.log.2");
            bench.cut_short("app.log", "app.log.1");
            bench.check(&[]);
        }
    }
}

#[test]
fn a_copy_of_what_is_followed_gives_nothing_twice() {
    let mut bench = Bench::new("*.log*");
    bench.write("app.log", "one\ntwo\n");
    bench.write("other.log", "one\n");
    bench.settle();
    bench.lines.sort();
    bench.check(&["one", "one", "two"]);
    bench.write("app.log", "three\n");
    fs::copy(bench.path("app.log"), bench.path("app.log.bak")).expect("copied");
    bench.check(&["three"]);
    bench.write("app.log", "four\n");
    bench.check(&["four"]);
    bench.restart();
    bench.check(&[]);
}

#[test]
fn folders_and_files_may_come_later() {
    let mut bench = Bench::new("*/logs/a*.log");
    bench.check(&[]);
    bench.restart();
    fs::create_dir_all(bench.path("web-1/logs")).expect("a folder");
    bench.write("web-1/logs/auth.log", "one\n");
    bench.write("web-1/logs/other.log", "no\n");
    bench.check(&["one"]);
    fs::create_dir_all(bench.path("web-2/logs")).expect("a folder");
    bench.write("web-2/logs/app.log", "two\n");
    bench.write("web-2/logs/app.log.gz", "no\n");
    bench.write("web-2/logs/archive.log", "\u{1f}");
    fs::write(bench.path("web-2/logs/archive.log"), b"\x1f\x8b\x08\n\n").expect("a file");
    bench.check(&["two"]);
    assert!(bench.notes.iter().any(|note| note.contains("is compressed")), "{:?}", bench.notes);
}

#[test]
fn what_is_told_of_a_file_has_no_line_breaks_of_its_name() {
    let mut bench = Bench::new("*.log");
    fs::write(bench.path("a\nERROR b\u{1b}[2J.log"), b"\x1f\x8b\x08\n\n").expect("a file");
    bench.check(&[]);
    let [note] = bench.notes.as_slice() else { panic!("{:?}", bench.notes) };
    assert!(
        note.contains(r"a\nERROR b\u{1b}[2J.log") && !note.contains(['\n', '\u{1b}']),
        "{note}"
    );
}

#[test]
fn from_the_end_counts_for_files_of_the_first_start_alone() {
    let mut bench = Bench::beginning("*.log", Beginning::End);
    bench.write("old.log", "passed over\nbegun");
    bench.check(&[]);
    bench.write("old.log", " and ended\n");
    bench.check(&["begun and ended"]);
    bench.restart();
    bench.write("new.log", "one\n");
    bench.check(&["one"]);
    let mut bench = Bench::beginning("late.log", Beginning::End);
    bench.check(&[]);
    bench.restart();
    bench.write("late.log", "one\n");
    bench.check(&["one"]);
}

#[test]
fn a_line_that_is_too_long_goes_apart() {
    let mut bench = Bench::new("app.log");
    bench.write("app.log", &format!("one\n{}\ntwo\n{}", "x".repeat(4_001), "y".repeat(9_000)));
    bench.check(&["one", "two"]);
    assert_eq!(bench.cut_off, [4_000, 4_000]);
    bench.restart();
    bench.write("app.log", "yyyy\nthree\n");
    bench.check(&["three"]);
    bench.write("app.log", &format!("{}\n", "z".repeat(4_000)));
    bench.settle();
    assert_eq!((bench.lines.len(), bench.cut_off.len()), (1, 2));
}

#[test]
fn many_bytes_come_in_pieces() {
    let mut bench = Bench::new("app.log");
    let line = |number: usize| format!("{number} {}", "x".repeat(number % 3_000));
    let all: Vec<String> = (0..2_000).map(line).collect();
    bench.write("app.log", &(all.join("\n") + "\n"));
    let mut steps = 0;
    while bench.lines.len() < all.len() {
        assert!(bench.step(true), "{steps}");
        steps += 1;
        bench.restart();
    }
    bench.settle();
    assert!(steps > 5 && bench.lines == all, "{steps}");
}

/// Whatever whoever writes and rotates does, and whenever the process dies: each line is
/// stored once.
#[test]
fn each_line_is_stored_once_whatever_happens() {
    for (pattern, seed) in (0..120).map(|seed| (["app.log", "app.log*"][seed % 2], seed)) {
        let mut random = ChaCha8Rng::seed_from_u64(seed as u64);
        let mut bench = Bench::new(pattern);
        let (mut written, mut is_within) = (Vec::new(), false);
        let (mut rotated, mut copies) = (0, random.random_bool(0.5));
        bench.write("app.log", "the first line\n");
        bench.check(&["the first line"]);
        let mut done = Vec::new();
        for _ in 0..60 {
            let what = random.random_range(0..10);
            done.push((what, copies, written.len()));
            match what {
                0..=3 => {
                    let number = written.len();
                    let end = if random.random_bool(0.8) { "\n" } else { "" };
                    if is_within {
                        bench.write("app.log", "\n");
                    }
                    let line = format!("line {seed} {number} {}", "x".repeat(number * 7 % 90));
                    bench.write("app.log", &format!("{line}{end}"));
                    written.push(line);
                    is_within = end.is_empty();
                }
                4 | 5 => drop(bench.step(true)),
                6 => bench.settle(),
                7 => bench.restart(),
                // It dies before what it read is stored.
                8 => {
                    bench.step(false);
                    bench.restart();
                }
                _ if bench.path("app.log").exists() => {
                    if is_within {
                        bench.write("app.log", "\n");
                        is_within = false;
                    }
                    for number in (1..=rotated).rev() {
                        let (from, to) =
                            (format!("app.log.{number}"), format!("app.log.{}", number + 1));
                        bench.rename(&from, &to);
                    }
                    rotated += 1;
                    match copies {
                        true => bench.cut_short("app.log", "app.log.1"),
                        false => bench.rename("app.log", "app.log.1"),
                    }
                }
                _ => copies = !copies,
            }
        }
        let end = if is_within { "\nthe last line\n" } else { "the last line\n" };
        bench.write("app.log", end);
        written.push("the last line".to_owned());
        bench.settle();
        bench.now += QUIET;
        bench.settle();
        let mut stored = bench.lines.clone();
        stored.sort();
        written.sort();
        assert_eq!(stored, written, "seed {seed} {pattern} {:?} {done:?}", bench.notes);
    }
}
