//! The signIn resource of Microsoft Graph.

use serde::Serialize;

use crate::world::{Device, Network};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignIn<'a> {
    pub(crate) id: &'a str,
    pub(crate) created_date_time: &'a str,
    pub(crate) user_display_name: &'a str,
    pub(crate) user_principal_name: &'a str,
    pub(crate) user_id: &'a str,
    pub(crate) app_id: &'a str,
    pub(crate) app_display_name: &'a str,
    pub(crate) ip_address: &'a str,
    pub(crate) client_app_used: &'a str,
    pub(crate) user_agent: &'a str,
    pub(crate) correlation_id: &'a str,
    pub(crate) conditional_access_status: &'a str,
    pub(crate) is_interactive: bool,
    pub(crate) original_request_id: &'a str,
    pub(crate) token_issuer_type: &'a str,
    pub(crate) processing_time_in_milliseconds: i64,
    pub(crate) risk_detail: &'a str,
    pub(crate) risk_level_aggregated: &'a str,
    pub(crate) risk_level_during_sign_in: &'a str,
    pub(crate) risk_state: &'a str,
    #[serde(rename = "riskEventTypes_v2")]
    pub(crate) risk_event_types: &'a [&'a str],
    pub(crate) resource_display_name: &'a str,
    pub(crate) resource_id: &'a str,
    pub(crate) resource_tenant_id: &'a str,
    pub(crate) home_tenant_id: &'a str,
    pub(crate) authentication_requirement: &'a str,
    pub(crate) sign_in_identifier: &'a str,
    pub(crate) sign_in_event_types: [&'a str; 1],
    pub(crate) user_type: &'a str,
    pub(crate) flagged_for_review: bool,
    pub(crate) incoming_token_type: &'a str,
    pub(crate) autonomous_system_number: u32,
    pub(crate) cross_tenant_access_type: &'a str,
    pub(crate) unique_token_identifier: &'a str,
    pub(crate) session_id: &'a str,
    pub(crate) status: Status<'a>,
    pub(crate) device_detail: DeviceDetail<'a>,
    pub(crate) location: Location<'a>,
    pub(crate) mfa_detail: Option<MfaDetail<'a>>,
    pub(crate) applied_conditional_access_policies: &'a [AppliedPolicy<'a>],
    pub(crate) authentication_processing_details: [KeyValue<'a>; 1],
    pub(crate) network_location_details: &'a [NetworkLocation<'a>],
    pub(crate) authentication_details: &'a [AuthenticationDetail<'a>],
}

#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Status<'a> {
    pub(crate) error_code: u32,
    pub(crate) failure_reason: &'a str,
    pub(crate) additional_details: Option<&'a str>,
}

/// Graph writes `Other.` where nothing failed.
pub(crate) const OK: Status<'static> =
    Status { error_code: 0, failure_reason: "Other.", additional_details: None };

impl<'a> Status<'a> {
    /// The code with Microsoft's meaning of it, in our words.
    pub(crate) fn error(error_code: u32, additional_details: Option<&'a str>) -> Self {
        let failure_reason = match error_code {
            50053 => {
                "The account is locked, you've tried to sign in too many times with an incorrect user ID or password."
            }
            50055 => "The password is expired.",
            50074 => "Strong Authentication is required.",
            50076 => {
                "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource."
            }
            50126 => "Error validating credentials due to invalid username or password.",
            50140 => {
                "This occurred due to 'Keep me signed in' interrupt when the user was signing-in."
            }
            53003 => {
                "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."
            }
            500121 => "Authentication failed during strong authentication request.",
            _ => "Other.",
        };
        Self { error_code, failure_reason, additional_details }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeviceDetail<'a> {
    device_id: &'a str,
    display_name: &'a str,
    operating_system: &'a str,
    browser: &'a str,
    is_compliant: bool,
    is_managed: bool,
    trust_type: &'a str,
}

impl<'a> DeviceDetail<'a> {
    /// An unmanaged device has neither id nor name here.
    pub(crate) fn of(device: &'a Device) -> Self {
        let managed = device.managed;
        Self {
            device_id: if managed { &device.entra_id } else { "" },
            display_name: if managed { &device.name } else { "" },
            operating_system: device.make.entra_os,
            browser: device.make.entra_browser,
            is_compliant: managed,
            is_managed: managed,
            trust_type: if managed { "Azure AD joined" } else { "" },
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Location<'a> {
    city: &'a str,
    state: &'a str,
    country_or_region: &'a str,
    geo_coordinates: Coordinates,
}

#[derive(Serialize)]
struct Coordinates {
    altitude: Option<f64>,
    latitude: f64,
    longitude: f64,
}

impl<'a> Location<'a> {
    pub(crate) fn of(network: &'a Network) -> Self {
        Self {
            city: network.city.name,
            state: network.city.state,
            country_or_region: network.city.code,
            geo_coordinates: Coordinates {
                altitude: None,
                latitude: network.city.lat,
                longitude: network.city.lon,
            },
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MfaDetail<'a> {
    pub(crate) auth_method: &'a str,
    pub(crate) auth_detail: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AppliedPolicy<'a> {
    pub(crate) id: &'a str,
    pub(crate) display_name: &'a str,
    pub(crate) enforced_grant_controls: &'a [&'a str],
    pub(crate) enforced_session_controls: &'a [&'a str],
    pub(crate) result: &'a str,
    pub(crate) conditions_satisfied: &'a str,
    pub(crate) conditions_not_satisfied: &'a str,
}

#[derive(Serialize)]
pub(crate) struct KeyValue<'a> {
    pub(crate) key: &'a str,
    pub(crate) value: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NetworkLocation<'a> {
    pub(crate) network_type: &'a str,
    pub(crate) network_names: [&'a str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthenticationDetail<'a> {
    pub(crate) authentication_step_date_time: String,
    pub(crate) authentication_method: &'a str,
    pub(crate) authentication_method_detail: Option<&'a str>,
    pub(crate) succeeded: bool,
    pub(crate) authentication_step_result_detail: &'a str,
    pub(crate) authentication_step_requirement: &'a str,
}
