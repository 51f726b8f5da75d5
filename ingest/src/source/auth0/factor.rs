//! Factors: by the event's code, by the authenticator that it names.

use rollcall_schemas::Factor;

use super::record::Log;

/// The factor of the event, if it names one.
pub(super) fn of(log: &Log<'_>) -> Option<Factor> {
    let named = log.details.authenticator.kind.get().map(of_authenticator);
    named.or_else(|| of_code(log.kind.or_empty(), log.strategy.or_empty()))
}

fn of_authenticator(kind: &str) -> Factor {
    match kind {
        "passkey" => Factor::Passkey,
        "webauthn-roaming" => Factor::HardwareKey,
        "webauthn-platform" => Factor::Webauthn,
        "push" | "push-notification" => Factor::Push,
        "otp" | "totp" => Factor::Totp,
        "sms" => Factor::Sms,
        "voice" => Factor::Voice,
        "email" => Factor::Email,
        "recovery-code" => Factor::RecoveryCode,
        _ => Factor::Other,
    }
}

fn of_code(code: &str, strategy: &str) -> Option<Factor> {
    Some(match code {
        "gd_send_pn" | "gd_send_pn_failure" | "gd_auth_rejected" => Factor::Push,
        "gd_send_sms" | "gd_send_sms_failure" => Factor::Sms,
        "gd_send_voice" | "gd_send_voice_failure" => Factor::Voice,
        "gd_send_email"
        | "gd_send_email_verification"
        | "gd_send_email_verification_failure"
        | "gd_auth_email_verification"
        | "gd_auth_fail_email_verification" => Factor::Email,
        "gd_recovery_succeed"
        | "gd_recovery_failed"
        | "gd_recovery_rate_limit_exceed"
        | "sercft"
        | "fercft"
        | "sepkrcft" => Factor::RecoveryCode,
        "gd_webauthn_challenge_failed" | "gd_webauthn_enrollment_failed" => Factor::Webauthn,
        "passkey_challenge_started" | "passkey_challenge_failed" => Factor::Passkey,
        "seotpft" | "feotpft" | "sepkotpft" => Factor::Totp,
        // Out of band: a push, a text message or a call.
        "seoobft" | "feoobft" | "sepkoobft" => Factor::Unknown,
        "fp" | "scoa" | "sepft" => Factor::Password,
        "cls" | "cs" | "fepotpft" => match strategy {
            "email" => Factor::Email,
            "sms" => Factor::Sms,
            _ => return None,
        },
        _ => return None,
    })
}
