//! Alerts from the event to the webhook: raised once, written into the trail, worked on, sent.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use crate::rollcall::{Rollcall, eventually};

/// So many refused prompts of ada's, as Okta tells them, from a minute of the hour on.
pub fn refusals(from: u32, count: u32, day: &str) -> String {
    (from..from + count)
        .map(|minute| {
            format!(
                "{{\"uuid\":\"u-{minute}\",\"published\":\"{day}T08:{minute:02}:00.000Z\",\"eventType\":\"user.mfa.okta_verify.deny_push\",\"displayMessage\":\"Deny push\",\"actor\":{{\"id\":\"00u1\",\"type\":\"User\",\"alternateId\":\"ada@corp.example\",\"displayName\":\"Ada\"}},\"client\":{{\"ipAddress\":\"203.0.113.7\"}},\"outcome\":{{\"result\":\"FAILURE\"}}}}\n"
            )
        })
        .collect()
}

const DAY: &str = "2026-03-02";

#[test]
fn an_alert_is_raised_once_and_what_is_done_about_it_is_in_the_trail() {
    let rollcall = Rollcall::new();
    rollcall.ingest(&rollcall.file("okta.ndjson", refusals(0, 5, DAY)));
    let output = rollcall.output(&["detect", "--format", "csv"]);
    let text = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(1), "{text}");
    let line = text.lines().nth(1).expect("an alert");
    assert!(line.starts_with("high,push_bombing.fast-"), "{line}");
    let key = line.split(',').nth(1).expect("a key");
    // Looked at once, and also where all is looked at again.
    for arguments in [&["detect"][..], &["detect", "--again"]] {
        let output = rollcall.output(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
    assert_eq!(rollcall.number("SELECT count(*) FROM alerts"), 1);
    assert_eq!(rollcall.number("SELECT count(*) FROM events WHERE operation = 'alert'"), 1);
    let evidence = rollcall.sql("SELECT evidence FROM alerts").join("");
    let first = evidence.split(['"', ',']).find(|part| part.contains("-0")).expect("an event");
    rollcall.run(&["prove", first]);

    assert!(rollcall.run(&["alert", "list"]).contains(key));
    rollcall.run(&["alert", "ack", key, "--by", "bo"]);
    rollcall.run(&["alert", "assign", key, "cy", "--by", "bo"]);
    rollcall.run(&["alert", "note", key, "She says it wasn't her.", "--by", "cy"]);
    let shown = rollcall.run(&["alert", "show", key]);
    for words in ["5 prompts", "acknowledged", "She says", "assign", "Call the person"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let query = shown.lines().find_map(|line| line.strip_prefix("the events: rollcall sql "));
    let query = query.expect("a query").trim_matches('"');
    assert_eq!(rollcall.sql(query).len(), 5, "{query}");
    rollcall.run(&["alert", "close", key, "--as", "true", "--by", "cy", "--why", "Reset."]);
    assert!(!rollcall.run(&["alert", "list"]).contains(key));
    assert!(rollcall.run(&["alert", "list", "--all"]).contains(key));
    let steps = rollcall.sql("SELECT who, action, verdict FROM triage ORDER BY done");
    assert_eq!(steps, ["bo,acknowledge,", "bo,assign,", "cy,note,", "cy,close,true"]);
    rollcall.run(&["verify"]);
}

#[test]
fn what_can_not_be_meant_is_wrong_usage() {
    let rollcall = Rollcall::new();
    rollcall.ingest(&rollcall.file("okta.ndjson", refusals(0, 5, DAY)));
    let code = |arguments: &[&str]| rollcall.output(arguments).status.code();
    assert_eq!(code(&["alert", "ack", "guessing-1-1-0", "--by", "bo"]), Some(2));
    assert_eq!(code(&["alert", "show", "x' OR 'a' = 'a"]), Some(2));
    assert_eq!(code(&["detect", "--from", "2026-03-01"]), Some(2));
    rollcall.file("rollcall.toml", "[detect.push_bombing]\nprompt = 4\n");
    assert_eq!(code(&["detect"]), Some(2));
    // One fewer is enough once it is set.
    rollcall.file("rollcall.toml", "[detect.push_bombing]\nprompts = 6\n");
    assert_eq!(code(&["detect"]), Some(0));
}

#[test]
fn a_backtest_counts_and_writes_nothing() {
    let rollcall = Rollcall::new();
    rollcall.ingest(&rollcall.file("okta.ndjson", refusals(0, 5, DAY)));
    let csv = rollcall.run(&[
        "detect",
        "--backtest",
        "--from",
        "2026-03-01",
        "--to",
        "2026-03-08",
        "--format",
        "csv",
    ]);
    assert!(csv.lines().any(|line| line.starts_with("push_bombing,1,1")), "{csv}");
    assert_eq!(rollcall.number("SELECT count(*) FROM alerts"), 0);
    assert!(!rollcall.data().join("derived/detect/state").exists());
}

/// What a webhook got: headers and body.
type Request = (BTreeMap<String, String>, String);

/// A webhook that refuses once, and takes everything then.
fn webhook() -> (u16, mpsc::Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (sender, inbox) = mpsc::channel();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = BufReader::new(stream.expect("a connection"));
            let mut headers = BTreeMap::new();
            let mut line = String::new();
            while stream.read_line(&mut line).expect("a line") > 2 {
                if let Some((name, value)) = line.trim().split_once(": ") {
                    headers.insert(name.to_lowercase(), value.to_owned());
                }
                line.clear();
            }
            let length = headers.get("content-length").and_then(|text| text.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            stream.read_exact(&mut body).expect("a body");
            let answer = if number == 0 { "503 Service Unavailable" } else { "204 No Content" };
            let answer =
                format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.get_mut().write_all(answer.as_bytes()).expect("answered");
            let body = String::from_utf8(body).expect("text");
            if sender.send((headers, body)).is_err() {
                return;
            }
        }
    });
    (port, inbox)
}

