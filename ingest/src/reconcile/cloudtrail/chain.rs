//! A trail's digests in order. Each but the first names the one before it, with its hash and
//! its signature; a signature that fits proves a digest, whoever brought it.

use chrono::{DateTime, Utc};

use super::super::Period;
use super::digest::{Digest, file_name};
use super::keys::Keys;

/// A trail's digests.
#[derive(Debug)]
pub(super) struct Chain {
    digests: Vec<Digest>,
    /// How many of them are proved, from the first on.
    proved: usize,
    /// From the first one's hour to the end of the last one that is proved.
    pub(super) period: Period,
    /// What is wrong, in words.
    pub(super) problems: Vec<String>,
}

impl Chain {
    /// Puts them in order and checks them.
    pub(super) fn of(mut digests: Vec<Digest>, keys: &Keys) -> Self {
        digests.sort_by(|a, b| (a.end, &a.name).cmp(&(b.end, &b.name)));
        let mut problems = Vec::new();
        let mut proved = 0;
        for (place, digest) in digests.iter().enumerate() {
            let name = &digest.name;
            if file_name(&digest.digest_s3_object) != name {
                problems.push(format!("{name} says that it is {}", digest.digest_s3_object));
            }
            if let Some(before) = place.checked_sub(1).and_then(|before| digests.get(before)) {
                problems.extend(link(before, digest).err());
            }
            let next = digests.get(place + 1);
            let follows = |next: &&Digest| {
                next.previous_digest_s3_object.as_ref() == Some(&digest.digest_s3_object)
            };
            let carried = next.filter(follows);
            let carried = carried.and_then(|next| next.previous_digest_signature.as_ref());
            match (carried.or(digest.signature.as_ref()), next) {
                (Some(signature), _) => {
                    let fingerprint = &digest.digest_public_key_fingerprint;
                    match keys.verify(fingerprint, &digest.signed(), signature) {
                        Ok(()) => proved = place + 1,
                        Err(why) => problems.push(format!("{name}: {why}")),
                    }
                }
                (None, Some(_)) => problems.push(format!("{name}: nothing has its signature")),
                // The newest: the next one will have it.
                (None, None) if place > 0 => {}
                (None, None) => problems.push(format!(
                    "{name} is the only digest, and no file {name}.signature has its signature"
                )),
            }
        }
        let first = digests.first().map(|digest| digest.digest_start_time);
        let last = proved.max(1).checked_sub(1).and_then(|last| digests.get(last));
        let from = first.unwrap_or(DateTime::<Utc>::UNIX_EPOCH);
        let to = last.map_or(from, |digest| digest.end);
        Self { digests, proved, period: Period { from, to }, problems }
    }

    /// The digests that are proved.
    pub(super) fn proved(&self) -> impl Iterator<Item = &Digest> {
        self.digests.iter().take(self.proved)
    }
}

/// Whether one follows the other; else what is wrong.
fn link(before: &Digest, digest: &Digest) -> Result<(), String> {
    let name = &digest.name;
    let Some(previous) = &digest.previous_digest_s3_object else {
        let before = &before.name;
        return Err(format!(
            "{name} begins anew behind {before}: the trail was stopped, or digests are missing"
        ));
    };
    if *previous != before.digest_s3_object {
        return Err(format!("{}, which {name} follows, is missing", file_name(previous)));
    }
    let is_same = |hash: &String| hash.eq_ignore_ascii_case(&before.sha256);
    if !digest.previous_digest_hash_value.as_ref().is_some_and(is_same) {
        return Err(format!("{} isn't what {name} follows", before.name));
    }
    Ok(())
}
