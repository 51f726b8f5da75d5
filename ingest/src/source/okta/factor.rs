//! Authenticators. Okta names one factor in several ways and cases:
//! `debugData.factor`, the authenticator's key or name, the method that was used.

use rollcall_schemas::Factor;

use super::record::LogEvent;

/// The factor of the event, if it names one.
pub(super) fn of(log: &LogEvent<'_>) -> Option<Factor> {
    let debug = &log.debug_context.debug_data;
    let targets = &log.target;
    let found = debug
        .factor
        .get()
        .and_then(of_code)
        .or_else(|| targets.method.get().and_then(of_method))
        .or_else(|| targets.authenticator.get().and_then(of_name))
        .or_else(|| of_event_type(log.event_type.or_empty()))
        .or_else(|| log.outcome.reason.get().and_then(of_sentence));
    let asked_number = debug.push_with_number_challenge_response_type.get().is_some();
    match found {
        Some(Factor::Push) if asked_number => Some(Factor::PushNumber),
        None if debug.factor.get().is_some() => Some(Factor::Other),
        found => found,
    }
}

/// `debugData.factor`.
fn of_code(code: &str) -> Option<Factor> {
    const CODES: &[(&str, Factor)] = &[
        ("PASSWORD_AS_FACTOR", Factor::Password),
        ("PASSWORD", Factor::Password),
        ("OKTA_VERIFY_PUSH", Factor::Push),
        ("PUSH", Factor::Push),
        ("CUSTOM_APP_PUSH", Factor::Push),
        // FastPass: a key in the device signs a nonce of the site that asks.
        ("SIGNED_NONCE", Factor::Webauthn),
        ("FIDO_WEBAUTHN", Factor::Webauthn),
        ("FIDO2_WEBAUTHN", Factor::Webauthn),
        ("WEBAUTHN", Factor::Webauthn),
        ("WINDOWS_HELLO", Factor::Webauthn),
        ("PASSKEY", Factor::Passkey),
        ("FIDO_U2F", Factor::HardwareKey),
        ("U2F", Factor::HardwareKey),
        ("OKTA_SOFT_TOKEN", Factor::Totp),
        ("SOFT_TOKEN", Factor::Totp),
        ("TOKEN_SOFTWARE_TOTP", Factor::Totp),
        ("TOKEN:SOFTWARE:TOTP", Factor::Totp),
        ("GOOGLE_AUTHENTICATOR", Factor::Totp),
        ("GOOGLE_OTP", Factor::Totp),
        ("TOTP", Factor::Totp),
        ("YUBIKEY_TOKEN", Factor::HardwareOtp),
        ("YUBIKEY", Factor::HardwareOtp),
        ("RSA_SECURID", Factor::HardwareOtp),
        ("RSA_TOKEN", Factor::HardwareOtp),
        ("ON_PREM_MFA", Factor::HardwareOtp),
        ("SYMANTEC_VIP", Factor::HardwareOtp),
        ("HOTP", Factor::HardwareOtp),
        ("CUSTOM_HOTP", Factor::HardwareOtp),
        ("SMS_FACTOR", Factor::Sms),
        ("SMS", Factor::Sms),
        ("CALL_FACTOR", Factor::Voice),
        ("CALL", Factor::Voice),
        ("VOICE", Factor::Voice),
        ("EMAIL_FACTOR", Factor::Email),
        ("EMAIL", Factor::Email),
        ("SECURITY_QUESTION", Factor::SecurityQuestion),
        ("SECURITY_QUESTION_AS_FACTOR", Factor::SecurityQuestion),
        ("QUESTION", Factor::SecurityQuestion),
        ("RECOVERY_CODE", Factor::RecoveryCode),
        ("TEMPORARY_ACCESS_CODE", Factor::BypassCode),
        ("SMART_CARD_IDP", Factor::Certificate),
        ("SMART_CARD", Factor::Certificate),
    ];
    CODES.iter().find(|(known, _)| code.eq_ignore_ascii_case(known)).map(|(_, factor)| *factor)
}

/// `methodTypeUsed`: a code, or the words on the button.
fn of_method(method: &str) -> Option<Factor> {
    of_code(method).or_else(|| of_sentence(method))
}

/// An authenticator's key (`okta_password`) or name ("Google Authenticator").
fn of_name(name: &str) -> Option<Factor> {
    const NAMES: &[(&str, Factor)] = &[
        ("okta_password", Factor::Password),
        ("password", Factor::Password),
        ("webauthn", Factor::Webauthn),
        ("security key", Factor::Webauthn),
        ("passkeys", Factor::Passkey),
        ("google", Factor::Totp),
        ("otp", Factor::Totp),
        ("yubikey", Factor::HardwareOtp),
        ("rsa", Factor::HardwareOtp),
        ("symantec", Factor::HardwareOtp),
        ("email", Factor::Email),
        ("security_question", Factor::SecurityQuestion),
        ("security question", Factor::SecurityQuestion),
        ("smart_card", Factor::Certificate),
        ("smart card", Factor::Certificate),
    ];
    let name = super::super::text::lower(name);
    NAMES.iter().find(|(known, _)| name.contains(known)).map(|(_, factor)| *factor)
}

/// "User set up SIGNED_NONCE factor", "Get a push notification".
fn of_sentence(sentence: &str) -> Option<Factor> {
    const WORDS: &[(&str, Factor)] = &[
        ("fastpass", Factor::Webauthn),
        ("signed_nonce", Factor::Webauthn),
        ("webauthn", Factor::Webauthn),
        ("passkey", Factor::Passkey),
        ("push", Factor::Push),
        ("soft_token", Factor::Totp),
        ("enter a code", Factor::Totp),
        ("totp", Factor::Totp),
        ("google_otp", Factor::Totp),
        ("yubikey", Factor::HardwareOtp),
        ("sms", Factor::Sms),
        ("call_factor", Factor::Voice),
        ("phone call", Factor::Voice),
        ("email", Factor::Email),
        ("question", Factor::SecurityQuestion),
        ("password", Factor::Password),
    ];
    let sentence = super::super::text::lower(sentence);
    WORDS.iter().find(|(known, _)| sentence.contains(known)).map(|(_, factor)| *factor)
}

fn of_event_type(event_type: &str) -> Option<Factor> {
    Some(match event_type {
        "system.push.send_factor_verify_push"
        | "user.mfa.okta_verify"
        | "user.mfa.okta_verify.deny_push"
        | "user.mfa.okta_verify.deny_push_upgrade_needed" => Factor::Push,
        "system.sms.send_factor_verify_message" => Factor::Sms,
        "system.voice.send_mfa_challenge_call" => Factor::Voice,
        "system.email.send_factor_verify_message" | "system.email.challenge_factor_redeemed" => {
            Factor::Email
        }
        _ => return None,
    })
}
