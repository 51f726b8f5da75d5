//! The checkpoints of all commits: whoever rewrote a ledger may have put its new
//! checkpoint on top of the honest ones.

use std::env;

use super::command::{Command, Failure};
use super::{FILE, Git};
use crate::anchor::error::AnchorResult;
use crate::error::LakeError;

/// The tip of the whole history.
const WHOLE: &str = "refs/anchor/whole";
/// Bytes that a checkpoint may have.
const MAX_BYTES: usize = 64 << 10;

impl Git {
    /// Each different content of the file on the branch, oldest first. Read in a clone
    /// that is gone afterwards: who verifies changes nothing, and gets in nobody's way.
    pub(super) fn history(&self) -> AnchorResult<Vec<Vec<u8>>> {
        let folder = tempfile::Builder::new().prefix("rollcall-anchor-").tempdir();
        let folder = folder.map_err(LakeError::file("can't make a folder in", env::temp_dir()))?;
        let command = self.command.in_clone(folder.path().join("clone"));
        command.make().map_err(|failure| self.failed(failure))?;
        if self.tip_there(&command)?.is_none() {
            return Ok(Vec::new());
        }
        self.contents(&command).map_err(|failure| self.failed(failure))
    }

    fn contents(&self, command: &Command) -> Result<Vec<Vec<u8>>, Failure> {
        let refspec = format!("+{}:{WHOLE}", self.address.reference());
        command.remote_long(&[
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--",
            self.address.url(),
            &refspec,
        ])?;
        let commits = command.local_long(&["rev-list", "--reverse", WHOLE], b"")?;
        let asked: String = String::from_utf8_lossy(&commits)
            .lines()
            .map(|commit| format!("{commit}:{FILE}\n"))
            .collect();
        let answer = command.local_long(&["cat-file", "--batch"], asked.as_bytes())?;
        parse(&answer).ok_or_else(|| Failure::Local("git cat-file: an odd answer".to_owned()))
    }
}

/// Reads `<id> blob <bytes>`, the bytes and a newline, or `<name> missing`, each for
/// one commit. What can't be a checkpoint comes back cut off, and so as none.
fn parse(mut answer: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut contents: Vec<Vec<u8>> = Vec::new();
    while !answer.is_empty() {
        let end = answer.iter().position(|byte| *byte == b'\n')?;
        let (line, rest) = answer.split_at(end);
        let mut words = std::str::from_utf8(line).ok()?.rsplit(' ');
        answer = rest.get(1..)?;
        let last = words.next()?;
        if last == "missing" {
            continue;
        }
        let bytes: usize = last.parse().ok()?;
        let content = answer.get(..bytes)?;
        let content = content.get(..bytes.min(MAX_BYTES))?;
        if words.next()? == "blob" && contents.last().is_none_or(|last| last != content) {
            contents.push(content.to_vec());
        }
        answer = answer.get(bytes + 1..)?;
    }
    Some(contents)
}
