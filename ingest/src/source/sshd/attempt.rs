//! sshd's rows: one for each password or key that was tried.

use std::borrow::Cow;

use rollcall_schemas::{Activity, Credential, Event, Factor, Mfa, Outcome, Reason};

use super::super::adapter::Output;
use super::super::text;
use super::Reading;
use super::connection::Open;
use super::message::{Judged, MOST_REPETITIONS, Message, Peer, Verdict, unrepeat};

/// Reads one of sshd's own messages.
pub(super) fn read(reading: &mut Reading<'_, '_>, out: &mut dyn Output) {
    let (times, message) = unrepeat(reading.line.message);
    if times > MOST_REPETITIONS {
        return out.reject(
            "it says that its message came more than 1,000 times; syslog writes no such line",
        );
    }
    match Message::parse(message) {
        // A client asks with "none" which methods there are: nothing was tried.
        Message::Judged(judged) if judged.method == "none" && judged.verdict == Verdict::Failed => {
            reading.join(out);
        }
        Message::Judged(judged) => {
            if !out.has_room(usize::try_from(times).unwrap_or(usize::MAX)) {
                return out
                    .reject("it is too long for so many repetitions; syslog's lines are short");
            }
            for _ in 0..times {
                tried(&judged, reading, out);
            }
        }
        Message::Invalid(peer) => {
            named(&peer, "Invalid user", Outcome::Failure, Reason::UnknownUser, reading, out);
        }
        Message::Refused(peer, why) => {
            named(&peer, why, Outcome::Denied, Reason::NotAuthorized, reading, out);
        }
        Message::TooMany(peer) => {
            if reading.connections.touch(reading.line, reading.time).last.is_some() {
                return reading.join(out);
            }
            let mut event = attempt(reading, &peer, Outcome::Failure);
            event.reason = Some(Reason::TooManyAttempts);
            event.operation = Some(Cow::Borrowed("maximum authentication attempts exceeded"));
            reading.give(&mut event, out);
        }
        Message::Continues => reading.join(out),
        Message::Nothing => out.not_authentication(),
    }
}

/// A row that a judged try of the same connection will say better; if none comes,
/// it is the attempt.
fn named(
    peer: &Peer<'_>,
    why: &str,
    outcome: Outcome,
    reason: Reason,
    reading: &mut Reading<'_, '_>,
    out: &mut dyn Output,
) {
    let mut event = attempt(reading, peer, outcome);
    event.reason = Some(reason);
    event.operation = Some(Cow::Borrowed(match reason {
        Reason::UnknownUser => "Invalid user",
        _ => "not allowed",
    }));
    event.reason_raw = (outcome == Outcome::Denied).then_some(Cow::Borrowed(why));
    event.blocked = (outcome == Outcome::Denied).then_some(true);
    let row = out.event(&mut event);
    let user = reading.connections.user_key(peer.user);
    let connection = reading.connections.touch(reading.line, reading.time);
    connection.last = Some(row);
    connection.open = Some(Open { row, user, outcome, reason });
}

fn tried(judged: &Judged<'_>, reading: &mut Reading<'_, '_>, out: &mut dyn Output) {
    let (outcome, reason) = match (judged.verdict, judged.method, judged.peer.is_invalid) {
        (Verdict::Accepted, ..) => (Outcome::Success, None),
        (Verdict::Partial, ..) => (Outcome::Interrupted, Some(Reason::MfaRequired)),
        (Verdict::Failed, _, true) => (Outcome::Failure, Some(Reason::UnknownUser)),
        (Verdict::Failed, "publickey" | "hostbased", _) => (Outcome::Failure, Some(Reason::BadKey)),
        (Verdict::Failed, ..) => (Outcome::Failure, Some(Reason::BadPassword)),
    };
    let mut event = attempt(reading, &judged.peer, outcome);
    event.reason = reason;
    event.operation = Some(Cow::Borrowed(judged.operation));
    how(&mut event, judged, reading);

    let of_user = reading.connections.user_key(judged.peer.user);
    let connection = reading.connections.touch(reading.line, reading.time);
    if let Some(open) = connection.open.take_if(|open| open.user == of_user) {
        event.revises = Some(open.row);
        if open.outcome == Outcome::Denied && judged.verdict == Verdict::Failed {
            (event.outcome, event.reason) = (Outcome::Denied, Some(open.reason));
            event.blocked = Some(true);
        }
    }
    // A method passed before, and another now: that is two factors.
    if connection.is_partial && judged.verdict == Verdict::Accepted {
        event.mfa = Mfa::Performed;
    }
    connection.is_partial = judged.verdict == Verdict::Partial;
    reading.give(&mut event, out);
}

fn how(event: &mut Event<'_>, judged: &Judged<'_>, reading: &Reading<'_, '_>) {
    let key_type = judged.key_type.unwrap_or_default();
    event.credential = Some(match judged.method {
        "password" => Credential::Password,
        "publickey" if key_type.ends_with("-CERT") => Credential::Certificate,
        "publickey" => Credential::SshKey,
        _ => Credential::Unknown,
    });
    event.credential_id =
        judged.fingerprint.map(|fingerprint| Cow::Owned((reading.context.keyed_hash)(fingerprint)));
    // ECDSA-SK and ED25519-SK lie in a hardware key.
    event.factor = match judged.method {
        "password" => Some(Factor::Password),
        "publickey" if key_type.contains("-SK") => Some(Factor::HardwareKey),
        _ => None,
    };
    event.phishing_resistant = event.factor.and_then(Factor::phishing_resistant);
}

/// A row of sshd about a peer. sshd says nothing of a second factor: PAM may have
/// asked for one within "password".
fn attempt<'e>(reading: &Reading<'e, '_>, peer: &Peer<'e>, outcome: Outcome) -> Event<'e> {
    Event {
        user_name: (!peer.user.is_empty()).then(|| text::lower(peer.user)),
        protocol: Some(Cow::Borrowed("ssh2")),
        ip: peer.ip.map(Cow::Borrowed),
        ..reading.event("sshd", Activity::Logon, outcome)
    }
}
