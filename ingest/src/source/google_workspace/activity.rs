//! Event names: what happened. A name that isn't known is an access; of the
//! application `admin` its type decides.

use rollcall_schemas::Activity;

/// The activity of an application's event.
pub(super) fn of(application: &str, name: &str, kind: &str) -> Activity {
    match application {
        "admin" => of_admin(name, kind),
        "token" => match name {
            "authorize" => Activity::TokenIssue,
            "revoke" => Activity::AccountChange,
            _ => Activity::Access,
        },
        _ => of_account(name),
    }
}

/// `login`, `user_accounts` (which has the names of changes again) and `saml`.
fn of_account(name: &str) -> Activity {
    match name {
        "login_success"
        | "login_failure"
        | "suspicious_login"
        | "suspicious_login_less_secure_app"
        | "suspicious_programmatic_login" => Activity::Logon,
        "login_challenge" | "login_verification" => Activity::Verify,
        "logout" | "user_signed_out_due_to_suspicious_session_cookie" => Activity::Logoff,
        "2sv_enroll" | "passkey_enrolled" => Activity::Enroll,
        "2sv_disable" | "passkey_removed" => Activity::Unenroll,
        "password_edit"
        | "recovery_email_edit"
        | "recovery_phone_edit"
        | "recovery_secret_qa_edit"
        // Advanced Protection is a bundle of rules for an account, no factor.
        | "titanium_enroll"
        | "titanium_unenroll"
        | "account_disabled_password_leak"
        | "account_disabled_generic"
        | "account_disabled_spamming"
        | "account_disabled_spamming_through_relay"
        | "account_disabled_hijacked"
        | "email_forwarding_out_of_domain" => Activity::AccountChange,
        "risky_sensitive_action_allowed" | "risky_sensitive_action_blocked" => {
            Activity::PolicyDecision
        }
        "" | "gov_attack_warning" => Activity::Unknown,
        _ => Activity::Access,
    }
}

fn of_admin(name: &str, kind: &str) -> Activity {
    match name {
        "TURN_OFF_2_STEP_VERIFICATION" | "UNENROLL_USER_FROM_STRONG_AUTH" => Activity::FactorReset,
        "REVOKE_SECURITY_KEY" | "PASSKEY_REVOKED" | "DELETE_2SV_SCRATCH_CODES" => {
            Activity::Unenroll
        }
        "SECURITY_KEY_REGISTERED_FOR_USER" | "USER_ENROLLED_IN_TWO_STEP_VERIFICATION" => {
            Activity::Enroll
        }
        "GENERATE_2SV_SCRATCH_CODES" => Activity::Recovery,
        "CHANGE_SSO_SETTINGS" | "TOGGLE_SSO_ENABLED" => Activity::PolicyChange,
        "" => Activity::Unknown,
        _ => match kind {
            "SECURITY_SETTINGS" => Activity::PolicyChange,
            "USER_SETTINGS" | "DELEGATED_ADMIN_SETTINGS" => Activity::AccountChange,
            _ => Activity::Admin,
        },
    }
}
