//! Ways of signing in: `details.with` (and `failed_login`), which older events
//! have only, and the event types that say the same.

use std::borrow::Cow;

use rollcall_schemas::{Activity, Credential, Event, Factor, Mfa, Outcome, Reason};

use super::super::text;
use super::record::AuditEvent;

/// How a sign-in was done, or tried.
enum Method<'a> {
    /// The login form with nothing else.
    Password,
    /// The form and a code: an app's or a recovery code, GitLab doesn't say which.
    Code,
    /// A device. Also without a password, where it is a passkey.
    Device(Factor),
    /// A directory, asked with the password.
    Directory,
    /// An identity provider, and what it spoke.
    Provider(Cow<'a, str>),
}

/// The way of a sign-in; `None` where the event is none.
fn of<'a>(audit: &'a AuditEvent<'_>) -> Option<Method<'a>> {
    let named = audit.with().or(audit.failed_login());
    let provider = |name: &'a str| Method::Provider(protocol(name));
    Some(match audit.kind().unwrap_or_default() {
        "authenticated_with_password" | "login_failed_with_standard_authentication" => {
            Method::Password
        }
        "authenticated_with_two_factor" | "login_failed_with_otp_authentication" => Method::Code,
        "authenticated_with_webauthn" | "login_failed_with_webauthn_authentication" => {
            Method::Device(Factor::Webauthn)
        }
        "authenticated_with_passkey" => Method::Device(Factor::Passkey),
        "authenticated_with_ldap" => Method::Directory,
        "authenticated_with_group_saml" => provider("saml"),
        "authenticated_with_oauth" | "omniauth_login_failed" => {
            return Some(named.map_or(provider("oauth2"), of_name));
        }
        _ => return named.map(of_name),
    })
}

/// `with`, and `failed_login`, which is in capitals: a provider's name as it is
/// configured, or one of GitLab's own four.
fn of_name(name: &str) -> Method<'_> {
    let is = |word: &str| name.eq_ignore_ascii_case(word);
    if is("standard") {
        Method::Password
    } else if is("two-factor") || is("otp") {
        Method::Code
    } else if is("two-factor-via-webauthn-device") || is("webauthn") {
        Method::Device(Factor::Webauthn)
    } else if is("two-factor-via-u2f-device") || is("u2f") {
        Method::Device(Factor::HardwareKey)
    } else if is("passkey") {
        Method::Device(Factor::Passkey)
    } else if text::lower(name).starts_with("ldap") {
        Method::Directory
    } else {
        Method::Provider(protocol(name))
    }
}

/// What a provider's name says of its protocol; else the name itself.
fn protocol(name: &str) -> Cow<'_, str> {
    let lower = text::lower(name);
    for (word, known) in [("saml", "saml"), ("openid", "oidc"), ("oauth", "oauth2")] {
        if lower.contains(word) {
            return Cow::Borrowed(known);
        }
    }
    lower
}

/// Whether the event tells of a sign-in.
pub(super) fn is_sign_in(audit: &AuditEvent<'_>) -> bool {
    of(audit).is_some()
}

/// How a sign-in failed, if it did.
pub(super) fn failure(audit: &AuditEvent<'_>) -> Option<(Outcome, Option<Reason>)> {
    let kind = audit.kind().unwrap_or_default();
    let has_failed = audit.failed_login().is_some()
        || kind.starts_with("login_failed_with_")
        || kind == "omniauth_login_failed";
    if !has_failed {
        return None;
    }
    let reason = match of(audit)? {
        Method::Password | Method::Directory => Reason::BadPassword,
        Method::Code | Method::Device(_) => Reason::FactorFailed,
        Method::Provider(_) => Reason::Unknown,
    };
    Some((Outcome::Failure, Some(reason)))
}

/// Fills `credential`, `protocol`, `factor`, `mfa` and `interactive`. Who signs in
/// through a provider gave any second factor there.
pub(super) fn fill(event: &mut Event<'_>, audit: &AuditEvent<'_>) {
    if event.activity != Activity::Logon {
        return;
    }
    let Some(method) = of(audit) else { return };
    let has_worked = event.outcome == Outcome::Success;
    event.interactive = Some(true);
    let mfa = match method {
        Method::Password => {
            event.credential = Some(Credential::Password);
            event.factor = Some(Factor::Password);
            Mfa::None
        }
        Method::Code => {
            event.credential = Some(Credential::Password);
            event.factor = Some(Factor::Totp);
            Mfa::Performed
        }
        Method::Device(factor) => {
            event.factor = Some(factor);
            Mfa::Performed
        }
        Method::Directory => {
            event.credential = Some(Credential::Password);
            event.protocol = Some(Cow::Borrowed("ldap"));
            Mfa::Unknown
        }
        Method::Provider(protocol) => {
            event.protocol = Some(Cow::Owned(protocol.into_owned()));
            Mfa::Unknown
        }
    };
    event.mfa = if has_worked { mfa } else { Mfa::Unknown };
    event.phishing_resistant = event.factor.and_then(Factor::phishing_resistant);
}
