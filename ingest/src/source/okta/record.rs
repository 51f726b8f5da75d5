//! What is read of a LogEvent.

use serde::Deserialize;

use super::super::object::Object;
use super::super::text::{Degrees, Flag, Text, Whole};
use super::super::time::Moment;
use super::target::Targets;

/// One event of the System Log.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct LogEvent<'a> {
    #[serde(borrow)]
    pub(super) uuid: Text<'a>,
    #[serde(borrow)]
    pub(super) published: Moment<'a>,
    #[serde(borrow)]
    pub(super) event_type: Text<'a>,
    #[serde(borrow)]
    pub(super) actor: Object<Actor<'a>>,
    #[serde(borrow)]
    pub(super) client: Object<Client<'a>>,
    #[serde(borrow)]
    pub(super) device: Object<Device<'a>>,
    #[serde(borrow)]
    pub(super) authentication_context: Object<AuthenticationContext<'a>>,
    #[serde(borrow)]
    pub(super) outcome: Object<LogOutcome<'a>>,
    #[serde(borrow)]
    pub(super) target: Targets<'a>,
    #[serde(borrow)]
    pub(super) transaction: Object<Transaction<'a>>,
    #[serde(borrow)]
    pub(super) debug_context: Object<DebugContext<'a>>,
    #[serde(borrow)]
    pub(super) security_context: Object<SecurityContext<'a>>,
}

/// Who acted, or the user who was acted on.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Actor<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) alternate_id: Text<'a>,
    #[serde(borrow)]
    pub(super) display_name: Text<'a>,
}

impl Actor<'_> {
    /// The login; the name where there is none (an OAuth client).
    pub(super) fn login(&self) -> Option<&str> {
        let known = |text: &&str| *text != "unknown";
        self.alternate_id.get().filter(known).or(self.display_name.get().filter(known))
    }

    /// Whether Okta itself acted.
    pub(super) fn is_system(&self) -> bool {
        self.kind.or_empty() == "SystemPrincipal"
            || self.alternate_id.or_empty() == "system@okta.com"
    }
}

/// Whence it came.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Client<'a> {
    #[serde(borrow)]
    pub(super) ip_address: Text<'a>,
    #[serde(borrow)]
    pub(super) user_agent: Object<UserAgent<'a>>,
    #[serde(borrow)]
    pub(super) geographical_context: Object<Place<'a>>,
}

/// The browser.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct UserAgent<'a> {
    #[serde(borrow)]
    pub(super) raw_user_agent: Text<'a>,
    #[serde(borrow)]
    pub(super) browser: Text<'a>,
    #[serde(borrow)]
    pub(super) os: Text<'a>,
}

/// Where Okta places the address. The country is an English name.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Place<'a> {
    #[serde(borrow)]
    pub(super) country: Text<'a>,
    #[serde(borrow)]
    pub(super) state: Text<'a>,
    #[serde(borrow)]
    pub(super) city: Text<'a>,
    pub(super) geolocation: Object<Geolocation>,
}

/// Degrees.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Geolocation {
    pub(super) lat: Degrees,
    pub(super) lon: Degrees,
}

/// The device that Okta Verify runs on.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Device<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    pub(super) managed: Flag,
}

/// The session, and what was shown to open it.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AuthenticationContext<'a> {
    #[serde(borrow)]
    pub(super) credential_type: Text<'a>,
    #[serde(borrow)]
    pub(super) external_session_id: Text<'a>,
    #[serde(borrow)]
    pub(super) root_session_id: Text<'a>,
}

/// How it ended.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct LogOutcome<'a> {
    #[serde(borrow)]
    pub(super) result: Text<'a>,
    #[serde(borrow)]
    pub(super) reason: Text<'a>,
}

/// The request.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Transaction<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) detail: Object<TransactionDetail<'a>>,
}

/// The API token of the request, where one was used.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct TransactionDetail<'a> {
    #[serde(borrow)]
    pub(super) request_api_token_id: Text<'a>,
}

/// Wraps the debug data.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct DebugContext<'a> {
    #[serde(borrow)]
    pub(super) debug_data: Object<DebugData<'a>>,
}

/// Loosely documented, and where the factor stands.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct DebugData<'a> {
    #[serde(borrow)]
    pub(super) factor: Text<'a>,
    #[serde(borrow)]
    pub(super) authn_request_id: Text<'a>,
    #[serde(borrow)]
    pub(super) dt_hash: Text<'a>,
    #[serde(borrow)]
    pub(super) sign_on_mode: Text<'a>,
    /// OV_RESPONSE_APPROVE, OV_RESPONSE_DENY, OV_RESPONSE_ERROR.
    #[serde(borrow)]
    pub(super) push_only_response_type: Text<'a>,
    /// Only there where the push asked for a number.
    #[serde(borrow)]
    pub(super) push_with_number_challenge_response_type: Text<'a>,
}

/// The network that the address belongs to.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SecurityContext<'a> {
    pub(super) as_number: Whole,
    #[serde(borrow)]
    pub(super) as_org: Text<'a>,
    pub(super) is_proxy: Flag,
}
