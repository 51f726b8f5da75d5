//! Messages out of a stream of bytes (RFC 6587). Each tells by its beginning how it ends:
//! `LENGTH SP <` counts its octets, anything else goes on to the end of the line. Both
//! may follow each other on one connection.

use memchr::memchr;

use crate::input::sink::Piece;

/// Digits of a length. More are no length: they may well be a time.
const DIGITS: usize = 9;

/// Cuts a stream into messages. What comes out doesn't depend on how the stream came in.
#[derive(Debug)]
pub(crate) struct Framing {
    /// Longest message, bytes.
    most: usize,
    buffer: Vec<u8>,
    /// What lies before was given out.
    at: usize,
    /// Bytes of the present message that hold no end of a line.
    looked: usize,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the beginning of a message, or within one.
    Message,
    /// In a line whose beginning was given out.
    RestOfLine,
    /// In a counted message whose beginning was given out: bytes to come.
    RestOfCounted(usize),
}

/// How a message ends.
enum Head {
    Line,
    /// Bytes before the message, and its own.
    Counted(usize, usize),
    /// That isn't seen yet.
    Unclear,
}

impl Framing {
    /// `most` is the longest message, bytes.
    pub(crate) const fn new(most: usize) -> Self {
        Self { most, buffer: Vec::new(), at: 0, looked: 0, state: State::Message }
    }

    /// Adds what came in.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.at);
        self.at = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next message, if there is a whole one, or as much of it as may be.
    pub(crate) fn message(&mut self) -> Option<Piece<'_>> {
        loop {
            if self.state != State::Message {
                if !self.skip() {
                    return None;
                }
                continue;
            }
            self.pass_over_ends();
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            let (start, length, taken, state) = match head(rest) {
                Head::Unclear => return None,
                Head::Counted(before, length) => {
                    let kept = length.min(self.most);
                    if rest.len() < before + kept {
                        return None;
                    }
                    let left = length - kept;
                    let state = if left > 0 { State::RestOfCounted(left) } else { State::Message };
                    (before, kept, before + kept, state)
                }
                Head::Line => {
                    let within = rest.get(..=self.most).unwrap_or(rest);
                    let unseen = within.get(self.looked..).unwrap_or_default();
                    match memchr(b'\n', unseen) {
                        Some(end) => {
                            let length = self.looked + end;
                            (0, length, length + 1, State::Message)
                        }
                        None if rest.len() > self.most => {
                            (0, self.most, self.most, State::RestOfLine)
                        }
                        None => {
                            self.looked = within.len();
                            return None;
                        }
                    }
                }
            };
            let from = self.at + start;
            self.at += taken;
            self.looked = 0;
            self.state = state;
            let message = self.buffer.get(from..from + length).unwrap_or_default();
            return Some(match state {
                State::Message => Piece::Whole(without_end(message)),
                _ => Piece::CutOff(message),
            });
        }
    }

    /// What is left when the stream ends: a last line without its end, or the beginning of
    /// a counted message. Such a line is whole only where the sender ended the stream.
    pub(crate) fn end(&mut self, is_ended: bool) -> Option<Piece<'_>> {
        if self.state != State::Message {
            return None;
        }
        self.pass_over_ends();
        let rest = self.buffer.get(self.at..).filter(|rest| !rest.is_empty())?;
        self.at = self.buffer.len();
        Some(match head(rest) {
            Head::Counted(before, _) => Piece::CutOff(rest.get(before..).unwrap_or_default()),
            Head::Line | Head::Unclear if is_ended => Piece::Whole(without_end(rest)),
            Head::Line | Head::Unclear => Piece::CutOff(rest),
        })
    }

    /// Passes over the rest of a message. Returns whether its end is there.
    fn skip(&mut self) -> bool {
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        match self.state {
            State::Message => {}
            State::RestOfLine => match memchr(b'\n', rest) {
                Some(end) => {
                    self.at += end + 1;
                    self.state = State::Message;
                }
                None => self.at = self.buffer.len(),
            },
            State::RestOfCounted(left) => {
                let some = left.min(rest.len());
                self.at += some;
                self.state = match left - some {
                    0 => State::Message,
                    left => State::RestOfCounted(left),
                };
            }
        }
        self.state == State::Message
    }

    /// Some senders end counted messages too, and some end lines with a NUL.
    fn pass_over_ends(&mut self) {
        if self.looked == 0 {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            self.at += rest.iter().take_while(|byte| is_end(byte)).count();
        }
    }
}

fn head(rest: &[u8]) -> Head {
    let digits = rest.iter().take(DIGITS + 1).take_while(|byte| byte.is_ascii_digit()).count();
    if digits > DIGITS || rest.first() == Some(&b'0') || (digits == 0 && !rest.is_empty()) {
        return Head::Line;
    }
    let number = rest.get(..digits).and_then(|digits| std::str::from_utf8(digits).ok());
    let length = number.and_then(|number| number.parse().ok());
    match (rest.get(digits), rest.get(digits + 1), length) {
        (None, ..) | (Some(b' '), None, _) => Head::Unclear,
        (Some(b' '), Some(b'<'), Some(length)) => Head::Counted(digits + 1, length),
        _ => Head::Line,
    }
}

