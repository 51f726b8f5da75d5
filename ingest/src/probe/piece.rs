//! What reads bytes before and beside the sources: how a payload is cut, what is
//! compressed, bodies of Splunk's collector, envelopes, the log's files; and redaction.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use bytes::Bytes;
use chrono_tz::Tz;
use serde::de::IgnoredAny;

use super::Seen;
use crate::input::decode::{Compression, expand};
use crate::input::http::splunk_events;
use crate::input::records::{Form, Records, cut, documents, form};
use crate::input::sink;
use crate::input::syslog::Framing;
use crate::log;
use crate::redact::redact;
use crate::source::envelope;

/// A parser that isn't a source's.
#[derive(Debug)]
pub struct Piece {
    pub(super) name: &'static str,
    pub(super) run: fn(&[u8]) -> Result<Seen, String>,
}

/// All of them.
pub(super) static PIECES: &[Piece] = &[
    Piece { name: "records", run: cut_into_records },
    Piece { name: "compressed", run: expanded },
    Piece { name: "splunk", run: splunk },
    Piece { name: "envelope", run: enveloped },
    Piece { name: "redact", run: redacted },
    Piece { name: "log", run: logged },
    Piece { name: "syslog", run: framed },
];

fn signature(of: impl Hash) -> Seen {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    vec![hasher.finish()]
}

/// A size's order of magnitude, so that not every size is something new.
const fn order(size: usize) -> u32 {
    usize::BITS - size.leading_zeros()
}

/// Records lie in the payload one behind the other, none is empty, and what isn't in one
/// is space, commas and brackets.
fn cut_into_records(input: &[u8]) -> Result<Seen, String> {
    let form_of = form(input);
    let mut seen = Seen::new();
    for (records, form) in [(cut(input), form_of), (documents(input), Form::Documents)] {
        let (count, shape) = told_apart(input, records)?;
        seen.extend(signature((form as u8, order(count), shape)));
    }
    Ok(seen)
}

/// How many records there are, and with what kinds of bytes they begin and end.
fn told_apart(input: &[u8], records: Records<'_>) -> Result<(usize, u64), String> {
    let (mut at, mut count, mut shape) = (0, 0, 0_u64);
    for record in records {
        let start = (record.as_ptr() as usize).wrapping_sub(input.as_ptr() as usize);
        let between = input.get(at..start).ok_or("a record isn't behind the one before")?;
        let (Some(first), Some(last)) = (record.first(), record.last()) else {
            return Err("a record is empty".to_owned());
        };
        is_loose(between)?;
        at = start + record.len();
        count += 1;
        shape |= 1 << (first & 7) | 256 << (last & 7);
    }
    is_loose(input.get(at..).ok_or("a record ends behind its payload")?)?;
    Ok((count, shape))
}

fn is_loose(between: &[u8]) -> Result<(), String> {
    let loose = |b: &u8| b.is_ascii_whitespace() || b",[]\xef\xbb\xbf".contains(b);
    match between.iter().find(|byte| !loose(byte)) {
        None => Ok(()),
        Some(byte) => Err(format!("the byte {byte} is in no record")),
    }
}

/// Never more comes out than the cap.
fn expanded(input: &[u8]) -> Result<Seen, String> {
    const CAP: usize = 1 << 20;
    let kinds = match Compression::of_content(input) {
        Compression::None => [Compression::Deflate, Compression::Zstd],
        kind => [kind, Compression::Deflate],
    };
    let mut seen = Seen::new();
    for kind in kinds {
        let said = match expand(input, kind, CAP as u64) {
            Ok(out) if out.bytes.len() > CAP => return Err("more came out than the cap".to_owned()),
            Ok(out) => (order(out.bytes.len()), out.damage.map(|damage| damage.to_string())),
            Err(error) => (u32::MAX, Some(error.to_string())),
        };
        let words = said.1.map(|text| text.replace(|c: char| c.is_ascii_digit(), ""));
        seen.extend(signature((kind as u8, said.0, words)));
    }
    Ok(seen)
}

