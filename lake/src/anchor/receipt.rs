//! Receipts: what was anchored, when, and the proof, as files
//! `ledger/anchors/<name>/<size>`.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rollcall_ledger::{Checkpoint, Note};
use serde::{Deserialize, Serialize};

use super::error::{AnchorError, AnchorResult};
use crate::error::LakeError;
use crate::store::{create_directory, fsync_directory};

/// The version of the format.
const VERSION: u32 = 1;
/// Bytes that a receipt may have.
const MAX_BYTES: u64 = 1 << 20;

/// One checkpoint, anchored once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    v: u32,
    /// The anchor's name in the settings.
    pub anchor: String,
    /// When it was anchored, by this machine's clock.
    pub time: DateTime<Utc>,
    /// The signed checkpoint, byte for byte as it was sent.
    pub checkpoint: String,
    /// What the anchor answered.
    pub proof: Proof,
}

/// What an anchor gives for a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Proof {
    /// A witness's signature lines.
    Witness {
        /// As the witness answered them.
        cosignatures: String,
    },
    /// A commit of a Git repository.
    Git {
        /// The repository.
        url: String,
        /// The branch.
        branch: String,
        /// The commit's id.
        commit: String,
    },
    /// A hook that answered that it has it.
    Hook {
        /// Where it was sent to.
        url: String,
        /// The status of the answer.
        status: u16,
    },
    /// An object of its own.
    Object {
        /// The object.
        url: String,
        /// Its entity tag.
        e_tag: Option<String>,
        /// Its version.
        version: Option<String>,
    },
    /// A token of a time-stamp authority (RFC 3161).
    TimeStamp {
        /// The authority.
        url: String,
        /// The token, base64 of its DER.
        token: String,
    },
}

impl Proof {
    /// The word for its kind, as in the settings.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Witness { .. } => "witness",
            Self::Git { .. } => "git",
            Self::Hook { .. } => "hook",
            Self::Object { .. } => "object",
            Self::TimeStamp { .. } => "time_stamp",
        }
    }
}

impl Receipt {
    pub(super) fn new(anchor: &str, checkpoint: String, proof: Proof) -> Self {
        Self { v: VERSION, anchor: anchor.to_owned(), time: Utc::now(), checkpoint, proof }
    }

    /// What was anchored. Whether the log signed it is not checked here.
    ///
    /// # Errors
    /// If it isn't a checkpoint.
    pub fn checkpoint(&self) -> AnchorResult<Checkpoint> {
        Note::parse(self.checkpoint.as_bytes())
            .and_then(|note| Checkpoint::parse(note.text()))
            .map_err(AnchorError::ledger("the receipt holds no checkpoint"))
    }

    /// Writes it so that a power cut leaves all of it or none.
    pub(super) fn write(&self, anchors: &Path) -> AnchorResult<()> {
        let folder = anchors.join(&self.anchor);
        create_directory(&folder)?;
        let path = folder.join(self.checkpoint()?.size.to_string());
        let staged = folder.join(".writing");
        let mut bytes = serde_json::to_vec_pretty(self)
            .map_err(|error| AnchorError::BadReceipt(error.to_string()))?;
        bytes.push(b'\n');
        let write = || -> std::io::Result<()> {
            let mut options = OpenOptions::new();
            let mut file = options.write(true).create(true).truncate(true).open(&staged)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&staged, &path)
        };
        write().map_err(LakeError::file("can't write", &path))?;
        Ok(fsync_directory(&folder)?)
    }

    /// Reads one.
    ///
    /// # Errors
    /// If it can't be read, isn't a receipt, or isn't the one that its place says.
    pub fn read(path: &Path) -> AnchorResult<Self> {
        let bad = |detail: String| AnchorError::BadReceipt(detail);
        let about = fs::metadata(path).map_err(LakeError::file("can't read", path))?;
        if about.len() > MAX_BYTES {
            return Err(bad(format!("it has {} bytes", about.len())));
        }
        let bytes = fs::read(path).map_err(LakeError::file("can't read", path))?;
        let receipt: Self = serde_json::from_slice(&bytes).map_err(|e| bad(e.to_string()))?;
        if receipt.v != VERSION {
            return Err(bad(format!("format {} is not known; use a newer rollcall", receipt.v)));
        }
        let size = receipt.checkpoint()?.size;
        if path.file_name().and_then(|name| name.to_str()) != Some(&size.to_string()) {
            return Err(bad(format!("it is about size {size}")));
        }
        let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
        if folder != Some(&receipt.anchor) {
            return Err(bad(format!("it is {:?}'s", receipt.anchor)));
        }
        Ok(receipt)
    }
}

/// The files in an anchor's folder that are, or should be, receipts: by size, those
/// whose name is none last.
///
/// # Errors
/// If the folder can't be listed.
pub(super) fn files(folder: &Path) -> AnchorResult<Vec<(Option<u64>, PathBuf)>> {
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(LakeError::file("can't list", folder)(error).into()),
    };
    let mut files = Vec::new();
    for entry in listed {
        let entry = entry.map_err(LakeError::file("can't list", folder))?;
        let name = entry.file_name();
        let is_file = entry.file_type().is_ok_and(|kind| !kind.is_dir());
        let name = name.to_string_lossy();
        // A folder is an anchor's own (a clone); names with a dot are unfinished.
        if is_file && !name.starts_with('.') {
            files.push((name.parse().ok(), entry.path()));
        }
    }
    files.sort_by_key(|(size, path)| (size.unwrap_or(u64::MAX), path.clone()));
    Ok(files)
}
