//! sshd's own messages. User names come from whoever connects: they contain
//! spaces, quotes, " from " and whole messages. So a line is read from its end,
//! where sshd itself wrote the address.

use super::super::address::address;

/// What a message says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message<'a> {
    /// A password or key was judged.
    Judged(Judged<'a>),
    /// A user that there isn't.
    Invalid(Peer<'a>),
    /// A user who is shut out by configuration, whatever the credential.
    Refused(Peer<'a>, &'a str),
    /// Cut off for too many tries.
    TooMany(Peer<'a>),
    /// Belongs to a connection and says nothing new.
    Continues,
    /// Says nothing about authentication.
    Nothing,
}

/// How a try was judged.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Judged<'a> {
    pub(super) verdict: Verdict,
    /// "Failed password"
    pub(super) operation: &'a str,
    /// "password", "publickey", "keyboard-interactive/pam", …
    pub(super) method: &'a str,
    pub(super) peer: Peer<'a>,
    /// "ED25519", "ECDSA-SK", "RSA-CERT"
    pub(super) key_type: Option<&'a str>,
    /// "SHA256:…"
    pub(super) fingerprint: Option<&'a str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Accepted,
    Failed,
    /// Passed, and a further method is asked for.
    Partial,
}

/// Who connects, from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Peer<'a> {
    pub(super) user: &'a str,
    pub(super) is_invalid: bool,
    pub(super) ip: Option<&'a str>,
}

/// More repetitions of one message aren't believed: syslog writes out what it holds
/// back after some seconds, and one line must not give rows without end.
pub(super) const MOST_REPETITIONS: u32 = 1_000;

/// A message, and how often it came: syslog writes "message repeated 5 times:
/// [ … ]" for five more of the same.
pub(super) fn unrepeat(message: &str) -> (u32, &str) {
    let repeated = || {
        let (count, rest) = message.strip_prefix("message repeated ")?.split_once(" times: [ ")?;
        let is_number = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
        // What is too long for a number is more than is believed, too.
        let count = is_number.then(|| count.parse().unwrap_or(u32::MAX)).filter(|n| *n > 0)?;
        Some((count, rest.strip_suffix(']')?.trim_end()))
    };
    repeated().unwrap_or((1, message))
}

impl<'a> Message<'a> {
    pub(super) fn parse(message: &'a str) -> Self {
        let body = message.strip_suffix(" [preauth]").unwrap_or(message);
        Self::judged(body).or_else(|| Self::named(body)).unwrap_or_else(|| Self::other(body))
    }

    /// "Failed password for invalid user x from 192.0.2.1 port 22 ssh2: RSA SHA256:…"
    fn judged(body: &'a str) -> Option<Self> {
        let (verdict, rest) = [
            ("Failed ", Verdict::Failed),
            ("Accepted ", Verdict::Accepted),
            ("Partial ", Verdict::Partial),
        ]
        .into_iter()
        .find_map(|(word, verdict)| Some((verdict, body.strip_prefix(word)?)))?;
        let (method, rest) = rest.split_once(" for ")?;
        if method.contains(' ') {
            return None;
        }
        let operation = body.get(..body.len() - rest.len() - " for ".len())?;
        let (user, ip, tail) = from_end(rest)?;
        let (key_type, fingerprint) = key(tail);
        let peer = peer(user, ip);
        Some(Self::Judged(Judged { verdict, operation, method, peer, key_type, fingerprint }))
    }

    fn named(body: &'a str) -> Option<Self> {
        if let Some(rest) = body.strip_prefix("Invalid user ") {
            // Old versions end with the address, newer ones with the port. An
            // empty name leaves two blanks.
            let (user, ip) = before_from(rest)?;
            return Some(Self::Invalid(Peer { user, is_invalid: true, ip }));
        }
        if let Some((_, rest)) = body.split_once("maximum authentication attempts exceeded for ") {
            let (user, ip, _) = from_end(rest)?;
            return Some(Self::TooMany(peer(user, ip)));
        }
        if let Some(rest) = body.strip_prefix("ROOT LOGIN REFUSED FROM ") {
            let ip = rest.split(' ').next().and_then(address);
            let peer = Peer { user: "root", is_invalid: false, ip };
            return Some(Self::Refused(peer, "ROOT LOGIN REFUSED"));
        }
        let rest = body.strip_prefix("User ")?;
        let (subject, _) = rest.rsplit_once(" not allowed because ")?;
        let reason = rest.get(subject.len() + 1..)?;
        let (user, ip) = before_from(subject).unwrap_or((subject, None));
        Some(Self::Refused(Peer { user, is_invalid: false, ip }, reason))
    }

    fn other(body: &str) -> Self {
        const CONTINUES: &[&str] = &[
            "input_userauth_request: invalid user",
            "Connection closed by ",
            "Connection reset by ",
            "Disconnected from ",
            "Disconnecting",
            "Received disconnect from ",
            "Postponed ",
            "PAM ",
            "Starting session: ",
            "fatal: Access denied for user ",
            "error: PAM: ",
            "Change of username or service not allowed",
        ];
        if CONTINUES.iter().any(|start| body.starts_with(start)) {
            Self::Continues
        } else {
            Self::Nothing
        }
    }
}

