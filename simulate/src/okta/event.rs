//! The LogEvent object of Okta's System Log API, version 0.

use serde::Serialize;

use crate::world::{Device, Network};

/// What happened, apart from who, where and when.
#[derive(Default)]
pub(crate) struct Happening<'a> {
    pub(crate) event_type: &'a str,
    pub(crate) display: &'a str,
    pub(crate) legacy: Option<&'a str>,
    pub(crate) result: &'a str,
    pub(crate) reason: Option<&'a str>,
    pub(crate) warn: bool,
    pub(crate) credential: Option<&'a str>,
    pub(crate) targets: &'a [Target<'a>],
    pub(crate) debug: DebugData<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogEvent<'a> {
    pub(crate) actor: ActorObject<'a>,
    pub(crate) client: Client<'a>,
    pub(crate) device: Option<DeviceObject<'a>>,
    pub(crate) authentication_context: AuthenticationContext<'a>,
    pub(crate) display_message: &'a str,
    pub(crate) event_type: &'a str,
    pub(crate) outcome: Outcome<'a>,
    pub(crate) published: &'a str,
    pub(crate) security_context: SecurityContext<'a>,
    pub(crate) severity: &'a str,
    pub(crate) debug_context: DebugContext<'a>,
    pub(crate) legacy_event_type: Option<&'a str>,
    pub(crate) transaction: Transaction<'a>,
    pub(crate) uuid: &'a str,
    pub(crate) version: &'a str,
    pub(crate) request: Request<'a>,
    pub(crate) target: &'a [Target<'a>],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActorObject<'a> {
    pub(crate) id: &'a str,
    #[serde(rename = "type")]
    pub(crate) kind: &'a str,
    pub(crate) alternate_id: &'a str,
    pub(crate) display_name: &'a str,
    pub(crate) detail_entry: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Client<'a> {
    user_agent: UserAgent<'a>,
    zone: &'a str,
    device: &'a str,
    id: Option<&'a str>,
    ip_address: &'a str,
    geographical_context: Geography<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserAgent<'a> {
    raw_user_agent: &'a str,
    os: &'a str,
    browser: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Geography<'a> {
    city: &'a str,
    state: &'a str,
    country: &'a str,
    postal_code: &'a str,
    geolocation: Geolocation,
}

#[derive(Serialize)]
struct Geolocation {
    lat: f64,
    lon: f64,
}

/// The device's fields are the one place with underscores.
#[derive(Serialize)]
pub(crate) struct DeviceObject<'a> {
    id: &'a str,
    name: &'a str,
    os_platform: &'a str,
    os_version: &'a str,
    managed: bool,
    registered: bool,
    device_integrator: Option<&'a str>,
    disk_encryption_type: &'a str,
    screen_lock_type: &'a str,
    jailbreak: Option<bool>,
    secure_hardware_present: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthenticationContext<'a> {
    pub(crate) authentication_provider: Option<&'a str>,
    pub(crate) credential_provider: Option<&'a str>,
    pub(crate) credential_type: Option<&'a str>,
    pub(crate) issuer: Option<&'a str>,
    pub(crate) interface: Option<&'a str>,
    pub(crate) authentication_step: u8,
    pub(crate) root_session_id: &'a str,
    pub(crate) external_session_id: &'a str,
}

#[derive(Serialize)]
pub(crate) struct Outcome<'a> {
    pub(crate) result: &'a str,
    pub(crate) reason: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecurityContext<'a> {
    as_number: u32,
    as_org: &'a str,
    isp: &'a str,
    domain: &'a str,
    is_proxy: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DebugContext<'a> {
    pub(crate) debug_data: DebugData<'a>,
}

/// Strings only, whatever they mean; absent where they don't apply.
#[derive(Serialize, Default, Clone)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DebugData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) authn_request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) behaviors: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) device_fingerprint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dt_hash: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) factor: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) factor_intent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) initiation_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) prompting_policy_types: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) push_only_response_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) push_with_number_challenge_response_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) risk: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sign_on_mode: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) threat_suspected: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<&'a str>,
}

#[derive(Serialize)]
pub(crate) struct Transaction<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: &'a str,
    pub(crate) id: &'a str,
    pub(crate) detail: Empty,
}

/// `{}`
#[derive(Serialize)]
pub(crate) struct Empty {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request<'a> {
    ip_chain: [Hop<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Hop<'a> {
    ip: &'a str,
    geographical_context: Geography<'a>,
    version: &'a str,
    source: Option<&'a str>,
}

#[derive(Serialize, Clone)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Target<'a> {
    pub(crate) id: &'a str,
    #[serde(rename = "type")]
    pub(crate) kind: &'a str,
    pub(crate) alternate_id: &'a str,
    pub(crate) display_name: &'a str,
    pub(crate) detail_entry: Option<Detail<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) change_details: Option<ChangeDetails<'a>>,
}

/// What an update replaced by what.
#[derive(Serialize, Clone)]
pub(crate) struct ChangeDetails<'a> {
    pub(crate) from: RuleState<'a>,
    pub(crate) to: RuleState<'a>,
}

/// The part of a policy rule that the rollout changes.
#[derive(Serialize, Clone)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RuleState<'a> {
    pub(crate) status: &'a str,
    pub(crate) policy_rule_factor_mode: &'a str,
}

#[derive(Serialize, Default, Clone)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Detail<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) method_type_used: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) method_used_verified_properties: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) policy_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) policy_rule_factor_mode: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule_status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sign_on_mode_type: Option<&'a str>,
}

impl<'a> Client<'a> {
    pub(crate) fn of(network: &'a Network, device: &'a Device) -> Self {
        Self {
            user_agent: UserAgent {
                raw_user_agent: device.make.user_agent,
                os: device.make.os,
                browser: device.make.browser,
            },
            zone: if network.asn == 64496 { "Offices" } else { "null" },
            device: if device.make.computer { "Computer" } else { "Mobile" },
            id: None,
            ip_address: &network.ip,
            geographical_context: Geography::of(network),
        }
    }
}

impl<'a> Geography<'a> {
    fn of(network: &'a Network) -> Self {
        Self {
            city: network.city.name,
            state: network.city.state,
            country: network.city.country,
            postal_code: network.city.postal,
            geolocation: Geolocation { lat: network.city.lat, lon: network.city.lon },
        }
    }
}

impl<'a> DeviceObject<'a> {
    /// Only devices that are registered with Okta Verify are told.
    pub(crate) fn of(device: &'a Device) -> Option<Self> {
        device.managed.then(|| Self {
            id: &device.okta_id,
            name: &device.name,
            os_platform: device.make.platform,
            os_version: device.make.version,
            managed: true,
            registered: true,
            device_integrator: None,
            disk_encryption_type: "ALL_INTERNAL_VOLUMES",
            screen_lock_type: "BIOMETRIC",
            jailbreak: None,
            secure_hardware_present: true,
        })
    }
}

impl<'a> SecurityContext<'a> {
    pub(crate) fn of(network: &'a Network) -> Self {
        Self {
            as_number: network.asn,
            as_org: network.org,
            isp: network.org,
            domain: network.domain,
            is_proxy: network.proxy,
        }
    }
}

impl<'a> Request<'a> {
    pub(crate) fn of(network: &'a Network) -> Self {
        Self {
            ip_chain: [Hop {
                ip: &network.ip,
                geographical_context: Geography::of(network),
                version: if network.ip.contains(':') { "V6" } else { "V4" },
                source: None,
            }],
        }
    }
}
