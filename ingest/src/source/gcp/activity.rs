//! Methods: what happened. A method that isn't about authentication, and one that
//! isn't known, is an access.

use rollcall_schemas::{Activity, Platform};

use super::record::LogEntry;

/// The activity of an entry.
pub(super) fn of(entry: &LogEntry<'_>) -> Activity {
    let method = entry.method();
    if entry.is_of_log("policy") {
        return Activity::PolicyDecision;
    }
    match entry.proto_payload.service_name.or_empty() {
        "login.googleapis.com" => of_sign_in(entry, method),
        "admin.googleapis.com" => of_workspace(method),
        "sts.googleapis.com" => of_federation(method),
        "iamcredentials.googleapis.com"
            if ["Generate", "Sign"].iter().any(|verb| method.starts_with(verb)) =>
        {
            Activity::TokenIssue
        }
        "iam.googleapis.com" => of_iam(method),
        "oslogin.googleapis.com" if method.ends_with("SshPublicKey") && !reads(method) => {
            Activity::TokenIssue
        }
        "cloudidentity.googleapis.com" if !reads(method) => Activity::AccountChange,
        "orgpolicy.googleapis.com" | "accesscontextmanager.googleapis.com" if !reads(method) => {
            Activity::PolicyChange
        }
        _ if sets_policy(method) => Activity::PolicyChange,
        "cloudresourcemanager.googleapis.com" if !reads(method) => Activity::Admin,
        "logging.googleapis.com" if configures_logs(entry) && !reads(method) => Activity::Admin,
        _ => Activity::Access,
    }
}

/// Sign-ins with accounts of Workspace and Cloud Identity.
fn of_sign_in(entry: &LogEntry<'_>, method: &str) -> Activity {
    match method {
        "loginSuccess"
        | "loginFailure"
        | "suspiciousLogin"
        | "suspiciousLoginLessSecureApp"
        | "suspiciousProgrammaticLogin" => Activity::Logon,
        // One and the same event tells that a proof was asked for and how it went.
        "loginChallenge" if entry.parameter("login_challenge_status").is_none() => {
            Activity::Challenge
        }
        "loginChallenge" | "loginVerification" => Activity::Verify,
        "logout" | "userSignedOutDueToSuspiciousSessionCookie" => Activity::Logoff,
        "2svEnroll" | "passkeyEnrolled" => Activity::Enroll,
        "2svDisable" | "passkeyRemoved" => Activity::Unenroll,
        "riskySensitiveActionAllowed" | "riskySensitiveActionBlocked" => Activity::PolicyDecision,
        _ if method.ends_with("Edit")
            || method.starts_with("accountDisabled")
            || method.starts_with("titanium")
            || method.starts_with("emailForwarding") =>
        {
            Activity::AccountChange
        }
        _ => Activity::Access,
    }
}

/// What administrators of Workspace do. Method names are those of the events of
/// its admin log, without their underscores.
fn of_workspace(method: &str) -> Activity {
    match method {
        "turnOff2StepVerification" => Activity::FactorReset,
        "revokeSecurityKey" => Activity::Unenroll,
        "generate2svScratchCodes" | "delete2svScratchCodes" => Activity::Recovery,
        _ if method.contains("StrongAuthentication") || method.contains("TwoStepVerification") => {
            Activity::PolicyChange
        }
        _ if ["User", "Group", "Role", "Password", "AdminPrivilege", "RecoveryEmail"]
            .iter()
            .any(|word| method.contains(word))
            && !reads(method) =>
        {
            Activity::AccountChange
        }
        _ => Activity::Admin,
    }
}

/// People and workloads that come in from another identity provider.
fn of_federation(method: &str) -> Activity {
    match method {
        "WebSignIn" | "ExchangeToken" => Activity::Logon,
        "WebSignOut" => Activity::Logoff,
        _ => Activity::Access,
    }
}

fn of_iam(method: &str) -> Activity {
    match method {
        "CreateServiceAccountKey" | "UploadServiceAccountKey" => Activity::TokenIssue,
        _ if reads(method) => Activity::Access,
        // Pools and their providers say who may come in from outside.
        _ if ["Policy", "Role", "Pool"].iter().any(|word| method.contains(word)) => {
            Activity::PolicyChange
        }
        _ if method.contains("ServiceAccount") => Activity::AccountChange,
        _ => Activity::Admin,
    }
}

/// Each service names the change of who may do what in its own way.
fn sets_policy(method: &str) -> bool {
    ["setIamPolicy", "setIamPermissions", "setOrgPolicy"]
        .iter()
        .any(|name| method.eq_ignore_ascii_case(name))
}

fn configures_logs(entry: &LogEntry<'_>) -> bool {
    entry.proto_payload.method_name.or_empty().contains("ConfigService")
}

fn reads(method: &str) -> bool {
    ["get", "list", "query", "search", "test", "lookup", "check", "fetch", "describe", "analyze"]
        .iter()
        .any(|verb| method.get(..verb.len()).is_some_and(|start| start.eq_ignore_ascii_case(verb)))
}

/// What kind of service was used.
pub(super) fn platform(entry: &LogEntry<'_>) -> Platform {
    match entry.proto_payload.service_name.or_empty() {
        "login.googleapis.com"
        | "admin.googleapis.com"
        | "cloudidentity.googleapis.com"
        | "identitytoolkit.googleapis.com"
        | "sts.googleapis.com" => Platform::Idp,
        "secretmanager.googleapis.com" => Platform::Secrets,
        "artifactregistry.googleapis.com" | "containerregistry.googleapis.com" => {
            Platform::ArtifactRegistry
        }
        "cloudbuild.googleapis.com" | "clouddeploy.googleapis.com" => Platform::CiCd,
        "sourcerepo.googleapis.com" | "securesourcemanager.googleapis.com" => {
            Platform::SourceControl
        }
        "oslogin.googleapis.com" => Platform::Ssh,
        _ => Platform::CloudConsole,
    }
}
