//! The sign-once file: the size and root that were signed last. It moves on before
//! a checkpoint is signed, and never back: two roots of one size are never signed.
//!
//! Two lines: the size, and the root in base64. It lies beside the ledger unless
//! another disk or host is named for it; there it also tells a ledger that was
//! rolled back together with everything beside it.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rollcall_ledger::Head;

use crate::error::{LakeError, Result};
use crate::store::fsync_directory;

/// The file.
#[derive(Debug, Clone)]
pub struct SignOnce(PathBuf);

impl SignOnce {
    /// The file at a path.
    pub const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// What was signed last; nothing where there is no file.
    ///
    /// # Errors
    /// If it can't be read, or isn't such a file.
    pub fn read(&self) -> Result<Option<Head>> {
        match fs::read_to_string(&self.0) {
            Ok(text) => parse(&text).map(Some).ok_or_else(|| LakeError::Damaged {
                path: self.0.clone(),
                detail: "it should hold a size and a root".to_owned(),
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => {
                Err(LakeError::File { action: "can't read", path: self.0.clone(), source })
            }
        }
    }

    /// Moves on to a head. The caller has checked that it extends the one before.
    ///
    /// # Errors
    /// If the file says something later, or another root of the same size; if it
    /// can't be written.
    pub(super) fn advance(&self, head: Head) -> Result<()> {
        if let Some(before) = self.read()? {
            if before == head {
                return Ok(());
            }
            if before.size >= head.size {
                return Err(LakeError::RolledBack {
                    path: self.0.clone(),
                    detail: format!(
                        "size {} was signed already, and size {} is to be",
                        before.size, head.size
                    ),
                });
            }
        }
        self.replace(head)
    }

    /// Writes a head, whatever was there.
    pub(crate) fn replace(&self, head: Head) -> Result<()> {
        let staged = self.0.with_extension("writing");
        let write = || -> std::io::Result<()> {
            let mut options = OpenOptions::new();
            let mut file =
                options.write(true).create(true).truncate(true).mode(0o600).open(&staged)?;
            file.write_all(format!("{}\n{}\n", head.size, STANDARD.encode(head.root)).as_bytes())?;
            file.sync_all()?;
            fs::rename(&staged, &self.0)
        };
        write().map_err(LakeError::file("can't write", &self.0))?;
        self.0.parent().map_or(Ok(()), fsync_directory)
    }
}

fn parse(text: &str) -> Option<Head> {
    let mut lines = text.lines();
    let size = lines.next()?.parse().ok()?;
    let root = STANDARD.decode(lines.next()?).ok()?.try_into().ok()?;
    lines.next().is_none().then_some(Head { size, root })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_on_and_never_back() {
        let scratch = tempfile::tempdir().expect("a directory");
        let file = SignOnce::at(scratch.path().join("signed"));
        assert_eq!(file.read().expect("read"), None);
        let head = |size, byte| Head { size, root: [byte; 32] };
        file.advance(head(3, 1)).expect("the first");
        file.advance(head(3, 1)).expect("the same again");
        assert!(file.advance(head(3, 2)).is_err(), "another root of the same size");
        assert!(file.advance(head(2, 1)).is_err(), "a smaller size");
        file.advance(head(9, 4)).expect("the next");
        assert_eq!(file.read().expect("read"), Some(head(9, 4)));
        fs::write(file.path(), "9\n").expect("a file");
        assert!(file.read().is_err());
    }
}
