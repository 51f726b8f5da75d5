//! A folder of an object store: each checkpoint under a name of its own, put there
//! only if nothing is. With object lock as the bucket's default, nobody can take one
//! away before its time; the account needs no right to delete. The same on another
//! disk, for `file:///folder`.

use object_store::Error as StoreError;
use serde::Deserialize;
use tokio::runtime::Handle;

use super::error::{AnchorError, AnchorResult};
use super::receipt::Proof;
use super::settings::every_minute;
use super::vouch::{open_anchored, vouches};
use super::{Anchor, Submission};
use crate::remote::{Remote, first_line};

/// Times to look after a put whose answer was lost.
const TRIES: usize = 3;

/// A folder's settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectSettings {
    /// Its name.
    pub name: String,
    /// `s3://bucket/prefix`, or `file:///folder` for one that is there.
    pub url: String,
    /// What stands before `AWS_…` in the variables of this account; the plain ones
    /// serve where there are none.
    #[serde(default)]
    pub env_prefix: String,
    /// Minutes between two checkpoints.
    #[serde(default = "every_minute")]
    pub every_minutes: u32,
}

/// The folder.
#[derive(Debug)]
pub(super) struct Objects(Remote);

impl Objects {
    pub(super) fn open(of: &ObjectSettings, handle: Handle) -> AnchorResult<Self> {
        Remote::open(&of.url, &of.env_prefix, handle).map(Self).map_err(AnchorError::Settings)
    }

    fn unreachable(&self, error: &StoreError) -> AnchorError {
        AnchorError::Unreachable { place: self.0.url().to_owned(), detail: first_line(error) }
    }

    /// What lies under our name must be our checkpoint.
    fn compare(there: &[u8], submission: &Submission<'_>) -> AnchorResult<()> {
        if there == submission.note.as_bytes() {
            return Ok(());
        }
        // The same checkpoint with other signatures is the same checkpoint.
        let theirs = open_anchored(there, submission.keys)?;
        vouches(submission.known, submission.checkpoint.size, &theirs)?;
        if theirs.size != submission.checkpoint.size {
            let detail = format!("size {} lies under the name of another", theirs.size);
            return Err(AnchorError::Contradicts(detail));
        }
        Ok(())
    }
}

impl Anchor for Objects {
    fn push(&self, submission: &Submission<'_>) -> AnchorResult<Proof> {
        self.0.check_folder().map_err(|error| self.unreachable(&error))?;
        let object = self.0.below(&format!("{:020}", submission.checkpoint.size));
        let url = object.url().to_owned();
        let mut failure = None;
        for _ in 0..TRIES {
            // The second time round it may be ours: the put was done, its answer lost.
            let error = match object.put(submission.note.as_bytes().to_vec(), None) {
                Ok(put) => {
                    return Ok(Proof::Object { url, e_tag: put.e_tag, version: put.version });
                }
                Err(error) => error,
            };
            match object.read() {
                Ok(Some((there, version))) => {
                    Self::compare(&there, submission)?;
                    let (e_tag, version) = (version.e_tag, version.version);
                    return Ok(Proof::Object { url, e_tag, version });
                }
                Ok(None) => failure = Some(self.unreachable(&error)),
                Err(_) => return Err(self.unreachable(&error)),
            }
        }
        Err(failure.unwrap_or(AnchorError::Contradicts(url)))
    }

