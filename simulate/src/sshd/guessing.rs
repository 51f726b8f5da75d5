//! Guessing from the internet: the noise of every day, and campaigns.

use chrono::{DateTime, Utc};

use super::line::{Connection, EXPOSED};
use crate::record::Outbox;
use crate::world::{Chance, Network};

/// Names that are tried everywhere; nobody here has one of them but `root`.
const TRIED: [&str; 18] = [
    "root",
    "admin",
    "test",
    "ubuntu",
    "oracle",
    "postgres",
    "git",
    "user",
    "guest",
    "ftpuser",
    "jenkins",
    "hadoop",
    "pi",
    "centos",
    "support",
    "minecraft",
    "nagios",
    "ec2-user",
];

/// One connection of the background noise.
pub(crate) fn background(out: &mut Outbox, at: DateTime<Utc>, chance: &mut Chance) {
    let network = Network::attack(chance);
    let login = *chance.pick(&TRIED);
    knock(out, at, (&network.ip, login), chance);
}

/// One connection of a campaign from a known address.
pub(crate) fn campaign(out: &mut Outbox, at: DateTime<Utc>, ip: &str, chance: &mut Chance) {
    let login = *chance.pick(&TRIED);
    knock(out, at, (ip, login), chance);
}

fn knock(out: &mut Outbox, at: DateTime<Utc>, (ip, login): (&str, &str), chance: &mut Chance) {
    let connection =
        Connection { host: chance.pick::<&str>(&EXPOSED), pid: 1200 + chance.below(64_000) };
    let port = chance.between(1025, 65_000);
    let known = login == "root";
    let who = if known { login.to_owned() } else { format!("invalid user {login}") };
    let mut at = at;
    if !known {
        connection.say(out, at, &format!("Invalid user {login} from {ip} port {port}"));
    }
    let shape = chance.unit();
    // Some only name a user and are gone: that is a failed attempt as well.
    if shape < 0.08 {
        let end = if known { "authenticating" } else { "invalid" };
        let words = format!("Connection closed by {end} user {login} {ip} port {port} [preauth]");
        connection.say(out, at + chance.pause(0.1, 3.0), &words);
        return;
    }
    at += chance.pause(0.5, 2.5);
    let failed = format!("Failed password for {who} from {ip} port {port} ssh2");
    connection.say(out, at, &failed);
    if shape < 0.18 {
        let times = chance.between(2, 6);
        at += chance.pause(4.0, 14.0);
        connection.say(out, at, &format!("message repeated {times} times: [ {failed}]"));
        let words = format!(
            "error: maximum authentication attempts exceeded for {who} from {ip} port {port} ssh2 [preauth]"
        );
        connection.say(out, at, &words);
        let words = format!(
            "Disconnecting {} user {login} {ip} port {port}: Too many authentication failures [preauth]",
            if known { "authenticating" } else { "invalid" }
        );
        connection.say(out, at, &words);
        return;
    }
    let words = if shape < 0.6 {
        format!("Received disconnect from {ip} port {port}:11: Bye Bye [preauth]")
    } else {
        let kind = if known { "authenticating" } else { "invalid" };
        format!("Connection closed by {kind} user {login} {ip} port {port} [preauth]")
    };
    connection.say(out, at + chance.pause(0.2, 1.5), &words);
}
