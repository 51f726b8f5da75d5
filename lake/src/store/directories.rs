//! Directories that are there after a power cut.

use std::fs::{DirBuilder, File};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use crate::error::{LakeError, Result};

/// Makes the entries of a directory durable.
pub(crate) fn fsync_directory(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|directory| directory.sync_all())
        .map_err(LakeError::file("can't fsync the directory", path))
}

/// Makes a directory and those above it that are missing, durably.
pub(crate) fn create_directory(path: &Path) -> Result<()> {
    create(path, 0o777)
}

/// The same, for none but the account that rollcall runs as.
///
/// # Errors
/// If one can't be made or made durable.
pub fn create_private_directory(path: &Path) -> Result<()> {
    create(path, 0o700)
}

fn create(path: &Path, mode: u32) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        create(parent, mode)?;
    }
    match DirBuilder::new().mode(mode).create(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(LakeError::file("can't make the directory", path)(error))
        }
        _ => fsync_directory(parent.unwrap_or(Path::new("."))),
    }
}
