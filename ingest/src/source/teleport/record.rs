//! What is read of an event. Names with a dot are keys as they stand.

use serde::Deserialize;

use super::super::object::Object;
use super::super::text::{Flag, Text, Whole};
use super::super::time::Moment;
use super::super::words::Words;

/// One audit event.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct AuditEvent<'a> {
    #[serde(borrow)]
    pub(super) event: Text<'a>,
    #[serde(borrow)]
    pub(super) code: Text<'a>,
    #[serde(borrow)]
    pub(super) time: Moment<'a>,
    #[serde(borrow)]
    pub(super) uid: Text<'a>,
    #[serde(borrow)]
    pub(super) user: Text<'a>,
    /// 1 a person, 2 a bot.
    pub(super) user_kind: Whole,
    /// The account on the server, of a session.
    #[serde(borrow)]
    pub(super) login: Text<'a>,
    pub(super) success: Flag,
    #[serde(borrow)]
    pub(super) error: Text<'a>,
    #[serde(borrow)]
    pub(super) message: Text<'a>,
    #[serde(borrow)]
    pub(super) reason: Text<'a>,
    #[serde(borrow)]
    pub(super) method: Text<'a>,
    #[serde(borrow, rename = "addr.remote")]
    pub(super) remote: Text<'a>,
    #[serde(borrow)]
    pub(super) user_agent: Text<'a>,
    #[serde(borrow)]
    pub(super) sid: Text<'a>,
    /// The second factor of a sign-in.
    #[serde(borrow)]
    pub(super) mfa_device: Object<Device<'a>>,
    /// The device that a session's certificate was verified with.
    #[serde(borrow)]
    pub(super) with_mfa: Text<'a>,
    /// The device that was added or removed.
    #[serde(borrow)]
    pub(super) mfa_device_uuid: Text<'a>,
    #[serde(borrow)]
    pub(super) mfa_device_type: Text<'a>,
    #[serde(borrow)]
    pub(super) trusted_device: Object<TrustedDevice<'a>>,
    #[serde(borrow)]
    pub(super) identity: Object<Identity<'a>>,
    #[serde(borrow)]
    pub(super) target: Object<LockTarget<'a>>,
    /// The resource that was made, changed or removed: an account, a role.
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) updated_by: Text<'a>,
    #[serde(borrow)]
    pub(super) reviewer: Text<'a>,
    /// What an access request has become, or is to become.
    #[serde(borrow)]
    pub(super) state: Text<'a>,
    #[serde(borrow)]
    pub(super) proposed_state: Text<'a>,
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) roles: Words<'a>,
    #[serde(borrow)]
    pub(super) bot_name: Text<'a>,
    #[serde(borrow)]
    pub(super) node_name: Text<'a>,
    #[serde(borrow)]
    pub(super) host_id: Text<'a>,
    #[serde(borrow)]
    pub(super) server_hostname: Text<'a>,
    #[serde(borrow)]
    pub(super) server_id: Text<'a>,
    #[serde(borrow)]
    pub(super) app_name: Text<'a>,
    #[serde(borrow)]
    pub(super) db_service: Text<'a>,
    #[serde(borrow)]
    pub(super) kubernetes_cluster: Text<'a>,
    #[serde(borrow)]
    pub(super) desktop_name: Text<'a>,
    #[serde(borrow)]
    pub(super) service_provider_entity_id: Text<'a>,
    #[serde(borrow)]
    pub(super) cluster_name: Text<'a>,
}

/// A second factor.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Device<'a> {
    #[serde(borrow)]
    pub(super) mfa_device_uuid: Text<'a>,
    #[serde(borrow)]
    pub(super) mfa_device_type: Text<'a>,
}

/// A registered computer.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct TrustedDevice<'a> {
    #[serde(borrow)]
    pub(super) device_id: Text<'a>,
}

/// Whom a certificate was issued to.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Identity<'a> {
    #[serde(borrow)]
    pub(super) user: Text<'a>,
}

/// What a lock shuts out.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct LockTarget<'a> {
    #[serde(borrow)]
    pub(super) user: Text<'a>,
}
