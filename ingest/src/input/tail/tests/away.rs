//! Files that can't be seen for a while: taken away, on a folder that isn't mounted, or not
//! to be read. Nothing of them is read twice, and nothing isn't.

use super::*;

/// Longer than files that aren't under their path are followed.
const LONG: Duration = Duration::from_secs(100 * 10);

impl Bench {
    /// Takes a file to another folder.
    pub(super) fn take_away(&self, name: &str) {
        fs::create_dir_all(self.path("elsewhere")).expect("a folder");
        self.rename(name, &format!("elsewhere/{name}"));
    }

    /// Brings it back.
    pub(super) fn bring_back(&self, name: &str) {
        self.rename(&format!("elsewhere/{name}"), name);
    }

    /// Makes a path one that can't be looked at: a link that leads to itself.
    fn spoil(&self, name: &str) {
        std::os::unix::fs::symlink(self.path(name), self.path(name)).expect("a link");
    }

    fn mend(&self, name: &str) {
        fs::remove_file(self.path(name)).expect("removed");
    }

    /// The times that something was told.
    fn told(&self, what: &str) -> usize {
        self.notes.iter().filter(|note| note.contains(what)).count()
    }
}

#[test]
fn a_file_that_comes_back_is_read_on_where_it_was() {
    for pattern in ["app.log", "app.log*"] {
        for restarts in [0b00, 0b01, 0b10, 0b11] {
            let mut bench = Bench::new(pattern);
            bench.write("app.log", "one\n");
            bench.check(&["one"]);
            bench.take_away("app.log");
            if restarts & 1 > 0 {
                bench.restart();
            }
            bench.check(&[]);
            bench.now += LONG;
            bench.check(&[]);
            assert!(bench.follower.files.is_empty());
            bench.write("elsewhere/app.log", "two\n");
            if restarts & 2 > 0 {
                bench.restart();
            }
            bench.check(&[]);
            bench.bring_back("app.log");
            bench.check(&["two"]);
            bench.write("app.log", "three\n");
            bench.check(&["three"]);
            bench.restart();
            bench.check(&[]);
        }
    }
}

#[test]
fn another_file_under_the_path_of_one_that_is_away_is_read_from_its_start() {
    let mut bench = Bench::new("app.log");
    bench.write("app.log", "one\n");
    bench.check(&["one"]);
    bench.take_away("app.log");
    bench.check(&[]);
    bench.now += LONG;
    bench.check(&[]);
    bench.write("app.log", "one\ntwo\n");
    bench.check(&["one", "two"]);
}

#[test]
fn a_file_that_comes_back_may_be_rotated_before_it_is_seen() {
    for pattern in ["app.log", "app.log*"] {
        for restarts in [false, true] {
            let mut bench = Bench::new(pattern);
            bench.write("app.log", "one\n");
            bench.check(&["one"]);
            bench.take_away("app.log");
            bench.check(&[]);
            bench.now += LONG;
            bench.check(&[]);
            bench.write("elsewhere/app.log", "two\n");
            bench.bring_back("app.log");
            bench.rename("app.log", "app.log.1");
            bench.write("app.log", "three\n");
            if restarts {
                bench.restart();
            }
            bench.settle();
            bench.lines.sort();
            bench.check(&["three", "two"]);
            bench.restart();
            bench.check(&[]);
        }
    }
}

#[test]
fn a_whole_folder_may_be_away() {
    let mut bench = Bench::new("logs/*.log");
    fs::create_dir(bench.path("logs")).expect("a folder");
    let names: Vec<String> = (0..60).map(|number| format!("logs/{number:02}.log")).collect();
    for name in &names {
        bench.write(name, &format!("{name}\n"));
    }
    bench.settle();
    bench.lines.sort();
    bench.check(&names.iter().map(String::as_str).collect::<Vec<_>>());
    bench.rename("logs", "elsewhere");
    bench.check(&[]);
    bench.now += LONG;
    bench.check(&[]);
    bench.restart();
    bench.check(&[]);
    bench.rename("elsewhere", "logs");
    bench.write("logs/07.log", "new\n");
    bench.check(&["new"]);
    bench.restart();
    bench.check(&[]);
}

#[test]
fn what_is_mounted_anew_goes_on_under_another_device() {
    let mut bench = Bench::new("app.log");
    bench.write("app.log", "one\n");
    bench.check(&["one"]);
    bench.follower.files[0].known.device += 1;
    bench.write("app.log", "two\n");
    bench.check(&["two"]);
    assert_eq!(bench.follower.files.len(), 1);
    bench.write("app.log", "three\n");
    bench.check(&["three"]);
}

#[test]
fn what_cannot_be_looked_at_is_not_gone() {
    for pattern in ["app.log", "app.log*"] {
        for restarts in [false, true] {
            let mut bench = Bench::new(pattern);
            bench.write("app.log", "one\nhal");
            bench.check(&["one"]);
            bench.take_away("app.log");
            bench.spoil("app.log");
            if restarts {
                bench.restart();
            }
            bench.check(&[]);
            bench.now += LONG;
            // Its last line has no end: it wasn't rotated away.
            bench.check(&[]);
            assert_eq!((bench.told("can't be read"), bench.told("it is gone")), (1, 0));
            bench.mend("app.log");
            bench.bring_back("app.log");
            bench.write("app.log", "f\n");
            bench.check(&["half"]);
        }
    }
}

#[test]
fn what_goes_wrong_again_is_told_again() {
    let mut bench = Bench::new("app.log");
    for times in 1..4 {
        bench.spoil("app.log");
        bench.check(&[]);
        bench.check(&[]);
        bench.mend("app.log");
        bench.check(&[]);
        assert_eq!(bench.told("can't be read"), times);
    }
}

#[test]
fn from_the_end_counts_for_files_that_could_not_be_seen_at_first() {
    for pattern in ["app.log", "*.log"] {
        for restarts in [false, true] {
            let mut bench = Bench::beginning(pattern, Beginning::End);
            bench.spoil("app.log");
            bench.check(&[]);
            if restarts {
                bench.restart();
            }
            bench.check(&[]);
            bench.mend("app.log");
            bench.write("app.log", "passed over\n");
            bench.check(&[]);
            bench.write("app.log", "one\n");
            bench.check(&["one"]);
            // It was seen since: what comes there now is new.
            bench.rename("app.log", "app.log.1");
            bench.check(&[]);
            bench.spoil("app.log");
            bench.check(&[]);
            bench.mend("app.log");
            bench.write("app.log", "two\n");
            bench.check(&["two"]);
        }
    }
}
