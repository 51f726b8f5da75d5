//! Names of authentication methods, as `authenticationDetails` and `mfaDetail`
//! give them.

use rollcall_schemas::Factor;

/// The factor of a method; `None` where the method is a session or a token and
/// the factor stands elsewhere.
pub(super) fn factor(method: &str) -> Option<Factor> {
    const WORDS: &[(&str, Option<Factor>)] = &[
        ("previously satisfied", None),
        ("satisfied by token", None),
        ("federated", None),
        ("single sign-on", None),
        ("passkey", Some(Factor::Passkey)),
        ("fido", Some(Factor::HardwareKey)),
        ("windows hello", Some(Factor::Webauthn)),
        ("platform credential", Some(Factor::Webauthn)),
        ("passwordless phone", Some(Factor::PushNumber)),
        ("phone sign-in", Some(Factor::PushNumber)),
        ("mobile app notification", Some(Factor::Push)),
        ("authenticator app notification", Some(Factor::Push)),
        ("authenticator app", Some(Factor::Push)),
        ("microsoft authenticator", Some(Factor::Push)),
        ("phoneappnotification", Some(Factor::Push)),
        ("mobile app verification code", Some(Factor::Totp)),
        ("phoneappotp", Some(Factor::Totp)),
        ("hardware oath", Some(Factor::HardwareOtp)),
        ("oath", Some(Factor::Totp)),
        ("text message", Some(Factor::Sms)),
        ("sms", Some(Factor::Sms)),
        ("phone call", Some(Factor::Voice)),
        ("voice", Some(Factor::Voice)),
        ("call", Some(Factor::Voice)),
        ("email", Some(Factor::Email)),
        // A code that an administrator gives out. Whether it was a second factor
        // the step says, as of every other method.
        ("temporary access pass", Some(Factor::BypassCode)),
        ("temporaryaccesspass", Some(Factor::BypassCode)),
        ("security question", Some(Factor::SecurityQuestion)),
        ("x.509", Some(Factor::Certificate)),
        ("certificate", Some(Factor::Certificate)),
        ("smart card", Some(Factor::Certificate)),
        ("qr code", Some(Factor::Other)),
        ("password", Some(Factor::Password)),
        ("pass-through", Some(Factor::Password)),
    ];
    if method.is_empty() {
        return None;
    }
    let method = super::text::lower(method);
    match WORDS.iter().find(|(word, _)| method.contains(word)) {
        Some((_, factor)) => *factor,
        None => Some(Factor::Other),
    }
}

/// Whether a method by itself is two factors: something held, opened by something
/// known or by the body.
pub(super) fn is_multi_factor(factor: Factor) -> bool {
    matches!(factor, Factor::Passkey | Factor::HardwareKey | Factor::Webauthn | Factor::PushNumber)
}
