//! Azure's activity log: as the REST API gives it (`{"value":[…]}`, one each), and
//! as diagnostic settings send it to Event Hubs and storage (`{"records":[…]}`, one
//! a line). Entra's sign-ins come the same ways and are another source.
//!
//! ```text
//! record       what is read of an event
//! activity     operations, providers
//! outcome      statuses and errors
//! identity     who, and what the token says of MFA
//! ```

mod activity;
mod identity;
mod outcome;
mod record;

use std::borrow::Cow;

use rollcall_schemas::{Activity, Event, Outcome, PolicyMode, PolicyResult, Reason};

use super::adapter::{Adapter, Context, Output, Source};
use super::needle::needles;
use super::{address, json};
use record::{Details, Record};

/// The activity log's row in the table of sources.
pub(super) static SOURCE: Source = Source {
    name: "azure_activity",
    title: "Azure activity log",
    documentation: "https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema",
    recognises: &recognises,
    split: Some(&|record| json::split(record, BUNDLES)),
    stateful: false,
    has_event_id: true,
    open: &|| Box::new(AzureActivity),
    mapping: None,
    about: include_str!("about.toml"),
};

/// REST, Event Hubs.
const BUNDLES: &[&[&str]] = &[&["value"], &["records"]];

needles! {
    OPERATION = "operationName",
    EVENT_DATA = "eventDataId",
    TIMESTAMP = "eventTimestamp",
    RESOURCE = "resourceId",
    CLAIMS = "claims",
    AUTHORIZATION = "authorization",
    CATEGORY = "eventCategory",
    CREATED = "createdDateTime",
    ACTIVITY = "activityDateTime",
}

/// Entra's records have the same envelope: theirs name a `createdDateTime` or an
/// `activityDateTime`, and no token's claims.
fn recognises(record: &[u8]) -> bool {
    OPERATION.is_in(record)
        && (EVENT_DATA.is_in(record)
            || TIMESTAMP.is_in(record)
            || RESOURCE.is_in(record)
                && (CLAIMS.is_in(record) && AUTHORIZATION.is_in(record) || CATEGORY.is_in(record)))
        && !CREATED.is_in(record)
        && !ACTIVITY.is_in(record)
}

struct AzureActivity;

impl Adapter for AzureActivity {
    fn read(&mut self, record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
        let text = json::text(record);
        let event_record: Record<'_> = match json::read(&text) {
            Ok(read) => read,
            Err(_) if json::is_empty_bundle(record, BUNDLES) => return out.not_authentication(),
            Err(reason) => return out.reject(&reason),
        };
        let Some(operation) = event_record.operation_name.0.lower() else {
            if json::is_empty_bundle(record, BUNDLES) {
                return out.not_authentication();
            }
            return out.reject("an activity log event has an `operationName`; there is none");
        };
        let Some(time) = event_record.micros(context.zone) else {
            return out.reject(
                "`eventTimestamp` and `time` are missing or no time; ISO 8601 was expected",
            );
        };
        if activity::is_of_platform(event_record.category().or_empty()) {
            return out.not_authentication();
        }
        let details = event_record.details();
        out.event(&mut event(&event_record, &operation, &details, time, context));
    }
}

fn event<'a>(
    record: &'a Record<'_>,
    operation: &'a str,
    details: &'a Details<'_>,
    time: i64,
    context: &Context<'_>,
) -> Event<'a> {
    let mut event = Event {
        time,
        source_event_id: record.event_data_id.cow(),
        activity: activity::of(operation, details),
        operation: Some(Cow::Borrowed(operation)),
        platform: activity::platform(operation),
        service: Some(Cow::Borrowed(activity::provider(operation))),
        // Case means nothing in it, and the two forms write it differently.
        resource: record.resource_id.lower(),
        ip: record.address().and_then(address::address).map(Cow::Borrowed),
        ..Event::default()
    };
    (event.outcome, event.reason) = outcome::of(record, details);
    if event.reason.is_some() {
        event.reason_raw = raw_reason(record, details);
    }
    if event.reason == Some(Reason::Policy) {
        event.blocked = Some(true);
    }
    identity::fill(&mut event, record, details, context);
    if event.activity == Activity::PolicyDecision {
        policy(&mut event, operation, details);
    }
    event
}

fn raw_reason<'a>(record: &'a Record<'_>, details: &'a Details<'_>) -> Option<Cow<'a, str>> {
    let error = &details.failure.error;
    match (error.code.get(), error.message.get()) {
        (Some(code), Some(message)) => Some(Cow::Owned(format!("{code}: {message}"))),
        (Some(word), None) | (None, Some(word)) => Some(Cow::Borrowed(word)),
        (None, None) => record.sub_status().map(Cow::Borrowed),
    }
}

/// `…/policies/deny/action`: the effect of a policy. What audits lets everything
/// through.
fn policy<'a>(event: &mut Event<'a>, operation: &str, details: &'a Details<'_>) {
    let policy = &details.policy;
    event.policy_id = policy.policy_assignment_id.cow();
    event.policy_name =
        policy.policy_assignment_display_name.cow().or(policy.policy_assignment_name.cow());
    let effect = operation.rsplit('/').nth(1).unwrap_or_default();
    let (mode, result) = match effect {
        "deny" | "denyaction" => (PolicyMode::Enforced, PolicyResult::Denied),
        "audit" | "auditifnotexists" => (PolicyMode::ReportOnly, PolicyResult::Allowed),
        "append" | "modify" | "deployifnotexists" => (PolicyMode::Enforced, PolicyResult::Allowed),
        _ => (PolicyMode::Unknown, PolicyResult::Unknown),
    };
    (event.policy_mode, event.policy_result) = (Some(mode), Some(result));
    if result == PolicyResult::Denied {
        (event.outcome, event.reason) = (Outcome::Denied, Some(Reason::Policy));
    }
    event.blocked = Some(result == PolicyResult::Denied);
}

#[cfg(test)]
mod tests;
