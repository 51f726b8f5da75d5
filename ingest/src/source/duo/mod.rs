//! Duo's authentication log, version 2, its activity log and its administrator log: one event
//! per record, in a list, or in the Admin API's answer (`{"response":{"authlogs":[…]}}`,
//! `{"response":{"items":[…]}}`, `{"response":[…]}`, or what is in `response` alone).
//!
//! ```text
//! record         what is read of an authentication
//! outcome        results and reasons, and what a second factor was
//! factor         factors
//! policy         policies and trust assessments
//! activity       acts of administrators and people
//! administrator  the same in the older log, without ids
//! action         acts by their names
//! details        what both logs of acts have
//! ```
//!
//! Duo judges the second factor of one access to one application, and writes one
//! event for it when it is over: the event is the try, and there is no flow. What
//! was shown before (a password, mostly) is another system's business and isn't
//! said.

mod action;
mod activity;
mod administrator;
mod details;
mod factor;
mod outcome;
mod policy;
mod record;

use std::borrow::Cow;

use rollcall_schemas::{Activity, Event, Factor, Mfa, Outcome, Platform, Reason};

use super::adapter::{Adapter, Context, Output, Source};
use super::needle::needles;
use super::{address, country, json, text};
use record::AuthLog;

/// Duo's row in the table of sources.
pub(super) static SOURCE: Source = Source {
    name: "duo",
    title: "Duo authentication, activity and administrator logs",
    documentation: "https://duo.com/docs/adminapi#authentication-logs",
    recognises: &recognises,
    split: Some(&|record| json::split(record, BUNDLES)),
    stateful: false,
    has_event_id: true,
    open: &|| Box::new(Duo),
    mapping: None,
    about: include_str!("about.toml"),
};

/// The Admin API's answer, and what Duo's client libraries make of it.
const BUNDLES: &[&[&str]] =
    &[&["response", "authlogs"], &["authlogs"], &["response", "items"], &["items"], &["response"]];

needles! {
    AUTH_LOGS = "authlogs",
    TRANSACTION = "txid",
    ACCESS_DEVICE = "access_device",
    AUTH_DEVICE = "auth_device",
    ACTIVITY = "activity_id",
    ACTION = "action",
    ACTOR = "actor",
}

fn recognises(record: &[u8]) -> bool {
    AUTH_LOGS.is_in(record)
        || TRANSACTION.is_in(record) && (ACCESS_DEVICE.is_in(record) || AUTH_DEVICE.is_in(record))
        || is_activity(record)
        || administrator::recognises(record)
}

fn is_activity(record: &[u8]) -> bool {
    ACTIVITY.is_in(record) && ACTION.is_in(record) && ACTOR.is_in(record)
}

struct Duo;

impl Adapter for Duo {
    fn read(&mut self, record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
        if is_activity(record) {
            return activity::read(record, context, out);
        }
        if administrator::recognises(record) {
            return administrator::read(record, context, out);
        }
        let text = json::text(record);
        let log: AuthLog<'_> = match json::read(&text) {
            Ok(log) => log,
            Err(_) if json::is_empty_bundle(record, BUNDLES) => return out.not_authentication(),
            Err(reason) => return out.reject(&reason),
        };
        if log.event_type.get().is_none() && log.result.get().is_none() {
            if json::is_empty_bundle(record, BUNDLES) {
                return out.not_authentication();
            }
            return out.reject("a Duo event has an `event_type` and a `result`; there is neither");
        }
        let zone = context.zone;
        let Some(time) = log.isotimestamp.micros(zone).or(log.timestamp.micros(zone)) else {
            return out.reject(
                "`isotimestamp` and `timestamp` are missing or no time; ISO 8601 or seconds were \
                 expected",
            );
        };
        out.event(&mut event(&log, time, context));
    }
}

fn event<'a>(log: &'a AuthLog<'_>, time: i64, context: &Context<'_>) -> Event<'a> {
    let mut event = Event {
        time,
        source_event_id: log.txid.cow(),
        activity: activity(log),
        operation: log.event_type.cow(),
        platform: Platform::Idp,
        service: log.application.name.cow().or(Some(Cow::Borrowed("Duo"))),
        reason_raw: log.reason.cow(),
        user_id: log.user.key.cow(),
        user_name: log.user.name.get().or(log.alias.get()).or(log.email.get()).map(text::lower),
        ..Event::default()
    };
    (event.outcome, event.reason) = outcome::of(log);
    how(&mut event, log, context);
    policy::fill(&mut event, log);
    client(&mut event, log);
    event
}

fn activity(log: &AuthLog<'_>) -> Activity {
    match log.event_type.or_empty() {
        // New codes were asked for: nothing was judged.
        "authentication" if log.factor.is("sms_refresh") => Activity::Challenge,
        "authentication" => Activity::Logon,
        "enrollment" => Activity::Enroll,
        _ => Activity::Access,
    }
}

fn how(event: &mut Event<'_>, log: &AuthLog<'_>, context: &Context<'_>) {
    event.factor = log.factor.get().and_then(factor::of);
    event.phishing_resistant = event.factor.and_then(Factor::phishing_resistant);
    // A phone's or a security key's; a bypass code is none's.
    if event.factor.is_some_and(|factor| factor != Factor::BypassCode) {
        event.factor_id =
            log.auth_device.key.get().map(|key| Cow::Owned((context.keyed_hash)(key)));
    }
    if event.activity == Activity::Logon {
        event.mfa = outcome::mfa(log, event.outcome, event.factor);
    }
    let someone_answered = event.mfa == Mfa::Performed
        || matches!(
            event.reason,
            Some(Reason::FactorDenied | Reason::FactorFailed | Reason::Abandoned)
        )
        || (event.activity == Activity::Enroll && event.outcome == Outcome::Success);
    event.interactive = someone_answered.then_some(true);
}

/// The device that reaches for the application, not the phone that answers.
fn client<'a>(event: &mut Event<'a>, log: &'a AuthLog<'_>) {
    let device = &log.access_device;
    let named = |text: &'a text::Text<'_>| {
        text.cow().filter(|it| it != "-" && !it.eq_ignore_ascii_case("unknown"))
    };
    event.ip = device.ip.get().and_then(address::address).map(Cow::Borrowed);
    event.country = device.location.country.get().and_then(country::code);
    event.region = named(&device.location.state);
    event.city = named(&device.location.city);
    event.browser = named(&device.browser);
    event.os = named(&device.os);
    event.device_id = named(&device.epkey);
    event.device_managed = match log.trusted_endpoint_status.or_empty() {
        "trusted" => Some(true),
        "not trusted" => Some(false),
        _ => None,
    };
}

#[cfg(test)]
mod tests;
