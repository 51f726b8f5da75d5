//! What goes, and the record without it.

use std::borrow::Cow;

/// What stands in a secret's place.
pub(super) const PLACEHOLDER: &str = "[redacted]";

/// A stretch of bytes that goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cut {
    pub(super) from: usize,
    pub(super) to: usize,
    /// How many JSON strings the secret lies in, where the placeholder needs
    /// quotes of its own: a number's place takes none.
    pub(super) quoted_at: Option<u32>,
}

impl Cut {
    pub(super) const fn new(from: usize, to: usize) -> Self {
        Self { from, to, quoted_at: None }
    }
}

/// The record with a placeholder for each cut; those that overlap are one.
pub(super) fn apply(record: &[u8], mut cuts: Vec<Cut>) -> (Cow<'_, [u8]>, i32) {
    if cuts.is_empty() {
        return (Cow::Borrowed(record), 0);
    }
    cuts.sort_unstable();
    let mut merged: Vec<Cut> = Vec::with_capacity(cuts.len());
    for cut in cuts {
        match merged.last_mut() {
            Some(last) if cut.from < last.to || cut.from == last.from => {
                last.to = last.to.max(cut.to);
            }
            _ => merged.push(cut),
        }
    }
    let mut out = Vec::with_capacity(record.len());
    let mut at = 0;
    for cut in &merged {
        out.extend_from_slice(record.get(at..cut.from).unwrap_or_default());
        quote(&mut out, cut.quoted_at);
        out.extend_from_slice(PLACEHOLDER.as_bytes());
        quote(&mut out, cut.quoted_at);
        at = cut.to;
    }
    out.extend_from_slice(record.get(at..).unwrap_or_default());
    (Cow::Owned(out), i32::try_from(merged.len()).unwrap_or(i32::MAX))
}

/// A quote as it is written within so many JSON strings: each doubles the
/// backslashes before it and adds one.
fn quote(out: &mut Vec<u8>, depth: Option<u32>) {
    let Some(depth) = depth else { return };
    let backslashes = 2_usize.saturating_pow(depth.min(8)).saturating_sub(1);
    out.extend(std::iter::repeat_n(b'\\', backslashes));
    out.push(b'"');
}
