//! The file on a disk.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rollcall_ledger::Head;

use super::{from_text, moves_on, to_text};
use crate::error::{LakeError, Result};
use crate::store::fsync_directory;

pub(super) fn read(path: &Path) -> Result<Option<Head>> {
    match fs::read(path) {
        Ok(bytes) => from_text(&path.display().to_string(), &bytes).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(LakeError::File { action: "can't read", path: path.to_owned(), source }),
    }
}

/// Compares and swaps under a lock on the folder: it may serve two data directories
/// by mistake, whose own locks don't know of each other.
pub(super) fn advance(path: &Path, head: Head) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    // Not made if it is missing: the disk that it should lie on isn't mounted then.
    // Dropped, and so unlocked, when this returns.
    let lock = File::open(folder).map_err(LakeError::file("can't open", folder))?;
    match lock.lock() {
        Err(error) if error.kind() != ErrorKind::Unsupported => {
            return Err(LakeError::file("can't lock", folder)(error));
        }
        _ => {}
    }
    if !moves_on(&path.display().to_string(), read(path)?, head)? {
        return Ok(());
    }
    let mut staged = path.as_os_str().to_owned();
    staged.push(".writing");
    let write = || -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&staged)?;
        file.write_all(to_text(head).as_bytes())?;
        file.sync_all()?;
        fs::rename(&staged, path)
    };
    write().map_err(LakeError::file("can't write", path))?;
    fsync_directory(folder)
}

#[cfg(test)]
mod tests {
    use crate::error::LakeError;
    use crate::sign_once::SignOnce;
    use rollcall_ledger::Head;

    const fn head(size: u64, byte: u8) -> Head {
        Head { size, root: [byte; 32] }
    }

    #[test]
    fn it_moves_on_and_never_back() {
        let scratch = tempfile::tempdir().expect("a directory");
        let file = SignOnce::at(scratch.path().join("other disk/signed"));
        assert_eq!(file.read().expect("read"), None);
        assert!(file.advance(head(3, 1)).is_err(), "the disk isn't there");
        std::fs::create_dir(scratch.path().join("other disk")).expect("a folder");
        file.advance(head(3, 1)).expect("the first");
        file.advance(head(3, 1)).expect("the same again");
        for wrong in [head(3, 2), head(2, 1), head(0, 0)] {
            let refused = file.advance(wrong).expect_err("refused");
            assert!(matches!(refused, LakeError::SignedOtherwise { .. }), "{refused}");
        }
        file.advance(head(9, 4)).expect("the next");
        assert_eq!(file.read().expect("read"), Some(head(9, 4)));
    }

    #[test]
    fn a_refusal_names_what_was_signed_and_what_was_to_be() {
        let scratch = tempfile::tempdir().expect("a directory");
        let file = SignOnce::at(scratch.path().join("signed"));
        file.advance(head(7, 0xab)).expect("the first");
        let refused = file.advance(head(7, 0xcd)).expect_err("refused").to_string();
        assert!(refused.contains(&"ab".repeat(32)) && refused.contains(&"cd".repeat(32)));
        let refused = file.advance(head(5, 1)).expect_err("refused").to_string();
        assert!(refused.contains("size 7") && refused.contains("size 5"), "{refused}");
    }

    #[test]
    fn a_damaged_file_is_told_and_never_replaced() {
        let scratch = tempfile::tempdir().expect("a directory");
        let path = scratch.path().join("signed");
        let file = SignOnce::at(path.clone());
        file.advance(head(3, 1)).expect("the first");
        let whole = std::fs::read_to_string(&path).expect("text");
        for damaged in [
            String::new(),
            "9\n".to_owned(),
            whole.replace("3\n", "03\n"),
            whole.replace("3\n", "-3\n"),
            whole.trim_end().to_owned(),
            format!("{whole}\n"),
            whole.replace("AQ", "A"),
        ] {
            std::fs::write(&path, &damaged).expect("a file");
            assert!(matches!(file.read(), Err(LakeError::Damaged { .. })), "{damaged:?}");
            assert!(file.advance(head(10, 1)).is_err());
            assert_eq!(std::fs::read_to_string(&path).expect("text"), damaged);
        }
    }

    #[test]
    fn of_two_that_write_at_once_neither_takes_it_back() {
        let scratch = tempfile::tempdir().expect("a directory");
        let file = SignOnce::at(scratch.path().join("signed"));
        std::thread::scope(|scope| {
            for byte in [1, 2] {
                let file = &file;
                scope.spawn(move || {
                    let mut done = 0;
                    for size in 1..50 {
                        done += u32::from(file.advance(head(size, byte)).is_ok());
                    }
                    done
                });
            }
        });
        assert_eq!(file.read().expect("read").map(|head| head.size), Some(49));
    }
}
