//! Webhooks: the handshake, envelopes and formats.

use serde_json::{Value, json};

use super::{auth0, okta, send};
use crate::rollcall::{Rollcall, Server};

const OKTA: &str = "/v1/hooks/okta";
const AUTH0: &str = "/v1/hooks/auth0";

/// A delivery as Okta documents it.
fn event_hook(events: &[Value]) -> Vec<u8> {
    let body = json!({
        "eventType": "com.okta.event_hook", "eventTypeVersion": "1.0", "cloudEventsVersion": "0.1",
        "contentType": "application/json", "eventId": "b5a188b9-0000-4000-8000-000000000001",
        "eventTime": "2026-09-21T13:34:00.000Z",
        "source": "https://corp.okta.example/api/v1/eventHooks/who1",
        "data": {"events": events},
    });
    body.to_string().into_bytes()
}

/// What Okta sends with each delivery.
fn headers(authorization: &str) -> [(&str, &str); 3] {
    [
        ("accept", "application/json"),
        ("content-type", "application/json"),
        ("authorization", authorization),
    ]
}

fn delivered(server: &Server, path: &str, authorization: &str, body: &[u8]) {
    let (status, answer) = send(server, "POST", path, &headers(authorization), body);
    // "Should all be empty, and have the status 200 or 204."
    assert_eq!((status, answer.as_str()), (204, ""), "{authorization}");
}

/// Okta, "Event hooks", one-time verification request.
#[test]
fn oktas_verification_is_answered_with_what_it_sent() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let token = server.token.as_str();
    let verify = |more: &[(&str, &str)]| {
        let challenge = ("x-okta-verification-challenge", "BmvG0A-nzKqP_8f1");
        send(&server, "GET", OKTA, &[&[challenge], more].concat(), b"")
    };
    let answer = json!({"verification": "BmvG0A-nzKqP_8f1"}).to_string();
    assert_eq!(verify(&[]), (200, answer.clone()));
    assert_eq!(verify(&[("authorization", token)]), (200, answer));
    // A secret with a slip of the pen is told now, not with the first delivery.
    let wrong = verify(&[("authorization", "rc_nobodys")]);
    assert!(wrong.0 == 401 && wrong.1.contains("rollcall token create"), "{wrong:?}");
    let bare = send(&server, "GET", OKTA, &[], b"");
    assert!(bare.0 == 400 && bare.1.contains("x-okta-verification-challenge"), "{bare:?}");
    let other = send(&server, "GET", AUTH0, &[("x-okta-verification-challenge", "x")], b"");
    assert_eq!(other.0, 405);
}

/// Okta, "Event hooks", ongoing event delivery: `data.events` has LogEvents, sent at least
/// once; the secret is whatever was typed into Okta.
#[test]
fn oktas_deliveries_become_a_row_for_each_event_and_survive_a_kill() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let token = server.token.clone();
    let events = [
        okta("u-1", "user.session.start", 1),
        okta("u-2", "user.authentication.sso", 2),
        okta("u-3", "user.session.end", 3),
    ];
    let body = event_hook(&events);
    let basic =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("okta:{token}"));
    delivered(&server, OKTA, &token, &body);
    // Answered is on disk: the next process has it.
    server.kill();
    let server = rollcall.serve(&[]);
    delivered(&server, OKTA, &format!("Bearer {token}"), &body);
    delivered(&server, OKTA, &format!("Basic {basic}"), &body);
    // The same by the API, page by page: the same events.
    let page = Value::from(events.to_vec()).to_string();
    assert_eq!(server.accepted("?source=okta", page), 3);
    // Nothing happened, and it is said: fine.
    delivered(&server, OKTA, &token, &event_hook(&[]));
    server.stop();
    assert_eq!(
        rollcall.sql(
            "SELECT source_event_id, activity, user_name, ip, session_id FROM events ORDER BY 1"
        ),
        [
            "u-1,logon,ada@corp.example,203.0.113.7,102s",
            "u-2,logon,ada@corp.example,203.0.113.7,102s",
            "u-3,logoff,ada@corp.example,203.0.113.7,102s",
        ]
    );
    let records = "SELECT count(DISTINCT seq), max(part) FROM events";
    assert_eq!(rollcall.sql(records), ["3,0"], "each event is a record");
    let verdicts = "SELECT verdict, count(*) FROM set_aside GROUP BY 1 ORDER BY 1";
    assert_eq!(rollcall.sql(verdicts), ["duplicate,9", "not_authentication,1"]);
}

/// Auth0, "Create custom log streams using webhooks": JSON lines, a JSON array, or a JSON
/// object; the authorization token is sent as it was typed in.
#[test]
fn auth0s_webhook_is_taken_in_each_of_its_formats() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let token = rollcall.run(&["token", "create", "auth0-stream", "--source", "auth0"]);
    let token = token.trim();
    let batch = |first: u32| [first, first + 1].map(|n| auth0(&format!("l-{n}"), "s", n));
    crate::rollcall::eventually("the token is taken", || {
        let [a, b] = batch(1);
        let lines = format!("{a}\n{b}\n");
        send(&server, "POST", AUTH0, &headers(token), lines.as_bytes()).0 == 204
    });
    let array = Value::from(batch(3).to_vec()).to_string();
    delivered(&server, AUTH0, &format!("Bearer {token}"), array.as_bytes());
    let object = json!({"logs": batch(5)}).to_string();
    delivered(&server, AUTH0, token, object.as_bytes());
    delivered(&server, AUTH0, token, auth0("l-7", "fp", 7).to_string().as_bytes());
    // What fails is sent again.
    delivered(&server, AUTH0, token, array.as_bytes());
    // A line that is broken doesn't cost the others, and isn't lost.
    let broken = format!("{}\n{{\"log_id\":\"l-9\",\"da\n", auth0("l-8", "slo", 8));
    delivered(&server, AUTH0, token, broken.as_bytes());
    server.stop();
    assert_eq!(
        rollcall.sql("SELECT source_event_id, collector, operation, outcome, user_name FROM events ORDER BY 1"),
        [
            "l-1,auth0-stream,s,success,ada@corp.example",
            "l-2,auth0-stream,s,success,ada@corp.example",
            "l-3,auth0-stream,s,success,ada@corp.example",
            "l-4,auth0-stream,s,success,ada@corp.example",
            "l-5,auth0-stream,s,success,ada@corp.example",
            "l-6,auth0-stream,s,success,ada@corp.example",
            "l-7,auth0-stream,fp,failure,ada@corp.example",
            "l-8,auth0-stream,slo,success,ada@corp.example",
        ]
    );
    let verdicts = "SELECT verdict, count(*) FROM set_aside GROUP BY 1 ORDER BY 1";
    assert_eq!(rollcall.sql(verdicts), ["duplicate,2", "quarantined,1"]);
}
