//! What records come wrapped in on their way: Splunk's event envelope, a syslog header
//! before JSON. It is taken off before a record's source is looked for; `raw` keeps it.

use std::borrow::Cow;

use chrono_tz::Tz;
use serde::Deserialize;

use super::adapter::{Adapter, Context, Output};
use super::json;
use super::time::{self, Moment};

/// Keys of Splunk's envelope (Splunk, "Format events for HTTP Event Collector").
const KEYS: &[&str] = &["time", "host", "source", "sourcetype", "index", "event", "fields"];

/// What was in an envelope.
#[derive(Debug, PartialEq)]
pub(crate) struct Opened<'a> {
    /// The record by itself.
    pub(crate) content: Cow<'a, [u8]>,
    /// When it was sent, µs since 1970 UTC, as the envelope says.
    pub(crate) sent: Option<i64>,
}

impl<'a> Opened<'a> {
    /// A record without its envelope, if it has one. `zone` is that of times that name
    /// none.
    pub(crate) fn of(record: &'a [u8], zone: Tz) -> Self {
        open(record, zone).unwrap_or(Self { content: Cow::Borrowed(record), sent: None })
    }

    /// Lets an adapter read it.
    pub(crate) fn read(
        &self,
        adapter: &mut dyn Adapter,
        context: &Context<'_>,
        out: &mut dyn Output,
    ) {
        adapter.read(&self.content, &Context { sent: self.sent, ..*context }, out);
    }
}

/// Takes a record's envelope off; nothing where it has none. `zone` is that of times
/// that name none.
pub(crate) fn open(record: &[u8], zone: Tz) -> Option<Opened<'_>> {
    let trimmed = json::trim(record);
    match trimmed.first()? {
        b'{' if json::begins_with(trimmed, KEYS) => hec(trimmed, zone),
        b'<' => syslog(trimmed, zone),
        _ => None,
    }
}

/// Lets an adapter read a record without its envelope.
pub(crate) fn read(
    adapter: &mut dyn Adapter,
    record: &[u8],
    context: &Context<'_>,
    out: &mut dyn Output,
) {
    Opened::of(record, context.zone).read(adapter, context, out);
}

/// The bytes of a record that its source is told by.
pub(crate) fn content(record: &[u8]) -> Cow<'_, [u8]> {
    // The zone only matters for the time.
    Opened::of(record, Tz::UTC).content
}

/// An object with `event` and no key that isn't Splunk's. Some vendors' events have an
/// `event` of their own, among others.
fn hec(record: &[u8], zone: Tz) -> Option<Opened<'_>> {
    let (mut event, mut sent) = (None, None);
    let mut members = json::Members::of(record)?;
    for (name, value) in members.by_ref() {
        if !KEYS.iter().any(|key| name == key.as_bytes()) {
            return None;
        }
        match name {
            b"event" => event = Some(value),
            b"time" => sent = moment(value, zone),
            _ => {}
        }
    }
    let content = match event.filter(|_| members.is_whole())? {
        [b'"', ..] => Cow::Owned(text_of(event?)?.into_bytes()),
        event => Cow::Borrowed(event),
    };
    Some(Opened { content, sent })
}

/// The text of a JSON string.
fn text_of(value: &[u8]) -> Option<String> {
    sonic_rs::from_slice(value).ok()
}

fn moment(value: &[u8], zone: Tz) -> Option<i64> {
    #[derive(Deserialize)]
    struct Only<'a>(#[serde(borrow)] Moment<'a>);
    let text = std::str::from_utf8(value).ok()?;
    json::read_any::<Only<'_>>(text)?.0.micros(zone)
}

/// A header of RFC 5424 or RFC 3164 before a JSON object. Text stays as it is: readers of
/// text read their headers themselves.
fn syslog(record: &[u8], zone: Tz) -> Option<Opened<'_>> {
    let end = record.iter().take(5).position(|byte| *byte == b'>')?;
    let digits = record.get(1..end)?;
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let rest = record.get(end + 1..)?;
    let (message, sent) = match rest.strip_prefix(b"1 ") {
        Some(header) => rfc5424(header, zone)?,
        None => (rfc3164(rest)?, None),
    };
    let message = message.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(message);
    // rsyslog keeps the space that stood behind the tag in RFC 3164.
    let message = message.trim_ascii_start();
    let message = message.strip_prefix(b"@cee:").unwrap_or(message).trim_ascii_start();
    let is_object = message.starts_with(b"{") && message.ends_with(b"}");
    is_object.then_some(Opened { content: Cow::Borrowed(message), sent })
}

