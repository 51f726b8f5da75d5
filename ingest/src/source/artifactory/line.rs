//! One line of the access log.
//!
//! `2019-06-17 22:01:39,942 [ACCEPTED LOGIN]   for client : ada / 192.0.2.1.` up to
//! version 6, and from version 7 `2025-06-06T12:28:06.772Z [2bde295e0fe3249c]
//! [ACCEPTED LOGIN]   for client : ada / 192.0.2.1 [token]`; some versions leave
//! "client :" and the blanks about the slash out.

use super::super::address;
use super::super::time;

/// A line, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// As it stands; old versions name no zone.
    pub(super) time: &'a str,
    pub(super) is_accepted: bool,
    /// LOGIN, DOWNLOAD, …
    pub(super) action: &'a str,
    /// The repository and the path, or a message.
    pub(super) about: &'a str,
    pub(super) user: &'a str,
    pub(super) ip: Option<&'a str>,
    /// `token`, `apikey`; how the user was authenticated.
    pub(super) kind: Option<&'a str>,
}

const CLIENT: &str = "for client : ";

impl<'a> Line<'a> {
    /// Takes a line apart; the reason of a failure says what is missing.
    pub(super) fn parse(text: &'a str) -> Result<Self, &'static str> {
        let (time, rest) = stamp(text)
            .ok_or("at the start a time with an action behind it was expected: ISO 8601")?;
        let (first, rest) = bracketed(rest)
            .ok_or("behind the time an action in brackets was expected: [ACCEPTED LOGIN]")?;
        let (action, rest) = match response(first) {
            Some(action) => (action, rest),
            // What comes first is the trace's id.
            None => {
                let (second, rest) =
                    bracketed(rest).ok_or("behind the trace an action in brackets was expected")?;
                let action = response(second).ok_or("an action begins with ACCEPTED or DENIED")?;
                (action, rest)
            }
        };
        let (is_accepted, action) = action;
        let (rest, kind) = kind(rest.trim());
        let (about, user, ip) =
            client(rest, action).ok_or("the line ends before it says for which client")?;
        Ok(Self { time, is_accepted, action, about: about.trim(), user, ip, kind })
    }
}

/// The time, and what follows it.
fn stamp(text: &str) -> Option<(&str, &str)> {
    let mut end = text.find([' ', '['])?;
    if end == 10 {
        end = 11 + text.get(11..)?.find([' ', '['])?;
    }
    let (stamp, rest) = text.split_at_checked(end)?;
    // Whether it is one doesn't depend on the zone.
    time::parse(stamp, chrono_tz::Tz::UTC)?;
    Some((stamp, rest))
}

/// The text in the brackets at the start, and what follows them.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    text.trim_start().strip_prefix('[')?.split_once(']')
}

/// `ACCEPTED LOGIN`: whether it was let through, and what.
fn response(text: &str) -> Option<(bool, &str)> {
    let (word, action) = text.trim().split_once(' ')?;
    let is_action = |action: &str| {
        !action.is_empty()
            && action.bytes().all(|b| b.is_ascii_uppercase() || b == b'_' || b == b' ')
    };
    let action = action.trim();
    match word {
        "ACCEPTED" if is_action(action) => Some((true, action)),
        "DENIED" if is_action(action) => Some((false, action)),
        _ => None,
    }
}

/// Without the `[token]` at the end, and the word in it.
fn kind(text: &str) -> (&str, Option<&str>) {
    let found = text.strip_suffix(']').and_then(|rest| rest.rsplit_once(" ["));
    match found.filter(|(_, word)| word.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
        Some((rest, word)) => (rest.trim_end(), Some(word)),
        None => (text, None),
    }
}

/// What it is about, the user and the address. The address stands last, behind the
/// last slash. The user of a login is whatever someone typed and may imitate the
/// line, so there the first "for client" counts; of anything else the user is known
/// and the path is what someone chose, so there the last.
fn client<'a>(rest: &'a str, action: &str) -> Option<(&'a str, &'a str, Option<&'a str>)> {
    let rest = rest.strip_suffix('.').unwrap_or(rest);
    let is_login = matches!(action, "LOGIN" | "AUTHENTICATE");
    let at = |mark: &str| if is_login { rest.find(mark) } else { rest.rfind(mark) };
    let (from, to) = match at(CLIENT) {
        Some(at) => (at, at + CLIENT.len()),
        None => at("for ").map(|at| (at, at + "for ".len()))?,
    };
    let (user, ip) = rest.get(to..)?.rsplit_once('/')?;
    Some((rest.get(..from)?, user.trim(), address::address(ip)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_one_line_is_taken_apart_the_same() {
        for text in [
            "2020-05-15 15:52:11,456 [ACCEPTED LOGIN]   for client : ada / 203.0.113.9.",
            "2020-05-15 15:52:11,456 [4b1b8a0b04e31b80] [ACCEPTED LOGIN] for ada/203.0.113.9.",
            "2020-05-15T15:52:11.456Z [4b1b8a0b04e31b80] [ACCEPTED LOGIN]  for client : ada / 203.0.113.9",
        ] {
            let line = Line::parse(text).expect(text);
            assert_eq!((line.action, line.user, line.ip), ("LOGIN", "ada", Some("203.0.113.9")));
            assert!(line.is_accepted && line.about.is_empty() && line.kind.is_none());
        }
    }

    #[test]
    fn a_user_that_imitates_the_line_does_not_move_the_address() {
        let text = "2020-05-15T15:52:11.456Z [t] [DENIED LOGIN]   for client : x for client : admin / 192.0.2.1 / 203.0.113.9";
        let line = Line::parse(text).expect(text);
        assert_eq!(line.user, "x for client : admin / 192.0.2.1");
        assert_eq!(line.ip, Some("203.0.113.9"));
    }

    #[test]
    fn a_path_that_imitates_the_line_does_not_change_the_user() {
        let text = "2020-05-15T15:52:11.456Z [t] [ACCEPTED DOWNLOAD] libs:a for client : admin / b.jar  for client : ada / 2001:db8::7 [apikey]";
        let line = Line::parse(text).expect(text);
        assert_eq!((line.user, line.ip), ("ada", Some("2001:db8::7")));
        assert_eq!(line.about, "libs:a for client : admin / b.jar");
        assert_eq!(line.kind, Some("apikey"));
    }
}
