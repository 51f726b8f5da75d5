//! What is read of an entry.

use serde::Deserialize;

use super::super::object::Object;
use super::super::text::{Flag, Text};
use super::super::time::Moment;
use super::super::words::{ByCode, Words};

/// One entry of the audit log.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Entry<'a> {
    #[serde(borrow, rename = "@timestamp")]
    pub(super) timestamp: Moment<'a>,
    #[serde(borrow)]
    pub(super) created_at: Moment<'a>,
    #[serde(borrow, rename = "_document_id")]
    pub(super) document_id: Text<'a>,
    #[serde(borrow)]
    pub(super) action: Text<'a>,
    #[serde(borrow)]
    pub(super) actor: Text<'a>,
    #[serde(borrow)]
    pub(super) actor_id: Text<'a>,
    pub(super) actor_is_bot: Flag,
    #[serde(borrow)]
    pub(super) actor_ip: Text<'a>,
    #[serde(borrow)]
    pub(super) actor_location: Object<Location<'a>>,
    #[serde(borrow)]
    pub(super) user: Text<'a>,
    #[serde(borrow)]
    pub(super) user_id: Text<'a>,
    #[serde(borrow)]
    pub(super) user_agent: Text<'a>,
    #[serde(borrow)]
    pub(super) org: Text<'a>,
    #[serde(borrow)]
    pub(super) business: Text<'a>,
    #[serde(borrow)]
    pub(super) repo: Text<'a>,
    #[serde(borrow)]
    pub(super) programmatic_access_type: Text<'a>,
    #[serde(borrow)]
    pub(super) hashed_token: Text<'a>,
    #[serde(borrow)]
    pub(super) deploy_key_fingerprint: Text<'a>,
    #[serde(borrow)]
    pub(super) transport_protocol_name: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) workflow_name: Text<'a>,
    #[serde(borrow)]
    pub(super) job_workflow_ref: Text<'a>,
    #[serde(borrow)]
    pub(super) environment: Text<'a>,
    #[serde(borrow)]
    pub(super) environment_name: Text<'a>,
    #[serde(borrow)]
    pub(super) branch: Text<'a>,
    #[serde(borrow)]
    pub(super) ruleset_name: Text<'a>,
    #[serde(borrow)]
    pub(super) failure_reason: Text<'a>,
    #[serde(borrow)]
    pub(super) overridden_codes: Words<'a, ByCode>,
    #[serde(borrow)]
    pub(super) reasons: Words<'a, ByCode>,
}

/// Where GitHub places the address.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Location<'a> {
    #[serde(borrow)]
    pub(super) country_code: Text<'a>,
    #[serde(borrow)]
    pub(super) region_name: Text<'a>,
    #[serde(borrow)]
    pub(super) city: Text<'a>,
}
