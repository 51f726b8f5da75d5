//! Okta System Log: one LogEvent per record, in a list, or within an event hook
//! (`data.events`) or an EventBridge envelope (`detail`).
//!
//! ```text
//! record       what is read of a LogEvent
//! target       what the targets of an event say
//! activity     event types
//! outcome      results and reasons
//! factor       authenticators
//! ```
//!
//! Which key makes a flow: the session (`rootSessionId`, else
//! `externalSessionId`). The push that is sent and the answer to it are two
//! requests with two `transaction.id`s, and only the session is surely on both;
//! `authnRequestId` is missing in Classic organisations. Where there is no
//! session (a failure before one exists) `authnRequestId`, then the transaction
//! tie the events of the request together. `dtHash` names a browser, not a
//! flow: it is the device where Okta knows no better one.

mod activity;
mod factor;
mod outcome;
mod record;
mod target;

use std::borrow::Cow;

use rollcall_schemas::{
    Activity, Credential, Event, Factor, Mfa, Outcome, Platform, PolicyMode, PolicyResult,
    PolicyStep, Reason,
};

use super::adapter::{Adapter, Context, Output, Source};
use super::needle::needles;
use super::{address, country, json, text};
use record::{Actor, LogEvent};
use target::Targets;

/// Okta's row in the table of sources.
pub(super) static SOURCE: Source = Source {
    name: "okta",
    title: "Okta System Log",
    documentation: "https://developer.okta.com/docs/api/openapi/okta-management/management/tag/SystemLog/",
    recognises: &recognises,
    split: Some(&split),
    stateful: false,
    has_event_id: true,
    open: &|| Box::new(Okta),
    mapping: None,
    about: include_str!("about.toml"),
};

/// Event hooks, EventBridge.
const BUNDLES: &[&[&str]] = &[&["data", "events"], &["detail"]];

/// What a LogEvent begins with; a bundle has none of these keys.
const OWN: &[&str] = &["actor", "client", "uuid", "published", "displayMessage"];

fn split(record: &[u8]) -> Vec<&[u8]> {
    // Each event has a `detail` of its own, in its transaction.
    if json::begins_with(record, OWN) { vec![record] } else { json::split(record, BUNDLES) }
}

needles! {
    EVENT_TYPE = "eventType",
    PUBLISHED = "published",
    ACTOR = "actor",
}

fn recognises(record: &[u8]) -> bool {
    EVENT_TYPE.is_in(record) && PUBLISHED.is_in(record) && ACTOR.is_in(record)
}

struct Okta;

impl Adapter for Okta {
    fn read(&mut self, record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
        let text = json::text(record);
        let log: LogEvent<'_> = match json::read(&text) {
            Ok(log) => log,
            Err(_) if json::is_empty_bundle(record, BUNDLES) => return out.not_authentication(),
            Err(reason) => return out.reject(&reason),
        };
        if log.event_type.get().is_none() {
            if json::is_empty_bundle(record, BUNDLES) {
                return out.not_authentication();
            }
            return out.reject("an Okta event has an `eventType`; there is none");
        }
        let Some(time) = log.published.micros(context.zone) else {
            // An event hook's envelope has an `eventType` of its own.
            if json::is_empty_bundle(record, BUNDLES) {
                return out.not_authentication();
            }
            return out.reject("`published` is missing or no time; ISO 8601 was expected");
        };
        out.event(&mut event(&log, time, context));
    }
}

fn event<'a>(log: &'a LogEvent<'_>, time: i64, context: &Context<'_>) -> Event<'a> {
    let event_type = log.event_type.or_empty();
    let activity = activity::of(event_type);
    let mut event = Event {
        time,
        source_event_id: log.uuid.cow(),
        activity,
        operation: log.event_type.cow(),
        platform: Platform::Idp,
        reason_raw: log.outcome.reason.cow(),
        ..Event::default()
    };
    (event.outcome, event.reason) = outcome::of(log, activity);
    who(&mut event, log);
    where_to(&mut event, &log.target);
    how(&mut event, log, context);
    flow(&mut event, log);
    client(&mut event, log);
    if event_type == "policy.evaluate_sign_on" {
        policy(&mut event, &log.target);
    } else if event.activity == Activity::PolicyChange {
        let changed = log.target.policies.last().unwrap_or(&log.target.rule);
        event.policy_id = changed.id.cow();
        event.policy_name = changed.name.cow();
    } else if event.outcome == Outcome::Denied
        && matches!(event.reason, Some(Reason::Policy | Reason::Risk))
    {
        event.blocked = Some(true);
    }
    event
}

