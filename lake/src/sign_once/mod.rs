//! The sign-once file: the size and root that were signed last. It moves on before
//! a checkpoint is signed, and never back: two roots of one size are never signed.
//!
//! Two lines: the size, and the root in base64. It lies beside the ledger unless
//! another disk or host is named for it; there it also tells a ledger that was
//! rolled back together with everything beside it.
//!
//! ```text
//! local  a file: replaced durably, under a lock
//! remote an object: replaced only if it is still what was read
//! ```
//!
//! Blocking: call it from a thread that isn't the runtime's (`spawn_blocking`).

mod local;
mod remote;

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rollcall_ledger::Head;
use tokio::runtime::Handle;

use crate::error::{LakeError, Result};
use crate::remote::Remote;

/// Variables with this before `AWS_…` go before the plain ones: the account that
/// keeps this object should be able to do nothing else, and no other should.
const VARIABLES: &str = "ROLLCALL_SIGN_ONCE_";

/// Seconds between attempts while a store elsewhere doesn't answer: five minutes in
/// all. Meanwhile nothing is sealed; the log takes events in.
const PAUSES: [u64; 14] = [1, 2, 4, 8, 15, 30, 30, 30, 30, 30, 30, 30, 30, 30];

/// What was signed last, wherever it is kept.
#[derive(Debug, Clone)]
pub struct SignOnce(Home);

#[derive(Debug, Clone)]
enum Home {
    Local(PathBuf),
    Remote(Remote),
}

impl SignOnce {
    /// The file at a path.
    pub const fn at(path: PathBuf) -> Self {
        Self(Home::Local(path))
    }

    /// The file at a path, or the object at `s3://bucket/key`. S3's account and
    /// endpoint come from the variables `ROLLCALL_SIGN_ONCE_AWS_…` or `AWS_…`. The
    /// handle is that of a multi-threaded runtime.
    ///
    /// # Errors
    /// If the URL or the variables can't be used.
    pub fn parse(text: &str, handle: Handle) -> Result<Self> {
        let bad =
            |detail| LakeError::BadSetting { setting: "the place of the sign-once file", detail };
        match text.split_once("://") {
            None if text.is_empty() => Err(bad("it is empty".to_owned())),
            None => Ok(Self::at(PathBuf::from(text))),
            Some(("s3", _)) => {
                Remote::open(text, VARIABLES, handle).map(|at| Self(Home::Remote(at))).map_err(bad)
            }
            Some(_) => Err(bad(format!("{text} is neither a path nor s3://bucket/key"))),
        }
    }

    /// Where it is, for messages.
    pub fn place(&self) -> String {
        match &self.0 {
            Home::Local(path) => path.display().to_string(),
            Home::Remote(remote) => remote.url().to_owned(),
        }
    }

    /// Whether it lies outside a directory. A path may still be on the same disk.
    pub(crate) fn is_apart_from(&self, directory: &std::path::Path) -> bool {
        match &self.0 {
            Home::Local(path) => {
                let path = path.canonicalize().unwrap_or_else(|_| path.clone());
                !path.starts_with(directory)
            }
            Home::Remote(_) => true,
        }
    }

    /// What was signed last; `None` if nothing was.
    ///
    /// # Errors
    /// If it can't be read, or isn't a size and a root.
    pub fn read(&self) -> Result<Option<Head>> {
        match &self.0 {
            Home::Local(path) => local::read(path),
            Home::Remote(remote) => Ok(remote::read(remote)?.map(|(head, _)| head)),
        }
    }

    /// Moves on to a head, durably. The caller has checked that it extends the one
    /// before, and signs it only after this returned. A store elsewhere that doesn't
    /// answer is asked again, for some minutes.
    ///
    /// # Errors
    /// If a later size or another root of this size was signed; if it can't be read
    /// or written: then nothing may be signed.
    pub fn advance(&self, head: Head) -> Result<()> {
        match &self.0 {
            Home::Local(path) => local::advance(path, head),
            Home::Remote(remote) => patiently(&PAUSES, || remote::advance(remote, head)),
        }
    }
}

/// Does it again, after a pause each, where it failed and may yet be done.
fn patiently(pauses: &[u64], work: impl Fn() -> Result<()>) -> Result<()> {
    for pause in pauses {
        match work() {
            Err(LakeError::Remote { action, place, detail, may_pass: true }) => {
                tracing::warn!(
                    retry_s = pause,
                    "{action} {place}: {detail}; nothing is sealed until it answers, trying again"
                );
                std::thread::sleep(Duration::from_secs(*pause));
            }
            done => return done,
        }
    }
    work()
}

/// Whether there is something to write; refuses to go back.
fn moves_on(place: &str, before: Option<Head>, asked: Head) -> Result<bool> {
    match before {
        Some(before) if before == asked => Ok(false),
        Some(before) if before.size >= asked.size => {
            Err(LakeError::SignedOtherwise { place: place.to_owned(), before, asked })
        }
        _ => Ok(true),
    }
}

fn to_text(head: Head) -> String {
    format!("{}\n{}\n", head.size, STANDARD.encode(head.root))
}

/// Reads the two lines, in the one form in which they are written.
fn from_text(place: &str, bytes: &[u8]) -> Result<Head> {
    let read = || {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut lines = text.lines();
        let size = lines.next()?.parse().ok()?;
        let root = STANDARD.decode(lines.next()?).ok()?.try_into().ok()?;
        let head = Head { size, root };
        (to_text(head) == text).then_some(head)
    };
    read().ok_or_else(|| LakeError::Damaged {
        path: place.into(),
        detail: "it should hold a size and a root".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn unreachable(may_pass: bool) -> LakeError {
        let (place, detail) = ("s3://bucket/signed".to_owned(), "503".to_owned());
        LakeError::Remote { action: "can't replace", place, detail, may_pass }
    }

    /// How often it was tried, and what came of it, where so many first tries fail.
    fn tried(failing: u32, may_pass: bool) -> (u32, Result<()>) {
        let times = Cell::new(0);
        let done = patiently(&[0, 0, 0], || {
            times.set(times.get() + 1);
            if times.get() > failing { Ok(()) } else { Err(unreachable(may_pass)) }
        });
        (times.get(), done)
    }

    #[test]
    fn an_outage_is_waited_for_but_not_for_ever() {
        assert!(matches!(tried(0, true), (1, Ok(()))));
        assert!(matches!(tried(3, true), (4, Ok(()))));
        assert!(matches!(tried(9, true), (4, Err(LakeError::Remote { .. }))));
    }

    #[test]
    fn what_no_time_mends_is_told_at_once() {
        assert!(matches!(tried(9, false), (1, Err(LakeError::Remote { .. }))));
    }
}
