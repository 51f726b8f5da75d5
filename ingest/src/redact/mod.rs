//! Secrets are cut out before a row is made. By key name in JSON and in
//! `key=value` text, and by the shape of well-known tokens anywhere. What is
//! kept as `raw`, hashed, compared and shown is the record after this.
//!
//! ```text
//! stems   the few letters that every secret's key or shape has: the first look
//! key     names that hold a secret
//! json    values of such keys in JSON; every other string as text
//! text    `key=value`, `key: value`, headers, query strings, token shapes, typed names
//! escape  a JSON string as the text that it stands for, and back to its bytes
//! cut     what goes, merged, and the record without it
//! ```
//!
//! Nearly every record has no secret, so a vectorised search for the stems comes
//! first; only strings in which one is found are looked at. JSON stays JSON.

mod cut;
mod escape;
mod json;
mod key;
mod stems;
mod text;

use std::borrow::Cow;

/// Cuts the secrets out of a record; also says how many there were.
pub fn redact(record: &[u8]) -> (Cow<'_, [u8]>, i32) {
    if !stems::any(record) {
        return (Cow::Borrowed(record), 0);
    }
    let folded = stems::fold(record);
    let mut cuts = Vec::new();
    if json::is_json(record) {
        json::cut(record, &folded, 0, &mut cuts);
    } else {
        text::cut(record, &folded, 0, &mut cuts);
    }
    cut::apply(record, cuts)
}

#[cfg(test)]
mod tests;
