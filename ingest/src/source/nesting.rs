//! How deep a record's JSON nests. The parser passes over what isn't wanted by
//! recursion, as deep as the JSON goes: without a bound the sender would decide how
//! much stack that takes.

/// Deepest nesting that is read; vendors' records nest a dozen levels.
pub(crate) const DEEPEST: usize = 64;

/// Bytes of a stretch that are counted together; a count of them fits into a byte.
const STRETCH: usize = 192;

/// Whether JSON nests deeper than is read. What isn't JSON is looked at as if it were:
/// up to where a parser stops, the answer is that of the parser.
pub(crate) fn is_too_deep(json: &[u8]) -> bool {
    // Nearly every record has fewer brackets than levels are allowed.
    brackets(json) > DEEPEST && goes_deeper(json)
}

/// How many brackets open, those in strings included. `[` and `{` differ in one bit.
fn brackets(json: &[u8]) -> usize {
    let stretches = json.chunks(STRETCH);
    let opening = |some: &[u8]| some.iter().fold(0_u8, |n, b| n + u8::from(b | 0x20 == b'{'));
    stretches.map(|stretch| usize::from(opening(stretch))).sum()
}

fn goes_deeper(json: &[u8]) -> bool {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = json.get(at) {
        match byte {
            b'{' | b'[' if depth == DEEPEST => return true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => match super::json::string_end(json.get(at..).unwrap_or_default()) {
                Some(length) => at += length - 1,
                None => return false,
            },
            _ => {}
        }
        at += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_counted_outside_of_strings() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(!is_too_deep(nested(DEEPEST).as_bytes()));
        assert!(is_too_deep(nested(DEEPEST + 1).as_bytes()));
        assert!(is_too_deep("{\"a\":[".repeat(DEEPEST).as_bytes()));
        let wide = format!("[{}]", "{},".repeat(1_000));
        assert!(!is_too_deep(wide.as_bytes()));
        let text = format!("{{\"a\":\"\\\"{}\"}}", "[{".repeat(1_000));
        assert!(!is_too_deep(text.as_bytes()));
        assert!(!is_too_deep(format!("[\"{}", "[".repeat(1_000)).as_bytes()));
        assert!(!is_too_deep(b""));
    }

    #[test]
    fn brackets_are_counted_across_stretches() {
        for length in [0, 1, STRETCH - 1, STRETCH, STRETCH + 1, 5 * STRETCH] {
            assert_eq!(brackets(&vec![b'['; length]), length);
            assert_eq!(brackets(&vec![b'{'; length]), length);
            assert_eq!(brackets(&vec![b'}'; length]), 0);
        }
    }
}
