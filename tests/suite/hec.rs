//! Splunk's HTTP Event Collector: whoever streams to Splunk can stream here.

use std::io::Write;

use serde_json::{Value, json};

use crate::http::request;
use crate::rollcall::{Rollcall, Server, github};

/// A request with a token; the status and the answer.
fn send(server: &Server, path: &str, headers: &[(&str, String)], body: &[u8]) -> (u16, Value) {
    let mut all = vec![("authorization", format!("Splunk {}", server.token))];
    all.extend_from_slice(headers);
    let (status, answer) = request(&server.address, "POST", path, &all, body).expect("an answer");
    (status, serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{answer}")))
}

fn channel() -> [(&'static str, String); 1] {
    [("x-splunk-request-channel", "fe0ecfad-13d5-401b-847d-77833bd77131".to_owned())]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).expect("memory");
    out.finish().expect("memory")
}

/// Events in Splunk's envelope, right behind each other, as GitHub streams them.
fn enveloped(lines: &str) -> String {
    let envelope =
        |line| format!("{{\"event\":{line},\"time\":1790000000.5,\"source\":\"github\"}}");
    lines.lines().map(envelope).collect()
}

#[test]
fn github_okta_and_auth0_stream_as_to_splunk() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let sent = send(&server, "/services/collector", &[], enveloped(&github(0, 3)).as_bytes());
    assert_eq!(sent, (200, json!({"text": "Success", "code": 0})));
    let compressed = gzip(enveloped(&github(3, 4)).as_bytes());
    let encoding = [("content-encoding", "gzip".to_owned())];
    assert_eq!(send(&server, "/services/collector/event", &encoding, &compressed).0, 200);
    let okta = json!({
        "time": 1_790_000_001, "host": "corp.okta.example", "source": "Okta",
        "sourcetype": "OktaIM2:log",
        "event": {
            "uuid": "0b1f", "published": "2026-09-21T13:33:21.000Z", "eventType": "user.session.start",
            "actor": {"id": "00u1", "type": "User", "alternateId": "Ada@corp.example"},
            "outcome": {"result": "SUCCESS"}, "client": {"ipAddress": "203.0.113.7"},
        },
    });
    assert_eq!(
        send(&server, "/services/collector/event/1.0", &[], okta.to_string().as_bytes()).0,
        200
    );
    server.stop();
    assert_eq!(
        rollcall.sql("SELECT source, count(*), count(DISTINCT source_event_id) FROM events GROUP BY 1 ORDER BY 1"),
        ["github,7,7", "okta,1,1"]
    );
    // The record is what was sent, envelope and all.
    let raw = rollcall.sql("SELECT raw_text(raw) FROM events WHERE source = 'okta'").join("");
    assert!(raw.contains("OktaIM2:log"), "{raw}");
    let user = "SELECT user_name FROM events WHERE source = 'okta'";
    assert_eq!(rollcall.sql(user), ["ada@corp.example"]);
}

#[test]
fn an_acknowledged_request_is_acknowledged_after_a_restart_too() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let mut ids = Vec::new();
    for batch in 0..3 {
        let body = enveloped(&github(batch * 10, 10));
        let (status, answer) =
            send(&server, "/services/collector/event", &channel(), body.as_bytes());
        assert_eq!(status, 200, "{answer}");
        ids.push(answer["ackId"].as_i64().expect("an id"));
    }
    let ask = |server: &Server, ids: &[i64]| {
        let body = json!({"acks": ids}).to_string();
        send(server, "/services/collector/ack", &channel(), body.as_bytes())
    };
    let never = ids[2] + 1;
    let expected = json!({"acks": {
        ids[0].to_string(): true, ids[1].to_string(): true, ids[2].to_string(): true,
        never.to_string(): false,
    }});
    let asked = [&ids[..], &[never]].concat();
    assert_eq!(ask(&server, &asked), (200, expected.clone()));
    server.kill();
    let server = rollcall.serve(&[]);
    assert_eq!(ask(&server, &asked), (200, expected));
    let without = send(&server, "/services/collector/ack", &[], b"{\"acks\":[1]}");
    assert_eq!(without, (400, json!({"text": "Data channel is missing", "code": 10})));
    server.stop();
    assert_eq!(rollcall.number("SELECT count(*) FROM events"), 30);
}

#[test]
fn raw_text_is_cut_into_lines() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let lines = "Mar  1 10:00:00 web-1 sshd[7]: Accepted publickey for ada from 203.0.113.5 port 22 ssh2\nMar  1 10:00:09 web-1 sshd[8]: Failed password for bob from 203.0.113.6 port 23 ssh2\n";
    let path =
        "/services/collector/raw?channel=c1&sourcetype=linux_secure&source=/var/log/auth.log";
    let (status, answer) = send(&server, path, &[], lines.as_bytes());
    assert_eq!(status, 200, "{answer}");
    assert!(answer["ackId"].is_i64(), "{answer}");
    server.stop();
    assert_eq!(
        rollcall.sql("SELECT user_name, outcome FROM events WHERE source = 'sshd' ORDER BY 1"),
        ["ada,success", "bob,failure"]
    );
}

#[test]
fn what_is_wrong_is_told_in_splunks_words_and_nothing_is_stored() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let event = "/services/collector/event";
    let text = |text: &str, code: u8| json!({"text": text, "code": code});
    assert_eq!(send(&server, event, &[], b""), (400, text("No data", 5)));
    assert_eq!(send(&server, "/services/collector/raw", &[], b" \n\n"), (400, text("No data", 5)));
    let mut missing = text("Event field is required", 12);
    missing["invalid-event-number"] = json!(1);
    assert_eq!(send(&server, event, &[], br#"{"event":"a"}{"evnt":"b"}"#), (400, missing));
    let mut broken = text("Invalid data format", 6);
    broken["invalid-event-number"] = json!(0);
    assert_eq!(send(&server, event, &[], b"hello"), (400, broken));
    let anonymous = request(&server.address, "POST", event, &[], b"{}").expect("an answer");
    assert_eq!(anonymous.0, 401);
    assert!(anonymous.1.contains("\"code\":2"), "{}", anonymous.1);
    let wrong = [("authorization", "Splunk rc_nobodys".to_owned())];
    let wrong = request(&server.address, "POST", event, &wrong, b"{}").expect("an answer");
    assert_eq!(wrong.0, 403);
    assert!(wrong.1.contains("\"code\":4"), "{}", wrong.1);
    for path in ["/services/collector/health", "/services/collector/health/1.0"] {
        let healthy = request(&server.address, "GET", path, &[], b"").expect("an answer");
        assert_eq!(healthy.0, 200);
        assert!(healthy.1.contains("\"code\":17"), "{}", healthy.1);
    }
    server.stop();
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 0);
    assert_eq!(rollcall.number("SELECT count(*) FROM set_aside"), 0);
}
