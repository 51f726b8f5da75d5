//! CloudTrail's digest files, where a trail writes them: hourly, each with the hashes of the
//! log files that were delivered, signed by AWS, and each with the signature of the one
//! before (CloudTrail, "Custom implementations of log file integrity validation").
//!
//! ```text
//! keys     AWS' public keys, from a file
//! digest   a digest file
//! chain    a trail's digests in order: signatures and links
//! ```
//!
//! The digests are in a folder as they lie in the bucket. A digest's own signature is
//! metadata of its object and not in the file; the next digest has it. So the newest is
//! believed only where a file NAME.signature beside it holds what `x-amz-meta-signature`
//! says. The log files that proved digests name are compared with what was imported: both
//! go by the SHA-256 of the content, expanded.

mod chain;
mod digest;
mod keys;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rollcall_lake::{Lake, ShardKind, ShardState, Table};

use super::{Comparison, LISTED, Outcome, rows};
use crate::error::{IngestError, Result};
use crate::input::file;
use chain::Chain;
use digest::{Digest, LogFile};
use keys::Keys;

/// Checks the digest files under a folder with AWS' public keys, and compares the log files
/// that they name with those that were imported. Each trail's outcome is a row of
/// `reconciliations`: its period ends with the last digest that is proved.
///
/// # Errors
/// If the folder has no digest file, or it, the keys or what is stored can't be read. What is
/// wrong with a digest or a log file is an outcome.
pub async fn reconcile_cloudtrail(
    lake: &Arc<Lake>,
    folder: &Path,
    keys: &Path,
) -> Result<Vec<Outcome>> {
    let stored = stored(lake)?;
    let (folder, keys) = (folder.to_owned(), keys.to_owned());
    let outcomes = tokio::task::spawn_blocking(move || outcomes(&folder, &keys, &stored))
        .await
        .map_err(|error| IngestError::Worker(error.to_string()))??;
    for outcome in &outcomes {
        lake.append(Table::Reconciliations, rows::batch(outcome)?).await?;
    }
    Ok(outcomes)
}

/// Hashes of the files that were imported to their end.
fn stored(lake: &Lake) -> Result<HashSet<String>> {
    let shards = lake.shards()?.into_iter();
    let whole = shards.filter(|shard| {
        shard.kind == ShardKind::Import && matches!(shard.state, ShardState::Finished { .. })
    });
    Ok(whole.map(|shard| shard.stands_for).collect())
}

/// A trail's digests, and what is wrong with those that can't be read.
#[derive(Default)]
struct Trail {
    digests: Vec<Digest>,
    unreadable: Vec<String>,
}

fn outcomes(folder: &Path, keys: &Path, stored: &HashSet<String>) -> Result<Vec<Outcome>> {
    let keys = Keys::read(keys)?;
    let files = file::find(&[folder.to_owned()])?;
    let mut trails: BTreeMap<String, Trail> = BTreeMap::new();
    let mut logs: HashMap<String, PathBuf> = HashMap::new();
    for path in files {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if let Some(trail) = digest::trail(name) {
            let trail = trails.entry(trail).or_default();
            match Digest::read(&path) {
                Ok(digest) => trail.digests.push(digest),
                Err(error) => trail.unreadable.push(error.to_string()),
            }
        } else if !name.ends_with(digest::SIGNATURE) {
            logs.insert(name.to_owned(), path.clone());
        }
    }
    if trails.is_empty() {
        let detail = "there is no CloudTrail-Digest file under it".to_owned();
        return Err(IngestError::Digests { path: folder.to_owned(), detail });
    }
    let mut outcomes = Vec::new();
    for (trail, Trail { digests, unreadable }) in trails {
        let chain = Chain::of(digests, &keys);
        let mut problems = unreadable;
        problems.extend(chain.problems.iter().cloned());
        problems.extend(altered(&chain, &logs));
        let found = match problems.as_slice() {
            [] => Ok(compared(&chain, stored)),
            problems => Err(in_words(problems)),
        };
        let (collector, source) = (format!("cloudtrail-digest/{trail}"), "cloudtrail".to_owned());
        outcomes.push(Outcome { collector, source, period: chain.period, found });
    }
    Ok(outcomes)
}

