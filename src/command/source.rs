//! `rollcall source list`

use anyhow::Result;
use rollcall_ingest::source::SOURCES;

use crate::{Outcome, output};

/// Every source with what it is and where its vendor describes it.
pub fn list() -> Result<Outcome> {
    let width = SOURCES.iter().map(|source| source.name.len()).max().unwrap_or_default();
    let titles = SOURCES.iter().map(|source| source.title.len()).max().unwrap_or_default();
    for source in SOURCES {
        output::line(&format!(
            "{:width$}  {:titles$}  {}",
            source.name, source.title, source.documentation
        ))?;
    }
    Ok(Outcome::Fine)
}
