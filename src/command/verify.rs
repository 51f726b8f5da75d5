//! `rollcall verify`

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use chrono::DateTime;
use rollcall_lake::{Removal, Verification, VerifyOptions, verify};
use rollcall_ledger::PublicKeys;

use crate::cli::{Global, VerifyArgs};
use crate::config::Config;
use crate::progress::Progress;
use crate::{Outcome, output, usage};

/// Verifies the data directory; findings go to stdout.
pub async fn run(args: VerifyArgs, global: &Global, config: &Config) -> Result<Outcome> {
    let older = args.checkpoint.as_deref().map(|path| {
        fs::read(path).with_context(|| format!("can't read the checkpoint {}", path.display()))
    });
    let options = VerifyOptions {
        keys: keys(&args.key)?.iter().flat_map(PublicKeys::verifiers).collect(),
        older: older.transpose()?,
        outside: config.ledger(),
        max_age: args.max_age,
        from_entry: 0,
    };
    let progress = Progress::begin("reading the ledger");
    let told = progress.clone();
    let verified = verify(global.data(), options, move |now| {
        let percent = now.rows.saturating_mul(100) / now.of.max(1);
        told.tell(format!("{} of {} rows, {percent} %", now.rows, now.of));
    })
    .await;
    progress.end();
    let verified = verified?;
    if args.json {
        output::line(&serde_json::to_string_pretty(&verified)?)?;
    } else {
        tell(&verified)?;
    }
    Ok(if verified.findings.is_empty() { Outcome::Fine } else { Outcome::Found })
}

fn tell(verified: &Verification) -> Result<()> {
    for finding in &verified.findings {
        output::line(&output::visible(&finding.to_string()))?;
    }
    let verdict = match verified.findings.len() {
        0 => "nothing is wrong".to_owned(),
        1 => "1 finding".to_owned(),
        findings => format!("{findings} findings"),
    };
    output::line(&format!(
        "{verdict}: {} entries of {}, {} files, {} rows",
        verified.entries, verified.origin, verified.files, verified.rows
    ))?;
    if let Some(size) = verified.extends {
        output::line(&format!("it goes on from the older checkpoint of {size} entries"))?;
    }
    for removal in &verified.removals {
        output::line(&output::visible(&removed(removal)))?;
    }
    for late in &verified.late {
        output::line(&output::visible(&format!(
            "late, which is no error: {} events in {} came over a day after their time, the latest {} hours after",
            late.events, late.file, late.hours
        )))?;
    }
    for vouched in &verified.vouched {
        let when = vouched.time.as_ref().map(|time| format!(", {time}")).unwrap_or_default();
        output::line(&output::visible(&format!(
            "{} vouches for {} entries{when}: {}",
            vouched.by, vouched.size, vouched.how
        )))?;
    }
    for one in &verified.cannot_tell {
        output::note(&format!("This can't tell {one}."));
    }
    Ok(())
}

/// What was taken away, in words.
fn removed(removal: &Removal) -> String {
    let time = DateTime::from_timestamp_micros(removal.time).unwrap_or_default();
    let Removal { entry, table, files, rows, .. } = removal;
    let how = match &removal.rule {
        Some(rule) => {
            format!(
                "removed, which is no error: {files} files of {table} with {rows} rows that no other file holds, by the rule: {rule}"
            )
        }
        None => format!("erased, which is no error: {rows} rows in {files} files of {table}"),
    };
    format!("{how} (entry {entry}, {})", time.format("%Y-%m-%dT%H:%M:%SZ"))
}

/// Keys from the command line: their text, or files that hold some, with the sizes from
/// which on they sign.
pub(super) fn keys(given: &[String]) -> Result<Vec<PublicKeys>> {
    let mut keys = Vec::new();
    for one in given {
        let path = Path::new(one);
        let text = if path.is_file() {
            fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?
        } else {
            one.clone()
        };
        let read: PublicKeys = text.trim().parse().map_err(|error| {
            usage(format!("{one:?} is neither a key of a log nor a file with one: {error}"))
        })?;
        keys.push(read);
    }
    Ok(keys)
}
