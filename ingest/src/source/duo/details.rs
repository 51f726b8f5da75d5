//! What both logs of acts have: a name, and details as JSON within a text.

use std::borrow::Cow;

use rollcall_schemas::{Activity, Event, Factor, Mfa, Outcome, Platform};
use serde::Deserialize;

use super::super::text::Text;
use super::super::{address, json};
use super::action;

/// Details, as far as they are read.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Details<'a> {
    #[serde(borrow)]
    pub(super) ip_address: Text<'a>,
    /// Of an administrator's sign-in.
    #[serde(borrow)]
    pub(super) factor: Text<'a>,
    #[serde(borrow)]
    pub(super) email: Text<'a>,
    #[serde(borrow)]
    pub(super) error: Text<'a>,
}

impl<'a> Details<'a> {
    /// Of a text that may hold an object; most hold words.
    pub(super) fn of(text: &'a Text<'_>) -> Self {
        text.get().and_then(|text| json::read(text).ok()).unwrap_or_default()
    }
}

/// An event of an act, but for who did it to what.
pub(super) fn event<'a>(
    name: &'a Text<'_>,
    result: &str,
    details: &'a Details<'_>,
    time: i64,
) -> Event<'a> {
    let act = name.or_empty();
    let mut event = Event {
        time,
        activity: action::activity(act),
        operation: name.cow(),
        platform: Platform::Idp,
        service: Some(Cow::Borrowed("Duo")),
        factor: action::factor(act),
        ip: details.ip_address.get().and_then(address::address).map(Cow::Borrowed),
        ..Event::default()
    };
    (event.outcome, event.reason) = action::outcome(act, result);
    if event.outcome != Outcome::Success {
        event.reason_raw = details.error.cow();
    }
    // Administrators sign in to the Admin Panel with two factors; the second is named.
    if matches!(event.activity, Activity::Logon | Activity::Verify)
        && let Some(word) = details.factor.get()
    {
        event.factor = Some(action::of_sign_in(word));
        if event.activity == Activity::Logon && event.outcome == Outcome::Success {
            event.mfa = Mfa::Performed;
            event.interactive = Some(true);
        }
    }
    event.phishing_resistant = event.factor.and_then(Factor::phishing_resistant);
    event
}
