//! Google Workspace: activities of the Admin SDK Reports API, in pages (`items`)
//! or one each. The applications `login` and `user_accounts`, and of `admin`,
//! `token` and `saml` what concerns sign-ins.
//!
//! ```text
//! record       what is read of an activity
//! activity     event names
//! challenge    login challenges: factors, MFA
//! ```
//!
//! One activity may hold several events: each is a row of its own, and those after
//! the first have their number behind the activity's identity. A sign-in by SAML
//! says nothing of a second factor: the identity provider asked for it.

mod activity;
mod challenge;
mod record;

use std::borrow::Cow;

use rollcall_schemas::{
    Activity, Credential, Event, Outcome, Platform, PolicyMode, PolicyResult, Reason,
};

use super::adapter::{Adapter, Context, Output, Source};
use super::needle::needles;
use super::{address, country, json, text, time};
use record::{ActivityEvent, Report};

/// Google Workspace's row in the table of sources.
pub(super) static SOURCE: Source = Source {
    name: "google_workspace",
    title: "Google Workspace audit activities",
    documentation: "https://developers.google.com/workspace/admin/reports/v1/appendix/activity/login",
    recognises: &recognises,
    split: Some(&|record| json::split(record, BUNDLES)),
    stateful: false,
    has_event_id: true,
    open: &|| Box::new(Workspace),
    mapping: None,
    about: include_str!("about.toml"),
};

/// Pages of the Reports API.
const BUNDLES: &[&[&str]] = &[&["items"]];

needles! {
    QUALIFIER = "uniqueQualifier",
    APPLICATION = "applicationName",
    PAGE = "admin#reports#activities",
    OLDER_PAGE = "reports#activities",
}

fn recognises(record: &[u8]) -> bool {
    QUALIFIER.is_in(record) && APPLICATION.is_in(record)
        || PAGE.is_in(record)
        || OLDER_PAGE.is_in(record)
}

struct Workspace;

impl Adapter for Workspace {
    fn read(&mut self, record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
        let text = json::text(record);
        let report: Report<'_> = match json::read(&text) {
            Ok(report) => report,
            Err(_) if json::is_empty_bundle(record, BUNDLES) => return out.not_authentication(),
            Err(reason) => return out.reject(&reason),
        };
        let Some(time) = time::of_text(&report.id.time, context.zone) else {
            // A page without activities has no `items`.
            if report.kind.or_empty().ends_with("#activities")
                || json::is_empty_bundle(record, BUNDLES)
            {
                return out.not_authentication();
            }
            return out.reject("`id.time` is missing or no time; RFC 3339 was expected");
        };
        if !out.has_room(report.events.items.len()) {
            return out.reject("it is too long for so many `events`; Google writes few in one");
        }
        if report.events.items.is_empty() {
            out.event(&mut event(&report, &ActivityEvent::default(), 0, time));
        }
        for (number, said) in report.events.items.iter().enumerate() {
            out.event(&mut event(&report, said, number, time));
        }
    }
}

fn event<'a>(
    report: &'a Report<'_>,
    said: &'a ActivityEvent<'_>,
    number: usize,
    time: i64,
) -> Event<'a> {
    let application = report.id.application_name.or_empty();
    let network = &report.network_info;
    let mut event = Event {
        time,
        source_event_id: identity(report, number),
        activity: activity::of(application, said.name.or_empty(), said.kind.or_empty()),
        operation: said.name.cow(),
        platform: Platform::Idp,
        service: Some(Cow::Borrowed("Google Workspace")),
        ip: report.ip_address.get().and_then(address::address).map(Cow::Borrowed),
        country: network.region_code.get().and_then(country::code),
        region: network.subdivision_code.cow(),
        asn: network.ip_asn.first().and_then(|asn| asn.parse().ok()),
        ..Event::default()
    };
    (event.outcome, event.reason) = outcome(application, said);
    event.reason_raw = said
        .text("login_failure_type")
        .or(said.text("failure_type"))
        .or(said.text("login_challenge_status").filter(|_| event.reason.is_some()));
    who(&mut event, report, said);
    where_to(&mut event, application, said);
    how(&mut event, application, said);
    challenge::fill(&mut event, said);
    policy(&mut event, said);
    event
}

/// Customer, application, time and qualifier: Google promises that they are unique
/// together only.
fn identity<'a>(report: &Report<'_>, number: usize) -> Option<Cow<'a, str>> {
    let id = &report.id;
    let qualifier = id.unique_qualifier.get()?;
    let (customer, application, time) =
        (id.customer_id.or_empty(), id.application_name.or_empty(), id.time.or_empty());
    Some(Cow::Owned(match number {
        0 => format!("{customer}/{application}/{time}/{qualifier}"),
        number => format!("{customer}/{application}/{time}/{qualifier}/{number}"),
    }))
}

