//! Verification: everything is read again and compared with the ledger, and the
//! ledger with its signatures. Nothing is changed.
//!
//! ```text
//! finding    what can be found
//! ledger     checkpoint, tiles, entries, what was signed before
//! outside    what anchors and a sign-once file elsewhere say
//! history    the Delta logs against the entries; what became of every file
//! tables     the tables as a reader sees them
//! files      the files' bytes and rows against the entries
//! removals   what was taken away, and whether by its rule
//! late       events that came long after their time
//! merges     rows of files that a compaction made against those of its inputs
//! positions  every record accounted for, once
//! ```

mod files;
mod finding;
mod history;
mod late;
mod ledger;
mod merges;
mod outside;
mod positions;
mod removals;
mod tables;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use rollcall_ledger::{Checkpoint, Directory, Entry, Fact, Note, VerifierKey};
use rollcall_schemas::row_hash::RowKey;

use crate::blocking::blocking;
use crate::directory::{Access, DataDirectory};
use crate::error::Result;
use crate::lake::LedgerSettings;
pub use finding::{Finding, FindingKind};
use history::Read;
pub use late::Late;
use ledger::Against;
pub use outside::Vouched;
pub use removals::Removal;

/// Longest time since the last entry while a process writes: heartbeats come every
/// ten minutes.
const LIVE_AGE: Duration = Duration::from_secs(30 * 60);

/// What is asked of a verification.
#[derive(Debug, Clone, Default)]
pub struct VerifyOptions {
    /// Keys to trust; those beside the ledger where none is given.
    pub keys: Vec<VerifierKey>,
    /// An older signed checkpoint that must be the ledger's beginning.
    pub older: Option<Vec<u8>>,
    /// Where what was signed is kept, and who else holds checkpoints.
    pub outside: LedgerSettings,
    /// Longest time since the last entry.
    pub max_age: Option<Duration>,
    /// Only files that entries from this one on name are read, positions aren't compared,
    /// and nobody outside is asked; 0 for everything.
    pub from_entry: u64,
}

/// How far a verification is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Rows hashed.
    pub rows: u64,
    /// Rows in all.
    pub of: u64,
}

/// What a verification came to.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Verification {
    /// Everything that is wrong; nothing where all is well.
    pub findings: Vec<Finding>,
    /// Which log.
    pub origin: String,
    /// Entries in the ledger.
    pub entries: u64,
    /// The root that its checkpoint signs, hex.
    pub root: String,
    /// Files that were read.
    pub files: usize,
    /// Rows that were hashed.
    pub rows: u64,
    /// Events that came long after their time, by file: no error, but worth a look.
    pub late: Vec<Late>,
    /// Entries of the older checkpoint that this ledger goes on from, where one was given.
    pub extends: Option<u64>,
    /// The entry of the restore that names the older checkpoint, where this ledger goes on
    /// from a backup made before it.
    pub restored_from: Option<u64>,
    /// What was taken away: no error, but to be known.
    pub removals: Vec<Removal>,
    /// Who outside vouches for how much of it.
    pub vouched: Vec<Vouched>,
    /// What this could not tell, and what would.
    pub cannot_tell: Vec<String>,
}

impl Verification {
    /// Where there is no ledger that could be compared with.
    fn of_nothing(ledger: ledger::Ledger) -> Self {
        Self {
            findings: ledger.findings,
            origin: ledger.origin,
            entries: 0,
            root: ledger.root,
            files: 0,
            rows: 0,
            late: Vec::new(),
            extends: None,
            restored_from: None,
            removals: Vec::new(),
            vouched: Vec::new(),
            cannot_tell: ledger.cannot_tell,
        }
    }
}

/// Times that a verification is made again where a process took files away meanwhile.
const AGAIN: usize = 3;

/// Verifies a data directory. Hashing runs on all cores; `tell` hears how far it is.
///
/// # Errors
/// If something can't be read at all; what is wrong is a finding, not an error.
pub async fn verify(
    data: &Path,
    options: VerifyOptions,
    tell: impl Fn(Progress) + Send + Sync + 'static,
) -> Result<Verification> {
    let directory = DataDirectory::open(data, Access::Read)?;
    let tell: Arc<dyn Fn(Progress) + Send + Sync> = Arc::new(tell);
    let mut tries = 0;
    loop {
        let verified = once(&directory, &options, Arc::clone(&tell)).await?;
        tries += 1;
        let is_moving = !verified.findings.is_empty()
            && tries < AGAIN
            && directory.is_held()
            && takes_away_since(&directory.ledger(), verified.entries);
        if !is_moving {
            return Ok(verified);
        }
    }
}

/// Whether the ledger has gone on since with files that went.
fn takes_away_since(ledger: &Path, size: u64) -> bool {
    let log = Directory::new(ledger);
    let now = || {
        let note = Note::parse(&log.checkpoint().ok()??).ok()?;
        Checkpoint::parse(note.text()).ok().map(|checkpoint| checkpoint.size)
    };
    let Some(now) = now() else { return false };
    let entries = log.entries(now);
    entries.from(size).filter_map(|entry| Entry::parse(&entry.ok()?.1).ok()).any(|entry| {
        matches!(entry.fact, Fact::Compaction(_) | Fact::Retention(_) | Fact::Erasure(_))
    })
}

