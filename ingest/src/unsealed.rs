//! What was acknowledged and only the log holds, as a reader sees it: after a crash, until
//! the next start reads and seals it.

use std::fs;

use rollcall_lake::{Lake, LakeError, ShardKind};

use crate::error::{IngestError, Result};
use crate::log::end_of_files;

/// Records that the embedded log of a data directory holds and no file does. Nothing is
/// changed: not even a torn end, whose records had not been acknowledged, is cut off.
///
/// # Errors
/// If the log is damaged, or a file can't be read.
pub async fn unsealed(lake: &Lake) -> Result<u64> {
    let root = lake.directory().log();
    let mut known = None;
    let mut records = 0;
    let entries = match fs::read_dir(&root) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        entries => entries.map_err(IngestError::file("can't list", &root))?,
    };
    for entry in entries {
        let directory = entry.map_err(IngestError::file("can't list", &root))?.path();
        let name = directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !directory.is_dir() || uuid::Uuid::parse_str(&name).is_err() {
            continue;
        }
        let Some(end) = end_of_files(&directory)? else { continue };
        let shards = match &known {
            Some(shards) => shards,
            None => known.insert(lake.shards()?),
        };
        let is_it = |shard: &&rollcall_lake::Shard| {
            shard.kind == ShardKind::Log && shard.stands_for == name
        };
        let sealed = match shards.iter().find(is_it) {
            Some(shard) => sealed(lake, shard.number).await?,
            None => 0,
        };
        records += u64::try_from(end - sealed).unwrap_or_default();
    }
    Ok(records)
}

/// Position up to which everything of a shard is sealed.
async fn sealed(lake: &Lake, shard: i32) -> Result<i64, LakeError> {
    lake.committed(shard).await.map(|(events, _)| events)
}
