//! Event codes: what happened, how it ended, and why, where the code says so.

use rollcall_schemas::{Activity, Outcome, Reason};

use Activity::{
    Access, AccountChange, Admin, Challenge, Enroll, Logoff, Logon, PolicyChange, PolicyDecision,
    Recovery, TokenIssue, Unenroll, Verify,
};
use Outcome::{Denied, Error, Failure, Interrupted, Success, Unknown};
use Reason::{
    BadPassword, FactorDenied, FactorFailed, MfaRequired, Policy, Risk, ServiceError,
    TooManyAttempts, UnknownUser,
};

/// What a code says; one that isn't known is kept as an access.
pub(super) fn of(code: &str) -> (Activity, Outcome, Option<Reason>) {
    let found = CODES.binary_search_by(|(known, ..)| (*known).cmp(code)).ok();
    match found.and_then(|at| CODES.get(at)) {
        Some((_, activity, outcome, reason)) => (*activity, *outcome, *reason),
        None => (Access, Unknown, None),
    }
}

/// Whether tokens are handed out without a page: `seacft`, `feccft`, `sepft`, …
pub(super) fn is_exchange(code: &str) -> bool {
    (code.starts_with("se") || code.starts_with("fe"))
        && (code.ends_with("ft") || matches!(code, "sede" | "fede" | "sens" | "fens"))
        || matches!(code, "secte" | "fecte" | "ferrt")
}

/// The reason is in the description.
const SAID: Option<Reason> = Some(Reason::Unknown);

