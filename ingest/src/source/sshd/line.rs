//! One line of an auth log, in any of the forms that it comes in.

use memchr::memmem;
use serde::Deserialize;

use super::super::text::{Text, Whole};
use super::super::{json, time};

/// When a line was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamp {
    /// µs since 1970 UTC.
    Known(i64),
    /// Text of a full time without an offset: µs as if it were UTC.
    Local(i64),
    /// RFC 3164: no year and no offset. Month, day, µs of the day.
    Undated(i64, i64, i64),
}

/// A line, taken apart.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) stamp: Stamp,
    pub(super) host: &'a str,
    pub(super) program: &'a str,
    pub(super) process: Option<u32>,
    pub(super) message: &'a str,
}

const NOT_A_LINE: &str = "not a line of an auth log; RFC 3164, RFC 5424, an ISO 8601 time and \
                          host, or journald's JSON was expected";

impl<'a> Line<'a> {
    /// Takes a plain line apart.
    pub(super) fn parse(text: &'a str) -> Result<Self, &'static str> {
        Self::try_parse(text).ok_or(NOT_A_LINE)
    }

    fn try_parse(text: &'a str) -> Option<Self> {
        let text = after_priority(text);
        if let Some(rest) = text.strip_prefix("1 ") {
            return Self::structured(rest);
        }
        let (stamp, rest) = undated(text).or_else(|| dated(text))?;
        // The host is left out by some forwarders; then the tag comes at once.
        let (first, after) = rest.split_once(' ')?;
        let (host, tagged) = if first.ends_with(':') { ("", rest) } else { (first, after) };
        let (program, process, message) = tag(tagged.trim_start())?;
        Some(Self { stamp, host, program, process, message })
    }

    /// RFC 5424, after the version.
    fn structured(rest: &'a str) -> Option<Self> {
        let (stamp, rest) = dated(rest)?;
        let mut words = rest.splitn(5, ' ');
        let mut word = || words.next();
        let (host, program, process, _id, rest) = (word()?, word()?, word()?, word()?, word()?);
        let message = after_structured_data(rest)?;
        let message = message.strip_prefix('\u{feff}').unwrap_or(message);
        Some(Self {
            stamp,
            host: if host == "-" { "" } else { host },
            program: base_name(program),
            process: process.parse().ok(),
            // rsyslog keeps the space that stood behind the tag in RFC 3164.
            message: message.strip_prefix(' ').unwrap_or(message),
        })
    }
}

/// Without `<34>`.
fn after_priority(text: &str) -> &str {
    text.strip_prefix('<')
        .and_then(|rest| rest.split_once('>'))
        .filter(|(number, _)| number.len() <= 3 && number.bytes().all(|b| b.is_ascii_digit()))
        .map_or(text, |(_, rest)| rest)
}

/// `Mar  7 13:06:56 `, and what follows.
fn undated(text: &str) -> Option<(Stamp, &str)> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let name = text.get(..3)?;
    let month = MONTHS.iter().zip(1..).find(|(month, _)| **month == name)?.1;
    let (day, rest) = text.get(3..)?.trim_start().split_once(' ')?;
    let (clock, rest) = rest.trim_start().split_once(' ')?;
    let number = |text: &str| time::digits(text.as_bytes());
    let mut parts = clock.split(':');
    let (hour, minute) = (number(parts.next()?)?, number(parts.next()?)?);
    let (second, fraction) = {
        let second = parts.next()?;
        second.split_once('.').unwrap_or((second, "0"))
    };
    let (day, second) = (number(day)?, number(second)?);
    // 2024 has a 29 February; whether the line's year has one is seen later.
    let is_time = hour <= 23 && minute <= 59 && second <= 60 && time::valid(2024, month, day);
    let micros = fraction_micros(fraction)?;
    let of_day = (hour * 3_600 + minute * 60 + second) * time::SECOND + micros;
    is_time.then_some((Stamp::Undated(month, day, of_day), rest.trim_start()))
}

fn fraction_micros(digits: &str) -> Option<i64> {
    let digits = digits.get(..digits.len().min(6))?;
    let scale = 10_i64.pow(6 - u32::try_from(digits.len()).ok()?);
    Some(time::digits(digits.as_bytes())? * scale)
}

/// `2026-03-01T10:00:00.5+01:00 ` or `2026-03-01 10:00:00 `, and what follows.
fn dated(text: &str) -> Option<(Stamp, &str)> {
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let mut end = text.find(' ')?;
    if end == 10 {
        end = 11 + text.get(11..)?.find(' ')?;
    }
    let (time, rest) = text.split_at_checked(end)?;
    let utc = time::parse(time, chrono_tz::Tz::UTC)?;
    // A time that reads differently in another zone names none.
    let elsewhere = time::parse(time, chrono_tz::Tz::Etc__GMTPlus12)?;
    let stamp = if utc == elsewhere { Stamp::Known(utc) } else { Stamp::Local(utc) };
    Some((stamp, rest.trim_start()))
}

/// `sshd[1291]: message`, `sudo: message`, `sshd(pam_x)[7]: message`.
fn tag(text: &str) -> Option<(&str, Option<u32>, &str)> {
    let end = text.find([':', '[', ' '])?;
    let (program, rest) = text.split_at_checked(end)?;
    let (process, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((process, rest)) => (process.parse().ok(), rest),
        None => (None, rest),
    };
    let message = rest.strip_prefix(':')?;
    let message = message.strip_prefix(' ').unwrap_or(message);
    (!program.is_empty()).then_some((base_name(program), process, message))
}

fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// What follows `-` or `[id key="value"][…]`.
fn after_structured_data(rest: &str) -> Option<&str> {
    if let Some(rest) = rest.strip_prefix('-') {
        return Some(rest.strip_prefix(' ').unwrap_or(rest));
    }
    let (mut in_value, mut escaped, mut depth) = (false, false, 0);
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_value => escaped = true,
            b'"' => in_value = !in_value,
            b'[' if !in_value => depth += 1,
            b']' if !in_value => depth -= 1,
            b' ' if depth == 0 => return rest.get(at + 1..),
            _ => {}
        }
    }
    (depth == 0).then_some("")
}

/// One entry of `journalctl -o json`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Journal<'a> {
    #[serde(borrow, rename = "MESSAGE")]
    message: journal::Message<'a>,
    #[serde(borrow, rename = "SYSLOG_IDENTIFIER")]
    identifier: Text<'a>,
    #[serde(borrow, rename = "_COMM")]
    command: Text<'a>,
    #[serde(rename = "_PID")]
    process: Whole,
    #[serde(rename = "SYSLOG_PID")]
    named_process: Whole,
    #[serde(borrow, rename = "_HOSTNAME")]
    host: Text<'a>,
    #[serde(rename = "__REALTIME_TIMESTAMP")]
    received: Whole,
    #[serde(rename = "_SOURCE_REALTIME_TIMESTAMP")]
    sent: Whole,
}

impl<'a> Journal<'a> {
    /// Reads an entry.
    pub(super) fn parse(text: &'a str) -> Result<Self, String> {
        json::read(text)
    }

    /// The entry as a line.
    pub(super) fn line(&self) -> Result<Line<'_>, &'static str> {
        let Some(micros) = self.sent.0.or(self.received.0) else {
            return Err("a journal entry has a `__REALTIME_TIMESTAMP` in µs; there is none");
        };
        let process = self.named_process.0.or(self.process.0);
        Ok(Line {
            stamp: Stamp::Known(micros),
            host: self.host.or_empty(),
            program: base_name(self.identifier.get().or(self.command.get()).unwrap_or_default()),
            process: process.and_then(|number| u32::try_from(number).ok()),
            message: &self.message.0,
        })
    }
}

mod journal {
    //! A message is text, or a list of bytes where it isn't printable UTF-8.

    use std::borrow::Cow;
    use std::fmt;

    use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

    #[derive(Default)]
    pub(super) struct Message<'a>(pub(super) Cow<'a, str>);

    struct MessageVisitor;

    impl<'de> Visitor<'de> for MessageVisitor {
        type Value = Message<'de>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("text or bytes")
        }
        fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
            Ok(Message(Cow::Borrowed(text)))
        }
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Message(Cow::Owned(text.to_owned())))
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Message::default())
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut bytes = Vec::new();
            while let Some(byte) = seq.next_element::<super::Whole>()? {
                bytes.push(byte.0.and_then(|byte| u8::try_from(byte).ok()).unwrap_or(b'?'));
            }
            Ok(Message(Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())))
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(Message::default())
        }
        fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
            Ok(Message(Cow::Owned(number.to_string())))
        }
        fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
            Ok(Message(Cow::Owned(number.to_string())))
        }
        fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
            Ok(Message(Cow::Owned(number.to_string())))
        }
        fn visit_bool<E>(self, truth: bool) -> Result<Self::Value, E> {
            Ok(Message(Cow::Owned(truth.to_string())))
        }
    }

    impl<'de: 'a, 'a> Deserialize<'de> for Message<'a> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(MessageVisitor)
        }
    }
}

/// Programs whose lines stand in an auth log. A line of another program is left
/// to other sources.
const PROGRAMS: &[&str] = &[
    "sshd",
    "sshd-session",
    "sshd-auth",
    "sudo",
    "su",
    "doas",
    "useradd",
    "userdel",
    "usermod",
    "adduser",
    "deluser",
    "groupadd",
    "groupdel",
    "groupmod",
    "passwd",
    "chpasswd",
    "chage",
    "gpasswd",
    "chfn",
    "chsh",
    "newgrp",
    "CRON",
    "cron",
    "crond",
    "anacron",
    "atd",
    "systemd",
    "systemd-logind",
    "systemd-user",
    "login",
    "polkitd",
    "pkexec",
    "gdm-password",
    "lightdm",
    "sddm",
    "sssd",
    "runuser",
    "unix_chkpwd",
    "dbus-daemon",
    "sshd(pam_google_authenticator)",
];

/// Whether a record looks like a line of an auth log or a journal entry.
pub(super) fn recognises(record: &[u8]) -> bool {
    let record = json::trim(record);
    if record.first() == Some(&b'{') {
        let has = |key: &[u8]| memmem::find(record, key).is_some();
        return has(b"\"MESSAGE\"")
            && (has(b"\"SYSLOG_IDENTIFIER\"") || has(b"\"_COMM\""))
            && has(b"\"__REALTIME_TIMESTAMP\"");
    }
    let head = record.get(..512).unwrap_or(record);
    let text = String::from_utf8_lossy(head);
    Line::try_parse(&text)
        .is_some_and(|line| PROGRAMS.contains(&line.program) || line.message.starts_with("pam_"))
}