/// What is taken of a body is cut in the pipeline where it was cut before.
fn splunk(input: &[u8]) -> Result<Seen, String> {
    let body = Bytes::copy_from_slice(input);
    let listed = match splunk_events(&body) {
        Ok(listed) => listed,
        Err(code) => return Ok(signature(code)),
    };
    let events = if form(input) == Form::Array { cut(input) } else { documents(input) };
    let count = events.clone().count();
    if events.eq(cut(&listed)) {
        return Ok(signature((order(count), order(listed.len()))));
    }
    Err("the list isn't cut where the body was".to_owned())
}

/// An envelope holds what it holds.
fn enveloped(input: &[u8]) -> Result<Seen, String> {
    let Some(opened) = envelope::open(input, Tz::UTC) else { return Ok(signature("none")) };
    if opened.content.len() > input.len().saturating_mul(3) {
        return Err("more is in the envelope than it is long".to_owned());
    }
    let first = opened.content.first().copied();
    Ok(signature((first, opened.sent.is_some(), order(opened.content.len()))))
}

/// JSON stays JSON, and nothing in it is left for a second time.
fn redacted(input: &[u8]) -> Result<Seen, String> {
    let (raw, count) = redact(input);
    let is_json = |bytes: &[u8]| serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
    let was_json = is_json(input);
    if was_json && !is_json(&raw) {
        return Err("JSON isn't JSON any more".to_owned());
    }
    if raw.len() > input.len().saturating_mul(10) + 1024 {
        return Err("more is left than there was".to_owned());
    }
    let (again, more) = redact(&raw);
    if was_json && more > 0 && again != raw {
        return Err("a second look finds more secrets".to_owned());
    }
    let first = raw.first().copied();
    Ok(signature((was_json, order(usize::try_from(count).unwrap_or_default()), first)))
}

/// A damaged file of the log gives what was whole, or says where it is damaged.
fn logged(input: &[u8]) -> Result<Seen, String> {
    let path = Path::new("00000000000000000000.log");
    let said = match log::parse(path, &Bytes::copy_from_slice(input)) {
        Err(error) => (0, error.to_string().replace(|c: char| c.is_ascii_digit(), "")),
        Ok(contents) => {
            let bytes: usize = contents.frames.iter().map(|frame| frame.payload.len()).sum();
            if bytes > input.len() {
                return Err("more is in the frames than in the file".to_owned());
            }
            (order(contents.frames.len()), contents.torn_at.is_some().to_string())
        }
    };
    Ok(signature(said))
}

/// Messages of a stream don't depend on how it came in, and none is longer than it may be.
fn framed(input: &[u8]) -> Result<Seen, String> {
    const MOST: usize = 1_000;
    let whole = messages(MOST, std::iter::once(input));
    let size = 1 + input.first().map_or(0, |byte| usize::from(*byte) % 64);
    if messages(MOST, input.chunks(size)) != whole {
        return Err("in pieces it holds other messages".to_owned());
    }
    if whole.iter().any(|(_, message)| message.len() > MOST) {
        return Err("a message is longer than it may be".to_owned());
    }
    let bytes: usize = whole.iter().map(|(_, message)| message.len()).sum();
    if bytes > input.len() {
        return Err("more is in the messages than came in".to_owned());
    }
    let cut_off = whole.iter().filter(|(is_whole, _)| !is_whole).count();
    Ok(signature((order(whole.len()), order(cut_off), order(input.len() - bytes))))
}

fn messages<'a>(most: usize, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<(bool, Vec<u8>)> {
    let said =
        |piece: sink::Piece<'_>| (matches!(piece, sink::Piece::Whole(_)), piece.bytes().to_vec());
    let mut framing = Framing::new(most);
    let mut messages = Vec::new();
    for piece in pieces {
        framing.push(piece);
        while let Some(message) = framing.message() {
            messages.push(said(message));
        }
    }
    messages.extend(framing.end(true).map(said));
    messages
}

/// A file of the log with a frame for each payload, in groups of two: a seed.
pub fn log_file(payloads: &[&[u8]]) -> Vec<u8> {
    log::image(payloads)
}
