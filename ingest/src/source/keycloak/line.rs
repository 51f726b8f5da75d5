//! Events as the jboss-logging listener writes them: `type=LOGIN, realmId=…` with
//! bare values (in single quotes where they have blanks), and since version 24
//! `type="LOGIN", realmName="…"`, quoted and escaped. Before them stands what the
//! server's log format says, or a collector, or nothing.

use chrono::TimeZone;
use chrono_tz::Tz;

use super::super::adapter::Context;
use super::super::text::{Flag, FromScalar, Text};
use super::super::time;
use super::record::Entry;

/// When a line was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamp {
    /// µs since 1970 UTC.
    Full(i64),
    /// No date: µs of the day, in the configured zone.
    OfDay(i64),
    /// None, or one without a year.
    Missing,
}

/// A line, taken apart.
pub(super) struct Line<'a> {
    pub(super) stamp: Stamp,
    /// From `type=` or `operationType=` on.
    pub(super) event: Option<&'a str>,
}

impl<'a> Line<'a> {
    pub(super) fn parse(text: &'a str, zone: Tz) -> Self {
        match begin(text).and_then(|at| text.split_at_checked(at)) {
            Some((prefix, event)) => Self { stamp: stamp(prefix, zone), event: Some(event) },
            None => Self { stamp: stamp(text, zone), event: None },
        }
    }
}

/// Whether a line has an event.
pub(super) fn is_event(text: &str) -> bool {
    begin(text).is_some()
}

/// Whether a line is none of the log's own: what the server says on the console
/// before it logs, or a line of an exception's trace.
pub(super) fn is_aside(text: &str) -> bool {
    let of_trace = text.starts_with("at ") && text.ends_with(')')
        || text.starts_with("... ") && text.ends_with(" more");
    of_trace || ["WARNING: ", "Caused by: ", "Suppressed: "].iter().any(|it| text.starts_with(it))
}

/// Where the event begins. What a user typed may look like one: before the real
/// one stands the end of a prefix, or nothing.
fn begin(text: &str) -> Option<usize> {
    let head = text.get(..text.find("realmId=")?)?;
    ["operationType=", "type="].into_iter().find_map(|key| {
        let at = head.find(key)?;
        let before = head.get(..at)?.trim_end_matches([' ', '\t', '\u{feff}']);
        let ends_prefix = before.is_empty()
            || before.ends_with([')', ']', '-', ':', '|'])
            // Container runtimes: `stdout F`.
            || before.ends_with(" F");
        ends_prefix.then_some(at)
    })
}

/// The time at the start of a prefix, behind `<14>1 `.
fn stamp(prefix: &str, zone: Tz) -> Stamp {
    let text = prefix.trim_start();
    let text = text
        .strip_prefix('<')
        .and_then(|rest| rest.split_once('>'))
        .filter(|(number, _)| number.len() <= 3 && number.bytes().all(|b| b.is_ascii_digit()))
        .map_or(text, |(_, rest)| rest.strip_prefix("1 ").unwrap_or(rest));
    let word = |from: usize| {
        let rest = text.get(from..)?;
        Some(from + rest.find(' ').unwrap_or(rest.len()))
    };
    let full = || {
        let mut end = word(0)?;
        if end == 10 {
            end = word(11)?;
        }
        let dated = text.get(..end).filter(|text| text.as_bytes().get(4) == Some(&b'-'))?;
        time::parse(dated, zone)
    };
    let of_day = || clock(text.get(..word(0)?)?);
    full().map(Stamp::Full).or_else(|| of_day().map(Stamp::OfDay)).unwrap_or(Stamp::Missing)
}

/// `11:36:09,965`: µs of the day.
fn clock(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| time::digits(bytes.get(from..to)?);
    let is = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|byte| wanted.contains(byte));
    let (hour, minute, second) = (number(0, 2)?, number(3, 5)?, number(6, 8)?);
    let millis = if is(8, b",.") { number(9, 12)? } else { 0 };
    let is_time = is(2, b":") && is(5, b":") && hour <= 23 && minute <= 59 && second <= 60;
    is_time.then_some((hour * 3_600 + minute * 60 + second) * time::SECOND + millis * 1_000)
}

