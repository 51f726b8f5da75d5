//! `rollcall source list`

use anyhow::Result;
use rollcall_ingest::source::Source;

use crate::config::Config;
use crate::{Outcome, output};

/// Every source with what it is and where its vendor describes it.
pub fn run(config: &Config) -> Result<Outcome> {
    let sources = config.sources()?;
    let width = |of: fn(&Source) -> &str| sources.iter().map(|one| of(one).len()).max();
    let names = width(|source| source.name).unwrap_or_default();
    let titles = width(|source| source.title).unwrap_or_default();
    for source in sources.iter() {
        let kind = if source.mapping.is_some() { "mapping" } else { "built in" };
        let line = format!(
            "{:names$}  {kind:8}  {:titles$}  {}",
            source.name, source.title, source.documentation
        );
        output::line(output::visible(line.trim_end()).as_ref())?;
    }
    Ok(Outcome::Fine)
}
