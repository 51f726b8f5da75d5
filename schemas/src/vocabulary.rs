//! Closed vocabularies. In a file they are strings; in Rust an enum whose
//! `Unknown` arm takes whatever a newer version may have written.

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$arm_doc:meta])* $arm:ident = $word:literal,)+ } unknown = $unknown:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$arm_doc])* $arm,)+ }

        impl $name {
            /// Every value, in the order in which charts and tables list them.
            pub const ALL: &'static [Self] = &[$(Self::$arm,)+];

            /// Their words, in the same order.
            pub const WORDS: &'static [&'static str] = &[$($word,)+];

            /// The word that stands in the file.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$arm => $word,)+ }
            }

            /// Reads a word; one that this version doesn't know becomes the unknown arm.
            pub fn from_word(word: &str) -> Self {
                match word { $($word => Self::$arm,)+ _ => Self::$unknown }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Default for $name {
            fn default() -> Self { Self::$unknown }
        }
    };
}

vocabulary! {
    /// What happened.
    Activity {
        /// Someone or something tried to sign in; the outcome says how it ended.
        Logon = "logon",
        /// A session ended.
        Logoff = "logoff",
        /// A further proof was asked for (a push sent, a code requested).
        Challenge = "challenge",
        /// A proof was judged (a code checked, a push answered).
        Verify = "verify",
        /// A factor was set up.
        Enroll = "enroll",
        /// A factor was removed.
        Unenroll = "unenroll",
        /// Someone cleared a person's factors.
        FactorReset = "factor_reset",
        /// Access was recovered: password reset, unlock, recovery code.
        Recovery = "recovery",
        /// A token, key or temporary credential was handed out.
        TokenIssue = "token_issue",
        /// Rights were raised: sudo, role switch.
        Elevate = "elevate",
        /// An authenticated operation.
        Access = "access",
        /// A policy was evaluated.
        PolicyDecision = "policy_decision",
        /// A policy was created, changed or removed.
        PolicyChange = "policy_change",
        /// An account was created, changed, locked or removed.
        AccountChange = "account_change",
        /// A person's opinion of the sign-in.
        Feedback = "feedback",
        /// Administration of the source itself.
        Admin = "admin",
        /// Not said.
        Unknown = "unknown",
    } unknown = Unknown
}

vocabulary! {
    /// How it ended.
    Outcome {
        /// It worked.
        Success = "success",
        /// The credential or factor was wrong.
        Failure = "failure",
        /// A person or a policy said no.
        Denied = "denied",
        /// A prompt stayed unanswered.
        Abandoned = "abandoned",
        /// A further step was asked for; a step, not a failure.
        Interrupted = "interrupted",
        /// The service itself failed.
        Error = "error",
        /// Not said.
        Unknown = "unknown",
    } unknown = Unknown
}

vocabulary! {
    /// Why it failed, in one vocabulary for all sources.
    Reason {
        /// Wrong password or other first credential.
        BadPassword = "bad_password",
        /// No such account.
        UnknownUser = "unknown_user",
        /// The account is locked.
        Locked = "locked",
        /// The account is disabled, suspended or deprovisioned.
        Disabled = "disabled",
        /// The password has expired.
        PasswordExpired = "password_expired",
        /// The person refused the prompt.
        FactorDenied = "factor_denied",
        /// The prompt timed out.
        FactorTimeout = "factor_timeout",
        /// The code or assertion was wrong.
        FactorFailed = "factor_failed",
        /// No factor is enrolled where one is asked for.
        NotEnrolled = "not_enrolled",
        /// A further factor is needed.
        MfaRequired = "mfa_required",
        /// A policy blocked it.
        Policy = "policy",
        /// The rights are missing.
        NotAuthorized = "not_authorized",
        /// Too many attempts.
        TooManyAttempts = "too_many_attempts",
        /// Blocked as risky.
        Risk = "risk",
        /// The session or token is no longer valid.
        SessionExpired = "session_expired",
        /// A key or certificate was refused.
        BadKey = "bad_key",
        /// The service was not available or made an error.
        ServiceError = "service_error",
        /// The person gave up.
        Abandoned = "abandoned",
        /// Known, and none of the above.
        Other = "other",
        /// Not said.
        Unknown = "unknown",
    } unknown = Unknown
}

vocabulary! {
    /// What kind of service was signed in to.
    Platform {
        /// An identity provider.
        Idp = "idp",
        /// Source control.
        SourceControl = "source_control",
        /// Continuous integration and delivery.
        CiCd = "ci_cd",
        /// An artifact registry.
        ArtifactRegistry = "artifact_registry",
        /// A cloud provider's console or API.
        CloudConsole = "cloud_console",
        /// A secret store.
        Secrets = "secrets",
        /// A server's shell.
        Ssh = "ssh",
        /// A VPN.
        Vpn = "vpn",
        /// Anything else.
        Other = "other",
    } unknown = Other
}

