//! Streams that are meant for Splunk's HTTP Event Collector.

use serde_json::{Value, json};

use super::{auth0, github, gzip, okta, send};
use crate::rollcall::Rollcall;

const COLLECTOR: &str = "/services/collector";

/// Events in Splunk's envelope, right behind each other.
fn enveloped(events: &[Value], source: &str, sourcetype: &str) -> String {
    let envelope = |event: &Value| {
        let sent = json!({
            "time": "1790000100.5", "host": "vendor.example", "source": source,
            "sourcetype": sourcetype, "event": event,
        });
        sent.to_string()
    };
    events.iter().map(envelope).collect()
}

/// GitHub, "Streaming the audit log for your enterprise": the endpoint is looked at under
/// `/services/collector`; what is streamed is compressed JSON, each event at least once.
#[test]
fn github_streams_compressed_events_to_the_collector_that_it_looked_for() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let token = format!("Splunk {}", server.token);
    // "Check endpoint": is there a collector, and does it take the token?
    for method in ["GET", "HEAD"] {
        let (status, _) = send(&server, method, COLLECTOR, &[("authorization", &token)], b"");
        assert_eq!(status, 200, "{method}");
    }
    let empty = send(&server, "POST", COLLECTOR, &[("authorization", &token)], b"");
    assert_eq!((empty.0, empty.1.contains("\"code\":5")), (400, true), "{}", empty.1);
    let wrong = send(&server, "POST", COLLECTOR, &[("authorization", "Splunk nobody's")], b"");
    assert_eq!((wrong.0, wrong.1.contains("\"code\":4")), (403, true), "{}", wrong.1);

    let events = [github("d-1", "git.clone"), github("d-2", "org.add_member")];
    let body = gzip(enveloped(&events, "github", "httpevent").as_bytes());
    let headers = [
        ("authorization", token.as_str()),
        ("content-type", "application/json"),
        ("content-encoding", "gzip"),
    ];
    for _ in 0..2 {
        let (status, answer) = send(&server, "POST", COLLECTOR, &headers, &body);
        assert_eq!((status, answer.as_str()), (200, r#"{"text":"Success","code":0}"#));
    }
    server.stop();
    assert_eq!(
        rollcall.sql("SELECT source_event_id, operation, user_name, resource, credential, ip, country FROM events ORDER BY 1"),
        [
            "d-1,git.clone,octo-ada,corp-dev/payments,access_token,203.0.113.7,NL",
            "d-2,org.add_member,octo-ada,corp-dev/payments,access_token,203.0.113.7,NL",
        ]
    );
    let verdicts = "SELECT verdict, count(*) FROM set_aside GROUP BY 1";
    assert_eq!(rollcall.sql(verdicts), ["duplicate,2"]);
}

/// Okta, "Log streaming": a LogEvent in each envelope, to the event endpoint.
#[test]
fn okta_streams_log_events_in_envelopes() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let events = [okta("u-1", "user.session.start", 1), okta("u-2", "user.session.end", 2)];
    let body = enveloped(&events, "Okta", "OktaIM2:log");
    let token = format!("Splunk {}", server.token);
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let path = "/services/collector/event";
    assert_eq!(send(&server, "POST", path, &headers, body.as_bytes()).0, 200);
    // A client that only speaks Basic: any name, and the token as its password (Splunk,
    // "Format events for HTTP Event Collector").
    let basic = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        format!("x:{}", server.token),
    );
    let basic = format!("Basic {basic}");
    assert_eq!(send(&server, "POST", path, &[("authorization", &basic)], body.as_bytes()).0, 200);
    server.stop();
    assert_eq!(
        rollcall.sql("SELECT source_event_id, source, activity, user_name, session_id, asn FROM events ORDER BY 1"),
        ["u-1,okta,logon,ada@corp.example,102s,64500", "u-2,okta,logoff,ada@corp.example,102s,64500"]
    );
    let verdicts = "SELECT verdict, count(*) FROM set_aside GROUP BY 1";
    assert_eq!(rollcall.sql(verdicts), ["duplicate,2"]);
}

/// Auth0, "Send events to Splunk": the event, or the stream's record, in an envelope; and
/// as raw lines.
#[test]
fn auth0_streams_events_in_envelopes_and_raw() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let token = format!("Splunk {}", server.token);
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let events = [auth0("l-1", "s", 1), auth0("l-2", "fp", 2)["data"].take()];
    let body = enveloped(&events, "auth0", "auth0_logs");
    assert_eq!(
        send(&server, "POST", "/services/collector/event", &headers, body.as_bytes()).0,
        200
    );
    let lines = format!("{}\n{}\n", auth0("l-3", "gd_auth_succeed", 3), auth0("l-4", "slo", 4));
    let raw = "/services/collector/raw?sourcetype=auth0_logs&channel=c-1";
    let (status, answer) = send(&server, "POST", raw, &headers, lines.as_bytes());
    assert_eq!((status, answer.contains("ackId")), (200, true), "{answer}");
    server.stop();
    assert_eq!(
        rollcall.sql("SELECT source_event_id, operation, activity, outcome, mfa FROM events WHERE source = 'auth0' ORDER BY 1"),
        [
            "l-1,s,logon,success,unknown",
            "l-2,fp,logon,failure,unknown",
            "l-3,gd_auth_succeed,verify,success,performed",
            "l-4,slo,logoff,success,unknown",
        ]
    );
}
