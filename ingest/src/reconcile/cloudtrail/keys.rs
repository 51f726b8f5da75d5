//! AWS' public keys for digests, one a region and year or so: what `aws cloudtrail
//! list-public-keys` prints, for a time range that has the digests.

use std::collections::HashMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde::Deserialize;

use crate::error::{IngestError, Result};

/// Keys by their fingerprint: PKCS #1 in DER.
#[derive(Debug)]
pub(super) struct Keys(HashMap<String, Vec<u8>>);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    public_key_list: Vec<Key>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Key {
    value: String,
    fingerprint: String,
}

impl Keys {
    /// # Errors
    /// If the file can't be read or holds no keys.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let wrong = |what: &str| IngestError::Digests {
            path: path.to_owned(),
            detail: format!(
                "{what}; it should be what `aws cloudtrail list-public-keys --output json` prints"
            ),
        };
        let bytes = std::fs::read(path).map_err(IngestError::file("can't read", path))?;
        let listed: Listed =
            serde_json::from_slice(&bytes).map_err(|_| wrong("it holds no PublicKeyList"))?;
        let keys = listed.public_key_list.into_iter().map(|key| -> Result<_> {
            let der = STANDARD.decode(key.value.trim()).map_err(|_| wrong("a key isn't base64"))?;
            Ok((key.fingerprint.to_ascii_lowercase(), der))
        });
        let keys = keys.collect::<Result<HashMap<_, _>>>()?;
        if keys.is_empty() {
            return Err(wrong("it holds no key"));
        }
        Ok(Self(keys))
    }

    /// Whether a signature (hex) of a text is one of a key; else why not.
    pub(super) fn verify(
        &self,
        fingerprint: &str,
        text: &str,
        signature: &str,
    ) -> std::result::Result<(), String> {
        let Some(key) = self.0.get(&fingerprint.to_ascii_lowercase()) else {
            return Err(format!("its key {fingerprint} is none of those given"));
        };
        let signature = hex::decode(signature.trim()).map_err(|_| "its signature isn't hex")?;
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
            .verify(text.as_bytes(), &signature)
            .map_err(|_| "its signature doesn't fit what it says".to_owned())
    }
}