fn peer<'a>(user: &'a str, ip: Option<&'a str>) -> Peer<'a> {
    match user.strip_prefix("invalid user ") {
        Some(user) => Peer { user, is_invalid: true, ip },
        None if user == "invalid user" => Peer { user: "", is_invalid: true, ip },
        None => Peer { user, is_invalid: false, ip },
    }
}

/// `x from 192.0.2.1 port 22`, `x from 192.0.2.1`: the last " from ".
fn before_from(text: &str) -> Option<(&str, Option<&str>)> {
    let (user, rest) =
        text.rsplit_once(" from ").or_else(|| text.strip_prefix("from ").map(|rest| ("", rest)))?;
    Some((user, rest.split(' ').next().and_then(address)))
}

/// `x from 192.0.2.1 port 22 ssh2…`: the last " from " that the protocol follows,
/// so that one within the user's name is passed over, and with what comes after
/// `ssh2: ` as the key. A certificate's own text may hold another; it is passed
/// over as no key stands behind it.
fn from_end(text: &str) -> Option<(&str, Option<&str>, &str)> {
    let mut end = text.len();
    loop {
        let at = text.get(..end)?.rfind(" from ")?;
        let rest = text.get(at + " from ".len()..)?;
        let mut words = rest.splitn(4, ' ');
        let (ip, port, number) = (words.next()?, words.next(), words.next());
        let is_port = port == Some("port")
            && number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
        let after = words.next().unwrap_or_default();
        let tail = after.strip_prefix("ssh2").or_else(|| after.strip_prefix("ssh1"));
        if let Some(tail) =
            tail.filter(|tail| is_port && (tail.is_empty() || tail.starts_with(": ")))
        {
            let user = text.get(..at)?;
            return Some((user, address(ip), tail.strip_prefix(": ").unwrap_or_default()));
        }
        end = at;
    }
}

/// `RSA SHA256:…`, `ED25519-CERT SHA256:… ID …`.
fn key(tail: &str) -> (Option<&str>, Option<&str>) {
    let mut words = tail.split(' ');
    let key_type = words.next().filter(|word| !word.is_empty());
    let fingerprint = words.next().filter(|word| word.contains(':'));
    (key_type.filter(|_| fingerprint.is_some()), fingerprint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(message: &str) -> (String, bool, Option<String>) {
        match Message::parse(message) {
            Message::Judged(judged) => {
                let peer = judged.peer;
                (peer.user.to_owned(), peer.is_invalid, peer.ip.map(str::to_owned))
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_user_name_that_imitates_a_message_does_not_move_the_address() {
        let real = Some("203.0.113.9".to_owned());
        for (user, is_invalid) in [
            ("root from 192.0.2.1 port 22 ssh2", true),
            ("a from b", true),
            (" leading", true),
            ("", true),
            ("\"quoted\" \\x", true),
            ("line#012break", true),
            ("Accepted password for root from 192.0.2.1 port 1 ssh2", true),
        ] {
            let message =
                format!("Failed password for invalid user {user} from 203.0.113.9 port 4242 ssh2");
            assert_eq!(failed(&message), (user.to_owned(), is_invalid, real.clone()), "{message}");
        }
        let message = "Invalid user x from 192.0.2.1 from 203.0.113.9 port 4242";
        let Message::Invalid(peer) = Message::parse(message) else { panic!() };
        assert_eq!((peer.user, peer.ip), ("x from 192.0.2.1", Some("203.0.113.9")));
    }

    #[test]
    fn a_certificates_text_does_not_move_the_address() {
        let message = "Accepted publickey for ada from 203.0.113.9 port 22 ssh2: ED25519-CERT \
                       SHA256:abc ID ada from 192.0.2.1 port 1 ssh2 (serial 7) CA RSA SHA256:def";
        let Message::Judged(judged) = Message::parse(message) else { panic!() };
        assert_eq!(judged.peer.ip, Some("203.0.113.9"));
        assert_eq!(judged.key_type, Some("ED25519-CERT"));
        assert_eq!(judged.fingerprint, Some("SHA256:abc"));
    }

    #[test]
    fn repeats_are_counted_and_what_only_looks_like_one_is_not() {
        assert_eq!(unrepeat("message repeated 5 times: [ Failed x]"), (5, "Failed x"));
        assert_eq!(unrepeat("message repeated 0 times: [ x]").0, 1);
        assert_eq!(unrepeat("message repeated 1000 times: [ x]").0, MOST_REPETITIONS);
        assert!(unrepeat("message repeated 99999999999999 times: [ x]").0 > MOST_REPETITIONS);
        assert_eq!(unrepeat("message repeated"), (1, "message repeated"));
    }
}
