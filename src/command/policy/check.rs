//! `rollcall policy check`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use chrono::Utc;
use rollcall_query::Catalog;
use rollcall_query::policy::{Checked, Policy, Surroundings, check};

use crate::cli::{Global, PolicyCheckArgs};
use crate::config::Config;
use crate::{Outcome, lake, output};

/// Checks every policy that is named.
pub async fn run(args: &PolicyCheckArgs, global: &Global, config: &Config) -> Result<Outcome> {
    let mut around = surroundings(global, config).await?;
    around.today = args.today.unwrap_or(around.today);
    let mut outcome = Outcome::Fine;
    let mut seen: BTreeMap<(String, i32), PathBuf> = BTreeMap::new();
    for path in files(&args.paths)? {
        let (policy, checked) = read(&path, &around)?;
        tell(&path, &checked)?;
        let mut good = checked.faults.is_empty();
        if let Some(policy) = policy {
            good &= is_the_only_one(&policy, &path, &mut seen)?;
            if good {
                output::line(&summary(&path, &policy, &checked))?;
            }
        }
        if !good {
            outcome = Outcome::Found;
        }
    }
    Ok(outcome)
}

/// Reads and checks one file.
pub(super) fn read(path: &Path, around: &Surroundings) -> Result<(Option<Policy>, Checked)> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
    Ok(check(&text, around))
}

/// Prints what is wrong, a line each.
pub(super) fn tell(path: &Path, checked: &Checked) -> Result<()> {
    for fault in &checked.faults {
        let at = if fault.line.is_some() { ":" } else { ": " };
        output::line(&format!("{}{at}{fault}", path.display()))?;
    }
    Ok(())
}

/// What policies are checked against: the directory, where there is one.
pub(super) async fn surroundings(global: &Global, config: &Config) -> Result<Surroundings> {
    let sources = config.sources()?;
    let sources = sources.iter().map(|source| source.name.to_owned()).collect();
    let mut groups = None;
    if global.data().join("format").exists() {
        let catalog = Catalog::new(lake::to_read(global).await?, lake::query_settings(config)?)?;
        groups = catalog.session().policy_groups().await?;
    }
    if groups.is_none() {
        output::note(&format!(
            "{} has no directory of people: whether teams, roles and cohorts exist isn't checked",
            global.data().display()
        ));
    }
    Ok(Surroundings { today: Utc::now().date_naive(), groups, sources })
}

/// The files that are named; of a folder those that end in .toml, also in folders within.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        let before = files.len();
        collect(path, &mut files)?;
        if files.len() == before {
            bail!("there is no policy in {}: no file there ends in .toml", path.display());
        }
    }
    Ok(files)
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let unread = || format!("can't read {}", path.display());
    let mut within = Vec::new();
    for entry in std::fs::read_dir(path).with_context(unread)? {
        within.push(entry.with_context(unread)?.path());
    }
    within.sort();
    for path in within {
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "toml") {
            collect(&path, files)?;
        }
    }
    Ok(())
}

/// Whether no file before has the same version of the same policy.
fn is_the_only_one(
    policy: &Policy,
    path: &Path,
    seen: &mut BTreeMap<(String, i32), PathBuf>,
) -> Result<bool> {
    let of = (policy.id.clone(), policy.version);
    if let Some(other) = seen.get(&of) {
        output::line(&format!(
            "{}: version: {} has version {} of {} too; count up in one of them",
            path.display(),
            other.display(),
            policy.version,
            policy.id
        ))?;
        return Ok(false);
    }
    seen.insert(of, path.to_owned());
    Ok(true)
}

fn summary(path: &Path, policy: &Policy, checked: &Checked) -> String {
    format!(
        "{}: {} version {}, {}: fine; {} cases came out as expected",
        path.display(),
        policy.id,
        policy.version,
        policy.phase.as_str(),
        checked.cases
    )
}
