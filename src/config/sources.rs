//! Mapping files: where they lie.

use std::path::{Path, PathBuf};

use anyhow::Result;
use rollcall_ingest::source::{Sources, mapping};

use crate::usage;

/// Sources beside those that are built in.
#[derive(Debug, confique::Config)]
pub struct SourceFiles {
    /// Folder with mapping files (docs/mappings.md): each `name.toml` in it makes a
    /// source `name` of a log in JSON. A relative path is relative to this file's
    /// folder. Changes count from the next start on.
    #[config(default = "sources", env = "ROLLCALL_SOURCES")]
    pub folder: PathBuf,
}

impl SourceFiles {
    /// Makes the folder's path one from where the process is; `config` is the
    /// configuration file.
    pub fn beside(&mut self, config: &Path) {
        if let Some(folder) = config.parent() {
            self.folder = folder.join(&self.folder);
        }
    }

    /// Every source: those that are built in and those of the mapping files.
    pub fn load(&self) -> Result<Sources> {
        let mappings =
            mapping::read_folder(&self.folder).map_err(|error| usage(error.to_string()))?;
        Ok(Sources::with(mappings))
    }
}
