//! The statement that a Google service account signs to get a token (RFC 7523; RFC 7515,
//! RS256).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde::Deserialize;
use serde_json::json;

use super::error::{PullError, PullResult};
use super::request::encoded;

/// How RFC 7523 calls itself.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Seconds for which a statement is good: no more are allowed.
const GOOD: i64 = 3_600;

/// What is read of a key file.
#[derive(Deserialize)]
struct KeyFile {
    client_email: String,
    private_key: String,
    #[serde(default)]
    private_key_id: Option<String>,
}

/// The body of a request for a token: a statement of the account of a key file that it asks in
/// somebody's name, for a scope, to whom it is sent. `now` is µs since 1970.
pub(super) fn grant(
    key_file: &str,
    in_name_of: &str,
    scope: &str,
    to: &str,
    now: i64,
) -> PullResult<String> {
    let wrong = |what: &str| {
        PullError::Settings(format!(
            "{what}; the secret is the key file of a service account, as Google gives it"
        ))
    };
    // Nothing of the file is said.
    let file: KeyFile = serde_json::from_str(key_file)
        .map_err(|_| wrong("there is no JSON with client_email and private_key"))?;
    let key = pem(&file.private_key).and_then(|der| RsaKeyPair::from_pkcs8(&der).ok());
    let key = key.ok_or_else(|| wrong("its private_key isn't an RSA key in PKCS #8"))?;
    let now = now.div_euclid(1_000_000);
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": file.private_key_id});
    let claims = json!({"iss": file.client_email, "sub": in_name_of, "scope": scope, "aud": to,
        "iat": now, "exp": now + GOOD});
    let parts = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let said = parts.join(".");
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), said.as_bytes(), &mut signature)
        .map_err(|_| wrong("nothing can be signed with its private_key"))?;
    let statement = format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature));
    Ok(format!("grant_type={}&assertion={statement}", encoded(GRANT)))
}

/// What stands between the lines of a PEM file.
fn pem(text: &str) -> Option<Vec<u8>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
    STANDARD.decode(lines.collect::<String>()).ok()
}
