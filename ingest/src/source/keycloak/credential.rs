//! Credential types: factors, and what they say of MFA.

use rollcall_schemas::{Factor, Mfa};

use super::record::Details;

/// The factor that an event names.
pub(super) fn factor(kind: &str, details: &Details<'_>) -> Option<Factor> {
    let is_login = matches!(kind, "LOGIN" | "LOGIN_ERROR");
    if is_login && is_after_action(details) {
        return None;
    }
    match details.credential_type.get() {
        Some(kind) => Some(of_type(kind)),
        None if is_login && details.selected_credential_id.get().is_some() => Some(Factor::Totp),
        None if details.certificate.get().is_some() => Some(Factor::Certificate),
        None => match kind {
            "UPDATE_TOTP" | "UPDATE_TOTP_ERROR" | "REMOVE_TOTP" | "REMOVE_TOTP_ERROR" => {
                Some(Factor::Totp)
            }
            "CUSTOM_REQUIRED_ACTION" | "CUSTOM_REQUIRED_ACTION_ERROR" => of_action(details),
            _ => None,
        },
    }
}

fn of_type(kind: &str) -> Factor {
    match kind {
        "password" => Factor::Password,
        "otp" | "totp" | "hotp" => Factor::Totp,
        "webauthn" => Factor::Webauthn,
        "webauthn-passwordless" => Factor::Passkey,
        "recovery-authn-codes" => Factor::RecoveryCode,
        _ => Factor::Other,
    }
}

/// The factor that a required action sets up.
pub(super) fn of_action(details: &Details<'_>) -> Option<Factor> {
    match details.custom_required_action.or_empty() {
        "webauthn-register" => Some(Factor::Webauthn),
        "webauthn-register-passwordless" => Some(Factor::Passkey),
        "CONFIGURE_TOTP" => Some(Factor::Totp),
        "CONFIGURE_RECOVERY_AUTHN_CODES" => Some(Factor::RecoveryCode),
        _ => None,
    }
}

/// Whether what the details say of a credential is of the required action before
/// the event (set one up, remove one, a new password), not of the sign-in.
fn is_after_action(details: &Details<'_>) -> bool {
    details.custom_required_action.get().is_some()
}

/// Whether the event is about a password.
pub(super) fn is_password(details: &Details<'_>) -> bool {
    details.credential_type.is("password")
}

/// What a LOGIN says of a second factor: nothing, unless it names the credential
/// that was asked for last. A password may have been all there was, or an SSO
/// cookie, or another identity provider. The page for one-time codes names only
/// which of the person's devices was chosen, before it judges the code; a LOGIN
/// in the same request says that the code was right.
pub(super) fn mfa(details: &Details<'_>) -> Mfa {
    if is_after_action(details) {
        return Mfa::Unknown;
    }
    match details.credential_type.or_empty() {
        "" if details.selected_credential_id.get().is_some() => Mfa::Performed,
        "otp" | "totp" | "hotp" | "webauthn" | "recovery-authn-codes" => Mfa::Performed,
        // One step with two factors, where the key asked for its PIN or finger.
        "webauthn-passwordless" if details.user_verified.0 == Some(true) => Mfa::Performed,
        _ => Mfa::Unknown,
    }
}
