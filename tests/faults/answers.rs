//! What a damaged directory may still say: what it said before, or which file is
//! damaged. Another answer is for `rollcall verify` to find.

use std::path::Path;
use std::process::Stdio;

use sha2::{Digest, Sha256};

use super::process::{PATIENCE, under};
use crate::rollcall::Rollcall;

/// Every column of every row.
const EVERYTHING: [&str; 4] = [
    "SELECT * FROM events_all ORDER BY shard, seq, part",
    "SELECT * FROM set_aside ORDER BY shard, seq, part",
    "SELECT * FROM people_all ORDER BY id",
    "SELECT * FROM factors ORDER BY as_of, login",
];

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// All rows, hashed.
    Rows(Vec<u8>),
    /// Why there is none.
    Refused(String),
}

/// Asks for everything.
#[track_caller]
pub fn ask(rollcall: &Rollcall) -> Answer {
    let limit = ["timeout", "-s", "KILL", &PATIENCE.as_secs().to_string()].map(str::to_owned);
    let inner = rollcall.command(&["sql", "--format", "csv"]);
    let mut command = under(&limit, &inner);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("runs");
    let mut stdin = child.stdin.take().expect("stdin");
    let queries = EVERYTHING.join(";\n") + ";\n";
    // One that ends early has an answer too.
    let _ = std::io::Write::write_all(&mut stdin, queries.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("ended");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!panicked(&said), "a query panicked: {said}");
    match output.status.code() {
        Some(0) => Answer::Rows(Sha256::digest(output.stdout).to_vec()),
        Some(3) => Answer::Refused(said),
        _ => panic!("a query hung or died: {}: {said}", output.status),
    }
}

/// Whether something panicked, other than a library over what it decodes: that is
/// caught, and told in a line.
pub fn panicked(said: &str) -> bool {
    let mut lines = said.lines();
    lines.any(|line| line.contains("panicked") && !line.contains("library panicked"))
}

/// What an answer is, beside the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The right one.
    Right,
    /// None, and it says which file is damaged.
    Refused,
    /// None, and it says that `rollcall verify` tells which.
    Unnamed,
    /// Another.
    Other,
}

/// Judges an answer of a directory in which one file is damaged. A refusal must
/// name it, or the folder of the table whose log it is part of.
#[track_caller]
pub fn judge(answer: &Answer, right: &Answer, damaged: &Path) -> Verdict {
    match answer {
        Answer::Rows(_) if answer == right => Verdict::Right,
        Answer::Rows(_) => Verdict::Other,
        Answer::Refused(said) if !names(said, damaged) && said.contains("`rollcall verify`") => {
            Verdict::Unnamed
        }
        Answer::Refused(said) => {
            assert!(names(said, damaged), "it refuses and doesn't name {damaged:?}: {said}");
            Verdict::Refused
        }
    }
}

/// Whether a message names a file, or the table whose log holds it, or the ledger that
/// it is a part of: `verify` names the part. DataFusion tells a file's path from the root
/// without the root.
pub fn names(said: &str, damaged: &Path) -> bool {
    let folder = damaged.parent().expect("a folder");
    let table = folder.parent().filter(|_| folder.ends_with("_delta_log"));
    let ledger = damaged.ancestors().find(|above| above.ends_with("data/ledger"));
    [Some(damaged), table, ledger].into_iter().flatten().any(|path| {
        let path = path.to_str().expect("a path");
        said.contains(path.trim_start_matches('/'))
    })
}
