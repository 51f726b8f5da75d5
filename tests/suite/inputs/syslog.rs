//! Messages by UDP, TCP and TLS: those of a real rsyslog, and odd ones.

use std::io::Write;
use std::net::{TcpStream, UdpSocket};
use std::process::Command;

use super::rsyslog::{Certificates, Rsyslog, free_port};
use crate::rollcall::{Rollcall, eventually};

/// Sign-ins that sshd logs, numbered; each a connection of its own.
fn sign_ins(from: usize, count: usize) -> String {
    let time = chrono::Utc::now().format("%b %e %H:%M:%S");
    (from..from + count)
        .map(|n| {
            format!(
                "<38>{time} web-1 sshd[{}]: Accepted publickey for ada from 203.0.113.5 port {} ssh2: ED25519 SHA256:Key{n}\n",
                10_000 + n,
                20_000 + n
            )
        })
        .collect()
}

fn listener(port: u16, protocol: &str, name: &str, further: &str) -> String {
    format!(
        "[[syslog.listeners]]\naddress = \"127.0.0.1:{port}\"\nprotocol = \"{protocol}\"\n\
         collector = \"{name}\"\n{further}\n"
    )
}

#[test]
fn what_rsyslog_forwards_comes_in_on_every_way() {
    let rollcall = Rollcall::new();
    let certificates = Certificates::make(rollcall.folder());
    let file = |name: &str| certificates.path(name).display().to_string();
    let tls = format!(
        "certificate = \"{}\"\nkey = \"{}\"\nclient_ca = \"{}\"\nsource = \"sshd\"",
        file("server.pem"),
        file("server.key"),
        file("authority.pem")
    );
    let [udp, lines, counted, secure] = [(); 4].map(|()| free_port());
    let settings = [
        listener(udp, "udp", "udp", ""),
        listener(lines, "tcp", "lines", ""),
        listener(counted, "tcp", "counted", "source = \"sshd\""),
        listener(secure, "tls", "tls", &tls),
    ];
    rollcall.file("rollcall.toml", settings.concat());
    let server = rollcall.serve(&[]);
    let keys = format!(
        "DefaultNetstreamDriverCAFile=\"{}\" DefaultNetstreamDriverCertFile=\"{}\" \
         DefaultNetstreamDriverKeyFile=\"{}\"",
        file("authority.pem"),
        file("client.pem"),
        file("client.key")
    );
    let forward = |port: u16, further: &str| {
        format!("action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{port}\" {further})\n")
    };
    let actions = [
        forward(udp, "protocol=\"udp\" template=\"RSYSLOG_TraditionalForwardFormat\""),
        forward(lines, "protocol=\"tcp\" template=\"RSYSLOG_ForwardFormat\""),
        forward(
            counted,
            "protocol=\"tcp\" TCP_Framing=\"octet-counted\" template=\"RSYSLOG_SyslogProtocol23Format\"",
        ),
        forward(
            secure,
            "protocol=\"tcp\" TCP_Framing=\"octet-counted\" StreamDriver=\"gtls\" StreamDriverMode=\"1\" \
             StreamDriverAuthMode=\"x509/name\" StreamDriverPermittedPeers=\"localhost\" \
             template=\"RSYSLOG_SyslogProtocol23Format\"",
        ),
    ];
    let rsyslog = Rsyslog::start(rollcall.folder(), &keys, &actions.concat());
    rsyslog.log(&sign_ins(0, 200));
    let count = |name: &str| {
        let query = format!(
            "SELECT count(*) FROM events WHERE collector = '{name}' AND source = 'sshd' AND activity = 'logon' AND outcome = 'success'"
        );
        rollcall.number(&query)
    };
    for name in ["udp", "lines", "counted", "tls"] {
        eventually(name, || count(name) == 200);
    }
    // A stranger has no certificate.
    let refused = Command::new("openssl")
        .args(["s_client", "-connect", &format!("127.0.0.1:{secure}"), "-tls1_2"])
        .arg("-CAfile")
        .arg(certificates.path("authority.pem"))
        .stdin(std::process::Stdio::null())
        .output()
        .expect("openssl runs");
    assert!(!refused.status.success(), "{}", String::from_utf8_lossy(&refused.stdout));
    drop(rsyslog);
    server.stop();
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 800);
    assert_eq!(rollcall.number("SELECT count(*) FROM set_aside"), 0);
    assert_eq!(
        rollcall.sql("SELECT DISTINCT user_name, resource, ip FROM events"),
        ["ada,web-1,203.0.113.5"]
    );
    rollcall.run(&["verify"]);
}

#[test]
fn what_is_odd_is_accounted_for() {
    let rollcall = Rollcall::new();
    let [udp, tcp] = [(); 2].map(|()| free_port());
    let settings = [
        listener(udp, "udp", "udp", "source = \"vault\""),
        listener(tcp, "tcp", "tcp", "max_message_bytes = 2000"),
    ];
    rollcall.file("rollcall.toml", settings.concat());
    let server = rollcall.serve(&[]);
    let event = "{\"time\":\"2026-03-02T08:49:11.1Z\",\"type\":\"response\",\"auth\":{\"display_name\":\"userpass-ada\"},\"request\":{\"id\":\"r-1\",\"operation\":\"update\",\"path\":\"auth/userpass/login/ada\",\"remote_address\":\"203.0.113.5\"}}";
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    for message in [
        format!("<134>1 2026-03-02T08:49:11.2Z vault-1 vault 7 - - @cee:{event}"),
        format!("<134>Mar  2 08:49:11 vault-1 vault[7]: {}", event.replace("r-1", "r-2")),
        event.replace("r-1", "r-3"),
    ] {
        socket.send_to(message.as_bytes(), ("127.0.0.1", udp)).expect("sent");
    }
    let mut stream = TcpStream::connect(("127.0.0.1", tcp)).expect("a connection");
    let long = format!("<38>{}", "x".repeat(5_000));
    let sent = format!("{long}\n{} {long}{}no syslog\n300 <38>half", long.len(), sign_ins(0, 2));
    stream.write_all(sent.as_bytes()).expect("sent");
    drop(stream);
    eventually("all is there", || {
        rollcall.number("SELECT count(*) FROM events_all") == 5
            && rollcall.number("SELECT count(*) FROM quarantine") == 4
    });
    server.stop();
    assert_eq!(
        rollcall.sql("SELECT source, collector, count(*) FROM events GROUP BY 1, 2 ORDER BY 1"),
        ["sshd,tcp,2", "vault,udp,3"]
    );
    let cut_off = "SELECT character_length(raw_text(raw)) FROM quarantine WHERE source_hint = '(cut off)' AND reason LIKE 'it is longer than%' ORDER BY seq";
    assert_eq!(rollcall.sql(cut_off), ["2000", "2000", "8"]);
    rollcall.run(&["verify"]);
}

#[test]
fn settings_that_can_not_be_stop_the_start() {
    for (settings, says) in [
        ("[[syslog.listeners]]\naddress = \"0.0.0.0:0\"\nprotocol = \"udp\"\n", "allow ="),
        ("[[syslog.listeners]]\naddress = \"127.0.0.1:0\"\nprotocol = \"tls\"\n", "certificate"),
        ("[[tail.files]]\npath = \"auth.log\"\n", "whole path"),
        ("[tail]\nfile = \"auth.log\"\n", "tail.file"),
    ] {
        let rollcall = Rollcall::new();
        rollcall.file("rollcall.toml", settings);
        let output = rollcall.output(&["serve", "--listen", "127.0.0.1:0"]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(says), "{told}");
    }
}
