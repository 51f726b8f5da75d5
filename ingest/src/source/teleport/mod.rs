//! Teleport audit events: the lines of its log, and what its event handler and
//! `tctl` give out.
//!
//! ```text
//! record       what is read of an event
//! activity     event names
//! outcome      codes, errors
//! ```
//!
//! Teleport names the second factor of a sign-in itself, but for one through an
//! identity provider, which says nothing. A challenge and its answer share no id;
//! only access requests have a flow's key, their own.

mod activity;
mod outcome;
mod record;

use std::borrow::Cow;

use rollcall_schemas::{
    Activity, Credential, Event, Factor, Mfa, Outcome, PolicyMode, PolicyResult,
};

use super::adapter::{Adapter, Context, Output, Source};
use super::needle::needles;
use super::text::Text;
use super::{address, json};
use record::AuditEvent;

/// Teleport's row in the table of sources.
pub(super) static SOURCE: Source = Source {
    name: "teleport",
    title: "Teleport audit events",
    documentation: "https://goteleport.com/docs/reference/audit-events/",
    recognises: &recognises,
    split: Some(&|record| json::split(record, BUNDLES)),
    stateful: false,
    has_event_id: true,
    open: &|| Box::new(Teleport),
    mapping: None,
    about: include_str!("about.toml"),
};

const BUNDLES: &[&[&str]] = &[];

needles! {
    EVENT = "event",
    CODE = "code",
    UID = "uid",
    INDEX = "ei",
    CLUSTER = "cluster_name",
    GOOGLE_CLOUD = "protoPayload",
}

fn recognises(record: &[u8]) -> bool {
    EVENT.is_in(record)
        && CODE.is_in(record)
        && UID.is_in(record)
        && (INDEX.is_in(record) || CLUSTER.is_in(record) && !GOOGLE_CLOUD.is_in(record))
}

struct Teleport;

impl Adapter for Teleport {
    fn read(&mut self, record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
        let text = json::text(record);
        let audit: AuditEvent<'_> = match json::read(&text) {
            Ok(audit) => audit,
            Err(_) if json::is_empty_bundle(record, BUNDLES) => return out.not_authentication(),
            Err(reason) => return out.reject(&reason),
        };
        if audit.event.get().is_none() {
            return out.reject("a Teleport event has an `event`; there is none");
        }
        let Some(time) = audit.time.micros(context.zone) else {
            return out.reject("`time` is missing or no time; RFC 3339 was expected");
        };
        out.event(&mut event(&audit, time, context));
    }
}

fn event<'a>(audit: &'a AuditEvent<'_>, time: i64, context: &Context<'_>) -> Event<'a> {
    let name = audit.event.or_empty();
    let activity = activity::of(name, audit.code.or_empty());
    let mut event = Event {
        time,
        source_event_id: audit.uid.cow(),
        activity,
        operation: audit.event.cow(),
        platform: activity::platform(name),
        service: Some(Cow::Borrowed("Teleport")),
        resource: resource(audit),
        ip: audit.remote.get().and_then(address::address).map(Cow::Borrowed),
        user_agent: audit.user_agent.cow(),
        device_id: audit.trusted_device.device_id.cow(),
        session_id: audit.sid.cow(),
        flow_id: audit.id.cow().filter(|_| name.starts_with("access_request.")),
        ..Event::default()
    };
    (event.outcome, event.reason) = outcome::of(audit, activity);
    if event.reason.is_some() {
        event.reason_raw = audit.error.cow().or(audit.message.cow()).or(audit.reason.cow());
    }
    who(&mut event, audit);
    how(&mut event, audit);
    factor(&mut event, audit, context);
    policy(&mut event, audit);
    event
}

/// What was reached: a server, an application, a database, a cluster, a desktop.
fn resource<'a>(audit: &'a AuditEvent<'_>) -> Option<Cow<'a, str>> {
    audit
        .app_name
        .cow()
        .or(audit.db_service.cow())
        .or(audit.desktop_name.cow())
        .or(audit.kubernetes_cluster.cow())
        .or(audit.service_provider_entity_id.cow())
        .or(audit.server_hostname.cow())
        .or(audit.server_id.cow())
        .or(audit.name.cow())
        .or(audit.roles.joined())
        .or(audit.cluster_name.cow())
}

