//! Google Cloud audit logs: entries of Cloud Logging with a `protoPayload`, one
//! each, in lists, as `entries.list` gives them (`entries`) or in the HEC envelope
//! (`event`); admin activity, data access, denied by policy, and the sign-ins of
//! Workspace and Cloud Identity that are shared with Google Cloud.
//!
//! ```text
//! record       what is read of an entry
//! activity     methods, services
//! outcome      status codes
//! identity     who: people, service accounts, who stands behind them
//! login        how someone signed in
//! ```

mod activity;
mod identity;
mod login;
mod outcome;
mod record;

use std::borrow::Cow;

use rollcall_schemas::{Activity, Event, Platform, PolicyMode, PolicyResult};

use super::adapter::{Adapter, Context, Output, Source};
use super::needle::needles;
use super::{address, json, time};
use record::LogEntry;

/// Google Cloud's row in the table of sources.
pub(super) static SOURCE: Source = Source {
    name: "gcp",
    title: "Google Cloud audit logs",
    documentation: "https://docs.cloud.google.com/logging/docs/audit/understanding-audit-logs",
    recognises: &recognises,
    split: Some(&|record| json::split(record, BUNDLES)),
    stateful: false,
    has_event_id: true,
    open: &|| Box::new(Gcp),
    mapping: None,
    about: include_str!("about.toml"),
};

/// `entries.list`, the HEC envelope.
const BUNDLES: &[&[&str]] = &[&["entries"], &["event"]];

needles! {
    PAYLOAD = "protoPayload",
    METHOD = "methodName",
    SERVICE = "serviceName",
}

fn recognises(record: &[u8]) -> bool {
    PAYLOAD.is_in(record) && (METHOD.is_in(record) || SERVICE.is_in(record))
}

struct Gcp;

impl Adapter for Gcp {
    fn read(&mut self, record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
        let text = json::text(record);
        let entry: LogEntry<'_> = match json::read(&text) {
            Ok(entry) => entry,
            Err(_) if json::is_empty_bundle(record, BUNDLES) => return out.not_authentication(),
            Err(reason) => return out.reject(&reason),
        };
        if entry.proto_payload.method_name.get().is_none() {
            let log = entry.log_name.get();
            if json::is_empty_bundle(record, BUNDLES)
                || log.is_some_and(|name| !name.contains("cloudaudit.googleapis.com"))
            {
                return out.not_authentication();
            }
            return out.reject("an audit log entry has a `protoPayload.methodName`; there is none");
        }
        let time = time::of_text(&entry.timestamp, context.zone)
            .or_else(|| time::of_text(&entry.receive_timestamp, context.zone));
        let Some(time) = time else {
            return out.reject("`timestamp` is missing or no time; ISO 8601 was expected");
        };
        // Google's systems did it, and nobody asked for it.
        let caller = &entry.proto_payload.authentication_info;
        if entry.is_of_log("system_event")
            && caller.principal_email.get().is_none()
            && caller.principal_subject.get().is_none()
        {
            return out.not_authentication();
        }
        out.event(&mut event(&entry, time, context));
    }
}

fn event<'a>(entry: &'a LogEntry<'_>, time: i64, context: &Context<'_>) -> Event<'a> {
    let payload = &*entry.proto_payload;
    let mut event = Event {
        time,
        source_event_id: id(entry),
        activity: activity::of(entry),
        operation: payload.method_name.cow(),
        platform: activity::platform(entry),
        service: payload.service_name.get().map(service),
        resource: payload.resource_name.cow().or(entry.resource.labels.project_id.cow()),
        ip: payload.request_metadata.caller_ip.get().and_then(address::address).map(Cow::Borrowed),
        user_agent: payload.request_metadata.caller_supplied_user_agent.cow(),
        ..Event::default()
    };
    (event.outcome, event.reason) = outcome::of(entry, event.activity);
    if event.reason.is_some() {
        event.reason_raw = payload.status.message.cow();
    }
    identity::fill(&mut event, entry, context);
    match payload.service_name.or_empty() {
        "login.googleapis.com" => login::fill(&mut event, entry),
        "sts.googleapis.com" => event.protocol = federated_by(entry),
        _ => {}
    }
    if event.platform == Platform::CiCd {
        let name = payload.resource_name.or_empty();
        event.pipeline = after(name, "/deliveryPipelines/").or(after(name, "/triggers/"));
        event.environment = after(name, "/targets/");
    }
    if event.activity == Activity::PolicyDecision && entry.is_of_log("policy") {
        perimeter(&mut event, entry);
    }
    event
}

/// `insertId` is unique only together with the log and the timestamp.
fn id<'a>(entry: &'a LogEntry<'_>) -> Option<Cow<'a, str>> {
    let insert_id = entry.insert_id.get()?;
    let (log, time) = (entry.log_name.or_empty(), entry.timestamp.or_empty());
    Some(Cow::Owned(format!("{log}/{time}/{insert_id}")))
}

/// "secretmanager" of `secretmanager.googleapis.com`.
fn service(name: &str) -> Cow<'_, str> {
    Cow::Borrowed(name.strip_suffix(".googleapis.com").unwrap_or(name))
}

/// How the other identity provider vouched for the caller.
fn federated_by<'a>(entry: &LogEntry<'_>) -> Option<Cow<'a, str>> {
    let kind = entry.proto_payload.request.subject_token_type.get()?;
    match kind.rsplit(':').next().unwrap_or_default() {
        "jwt" | "id_token" => Some(Cow::Borrowed("oidc")),
        "saml2" => Some(Cow::Borrowed("saml")),
        _ => None,
    }
}

/// The part of a resource's name after `key`.
fn after<'a>(name: &'a str, key: &str) -> Option<Cow<'a, str>> {
    let (_, rest) = name.split_once(key)?;
    rest.split('/').next().filter(|part| !part.is_empty()).map(Cow::Borrowed)
}

/// A perimeter or an organisation's policy that held a call back, or would have.
fn perimeter<'a>(event: &mut Event<'a>, entry: &'a LogEntry<'_>) {
    let metadata = &entry.proto_payload.metadata;
    let is_tried_out = metadata.dry_run.0 == Some(true);
    event.policy_name = metadata.security_policy_info.service_perimeter_name.cow();
    (event.policy_mode, event.policy_result) = match is_tried_out {
        true => (Some(PolicyMode::ReportOnly), Some(PolicyResult::WouldDeny)),
        false => (Some(PolicyMode::Enforced), Some(PolicyResult::Denied)),
    };
    event.blocked = Some(!is_tried_out);
    event.reason_raw = metadata.violation_reason.cow().or(event.reason_raw.take());
}

#[cfg(test)]
mod tests;
