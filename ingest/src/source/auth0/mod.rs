//! Auth0 tenant logs: events as the Management API lists them, and as log streams
//! send them (`{"log_id":…,"data":{…}}`), one each, in lists, under `logs`, or
//! within an EventBridge (`detail`) or HEC (`event`) envelope.
//!
//! ```text
//! record       what is read of an event
//! activity     event codes: what happened, and how it ended
//! reason       sentences that tell why a login failed
//! factor       factors
//! prompt       the prompts of a sign-in: steps, MFA, duration
//! api          operations of the Management API
//! ```
//!
//! Auth0 gives the events of one sign-in no key in common: the answer to a second
//! factor and the login that it belongs to are two rows, and no row has a flow.

mod activity;
mod api;
mod factor;
mod prompt;
mod reason;
mod record;

use std::borrow::Cow;

use rollcall_schemas::{
    Activity, Credential, Event, Factor, Mfa, Outcome, Platform, PolicyMode, PolicyResult, Reason,
};

use super::adapter::{Adapter, Context, Output, Source};
use super::needle::needles;
use super::object::Object;
use super::text::Text;
use super::{address, country, json};
use record::{Envelope, Log};

/// Auth0's row in the table of sources.
pub(super) static SOURCE: Source = Source {
    name: "auth0",
    title: "Auth0 tenant logs",
    documentation: "https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes",
    recognises: &recognises,
    split: Some(&|record| json::split(record, BUNDLES)),
    stateful: false,
    has_event_id: true,
    open: &|| Box::new(Auth0),
    mapping: None,
    about: include_str!("about.toml"),
};

/// Log streams and pages of the Management API, EventBridge, HEC.
const BUNDLES: &[&[&str]] = &[&["logs"], &["detail"], &["event"]];

needles! {
    LOG_ID = "log_id",
    DATE = "date",
    KIND = "type",
    DATA = "data",
}

fn recognises(record: &[u8]) -> bool {
    LOG_ID.is_in(record) && DATE.is_in(record) && KIND.is_in(record)
}

struct Auth0;

impl Adapter for Auth0 {
    fn read(&mut self, record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
        let text = json::text(record);
        let (log, sent_id) = match read(&text) {
            Ok(read) => read,
            Err(_) if json::is_empty_bundle(record, BUNDLES) => return out.not_authentication(),
            Err(reason) => return out.reject(&reason),
        };
        if log.kind.get().is_none() {
            if json::is_empty_bundle(record, BUNDLES) {
                return out.not_authentication();
            }
            return out.reject("an Auth0 event has a `type`; there is none");
        }
        let Some(time) = log.date.micros(context.zone) else {
            return out.reject("`date` is missing or no time; ISO 8601 was expected");
        };
        let mut event = event(&log, time, context);
        event.source_event_id = log.log_id.cow().or(sent_id.cow());
        out.event(&mut event);
    }
}

/// The event, and the id that a stream gave it.
fn read(text: &str) -> Result<(Log<'_>, Text<'_>), String> {
    if DATA.is_in(text.as_bytes()) {
        let Envelope { log_id, data: Object(log) } = json::read(text)?;
        if log.kind.get().is_some() {
            return Ok((log, log_id));
        }
    }
    Ok((json::read(text)?, Text::None))
}

fn event<'a>(log: &'a Log<'_>, time: i64, context: &Context<'_>) -> Event<'a> {
    let kind = log.kind.or_empty();
    let (activity, outcome, reason) = activity::of(kind);
    let mut event = Event {
        time,
        activity,
        outcome,
        reason,
        operation: log.kind.cow(),
        platform: Platform::Idp,
        service: log.client_name.cow().or(Some(Cow::Borrowed("Auth0"))),
        user_id: log.user_id.cow(),
        user_name: log.user_name.lower(),
        session_id: log.details.session_id.cow(),
        ..Event::default()
    };
    if !matches!(outcome, Outcome::Success | Outcome::Unknown) {
        event.reason_raw = log.details.error.message.cow().or(log.description.cow());
    }
    if reason == Some(Reason::Unknown) {
        reason::fill(&mut event);
    }
    how(&mut event, log);
    if api::is_operation(kind) {
        api::fill(&mut event, log, context);
    }
    client(&mut event, log);
    event
}

fn how(event: &mut Event<'_>, log: &Log<'_>) {
    let kind = log.kind.or_empty();
    event.factor = factor::of(log);
    event.mfa = match kind {
        "gd_auth_succeed" | "gd_recovery_succeed" => Mfa::Performed,
        // A password, or a passkey, and then the factor that the code names.
        "seotpft" | "seoobft" | "sercft" | "sepkotpft" | "sepkoobft" | "sepkrcft" => Mfa::Performed,
        _ => Mfa::Unknown,
    };
    if event.activity == Activity::Logon && event.outcome == Outcome::Success {
        prompt::fill(event, &log.details);
    }
    event.phishing_resistant = event.factor.and_then(Factor::phishing_resistant);
    let is_federated = log.strategy_type.is("social") || log.strategy_type.is("enterprise");
    event.credential = match kind {
        "ssa" => Some(Credential::Session),
        "seccft" | "feccft" => Some(Credential::App),
        "fp" | "scoa" | "fcoa" | "sepft" | "fepft" | "seotpft" | "feotpft" | "seoobft"
        | "feoobft" | "sercft" | "fercft" => Some(Credential::Password),
        "s" if event.factors.iter().any(|step| step.factor == Factor::Password) => {
            Some(Credential::Password)
        }
        // Another identity provider's word.
        "s" if is_federated => Some(Credential::Session),
        _ => None,
    };
    event.interactive = match kind {
        "ssa" | "fsa" | "seccft" | "feccft" => Some(false),
        "fp" | "fu" | "gd_auth_succeed" | "gd_auth_failed" | "gd_auth_rejected" => Some(true),
        "s" if !log.details.prompts.items.is_empty() => Some(true),
        _ => None,
    };
    event.protocol = activity::is_exchange(kind).then_some(Cow::Borrowed("oauth2"));
    if kind == "mfar" {
        event.policy_result = Some(PolicyResult::Challenged);
        event.policy_mode = Some(PolicyMode::Enforced);
    }
    if kind.starts_with("limit_") && event.activity == Activity::Logon {
        event.blocked = Some(true);
    }
}

fn client<'a>(event: &mut Event<'a>, log: &'a Log<'_>) {
    let place = &log.location_info;
    event.ip = log.ip.get().and_then(address::address).map(Cow::Borrowed);
    event.country = place.country_code.get().and_then(country::code);
    event.city = place.city_name.cow();
    event.lat_e6 = place.latitude.0;
    event.lon_e6 = place.longitude.0;
    event.user_agent = log.user_agent.cow();
}

#[cfg(test)]
mod tests;
