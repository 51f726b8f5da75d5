//! JFrog Artifactory's access log (`artifactory-access.log`, `access.log` before
//! version 7): logins, and what was let through or denied.
//!
//! ```text
//! line         one line of any version
//! ```

mod line;

use std::borrow::Cow;

use rollcall_schemas::{Activity, Credential, Event, Outcome, Platform, Reason};

use super::adapter::{Adapter, Context, Output, Source};
use super::{json, text, time};
use line::Line;

/// Artifactory's row in the table of sources.
pub(super) static SOURCE: Source = Source {
    name: "artifactory",
    title: "JFrog Artifactory access log",
    documentation: "https://docs.jfrog.com/administration/docs/access-log",
    recognises: &recognises,
    split: None,
    stateful: false,
    has_event_id: false,
    open: &|| Box::new(Artifactory),
    mapping: None,
    about: include_str!("about.toml"),
};

/// Bytes of a line that are looked at: the action stands early.
const HEAD: usize = 160;

fn recognises(record: &[u8]) -> bool {
    let record = json::trim(record);
    let head = record.get(..HEAD).unwrap_or(record);
    let is_dated = head.first().is_some_and(u8::is_ascii_digit);
    is_dated
        && [&b" [ACCEPTED "[..], b" [DENIED "]
            .iter()
            .any(|word| memchr::memmem::find(head, word).is_some())
        && Line::parse(&json::text(record)).is_ok()
}

struct Artifactory;

impl Adapter for Artifactory {
    fn read(&mut self, record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
        let text = json::text(record);
        if text.is_empty() {
            return out.not_authentication();
        }
        let line = match Line::parse(&text) {
            Ok(line) => line,
            Err(reason) => return out.reject(reason),
        };
        match time::parse(line.time, context.zone) {
            Some(time) => {
                out.event(&mut event(&line, time));
            }
            None => out.reject("the time at the start can't be read; ISO 8601 was expected"),
        }
    }
}

fn event<'a>(line: &Line<'a>, time: i64) -> Event<'a> {
    let activity = activity(line.action);
    let (outcome, reason) = match (line.is_accepted, activity) {
        (true, _) => (Outcome::Success, None),
        // Why isn't said: a wrong password, a locked account, an unknown user.
        (false, Activity::Logon) => (Outcome::Failure, Some(Reason::Unknown)),
        (false, _) => (Outcome::Denied, Some(Reason::NotAuthorized)),
    };
    let (resource, message) = about(line.about);
    let is_service = is_service(line.user);
    Event {
        time,
        activity,
        outcome,
        reason,
        reason_raw: message.filter(|_| reason.is_some()),
        operation: Some(Cow::Borrowed(line.action)),
        platform: Platform::ArtifactRegistry,
        service: Some(Cow::Borrowed("Artifactory")),
        resource,
        user_name: name(line.user).map(text::lower),
        user_type: is_service.then_some(Cow::Borrowed("service")),
        interactive: is_service.then_some(false),
        // A key of the API is a token, too; a password shows as nothing at all.
        credential: match line.kind {
            Some(kind)
                if ["token", "apikey"].iter().any(|word| kind.eq_ignore_ascii_case(word)) =>
            {
                Some(Credential::AccessToken)
            }
            Some(_) => Some(Credential::Unknown),
            None => None,
        },
        ip: line.ip.map(Cow::Borrowed),
        ..Event::default()
    }
}

fn activity(action: &str) -> Activity {
    match action {
        "LOGIN" | "AUTHENTICATE" => Activity::Logon,
        "LOGOUT" => Activity::Logoff,
        "CONFIGURATION_CHANGE" | "CONFIGURATION CHANGE" => Activity::Admin,
        _ => Activity::Access,
    }
}

/// The repository of `libs-release:org/a.jar`; anything else is a message.
fn about(text: &str) -> (Option<Cow<'_, str>>, Option<Cow<'_, str>>) {
    match text.split_once(':') {
        Some((repository, _)) if !repository.is_empty() && !repository.contains(' ') => {
            (Some(Cow::Borrowed(repository)), None)
        }
        _ if text.is_empty() => (None, None),
        _ => (None, Some(Cow::Borrowed(text))),
    }
}

/// Placeholders for nobody are no names; `anonymous` is an account that one can
/// give rights to.
fn name(user: &str) -> Option<&str> {
    (!matches!(user, "" | "NA" | "non_authenticated_user")).then_some(user)
}

/// Artifactory itself, and the services of its platform: `jffe@01jq3…`, `jfrt@…`.
fn is_service(user: &str) -> bool {
    let is_of_platform = |id: &str| {
        id.strip_prefix("jf").is_some_and(|kind| {
            (2..=8).contains(&kind.len()) && kind.bytes().all(|b| b.is_ascii_lowercase())
        })
    };
    // A mail address has a dot behind its sign.
    user == "_system_"
        || user.split_once('@').is_some_and(|(id, node)| is_of_platform(id) && !node.contains('.'))
}

#[cfg(test)]
mod tests;
