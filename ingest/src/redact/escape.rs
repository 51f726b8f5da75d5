//! A JSON string as the text that it stands for, and back to its bytes.

/// What a string's content says, and where each byte of it came from.
pub(super) struct Unescaped {
    pub(super) text: Vec<u8>,
    places: Vec<usize>,
}

impl Unescaped {
    /// Where a stretch of the text lies in the content, whole escapes at a time.
    pub(super) fn stretch(&self, from: usize, to: usize) -> (usize, usize) {
        let place = |at: usize| self.places.get(at).or(self.places.last()).copied();
        (place(from).unwrap_or_default(), place(to).unwrap_or_default())
    }
}

/// Reads a string's content, between its quotes. An escape that isn't one stays
/// as it stands.
pub(super) fn unescape(content: &[u8]) -> Unescaped {
    let mut text = Vec::with_capacity(content.len());
    let mut places = Vec::with_capacity(content.len() + 1);
    let mut at = 0;
    while let Some(byte) = content.get(at) {
        let (length, said) = if *byte == b'\\' { escape(content, at) } else { (1, None) };
        match said {
            Some(said) => {
                let mut utf8 = [0; 4];
                text.extend_from_slice(said.encode_utf8(&mut utf8).as_bytes());
            }
            None => text.extend(content.get(at..at + length).unwrap_or_default()),
        }
        places.resize(text.len(), at);
        at += length;
    }
    places.push(content.len());
    Unescaped { text, places }
}

/// How long the escape at `at` is and what it stands for; half of a pair stands
/// for U+FFFD.
fn escape(content: &[u8], at: usize) -> (usize, Option<char>) {
    let said = match content.get(at + 1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(plain @ (b'"' | b'\\' | b'/')) => char::from(*plain),
        Some(b'u') => {
            let Some(unit) = unit(content, at + 2) else { return (1, None) };
            if let Some(said) = char::from_u32(unit) {
                return (6, Some(said));
            }
            let low = (content.get(at + 6..at + 8) == Some(b"\\u"))
                .then(|| self::unit(content, at + 8))
                .flatten()
                .filter(|low| unit < 0xDC00 && (0xDC00..0xE000).contains(low));
            return match low {
                Some(low) => {
                    let whole = 0x1_0000 + ((unit & 0x3FF) << 10) + (low & 0x3FF);
                    (12, char::from_u32(whole))
                }
                None => (6, Some('\u{FFFD}')),
            };
        }
        _ => return (1, None),
    };
    (2, Some(said))
}

/// The four hexadecimal digits at `at`.
fn unit(content: &[u8], at: usize) -> Option<u32> {
    content
        .get(at..at + 4)?
        .iter()
        .try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_and_found_again() {
        let content = br#"a\n\"\u0026\ud83d\ude00\ud83d\x\\"#;
        let read = unescape(content);
        assert_eq!(String::from_utf8_lossy(&read.text), "a\n\"&😀\u{FFFD}\\x\\");
        let of = |what: &str| {
            let text = String::from_utf8_lossy(&read.text).into_owned();
            let from = text.find(what).unwrap();
            let (from, to) = read.stretch(from, from + what.len());
            String::from_utf8_lossy(&content[from..to]).into_owned()
        };
        assert_eq!(of("😀"), r"\ud83d\ude00");
        assert_eq!(of("\n\"&"), r#"\n\"\u0026"#);
        assert_eq!(of("a"), "a");
        assert_eq!(read.stretch(0, read.text.len()), (0, content.len()));
    }
}