async fn once(
    directory: &DataDirectory,
    options: &VerifyOptions,
    tell: Arc<dyn Fn(Progress) + Send + Sync>,
) -> Result<Verification> {
    let is_held = directory.is_held();
    let root = directory.ledger();
    let sign_once = options.outside.sign_once(directory)?;
    let mut ledger = {
        let (root, sign_once) = (root.clone(), sign_once.clone());
        let (keys, older) = (options.keys.clone(), options.older.clone());
        blocking(move || {
            let (trusted, older) = (keys.as_slice(), older.as_deref());
            ledger::read(&root, &Against { trusted, sign_once: &sign_once, older, is_held })
        })
        .await?
    };
    if ledger.size == 0 {
        // Every commit would be one that no entry is about.
        return Ok(Verification::of_nothing(ledger));
    }
    let is_whole = ledger.is_whole();
    let mut findings = std::mem::take(&mut ledger.findings);
    let removals = removals::check(&ledger.entries, is_whole, &mut findings);
    let now = history::Now { data: directory.path(), is_held, is_whole };
    let (sealed, pending) = history::compare(now, &ledger.entries, &mut findings)?;
    tables::compare(now, &sealed, &pending, &mut findings).await;
    let most = options.max_age.or(is_held.then_some(LIVE_AGE));
    age(&ledger.entries, most, &mut findings);
    let data = directory.path().to_owned();
    let key = row_key(directory, &mut findings);
    let from_entry = options.from_entry;
    let log_shards = late::log_shards(&ledger.entries);
    let work = move || {
        let mut findings = Vec::new();
        let from = sealed.partition_point(|file| file.index < from_entry);
        let what = files::What { sealed: &sealed, from, is_whole, log_shards: &log_shards };
        let read = files::check(&data, &what, key.as_ref(), &mut findings, tell.as_ref());
        if from_entry == 0 && key.is_some() && is_whole {
            read.positions.check(&sealed, &mut findings);
        }
        Ok((read.files, read.rows, read.late, findings))
    };
    let (files, rows, late, mut found) = blocking(work).await?;
    findings.append(&mut found);
    let signed = ledger.signed_apart(&sign_once, directory.path(), &findings);
    // A look at what is new asks nobody: anchors hold all that they ever took.
    let outside = if from_entry > 0 {
        outside::Outside::default()
    } else {
        let (root, settings) = (root.clone(), options.outside.clone());
        let about = outside::About {
            size: ledger.size,
            beginnings: ledger.beginnings,
            origin: ledger.origin.clone(),
            restored: ledger.restored.clone(),
            signed,
            older: ledger.extends,
        };
        let handle = tokio::runtime::Handle::current();
        blocking(move || outside::ask(&root, &about, &settings, &handle)).await?
    };
    findings.extend(outside.findings);
    Ok(Verification {
        findings,
        origin: ledger.origin,
        entries: ledger.size,
        root: ledger.root,
        files,
        rows,
        late,
        extends: ledger.extends,
        restored_from: ledger.restored_from,
        removals,
        vouched: outside.vouched,
        cannot_tell: ledger.cannot_tell.into_iter().chain(outside.cannot_tell).collect(),
    })
}

/// The key that salts rows; verification never makes one.
fn row_key(directory: &DataDirectory, findings: &mut Vec<Finding>) -> Option<RowKey> {
    let path = directory.keys().join("row");
    let detail = match path.exists().then(|| directory.row_key()) {
        Some(Ok(key)) => return Some(RowKey::new(&key)),
        Some(Err(error)) => error.to_string(),
        None => "it is missing".to_owned(),
    };
    let detail = format!(
        "{detail}: without the key under which the rows were hashed, only the files' bytes can be verified"
    );
    findings.push(Finding::new(FindingKind::DamagedLedger, path.display(), detail));
    None
}

/// A time in seconds, or in minutes where these tell enough.
fn in_words(seconds: u64) -> String {
    match seconds {
        1 => "1 second".to_owned(),
        0..120 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds / 60),
    }
}

fn age(entries: &[Read], most: Option<Duration>, findings: &mut Vec<Finding>) {
    let (Some(most), Some((index, _, last))) = (most, entries.last()) else { return };
    let age = Utc::now().timestamp_micros().saturating_sub(last.time);
    if age > i64::try_from(most.as_micros()).unwrap_or(i64::MAX) {
        let age = u64::try_from(age / 1_000_000).unwrap_or_default();
        let detail = format!(
            "the newest entry is {} old; at most {} are allowed",
            in_words(age),
            in_words(most.as_secs())
        );
        findings.push(Finding::new(FindingKind::StaleTail, format!("entry {index}"), detail));
    }
}
