//! An event of the audit log: flat, and sparse.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::record::{Feed, Outbox};
use crate::world::{Chance, Network};

#[derive(Serialize, Default)]
pub(crate) struct Event<'a> {
    #[serde(rename = "@timestamp")]
    pub(crate) timestamp: i64,
    #[serde(rename = "_document_id")]
    pub(crate) document_id: &'a str,
    pub(crate) action: &'a str,
    pub(crate) actor: &'a str,
    pub(crate) actor_id: u64,
    pub(crate) actor_ip: &'a str,
    pub(crate) actor_is_bot: bool,
    pub(crate) actor_location: Place<'a>,
    pub(crate) business: &'a str,
    pub(crate) business_id: u64,
    pub(crate) created_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) external_identity_nameid: Option<&'a str>,
    pub(crate) operation_type: &'a str,
    pub(crate) org: &'a str,
    pub(crate) org_id: u64,
    pub(crate) user_agent: &'a str,
    #[serde(flatten)]
    pub(crate) more: More<'a>,
}

#[derive(Serialize, Default)]
pub(crate) struct Place<'a> {
    pub(crate) country_code: &'a str,
}

/// What only some actions have.
#[derive(Serialize, Default, Clone)]
pub(crate) struct More<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) branch: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) environment_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) event: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hashed_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) overridden_codes: Option<&'a [&'a str]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) programmatic_access_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pull_request_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) repo: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) repository: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) repository_public: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) token_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) transport_protocol: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) transport_protocol_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) workflow_run_id: Option<u64>,
}

/// Who acts, and from where.
#[derive(Clone, Copy)]
pub(crate) struct Actor<'a> {
    pub(crate) login: &'a str,
    pub(crate) id: u64,
    pub(crate) bot: bool,
    /// The SAML name of whoever signed in through an identity provider.
    pub(crate) identity: Option<&'a str>,
    pub(crate) network: &'a Network,
    pub(crate) agent: &'a str,
}

/// Writes one event; `operation` is create, access, modify, remove,
/// authentication, transfer or restore.
pub(crate) fn write(
    out: &mut Outbox,
    at: DateTime<Utc>,
    actor: Actor,
    (action, operation): (&str, &str),
    more: More,
    chance: &mut Chance,
) {
    // Drawn in any case: what is told by the day before shifts no draws.
    let document_id = chance.token("", 22);
    if !out.wants(at) {
        return;
    }
    let event = Event {
        timestamp: at.timestamp_millis(),
        document_id: &document_id,
        action,
        actor: actor.login,
        actor_id: actor.id,
        actor_ip: &actor.network.ip,
        actor_is_bot: actor.bot,
        actor_location: Place { country_code: actor.network.city.code },
        business: "corp-example",
        business_id: 48_211,
        created_at: at.timestamp_millis(),
        external_identity_nameid: actor.identity,
        operation_type: operation,
        org: "corp-example",
        org_id: 90_482_117,
        user_agent: actor.agent,
        more,
    };
    out.json(at, Feed::GitHub, &event);
}
