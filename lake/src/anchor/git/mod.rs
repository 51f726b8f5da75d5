//! A Git repository: the file `checkpoint` on a branch, a commit for each. What lies
//! there must be a beginning of our ledger before anything is put on top of it; the
//! branch is never forced.
//!
//! ```text
//! address      which repository and branch; what could be taken for something else
//! environment  nothing of the user's or the system's settings
//! command      runs git
//! tip          what the branch holds, and a commit on top of it
//! history      the checkpoints of all commits
//! ```
//!
//! Only plumbing runs here, in a bare clone: nothing is checked out, so that nothing
//! in the repository can lead outside of it, and no hook runs.

mod address;
mod command;
mod environment;
mod history;
#[cfg(test)]
mod tests;
mod tip;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use tokio::runtime::Handle;

use super::error::{AnchorError, AnchorResult};
use super::receipt::Proof;
use super::settings::every_minute;
use super::{Anchor, Submission};
use address::Address;
use command::{Command, Failure};

/// Times to build on what others pushed meanwhile.
const TRIES: usize = 3;
/// The branch's tip as it was seen last.
const TIP: &str = "refs/anchor/tip";
/// What git and ssh say where the login is missing or wrong.
const NO_RIGHT: [&str; 5] = [
    "could not read Username",
    "Authentication failed",
    "Permission denied",
    "Host key verification failed",
    "returned error: 403",
];
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
            Failure::Remote(detail) if NO_RIGHT.iter().any(|words| detail.contains(words)) => {
                let detail = format!("{detail}; check the token or the key, and its rights");
                AnchorError::Refused { place, detail }
            }
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
            let tip = self.tip_there(&self.command)?;
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
            && self.tip_there(&self.command)?.as_ref() != Some(&commit)
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
