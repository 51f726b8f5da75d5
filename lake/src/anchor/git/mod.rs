//! A Git repository: the file `checkpoint` on a branch, a commit for each. What lies
//! there must be a beginning of our ledger before anything is put on top of it; the
//! branch is never forced.
//!
//! ```text
//! address  which repository and branch; what could be taken for something else
//! command  git, with nothing of the user's or the system's settings
//! history  the checkpoints of all commits
//! ```
//!
//! Only plumbing runs here, in a bare clone: nothing is checked out, so that nothing
//! in the repository can lead outside of it, and no hook runs.

mod address;
mod command;
mod history;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use tokio::runtime::Handle;

use super::error::{AnchorError, AnchorResult};
use super::receipt::Proof;
use super::settings::every_minute;
use super::vouch::{open_anchored, vouches};
use super::{Anchor, Submission};
use address::Address;
use command::{Command, Failure};

/// Times to build on what others pushed meanwhile.
const TRIES: usize = 3;
/// The branch's tip as it was seen last.
const TIP: &str = "refs/anchor/tip";
/// The file.
const FILE: &str = "checkpoint";

/// A repository's settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitSettings {
    /// Its name.
    pub name: String,
    /// The repository: `https://`, `http://`, `ssh://` (or `git+ssh://`) or `file://`.
    pub url: String,
    /// The branch; made if there is none.
    #[serde(default = "main")]
    pub branch: String,
    /// The user that goes with the token.
    #[serde(default = "rollcall")]
    pub user: String,
    /// The variable that holds the token, for https.
    #[serde(default)]
    pub token_env: Option<String>,
    /// The file that holds the token, for https.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
    /// The secret key, for ssh.
    #[serde(default)]
    pub ssh_key: Option<PathBuf>,
    /// The hosts' keys, for ssh; the system's where there is none.
    #[serde(default)]
    pub known_hosts: Option<PathBuf>,
    /// Minutes between two checkpoints.
    #[serde(default = "every_minute")]
    pub every_minutes: u32,
}

fn main() -> String {
    "main".to_owned()
}

fn rollcall() -> String {
    "rollcall".to_owned()
}

/// The repository, and the clone of it here.
#[derive(Debug)]
pub(super) struct Git {
    address: Address,
    command: Command,
}

impl Git {
    pub(super) fn open(of: &GitSettings, folder: &Path, handle: Handle) -> AnchorResult<Self> {
        let address = Address::of(of)?;
        let command = Command::new(&address, folder.join("clone"), handle);
        Ok(Self { address, command })
    }

    /// The branch's tip there; `None` if there is no such branch.
    fn tip_there(&self) -> AnchorResult<Option<String>> {
        let branch = self.address.reference();
        let output = self
            .command
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
    fn take_over(&self, tip: &str, submission: &Submission<'_>) -> AnchorResult<bool> {
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
        vouches(submission.ledger, submission.checkpoint.size, &theirs)?;
        Ok(theirs.size == submission.checkpoint.size)
    }

    /// A commit on top of the tip whose `checkpoint` is ours.
    fn commit(&self, tip: Option<&str>, submission: &Submission<'_>) -> Result<String, Failure> {
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

    fn failed(&self, failure: Failure) -> AnchorError {
        let place = self.address.url().to_owned();
        match failure {
            Failure::Start(detail) => AnchorError::Settings(detail),
            Failure::Local(detail) => AnchorError::Unreachable {
                place,
                detail: format!(
                    "{detail} in {} (it is made anew if you remove it)",
                    self.command.folder().display()
                ),
            },
            Failure::Remote(detail) => AnchorError::Unreachable { place, detail },
            Failure::Settings(error) => error,
        }
    }

    fn proof(&self, commit: String) -> Proof {
        let (url, branch) = (self.address.url().to_owned(), self.address.branch().to_owned());
        Proof::Git { url, branch, commit }
    }
}

impl Anchor for Git {
    fn push(&self, submission: &Submission<'_>) -> AnchorResult<Proof> {
        self.command.make().map_err(|failure| self.failed(failure))?;
        let mut refusal = None;
        let mut pushed: Option<(Option<String>, String)> = None;
        for _ in 0..TRIES {
            let tip = self.tip_there()?;
            if let Some((before, commit)) = &pushed {
                // It may be done although we were told that it isn't.
                if tip.as_ref() == Some(commit) {
                    break;
                }
                if tip == *before {
                    return Err(refusal.unwrap_or_else(|| self.refused("it took nothing")));
                }
            }
            if let Some(tip) = &tip
                && self.take_over(tip, submission)?
            {
                return Ok(self.proof(tip.clone()));
            }
            let commit =
                self.commit(tip.as_deref(), submission).map_err(|failure| self.failed(failure))?;
            let refspec = format!("{commit}:{}", self.address.reference());
            let args = ["push", "--quiet", "--porcelain", "--", self.address.url(), &refspec];
            let done = self.command.remote(&args);
            pushed = Some((tip, commit));
            match done {
                Ok(_) => break,
                Err(failure) => refusal = Some(self.failed(failure)),
            }
        }
        let Some((_, commit)) = pushed else { return Err(self.refused("it took nothing")) };
        if let Some(refusal) = refusal
            && self.tip_there()?.as_ref() != Some(&commit)
        {
            return Err(refusal);
        }
        self.command.remember(TIP, &commit).map_err(|failure| self.failed(failure))?;
        Ok(self.proof(commit))
    }

    fn read_back(&self) -> Option<AnchorResult<Vec<Vec<u8>>>> {
        Some(self.history())
    }
}

impl Git {
    fn refused(&self, detail: &str) -> AnchorError {
        AnchorError::Refused {
            place: self.address.url().to_owned(),
            detail: format!("{detail}; check the branch's rules and the right to push"),
        }
    }
}

/// Whether a word is an object's id.
fn is_id(word: &str) -> bool {
    matches!(word.len(), 40 | 64) && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}