/// Log files beside the digests that are not what was delivered.
fn altered(chain: &Chain, logs: &HashMap<String, PathBuf>) -> Vec<String> {
    let delivered = chain.proved().flat_map(|digest| &digest.log_files);
    let beside = delivered.filter_map(|log| {
        let path = logs.get(digest::file_name(&log.s3_object))?;
        differs(log, path)
    });
    beside.collect()
}

/// Why a file isn't a log file as it was delivered, if it isn't.
fn differs(log: &LogFile, path: &Path) -> Option<String> {
    match file::InputFile::open(path, &[]) {
        Ok(file) if file.content.sha256.eq_ignore_ascii_case(&log.hash_value) => None,
        Ok(_) => Some(format!("{} isn't what CloudTrail delivered", log.s3_object)),
        Err(error) => Some(error.to_string()),
    }
}

fn compared(chain: &Chain, stored: &HashSet<String>) -> Comparison {
    let logs: BTreeMap<&str, &str> = chain
        .proved()
        .flat_map(|digest| &digest.log_files)
        .map(|log| (log.s3_object.as_str(), log.hash_value.as_str()))
        .collect();
    let is_stored = |hash: &str| stored.contains(&hash.to_ascii_lowercase());
    let missing: Vec<&str> =
        logs.iter().filter(|(_, hash)| !is_stored(hash)).map(|(object, _)| *object).collect();
    let (vendor, lacks) = (logs.len() as u64, missing.len() as u64);
    Comparison {
        vendor,
        stored: vendor - lacks,
        missing: lacks,
        missing_ids: missing.into_iter().take(LISTED).map(str::to_owned).collect(),
        ..Comparison::default()
    }
}

/// The first few problems.
fn in_words(problems: &[String]) -> String {
    const FEW: usize = 5;
    let mut words: Vec<String> = problems.iter().take(FEW).cloned().collect();
    if problems.len() > FEW {
        words.push(format!("and {} more", problems.len() - FEW));
    }
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_broken_digest_is_its_own_trails_problem_alone() {
        let scratch = tempfile::tempdir().expect("a directory");
        let write = |name: &str, content: &str| {
            let path = scratch.path().join(name);
            std::fs::write(path, content).expect("a file");
        };
        let name = |trail: &str| {
            format!(
                "111122223333_CloudTrail-Digest_eu-central-1_{trail}_eu-central-1_20260301T110000Z.json"
            )
        };
        let whole = json!({
            "digestStartTime": "2026-03-01T10:00:00Z", "digestEndTime": "2026-03-01T11:00:00Z",
            "digestS3Bucket": "b", "digestS3Object": format!("AWSLogs/{}", name("b")),
            "digestPublicKeyFingerprint": "f", "logFiles": []
        });
        write(&name("a"), "{\"digestStartTime\": \"2026-03");
        write(&name("b"), &whole.to_string());
        let keys = tempfile::NamedTempFile::new().expect("a file");
        let listed = json!({"PublicKeyList": [{"Value": "AAAA", "Fingerprint": "f"}]});
        std::fs::write(keys.path(), listed.to_string()).expect("written");
        let found = outcomes(scratch.path(), keys.path(), &HashSet::new()).expect("outcomes");
        let [broken, other] = found.as_slice() else { panic!("{found:?}") };
        let why = |outcome: &Outcome| outcome.found.clone().expect_err("not reconciled");
        assert!(broken.collector.ends_with("_a_eu-central-1"), "{}", broken.collector);
        assert!(why(broken).contains(&name("a")) && why(broken).contains("was cut off"));
        assert!(other.collector.ends_with("_b_eu-central-1"), "{}", other.collector);
        assert!(why(other).contains("is the only digest") && !why(other).contains("cut off"));
        assert_eq!(other.period.to.to_rfc3339(), "2026-03-01T11:00:00+00:00");
    }

    #[test]
    fn a_log_file_that_cant_be_read_is_named() {
        let log = json!({"s3Object": "AWSLogs/one.json.gz", "hashValue": "00"});
        let log: LogFile = serde_json::from_value(log).expect("a log file");
        let scratch = tempfile::tempdir().expect("a directory");
        let told = differs(&log, &scratch.path().join("one.json.gz")).expect("a problem");
        assert!(told.contains("can't open") && told.contains("one.json.gz"), "{told}");
        assert!(told.contains("No such file"), "{told}");
    }
}
