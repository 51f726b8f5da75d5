//! Operations: what happened. An operation that isn't about authentication, and
//! one that isn't known, is an access. Names are compared in lower case, as
//! diagnostic records have them in upper case.

use rollcall_schemas::{Activity, Platform};

use super::record::Details;

/// The activity of an operation, given in lower case.
pub(super) fn of(operation: &str, details: &Details<'_>) -> Activity {
    if let Some(rest) = operation.strip_prefix("microsoft.authorization/") {
        return of_authorization(rest, details);
    }
    let (path, verb) = operation.rsplit_once('/').unwrap_or((operation, ""));
    match (path, verb) {
        _ if hands_out_secret(operation) => Activity::TokenIssue,
        (path, "write" | "delete") if path.starts_with("microsoft.managedidentity/") => {
            Activity::AccountChange
        }
        (path, "write" | "delete") if path.ends_with("/accesspolicies") => Activity::PolicyChange,
        (path, "write" | "delete")
            if path.ends_with("/diagnosticsettings")
                || path.starts_with("microsoft.management/managementgroups")
                || path.starts_with("microsoft.subscription/") =>
        {
            Activity::Admin
        }
        _ => Activity::Access,
    }
}

/// Who may do what, and what is allowed at all.
fn of_authorization(rest: &str, details: &Details<'_>) -> Activity {
    let (kind, verb) = rest.split_once('/').unwrap_or((rest, ""));
    match (kind, verb) {
        ("elevateaccess", _) => Activity::Elevate,
        // A person takes on a role that was kept ready, or an administrator
        // hands one out.
        ("roleassignmentschedulerequests", "write")
            if details.assignment.properties.request_type.or_empty().starts_with("Self") =>
        {
            Activity::Elevate
        }
        ("policies", _) => Activity::PolicyDecision,
        (_, "write" | "delete" | "cancel/action") if kind.starts_with("roleassignment") => {
            Activity::AccountChange
        }
        (_, "write" | "delete" | "cancel/action") if kind.starts_with("roleeligib") => {
            Activity::AccountChange
        }
        (
            "roledefinitions"
            | "policyassignments"
            | "policydefinitions"
            | "policysetdefinitions"
            | "policyexemptions"
            | "locks"
            | "denyassignments"
            | "rolemanagementpolicies"
            | "rolemanagementpolicyassignments",
            "write" | "delete",
        ) => Activity::PolicyChange,
        _ => Activity::Access,
    }
}

/// `listKeys`, `listClusterAdminCredential`, `regenerateKey`, …: the answer holds
/// keys or tokens.
fn hands_out_secret(operation: &str) -> bool {
    let Some(path) = operation.strip_suffix("/action") else { return false };
    let name = path.rsplit('/').next().unwrap_or(path);
    let lists = name.starts_with("list") || name.starts_with("regenerate");
    lists
        && ["key", "credential", "secret", "token", "sas", "connectionstring"]
            .iter()
            .any(|word| name.contains(word))
        || name == "generatecredentials"
        || name == "publishxml"
}

/// What kind of service was used.
pub(super) fn platform(operation: &str) -> Platform {
    match provider(operation) {
        "microsoft.keyvault" => Platform::Secrets,
        "microsoft.containerregistry" => Platform::ArtifactRegistry,
        "microsoft.devops" | "microsoft.visualstudio" => Platform::CiCd,
        "microsoft.aad" | "microsoft.aadiam" | "microsoft.azureactivedirectory" => Platform::Idp,
        _ => Platform::CloudConsole,
    }
}

/// "microsoft.storage" of `microsoft.storage/storageaccounts/write`.
pub(super) fn provider(operation: &str) -> &str {
    operation.split('/').next().unwrap_or(operation)
}

/// Whether the category tells of the platform itself, where nobody acts.
pub(super) fn is_of_platform(category: &str) -> bool {
    ["ServiceHealth", "ResourceHealth", "Alert", "Autoscale", "Recommendation", "Security"]
        .iter()
        .any(|name| category.eq_ignore_ascii_case(name))
}
