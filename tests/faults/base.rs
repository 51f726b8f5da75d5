//! A data directory with a history: 48 commits, the last of them a compaction, so that
//! the next but one makes a Delta checkpoint; and batches in the log that nobody sealed.

use std::path::Path;
use std::sync::OnceLock;

use super::check::commits;
use super::load::{Told, send};
use super::process::Process;
use crate::rollcall::{Rollcall, eventually};

/// Commits in `events`.
pub const COMMITS: usize = 48;

struct Base {
    rollcall: Rollcall,
    told: Told,
}

/// A copy of it in a directory of its own.
pub fn copy() -> (Rollcall, Told) {
    copy_into(Rollcall::new())
}

/// A copy of it in a directory that is there.
pub fn copy_into(rollcall: Rollcall) -> (Rollcall, Told) {
    static BASE: OnceLock<Base> = OnceLock::new();
    let base = BASE.get_or_init(make);
    copy_folder(base.rollcall.folder(), rollcall.folder());
    (rollcall, base.told.copy())
}

/// Neither history nor data.
pub fn empty() -> (Rollcall, Told) {
    (Rollcall::new(), Told::default())
}

/// A folder beside the build for what is made once a process and copied from; those
/// of processes that are gone are removed.
pub fn original(name: &str) -> Rollcall {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults");
    std::fs::create_dir_all(&all).expect("a folder");
    for entry in std::fs::read_dir(&all).expect("a folder").flatten() {
        let process = entry.file_name().to_string_lossy().into_owned();
        if !Path::new("/proc").join(&process).exists() {
            // Another process may be removing it too.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    let mine = all.join(std::process::id().to_string()).join(name);
    std::fs::create_dir_all(&mine).expect("a folder");
    Rollcall::within(&mine)
}

/// A folder for a copy that shares files with what `original` made.
pub fn beside_originals() -> Rollcall {
    let mine = original("copies");
    Rollcall::owning(tempfile::tempdir_in(mine.folder()).expect("a directory"))
}

fn make() -> Base {
    let (rollcall, told) = (original("base"), Told::default());
    let token = rollcall.token();
    let often = [("ROLLCALL_SEAL_ROWS", "100".to_owned())];
    let mut server = Process::serve(&rollcall, &[], &often);
    let address = server.address.clone().expect("a server");
    for commit in 1..COMMITS {
        assert!(send(&address, &token, &told), "a batch of the base");
        eventually("a seal", || commits(&rollcall.data(), "events").len() > commit);
    }
    server.kill();
    server.ended();
    compact(&rollcall);
    assert_eq!(commits(&rollcall.data(), "events").len(), COMMITS + 1, "with the table's own");
    let mut server = Process::serve(&rollcall, &[], &[]);
    let address = server.address.clone().expect("a server");
    for _ in 0..2 {
        assert!(send(&address, &token, &told), "a batch of the base");
    }
    server.kill();
    server.ended();
    Base { rollcall, told }
}

/// Makes one of all small files.
fn compact(rollcall: &Rollcall) {
    let later = (chrono::Utc::now() + chrono::Days::new(2)).date_naive().to_string();
    rollcall.run(&["compact", "--before", &later]);
}

/// Copies files and folders; sockets are left out.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let (kind, target) = (entry.file_type().expect("a type"), to.join(entry.file_name()));
        if kind.is_dir() {
            copy_folder(&entry.path(), &target);
        } else if kind.is_file() {
            std::fs::copy(entry.path(), &target).expect("copied");
        }
    }
}