/// Whom the event is about. Accounts that are made, changed or recovered are in
/// `name`, and who did it is the user; of a bot or a host that joins there is no
/// user.
fn who<'a>(event: &mut Event<'a>, audit: &'a AuditEvent<'_>) {
    let by = audit.user.get().or(audit.updated_by.get()).or(audit.reviewer.get());
    let is_about_name = match audit.event.or_empty() {
        "user.create"
        | "user.update"
        | "user.delete"
        | "reset_password_token.create"
        | "recovery_token.create"
        | "privilege_token.create"
        | "bot.create"
        | "bot.update"
        | "bot.delete" => true,
        "access_request.review" | "access_request.update" => {
            event.user_name = audit.user.lower();
            let reviewer = audit.reviewer.get().or(audit.updated_by.get());
            event.actor = reviewer.map(Cow::Borrowed);
            return;
        }
        "lock.created" if audit.target.user.get().is_some() => {
            event.user_name = audit.target.user.lower();
            event.actor = by.map(Cow::Borrowed);
            return;
        }
        _ => false,
    };
    if is_about_name && audit.name.get().is_some() {
        event.user_name = audit.name.lower();
        event.actor = by.filter(|by| audit.name.get() != Some(by)).map(Cow::Borrowed);
        event.resource = None;
        return;
    }
    event.user_name = audit
        .user
        .lower()
        .or(audit.identity.user.lower())
        .or(audit.bot_name.lower())
        .or(audit.node_name.lower())
        .or(audit.host_id.lower())
        .or(audit.updated_by.lower());
    event.user_type = match (audit.user_kind.0, audit.event.or_empty()) {
        (Some(2), _) | (_, "bot.join") => Some(Cow::Borrowed("bot")),
        (Some(1), _) => Some(Cow::Borrowed("human")),
        (_, "instance.join") => Some(Cow::Borrowed("instance")),
        _ => None,
    };
    if matches!(event.user_type.as_deref(), Some("bot" | "instance")) {
        event.interactive = Some(false);
    }
}

/// How someone got in: `method` of a sign-in; everything else is done with a
/// certificate that a sign-in gave.
fn how(event: &mut Event<'_>, audit: &AuditEvent<'_>) {
    let name = audit.event.or_empty();
    match (name, audit.method.or_empty()) {
        ("user.login", "local") => by_hand(event),
        ("user.login", method @ ("saml" | "oidc")) => {
            event.protocol = Some(Cow::Owned(method.to_owned()));
            by_hand(event);
        }
        ("user.login", "github") => {
            event.protocol = Some(Cow::Borrowed("oauth2"));
            by_hand(event);
        }
        ("user.login", "headless") => event.protocol = Some(Cow::Borrowed("headless")),
        ("bot.join" | "instance.join", method) => {
            event.credential = Some(match method {
                "token" => Credential::AccessToken,
                _ => Credential::App,
            });
            if !method.is_empty() {
                event.protocol = Some(Cow::Owned(method.to_ascii_lowercase()));
            }
        }
        ("saml.idp.auth", _) => {
            event.protocol = Some(Cow::Borrowed("saml"));
            event.credential = Some(Credential::Session);
        }
        ("auth", _) => {
            event.protocol = Some(Cow::Borrowed("ssh2"));
            event.credential = Some(Credential::Certificate);
        }
        _ if matches!(event.activity, Activity::Access | Activity::Logoff) => {
            event.credential = Some(Credential::Certificate);
        }
        ("cert.create", _) => event.credential = Some(Credential::Certificate),
        _ => {}
    }
}

/// A person signs in, unless it is known to be a bot.
fn by_hand(event: &mut Event<'_>) {
    event.interactive.get_or_insert(true);
}

/// The second factor. `with_mfa` of a session says that its certificate was
/// verified by one before.
fn factor(event: &mut Event<'_>, audit: &AuditEvent<'_>, context: &Context<'_>) {
    let hash = |id: &Text<'_>| id.get().map(|id| Cow::Owned((context.keyed_hash)(id)));
    let (kind, id) = match event.activity {
        Activity::Logon | Activity::Verify => {
            (&audit.mfa_device.mfa_device_type, &audit.mfa_device.mfa_device_uuid)
        }
        Activity::Enroll | Activity::Unenroll => (&audit.mfa_device_type, &audit.mfa_device_uuid),
        _ => {
            if audit.with_mfa.get().is_some() {
                event.mfa = Mfa::ClaimInToken;
                event.factor_id = hash(&audit.with_mfa);
            }
            if audit.event.or_empty().starts_with("recovery_code.") {
                event.factor = Some(Factor::RecoveryCode);
                event.phishing_resistant = Factor::RecoveryCode.phishing_resistant();
            }
            return;
        }
    };
    event.factor = kind.get().map(of_type);
    event.factor_id = hash(id);
    event.phishing_resistant = event.factor.and_then(Factor::phishing_resistant);
    let has_given = event.outcome == Outcome::Success && event.factor.is_some();
    if matches!(event.activity, Activity::Logon | Activity::Verify) && has_given {
        event.mfa = Mfa::Performed;
    }
}

/// `mfa_device_type`. SSO: an identity provider was asked again.
fn of_type(kind: &str) -> Factor {
    match kind {
        "TOTP" => Factor::Totp,
        "U2F" => Factor::HardwareKey,
        "WebAuthn" => Factor::Webauthn,
        _ => Factor::Other,
    }
}

fn policy<'a>(event: &mut Event<'a>, audit: &'a AuditEvent<'_>) {
    match event.activity {
        Activity::PolicyChange => event.policy_name = audit.name.cow(),
        Activity::PolicyDecision => {
            let result = match event.outcome {
                Outcome::Success => PolicyResult::Allowed,
                Outcome::Denied => PolicyResult::Denied,
                _ => PolicyResult::Unknown,
            };
            event.policy_mode = Some(PolicyMode::Enforced);
            event.policy_result = Some(result);
            event.blocked = Some(result == PolicyResult::Denied);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
