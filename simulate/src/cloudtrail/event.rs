//! One record of a trail, event version 1.11.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::identity::UserIdentity;
use crate::record::{Feed, Outbox, iso_seconds};
use crate::world::Chance;

/// The company's accounts at AWS: production, staging, data.
pub(crate) const ACCOUNTS: [(&str, &str); 3] =
    [("111122223333", "production"), ("444455556666", "staging"), ("777788889999", "data")];

/// What was called, apart from who and when.
pub(crate) struct Call<'a> {
    pub(crate) source: &'a str,
    pub(crate) name: &'a str,
    pub(crate) region: &'a str,
    pub(crate) ip: &'a str,
    pub(crate) agent: &'a str,
    pub(crate) error: Option<(&'a str, &'a str)>,
    pub(crate) request: Request<'a>,
    pub(crate) response: Response<'a>,
    pub(crate) additional: Option<Additional<'a>>,
    pub(crate) kind: &'a str,
    pub(crate) account: &'a str,
}

impl Default for Call<'_> {
    fn default() -> Self {
        Self {
            source: "signin.amazonaws.com",
            name: "ConsoleLogin",
            region: "eu-central-1",
            ip: "",
            agent: "",
            error: None,
            request: Request::None,
            response: Response::None,
            additional: None,
            kind: "AwsConsoleSignIn",
            account: "111122223333",
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    event_version: &'a str,
    user_identity: &'a UserIdentity<'a>,
    event_time: &'a str,
    event_source: &'a str,
    event_name: &'a str,
    aws_region: &'a str,
    #[serde(rename = "sourceIPAddress")]
    source_ip_address: &'a str,
    user_agent: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'a str>,
    request_parameters: &'a Request<'a>,
    response_elements: &'a Response<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_event_data: Option<&'a Additional<'a>>,
    #[serde(rename = "requestID")]
    request_id: &'a str,
    #[serde(rename = "eventID")]
    event_id: &'a str,
    read_only: bool,
    event_type: &'a str,
    management_event: bool,
    recipient_account_id: &'a str,
    event_category: &'a str,
    tls_details: Tls<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tls<'a> {
    tls_version: &'a str,
    cipher_suite: &'a str,
    client_provided_host_header: String,
}

/// `requestParameters`, by call.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Request<'a> {
    None,
    #[serde(rename_all = "camelCase")]
    Secret {
        secret_id: &'a str,
    },
    #[serde(rename_all = "camelCase")]
    Role {
        role_arn: &'a str,
        role_session_name: &'a str,
        duration_seconds: u32,
    },
    #[serde(rename_all = "camelCase")]
    Saml {
        #[serde(rename = "sAMLAssertionID")]
        assertion: &'a str,
        role_arn: &'a str,
        principal_arn: &'a str,
        duration_seconds: u32,
    },
    #[serde(rename_all = "camelCase")]
    Bucket {
        bucket_name: &'a str,
        key: &'a str,
    },
    #[serde(rename_all = "camelCase")]
    Service {
        cluster: &'a str,
        service: &'a str,
        desired_count: u32,
    },
    #[serde(rename_all = "camelCase")]
    User {
        user_name: &'a str,
    },
}

/// `responseElements`, by call.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Response<'a> {
    None,
    #[serde(rename_all = "PascalCase")]
    ConsoleLogin {
        console_login: &'a str,
    },
    #[serde(rename_all = "PascalCase")]
    Verification {
        #[serde(skip_serializing_if = "Option::is_none")]
        credential_verification: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        user_authentication: Option<&'a str>,
    },
    #[serde(rename_all = "camelCase")]
    Credentials {
        credentials: Credentials<'a>,
        assumed_role_user: AssumedRoleUser<'a>,
    },
}

impl Response<'_> {
    pub(crate) const SIGNED_IN: Response<'static> =
        Response::ConsoleLogin { console_login: "Success" };
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Credentials<'a> {
    pub(crate) access_key_id: &'a str,
    pub(crate) expiration: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssumedRoleUser<'a> {
    pub(crate) assumed_role_id: &'a str,
    pub(crate) arn: &'a str,
}

/// `additionalEventData` of sign-ins, AWS's own mixture of cases.
#[derive(Serialize, Default)]
pub(crate) struct Additional<'a> {
    #[serde(rename = "LoginTo", skip_serializing_if = "Option::is_none")]
    pub(crate) login_to: Option<&'a str>,
    #[serde(rename = "MobileVersion", skip_serializing_if = "Option::is_none")]
    pub(crate) mobile_version: Option<&'a str>,
    #[serde(rename = "MFAUsed", skip_serializing_if = "Option::is_none")]
    pub(crate) mfa_used: Option<&'a str>,
    #[serde(rename = "MFAIdentifier", skip_serializing_if = "Option::is_none")]
    pub(crate) mfa_identifier: Option<&'a str>,
    #[serde(rename = "AuthWorkflowID", skip_serializing_if = "Option::is_none")]
    pub(crate) auth_workflow_id: Option<&'a str>,
    #[serde(rename = "CredentialType", skip_serializing_if = "Option::is_none")]
    pub(crate) credential_type: Option<&'a str>,
    #[serde(rename = "UserName", skip_serializing_if = "Option::is_none")]
    pub(crate) user_name: Option<&'a str>,
}

/// Writes one record. Times are told to the second.
pub(crate) fn write(
    out: &mut Outbox,
    at: DateTime<Utc>,
    who: &UserIdentity,
    call: &Call,
    chance: &mut Chance,
) {
    // Drawn in any case: what is told by the day before shifts no draws.
    let (request_id, event_id) = (chance.uuid(), chance.uuid());
    if !out.wants(at) {
        return;
    }
    let read = call.name.starts_with("Get")
        || call.name.starts_with("Describe")
        || call.name.starts_with("List");
    let record = Record {
        event_version: "1.11",
        user_identity: who,
        event_time: &iso_seconds(at),
        event_source: call.source,
        event_name: call.name,
        aws_region: call.region,
        source_ip_address: call.ip,
        user_agent: call.agent,
        error_code: call.error.map(|error| error.0).filter(|code| !code.is_empty()),
        error_message: call.error.map(|error| error.1),
        request_parameters: &call.request,
        response_elements: &call.response,
        additional_event_data: call.additional.as_ref(),
        request_id: &request_id,
        event_id: &event_id,
        read_only: read,
        event_type: call.kind,
        management_event: true,
        recipient_account_id: call.account,
        event_category: "Management",
        tls_details: Tls {
            tls_version: "TLSv1.3",
            cipher_suite: "TLS_AES_128_GCM_SHA256",
            client_provided_host_header: format!("{}.{}", call.region, call.source),
        },
    };
    out.json(at, Feed::CloudTrail, &record);
}