#[test]
fn a_server_raises_alerts_as_events_come_and_sends_them_signed() {
    let rollcall = Rollcall::new();
    let (port, inbox) = webhook();
    let secret = rollcall.file("secret", "s3cret-of-the-webhook\n");
    rollcall.file(
        "rollcall.toml",
        format!(
            "[alerts.webhook]\nurl = \"http://127.0.0.1:{port}/alerts\"\nsecret_file = \"{}\"\n",
            secret.display()
        ),
    );
    let server = rollcall.serve(&[]);
    server.accepted("?source=okta", refusals(0, 4, DAY));
    server.accepted("?source=okta", refusals(4, 1, DAY));
    let wait = Duration::from_secs(60);
    let (_, refused) = inbox.recv_timeout(wait).expect("a request");
    let (headers, body) = inbox.recv_timeout(wait).expect("the same again");
    assert_eq!(refused, body);
    let alert: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!((&alert["detector"], &alert["severity"]), (&"push_bombing".into(), &"high".into()));
    let sent: i64 = headers["x-rollcall-timestamp"].parse().expect("seconds");
    let expected = rollcall_ingest::notify::signature(b"s3cret-of-the-webhook", sent, &body);
    assert_eq!(headers["x-rollcall-signature"], expected);
    // It is seen before it is sealed, and stands once.
    assert_eq!(rollcall.number("SELECT count(*) FROM alerts"), 1);
    let key = alert["key"].as_str().expect("a key");
    rollcall.run(&["alert", "ack", key, "--by", "bo"]);
    assert_eq!(rollcall.sql("SELECT state FROM alerts"), ["acknowledged"]);
    server.stop();
    // After a restart nothing is raised again, and what comes belongs to the same incident.
    let server = rollcall.serve(&[]);
    server.accepted("?source=okta", refusals(5, 5, DAY));
    eventually("the alert grew", || rollcall.sql("SELECT updates FROM alerts") == ["2"]);
    assert_eq!(rollcall.number("SELECT count(*) FROM alerts"), 1);
    server.stop();
}

#[test]
fn an_erasure_reaches_alerts_that_wait_to_be_sent_and_leaves_the_others() {
    let rollcall = Rollcall::new();
    // Nobody listens: what is raised waits.
    let port =
        TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
    let secret = rollcall.file("secret", "s3cret-of-the-webhook\n");
    rollcall.file(
        "rollcall.toml",
        format!(
            "[alerts.webhook]\nurl = \"http://127.0.0.1:{port}/alerts\"\nsecret_file = \"{}\"\n",
            secret.display()
        ),
    );
    let waiting = || std::fs::read_to_string(rollcall.data().join("unsent/webhook"));
    let names = |login: &str| waiting().is_ok_and(|text| text.contains(login));
    let server = rollcall.serve(&[]);
    let of_bo = refusals(0, 5, DAY).replace("ada@corp.example", "bo@corp.example");
    let of_bo = of_bo.replace("00u1", "00u2").replace("Ada", "Bo");
    server.accepted("?source=okta", of_bo);
    server.accepted("?source=okta", refusals(5, 5, DAY));
    eventually("both wait", || names("ada@corp.example") && names("bo@corp.example"));
    rollcall.run(&["erase", "ada@corp.example"]);
    assert!(!names("ada@corp.example") && names("bo@corp.example"), "{:?}", waiting());
    server.stop();
    assert!(!names("ada@corp.example") && names("bo@corp.example"), "{:?}", waiting());
    // The same where no server runs.
    rollcall.run(&["erase", "bo@corp.example"]);
    assert!(!names("bo@corp.example"), "{:?}", waiting());
}
