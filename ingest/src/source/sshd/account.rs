//! Account tools: useradd, usermod, userdel.

use std::borrow::Cow;

use rollcall_schemas::{Activity, Event, Outcome, Reason};

use super::super::adapter::Output;
use super::super::text;
use super::Reading;

/// Reads a message of an account tool. Groups as such aren't accounts; a user put
/// into one is a change of the account.
pub(super) fn read(reading: &mut Reading<'_, '_>, out: &mut dyn Output) {
    let message = reading.line.message;
    let Some((operation, outcome, user)) = change(message) else {
        return out.not_authentication();
    };
    let mut event = Event {
        user_name: Some(text::lower(user)),
        operation: Some(Cow::Borrowed(operation)),
        reason: (outcome == Outcome::Failure).then_some(Reason::Other),
        ..reading.event("accounts", Activity::AccountChange, outcome)
    };
    reading.give(&mut event, out);
}

fn change(message: &str) -> Option<(&'static str, Outcome, &str)> {
    if let Some(rest) = message.strip_prefix("new user: name=") {
        return Some(("new user", Outcome::Success, rest.split(',').next()?));
    }
    const FORMS: &[(&str, &str, Outcome)] = &[
        ("failed adding user '", "new user", Outcome::Failure),
        ("delete user '", "delete user", Outcome::Success),
        ("lock user '", "lock user", Outcome::Success),
        ("unlock user '", "unlock user", Outcome::Success),
        ("change user '", "change user", Outcome::Success),
        ("changed password expiry for ", "change password expiry", Outcome::Success),
        ("password for '", "password changed", Outcome::Success),
        ("add '", "add to group", Outcome::Success),
        ("delete '", "remove from group", Outcome::Success),
    ];
    FORMS.iter().find_map(|(start, operation, outcome)| {
        let rest = message.strip_prefix(start)?;
        let end = if start.ends_with('\'') { '\'' } else { ' ' };
        let user = rest.split(end).next().filter(|user| !user.is_empty())?;
        Some((*operation, *outcome, user))
    })
}
