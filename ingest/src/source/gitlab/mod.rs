//! GitLab audit events: as they are streamed to HTTP destinations, as the API
//! lists them, and the lines of `audit_json.log`; GitLab CI's among them.
//!
//! ```text
//! record       what is read of an event
//! activity     event types, and what older lines say instead
//! method       ways of signing in: outcome, factor, MFA
//! ```
//!
//! Streamed events have their particulars in `details`; a line of the log repeats
//! them beside it, and an old line has nothing else. A line without an `id` has
//! no identity: its `correlation_id` is a request's, and one request writes
//! several lines. It is the flow's key.

mod activity;
mod method;
mod record;

use std::borrow::Cow;

use rollcall_schemas::{Activity, Credential, Event, Outcome, PolicyMode, PolicyResult, Reason};

use super::adapter::{Adapter, Context, Output, Source};
use super::needle::needles;
use super::{address, json, text};
use record::AuditEvent;

/// GitLab's row in the table of sources.
pub(super) static SOURCE: Source = Source {
    name: "gitlab",
    title: "GitLab audit events",
    documentation: "https://docs.gitlab.com/user/compliance/audit_event_schema/",
    recognises: &recognises,
    split: Some(&|record| json::split(record, BUNDLES)),
    stateful: false,
    has_event_id: true,
    open: &|| Box::new(GitLab),
    mapping: None,
    about: include_str!("about.toml"),
};

const BUNDLES: &[&[&str]] = &[];

needles! {
    AUTHOR = "author_id",
    ENTITY = "entity_id",
    ENTITY_TYPE = "entity_type",
}

fn recognises(record: &[u8]) -> bool {
    AUTHOR.is_in(record) && ENTITY.is_in(record) && ENTITY_TYPE.is_in(record)
}

struct GitLab;

impl Adapter for GitLab {
    fn read(&mut self, record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
        let text = json::text(record);
        let audit = match AuditEvent::read(&text) {
            Ok(audit) => audit,
            Err(_) if json::is_empty_bundle(record, BUNDLES) => return out.not_authentication(),
            Err(reason) => return out.reject(&reason),
        };
        let (created, written) = (&audit.created_at, &audit.time);
        let Some(time) = created.micros(context.zone).or(written.micros(context.zone)) else {
            return out
                .reject("`created_at` and `time` are missing or no time; ISO 8601 was expected");
        };
        if audit.author_id.get().is_none() && audit.entity_type.get().is_none() {
            return out
                .reject("a GitLab audit event has `author_id` and `entity_type`; neither is");
        }
        out.event(&mut event(&audit, time));
    }
}

fn event<'a>(audit: &'a AuditEvent<'_>, time: i64) -> Event<'a> {
    let operation = audit.operation();
    let activity = activity::of(audit);
    let mut event = Event {
        time,
        source_event_id: audit.id.cow(),
        activity,
        operation: operation.map(Cow::Borrowed),
        platform: activity::platform(audit),
        service: Some(Cow::Borrowed("GitLab")),
        resource: resource(audit).map(Cow::Borrowed),
        ip: audit.ip_address().and_then(address::address).map(Cow::Borrowed),
        flow_id: audit.correlation_id.cow(),
        ..Event::default()
    };
    (event.outcome, event.reason) = outcome(audit, operation.unwrap_or_default());
    if event.reason.is_some() {
        event.reason_raw = audit.message().map(Cow::Borrowed);
    }
    who(&mut event, audit);
    method::fill(&mut event, audit);
    git(&mut event, audit);
    delivery(&mut event, audit);
    policy(&mut event, audit, operation.unwrap_or_default());
    event
}

/// The project or group; of what an account has (a key, a token), that.
fn resource<'a>(audit: &'a AuditEvent<'_>) -> Option<&'a str> {
    if audit.entity_type.is("User") {
        return audit.target_details().filter(|_| audit.target_type() != Some("User"));
    }
    audit.entity_path().or(audit.target_details())
}

