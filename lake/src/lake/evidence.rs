//! The lake's side of the ledger: who writes it, and who vouches for it.

use std::sync::PoisonError;

use tokio::runtime::Handle;

use crate::anchor::{AnchorResult, AnchorSettings, Receipt};
use crate::blocking::blocking;
use crate::directory::DataDirectory;
use crate::error::{LakeError, Result};
use crate::lake::Lake;
use crate::notary::Notary;
use crate::sign_once::SignOnce;

/// Who vouches for the ledger beside its own files.
#[derive(Debug, Clone, Default)]
pub struct LedgerSettings {
    /// Where what was signed last is kept: a path or `s3://bucket/key`. Beside the
    /// ledger where nothing is said.
    pub sign_once: Option<String>,
    /// Those outside who hold checkpoints.
    pub anchors: Vec<AnchorSettings>,
}

impl LedgerSettings {
    /// The sign-once file of a directory. Call it in a multi-threaded runtime.
    ///
    /// # Errors
    /// If the place can't be used.
    pub(crate) fn sign_once(&self, directory: &DataDirectory) -> Result<SignOnce> {
        match &self.sign_once {
            Some(place) => SignOnce::parse(place, Handle::current()),
            None => Ok(SignOnce::at(directory.ledger().join("signed"))),
        }
    }
}

impl Lake {
    /// Where it is kept what was signed last, and whether that is outside the data
    /// directory; a path may still be on the same disk.
    pub fn sign_once_place(&self, settings: &LedgerSettings) -> (String, bool) {
        match settings.sign_once(&self.directory) {
            Ok(sign_once) => (sign_once.place(), sign_once.is_apart_from(self.directory.path())),
            // A server with such settings doesn't start.
            Err(error) => (error.to_string(), false),
        }
    }

    /// Writes the ledger's entries of what was committed.
    pub(crate) async fn notarise(&self) -> Result<()> {
        self.with_notary(Notary::catch_up).await.map(Option::unwrap_or_default)
    }

    /// Lets the ledger say that nothing happened, where nothing did for ten minutes.
    ///
    /// # Errors
    /// If the ledger can't be written; then the process must stop.
    pub async fn heartbeat(&self) -> Result<()> {
        self.with_notary(Notary::heartbeat).await.map(Option::unwrap_or_default)
    }

    /// Lets nothing more be written to the ledger: the process is ending.
    pub(super) async fn close_notary(&self) -> Result<()> {
        let close = |notary: &mut Notary| {
            notary.close();
            Ok(())
        };
        self.with_notary(close).await.map(Option::unwrap_or_default)
    }

    /// Brings the checkpoint to the anchors whose turn it is; says what came of it.
    ///
    /// # Errors
    /// If the ledger can't be read. An anchor that fails is no error of the lake's.
    pub async fn push_anchors(&self) -> Result<Vec<(String, AnchorResult<Receipt>)>> {
        let Some(anchors) = self.anchors.clone() else { return Ok(Vec::new()) };
        let ledger = self.directory.ledger();
        let log = rollcall_ledger::Directory::new(&ledger);
        let work = move || {
            let Some(note) = log.checkpoint()? else { return Ok(Vec::new()) };
            Ok(anchors.lock().unwrap_or_else(PoisonError::into_inner).push(&note, &log))
        };
        blocking(work).await.map_err(|error| error.in_ledger(&ledger))
    }

    /// Makes a new key for the log, for which the old one vouches; gives its text.
    ///
    /// # Errors
    /// If the process doesn't write, or the ledger or a key can't be written.
    pub async fn change_key(&self) -> Result<String> {
        self.with_notary(Notary::change_key)
            .await?
            .ok_or_else(|| LakeError::NoData { path: self.directory.path().to_owned() })
    }

    /// Lets the notary work, where this process has one.
    async fn with_notary<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Notary) -> Result<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let Some(notary) = self.notary.clone() else { return Ok(None) };
        let work = move || work(&mut notary.lock().unwrap_or_else(PoisonError::into_inner));
        let done = blocking(work).await;
        done.map(Some).map_err(|error| error.in_ledger(&self.directory.ledger()))
    }
}

/// Opens the ledger and writes what it misses; on a thread that may block.
pub(super) async fn open_notary(
    directory: &DataDirectory,
    settings: &LedgerSettings,
) -> Result<Notary> {
    let (directory, sign_once) = (directory.for_reading(), settings.sign_once(directory)?);
    let work = move || {
        let mut notary = Notary::open(&directory, sign_once)?;
        notary.begin().map_err(|error| error.in_ledger(&directory.ledger()))?;
        Ok(notary)
    };
    blocking(work).await
}
