//! Runs git: short answers, short waits, and words for what went wrong.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Handle;

use super::address::Address;
use super::environment::environment;
use crate::anchor::error::AnchorError;
use crate::store::create_directory;

/// Longest time for one command.
const LIMIT: Duration = Duration::from_secs(20);
/// Longest time to read a whole history.
const LONG: Duration = Duration::from_secs(600);
/// Bytes of output that one command may have, and those that read a history.
const MAX_BYTES: u64 = 64 << 10;
const MAX_LONG_BYTES: u64 = 1 << 30;

/// Why a command came to nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// git couldn't be started.
    Start(String),
    /// Something is wrong with the clone.
    Local(String),
    /// The other side didn't do it.
    Remote(String),
    /// A token couldn't be read, or the folder not be made.
    Settings(AnchorError),
}

/// Runs git in one bare clone.
#[derive(Debug)]
pub(super) struct Command {
    folder: PathBuf,
    address: Address,
    handle: Handle,
}

impl Command {
    pub(super) fn new(address: &Address, folder: PathBuf, handle: Handle) -> Self {
        Self { folder, address: address.clone(), handle }
    }

    /// The same in another clone.
    pub(super) fn in_clone(&self, folder: PathBuf) -> Self {
        Self::new(&self.address, folder, self.handle.clone())
    }

    /// The clone.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes the clone, empty, if there is none.
    pub(super) fn make(&self) -> Result<(), Failure> {
        if self.folder.join("HEAD").exists() {
            return Ok(());
        }
        create_directory(&self.folder).map_err(|error| Failure::Settings(error.into()))?;
        self.local(&["init", "--quiet", "--bare", "--template="], b"").map(drop)
    }

    /// Runs a command that asks nobody else.
    pub(super) fn local(&self, args: &[&str], input: &[u8]) -> Result<Vec<u8>, Failure> {
        self.run(args, &[], input, LIMIT, MAX_BYTES).map_err(Outcome::local)
    }

    /// The same, with much output.
    pub(super) fn local_long(&self, args: &[&str], input: &[u8]) -> Result<Vec<u8>, Failure> {
        self.run(args, &[], input, LONG, MAX_LONG_BYTES).map_err(Outcome::local)
    }

    /// Runs a command that asks the repository.
    pub(super) fn remote(&self, args: &[&str]) -> Result<Vec<u8>, Failure> {
        let login = self.login()?;
        self.run(args, &login, b"", LIMIT, MAX_BYTES).map_err(Outcome::remote)
    }

    /// The same, as long as it takes.
    pub(super) fn remote_long(&self, args: &[&str]) -> Result<Vec<u8>, Failure> {
        let login = self.login()?;
        self.run(args, &login, b"", LONG, MAX_BYTES).map_err(Outcome::remote)
    }

    /// Notes a tip, and tidies up when it's time.
    pub(super) fn remember(&self, name: &str, commit: &str) -> Result<(), Failure> {
        self.local(&["update-ref", name, commit], b"")?;
        // Loose objects add up; if it fails, it's tried after the next one.
        let _ = self.local_long(&["gc", "--quiet", "--auto"], b"");
        Ok(())
    }

    /// The token as a header; a variable tells it, since arguments can be seen.
    fn login(&self) -> Result<Vec<(&'static str, String)>, Failure> {
        let login = self.address.login().map_err(Failure::Settings)?;
        let header = login.map(|(user, token)| {
            let login = STANDARD.encode(format!("{user}:{token}"));
            ("http.extraHeader", format!("Authorization: Basic {login}"))
        });
        Ok(header.into_iter().collect())
    }

    fn command(&self, args: &[&str], more: &[(&'static str, String)]) -> tokio::process::Command {
        let mut command = tokio::process::Command::new("git");
        command.args(args).current_dir(&self.folder).env_clear();
        command.envs(environment(&self.address, &self.folder, more));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        command
    }

    fn run(
        &self,
        args: &[&str],
        more: &[(&'static str, String)],
        input: &[u8],
        limit: Duration,
        most: u64,
    ) -> Result<Vec<u8>, Outcome> {
        let mut command = self.command(args, more);
        let what = args.first().copied().unwrap_or_default();
        let work = async {
            let mut child = command.spawn().map_err(|error| Outcome::Start(error.to_string()))?;
            let (stdin, stdout, stderr) =
                (child.stdin.take(), child.stdout.take(), child.stderr.take());
            let write = async {
                if let Some(mut stdin) = stdin {
                    // One that reads nothing has its reason, and says it.
                    let _ = stdin.write_all(input).await;
                }
            };
            // One byte more than may be: so it is told from what fits.
            let ((), output, words, status) =
                tokio::join!(write, take(stdout, most + 1), take(stderr, MAX_BYTES), child.wait());
            let status = status.map_err(|error| Outcome::Start(error.to_string()))?;
            if output.len() as u64 > most {
                return Err(Outcome::Failed(format!("git {what}: over {most} bytes of output")));
            }
            if status.success() {
                return Ok(output);
            }
            Err(Outcome::Failed(format!("git {what}: {}", last_words(&words))))
        };
        self.handle.block_on(async {
            tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
                Err(Outcome::Failed(format!("git {what}: not done in {} s", limit.as_secs())))
            })
        })
    }
}

enum Outcome {
    Start(String),
    Failed(String),
}

impl Outcome {
    fn local(self) -> Failure {
        self.into_failure(Failure::Local)
    }

    fn remote(self) -> Failure {
        self.into_failure(Failure::Remote)
    }

    fn into_failure(self, failed: fn(String) -> Failure) -> Failure {
        match self {
            Self::Start(error) => {
                Failure::Start(format!("git can't be started ({error}); install it"))
            }
            Self::Failed(detail) => failed(detail),
        }
    }
}

async fn take(from: Option<impl AsyncRead + Unpin>, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        // What was read before an error is as good as it gets; the status decides.
        let mut from = from.take(most);
        let _ = from.read_to_end(&mut bytes).await;
        // A pipe that closes early ends whoever writes on: no need to wait for it.
    }
    bytes
}

/// The lines that say why, as data for a message: what ssh or the server said comes
/// first, git's own conclusion last.
fn last_words(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let is_telling = |line: &&str| {
        !line.is_empty() && !["hint:", "warning:", "To "].iter().any(|it| line.starts_with(it))
    };
    let lines: Vec<&str> = text.lines().map(str::trim).filter(is_telling).collect();
    let words = match lines.as_slice() {
        [] => "it failed and said nothing".to_owned(),
        [only] => (*only).to_owned(),
        [first, .., last] => format!("{first} … {last}"),
    };
    format!("{:?}", words.chars().take(300).collect::<String>())
}
