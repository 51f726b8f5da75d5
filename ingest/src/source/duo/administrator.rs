//! The administrator log (`/admin/v1/logs/administrator`): the older form of what the
//! activity log has too, without ids.

use rollcall_schemas::{Activity, Event};
use serde::Deserialize;

use super::super::adapter::{Context, Output};
use super::super::json;
use super::super::needle::needles;
use super::super::text::Text;
use super::super::time::Moment;
use super::action;
use super::details::{self, Details};

/// One act.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Act<'a> {
    #[serde(borrow)]
    action: Text<'a>,
    /// JSON as text, or words.
    #[serde(borrow)]
    description: Text<'a>,
    #[serde(borrow)]
    isotimestamp: Moment<'a>,
    #[serde(borrow)]
    timestamp: Moment<'a>,
    /// What it was done to: a user's name, a phone's number, a policy's name.
    #[serde(borrow)]
    object: Text<'a>,
    /// The administrator's full name, `API`, `System`, or a directory's synchronisation.
    #[serde(borrow)]
    username: Text<'a>,
}

needles! {
    ACTION = "action",
    DESCRIPTION = "description",
    OBJECT = "object",
    USERNAME = "username",
    WHEN = "isotimestamp",
}

/// Whether it looks as an act in this log does.
pub(super) fn recognises(record: &[u8]) -> bool {
    [&WHEN, &USERNAME, &OBJECT, &DESCRIPTION, &ACTION].iter().all(|needle| needle.is_in(record))
}

/// Reads an act.
pub(super) fn read(record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
    let text = json::text(record);
    let act: Act<'_> = match json::read(&text) {
        Ok(act) => act,
        Err(reason) => return out.reject(&reason),
    };
    if act.action.get().is_none() {
        return out.reject("an act in Duo's administrator log has an `action`; there is none");
    }
    let zone = context.zone;
    let Some(time) = act.isotimestamp.micros(zone).or(act.timestamp.micros(zone)) else {
        return out.reject(
            "`isotimestamp` and `timestamp` are missing or no time; ISO 8601 or seconds were \
             expected",
        );
    };
    let details = Details::of(&act.description);
    out.event(&mut event(&act, &details, time));
}

fn event<'a>(act: &'a Act<'_>, details: &'a Details<'_>, time: i64) -> Event<'a> {
    let mut event = details::event(&act.action, "", details, time);
    if event.outcome != rollcall_schemas::Outcome::Success && event.reason_raw.is_none() {
        event.reason_raw = act.description.cow();
    }
    let name = act.action.or_empty();
    let is_users = ["user_", "bypass_"].iter().any(|begin| name.starts_with(begin));
    let is_sign_in = matches!(event.activity, Activity::Logon | Activity::Verify);
    let is_admins = name.starts_with("admin_") && !is_sign_in;
    match act.object.get() {
        Some(object) if is_users || is_admins && !act.username.is(object) => {
            event.user_name = act.object.lower();
            event.user_type = is_admins.then_some("admin".into());
            event.actor = act.username.cow();
        }
        // Whose the phone is that an administrator adds or takes isn't said.
        _ if action::is_of_somebody(name) => {
            event.actor = act.username.cow();
            event.resource = act.object.cow();
        }
        _ => {
            // Who couldn't sign in stands in the details only.
            event.user_name = details.email.lower().or(act.username.lower());
            event.user_type = is_sign_in.then_some("admin".into());
            event.resource = act.object.cow();
        }
    }
    if name.starts_with("policy_") {
        event.policy_name = act.object.cow();
    }
    event
}
