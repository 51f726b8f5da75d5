//! AWS CloudTrail: `{"Records":[…]}` files, single events, lists, EventBridge
//! envelopes (`detail`); the console's and IAM Identity Center's sign-ins among
//! them.
//!
//! ```text
//! record       what is read of an event
//! activity     event names
//! outcome      error codes
//! identity     who: user names, sessions, keys
//! mfa          what an event says of a second factor
//! service      services: names and kinds
//! ```

mod activity;
mod identity;
mod mfa;
mod outcome;
mod record;
mod service;

use std::borrow::Cow;

use rollcall_schemas::{Activity, Event};

use super::adapter::{Adapter, Context, Output, Source};
use super::needle::needles;
use super::{address, json, time};
use record::TrailEvent;

/// CloudTrail's row in the table of sources.
pub(super) static SOURCE: Source = Source {
    name: "cloudtrail",
    title: "AWS CloudTrail",
    documentation: "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference.html",
    recognises: &recognises,
    split: Some(&|record| json::split(record, BUNDLES)),
    stateful: false,
    has_event_id: true,
    open: &|| Box::new(CloudTrail),
    mapping: None,
    about: include_str!("about.toml"),
};

/// Log files, EventBridge.
const BUNDLES: &[&[&str]] = &[&["Records"], &["detail"]];

needles! {
    EVENT_SOURCE = "eventSource",
    EVENT_NAME = "eventName",
    REGION = "awsRegion",
    IDENTITY = "userIdentity",
    RECORDS = "Records",
    DIGEST = "digestPublicKeyFingerprint",
}

fn recognises(record: &[u8]) -> bool {
    EVENT_SOURCE.is_in(record)
        && EVENT_NAME.is_in(record)
        && (REGION.is_in(record) || IDENTITY.is_in(record))
        || (json::trim(record).len() < 64
            && RECORDS.is_in(record)
            && json::is_empty_bundle(record, BUNDLES))
        || is_digest(record)
}

/// Digests lie beside the logs; what they say is for `rollcall reconcile`.
fn is_digest(record: &[u8]) -> bool {
    DIGEST.is_in(record) && !EVENT_NAME.is_in(record)
}

struct CloudTrail;

impl Adapter for CloudTrail {
    fn read(&mut self, record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
        if is_digest(record) {
            return out.not_authentication();
        }
        let text = json::text(record);
        let trail: TrailEvent<'_> = match json::read(&text) {
            Ok(trail) => trail,
            Err(_) if json::is_empty_bundle(record, BUNDLES) => return out.not_authentication(),
            Err(reason) => return out.reject(&reason),
        };
        if trail.event_name.get().is_none() {
            if json::is_empty_bundle(record, BUNDLES) {
                return out.not_authentication();
            }
            return out.reject("a CloudTrail event has an `eventName`; there is none");
        }
        let Some(time) = time::of_text(&trail.event_time, context.zone) else {
            return out.reject("`eventTime` is missing or no time; ISO 8601 was expected");
        };
        out.event(&mut event(&trail, time, context));
    }
}

fn event<'a>(trail: &'a TrailEvent<'_>, time: i64, context: &Context<'_>) -> Event<'a> {
    let mut event = Event {
        time,
        source_event_id: trail.event_id.cow(),
        activity: activity::of(trail),
        operation: trail.event_name.cow(),
        platform: service::platform(trail),
        service: service::name(trail),
        resource: resource(trail),
        reason_raw: trail.error_message.cow().or(trail.error_code.cow()),
        ip: trail.source_ip_address.get().and_then(address::address).map(Cow::Borrowed),
        user_agent: trail.user_agent.cow(),
        flow_id: trail.additional_event_data.auth_workflow_id.cow(),
        ..Event::default()
    };
    (event.outcome, event.reason) = outcome::of(trail, event.activity);
    identity::fill(&mut event, trail, context);
    mfa::fill(&mut event, trail, context);
    event
}

/// What the call was about: the role, the secret, the user; else the account.
fn resource<'a>(trail: &'a TrailEvent<'_>) -> Option<Cow<'a, str>> {
    let asked = &trail.request_parameters;
    let about_user =
        matches!(trail.event_source.or_empty(), "iam.amazonaws.com" | "sts.amazonaws.com");
    let role = asked.role_arn.cow().or(asked.role_name.cow().filter(|_| about_user));
    role.or(asked.secret_id.cow())
        .or(asked.name.cow())
        .or(asked.instance_id.cow())
        .or(asked.policy_arn.cow())
        .or(trail.recipient_account_id.cow())
        .or(trail.user_identity.account_id.cow())
}

/// Whether the call changes or is about another account than the caller's.
fn is_about_another(activity: Activity) -> bool {
    matches!(
        activity,
        Activity::AccountChange
            | Activity::TokenIssue
            | Activity::Enroll
            | Activity::Unenroll
            | Activity::FactorReset
            | Activity::Recovery
    )
}

#[cfg(test)]
mod tests;
