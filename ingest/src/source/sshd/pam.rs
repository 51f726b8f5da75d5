//! PAM's messages: `pam_unix(sshd:session): session closed for user ada`.

use std::borrow::Cow;

use rollcall_schemas::{Activity, Event, Factor, Mfa, Outcome, Reason};

use super::super::adapter::Output;
use super::super::address::address;
use super::super::text;
use super::Reading;

/// A message of a PAM module, taken apart.
pub(super) struct Message<'a> {
    /// "sshd", "sudo", "login"
    service: &'a str,
    /// "auth", "account", "session", "chauthtok"
    kind: &'a str,
    text: &'a str,
}

impl<'a> Message<'a> {
    /// Reads `pam_module(service:kind): text`.
    pub(super) fn parse(message: &'a str) -> Option<Self> {
        let (head, text) = message.strip_prefix("pam_")?.split_once("): ")?;
        let (service, kind) = head.split_once('(')?.1.split_once(':')?;
        Some(Self { service, kind, text })
    }
}

/// Reads a PAM message.
pub(super) fn read(pam: &Message<'_>, reading: &mut Reading<'_, '_>, out: &mut dyn Output) {
    match pam.service {
        "cron" | "crond" | "systemd-user" | "runuser" | "runuser-l" | "atd" | "samba"
        | "polkit-1" => return out.not_authentication(),
        _ => {}
    }
    if let Some(user) = between(pam.text, "Consecutive login failures for user ", " account") {
        let mut event = of_user(reading, pam, Activity::AccountChange, Outcome::Success, user);
        event.reason = Some(Reason::Locked);
        event.operation = Some(Cow::Borrowed("account temporarily locked"));
        return reading.give(&mut event, out);
    }
    match (pam.service, pam.kind) {
        (_, "chauthtok") => password(pam, reading, out),
        (_, "session") => session(pam, reading, out),
        // sshd, sudo and su say themselves how it went.
        ("sshd" | "sudo" | "sudo-i" | "su" | "su-l", _) => reading.join(out),
        (_, "auth") => failure(pam, reading, out),
        _ => out.not_authentication(),
    }
}

/// `Accepted google_authenticator for ada`: the one-time code within a sign-in.
pub(super) fn read_code(reading: &mut Reading<'_, '_>, out: &mut dyn Output) {
    let message = reading.line.message;
    let (outcome, user) =
        if let Some(user) = message.strip_prefix("Accepted google_authenticator for ") {
            (Outcome::Success, user)
        } else if let Some(user) = message.strip_prefix("Invalid verification code for ") {
            (Outcome::Failure, user)
        } else {
            return reading.join(out);
        };
    let mut event = Event {
        user_name: Some(text::lower(user)),
        operation: Some(Cow::Borrowed("google_authenticator")),
        factor: Some(Factor::Totp),
        phishing_resistant: Some(false),
        mfa: if outcome == Outcome::Success { Mfa::Performed } else { Mfa::Unknown },
        reason: (outcome == Outcome::Failure).then_some(Reason::FactorFailed),
        ..reading.event("sshd", Activity::Verify, outcome)
    };
    // Not remembered: the try is the password's or key's line, which comes later.
    out.event(&mut event);
}

/// sshd's and a desktop's end of session is a logoff; that of sudo or su belongs
/// to the line that raised the rights. An opened session is told by sshd itself,
/// but by nobody else for a console or a desktop.
fn session(pam: &Message<'_>, reading: &mut Reading<'_, '_>, out: &mut dyn Output) {
    let opened = pam.text.strip_prefix("session opened for user ");
    let closed = pam.text.strip_prefix("session closed for user ");
    let raises_rights = matches!(pam.service, "sudo" | "sudo-i" | "su" | "su-l");
    match (opened, closed) {
        _ if raises_rights => reading.join(out),
        (Some(_), _) if pam.service == "sshd" => reading.join(out),
        (Some(user), _) => {
            let user = user.split([' ', '(']).next().unwrap_or_default();
            let mut event = of_user(reading, pam, Activity::Logon, Outcome::Success, user);
            event.operation = Some(Cow::Borrowed("session opened"));
            reading.give(&mut event, out);
        }
        (_, Some(user)) => {
            let user = user.split([' ', '(']).next().unwrap_or_default();
            let mut event = of_user(reading, pam, Activity::Logoff, Outcome::Success, user);
            event.operation = Some(Cow::Borrowed("session closed"));
            reading.give(&mut event, out);
        }
        _ => out.not_authentication(),
    }
}

/// `authentication failure; logname= uid=0 … rhost=192.0.2.1  user=ada` of a
/// console or a desktop.
fn failure(pam: &Message<'_>, reading: &mut Reading<'_, '_>, out: &mut dyn Output) {
    if !pam.text.starts_with("authentication failure;") {
        return out.not_authentication();
    }
    let field = |name: &str| {
        let value = pam.text.split(' ').find_map(|word| word.strip_prefix(name));
        value.filter(|value| !value.is_empty())
    };
    let user = field("user=").unwrap_or_default();
    let mut event = of_user(reading, pam, Activity::Logon, Outcome::Failure, user);
    event.reason = Some(if user.is_empty() { Reason::UnknownUser } else { Reason::BadPassword });
    event.operation = Some(Cow::Borrowed("authentication failure"));
    event.ip = field("rhost=").and_then(address).map(Cow::Borrowed);
    reading.give(&mut event, out);
}

fn password(pam: &Message<'_>, reading: &mut Reading<'_, '_>, out: &mut dyn Output) {
    let changed = pam.text.strip_prefix("password changed for ");
    let missing = between(pam.text, "user \"", "\" does not exist");
    let (outcome, user) = match (changed, missing) {
        (Some(user), _) => (Outcome::Success, user),
        (_, Some(user)) => (Outcome::Failure, user),
        _ => return out.not_authentication(),
    };
    let mut event = of_user(reading, pam, Activity::AccountChange, outcome, user);
    event.reason = (outcome == Outcome::Failure).then_some(Reason::UnknownUser);
    event.operation = Some(Cow::Borrowed("password changed"));
    reading.give(&mut event, out);
}

fn of_user<'e>(
    reading: &Reading<'e, '_>,
    pam: &Message<'e>,
    activity: Activity,
    outcome: Outcome,
    user: &'e str,
) -> Event<'e> {
    let service = if pam.service == "sshd" { "sshd" } else { "login" };
    Event {
        user_name: (!user.is_empty()).then(|| text::lower(user)),
        service: Some(Cow::Borrowed(pam.service)),
        ..reading.event(service, activity, outcome)
    }
}

/// What stands between two texts.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.rsplit_once(after).map(|(inner, _)| inner)
}
