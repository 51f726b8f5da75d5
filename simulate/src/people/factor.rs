//! Second factors, how long people take with each, and the vendors' words.

/// A second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Factor {
    Passkey,
    Webauthn,
    HardwareKey,
    PushNumber,
    Push,
    Totp,
    HardwareOtp,
    Sms,
    Voice,
    Email,
}

/// How Okta's System Log names a factor.
pub(crate) struct OktaWords {
    /// debugData.factor
    pub(crate) factor: &'static str,
    /// target[].displayName and the alternateId of the authenticator
    pub(crate) authenticator: &'static str,
    /// target[].detailEntry.methodTypeUsed
    pub(crate) method: &'static str,
    /// target[].detailEntry.methodUsedVerifiedProperties
    pub(crate) verified: &'static str,
    /// The event that says that a prompt was sent, where there is one.
    pub(crate) prompt: Option<(&'static str, &'static str)>,
}

impl Factor {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Factor::Passkey => "passkey",
            Factor::Webauthn => "webauthn",
            Factor::HardwareKey => "hardware_key",
            Factor::PushNumber => "push_number",
            Factor::Push => "push",
            Factor::Totp => "totp",
            Factor::HardwareOtp => "hardware_otp",
            Factor::Sms => "sms",
            Factor::Voice => "voice",
            Factor::Email => "email",
        }
    }

    /// From prompt to response: median in seconds and sigma of its logarithm.
    pub(crate) fn latency(self) -> (f64, f64) {
        match self {
            Factor::Passkey => (3.5, 0.45),
            Factor::Webauthn => (4.0, 0.45),
            Factor::HardwareKey => (4.5, 0.5),
            Factor::PushNumber => (8.5, 0.5),
            Factor::Push => (6.0, 0.6),
            Factor::Totp => (12.0, 0.5),
            Factor::HardwareOtp => (9.0, 0.5),
            Factor::Sms => (20.0, 0.6),
            Factor::Voice => (28.0, 0.5),
            Factor::Email => (38.0, 0.7),
        }
    }

    /// 3 a one-time code or a push, 4 a push with a number, 5 resistant to
    /// phishing; 2 and less what a telephone or a mailbox carries.
    pub(crate) fn strength(self) -> u8 {
        match self {
            Factor::Passkey | Factor::Webauthn | Factor::HardwareKey => 5,
            Factor::PushNumber => 4,
            Factor::Push | Factor::Totp | Factor::HardwareOtp => 3,
            Factor::Sms | Factor::Voice => 2,
            Factor::Email => 1,
        }
    }

    /// Whether a new telephone means a new enrolment.
    pub(crate) fn lives_on_phone(self) -> bool {
        matches!(self, Factor::PushNumber | Factor::Push | Factor::Totp)
    }

    pub(crate) fn is_push(self) -> bool {
        matches!(self, Factor::PushNumber | Factor::Push)
    }

    pub(crate) fn okta(self) -> OktaWords {
        let words = |factor, authenticator, method, verified, prompt| OktaWords {
            factor,
            authenticator,
            method,
            verified,
            prompt,
        };
        let push = Some(("system.push.send_factor_verify_push", "Send push verification"));
        let sms = Some(("system.sms.send_factor_verify_message", "Send SMS verification"));
        let call = Some(("system.voice.send_mfa_challenge_call", "Send voice call"));
        let mail = Some(("system.email.send_factor_verify_message", "Send email verification"));
        let key = "Security Key or Biometric Authenticator";
        let soft = "[PHISHING_RESISTANT, USER_PRESENCE, USER_VERIFYING]";
        let hard =
            "[DEVICE_BOUND, HARDWARE_PROTECTED, PHISHING_RESISTANT, USER_PRESENCE, USER_VERIFYING]";
        match self {
            Factor::Passkey => words("FIDO_WEBAUTHN", "Passkeys", "Passkey", soft, None),
            Factor::Webauthn => words("FIDO_WEBAUTHN", key, "Biometric", soft, None),
            Factor::HardwareKey => words("FIDO_WEBAUTHN", key, "Security Key", hard, None),
            Factor::PushNumber | Factor::Push => words(
                "OKTA_VERIFY_PUSH",
                "Okta Verify",
                "Push",
                "[DEVICE_BOUND, USER_PRESENCE]",
                push,
            ),
            Factor::Totp => words(
                "GOOGLE_AUTHENTICATOR",
                "Google Authenticator",
                "One-Time Password",
                "[USER_PRESENCE]",
                None,
            ),
            Factor::HardwareOtp => words(
                "YUBIKEY_TOKEN",
                "YubiKey Authenticator",
                "One-Time Password",
                "[DEVICE_BOUND, HARDWARE_PROTECTED]",
                None,
            ),
            Factor::Sms => words("SMS_FACTOR", "Phone", "SMS", "[USER_PRESENCE]", sms),
            Factor::Voice => words("CALL_FACTOR", "Phone", "Voice Call", "[USER_PRESENCE]", call),
            Factor::Email => words("EMAIL_FACTOR", "Email", "Email", "[]", mail),
        }
    }

    /// Entra's authenticationMethod and authenticationMethodDetail.
    pub(crate) fn entra(self) -> (&'static str, &'static str) {
        match self {
            Factor::Passkey => ("Passkey (device-bound)", "Microsoft Authenticator"),
            Factor::Webauthn => ("Windows Hello for Business", ""),
            Factor::HardwareKey => ("FIDO2 security key", "Security key"),
            Factor::PushNumber => ("Mobile app notification", "Number matching"),
            Factor::Push => ("Mobile app notification", ""),
            Factor::Totp => ("OATH verification code", "Authenticator app"),
            Factor::HardwareOtp => ("OATH verification code", "OATH hardware token"),
            Factor::Sms => ("Text message", "+XX XXXXXXXX12"),
            Factor::Voice => ("Phone call approval (Authentication phone)", "+XX XXXXXXXX12"),
            Factor::Email => ("Email", ""),
        }
    }
}