    fn read_back(&self) -> Option<AnchorResult<Vec<Vec<u8>>>> {
        let read = || {
            self.0.check_folder().map_err(|error| self.unreachable(&error))?;
            let mut names = self.0.names().map_err(|error| self.unreachable(&error))?;
            names.retain(|name| name.len() == 20 && name.bytes().all(|b| b.is_ascii_digit()));
            names.sort_unstable();
            self.0.read_all(&names).map_err(|error| self.unreachable(&error))
        };
        Some(read())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::anchor::tests::Log;
    use crate::remote::tests::{Fault, Faulty, runtime};

    fn with(faults: &[Fault]) -> (Objects, Arc<Faulty>, tokio::runtime::Runtime) {
        let runtime = runtime();
        let store = Arc::new(Faulty::new(faults));
        let remote = Remote::of(store.clone(), "log", runtime.handle().clone());
        (Objects(remote), store, runtime)
    }

    #[test]
    fn each_checkpoint_has_a_name_of_its_own_and_is_read_back() {
        let (objects, _, _runtime) = with(&[]);
        let mut log = Log::new();
        let mut notes = Vec::new();
        for _ in 0..3 {
            log.grow(5);
            notes.push(log.checkpoint());
            let proof = log.submit(&objects, 0).expect("taken");
            let Proof::Object { url, .. } = proof else { panic!("an object") };
            assert!(url.ends_with(&format!("/{:020}", log.size())), "{url}");
        }
        assert_eq!(objects.read_back().expect("readable").expect("read"), notes);
    }

    #[test]
    fn another_disk_takes_them_as_files() {
        let (runtime, disk, mut log) = (runtime(), tempfile::tempdir().expect("disk"), Log::new());
        let of = ObjectSettings {
            name: "disk".to_owned(),
            url: format!("file://{}/log", disk.path().display()),
            env_prefix: String::new(),
            every_minutes: 1,
        };
        let objects = Objects::open(&of, runtime.handle().clone()).expect("a folder");
        // A disk that isn't mounted isn't made up for on this one.
        log.grow(7);
        let told = log.submit(&objects, 0).expect_err("told").to_string();
        assert!(told.contains("mount the disk"), "{told}");
        assert!(objects.read_back().expect("readable").is_err());
        std::fs::create_dir(disk.path().join("log")).expect("a folder");
        assert!(objects.read_back().expect("readable").expect("read").is_empty());
        log.submit(&objects, 0).expect("taken");
        log.submit(&objects, 0).expect("taken before");
        let file = disk.path().join("log/00000000000000000007");
        assert_eq!(std::fs::read(file).expect("a file"), log.checkpoint());
        assert_eq!(objects.read_back().expect("readable").expect("read"), [log.checkpoint()]);
    }

    #[test]
    fn a_lost_answer_is_told_by_looking() {
        for fault in [Fault::DoneThen503, Fault::DoneThenSecond] {
            let (objects, store, _runtime) = with(&[fault]);
            let mut log = Log::new();
            log.grow(3);
            log.submit(&objects, 0).expect("taken");
            assert_eq!(store.puts(), 1);
        }
        let (objects, store, _runtime) = with(&[Fault::Only503, Fault::None]);
        let mut log = Log::new();
        log.grow(3);
        log.submit(&objects, 0).expect("taken");
        assert_eq!(store.puts(), 2);
        let (objects, _, _runtime) = with(&[Fault::Only503; 9]);
        assert!(matches!(log.submit(&objects, 0), Err(AnchorError::Unreachable { .. })));
    }

    #[test]
    fn what_lies_there_is_never_replaced_and_a_contradiction_is_told() {
        let (objects, _, _runtime) = with(&[]);
        let (mut log, mut other) = (Log::new(), Log::new());
        other.grow_otherwise(4);
        other.submit(&objects, 0).expect("taken");
        log.grow(4);
        let refused = log.submit(&objects, 0);
        assert!(matches!(refused, Err(AnchorError::OtherRoot { size: 4, .. })), "{refused:?}");
        assert_eq!(objects.read_back().expect("readable").expect("read"), [other.checkpoint()]);
    }

    #[test]
    fn addresses_that_name_no_folder_are_refused() {
        let runtime = runtime();
        for url in
            ["s3://bucket", "https://x/y", "file:///", "file://host/x", "s3://a:b@c/d", "log"]
        {
            let of = ObjectSettings {
                name: "x".to_owned(),
                url: url.to_owned(),
                env_prefix: String::new(),
                every_minutes: 1,
            };
            assert!(Objects::open(&of, runtime.handle().clone()).is_err(), "{url}");
        }
    }
}