/// The account that the event is about. Okta writes some events about a person
/// under the system's name (a push sent) or an administrator's (factors reset):
/// then it is the target, and the actor is who did it.
fn who<'a>(event: &mut Event<'a>, log: &'a LogEvent<'_>) {
    let actor = &log.actor;
    let user = &log.target.user;
    let about_target = user.id.get().is_some()
        && (user.id.get() != actor.id.get())
        && (actor.is_system() || activity::acts_on_target(event.activity));
    let subject: &Actor<'_> = if about_target { user } else { actor };
    if !subject.is_system() {
        event.user_id = subject.id.cow().filter(|id| id != "unknown");
        event.user_name = subject.login().map(text::lower);
        event.user_type = subject.kind.cow();
    }
    if about_target || subject.is_system() {
        event.actor = actor.login().map(Cow::Borrowed);
    } else if event.activity == Activity::Elevate {
        event.resource = user.login().map(Cow::Borrowed);
    }
    event.interactive = match (event.activity, actor.kind.or_empty()) {
        (_, "PublicClientApp") | (Activity::TokenIssue, _) => None,
        (Activity::Logon | Activity::Verify | Activity::Challenge, "User") => Some(true),
        _ => None,
    };
}

fn where_to<'a>(event: &mut Event<'a>, target: &'a Targets<'_>) {
    event.service = target.app.cow().or(Some(Cow::Borrowed("Okta")));
    event.resource = event.resource.take().or(target.group.cow());
}

fn how<'a>(event: &mut Event<'a>, log: &'a LogEvent<'_>, context: &Context<'_>) {
    let debug = &log.debug_context.debug_data;
    let mentions_factor = matches!(
        event.activity,
        Activity::Challenge
            | Activity::Verify
            | Activity::Enroll
            | Activity::Unenroll
            | Activity::FactorReset
    );
    let factor = if mentions_factor { factor::of(log) } else { None };
    event.factor = factor;
    event.phishing_resistant =
        log.target.is_phishing_resistant().or_else(|| factor.and_then(Factor::phishing_resistant));
    event.factor_id = log
        .target
        .authenticator_id
        .get()
        .filter(|_| mentions_factor)
        .map(|id| Cow::Owned((context.keyed_hash)(id)));
    event.mfa = mfa(event, log);
    event.credential = match log.authentication_context.credential_type.or_empty() {
        "PASSWORD" => Some(Credential::Password),
        "CERTIFICATE" => Some(Credential::Certificate),
        "OKTA_CLIENT_SESSION" | "ASSERTION" | "IWA" => Some(Credential::Session),
        "OAuth 2.0" | "JWT" => Some(Credential::AccessToken),
        _ if event.operation.as_deref() == Some("user.authentication.sso") => {
            Some(Credential::Session)
        }
        _ if log.transaction.detail.request_api_token_id.get().is_some() => {
            Some(Credential::AccessToken)
        }
        _ if factor == Some(Factor::Password) => Some(Credential::Password),
        _ => None,
    };
    event.credential_id = log
        .transaction
        .detail
        .request_api_token_id
        .get()
        .map(|id| Cow::Owned((context.keyed_hash)(id)));
    event.protocol = protocol(debug.sign_on_mode.or_empty(), event.operation.as_deref());
}

