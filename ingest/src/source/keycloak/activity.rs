//! Types of user events: what happened. Names from Keycloak's `EventType`.

use rollcall_schemas::Activity;

use super::credential;
use super::record::Details;

/// The type of an event: what was tried, and whether it failed.
pub(super) struct Kind<'a> {
    /// Without `_ERROR`.
    pub(super) name: &'a str,
    pub(super) failed: bool,
}

impl<'a> Kind<'a> {
    pub(super) fn of(kind: &'a str) -> Self {
        match kind.strip_suffix("_ERROR") {
            Some(name) => Self { name, failed: true },
            None => Self { name: kind, failed: false },
        }
    }
}

/// The activity of a type; one that isn't known is kept as an access.
pub(super) fn of(kind: &Kind<'_>, details: &Details<'_>) -> Activity {
    match kind.name {
        "LOGIN" => Activity::Logon,
        // Where it works a LOGIN follows; where it doesn't, nothing does.
        "IDENTITY_PROVIDER_LOGIN"
        | "IDENTITY_PROVIDER_FIRST_LOGIN"
        | "IDENTITY_PROVIDER_POST_LOGIN"
        | "IDENTITY_PROVIDER_RESPONSE"
            if kind.failed =>
        {
            Activity::Logon
        }
        "LOGOUT" | "USER_SESSION_DELETED" => Activity::Logoff,

        "CLIENT_LOGIN"
        | "CODE_TO_TOKEN"
        | "REFRESH_TOKEN"
        | "TOKEN_EXCHANGE"
        | "OAUTH2_DEVICE_CODE_TO_TOKEN"
        | "OAUTH2_EXTENSION_GRANT"
        | "AUTHREQID_TO_TOKEN"
        | "PERMISSION_TOKEN"
        | "JWT_BEARER"
        | "IDENTITY_PROVIDER_RETRIEVE_TOKEN" => Activity::TokenIssue,

        // With a type of credential they repeat an UPDATE_CREDENTIAL or a
        // REMOVE_CREDENTIAL for those who wait for the old name.
        "UPDATE_TOTP" | "REMOVE_TOTP" if details.credential_type.get().is_some() => {
            Activity::AccountChange
        }
        "UPDATE_TOTP" => Activity::Enroll,
        "REMOVE_TOTP" => Activity::Unenroll,
        // The same for every kind of credential, the password among them.
        "UPDATE_CREDENTIAL" if credential::is_password(details) => Activity::AccountChange,
        "REMOVE_CREDENTIAL" if credential::is_password(details) => Activity::AccountChange,
        "UPDATE_CREDENTIAL" => Activity::Enroll,
        "REMOVE_CREDENTIAL" => Activity::Unenroll,
        "CUSTOM_REQUIRED_ACTION" if credential::of_action(details).is_some() => Activity::Enroll,

        "RESET_PASSWORD" | "SEND_RESET_PASSWORD" => Activity::Recovery,
        "IMPERSONATE" => Activity::Elevate,

        "REGISTER"
        | "UPDATE_EMAIL"
        | "UPDATE_PROFILE"
        | "UPDATE_PASSWORD"
        | "VERIFY_EMAIL"
        | "VERIFY_PROFILE"
        | "SEND_VERIFY_EMAIL"
        | "DELETE_ACCOUNT"
        | "INVITE_ORG"
        | "GRANT_CONSENT"
        | "UPDATE_CONSENT"
        | "REVOKE_GRANT"
        | "FEDERATED_IDENTITY_LINK"
        | "REMOVE_FEDERATED_IDENTITY"
        | "SEND_IDENTITY_PROVIDER_LINK"
        | "IDENTITY_PROVIDER_LINK_ACCOUNT"
        | "CLIENT_INITIATED_ACCOUNT_LINKING"
        | "CUSTOM_REQUIRED_ACTION"
        | "EXECUTE_ACTIONS"
        | "EXECUTE_ACTION_TOKEN"
        | "USER_DISABLED_BY_TEMPORARY_LOCKOUT"
        | "USER_DISABLED_BY_PERMANENT_LOCKOUT" => Activity::AccountChange,

        "CLIENT_REGISTER" | "CLIENT_UPDATE" | "CLIENT_DELETE" | "CLIENT_INFO" | "REGISTER_NODE"
        | "UNREGISTER_NODE" => Activity::Admin,
        _ => Activity::Access,
    }
}
