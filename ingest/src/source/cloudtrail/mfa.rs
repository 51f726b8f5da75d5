//! What an event says of a second factor.
//!
//! The field's most frequent false alarm: sessions of a role that single sign-on
//! handed out always say `mfaAuthenticated: false`, and federated console logins
//! `MFAUsed: No`, because the factor was given to the identity provider. Both say
//! nothing. Only where AWS itself checked the password is "No" an answer.

use std::borrow::Cow;

use rollcall_schemas::{Event, Factor, Mfa, Outcome};

use super::super::adapter::Context;
use super::record::TrailEvent;

/// Fills `mfa`, `factor`, `factor_id` and `phishing_resistant`.
pub(super) fn fill(event: &mut Event<'_>, trail: &TrailEvent<'_>, context: &Context<'_>) {
    let succeeded = event.outcome == Outcome::Success;
    let (mfa, factor) = match trail.event_name.or_empty() {
        "ConsoleLogin" => of_console_login(trail, succeeded),
        "CredentialChallenge" => (Mfa::Unknown, credential_type(trail)),
        "CredentialVerification" => match credential_type(trail) {
            Some(factor) if factor != Factor::Password && succeeded => {
                (Mfa::Performed, Some(factor))
            }
            factor => (Mfa::Unknown, factor),
        },
        "UserAuthentication" => of_user_authentication(trail),
        "AssumeRole" | "GetSessionToken" => match trail.request_parameters.serial_number.get() {
            Some(serial) if succeeded => (Mfa::Performed, Some(of_serial(serial))),
            Some(serial) => (Mfa::Unknown, Some(of_serial(serial))),
            None => (of_session(trail), None),
        },
        "EnableMFADevice" | "DeactivateMFADevice" => {
            (of_session(trail), trail.request_parameters.serial_number.get().map(of_serial))
        }
        _ => (of_session(trail), None),
    };
    event.mfa = mfa;
    event.factor = factor;
    event.phishing_resistant = factor.and_then(Factor::phishing_resistant);
    event.factor_id = trail
        .additional_event_data
        .mfa_identifier
        .get()
        .or(trail.request_parameters.serial_number.get())
        .map(|id| Cow::Owned((context.keyed_hash)(id)));
}

fn of_console_login(trail: &TrailEvent<'_>, succeeded: bool) -> (Mfa, Option<Factor>) {
    let data = &trail.additional_event_data;
    let checked_here = matches!(trail.user_identity.kind.or_empty(), "IAMUser" | "Root")
        && data.saml_provider_arn.get().is_none();
    match data.mfa_used.0 {
        Some(true) if checked_here => {
            let factor = data.mfa_identifier.get().map_or(Factor::Unknown, of_serial);
            (if succeeded { Mfa::Performed } else { Mfa::Unknown }, Some(factor))
        }
        Some(false) if checked_here => (Mfa::None, Some(Factor::Password)),
        _ => (Mfa::Unknown, None),
    }
}

/// `CredentialType` of the finished sign-in lists everything that was verified.
fn of_user_authentication(trail: &TrailEvent<'_>) -> (Mfa, Option<Factor>) {
    let types = trail.additional_event_data.credential_type.or_empty();
    let factors = || types.split(',').map(str::trim).filter_map(of_type);
    let second = factors()
        .filter(|factor| *factor != Factor::Password)
        .max_by_key(|factor| factor.strength());
    match (types, second) {
        ("" | "EXTERNAL_IDP", _) => (Mfa::Unknown, None),
        (_, Some(second)) => (Mfa::Performed, Some(second)),
        (_, None) if factors().count() > 0 => (Mfa::None, Some(Factor::Password)),
        _ => (Mfa::Unknown, None),
    }
}

/// What a session says: true is a claim in its token. False is an answer only
/// for a user's own session (console, GetSessionToken) and the root's; a role's
/// or federated user's session may stand behind any sign-in.
fn of_session(trail: &TrailEvent<'_>) -> Mfa {
    let identity = &trail.user_identity;
    let issuer = &identity.session_context.session_issuer;
    let by_single_sign_on = [issuer.user_name.get(), issuer.arn.get(), identity.arn.get()]
        .into_iter()
        .flatten()
        .any(|name| name.contains("AWSReservedSSO_"));
    match (identity.session_context.attributes.mfa_authenticated.0, identity.kind.or_empty()) {
        _ if by_single_sign_on => Mfa::Unknown,
        (Some(true), _) => Mfa::ClaimInToken,
        (Some(false), "IAMUser" | "Root") => Mfa::None,
        _ => Mfa::Unknown,
    }
}

fn credential_type(trail: &TrailEvent<'_>) -> Option<Factor> {
    trail.additional_event_data.credential_type.get().and_then(of_type)
}

fn of_type(name: &str) -> Option<Factor> {
    Some(match name {
        "PASSWORD" => Factor::Password,
        "TOTP" | "RESYNC_TOTP" => Factor::Totp,
        "WEBAUTHN" => Factor::Webauthn,
        "EMAIL_OTP" => Factor::Email,
        "SMARTCARD" => Factor::Certificate,
        "EXTERNAL_IDP" => return None,
        _ => Factor::Other,
    })
}

/// `arn:aws:iam::…:mfa/name` is an authenticator app, `…:u2f/…` a security key or
/// passkey; anything else is a hardware token's serial number.
fn of_serial(serial: &str) -> Factor {
    if serial.contains(":u2f/") {
        Factor::Webauthn
    } else if serial.contains(":sms-mfa/") {
        Factor::Sms
    } else if serial.contains(":mfa/") {
        Factor::Totp
    } else if serial.starts_with("arn:") {
        Factor::Unknown
    } else {
        Factor::HardwareOtp
    }
}
