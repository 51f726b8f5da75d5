//! Receipts checked again, offline: what they prove by themselves, and what is only
//! said by a file that lies here.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rollcall_ledger::{Checkpoint, VerifierKey};

use super::error::{AnchorError, AnchorResult};
use super::receipt::{self, Proof, Receipt};
use super::settings::AnchorSettings;
use super::vouch::open_anchored;
use super::{folder_of, time_stamp, witness};
use crate::error::LakeError;

/// What one receipt comes to.
#[derive(Debug)]
pub struct ReceiptReport {
    /// The anchor's name.
    pub anchor: String,
    /// The receipt.
    pub path: PathBuf,
    /// What was anchored; `None` where that can't be read.
    pub checkpoint: Option<Checkpoint>,
    /// When: as the anchor signed it where it did, otherwise as this machine noted it.
    pub time: Option<DateTime<Utc>>,
    /// What to think of it.
    pub standing: Standing,
}

/// What to think of a receipt.
#[derive(Debug)]
#[non_exhaustive]
pub enum Standing {
    /// Somebody else's signature holds: that of this key or certificate.
    Verified {
        /// Whose.
        by: String,
    },
    /// It says so; whether it is so, only the anchor can tell.
    Claimed {
        /// Why it can't be told here.
        why: String,
    },
    /// Something is wrong with it.
    Wrong(AnchorError),
}

/// Who signed, and when.
pub(super) struct Signed {
    pub(super) by: String,
    pub(super) time: Option<DateTime<Utc>>,
    /// Set where nothing trusted stands behind the signature.
    pub(super) but: Option<String>,
}

/// Reads and checks every receipt of a ledger, by anchor and size. `keys` are the
/// log's, `settings` tell which witness and which authority to trust. Whether the
/// ledger is the one that a receipt speaks of, [`vouches`](super::vouches) tells.
///
/// # Errors
/// If a folder can't be listed. What is wrong with a receipt stands in its report.
pub fn receipts(
    settings: &[AnchorSettings],
    ledger: &Path,
    keys: &[VerifierKey],
) -> AnchorResult<Vec<ReceiptReport>> {
    let mut reports = Vec::new();
    for (name, folder) in folders(&folder_of(ledger))? {
        let of = settings.iter().find(|of| of.name() == name);
        for (_, path) in receipt::files(&folder)? {
            reports.push(report(&name, path, of, keys));
        }
    }
    Ok(reports)
}

/// The newest receipt of each anchor in the settings that has any, read and checked: as
/// [`receipts`], without those before, of which there are many in time.
///
/// # Errors
/// If a folder can't be listed.
pub fn newest_receipts(
    settings: &[AnchorSettings],
    ledger: &Path,
    keys: &[VerifierKey],
) -> AnchorResult<Vec<ReceiptReport>> {
    let mut reports = Vec::new();
    for of in settings {
        let name = of.name();
        let files = receipt::files(&folder_of(ledger).join(name))?;
        let newest = files.into_iter().rfind(|(size, _)| size.is_some());
        reports.extend(newest.map(|(_, path)| report(name, path, Some(of), keys)));
    }
    Ok(reports)
}

fn folders(anchors: &Path) -> AnchorResult<Vec<(String, PathBuf)>> {
    let listed = match fs::read_dir(anchors) {
        Ok(listed) => listed,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(LakeError::file("can't list", anchors)(error).into()),
    };
    let mut folders = Vec::new();
    for entry in listed {
        let entry = entry.map_err(LakeError::file("can't list", anchors))?;
        if entry.path().is_dir() {
            folders.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
        }
    }
    folders.sort();
    Ok(folders)
}

fn report(
    name: &str,
    path: PathBuf,
    settings: Option<&AnchorSettings>,
    keys: &[VerifierKey],
) -> ReceiptReport {
    let wrong = |path, error| ReceiptReport {
        anchor: name.to_owned(),
        path,
        checkpoint: None,
        time: None,
        standing: Standing::Wrong(error),
    };
    let receipt = match Receipt::read(&path) {
        Ok(receipt) => receipt,
        Err(error) => return wrong(path, error),
    };
    let checkpoint = match open_anchored(receipt.checkpoint.as_bytes(), keys) {
        Ok(checkpoint) => checkpoint,
        Err(error) => return wrong(path, error),
    };
    let (time, standing) = match check(&receipt, settings) {
        Ok(Signed { by, time, but }) => {
            let standing = match but {
                None => Standing::Verified { by },
                Some(why) => Standing::Claimed { why },
            };
            (time.unwrap_or(receipt.time), standing)
        }
        Err(error) => (receipt.time, Standing::Wrong(error)),
    };
    ReceiptReport {
        anchor: name.to_owned(),
        path,
        checkpoint: Some(checkpoint),
        time: Some(time),
        standing,
    }
}

/// Each kind's own check.
fn check(receipt: &Receipt, settings: Option<&AnchorSettings>) -> AnchorResult<Signed> {
    let note = receipt.checkpoint.as_str();
    let only_said = |where_: &str| Signed {
        by: String::new(),
        time: None,
        but: Some(format!("only {where_} can tell whether it is still there")),
    };
    match (&receipt.proof, settings) {
        (Proof::Witness { cosignatures }, Some(AnchorSettings::Witness(of))) => {
            witness::check(note, cosignatures, of)
        }
        (Proof::TimeStamp { token, .. }, Some(AnchorSettings::TimeStamp(of))) => {
            time_stamp::check(note, token, Some(of))
        }
        (Proof::TimeStamp { token, .. }, None) => time_stamp::check(note, token, None),
        (Proof::Git { url, .. } | Proof::Object { url, .. } | Proof::Hook { url, .. }, _) => {
            Ok(only_said(url))
        }
        (proof, Some(_)) => Err(AnchorError::BadReceipt(format!(
            "it is a {} receipt, and the settings have another kind of anchor by this name",
            proof.kind()
        ))),
        (proof, None) => Ok(Signed {
            by: String::new(),
            time: None,
            but: Some(format!(
                "the settings have no {} of this name that tells whose signature to trust",
                proof.kind()
            )),
        }),
    }
}
