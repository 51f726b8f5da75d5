//! Rows for tests.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::RngCore;
use sha2::{Digest, Sha256};

use crate::event_proof::{Row, Salted};

/// Adds a column as `rollcall-row-v1` writes it.
pub(crate) fn put(out: &mut Vec<u8>, id: u16, kind: u8, bytes: &[u8]) {
    out.extend_from_slice(&id.to_be_bytes());
    out.push(kind);
    out.extend_from_slice(&u32::try_from(bytes.len()).expect("short").to_be_bytes());
    out.extend_from_slice(bytes);
}

/// The value of a list column.
pub(crate) fn list(elements: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    for element in elements {
        out.extend_from_slice(&u32::try_from(element.len()).expect("short").to_be_bytes());
        out.extend_from_slice(element);
    }
    out
}

/// A step with a push, as an element of `factors`.
fn push(time: i64) -> Vec<u8> {
    let mut step = Vec::new();
    put(&mut step, 66, 1, b"push_number");
    put(&mut step, 67, 1, b"success");
    put(&mut step, 68, 6, &time.to_be_bytes());
    put(&mut step, 69, 6, &(time + 8_123_456).to_be_bytes());
    step
}

/// A row such as an identity provider's sign-in with a second factor gives.
pub(crate) fn row(rng: &mut ChaCha8Rng, shard: i32, seq: i64) -> Row {
    let time = 1_764_000_000_000_000 + i64::from(rng.next_u32());
    let random = |rng: &mut ChaCha8Rng, bytes: usize| {
        let mut buffer = vec![0; bytes];
        rng.fill_bytes(&mut buffer);
        hex::encode(buffer)
    };
    let mut open = Vec::new();
    put(&mut open, 7, 1, b"okta");
    put(&mut open, 9, 1, b"okta-prod");
    put(&mut open, 10, 6, &time.to_be_bytes());
    put(&mut open, 11, 6, &(time + 1_234_567).to_be_bytes());
    put(&mut open, 12, 4, &[0; 4]);
    for (id, text) in [(13, "verify"), (14, "success"), (17, "user.authentication.auth_via_mfa")] {
        put(&mut open, id, 1, text.as_bytes());
    }
    put(&mut open, 18, 2, &[1]);
    for (id, text) in [
        (21, "User"),
        (23, "idp"),
        (24, "Salesforce.com"),
        (29, "oidc"),
        (30, "session"),
        (32, "performed"),
        (33, "push_number"),
    ] {
        put(&mut open, id, 1, text.as_bytes());
    }
    put(&mut open, 35, 7, &list(&[&push(time)]));
    put(&mut open, 36, 2, &[0]);
    let texts = [
        (42, "00p1abcdXYZpolicy5d7"),
        (43, "Require MFA for production"),
        (45, "challenged"),
        (49, "IT"),
        (55, "telecom italia s.p.a."),
        (58, "CHROME"),
        (59, "Mac OS 14.5.0 (Sonoma)"),
    ];
    texts.iter().for_each(|(id, text)| put(&mut open, *id, 1, text.as_bytes()));
    let agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 \
                 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";
    let mut personal = Vec::new();
    for (id, text) in [
        (8, random(rng, 16)),
        (16, "User accepted push".to_owned()),
        (19, random(rng, 10)),
        (20, "ada.lovelace@corp.example".to_owned()),
        (34, random(rng, 16)),
        (39, random(rng, 14)),
        (40, random(rng, 12)),
        (48, "203.0.113.77".to_owned()),
        (50, "Piedmont".to_owned()),
        (51, "Turin".to_owned()),
    ] {
        put(&mut personal, id, 1, text.as_bytes());
    }
    put(&mut personal, 52, 4, &45_070_339_i32.to_be_bytes());
    put(&mut personal, 53, 4, &7_686_864_i32.to_be_bytes());
    put(&mut personal, 57, 1, agent.as_bytes());
    put(&mut personal, 60, 1, random(rng, 9).as_bytes());
    let raw = format!("{{\"uuid\":\"{}\",\"eventType\":\"user.mfa\"}}", random(rng, 16));
    let mut salt = [0; 32];
    rng.fill_bytes(&mut salt);
    let (personal, raw) = (Salted::Bytes(personal), Salted::Bytes(raw.into_bytes()));
    Row { shard, seq, part: 0, open, personal, raw, salt: Some(salt) }
}

/// The row with a part left out: only its hash stands in.
pub(crate) fn without(row: &Row, personal: bool, raw: bool) -> Row {
    let hash = |part: &Salted| match part {
        Salted::Bytes(bytes) => {
            let salted = [&row.salt.expect("a salt")[..], bytes].concat();
            Salted::Hash(Sha256::digest(salted).into())
        }
        Salted::Hash(hash) => Salted::Hash(*hash),
    };
    Row {
        personal: if personal { hash(&row.personal) } else { row.personal.clone() },
        raw: if raw { hash(&row.raw) } else { row.raw.clone() },
        salt: row.salt.filter(|_| !(personal && raw)),
        ..row.clone()
    }
}
