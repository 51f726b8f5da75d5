//! What a sign-in with an account of Workspace or Cloud Identity says of how it
//! was done.

use std::borrow::Cow;

use rollcall_schemas::{Activity, Credential, Event, Factor, Mfa, Outcome, PolicyResult};

use super::record::LogEntry;

/// Fills the columns of how someone signed in.
pub(super) fn fill(event: &mut Event<'_>, entry: &LogEntry<'_>) {
    let kind = entry
        .parameter("login_type")
        .and_then(|parameter| parameter.words().next())
        .unwrap_or_default();
    event.factor = match entry.method() {
        "passkeyEnrolled" | "passkeyRemoved" => Some(Factor::Passkey),
        _ => methods(entry).max_by_key(|factor| factor.strength()),
    };
    event.phishing_resistant = event.factor.and_then(Factor::phishing_resistant);
    event.interactive = interactive(event.activity, entry.method(), kind);
    event.mfa = mfa(event, entry, kind);
    if event.activity == Activity::Logon {
        event.protocol = (kind == "saml").then_some(Cow::Borrowed("saml"));
        event.credential = match kind {
            "saml" => Some(Credential::Session),
            "exchange" => Some(Credential::AccessToken),
            _ if methods(entry).any(|factor| factor == Factor::Password) => {
                Some(Credential::Password)
            }
            _ => None,
        };
    }
    if event.outcome == Outcome::Denied {
        event.blocked = Some(true);
    }
    if event.activity == Activity::PolicyDecision {
        event.policy_result = Some(match event.outcome {
            Outcome::Denied => PolicyResult::Denied,
            _ => PolicyResult::Allowed,
        });
    }
}

/// An exchange of one token for another has no person in it, and a program's
/// password was stored.
fn interactive(activity: Activity, method: &str, kind: &str) -> Option<bool> {
    let is_sign_in = matches!(activity, Activity::Logon | Activity::Challenge | Activity::Verify);
    match (method, kind) {
        ("suspiciousProgrammaticLogin", _) | (_, "exchange") => Some(false),
        (_, "google_password" | "saml" | "reauth") if is_sign_in => Some(true),
        ("loginChallenge" | "loginVerification", _) => Some(true),
        _ => None,
    }
}

/// What Google says of a second factor. A remembered device shows as a password
/// alone, so only `is_second_factor` says that there was none. A sign-in through
/// another identity provider says nothing, and asking again for the password
/// says nothing of the session that it is asked in.
fn mfa(event: &Event<'_>, entry: &LogEntry<'_>, kind: &str) -> Mfa {
    if event.outcome != Outcome::Success || kind == "saml" {
        return Mfa::Unknown;
    }
    let is_second = entry.parameter("is_second_factor").and_then(|one| one.bool_value.0);
    match (event.activity, is_second) {
        (Activity::Verify, Some(true)) => Mfa::Performed,
        (Activity::Logon, _) if methods(entry).any(|factor| factor != Factor::Password) => {
            Mfa::Performed
        }
        (Activity::Logon, Some(true)) => Mfa::Performed,
        (Activity::Logon, Some(false)) if kind != "reauth" => Mfa::None,
        _ => Mfa::Unknown,
    }
}

fn methods<'a>(entry: &'a LogEntry<'_>) -> impl Iterator<Item = Factor> + 'a {
    let parameter = entry.parameter("login_challenge_method");
    parameter.into_iter().flat_map(|found| found.words()).filter_map(factor)
}

/// The factor that a challenge method is; none for what proves nothing about the
/// person (`captcha`, `none`, `saml`, …). A code sent to a telephone comes as text
/// or call, which Google doesn't tell apart.
fn factor(method: &str) -> Option<Factor> {
    Some(match method {
        "password" => Factor::Password,
        "passkey" | "userless_fido" => Factor::Passkey,
        "security_key" => Factor::HardwareKey,
        "google_prompt" | "device_prompt" => Factor::Push,
        "google_authenticator" | "totp" | "offline_otp" | "otp" | "idv_totp" => Factor::Totp,
        "security_key_otp" => Factor::HardwareOtp,
        "idv_preregistered_phone" | "idv_any_phone" | "sms" => Factor::Sms,
        "idv_preregistered_email" | "idv_any_email" => Factor::Email,
        "backup_code" | "rescue_code" => Factor::RecoveryCode,
        "knowledge_employee_id"
        | "knowledge_preregistered_email"
        | "knowledge_preregistered_phone"
        | "idv_secret_qa"
        | "login_location" => Factor::SecurityQuestion,
        "internal_two_factor" | "web_approval" | "same_device_screenlock" => Factor::Other,
        _ => return None,
    })
}