/// Names say how an event ended; only challenges have a status of their own.
fn outcome(application: &str, said: &ActivityEvent<'_>) -> (Outcome, Option<Reason>) {
    match said.name.or_empty() {
        "" => (Outcome::Unknown, None),
        "login_failure" if application == "saml" => saml_failure(said),
        "login_failure" => login_failure(said),
        "login_challenge" | "login_verification" => challenge::outcome(said),
        "risky_sensitive_action_blocked" => (Outcome::Denied, Some(Reason::Risk)),
        "deny" if application == "token" => (Outcome::Denied, None),
        // Sign-ins that Google stopped; one that it let through is a success.
        "suspicious_login"
        | "suspicious_login_less_secure_app"
        | "suspicious_programmatic_login" => (Outcome::Denied, Some(Reason::Risk)),
        "gov_attack_warning" => (Outcome::Unknown, None),
        "user_signed_out_due_to_suspicious_session_cookie" => {
            (Outcome::Success, Some(Reason::Risk))
        }
        _ => (Outcome::Success, None),
    }
}

fn login_failure(said: &ActivityEvent<'_>) -> (Outcome, Option<Reason>) {
    match said.word("login_failure_type").unwrap_or_default() {
        "login_failure_invalid_password" => (Outcome::Failure, Some(Reason::BadPassword)),
        "login_failure_account_disabled" => (Outcome::Failure, Some(Reason::Disabled)),
        "login_failure_access_code_disallowed" => (Outcome::Denied, Some(Reason::NotAuthorized)),
        // Google no longer says it of every failure.
        "" | "login_failure_unknown" => (Outcome::Failure, Some(Reason::Unknown)),
        _ => (Outcome::Failure, Some(Reason::Other)),
    }
}

/// A sign-in to an application through Google's SAML that came to nothing: the
/// person was signed in, and the application wasn't theirs or not set up.
fn saml_failure(said: &ActivityEvent<'_>) -> (Outcome, Option<Reason>) {
    match said.word("failure_type").unwrap_or_default() {
        "failure_app_not_configured_for_user" | "failure_app_not_enabled_for_user" => {
            (Outcome::Denied, Some(Reason::NotAuthorized))
        }
        "" | "failure_unknown" => (Outcome::Failure, Some(Reason::Unknown)),
        _ => (Outcome::Failure, Some(Reason::Other)),
    }
}

/// Whom the event is about: who acted, but for warnings the address that Google
/// names, and for an administrator's acts the account that they were done to.
fn who<'a>(event: &mut Event<'a>, report: &'a Report<'_>, said: &'a ActivityEvent<'_>) {
    let actor = &report.actor;
    // Elsewhere the address is a sender's who was blocked.
    let warned = said.word("affected_email_address").filter(|_| said.kind.is("account_warning"));
    let named = warned.or(said.word("USER_EMAIL"));
    let acting = actor.email.get();
    let is_other =
        named.is_some_and(|named| !acting.is_some_and(|acting| acting.eq_ignore_ascii_case(named)));
    if is_other {
        event.user_name = named.map(text::lower);
        event.actor = actor.email.cow().or(actor.key.cow());
        return;
    }
    event.user_id = actor.profile_id.cow();
    event.user_name = actor.email.lower().or(actor.key.lower());
    event.user_type = actor.caller_type.cow();
    if actor.caller_type.is("KEY") {
        event.interactive = Some(false);
    }
}

fn where_to<'a>(event: &mut Event<'a>, application: &str, said: &'a ActivityEvent<'_>) {
    match application {
        "saml" => event.service = said.text("application_name").or(event.service.take()),
        "token" => {
            event.service = said.text("app_name").or(event.service.take());
            event.resource = said.text("api_name");
        }
        "admin" => {
            event.resource = said
                .text("GROUP_EMAIL")
                .or(said.text("ROLE_NAME"))
                .or(said.text("APPLICATION_NAME"))
                .or(said.text("ORG_UNIT_NAME"))
                .or(said.text("DOMAIN_NAME"));
        }
        _ => event.resource = said.text("sensitive_action_name"),
    }
}

/// `login_type`: what was used to get in.
fn how(event: &mut Event<'_>, application: &str, said: &ActivityEvent<'_>) {
    match said.word("login_type").unwrap_or_default() {
        "saml" => event.protocol = Some(Cow::Borrowed("saml")),
        "oidc" => event.protocol = Some(Cow::Borrowed("oidc")),
        // An existing credential is exchanged for an other one.
        "exchange" => event.credential = Some(Credential::Session),
        _ => {}
    }
    match application {
        "saml" => {
            event.protocol = Some(Cow::Borrowed("saml"));
            event.credential = Some(Credential::Session);
        }
        "token" => event.protocol = Some(Cow::Borrowed("oauth2")),
        _ => {}
    }
    let is_sign_in = matches!(event.activity, Activity::Logon | Activity::Verify);
    let is_by_hand =
        matches!(said.word("login_type"), Some("google_password" | "reauth" | "saml" | "oidc"));
    if is_sign_in && is_by_hand && event.interactive.is_none() {
        event.interactive = Some(true);
    }
}

fn policy<'a>(event: &mut Event<'a>, said: &'a ActivityEvent<'_>) {
    match event.activity {
        Activity::PolicyChange => {
            event.policy_name = said.text("SETTING_NAME").or(said.name.cow());
        }
        Activity::PolicyDecision => {
            let is_denied = event.outcome == Outcome::Denied;
            event.policy_mode = Some(PolicyMode::Enforced);
            event.policy_result =
                Some(if is_denied { PolicyResult::Denied } else { PolicyResult::Allowed });
            event.blocked = Some(is_denied);
        }
        _ if event.reason == Some(Reason::Risk) && event.outcome == Outcome::Denied => {
            event.blocked = Some(true);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
