//! How long a record may be that an input cuts out of a stream.

use std::ops::RangeInclusive;

/// Longest record where the settings don't say, bytes.
pub(super) const USUAL: usize = 1 << 20;
/// What they may say: what every receiver of syslog has to take (RFC 5424, 6.1), to a part
/// of what a request may hold.
const LIMITS: RangeInclusive<usize> = 480..=16 << 20;

/// The longest record that a key of the settings gives, or the usual one.
///
/// # Errors
/// What it takes.
pub(super) fn longest(key: &str, given: Option<usize>, usual: usize) -> Result<usize, String> {
    let most = given.unwrap_or(usual);
    match LIMITS.contains(&most) {
        true => Ok(most),
        false => {
            let (from, to) = (LIMITS.start(), LIMITS.end());
            Err(format!("{key} is {most}; it takes {from} to {to}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_limits() {
        for (given, length) in [(None, Some(USUAL)), (Some(480), Some(480)), (Some(479), None)] {
            assert_eq!(longest("max_line_bytes", given, USUAL).ok(), length);
        }
        assert_eq!(longest("k", Some(16 << 20), USUAL), Ok(16 << 20));
        let refused = longest("k", Some((16 << 20) + 1), USUAL);
        assert_eq!(refused, Err("k is 16777217; it takes 480 to 16777216".to_owned()));
    }
}