/// What follows the structured data of RFC 5424, and the header's time.
fn rfc5424(header: &[u8], zone: Tz) -> Option<(&[u8], Option<i64>)> {
    let mut fields = header.splitn(6, |byte| *byte == b' ');
    let sent = std::str::from_utf8(fields.next()?).ok().and_then(|text| time::parse(text, zone));
    let mut rest = fields.nth(4)?;
    if let Some(message) = rest.strip_prefix(b"- ") {
        return Some((message, sent));
    }
    while rest.first() == Some(&b'[') {
        let mut quoted = false;
        let mut escaped = false;
        let end = rest.iter().position(|byte| {
            let ends = *byte == b']' && !quoted;
            quoted ^= *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        })?;
        rest = rest.get(end + 1..)?;
    }
    Some((rest.strip_prefix(b" ")?, sent))
}

/// What follows the tag of RFC 3164, where that is an object: `Mmm dd hh:mm:ss host
/// tag[pid]: {…}`.
fn rfc3164(header: &[u8]) -> Option<&[u8]> {
    let at =
        memchr::memmem::find(header, b": {").or_else(|| memchr::memmem::find(header, b":{"))?;
    // A header is short; what lies further on is within the message.
    header.get(..at).filter(|head| head.len() < 256 && !head.contains(&b'{'))?;
    header.get(at + 1..).map(<[u8]>::trim_ascii_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(record: &str) -> Option<(String, Option<i64>)> {
        open(record.as_bytes(), Tz::UTC).map(|opened| {
            (String::from_utf8(opened.content.into_owned()).expect("text"), opened.sent)
        })
    }

    #[test]
    fn splunks_envelope_is_taken_off() {
        let sent = Some(1_772_445_700_250_000);
        for (record, content, time) in [
            (r#"{"event":{"a":1},"time":1772445700.25,"sourcetype":"x"}"#, r#"{"a":1}"#, sent),
            (r#"{"time":"1772445700.250","host":"h","event":{"a":1}}"#, r#"{"a":1}"#, sent),
            (
                r#"{"event":"Mar  1 10:00:00 web-1 sshd[7]: \"x\"","index":"main"}"#,
                "Mar  1 10:00:00 web-1 sshd[7]: \"x\"",
                None,
            ),
            (r#"{"event":[{"a":1}],"fields":{"event":"x"}}"#, r#"[{"a":1}]"#, None),
        ] {
            assert_eq!(opened(record), Some((content.to_owned(), time)), "{record}");
        }
    }

    #[test]
    fn an_event_among_other_keys_is_no_envelope() {
        for record in [
            r#"{"event":"workflow_dispatch","action":"workflows.completed_workflow_run"}"#,
            r#"{"time":1,"host":"h"}"#,
            r#"{"event":{"a":1}"#,
            r#"{"event":"cut of"#,
            "{}",
            "",
        ] {
            assert_eq!(opened(record), None, "{record}");
        }
    }

    #[test]
    fn a_syslog_header_before_an_object_is_taken_off() {
        let sent = Some(1_772_359_200_500_000);
        for (record, content, time) in [
            (
                "<134>1 2026-03-01T10:00:00.5Z vault-1 vault 7 - - {\"type\":\"response\"}",
                r#"{"type":"response"}"#,
                sent,
            ),
            (
                "<134>1 2026-03-01T10:00:00.5Z h app - ID [a@1 k=\"]\\\"\"][b@1] \u{feff}{\"a\":1}",
                r#"{"a":1}"#,
                sent,
            ),
            (
                "<134>Mar  1 10:00:00 vault-1 vault[7]: {\"a\":{\"b\":\": {\"}}",
                r#"{"a":{"b":": {"}}"#,
                None,
            ),
            ("<134>Mar  1 10:00:00 h app: @cee:{\"a\":1}", r#"{"a":1}"#, None),
            ("<134>1 2026-03-01T10:00:00.5Z h app 7 - -  @cee: {\"a\":1}", r#"{"a":1}"#, sent),
        ] {
            assert_eq!(opened(record), Some((content.to_owned(), time)), "{record}");
        }
        for text in [
            "<34>1 2026-03-01T10:00:00Z web-1 sshd 7 - - Failed password for {x}",
            "<34>Mar  1 10:00:00 web-1 sshd[7]: Invalid user {\"a\":1} from 203.0.113.5 port 22",
            "<34>Mar  1 10:00:00 web-1 sshd[7]: hello",
            "<>1 x",
            "<999999>1 x",
            "<34",
            "<34>1 a b c",
        ] {
            assert_eq!(opened(text), None, "{text}");
        }
    }
}