/// The log records what was done: what bears no sign of failure succeeded.
fn outcome(audit: &AuditEvent<'_>, operation: &str) -> (Outcome, Option<Reason>) {
    if let Some(failed) = method::failure(audit) {
        return failed;
    }
    match operation {
        "deployment_rejected" | "ip_restricted_group_accessed" => {
            (Outcome::Denied, Some(Reason::Policy))
        }
        "inactive_scim_user_cannot_be_added" => (Outcome::Denied, Some(Reason::Disabled)),
        "user_access_locked" => (Outcome::Success, Some(Reason::Locked)),
        _ if operation.ends_with("_failed") => (Outcome::Failure, Some(Reason::Other)),
        _ => (Outcome::Success, None),
    }
}

/// Whom the event is about: the author, but for changes of an account that
/// account, and then the author is the actor. Ids below zero are no users:
/// -1 someone who isn't signed in, -2 a deploy token, -3 a deploy key.
fn who<'a>(event: &mut Event<'a>, audit: &'a AuditEvent<'_>) {
    let about_target = matches!(
        event.activity,
        Activity::AccountChange
            | Activity::Enroll
            | Activity::Unenroll
            | Activity::FactorReset
            | Activity::Recovery
            | Activity::TokenIssue
    );
    let author = audit.author_id.get();
    let target = audit.target_id().filter(|_| audit.target_type() == Some("User"));
    if about_target && target.is_some() && target != author {
        event.user_id = target.map(Cow::Borrowed);
        event.user_name = audit.target_login().map(text::lower);
        event.actor = audit.author_name().map(Cow::Borrowed);
        return;
    }
    event.user_id = author.filter(|id| !id.starts_with('-')).map(Cow::Borrowed);
    event.user_name = audit.author_login().map(text::lower);
    event.user_type = audit.author_class().map(Cow::Borrowed);
    if event.activity == Activity::Elevate {
        event.resource = audit.target_details().map(Cow::Borrowed);
    }
}

/// Git operations: over what, and with what where that is said.
fn git<'a>(event: &mut Event<'a>, audit: &'a AuditEvent<'_>) {
    let class = audit.author_class().unwrap_or_default();
    let protocol = audit.protocol();
    if protocol.is_some() {
        event.protocol = protocol.map(text::lower);
    }
    let credential = match class {
        "DeployKey" => Credential::DeployKey,
        "DeployToken" => Credential::AccessToken,
        _ if protocol == Some("ssh") => Credential::SshKey,
        _ => return,
    };
    event.credential = Some(credential);
    if class.starts_with("Deploy") {
        event.interactive = Some(false);
    }
}

/// The environment and the pipeline of deliveries.
fn delivery<'a>(event: &mut Event<'a>, audit: &'a AuditEvent<'_>) {
    match audit.target_type() {
        Some("Environment" | "ProtectedEnvironment") => {
            event.environment = audit.target_details().map(Cow::Borrowed);
        }
        Some("Ci::Pipeline") => {
            event.pipeline = audit.target_details().or(audit.target_id()).map(Cow::Borrowed);
        }
        _ => {}
    }
}

/// Rules that let something through or held it back, and changes of rules.
fn policy<'a>(event: &mut Event<'a>, audit: &'a AuditEvent<'_>, operation: &str) {
    let is_denied = event.outcome == Outcome::Denied;
    match event.activity {
        Activity::PolicyDecision => {}
        Activity::PolicyChange => {
            event.policy_name = audit.target_details().map(Cow::Borrowed);
            return;
        }
        _ if operation == "ip_restricted_group_accessed" => {}
        _ => return,
    }
    event.policy_name = event.environment.clone().or(audit.target_details().map(Cow::Borrowed));
    event.policy_mode = Some(PolicyMode::Enforced);
    event.policy_result =
        Some(if is_denied { PolicyResult::Denied } else { PolicyResult::Allowed });
    event.blocked = Some(is_denied);
}

#[cfg(test)]
mod tests;