/// What the event says of a second factor. `auth_via_mfa` is also written for the
/// password, and a session starts after the password: neither is MFA.
fn mfa(event: &Event<'_>, log: &LogEvent<'_>) -> Mfa {
    match (log.event_type.or_empty(), event.outcome, event.factor) {
        ("user.mfa.attempt_bypass", Outcome::Success, _) => Mfa::Bypassed,
        (_, Outcome::Abandoned, _) if event.activity == Activity::Verify => Mfa::Abandoned,
        ("user.authentication.auth_via_mfa", Outcome::Success, Some(factor))
            if factor != Factor::Password =>
        {
            Mfa::Performed
        }
        _ => Mfa::Unknown,
    }
}

fn protocol<'a>(sign_on_mode: &'a str, operation: Option<&str>) -> Option<Cow<'a, str>> {
    let of_mode = match sign_on_mode {
        "SAML 2.0" | "SAML_2_0" => "saml",
        "SAML 1.1" | "SAML_1_1" => "saml1",
        "OpenID Connect" | "OPENID_CONNECT" => "oidc",
        "WS-Federation" | "WS_FEDERATION" => "wsfed",
        "Secure Web Authentication" | "BROWSER_PLUGIN" | "AUTO_LOGIN" => "swa",
        "" => match operation? {
            operation if operation.starts_with("app.oauth2.") => "oauth2",
            "user.authentication.auth_via_radius" => "radius",
            "user.authentication.auth_via_inbound_SAML" => "saml",
            _ => return None,
        },
        other => return Some(text::lower(other)),
    };
    Some(Cow::Borrowed(of_mode))
}

fn flow<'a>(event: &mut Event<'a>, log: &'a LogEvent<'_>) {
    let context = &log.authentication_context;
    let known = |id: &'a text::Text<'_>| id.cow().filter(|id| id != "unknown");
    event.session_id = known(&context.external_session_id).or(known(&context.root_session_id));
    event.flow_id = known(&context.root_session_id)
        .or(known(&context.external_session_id))
        .or(known(&log.debug_context.debug_data.authn_request_id))
        .or(known(&log.transaction.id));
}

fn client<'a>(event: &mut Event<'a>, log: &'a LogEvent<'_>) {
    let client = &log.client;
    let place = &client.geographical_context;
    let network = &log.security_context;
    let named =
        |text: &'a text::Text<'_>| text.cow().filter(|it| !it.eq_ignore_ascii_case("unknown"));
    event.ip = client.ip_address.get().and_then(address::address).map(Cow::Borrowed);
    event.country = place.country.get().and_then(country::code);
    event.region = place.state.cow();
    event.city = place.city.cow();
    event.lat_e6 = place.geolocation.lat.0;
    event.lon_e6 = place.geolocation.lon.0;
    event.asn = network.as_number.narrow();
    event.as_org = network.as_org.cow();
    event.is_proxy = network.is_proxy.0;
    event.user_agent = client.user_agent.raw_user_agent.cow();
    event.browser = named(&client.user_agent.browser);
    event.os = named(&client.user_agent.os);
    event.device_id = log.device.id.cow().or(log.debug_context.debug_data.dt_hash.cow());
    event.device_managed = log.device.managed.0;
}

/// Identity Engine puts the global session policy and the application's into one
/// event with one result; the last is the one nearer to the access.
fn policy<'a>(event: &mut Event<'a>, target: &'a Targets<'_>) {
    let result = match event.outcome {
        Outcome::Success => PolicyResult::Allowed,
        Outcome::Interrupted => PolicyResult::Challenged,
        Outcome::Denied => PolicyResult::Denied,
        _ => PolicyResult::Unknown,
    };
    let decisive = target.policies.last().unwrap_or(&target.rule);
    event.policy_id = decisive.id.cow();
    event.policy_name = decisive.name.cow();
    event.policy_mode = Some(PolicyMode::Enforced);
    event.policy_result = Some(result);
    event.blocked = Some(result == PolicyResult::Denied);
    if target.policies.len() > 1 {
        event.policies = target
            .policies
            .iter()
            .map(|policy| PolicyStep {
                id: policy.id.cow(),
                name: policy.name.cow(),
                mode: PolicyMode::Enforced,
                result,
            })
            .collect();
    }
}

#[cfg(test)]
mod tests;
