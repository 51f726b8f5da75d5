//! Jenkins: lines of the audit-trail plugin, as its file and console loggers write
//! them.
//!
//! ```text
//! stamp        the time at the start of a line
//! message      what stands behind it
//! activity     requests: paths
//! cause        who or what started a build
//! ```

mod activity;
mod cause;
mod message;
mod stamp;

use std::borrow::Cow;

use rollcall_schemas::{Activity, Event, Outcome, Platform, Reason};

use super::adapter::{Adapter, Context, Output, Source};
use super::{json, text, time};
use message::{Message, Request, Started};

/// Jenkins's row in the table of sources.
pub(super) static SOURCE: Source = Source {
    name: "jenkins",
    title: "Jenkins audit trail",
    documentation: "https://plugins.jenkins.io/audit-trail",
    recognises: &recognises,
    split: None,
    stateful: false,
    has_event_id: false,
    open: &|| Box::new(Jenkins),
    mapping: None,
    about: include_str!("about.toml"),
};

fn recognises(record: &[u8]) -> bool {
    let record = json::trim(record);
    // Cheap, before the line is made text: `Nov 10, ` or `2024-11-10 `.
    let is_dated = matches!(record.get(3..8), Some([b' ', b'0'..=b'9', ..]))
        || matches!(record.get(10), Some(b' ')) && record.first().is_some_and(u8::is_ascii_digit);
    is_dated && {
        let text = json::text(record);
        stamp::parse(&text).is_some_and(|(_, rest)| message(rest).is_some())
    }
}

/// The message behind the separator; the console logger can write a word of its own
/// before it.
fn message(rest: &str) -> Option<Message<'_>> {
    let rest = after_separator(rest);
    Message::parse(rest).or_else(|| Message::parse(rest.split_once(" - ")?.1))
}

fn after_separator(rest: &str) -> &str {
    rest.trim_start_matches([' ', '\t', '-', '|', ';', ','])
}

struct Jenkins;

impl Adapter for Jenkins {
    fn read(&mut self, record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
        let text = json::text(record);
        if text.is_empty() {
            return out.not_authentication();
        }
        let Some((local, rest)) = stamp::parse(&text) else {
            return out.reject(
                "a line begins with a time such as `Nov 10, 2024 2:29:30,662 PM`; this one \
                 doesn't, as the lines of a Groovy script don't that stand below their own",
            );
        };
        let time = time::from_zone(local, context.zone);
        let mut event = match message(rest) {
            Some(Message::Request(request)) => of_request(&request),
            Some(Message::LoggedIn(user)) => signed(Activity::Logon, "Successful login", user),
            Some(Message::LoginFailed(user)) => Event {
                outcome: Outcome::Failure,
                // The password, the account, or both: Jenkins doesn't say.
                reason: Some(Reason::Unknown),
                ..signed(Activity::Logon, "Failed login attempt", user)
            },
            Some(Message::LoggedOut(user)) => signed(Activity::Logoff, "Logout", user),
            Some(Message::Started(started)) => of_build(&started),
            Some(Message::Credentials { by, id }) => Event {
                outcome: Outcome::Success,
                interactive: Some(false),
                // An agent, or a job outside a build, has no number.
                pipeline: by.rsplit_once('#').map(|(job, _)| Cow::Borrowed(job)),
                resource: Some(Cow::Borrowed(id)),
                ..event(Activity::Access, "used credentials")
            },
            Some(Message::Script { user, origin }) => Event {
                user_name: user.and_then(name).map(text::lower),
                resource: Some(Cow::Borrowed(origin)),
                ..event(Activity::Admin, "groovy script")
            },
            None if message::is_cut_off(after_separator(rest)) => {
                return out.reject("the message ends before it says who did what");
            }
            // It began with the same words; how a build ends says nothing of who.
            Some(Message::Completed) | None => return out.not_authentication(),
        };
        event.time = time;
        out.event(&mut event);
    }
}

fn event(activity: Activity, operation: &str) -> Event<'_> {
    Event {
        activity,
        operation: Some(Cow::Borrowed(operation)),
        platform: Platform::CiCd,
        service: Some(Cow::Borrowed("Jenkins")),
        ..Event::default()
    }
}

/// A sign-in or its end, as Jenkins's security realm reports it: by a form, single
/// sign-on or with each call of the API, which isn't said.
fn signed<'a>(activity: Activity, operation: &'a str, user: &'a str) -> Event<'a> {
    Event {
        outcome: Outcome::Success,
        user_name: name(user).map(text::lower),
        ..event(activity, operation)
    }
}

/// A request is logged before Jenkins looks at rights: it may have been refused.
fn of_request<'a>(request: &Request<'a>) -> Event<'a> {
    let path = activity::path(request.uri);
    let is_system = request.user == "SYSTEM";
    Event {
        user_name: name(request.user).map(text::lower),
        user_type: is_system.then_some(Cow::Borrowed("system")),
        interactive: is_system.then_some(false),
        resource: Some(Cow::Borrowed(path)),
        pipeline: activity::pipeline(path),
        ip: request.ip.map(Cow::Borrowed),
        ..event(activity::of(path), activity::action(path))
    }
}

fn of_build<'a>(started: &Started<'a>) -> Event<'a> {
    let cause = cause::of(started.causes);
    Event {
        outcome: Outcome::Success,
        user_name: cause.user.and_then(name).map(text::lower),
        ip: cause.ip.map(Cow::Borrowed),
        interactive: cause.interactive,
        pipeline: activity::pipeline(started.job),
        ..event(Activity::Access, "Started")
    }
}

/// Placeholders for nobody are no names.
fn name(user: &str) -> Option<&str> {
    let user = user.trim();
    (!matches!(user, "" | "NA" | "?" | "<unknown>")).then_some(user)
}

#[cfg(test)]
mod tests;
