//! `rollcall source list`

use anyhow::Result;
use rollcall_ingest::source::Source;
use rollcall_ingest::source::about::About;

use crate::config::Config;
use crate::{Outcome, output};

/// Every source with what reads it, what can be measured, what it is and where its vendor
/// describes it.
pub fn run(config: &Config) -> Result<Outcome> {
    let sources = config.sources()?;
    let width = |of: fn(&Source) -> &str| sources.iter().map(|one| of(one).len()).max();
    let names = width(|source| source.name).unwrap_or_default();
    let titles = width(|source| source.title).unwrap_or_default();
    for source in sources.iter() {
        let kind = if source.mapping.is_some() { "mapping" } else { "built in" };
        let line = format!(
            "{:names$}  {kind:8}  latency: {:18}  {:titles$}  {}",
            source.name,
            latency(source),
            source.title,
            source.documentation
        );
        output::line(output::visible(line.trim_end()).as_ref())?;
    }
    Ok(Outcome::Fine)
}

/// What can be measured of the time that a sign-in takes.
fn latency(source: &Source) -> &'static str {
    match (About::parse(source.about), source.mapping) {
        (Ok(about), _) => about.basis.as_str(),
        (Err(_), Some(mapping)) if mapping.measures() => "as mapped",
        (Err(_), _) => "none",
    }
}
