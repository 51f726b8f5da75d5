//! What detectors know, in a file of its own: derived, so that it may be lost. A line says its
//! version and the SHA-256 of the rest, which is JSON; where anything is wrong with it, it is
//! as if it weren't there, and is made again of the last days.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::engine::{Saved, Saving};
use super::id::Ids;
use super::names::Names;
use super::seen::Seen;
use crate::error::{QueryError, Result};

/// What the file begins with; another form has another number.
const HEAD: &str = "rollcall detect 1 ";

/// As it is written.
#[derive(Serialize)]
pub(crate) struct Writing<'s> {
    pub(crate) ids: &'s Ids,
    pub(crate) names: &'s Names,
    pub(crate) seen: &'s Seen,
    pub(crate) engine: Saving<'s>,
}

/// As it is read.
#[derive(Deserialize)]
pub(crate) struct Reading {
    pub(crate) ids: Ids,
    pub(crate) names: Names,
    pub(crate) seen: Seen,
    pub(crate) engine: Saved,
}

/// Writes it, in place of what was there.
///
/// # Errors
/// If it can't be written.
pub(crate) fn write(path: &Path, state: &Writing<'_>) -> Result<()> {
    let failed = |action: &'static str| {
        move |error: std::io::Error| QueryError::Derived {
            path: path.display().to_string(),
            problem: format!("{action}: {error}"),
        }
    };
    let body = serde_json::to_vec(state)
        .map_err(|error| failed("can't be written")(std::io::Error::other(error)))?;
    let mut text = format!("{HEAD}{}\n", hex::encode(Sha256::digest(&body))).into_bytes();
    text.extend_from_slice(&body);
    if let Some(folder) = path.parent() {
        rollcall_lake::create_private_directory(folder)
            .map_err(|error| failed("its folder can't be made")(std::io::Error::other(error)))?;
    }
    let new = path.with_extension("new");
    fs::write(&new, &text).map_err(failed("can't be written"))?;
    fs::rename(&new, path).map_err(failed("can't be put in place"))
}

/// Reads it; none where there is none, and, with a warning, where it is damaged or of another
/// version.
pub(crate) fn read(path: &Path) -> Option<Reading> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => return passed_over(path, &error.to_string()),
    };
    let end = text.iter().position(|byte| *byte == b'\n')?;
    let (head, body) = text.split_at_checked(end + 1)?;
    let Some(hash) = head.strip_prefix(HEAD.as_bytes()) else {
        return passed_over(path, "it is of another version");
    };
    if hash.trim_ascii_end() != hex::encode(Sha256::digest(body)).as_bytes() {
        return passed_over(path, "its checksum is another");
    }
    match serde_json::from_slice(body) {
        Ok(state) => Some(state),
        Err(error) => passed_over(path, &error.to_string()),
    }
}

fn passed_over(path: &Path, why: &str) -> Option<Reading> {
    tracing::warn!(path = %path.display(), why,
        "what detectors know can't be used; it is made again of the last days");
    None
}
