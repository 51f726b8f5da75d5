//! What operations mean to detectors, as tables.

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;
use rollcall_schemas::{Activity, Credential, Factor, Mfa, Platform, PolicyMode};

use super::row::{Codes, Row};

/// Operations that matter most, as (source, beginning of the vendor's name). A source of
/// `*` is every source.
const CRITICAL: &[(&str, &str)] = &[
    // Secrets are read, keys decrypt.
    ("cloudtrail", "GetSecretValue"),
    ("cloudtrail", "BatchGetSecretValue"),
    ("cloudtrail", "GetParametersByPath"),
    ("gcp", "google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion"),
    // Who may do what.
    ("cloudtrail", "CreateAccessKey"),
    ("cloudtrail", "CreateUser"),
    ("cloudtrail", "CreateLoginProfile"),
    ("cloudtrail", "AttachUserPolicy"),
    ("cloudtrail", "AttachRolePolicy"),
    ("cloudtrail", "PutUserPolicy"),
    ("cloudtrail", "PutRolePolicy"),
    ("cloudtrail", "UpdateAssumeRolePolicy"),
    ("okta", "user.account.privilege.grant"),
    ("okta", "group.privilege.grant"),
    ("okta", "system.api_token.create"),
    ("okta", "system.idp.lifecycle.create"),
    ("entra", "Add member to role"),
    ("entra", "Consent to application"),
    ("entra", "Add service principal credentials"),
    ("github", "org.add_member"),
    ("github", "personal_access_token.create"),
    ("github", "protected_branch.destroy"),
    ("github", "protected_branch.policy_override"),
    ("github", "org.update_actions_secret"),
    // The trail itself.
    ("cloudtrail", "StopLogging"),
    ("cloudtrail", "DeleteTrail"),
];

/// Parts of operations that take something away from a policy.
const WEAKENS: &[&str] = &[
    "deactivate",
    "delete",
    "destroy",
    "disable",
    "remove",
    "report_only",
    "reportonly",
    "turn_off",
];

/// Kinds of accounts, as sources name them, behind which there is no person.
const MACHINES: &[&str] = &[
    "service",
    "serviceprincipal",
    "application",
    "app",
    "bot",
    "system",
    "systemprincipal",
    "awsservice",
    "machine",
];

/// Whether an operation is one that matters most: by the table above, a secret that is read,
/// or a change in production.
pub(super) fn is_critical(
    row: &Row,
    source: &str,
    operation: &str,
    environment: Option<&str>,
) -> bool {
    if !row.worked() {
        return false;
    }
    let by_name = CRITICAL
        .iter()
        .any(|(of, name)| (*of == "*" || *of == source) && operation.starts_with(name));
    let reads_secret = row.platform == Platform::Secrets
        && row.activity == Activity::Access
        && source != "cloudtrail";
    let in_production = environment == Some("production") && row.activity == Activity::Access;
    by_name || reads_secret || in_production
}

/// What is done with recovery and bypass codes.
pub(super) fn codes(row: &Row, operation: &str) -> Option<Codes> {
    let is_code = matches!(row.factor, Some(Factor::RecoveryCode | Factor::BypassCode));
    let named = ["recovery_code", "backup_code", "scratch_code", "ScratchCodes", "bypass_"];
    let is_named = named.iter().any(|name| operation.contains(name));
    if !row.worked() || !(is_code || is_named || row.mfa == Mfa::Bypassed) {
        return None;
    }
    let signs_in = matches!(row.activity, Activity::Logon | Activity::Verify);
    let has = |words: &[&str]| words.iter().any(|word| operation.contains(word));
    Some(if signs_in || has(&["used"]) {
        Codes::Used
    } else if has(&["viewed", "downloaded", "printed", "view"]) {
        Codes::Viewed
    } else if has(&["delete", "remove", "destroy"]) {
        return None;
    } else {
        Codes::Issued
    })
}