/// Codes in byte order. A second factor that was asked for before a sign-in is a
/// policy's decision (`mfar`); what was sent for it is a challenge.
#[rustfmt::skip]
const CODES: &[(&str, Activity, Outcome, Option<Reason>)] = &[
    ("actions_execution_failed", Admin, Error, Some(ServiceError)),
    ("api_limit", Access, Denied, Some(TooManyAttempts)),
    ("appi", Admin, Unknown, None),
    ("ciba_exchange_failed", TokenIssue, Failure, SAID),
    ("ciba_exchange_succeeded", TokenIssue, Success, None),
    ("ciba_start_failed", Challenge, Failure, SAID),
    ("ciba_start_succeeded", Challenge, Success, None),
    ("cls", Challenge, Success, None),
    ("coff", Admin, Error, Some(ServiceError)),
    ("con", Admin, Success, None),
    ("cs", Challenge, Success, None),
    ("du", AccountChange, Success, None),
    ("f", Logon, Failure, SAID),
    ("fapi", Admin, Failure, SAID),
    ("fc", Logon, Error, Some(ServiceError)),
    ("fce", AccountChange, Failure, SAID),
    ("fco", Logon, Denied, Some(Policy)),
    ("fcoa", Logon, Failure, SAID),
    ("fcp", Recovery, Failure, SAID),
    ("fcpn", AccountChange, Failure, SAID),
    ("fcpr", Recovery, Failure, SAID),
    ("fcpro", Admin, Failure, SAID),
    ("fcu", AccountChange, Failure, SAID),
    ("fd", TokenIssue, Failure, SAID),
    ("fdeac", TokenIssue, Failure, SAID),
    ("fdeaz", TokenIssue, Failure, SAID),
    ("fdecc", TokenIssue, Denied, Some(FactorDenied)),
    ("fdu", AccountChange, Failure, SAID),
    ("feacft", TokenIssue, Failure, SAID),
    ("feccft", TokenIssue, Failure, SAID),
    ("fecte", TokenIssue, Failure, SAID),
    ("fede", TokenIssue, Failure, SAID),
    ("federated_logout_failed", Logoff, Failure, SAID),
    ("fens", Logon, Failure, SAID),
    ("feoobft", Logon, Failure, Some(FactorFailed)),
    ("feotpft", Logon, Failure, Some(FactorFailed)),
    ("fepft", Logon, Failure, SAID),
    ("fepotpft", Logon, Failure, Some(FactorFailed)),
    ("fercft", Logon, Failure, Some(FactorFailed)),
    ("ferrt", TokenIssue, Failure, SAID),
    ("fertft", TokenIssue, Failure, SAID),
    ("fi", AccountChange, Failure, SAID),
    ("flo", Logoff, Failure, SAID),
    ("fp", Logon, Failure, Some(BadPassword)),
    ("fs", AccountChange, Failure, SAID),
    // A session was looked for without a page: a sign-in is needed first.
    ("fsa", Logon, Interrupted, None),
    ("fu", Logon, Failure, Some(UnknownUser)),
    ("fui", AccountChange, Failure, SAID),
    ("fv", AccountChange, Failure, SAID),
    ("fvr", AccountChange, Failure, SAID),
    ("gd_auth_email_verification", Verify, Success, None),
    ("gd_auth_fail_email_verification", Verify, Failure, Some(FactorFailed)),
    ("gd_auth_failed", Verify, Failure, Some(FactorFailed)),
    ("gd_auth_rejected", Verify, Denied, Some(FactorDenied)),
    ("gd_auth_succeed", Verify, Success, None),
    ("gd_enrollment_complete", Enroll, Success, None),
    ("gd_otp_rate_limit_exceed", Verify, Denied, Some(TooManyAttempts)),
    ("gd_recovery_failed", Recovery, Failure, Some(FactorFailed)),
    ("gd_recovery_rate_limit_exceed", Recovery, Denied, Some(TooManyAttempts)),
    ("gd_recovery_succeed", Recovery, Success, None),
    ("gd_send_email", Challenge, Success, None),
    ("gd_send_email_verification", Challenge, Success, None),
    ("gd_send_email_verification_failure", Challenge, Error, Some(ServiceError)),
    ("gd_send_pn", Challenge, Success, None),
    ("gd_send_pn_failure", Challenge, Error, Some(ServiceError)),
    ("gd_send_sms", Challenge, Success, None),
    ("gd_send_sms_failure", Challenge, Error, Some(ServiceError)),
    ("gd_send_voice", Challenge, Success, None),
    ("gd_send_voice_failure", Challenge, Error, Some(ServiceError)),
    ("gd_start_auth", Challenge, Success, None),
    // Begun; whether it was finished is another event's.
    ("gd_start_enroll", Enroll, Interrupted, None),
    ("gd_start_enroll_failed", Enroll, Failure, SAID),
    ("gd_tenant_update", PolicyChange, Success, None),
    ("gd_unenroll", Unenroll, Success, None),
    ("gd_update_device_account", Enroll, Success, None),
    ("gd_webauthn_challenge_failed", Verify, Failure, Some(FactorFailed)),
    ("gd_webauthn_enrollment_failed", Enroll, Failure, SAID),
    ("kms_key_management_failure", Admin, Failure, SAID),
    ("kms_key_management_success", Admin, Success, None),
    ("kms_key_state_changed", Admin, Success, None),
    ("limit_delegation", Access, Denied, Some(TooManyAttempts)),
    ("limit_mu", Logon, Denied, Some(TooManyAttempts)),
    ("limit_sul", Logon, Denied, Some(TooManyAttempts)),
    ("limit_ui", Access, Denied, Some(TooManyAttempts)),
    ("limit_wc", Logon, Denied, Some(TooManyAttempts)),
    ("mfar", PolicyDecision, Interrupted, Some(MfaRequired)),
    ("mgmt_api_read", Access, Success, None),
    ("my_account_authentication_method_failed", Enroll, Failure, SAID),
    // A method was added, changed or removed: the code doesn't say which.
    ("my_account_authentication_method_succeeded", AccountChange, Success, None),
    ("oidc_backchannel_logout_failed", Logoff, Failure, SAID),
    ("oidc_backchannel_logout_succeeded", Logoff, Success, None),
    ("organization_member_added", AccountChange, Success, None),
    ("passkey_challenge_failed", Verify, Failure, Some(FactorFailed)),
    ("passkey_challenge_started", Challenge, Success, None),
    // Looked at only.
    ("pla", PolicyDecision, Unknown, None),
    // Whether the leaked password was refused is the tenant's configuration.
    ("pwd_leak", PolicyDecision, Unknown, Some(Risk)),
    ("reset_pwd_leak", PolicyDecision, Unknown, Some(Risk)),
    ("s", Logon, Success, None),
    ("sapi", Admin, Success, None),
    ("sce", AccountChange, Success, None),
    // The password of an embedded form; the login that follows is `s`.
    ("scoa", Verify, Success, None),
    ("scp", Recovery, Success, None),
    ("scpn", AccountChange, Success, None),
    ("scpr", Recovery, Success, None),
    ("scu", AccountChange, Success, None),
    ("sd", TokenIssue, Success, None),
    ("sdu", AccountChange, Success, None),
    ("seacft", TokenIssue, Success, None),
    ("seccft", TokenIssue, Success, None),
    ("secte", TokenIssue, Success, None),
    ("sede", TokenIssue, Success, None),
    ("sens", Logon, Success, None),
    ("seoobft", Logon, Success, None),
    ("seotpft", Logon, Success, None),
    ("sepft", Logon, Success, None),
    ("sepkoobft", Logon, Success, None),
    ("sepkotpft", Logon, Success, None),
    ("sepkrcft", Logon, Success, None),
    ("sercft", Logon, Success, None),
    ("sertft", TokenIssue, Success, None),
    ("si", AccountChange, Success, None),
    ("signup_pwd_leak", PolicyDecision, Unknown, Some(Risk)),
    ("slo", Logoff, Success, None),
    ("srrt", Logoff, Success, None),
    ("ss", AccountChange, Success, None),
    ("ssa", Logon, Success, None),
    ("sscim", AccountChange, Success, None),
    ("sui", AccountChange, Success, None),
    ("sv", AccountChange, Success, None),
    ("svr", AccountChange, Success, None),
    ("ublkdu", Recovery, Success, None),
    ("universal_logout_failed", Logoff, Failure, SAID),
    ("universal_logout_succeeded", Logoff, Success, None),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(CODES.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn exchanges_are_told_by_their_codes() {
        for code in ["seacft", "feccft", "sertft", "sepft", "feotpft", "ferrt", "sens", "secte"] {
            assert!(is_exchange(code), "{code}");
        }
        for code in
            ["s", "f", "ss", "sce", "fce", "ssa", "gd_auth_failed", "federated_logout_failed"]
        {
            assert!(!is_exchange(code), "{code}");
        }
    }
}
