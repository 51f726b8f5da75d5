//! Sessions of people and of services.

use chrono::{DateTime, Utc};

use super::line::{Connection, HOSTS};
use crate::people::Service;
use crate::record::Outbox;
use crate::traffic::Scene;
use crate::world::{Chance, Network};

/// A person with a key; now and then with a password and a code by PAM.
pub(crate) fn person_session(scene: &mut Scene, out: &mut Outbox) {
    let Some(login) = scene.person.ssh.as_deref() else {
        return;
    };
    let ip = scene.network.ip.as_str();
    let key = scene.person.ssh_key.as_str();
    let chance = &mut scene.chance;
    let connection = connection(chance);
    let port = chance.between(32_768, 61_000);
    let mut at = scene.visit.at;
    match chance.unit() {
        draw if draw < 0.05 => {
            let words = format!("Failed password for {login} from {ip} port {port} ssh2");
            connection.say(out, at, &words);
            at += chance.delay(6.0, 0.5, 30.0);
            let words = format!("Accepted password for {login} from {ip} port {port} ssh2");
            connection.say(out, at, &words);
        }
        draw if draw < 0.1 => {
            let words = format!("Accepted password for {login} from {ip} port {port} ssh2");
            connection.say(out, at, &words);
        }
        draw if draw < 0.2 => {
            let words =
                format!("Accepted keyboard-interactive/pam for {login} from {ip} port {port} ssh2");
            connection.say(out, at, &words);
        }
        draw if draw < 0.21 => {
            let words = format!(
                "Connection closed by authenticating user {login} {ip} port {port} [preauth]"
            );
            connection.say(out, at, &words);
            return;
        }
        _ => {
            let words =
                format!("Accepted publickey for {login} from {ip} port {port} ssh2: ED25519 {key}");
            connection.say(out, at, &words);
        }
    }
    let length = chance.delay(500.0, 1.0, 1800.0);
    session(connection, login, (ip, port), out, (at, at + length), chance);
}

/// A service whose key isn't taken any more, and that tries again and again.
pub(crate) fn refused_deploy(
    service: &Service,
    out: &mut Outbox,
    at: DateTime<Utc>,
    chance: &mut Chance,
) {
    let network = Network::cloud(service.index);
    let ip = network.ip.as_str();
    let login = service.login;
    let port = chance.between(32_768, 61_000);
    let words =
        format!("Connection closed by authenticating user {login} {ip} port {port} [preauth]");
    connection(chance).say(out, at, &words);
}

/// A service with a key, in and out again.
pub(crate) fn deploys(seed: u64, service: &Service, out: &mut Outbox) {
    let network = Network::cloud(service.index);
    let ip = network.ip.as_str();
    for (at, mut chance) in crate::traffic::runs(seed, service, out) {
        let connection = connection(&mut chance);
        let port = chance.between(32_768, 61_000);
        let (login, key) = (service.login, &service.ssh_key);
        let words = format!("Accepted publickey for {login} from {ip} port {port} ssh2: RSA {key}");
        connection.say(out, at, &words);
        let end = at + chance.delay(12.0, 0.8, 300.0);
        session(connection, login, (ip, port), out, (at, end), &mut chance);
    }
}

fn session(
    connection: Connection,
    login: &str,
    (ip, port): (&str, i64),
    out: &mut Outbox,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    chance: &mut Chance,
) {
    let uid = login.bytes().fold(0, |sum, byte| (sum * 31 + u32::from(byte)) % 8000) + 1000;
    let opened =
        format!("pam_unix(sshd:session): session opened for user {login}(uid={uid}) by (uid=0)");
    connection.say(out, from + chance.pause(0.02, 0.2), &opened);
    let left = format!("Disconnected from user {login} {ip} port {port}");
    connection.say(out, to, &left);
    let closed = format!("pam_unix(sshd:session): session closed for user {login}");
    connection.say(out, to + chance.pause(0.01, 0.1), &closed);
}

pub(crate) fn connection(chance: &mut Chance) -> Connection {
    Connection { host: chance.pick::<&str>(&HOSTS), pid: 1200 + chance.below(64_000) }
}
