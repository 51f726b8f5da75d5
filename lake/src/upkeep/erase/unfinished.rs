//! What an erasure looks for, kept until it has ended.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use crate::directory::DataDirectory;
use crate::error::{LakeError, Result};

/// The texts of an erasure that has begun; gone once it is over.
#[derive(Debug)]
pub struct Unfinished(PathBuf);

impl Unfinished {
    /// In a data directory.
    pub fn at(directory: &DataDirectory) -> Self {
        Self(directory.path().join("erasing"))
    }

    /// Those of an erasure that was interrupted.
    ///
    /// # Errors
    /// If the file can't be read, or is damaged.
    pub fn texts(&self) -> Result<Vec<String>> {
        match fs::read(&self.0) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| LakeError::Damaged {
                path: self.0.clone(),
                detail: format!("it should hold a list of texts: {error}"),
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(LakeError::file("can't read", &self.0)(error)),
        }
    }

    /// Keeps them, durably, until the erasure has ended.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn keep(&self, texts: &[String]) -> Result<()> {
        let write = || -> std::io::Result<()> {
            let staged = self.0.with_extension("writing");
            let mut options = OpenOptions::new();
            let options = options.write(true).create(true).truncate(true).mode(0o600);
            let mut file = options.open(&staged)?;
            file.write_all(&serde_json::to_vec(texts)?)?;
            file.sync_all()?;
            fs::rename(&staged, &self.0)?;
            self.sync_parent()
        };
        write().map_err(LakeError::file("can't write", &self.0))
    }

    /// Forgets them: the erasure has ended.
    ///
    /// # Errors
    /// If the file can't be removed.
    pub fn end(&self) -> Result<()> {
        fs::remove_file(&self.0)
            .and_then(|()| self.sync_parent())
            .map_err(LakeError::file("can't remove", &self.0))
    }

    fn sync_parent(&self) -> std::io::Result<()> {
        self.0.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
    }
}
