//! `rollcall verify`

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use chrono::DateTime;
use rollcall_ingest::IngestError;
use rollcall_lake::{Finding, Removal, Verification, VerifyOptions, verify};
use rollcall_ledger::{Checkpoint, Note, PublicKeys};

use crate::cli::{Global, VerifyArgs};
use crate::config::Config;
use crate::output::counted;
use crate::progress::Progress;
use crate::{Outcome, output, unseen, usage};

/// Verifies the data directory; findings go to stdout.
pub async fn run(args: VerifyArgs, global: &Global, config: &Config) -> Result<Outcome> {
    let older = args.checkpoint.as_deref().map(older);
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
    let mut verified = verified?;
    let mut waiting = 0;
    // What the findings say of the tables is all that there is to say where they can't be read.
    if let Ok(lake) = crate::lake::to_read(global).await {
        match unseen::in_log(&lake).await {
            Ok(records) => waiting = records,
            Err(IngestError::Lake(_)) => {}
            Err(error) => {
                let place = lake.directory().log();
                verified.findings.push(Finding::damaged_log(place.display(), error));
            }
        }
    }
    if args.json {
        output::line(&serde_json::to_string_pretty(&verified)?)?;
    } else {
        tell(&verified)?;
    }
    unseen::tell_in_log(waiting);
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
    if verified.entries == 0 {
        output::line(&format!("{verdict}: there was nothing to compare with"))?;
    } else {
        output::line(&format!(
            "{verdict}: {} of {}, {}, {} (superseded files count too)",
            counted(verified.entries, "entry", "entries"),
            verified.origin,
            counted(verified.files as u64, "file", "files"),
            counted(verified.rows, "row", "rows")
        ))?;
    }
    if let Some(size) = verified.extends {
        let entries = counted(size, "entry", "entries");
        output::line(&format!("it goes on from the older checkpoint of {entries}"))?;
    }
    if let Some(index) = verified.restored_from {
        output::line(&format!(
            "entry {index} tells of a restore that names the older checkpoint: this ledger goes on from a backup made before it"
        ))?;
    }
    for removal in &verified.removals {
        output::line(&output::visible(&removed(removal)))?;
    }
    for late in &verified.late {
        output::line(&output::visible(&format!(
            "late, which is no error: {} in {} came over a day after their time, the latest {} after",
            counted(late.events, "event", "events"),
            late.file,
            counted(u64::try_from(late.hours).unwrap_or_default(), "hour", "hours")
        )))?;
    }
    for vouched in &verified.vouched {
        let when = vouched.time.as_ref().map(|time| format!(", {time}")).unwrap_or_default();
        output::line(&output::visible(&format!(
            "{} vouches for {}{when}: {}",
            vouched.by,
            counted(vouched.size, "entry", "entries"),
            vouched.how
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
    let Removal { entry, table, .. } = removal;
    let files = counted(removal.files, "file", "files");
    let rows = counted(removal.rows, "row", "rows");
    let how = match &removal.rule {
        Some(rule) => {
            format!(
                "removed, which is no error: {files} of {table} with {rows} that no other file holds, by the rule: {rule}"
            )
        }
        None => format!("erased, which is no error: {rows} in {files} of {table}"),
    };
    format!("{how} (entry {entry}, {})", time.format("%Y-%m-%dT%H:%M:%SZ"))
}

/// A checkpoint from elsewhere. Whether the log signed it, the verification tells.
fn older(path: &Path) -> Result<Vec<u8>> {
    let bytes = fs::read(path).with_context(|| format!("can't read {}", path.display()))?;
    let parsed = Note::parse(&bytes).and_then(|note| Checkpoint::parse(note.text()));
    match parsed {
        Ok(_) => Ok(bytes),
        Err(error) => Err(usage(format!("{} holds no checkpoint: {error}", path.display()))),
    }
}

/// Keys from the command line: their text, or files that hold some, with the sizes from
/// which on they sign.
pub(super) fn keys(given: &[String]) -> Result<Vec<PublicKeys>> {
    let mut keys = Vec::new();
    for one in given {
        let path = Path::new(one);
        let read = if path.is_file() {
            let text = fs::read_to_string(path)
                .with_context(|| format!("can't read {}", path.display()))?;
            text.trim().parse::<PublicKeys>().map_err(|error| format!("it holds no key: {error}"))
        } else {
            one.trim().parse().map_err(|error| match one.contains('+') {
                true => format!("it is no key: {error}"),
                false => {
                    "there is no such file, and a key has the form name+hash+base64".to_owned()
                }
            })
        };
        keys.push(read.map_err(|detail| usage(format!("--key {one}: {detail}")))?);
    }
    Ok(keys)
}
