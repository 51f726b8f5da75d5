//! Numbers and names of OCSF's enumerations.

use std::borrow::Cow;

use rollcall_schemas::{Activity, Factor, Outcome, Reason};

/// The activity of a class, by its name where there is one.
pub(super) fn activity(class: i64, id: Option<i64>, name: &str) -> Activity {
    const NAMES: &[(&str, Activity)] = &[
        ("Logon", Activity::Logon),
        ("Logoff", Activity::Logoff),
        ("Preauth", Activity::Challenge),
        ("Account Switch", Activity::Elevate),
        ("Authentication Ticket", Activity::TokenIssue),
        ("Service Ticket Request", Activity::TokenIssue),
        ("Service Ticket Renew", Activity::TokenIssue),
        ("Service Ticket Renewal", Activity::TokenIssue),
        ("MFA Factor Enable", Activity::Enroll),
        ("MFA Enable", Activity::Enroll),
        ("MFA Factor Disable", Activity::Unenroll),
        ("MFA Disable", Activity::Unenroll),
        ("Password Reset", Activity::Recovery),
        ("Unlock", Activity::Recovery),
    ];
    let named = NAMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
    if let Some((_, activity)) = named {
        return *activity;
    }
    let is_named = !matches!(name, "" | "Other" | "Unknown");
    match (class, id) {
        (3001 | 3007, _) if is_named => Activity::AccountChange,
        (3002, Some(1)) => Activity::Logon,
        (3002, Some(2)) => Activity::Logoff,
        (3002, Some(3..=5)) => Activity::TokenIssue,
        (3002, Some(6)) => Activity::Challenge,
        (3002, Some(7)) => Activity::Elevate,
        (3001, Some(4 | 12)) | (3007, Some(7 | 9)) => Activity::Recovery,
        (3001, Some(10)) | (3007, Some(12)) => Activity::Enroll,
        (3001, Some(11)) | (3007, Some(13)) => Activity::Unenroll,
        (3001 | 3007, Some(_)) => Activity::AccountChange,
        (3003, _) => Activity::Elevate,
        (3005, _) => Activity::AccountChange,
        (3004 | 3006, _) => Activity::Admin,
        _ => Activity::Unknown,
    }
}

/// Outcome and reason: `status_id` 1 is success, 2 failure; the detail is one of
/// OCSF's words or the writer's.
pub(super) fn outcome(
    id: Option<i64>,
    status: &str,
    detail: &str,
    code: &str,
) -> (Outcome, Option<Reason>) {
    let failed = match id {
        Some(1) => false,
        Some(2) => true,
        _ if status.eq_ignore_ascii_case("success") => false,
        _ if status.eq_ignore_ascii_case("failure") => true,
        _ => return (Outcome::Unknown, None),
    };
    if !failed {
        return (Outcome::Success, None);
    }
    let reason = reason(detail).or_else(|| reason(code));
    let outcome = match reason {
        Some(Reason::FactorTimeout) => Outcome::Abandoned,
        Some(Reason::FactorDenied | Reason::Policy | Reason::NotAuthorized) => Outcome::Denied,
        _ => Outcome::Failure,
    };
    (outcome, Some(reason.unwrap_or(Reason::Unknown)))
}

fn reason(detail: &str) -> Option<Reason> {
    const WORDS: &[(&str, Reason)] = &[
        ("user_does_not_exist", Reason::UnknownUser),
        ("invalid_credentials", Reason::BadPassword),
        ("account_disabled", Reason::Disabled),
        ("account_locked", Reason::Locked),
        ("password_expired", Reason::PasswordExpired),
        ("unknown user", Reason::UnknownUser),
        ("invalid user", Reason::UnknownUser),
        ("denied by user", Reason::FactorDenied),
        ("rejected", Reason::FactorDenied),
        ("timed out", Reason::FactorTimeout),
        ("timeout", Reason::FactorTimeout),
        ("too many", Reason::TooManyAttempts),
        ("locked", Reason::Locked),
        ("disabled", Reason::Disabled),
        ("mfa required", Reason::MfaRequired),
        ("policy", Reason::Policy),
        ("unauthorized", Reason::NotAuthorized),
        ("access denied", Reason::NotAuthorized),
        ("accessdenied", Reason::NotAuthorized),
        ("invalid password", Reason::BadPassword),
        ("bad password", Reason::BadPassword),
        ("expired", Reason::SessionExpired),
    ];
    if detail.is_empty() {
        return None;
    }
    let detail = super::text::lower(detail);
    let known = WORDS.iter().find(|(word, _)| detail.contains(word));
    Some(known.map_or(Reason::Other, |(_, reason)| *reason))
}

/// `auth_protocol_id`.
pub(super) fn protocol(id: Option<i64>) -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(match id? {
        1 => "ntlm",
        2 => "kerberos",
        3 => "digest",
        4 => "oidc",
        5 => "saml",
        6 => "oauth2",
        7 => "pap",
        8 => "chap",
        9 => "eap",
        10 => "radius",
        11 => "basic",
        12 => "ldap",
        _ => return None,
    }))
}

/// Whether a protocol, in lower case, carries another's word on who signed in.
pub(super) fn is_federated(protocol: &str) -> bool {
    const WORDS: &[&str] =
        &["saml", "oidc", "openid", "oauth", "ws-fed", "wsfed", "ws-trust", "federat"];
    WORDS.iter().any(|word| protocol.contains(word))
}

/// `factor_type_id` of `auth_factors`.
pub(super) fn factor(id: Option<i64>, name: &str) -> Factor {
    match (id, name) {
        (Some(1), _) => Factor::Sms,
        (Some(2), _) => Factor::SecurityQuestion,
        (Some(3), _) => Factor::Voice,
        // A fingerprint or a face, and no word on what it opens.
        (Some(4), _) => Factor::Other,
        (Some(5), _) => Factor::Push,
        (Some(6), _) => Factor::HardwareOtp,
        (Some(7), _) => Factor::Totp,
        (Some(8), _) => Factor::Email,
        (Some(9), _) => Factor::HardwareKey,
        (Some(10), _) => Factor::Webauthn,
        (Some(11), _) => Factor::Password,
        (Some(99), _) => Factor::Other,
        (_, name) if name.eq_ignore_ascii_case("password") => Factor::Password,
        (_, name) if name.eq_ignore_ascii_case("webauthn") => Factor::Webauthn,
        (_, name) if name.eq_ignore_ascii_case("otp") => Factor::Totp,
        (_, name) if name.eq_ignore_ascii_case("sms") => Factor::Sms,
        (_, name) if name.eq_ignore_ascii_case("push notification") => Factor::Push,
        _ => Factor::Unknown,
    }
}
