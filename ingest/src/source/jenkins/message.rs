//! What the plugin writes behind the time. Names of jobs, views and users are what
//! someone chose, so a request is read from its end, where the plugin itself wrote
//! the user and the address.

use super::super::address::address;

/// What a line says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message<'a> {
    /// `/job/web/configSubmit by ada from 192.0.2.1`
    Request(Request<'a>),
    /// `Successful login for user 'ada'`
    LoggedIn(&'a str),
    /// `Failed login attempt for user 'ada'`
    LoginFailed(&'a str),
    /// `Logout for user 'ada'`
    LoggedOut(&'a str),
    /// `job/web/ #7 Started by user Ada, Parameters:[]`
    Started(Started<'a>),
    /// The same build again when it is over.
    Completed,
    /// `'web#7' (class …) used credentials 'deploy-key' (class …).`
    Credentials { by: &'a str, id: &'a str },
    /// `A groovy script was executed by user 'ada'. Origin: Script Console …`
    Script { user: Option<&'a str>, origin: &'a str },
}

/// A request to Jenkins; whether it was granted isn't known yet.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request<'a> {
    /// Path, and for queue items the query.
    pub(super) uri: &'a str,
    pub(super) user: &'a str,
    pub(super) ip: Option<&'a str>,
}

/// A build that began.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Started<'a> {
    /// `job/folder/job/web/`
    pub(super) job: &'a str,
    /// `Started by user Ada`; several stand in a row.
    pub(super) causes: &'a str,
}

impl<'a> Message<'a> {
    /// Reads a message; `None` for one that the plugin doesn't write.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        if text.starts_with('/') {
            return request(text).map(Self::Request);
        }
        if let Some(started) = started(text) {
            return Some(Self::Started(started));
        }
        let user = |start: &str| text.strip_prefix(start)?.strip_suffix('\'');
        if let Some(user) = user("Successful login for user '") {
            return Some(Self::LoggedIn(user));
        }
        if let Some(user) = user("Failed login attempt for user '") {
            return Some(Self::LoginFailed(user));
        }
        if let Some(user) = user("Logout for user '") {
            return Some(Self::LoggedOut(user));
        }
        if let Some(rest) = text.strip_prefix("A groovy script was executed") {
            return script(rest);
        }
        if let Some(rest) = text.strip_prefix('\'') {
            return credentials(rest);
        }
        (text.contains(" completed in ") && text.contains("ms completed: "))
            .then_some(Self::Completed)
    }
}

/// Whether a message begins as one of the plugin's does: what can't be read of it
/// is cut off.
pub(super) fn is_cut_off(text: &str) -> bool {
    const STARTS: &[&str] = &[
        "/",
        "job/",
        "'",
        "Successful login for user ",
        "Failed login attempt for user ",
        "Logout for user ",
        "A groovy script was executed",
    ];
    text.is_empty() || STARTS.iter().any(|start| text.starts_with(start))
}

/// Versions before 2.5 write no address; before that, they wrote it in place of a
/// user that wasn't signed in.
fn request(text: &str) -> Option<Request<'_>> {
    let from = || {
        let (rest, from) = text.rsplit_once(" from ")?;
        Some((rest, address(from)?))
    };
    let (rest, ip) = match from() {
        Some((rest, ip)) => (rest, Some(ip)),
        // A name, not an address: of a proxy that names its clients.
        None => match text.rsplit_once(" from ") {
            Some((rest, from)) if !from.contains(' ') && rest.contains(" by ") => (rest, None),
            _ => (text, None),
        },
    };
    let (uri, user) = rest.rsplit_once(" by ")?;
    match address(user) {
        Some(of_nobody) if ip.is_none() => Some(Request { uri, user: "", ip: Some(of_nobody) }),
        _ => Some(Request { uri, user, ip }),
    }
}

fn started(text: &str) -> Option<Started<'_>> {
    if !text.starts_with("job/") {
        return None;
    }
    let (job, rest) = text.split_once("/ #").or_else(|| text.split_once("/#"))?;
    let (number, causes) = rest.split_once(' ')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let (causes, _) = causes.split_once(", Parameters:[").unwrap_or((causes, ""));
    is_number.then_some(Started { job, causes })
}

/// ` by user 'ada'. Origin: CLI/GroovySh. `
fn script(rest: &str) -> Option<Message<'_>> {
    let (by, origin) = rest.split_once(". Origin: ")?;
    let user = by.strip_prefix(" by user '").and_then(|user| user.strip_suffix('\''));
    Some(Message::Script { user, origin: origin.trim_end().trim_end_matches('.') })
}

/// `web#7' (class …) used credentials 'deploy-key' (class …).`
fn credentials(rest: &str) -> Option<Message<'_>> {
    let (by, rest) = rest.split_once("' (class ")?;
    let (_, rest) = rest.split_once(") used credentials '")?;
    let (id, _) = rest.split_once("' (class ")?;
    Some(Message::Credentials { by, id })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(text: &str) -> (&str, &str, Option<&str>) {
        match Message::parse(text) {
            Some(Message::Request(request)) => (request.uri, request.user, request.ip),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_version_s_request_is_read() {
        for (text, expected) in [
            ("/job/a/stop by ada from 203.0.113.9", ("/job/a/stop", "ada", Some("203.0.113.9"))),
            (
                "/job/a/stop by Ada B from [0:0:0:0:0:0:0:1]",
                ("/job/a/stop", "Ada B", Some("0:0:0:0:0:0:0:1")),
            ),
            ("/job/a/stop by ada", ("/job/a/stop", "ada", None)),
            ("/job/a/stop by 203.0.113.9", ("/job/a/stop", "", Some("203.0.113.9"))),
            ("/job/a/stop by ?", ("/job/a/stop", "?", None)),
            ("/job/a/stop by ada from proxy.example", ("/job/a/stop", "ada", None)),
            (
                "/queue/item/7/cancelQueue (job/a/) by ada from ::1",
                ("/queue/item/7/cancelQueue (job/a/)", "ada", Some("::1")),
            ),
        ] {
            assert_eq!(who(text), expected, "{text}");
        }
    }

    #[test]
    fn a_job_that_imitates_the_line_does_not_change_the_user() {
        let text = "/createItem (x by admin from 192.0.2.1) by ada from 203.0.113.9";
        assert_eq!(
            who(text),
            ("/createItem (x by admin from 192.0.2.1)", "ada", Some("203.0.113.9"))
        );
    }
}