/// Whether a change takes something away from a policy, by the name of the operation or
/// the mode that it is left in.
pub(super) fn weakens(row: &Row, operation: &str, mode: Option<PolicyMode>) -> bool {
    let requirement = ["two_factor_requirement", "2sv", "security_defaults"];
    let is_policy = row.activity == Activity::PolicyChange
        || requirement.iter().any(|word| operation.contains(word));
    if !is_policy || !row.worked() {
        return false;
    }
    mode == Some(PolicyMode::ReportOnly) || WEAKENS.iter().any(|word| contains(operation, word))
}

/// Whether a change closes or disables an account.
pub(super) fn closes(row: &Row, operation: &str) -> bool {
    const CLOSES: &[&str] = &["deactivate", "suspend", "delete", "disable", "remove", "block"];
    row.activity == Activity::AccountChange
        && row.worked()
        && CLOSES.iter().any(|word| contains(operation, word))
}

/// Whether a name has a word in it, in whatever case.
fn contains(name: &str, word: &str) -> bool {
    name.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

/// Whether no person is behind an event.
pub(super) fn is_automatic(row: &Row, kind: &str, interactive: Option<bool>) -> bool {
    let by_kind = MACHINES.iter().any(|machine| kind.eq_ignore_ascii_case(machine));
    let by_credential = matches!(
        row.credential,
        Some(Credential::App | Credential::AccessKey | Credential::DeployKey)
    );
    by_kind || (by_credential && interactive != Some(true))
}

/// Minutes that a zone's clock is ahead of UTC at a time.
pub(super) fn offset_minutes(zone: Tz, time: i64) -> i32 {
    let Some(time) = DateTime::from_timestamp_micros(time) else { return 0 };
    zone.offset_from_utc_datetime(&time.naive_utc()).fix().local_minus_utc() / 60
}

#[cfg(test)]
mod tests {
    use rollcall_schemas::Outcome;

    use super::*;

    fn row(activity: Activity) -> Row {
        Row { activity, outcome: Outcome::Success, ..Row::default() }
    }

    #[test]
    fn secrets_rights_and_production_matter_most() {
        let access = row(Activity::Access);
        assert!(is_critical(&access, "cloudtrail", "GetSecretValue", None));
        assert!(!is_critical(&access, "okta", "GetSecretValue", None));
        assert!(is_critical(&access, "github", "deploy", Some("production")));
        assert!(!is_critical(&access, "github", "deploy", Some("staging")));
        let failed = Row { outcome: Outcome::Denied, ..access };
        assert!(!is_critical(&failed, "cloudtrail", "GetSecretValue", None));
    }

    #[test]
    fn codes_are_issued_viewed_and_used() {
        let of = |row: &Row, operation| codes(row, operation);
        let recovery = row(Activity::Recovery);
        assert_eq!(
            of(&recovery, "two_factor_authentication.recovery_codes_viewed"),
            Some(Codes::Viewed)
        );
        assert_eq!(of(&recovery, "org.recovery_code_used"), Some(Codes::Used));
        assert_eq!(
            of(&recovery, "two_factor_authentication.recovery_codes_regenerated"),
            Some(Codes::Issued)
        );
        let admin = Row { factor: Some(Factor::BypassCode), ..row(Activity::Admin) };
        assert_eq!(of(&admin, "bypass_create"), Some(Codes::Issued));
        assert_eq!(of(&admin, "bypass_delete"), None);
        let used = Row { factor: Some(Factor::RecoveryCode), ..row(Activity::Verify) };
        assert_eq!(of(&used, "user.authentication.auth_via_mfa"), Some(Codes::Used));
        assert_eq!(of(&row(Activity::Logon), "login"), None);
    }

    #[test]
    fn a_policy_is_weakened_by_name_or_by_mode() {
        let change = row(Activity::PolicyChange);
        for operation in ["policy.rule.deactivate", "Delete conditional access policy", "x.DISABLE"]
        {
            assert!(weakens(&change, operation, None), "{operation}");
        }
        assert!(!weakens(&change, "policy.rule.update", None));
        assert!(weakens(&change, "policy.rule.update", Some(PolicyMode::ReportOnly)));
        assert!(weakens(&row(Activity::Admin), "org.disable_two_factor_requirement", None));
        assert!(!weakens(&row(Activity::Admin), "repo.destroy", None));
    }
}
