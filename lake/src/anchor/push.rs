//! A checkpoint to every anchor whose turn it is, all at once.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rollcall_ledger::{Beginnings, Directory};
use tokio::runtime::Handle;

use super::error::{AnchorError, AnchorResult};
use super::receipt::{self, Receipt};
use super::settings::{AnchorSettings, check_names};
use super::vouch::{open_anchored, vouches};
use super::{Anchor, Submission, folder_of, open, own_keys};
use crate::error::{LakeError, Result};

/// The anchors of a ledger. Blocking: not for the runtime's own threads.
#[derive(Debug)]
pub struct Anchors {
    anchors: Vec<Anchored>,
    folder: PathBuf,
    /// The ledger by its entries, as far as it was read.
    known: Beginnings,
}

#[derive(Debug)]
struct Anchored {
    name: String,
    kind: Box<dyn Anchor>,
    every: Duration,
    /// When it was last tried.
    tried: Option<Instant>,
    /// The size of the last receipt; 0 if there is none.
    last: u64,
}

impl Anchors {
    /// Opens the anchors of the ledger in a directory. Nobody is asked yet.
    ///
    /// # Errors
    /// If the settings can't be used, or receipts can't be listed.
    pub fn open(settings: &[AnchorSettings], ledger: &Path, handle: &Handle) -> Result<Self> {
        let folder = folder_of(ledger);
        let wrong = |name: &str| {
            let name = name.to_owned();
            move |source| LakeError::Anchor { name, source: Box::new(source) }
        };
        check_names(settings).map_err(wrong("settings"))?;
        for of in settings {
            of.refuse_within(ledger).map_err(wrong(of.name()))?;
        }
        let opened = settings.iter().map(|of| {
            let own = folder.join(of.name());
            let make = || -> AnchorResult<Anchored> {
                let sizes = receipt::files(&own)?.into_iter().filter_map(|(size, _)| size);
                Ok(Anchored {
                    name: of.name().to_owned(),
                    kind: open(of, &own, handle)?,
                    every: Duration::from_secs(u64::from(of.every_minutes()) * 60),
                    tried: None,
                    last: sizes.max().unwrap_or(0),
                })
            };
            make().map_err(wrong(of.name()))
        });
        Ok(Self { anchors: opened.collect::<Result<_>>()?, folder, known: Beginnings::default() })
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }

    /// Brings a checkpoint to the anchors whose turn it is: those that were not tried
    /// for a minute (or as long as their settings say) and don't have it yet. All at
    /// once, 20 seconds for each answer; one that fails stops no other. Receipts are
    /// on disk when this returns. Call it after each checkpoint, and now and then.
    pub fn push(
        &mut self,
        note: &[u8],
        ledger: &Directory,
    ) -> Vec<(String, AnchorResult<Receipt>)> {
        self.push_at(Instant::now(), note, ledger)
    }

    pub(super) fn push_at(
        &mut self,
        now: Instant,
        note: &[u8],
        ledger: &Directory,
    ) -> Vec<(String, AnchorResult<Receipt>)> {
        let mut due: Vec<&mut Anchored> =
            self.anchors.iter_mut().filter(|anchor| anchor.is_due(now)).collect();
        if due.is_empty() {
            return Vec::new();
        }
        let folder = &self.folder;
        let checked = Checked::new(note, ledger, &mut self.known);
        let checked = match &checked {
            Ok(checked) => checked,
            // Our own ledger is wrong: nobody gets to see this checkpoint.
            Err(error) => {
                let words = error.to_string();
                return due
                    .iter()
                    .map(|anchor| (anchor.name.clone(), Err(AnchorError::NotShown(words.clone()))))
                    .collect();
            }
        };
        due.retain(|anchor| anchor.last != checked.checkpoint.size);
        thread::scope(|scope| {
            let running: Vec<_> = due
                .into_iter()
                .map(|anchor| {
                    anchor.tried = Some(now);
                    (anchor.name.clone(), scope.spawn(move || anchor.push(checked, ledger, folder)))
                })
                .collect();
            let end = |thread: thread::ScopedJoinHandle<'_, AnchorResult<Receipt>>| {
                thread.join().unwrap_or_else(|_| {
                    let stopped = LakeError::Worker("an anchor's thread".to_owned());
                    Err(stopped.into())
                })
            };
            running.into_iter().map(|(name, thread)| (name, end(thread))).collect()
        })
    }

    /// Asks the anchors that can be read (Git, objects) for the checkpoints that they
    /// hold now; anchors of other kinds are left out. What comes back is as it lies
    /// there: see [`open_anchored`] and [`vouches`]. Takes as long as there is to read.
    pub fn read_back(&self) -> Vec<(String, AnchorResult<Vec<Vec<u8>>>)> {
        let read = |anchor: &Anchored| Some((anchor.name.clone(), anchor.kind.read_back()?));
        self.anchors.iter().filter_map(read).collect()
    }
}

/// A checkpoint that is ours and whose entries give its root.
struct Checked<'a> {
    note: &'a str,
    checkpoint: rollcall_ledger::Checkpoint,
    keys: Vec<rollcall_ledger::VerifierKey>,
    known: &'a Beginnings,
}

impl<'a> Checked<'a> {
    fn new(note: &'a [u8], ledger: &Directory, known: &'a mut Beginnings) -> AnchorResult<Self> {
        let keys = own_keys(ledger)?;
        let checkpoint = open_anchored(note, &keys)?;
        known
            .go_on(&ledger.entries(checkpoint.size))
            .map_err(AnchorError::ledger("the ledger's entries can't be read"))?;
        let known: &Beginnings = known;
        vouches(known, checkpoint.size, &checkpoint)?;
        let note = std::str::from_utf8(note)
            .map_err(|_| AnchorError::NotShown("it isn't UTF-8".to_owned()))?;
        Ok(Self { note, checkpoint, keys, known })
    }
}

impl Anchored {
    fn is_due(&self, now: Instant) -> bool {
        self.tried.is_none_or(|tried| now.saturating_duration_since(tried) >= self.every)
    }

    fn push(
        &mut self,
        checked: &Checked<'_>,
        ledger: &Directory,
        folder: &Path,
    ) -> AnchorResult<Receipt> {
        let proof = self.kind.push(&Submission {
            note: checked.note,
            checkpoint: &checked.checkpoint,
            ledger,
            known: checked.known,
            keys: &checked.keys,
            last: self.last,
        })?;
        let receipt = Receipt::new(&self.name, checked.note.to_owned(), proof);
        receipt.write(folder)?;
        self.last = checked.checkpoint.size;
        Ok(receipt)
    }
}
