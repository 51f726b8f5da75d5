//! A digest file: what it says, the hash of that, and what was signed.

use std::io::Read;
use std::path::Path;

use chrono::{DateTime, Utc};
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::error::{IngestError, Result};

/// What a file with an object's signature is called behind the object's name.
pub(super) const SIGNATURE: &str = ".signature";
/// Bytes that a digest may have, expanded.
const MOST: u64 = 256 << 20;

/// A digest.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Digest {
    pub(super) digest_start_time: DateTime<Utc>,
    /// As it stands: it was signed so.
    pub(super) digest_end_time: String,
    digest_s3_bucket: String,
    pub(super) digest_s3_object: String,
    pub(super) digest_public_key_fingerprint: String,
    pub(super) previous_digest_s3_object: Option<String>,
    pub(super) previous_digest_hash_value: Option<String>,
    pub(super) previous_digest_signature: Option<String>,
    pub(super) log_files: Vec<LogFile>,
    /// When the hour ends.
    #[serde(skip)]
    pub(super) end: DateTime<Utc>,
    /// SHA-256 of the file, expanded, hex.
    #[serde(skip)]
    pub(super) sha256: String,
    /// Its own signature, where a file beside it has it.
    #[serde(skip)]
    pub(super) signature: Option<String>,
    /// The file's name.
    #[serde(skip)]
    pub(super) name: String,
}

/// A log file that was delivered.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogFile {
    pub(super) s3_object: String,
    /// SHA-256 of its content, expanded, hex.
    pub(super) hash_value: String,
}

/// Whose digest a file is by its name, and where: the name without its time. Backfilled
/// digests are a chain of their own.
pub(super) fn trail(name: &str) -> Option<String> {
    let stem = name.strip_suffix(".gz").unwrap_or(name).strip_suffix(".json")?;
    let (stem, more) = match stem.strip_suffix("_backfill") {
        Some(stem) => (stem, "_backfill"),
        None => (stem, ""),
    };
    let (trail, time) = stem.rsplit_once('_')?;
    let (account, place) = trail.split_once("_CloudTrail-Digest_")?;
    time.ends_with('Z').then(|| format!("{account}_{place}{more}"))
}

/// The last part of an object's name.
pub(super) fn file_name(object: &str) -> &str {
    object.rsplit_once('/').map_or(object, |(_, name)| name)
}

impl Digest {
    /// # Errors
    /// If the file can't be read or isn't a digest.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let wrong = |detail: &str| IngestError::Digests {
            path: path.to_owned(),
            detail: detail.to_owned(),
        };
        let content = expanded(path)?;
        let mut digest: Self = serde_json::from_slice(&content)
            .map_err(|_| wrong("it isn't a digest file of CloudTrail, or was cut off"))?;
        digest.end = digest
            .digest_end_time
            .parse()
            .map_err(|_| wrong("its digestEndTime is no time; ISO 8601 was expected"))?;
        digest.sha256 = hex::encode(Sha256::digest(&content));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        digest.signature =
            std::fs::read_to_string(path.with_file_name(format!("{name}{SIGNATURE}"))).ok();
        digest.name = name.into_owned();
        Ok(digest)
    }

    /// The text that was signed.
    pub(super) fn signed(&self) -> String {
        let Self { digest_end_time, digest_s3_bucket, digest_s3_object, sha256, .. } = self;
        let previous = self.previous_digest_signature.as_deref().unwrap_or("null");
        format!("{digest_end_time}\n{digest_s3_bucket}/{digest_s3_object}\n{sha256}\n{previous}")
    }
}

fn expanded(path: &Path) -> Result<Vec<u8>> {
    let fail = || IngestError::file("can't read", path);
    let bytes = std::fs::read(path).map_err(fail())?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut content = Vec::new();
    MultiGzDecoder::new(bytes.as_slice()).take(MOST).read_to_end(&mut content).map_err(fail())?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_is_told_by_the_name_of_its_digests() {
        let of = |name: &str| trail(name);
        let name = "111122223333_CloudTrail-Digest_eu-central-1_all_events_eu-central-1_20260301T100000Z.json.gz";
        let wanted = Some("111122223333_eu-central-1_all_events_eu-central-1".to_owned());
        assert_eq!(of(name), wanted);
        assert_eq!(of(name.trim_end_matches(".gz")), wanted);
        let backfill = name.replace(".json", "_backfill.json");
        assert_eq!(of(&backfill), wanted.map(|trail| format!("{trail}_backfill")));
        for other in [
            "111122223333_CloudTrail_eu-central-1_20260301T1000Z_AbCdEfGh.json.gz",
            "111122223333_CloudTrail-Digest_eu-central-1.txt",
            "x_CloudTrail-Digest_y.json.gz.signature",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
