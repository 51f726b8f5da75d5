//! The branch's tip: what it holds, and a commit on top of it.

use super::command::{Command, Failure};
use super::{FILE, Git, TIP};
use crate::anchor::Submission;
use crate::anchor::error::AnchorResult;
use crate::anchor::vouch::{open_anchored, vouches};

impl Git {
    /// The branch's tip there; `None` if there is no such branch.
    pub(super) fn tip_there(&self, command: &Command) -> AnchorResult<Option<String>> {
        let branch = self.address.reference();
        let output = command
            .remote(&["ls-remote", "--refs", "--", self.address.url(), &branch])
            .map_err(|failure| self.failed(failure))?;
        let lines = String::from_utf8_lossy(&output).into_owned();
        let tip = lines.lines().find_map(|line| {
            let (id, name) = line.split_once('\t')?;
            (name == branch && is_id(id)).then(|| id.to_owned())
        });
        Ok(tip)
    }

    /// Fetches the tip, unless it was seen before, and checks that what it holds is a
    /// beginning of our ledger. Tells whether it holds this very checkpoint.
    pub(super) fn take_over(&self, tip: &str, submission: &Submission<'_>) -> AnchorResult<bool> {
        let local = |failure| self.failed(failure);
        let seen = self.command.local(&["rev-parse", "--verify", "--quiet", TIP], b"");
        if !seen.is_ok_and(|seen| String::from_utf8_lossy(&seen).trim() == tip) {
            let refspec = format!("+{}:{TIP}", self.address.reference());
            self.command
                .remote(&[
                    "fetch",
                    "--quiet",
                    "--no-tags",
                    "--no-write-fetch-head",
                    "--no-recurse-submodules",
                    "--depth=1",
                    "--",
                    self.address.url(),
                    &refspec,
                ])
                .map_err(local)?;
        }
        let file = format!("{tip}:{FILE}");
        if self.command.local(&["cat-file", "-e", &file], b"").is_err() {
            // A repository that holds something else beside.
            return Ok(false);
        }
        let there = self.command.local(&["cat-file", "blob", &file], b"").map_err(local)?;
        if there == submission.note.as_bytes() {
            return Ok(true);
        }
        let theirs = open_anchored(&there, submission.keys)?;
        vouches(submission.known, submission.checkpoint.size, &theirs)?;
        Ok(theirs.size == submission.checkpoint.size)
    }

    /// A commit on top of the tip whose `checkpoint` is ours.
    pub(super) fn commit(
        &self,
        tip: Option<&str>,
        submission: &Submission<'_>,
    ) -> Result<String, Failure> {
        let line = |args: &[&str], input: &[u8]| {
            let output = self.command.local(args, input)?;
            Ok::<_, Failure>(String::from_utf8_lossy(&output).trim().to_owned())
        };
        let blob = line(&["hash-object", "-w", "--stdin"], submission.note.as_bytes())?;
        line(&["read-tree", tip.unwrap_or("--empty")], b"")?;
        let entry = format!("100644,{blob},{FILE}");
        line(&["update-index", "--add", "--cacheinfo", &entry], b"")?;
        let tree = line(&["write-tree"], b"")?;
        let mut args = vec!["commit-tree", "-F", "-"];
        args.extend(tip.iter().flat_map(|tip| ["-p", tip]));
        args.push(&tree);
        let message = format!("Checkpoint {}\n", submission.checkpoint.size);
        line(&args, message.as_bytes())
    }
}

/// Whether a word is an object's id.
fn is_id(word: &str) -> bool {
    matches!(word.len(), 40 | 64) && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}
