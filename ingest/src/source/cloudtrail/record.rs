//! What is read of a CloudTrail event. Names that AWS writes with a capital are
//! given as they stand.

use serde::Deserialize;

use super::super::object::Object;
use super::super::text::{Flag, Text};

/// One event.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct TrailEvent<'a> {
    #[serde(borrow)]
    pub(super) event_time: Text<'a>,
    #[serde(borrow, rename = "eventID")]
    pub(super) event_id: Text<'a>,
    #[serde(borrow)]
    pub(super) event_name: Text<'a>,
    #[serde(borrow)]
    pub(super) event_source: Text<'a>,
    #[serde(borrow)]
    pub(super) event_type: Text<'a>,
    #[serde(borrow, rename = "sourceIPAddress")]
    pub(super) source_ip_address: Text<'a>,
    #[serde(borrow)]
    pub(super) user_agent: Text<'a>,
    #[serde(borrow)]
    pub(super) error_code: Text<'a>,
    #[serde(borrow)]
    pub(super) error_message: Text<'a>,
    #[serde(borrow)]
    pub(super) recipient_account_id: Text<'a>,
    pub(super) session_credential_from_console: Flag,
    #[serde(borrow)]
    pub(super) user_identity: Object<UserIdentity<'a>>,
    #[serde(borrow)]
    pub(super) request_parameters: Object<RequestParameters<'a>>,
    #[serde(borrow)]
    pub(super) response_elements: Object<ResponseElements<'a>>,
    #[serde(borrow)]
    pub(super) additional_event_data: Object<AdditionalEventData<'a>>,
    #[serde(borrow)]
    pub(super) service_event_details: Object<ServiceEventDetails<'a>>,
}

/// Who called.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct UserIdentity<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) principal_id: Text<'a>,
    #[serde(borrow)]
    pub(super) arn: Text<'a>,
    #[serde(borrow)]
    pub(super) account_id: Text<'a>,
    #[serde(borrow)]
    pub(super) access_key_id: Text<'a>,
    #[serde(borrow)]
    pub(super) user_name: Text<'a>,
    #[serde(borrow)]
    pub(super) invoked_by: Text<'a>,
    #[serde(borrow)]
    pub(super) session_context: Object<SessionContext<'a>>,
    #[serde(borrow)]
    pub(super) on_behalf_of: Object<OnBehalfOf<'a>>,
}

/// The person of IAM Identity Center behind the call.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct OnBehalfOf<'a> {
    #[serde(borrow)]
    pub(super) user_id: Text<'a>,
}

/// Where temporary credentials come from.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SessionContext<'a> {
    pub(super) attributes: Object<Attributes>,
    #[serde(borrow)]
    pub(super) session_issuer: Object<SessionIssuer<'a>>,
}

/// Whether the session was opened with MFA.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Attributes {
    pub(super) mfa_authenticated: Flag,
}

/// The role that was assumed.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SessionIssuer<'a> {
    #[serde(borrow)]
    pub(super) arn: Text<'a>,
    #[serde(borrow)]
    pub(super) user_name: Text<'a>,
}

/// What was asked for.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RequestParameters<'a> {
    #[serde(borrow)]
    pub(super) role_arn: Text<'a>,
    #[serde(borrow)]
    pub(super) role_name: Text<'a>,
    #[serde(borrow)]
    pub(super) role_session_name: Text<'a>,
    #[serde(borrow)]
    pub(super) user_name: Text<'a>,
    #[serde(borrow)]
    pub(super) serial_number: Text<'a>,
    #[serde(borrow)]
    pub(super) secret_id: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) instance_id: Text<'a>,
    #[serde(borrow)]
    pub(super) policy_arn: Text<'a>,
}

/// What was answered. Credentials are never read.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ResponseElements<'a> {
    #[serde(borrow, rename = "ConsoleLogin")]
    pub(super) console_login: Text<'a>,
    #[serde(borrow, rename = "SwitchRole")]
    pub(super) switch_role: Text<'a>,
    #[serde(borrow, rename = "CheckMfa")]
    pub(super) check_mfa: Text<'a>,
}

/// What sign-ins say beyond that.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct AdditionalEventData<'a> {
    #[serde(rename = "MFAUsed")]
    pub(super) mfa_used: Flag,
    #[serde(borrow, rename = "MFAIdentifier")]
    pub(super) mfa_identifier: Text<'a>,
    #[serde(borrow, rename = "SamlProviderArn")]
    pub(super) saml_provider_arn: Text<'a>,
    #[serde(borrow, rename = "AuthWorkflowID")]
    pub(super) auth_workflow_id: Text<'a>,
    #[serde(borrow, rename = "CredentialType")]
    pub(super) credential_type: Text<'a>,
    #[serde(borrow, rename = "UserName")]
    pub(super) user_name: Text<'a>,
}

/// Results of Identity Center's sign-in steps.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ServiceEventDetails<'a> {
    #[serde(borrow, rename = "CredentialChallenge")]
    pub(super) credential_challenge: Text<'a>,
    #[serde(borrow, rename = "CredentialVerification")]
    pub(super) credential_verification: Text<'a>,
    #[serde(borrow, rename = "UserAuthentication")]
    pub(super) user_authentication: Text<'a>,
}