vocabulary! {
    /// What was shown to get in.
    Credential {
        /// A session that an earlier sign-in made.
        Session = "session",
        /// A password.
        Password = "password",
        /// An SSH key.
        SshKey = "ssh_key",
        /// A personal or OAuth access token.
        AccessToken = "access_token",
        /// A deploy key.
        DeployKey = "deploy_key",
        /// A long-lived cloud access key.
        AccessKey = "access_key",
        /// An application's own identity.
        App = "app",
        /// A certificate.
        Certificate = "certificate",
        /// Not said.
        Unknown = "unknown",
    } unknown = Unknown
}

vocabulary! {
    /// What the source says of a second factor.
    Mfa {
        /// Asked for and given, here and now.
        Performed = "performed",
        /// Given earlier, proven by a claim in the token.
        ClaimInToken = "claim_in_token",
        /// Skipped because the device is remembered.
        Remembered = "remembered",
        /// The source says that there was a single factor.
        None = "none",
        /// The source says that none was asked for.
        NotRequired = "not_required",
        /// An administrator's bypass was used.
        Bypassed = "bypassed",
        /// Asked for and never given.
        Abandoned = "abandoned",
        /// Not said: never counted as no.
        Unknown = "unknown",
    } unknown = Unknown
}

vocabulary! {
    /// A means of authentication.
    Factor {
        /// A synced or device-bound passkey.
        Passkey = "passkey",
        /// WebAuthn or platform authenticator.
        Webauthn = "webauthn",
        /// A hardware security key.
        HardwareKey = "hardware_key",
        /// A push with number matching.
        PushNumber = "push_number",
        /// A plain push.
        Push = "push",
        /// A code from an authenticator app.
        Totp = "totp",
        /// A code from a hardware token.
        HardwareOtp = "hardware_otp",
        /// A text message.
        Sms = "sms",
        /// A telephone call.
        Voice = "voice",
        /// A mail.
        Email = "email",
        /// A security question.
        SecurityQuestion = "security_question",
        /// A recovery code.
        RecoveryCode = "recovery_code",
        /// A code that an administrator handed out.
        BypassCode = "bypass_code",
        /// A client certificate or smart card.
        Certificate = "certificate",
        /// A password.
        Password = "password",
        /// Known, and none of the above.
        Other = "other",
        /// Not said.
        Unknown = "unknown",
    } unknown = Unknown
}

impl Factor {
    /// Strength on the house scale: 0 password, 1 question, e-mail, recovery or
    /// bypass code, 2 SMS and voice, 3 push and one-time codes, 4 push with
    /// number, 5 phishing-resistant. `None` where it can't be told.
    pub const fn strength(self) -> Option<i16> {
        match self {
            Self::Password => Some(0),
            Self::SecurityQuestion | Self::Email | Self::RecoveryCode | Self::BypassCode => Some(1),
            Self::Sms | Self::Voice => Some(2),
            Self::Push | Self::Totp | Self::HardwareOtp => Some(3),
            Self::PushNumber => Some(4),
            Self::Passkey | Self::Webauthn | Self::HardwareKey | Self::Certificate => Some(5),
            Self::Other | Self::Unknown => None,
        }
    }

    /// Whether the factor binds the answer to the site (NIST SP 800-63B, 5.2.5);
    /// `None` where it can't be told.
    pub const fn phishing_resistant(self) -> Option<bool> {
        match self.strength() {
            Some(strength) => Some(strength == 5),
            None => None,
        }
    }
}

vocabulary! {
    /// How `duration_ms` was measured.
    DurationBasis {
        /// Differences between the times of steps.
        StepTimes = "step_times",
        /// The vendor's elapsed time; includes idle time.
        ElapsedWithIdle = "elapsed_with_idle",
        /// Request to response, on the server.
        ServerTime = "server_time",
        /// Not said.
        Unknown = "unknown",
    } unknown = Unknown
}

vocabulary! {
    /// Whether a policy binds or only watches.
    PolicyMode {
        /// It binds.
        Enforced = "enforced",
        /// It only reports what it would have done.
        ReportOnly = "report_only",
        /// Not said.
        Unknown = "unknown",
    } unknown = Unknown
}

vocabulary! {
    /// What a policy decided.
    PolicyResult {
        /// Let through.
        Allowed = "allowed",
        /// A further factor was asked for.
        Challenged = "challenged",
        /// Refused.
        Denied = "denied",
        /// Report-only: would have asked for a factor.
        WouldChallenge = "would_challenge",
        /// Report-only: would have refused.
        WouldDeny = "would_deny",
        /// Didn't apply.
        NotApplied = "not_applied",
        /// Not said.
        Unknown = "unknown",
    } unknown = Unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_and_a_new_word_is_unknown() {
        for factor in Factor::ALL {
            assert_eq!(Factor::from_word(factor.as_str()), *factor);
        }
        assert_eq!(Outcome::from_word("teleported"), Outcome::Unknown);
        assert_eq!(Platform::from_word("teleported"), Platform::Other);
    }

    #[test]
    fn strength_follows_the_scale_and_unknown_is_not_weak() {
        assert_eq!(Factor::Passkey.strength(), Some(5));
        assert_eq!(Factor::Sms.strength(), Some(2));
        assert_eq!(Factor::Other.strength(), None);
        assert_eq!(Factor::Unknown.phishing_resistant(), None);
    }
}
