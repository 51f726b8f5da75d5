//! docs/sources.md, of what the sources say of themselves.

use std::fmt::Write;

use super::about::{About, Case, Shown};
use super::{Source, Sources};

/// What holds for all sources.
const HEAD: &str = include_str!("doc.md");

/// The document: what holds for all, a table of the sources that are built in, and each.
///
/// # Errors
/// If a source's `about.toml` is wrong; a test holds that none is.
pub fn markdown() -> Result<String, String> {
    let sources = Sources::default();
    let all: Vec<(&Source, About)> = sources
        .iter()
        .map(|source| About::parse(source.about).map(|about| (source, about)))
        .collect::<Result<_, _>>()?;
    let mut text = String::from(HEAD);
    text.push_str("\n## The sources\n\n");
    text.push_str(
        "| source | what it is | read by | duplicates | latency |\n|---|---|---|---|---|\n",
    );
    for (source, about) in &all {
        let by = if source.mapping.is_some() { "a mapping" } else { "code" };
        let duplicates = if source.has_event_id { "by id" } else { "not told" };
        row(&mut text, source, &[by, duplicates, about.basis.as_str()]);
    }
    for (source, about) in &all {
        section(&mut text, source, about);
    }
    Ok(text)
}

fn row(text: &mut String, source: &Source, cells: &[&str]) {
    // Writing to a string doesn't fail.
    let _ = write!(
        text,
        "| [{name}](#{name}) | [{}]({}) |",
        source.title,
        source.documentation,
        name = source.name
    );
    for cell in cells {
        let _ = write!(text, " {cell} |");
    }
    text.push('\n');
}

fn section(text: &mut String, source: &Source, about: &About) {
    let paragraph = |text: &mut String, name: &str, said: &str| {
        let _ = write!(text, "\n**{name}:** {}\n", said.trim());
    };
    let _ = write!(text, "\n## {}\n\n{}. {}\n", source.name, source.title, about.reads.trim());
    paragraph(text, "Recognised by", &about.recognised);
    paragraph(text, "Identity", &about.identity);
    paragraph(text, "Latency", &about.latency);
    text.push_str("\n**Set up:**\n\n");
    for way in &about.setup {
        let _ = writeln!(text, "- {way}");
    }
    paragraph(text, "Permissions", &about.permissions);
    let _ = write!(text, "\n| read | becomes |\n|---|---|\n{}\n", about.columns.trim());
    paragraph(text, "Not said", &about.limits);
    let missing = missing(about);
    if !missing.is_empty() {
        paragraph(text, "Not logged", &format!("{}.", missing.join("; ")));
    }
    paragraph(text, "Traps", &about.traps);
}

/// What the vendor doesn't log, with the reason; cases with the same one together.
fn missing(about: &About) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for case in Case::ALL {
        let Some(Shown::Not { not }) = about.cases.get(&case) else { continue };
        match reasons.iter_mut().find(|(reason, _)| reason == not) {
            Some((_, cases)) => cases.push(case.as_str()),
            None => reasons.push((not, vec![case.as_str()])),
        }
    }
    reasons.iter().map(|(reason, cases)| format!("{} ({reason})", cases.join(", "))).collect()
}