impl Stamp {
    /// The time in µs since 1970 UTC. Without a date it is the last such time of
    /// day before the receipt (a minute is left for clocks that differ); without
    /// any it is the receipt's.
    pub(super) fn time(self, context: &Context<'_>) -> Option<i64> {
        let of_day = match self {
            Self::Full(micros) => return Some(micros),
            Self::OfDay(of_day) => of_day,
            Self::Missing => return Some(context.received),
        };
        let received = context.zone.timestamp_micros(context.received).single()?;
        let local = received.naive_local().and_utc().timestamp_micros();
        let day = local - local.rem_euclid(time::DAY);
        let today = time::from_zone(day + of_day, context.zone);
        if today <= context.received + time::MINUTE {
            return Some(today);
        }
        Some(time::from_zone(day - time::DAY + of_day, context.zone))
    }
}

/// The event of a line. Keycloak writes its own keys before the details, and what
/// a user typed is among the details: there none of its own is read any more, and
/// of a detail the first counts.
pub(super) fn entry(event: &str) -> Entry<'_> {
    let mut entry = Entry::default();
    let mut rest = event;
    let mut in_details = false;
    while let Some((key, after)) = rest.split_once('=') {
        let (value, next) = value(after);
        let own = own(&mut entry, key);
        in_details |= own.is_none();
        if let Some(field) = own
            && !in_details
        {
            *field = value;
        } else if key == "web_authn_authenticator_user_verification_checked" {
            entry.details.0.user_verified = Flag::text(value.or_empty());
        } else if let Some(field) = detail(&mut entry, key)
            && field.get().is_none()
        {
            *field = value;
        }
        let Some(next) = next else { break };
        rest = next;
    }
    entry
}

/// A key of Keycloak's own.
fn own<'e, 'a>(entry: &'e mut Entry<'a>, key: &str) -> Option<&'e mut Text<'a>> {
    Some(match key {
        "type" => &mut entry.kind,
        "operationType" => &mut entry.operation_type,
        "realmId" => &mut entry.realm_id,
        "realmName" => &mut entry.realm_name,
        "clientId" => &mut entry.client_id,
        "userId" => &mut entry.user_id,
        "sessionId" => &mut entry.session_id,
        "ipAddress" => &mut entry.ip_address,
        "resourceType" => &mut entry.resource_type,
        "resourcePath" => &mut entry.resource_path,
        "error" => &mut entry.error,
        _ => return None,
    })
}

fn detail<'e, 'a>(entry: &'e mut Entry<'a>, key: &str) -> Option<&'e mut Text<'a>> {
    let details = &mut entry.details.0;
    Some(match key {
        "username" => &mut details.username,
        "code_id" => &mut details.code_id,
        "authSessionParentId" => &mut details.parent_id,
        "auth_method" => &mut details.auth_method,
        "grant_type" => &mut details.grant_type,
        "credential_type" => &mut details.credential_type,
        "selected_credential_id" => &mut details.selected_credential_id,
        "public_key_credential_id" => &mut details.public_key_credential_id,
        "credential_id" => &mut details.credential_id,
        "x509_cert_serial_number" => &mut details.certificate,
        "identity_provider" => &mut details.identity_provider,
        "impersonator" => &mut details.impersonator,
        "custom_required_action" => &mut details.custom_required_action,
        "token_id" => &mut details.token_id,
        "reason" => &mut details.reason,
        _ => return None,
    })
}

/// The value at the start of `text`, and what follows its comma.
fn value(text: &str) -> (Text<'_>, Option<&str>) {
    match text.as_bytes().first() {
        Some(b'"') => quoted(text.get(1..).unwrap_or_default()),
        Some(b'\'') => {
            let inner = text.get(1..).unwrap_or_default();
            // Nothing is escaped: a quote ends the value where a comma follows it.
            match inner.split_once("', ") {
                Some((value, rest)) => (said(value), Some(rest)),
                None => (said(inner.strip_suffix('\'').unwrap_or(inner)), None),
            }
        }
        _ => match text.split_once(", ") {
            Some((value, rest)) => (said(value), Some(rest)),
            None => (said(text), None),
        },
    }
}

/// A value behind its opening quote; `\"` is a quote within it.
fn quoted(text: &str) -> (Text<'_>, Option<&str>) {
    let mut from = 0;
    let end = loop {
        let Some(found) = text.get(from..).and_then(|rest| rest.find('"')) else {
            break text.len();
        };
        let at = from + found;
        if !text.get(..at).is_some_and(|before| before.ends_with('\\')) {
            break at;
        }
        from = at + 1;
    };
    let value = text.get(..end).unwrap_or_default();
    let rest = text.get(end..).and_then(|rest| rest.strip_prefix("\", "));
    if value.contains('\\') {
        return (Text::text(&value.replace("\\\"", "\"")), rest);
    }
    (said(value), rest)
}

/// Java's null is nothing said.
fn said(value: &str) -> Text<'_> {
    if value == "null" { Text::None } else { Text::borrowed(value) }
}
