//! Event names: what happened.

use rollcall_schemas::Activity;

use super::record::TrailEvent;

/// The activity; a call that isn't about authentication is an access.
pub(super) fn of(trail: &TrailEvent<'_>) -> Activity {
    let name = trail.event_name.or_empty();
    match trail.event_source.or_empty() {
        "signin.amazonaws.com" => of_sign_in(name),
        "sso.amazonaws.com" => of_single_sign_on(name),
        "sso-directory.amazonaws.com" | "identitystore.amazonaws.com" => of_directory(name),
        "sso-oauth.amazonaws.com" => Activity::TokenIssue,
        "sts.amazonaws.com" => of_tokens(name),
        "iam.amazonaws.com" => of_iam(name),
        "organizations.amazonaws.com" if name.ends_with("Policy") => Activity::PolicyChange,
        _ => Activity::Access,
    }
}

fn of_sign_in(name: &str) -> Activity {
    match name {
        "ConsoleLogin" | "UserAuthentication" => Activity::Logon,
        "Logout" | "ExitRole" => Activity::Logoff,
        "CredentialChallenge" | "CheckMfa" => Activity::Challenge,
        "CredentialVerification" => Activity::Verify,
        "SwitchRole" => Activity::Elevate,
        "GetSigninToken" | "RenewRole" | "CreateOAuth2Token" => Activity::TokenIssue,
        "PasswordRecoveryRequested" | "PasswordRecoveryCompleted" | "PasswordUpdated" => {
            Activity::Recovery
        }
        "EmailUpdated" => Activity::AccountChange,
        _ => Activity::Access,
    }
}

fn of_single_sign_on(name: &str) -> Activity {
    match name {
        "Authenticate" | "Federate" => Activity::Logon,
        "Logout" => Activity::Logoff,
        "CreateToken" | "GetRoleCredentials" => Activity::TokenIssue,
        "CreateAccountAssignment" | "DeleteAccountAssignment" => Activity::AccountChange,
        _ if name.contains("PermissionSet") && !reads(name) => Activity::PolicyChange,
        _ => Activity::Access,
    }
}

fn of_directory(name: &str) -> Activity {
    match name {
        "CompleteVirtualMfaDeviceRegistration" | "CompleteWebauthnDeviceRegistration" => {
            Activity::Enroll
        }
        "DeleteMfaDeviceForUser" => Activity::Unenroll,
        "UpdatePassword" | "VerifyEmail" => Activity::Recovery,
        _ if name.contains("MfaDevice") || reads(name) => Activity::Admin,
        _ if name.contains("User") || name.contains("Group") => Activity::AccountChange,
        _ => Activity::Admin,
    }
}

fn of_tokens(name: &str) -> Activity {
    match name {
        // A role is switched to from another identity of the account.
        "AssumeRole" | "AssumeRoot" => Activity::Elevate,
        // Signs a person or a workload in that comes from outside.
        "AssumeRoleWithSAML" | "AssumeRoleWithWebIdentity" => Activity::Logon,
        "GetSessionToken" | "GetFederationToken" => Activity::TokenIssue,
        _ => Activity::Access,
    }
}

fn of_iam(name: &str) -> Activity {
    match name {
        "EnableMFADevice" => Activity::Enroll,
        "DeactivateMFADevice" => Activity::Unenroll,
        "CreateAccessKey"
        | "CreateServiceSpecificCredential"
        | "UploadSSHPublicKey"
        | "UploadSigningCertificate" => Activity::TokenIssue,
        _ if reads(name) => Activity::Access,
        _ if is_policy(name) => Activity::PolicyChange,
        _ if ["User", "LoginProfile", "Password", "AccessKey", "Role", "Group", "Credential"]
            .iter()
            .any(|word| name.contains(word)) =>
        {
            Activity::AccountChange
        }
        _ => Activity::Admin,
    }
}

/// Policies as such, and who may take on a role. What is attached to a user or a
/// group changes that account.
fn is_policy(name: &str) -> bool {
    let of_account = ["User", "Group"].iter().any(|word| name.contains(word));
    name.contains("Policy") && !of_account
}

fn reads(name: &str) -> bool {
    ["Get", "List", "Describe", "Simulate", "Search"].iter().any(|verb| name.starts_with(verb))
}
