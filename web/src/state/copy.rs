//! A copy of the file, as of one moment, beside whoever writes to it.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{Error, Result};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rusqlite::{Connection, OpenFlags, named_params};

use super::StateDb;

impl StateDb {
    /// Copies the database to another place, where there is one. The copy is whole and
    /// on disk when this returns, readable by its owner alone.
    ///
    /// # Errors
    /// If it can't be read or written.
    pub fn copy(from: &Path, to: &Path) -> Result<()> {
        if !from.exists() {
            return Ok(());
        }
        let staged = to.with_extension("copying");
        let options =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&staged)?;
        options.set_permissions(Permissions::from_mode(0o600))?;
        drop(options);
        copy(from, &staged).map_err(Error::other)?;
        File::open(&staged)?.sync_all()?;
        fs::rename(&staged, to)?;
        to.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
    }
}

fn copy(from: &Path, to: &Path) -> rusqlite::Result<()> {
    let from = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let to = to.to_string_lossy();
    from.execute(include_str!("../../sql/state_copy.sql"), named_params! { ":to": to })?;
    Ok(())
}
