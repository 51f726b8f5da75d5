//! `rollcall prove`

use std::fs;
use std::io::Write;
use std::sync::Arc;

use anyhow::{Context, Result};

use crate::cli::{Global, ProveArgs};
use crate::{Outcome, lake};

/// Prints the proof of an event.
pub async fn run(args: ProveArgs, global: &Global) -> Result<Outcome> {
    let lake = lake::to_read(global).await?;
    let (event, with_raw) = (args.event, !args.without_raw);
    let proof = tokio::task::spawn_blocking({
        let lake = Arc::clone(&lake);
        move || rollcall_lake::prove(lake.directory(), &lake.snapshot(), event, with_raw)
    })
    .await??;
    match args.out {
        Some(path) => {
            fs::write(&path, proof).with_context(|| format!("can't write {}", path.display()))?;
        }
        None => std::io::stdout().lock().write_all(&proof)?,
    }
    Ok(Outcome::Fine)
}
