//! `rollcall source doc`

use anyhow::{Result, anyhow};
use rollcall_ingest::source::doc;

use crate::{Outcome, output};

/// docs/sources.md.
pub fn run() -> Result<Outcome> {
    let text = doc::markdown().map_err(|what| anyhow!(what))?;
    output::line(text.trim_end())?;
    Ok(Outcome::Fine)
}
