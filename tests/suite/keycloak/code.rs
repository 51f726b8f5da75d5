//! One-time codes: RFC 6238 with HMAC-SHA-1, 30 seconds and six digits.

use std::time::{SystemTime, UNIX_EPOCH};

use ring::hmac;

const STEP_S: u64 = 30;

/// What an authenticator shows now.
pub fn now(secret: &str) -> String {
    at(secret, seconds())
}

/// What it shows next; servers take it already.
pub fn next(secret: &str) -> String {
    at(secret, seconds() + STEP_S)
}

/// One that is none of those that a server takes around now.
pub fn wrong(secret: &str) -> String {
    let now = seconds();
    let right: Vec<String> =
        (0..6).map(|step| at(secret, now + step * STEP_S - 2 * STEP_S)).collect();
    let mut codes = (0..10).map(|code| format!("{code:06}"));
    codes.find(|code| !right.contains(code)).expect("ten are more than six")
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

/// The code at a time, in seconds since 1970.
fn at(secret: &str, seconds: u64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
    let tag = hmac::sign(&key, &(seconds / STEP_S).to_be_bytes());
    let tag = tag.as_ref();
    // RFC 4226, section 5.3: the last four bits say where the number lies.
    let from = usize::from(tag[19] & 15);
    let bytes: [u8; 4] = tag[from..from + 4].try_into().expect("four bytes");
    format!("{:06}", (u32::from_be_bytes(bytes) & 0x7fff_ffff) % 1_000_000)
}

#[test]
fn codes_are_those_of_the_rfc() {
    // RFC 6238, appendix B: the last six of eight digits.
    for (seconds, code) in [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ] {
        assert_eq!(at("12345678901234567890", seconds), code, "{seconds}");
    }
}
