//! Files leave a table: append-only is lifted for as long, and the entry names the
//! commits that do it.

use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;

use crate::blocking::blocking;
use crate::delta_log::Change;
use crate::error::{LakeError, Result};
use crate::lake::Lake;
use crate::store::fsync_directory;
use crate::table::Table;

impl Lake {
    /// Commits a change that removes files for good; `change` gets the versions that
    /// lift and restore append-only.
    pub(super) async fn commit_removal(
        &self,
        table: Table,
        change: impl FnOnce(Vec<u64>) -> Change,
    ) -> Result<u64> {
        let mut log = self.log_of(table).await?;
        let lifted = log.set_append_only(false).await?;
        let committed = log.commit(&change(vec![lifted, lifted + 2])).await;
        let restored = log.set_append_only(true).await;
        drop(log);
        let version = committed?;
        self.notarise().await?;
        restored?;
        Ok(version)
    }

    /// Deletes files that the ledger says are gone.
    pub(super) async fn delete_files(&self, table: Table, names: HashSet<String>) -> Result<()> {
        let root = self.directory().path().join(table.name());
        let work = move || {
            for name in names {
                let path = root.join(name);
                match fs::remove_file(&path) {
                    Err(error) if error.kind() != ErrorKind::NotFound => {
                        return Err(LakeError::file("can't remove", &path)(error));
                    }
                    _ => {}
                }
            }
            fsync_directory(&root)
        };
        blocking(work).await
    }
}