const fn is_end(byte: &u8) -> bool {
    matches!(byte, b'\n' | b'\r' | 0)
}

/// Without what some senders put behind a message.
pub(super) fn without_end(message: &[u8]) -> &[u8] {
    let ends = message.iter().rev().take_while(|byte| is_end(byte)).count();
    message.get(..message.len() - ends).unwrap_or(message)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Said = Vec<(bool, Vec<u8>)>;

    fn all<'a>(most: usize, pieces: impl Iterator<Item = &'a [u8]>) -> Said {
        let mut framing = Framing::new(most);
        let mut said = Said::new();
        let of = |piece: Piece<'_>| (matches!(piece, Piece::Whole(_)), piece.bytes().to_vec());
        for piece in pieces {
            framing.push(piece);
            while let Some(piece) = framing.message() {
                said.push(of(piece));
            }
        }
        said.extend(framing.end(true).map(of));
        said
    }

    #[track_caller]
    fn check(stream: &str, whole: &[&str], cut_off: &[&str]) {
        let said = all(24, std::iter::once(stream.as_bytes()));
        let of = |wanted: bool| {
            let those = said.iter().filter(|(is_whole, _)| *is_whole == wanted);
            those.map(|(_, text)| String::from_utf8_lossy(text)).collect::<Vec<_>>()
        };
        assert_eq!(of(true), whole, "{stream:?}");
        assert_eq!(of(false), cut_off, "{stream:?}");
    }

    #[test]
    fn each_message_says_how_it_ends() {
        check("<34>one\n<34>two\r\n\n<34>three", &["<34>one", "<34>two", "<34>three"], &[]);
        check("7 <34>one8 <34>t\no\n", &["<34>one", "<34>t\no"], &[]);
        check("<34>one\n7 <34>two<34>three\n", &["<34>one", "<34>two", "<34>three"], &[]);
        check("8 <34>one\n8 <34>two\0", &["<34>one", "<34>two"], &[]);
        // No lengths: a year, a time, a number that is too long, zero.
        check(
            "2026 was\n17:03 x\n1234567890 <x\n0 <y\n7",
            &["2026 was", "17:03 x", "1234567890 <x", "0 <y", "7"],
            &[],
        );
        check("\0\r\n\n", &[], &[]);
    }

    #[test]
    fn a_line_is_whole_only_where_the_sender_ended_it() {
        for (stream, left) in [("<34>one\n<34>tw", "<34>tw"), ("<34>one\n7", "7")] {
            let mut framing = Framing::new(24);
            framing.push(stream.as_bytes());
            assert_eq!(framing.message(), Some(Piece::Whole(b"<34>one")));
            assert_eq!(framing.message(), None);
            assert_eq!(framing.end(false), Some(Piece::CutOff(left.as_bytes())));
        }
        let mut framing = Framing::new(24);
        framing.push(b"<34>one\n\n");
        assert!(framing.message().is_some() && framing.message().is_none());
        assert_eq!(framing.end(false), None);
    }

    #[test]
    fn what_is_too_long_is_cut_off_and_the_stream_goes_on() {
        let long = "<34>".to_owned() + &"x".repeat(30);
        let kept = &long[..24];
        check(&format!("{long}\n<34>one\n"), &["<34>one"], &[kept]);
        check(&format!("34 {long}7 <34>one"), &["<34>one"], &[kept]);
        check(&format!("34 {long}\n<34>one\n{}\n", &long[..24]), &["<34>one", kept], &[kept]);
        check(&format!("34 {}", &long[..20]), &[], &[&long[..20]]);
        check(&format!("{long}\n{long}"), &[], &[kept, kept]);
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let part = prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..40),
            (0..60_usize, "[<a-z0-9 \n]{0,40}")
                .prop_map(|(length, text)| format!("{length} <{text}").into_bytes()),
            "<[0-9]{1,3}>[a-z0-9 ]{0,40}\n?".prop_map(String::into_bytes),
        ];
        proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn any_split_of_a_stream_gives_the_same_messages(
            stream in stream(),
            sizes in proptest::collection::vec(1..17_usize, 1..20)
        ) {
            let whole = all(24, std::iter::once(&stream[..]));
            let mut rest = &stream[..];
            let mut pieces = Vec::new();
            for size in sizes.iter().cycle() {
                let (piece, after) = rest.split_at((*size).min(rest.len()));
                pieces.push(piece);
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(all(24, pieces.into_iter()), whole);
            prop_assert_eq!(all(24, stream.chunks(1)), all(24, std::iter::once(&stream[..])));
        }

        #[test]
        fn messages_come_back_as_they_were_sent(
            messages in proptest::collection::vec(("<[0-9]{1,3}>[a-z0-9:\\[\\] ]{0,60}", any::<bool>()), 0..20)
        ) {
            let mut stream = Vec::new();
            for (text, is_counted) in &messages {
                match is_counted {
                    true => stream.extend(format!("{} {text}", text.len()).into_bytes()),
                    false => stream.extend(format!("{text}\n").into_bytes()),
                }
            }
            let said = all(100, stream.chunks(7));
            let wanted: Said =
                messages.iter().map(|(text, _)| (true, text.clone().into_bytes())).collect();
            prop_assert_eq!(said, wanted);
        }
    }
}
