//! Factors, by Duo's names.

use rollcall_schemas::Factor;

/// The factor of a name; `None` where the name says that no factor was used.
pub(super) fn of(name: &str) -> Option<Factor> {
    const NAMES: &[(&str, Factor)] = &[
        ("duo_push", Factor::Push),
        ("verified_duo_push", Factor::PushNumber),
        ("phone_call", Factor::Voice),
        ("sms_passcode", Factor::Sms),
        ("sms_refresh", Factor::Sms),
        ("duo_mobile_passcode", Factor::Totp),
        ("hardware_token", Factor::HardwareOtp),
        ("digipass_go_7_token", Factor::HardwareOtp),
        ("yubikey_code", Factor::HardwareOtp),
        ("yubikey_passcode", Factor::HardwareOtp),
        ("u2f_token", Factor::HardwareKey),
        ("WebAuthn Security Key", Factor::HardwareKey),
        ("WebAuthn Chrome Touch ID", Factor::Webauthn),
        ("WebAuthn Credential", Factor::Webauthn),
        ("bypass_code", Factor::BypassCode),
    ];
    const NO_FACTOR: &[&str] =
        &["remembered_device", "trusted_network", "trusted_location", "not_available", "n/a"];
    if NO_FACTOR.iter().any(|known| name.eq_ignore_ascii_case(known)) {
        return None;
    }
    let known = NAMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
    // `passcode` is one that Duo couldn't tell the kind of.
    Some(known.map_or(Factor::Other, |(_, factor)| *factor))
}
