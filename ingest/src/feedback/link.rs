//! A signed address that asks one person: what it is about and until when stands in it,
//! and nobody can make one without this installation's key (HMAC-SHA-256, RFC 2104).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::answer::{self, AnswerError};

/// Longest life of a link, in days. An answer replaces an earlier one as long as ids are
/// remembered, which is as long.
pub const LONGEST_DAYS: u32 = 30;
/// Longest link that is looked at, in bytes.
const LONGEST: usize = 4096;
/// What the key of links is made with, of the installation's.
const PURPOSE: &[u8] = b"rollcall feedback link v1";

/// Why a link isn't good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkFault {
    /// It was never one of this installation's, or isn't whole.
    #[error("there is no such link; copy it as a whole, or ask for another one")]
    Unknown,
    /// Its time is over.
    #[error("this link has expired; ask for another one")]
    Expired,
}

/// What a link says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Its own id, which the answer has.
    #[serde(rename = "i")]
    pub id: String,
    /// When its time is over, in seconds since 1970 UTC.
    #[serde(rename = "e")]
    pub expires: i64,
    /// The sign-in that it asks about.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub flow_id: Option<String>,
    /// The team that it asks.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
}

impl Link {
    /// A link with an id of its own.
    pub fn new(expires: i64, flow_id: Option<String>, team: Option<String>) -> Self {
        Self { id: uuid::Uuid::new_v4().simple().to_string(), expires, flow_id, team }
    }
}

/// Signs links and reads them.
pub struct Links {
    key: Hmac<Sha256>,
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Links(…)")
    }
}

impl Links {
    /// Of the installation whose identifier key this is.
    pub fn new(identifier_key: &[u8; 32]) -> Self {
        let mut own = keyed(identifier_key);
        own.update(PURPOSE);
        Self { key: keyed(&own.finalize().into_bytes()) }
    }

    /// The text of a link: what it says, a dot, the signature.
    ///
    /// # Errors
    /// If no answer could have what it says.
    pub fn sign(&self, link: &Link) -> Result<String, AnswerError> {
        answer::flow_id(link.flow_id.as_deref())?;
        answer::team(link.team.as_deref())?;
        let unwritable = |error: serde_json::Error| AnswerError::Unwritable(error.to_string());
        let said = serde_json::to_vec(link).map_err(unwritable)?;
        let signature = self.over(&said).finalize().into_bytes();
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        Ok(format!("{}.{}", encode(&said), encode(&signature)))
    }

    /// Reads a link, its text alone or the address that it stands in; `now` in seconds
    /// since 1970 UTC.
    ///
    /// # Errors
    /// If it is none of ours, or its time is over.
    pub fn read(&self, text: &str, now: i64) -> Result<Link, LinkFault> {
        let text = text.trim().rsplit('/').next().unwrap_or_default();
        let (said, signature) =
            text.split_once('.').filter(|_| text.len() <= LONGEST).ok_or(LinkFault::Unknown)?;
        let decode = |part| URL_SAFE_NO_PAD.decode(part).map_err(|_| LinkFault::Unknown);
        let (said, signature) = (decode(said)?, decode(signature)?);
        self.over(&said).verify_slice(&signature).map_err(|_| LinkFault::Unknown)?;
        let link: Link = serde_json::from_slice(&said).map_err(|_| LinkFault::Unknown)?;
        if link.expires <= now { Err(LinkFault::Expired) } else { Ok(link) }
    }

    fn over(&self, said: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.key.clone();
        mac.update(said);
        mac
    }
}

/// A key of 32 bytes, filled up to a block as RFC 2104 has it.
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    Hmac::new(&block.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Link {
        Link::new(2_000, Some("102SESSIONada".to_owned()), Some("Plattform 7ä".to_owned()))
    }

    #[test]
    fn a_link_says_what_it_was_made_with_until_it_expires() {
        let links = Links::new(&[7; 32]);
        let text = links.sign(&link()).expect("signed");
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)), "{text}");
        let read = links.read(&text, 1_999).expect("good");
        assert_eq!((read.flow_id, read.team), (link().flow_id, link().team));
        assert_eq!(links.read(&text, 2_000), Err(LinkFault::Expired));
        let address = format!("https://rollcall.corp.example/feedback/{text}\n");
        assert_eq!(links.read(&address, 1_999).map(|link| link.team), Ok(link().team));
        let bare = links.sign(&Link::new(2_000, None, None)).expect("signed");
        assert_eq!(links.read(&bare, 0).map(|link| link.flow_id), Ok(None));
        let long = Link::new(2_000, None, Some("x".repeat(81)));
        assert!(links.sign(&long).expect_err("too long").to_string().contains("81"));
    }

    #[test]
    fn nobody_makes_or_changes_a_link_without_the_key() {
        let links = Links::new(&[7; 32]);
        let text = links.sign(&link()).expect("signed");
        assert_eq!(Links::new(&[8; 32]).read(&text, 0), Err(LinkFault::Unknown));
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(links.read(&changed, 0), Err(LinkFault::Unknown), "{at}");
        }
        for cut in ["", ".", "a.b", &text[..text.len() - 1], text.split('.').next().expect("some")]
        {
            assert_eq!(links.read(cut, 0), Err(LinkFault::Unknown), "{cut}");
        }
        assert_eq!(links.read(&"a".repeat(100_000), 0), Err(LinkFault::Unknown));
    }
}
