//! What goes wrong with a delivery, told so that the vendor does the right thing: after
//! 5xx it sends again, after 4xx it doesn't.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use super::{head, okta, send};
use crate::rollcall::{Rollcall, eventually};

const OKTA: &str = "/v1/hooks/okta";

#[test]
fn what_would_be_wrong_again_is_refused_for_good_and_nothing_is_stored() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[("ROLLCALL_BODY_MIB", "1")]);
    let token = server.token.as_str();
    let body = json!({"data": {"events": [okta("u-1", "user.session.start", 1)]}}).to_string();
    let deliver = |path: &str, headers: &[(&str, &str)], body: &[u8]| {
        send(&server, "POST", path, headers, body)
    };
    let own = [("authorization", token)];
    for secret in ["", "rc_", "rc_x_y", "Bearer ", "Digest a=b"] {
        let (status, said) = deliver(OKTA, &[("authorization", secret)], body.as_bytes());
        assert!(status == 401 && said.contains("rollcall token create"), "{secret:?}: {said}");
    }
    assert_eq!(deliver(OKTA, &[], body.as_bytes()).0, 401);
    let (status, said) = deliver("/v1/hooks/otka", &own, body.as_bytes());
    assert!(status == 400 && said.contains("okta") && !said.contains("rollcall"), "{said}");
    // What rollcall writes itself is nobody's to send.
    let bearer = format!("Bearer {token}");
    for path in ["/v1/hooks/rollcall", "/v1/events?source=rollcall"] {
        let looks_so = b"{\"rollcall_event\":\"feedback\"}";
        let (status, said) = deliver(path, &[("authorization", &bearer)], looks_so);
        assert!(status == 403 && said.contains("/v1/feedback"), "{path}: {said}");
    }
    for broken in ["", "hello", &body[..body.len() - 9], "<event/>"] {
        let (status, said) = deliver(OKTA, &own, broken.as_bytes());
        assert!(status == 400 && said.contains("no JSON"), "{broken}: {said}");
    }
    let large = deliver(OKTA, &own, &vec![b' '; 2 << 20]);
    assert!(large.0 == 413 && large.1.contains("1048576"), "{large:?}");
    let coded = [("authorization", token), ("content-encoding", "br")];
    assert_eq!(deliver(OKTA, &coded, body.as_bytes()).0, 415);
    let cut = [("authorization", token), ("content-encoding", "gzip")];
    assert_eq!(deliver(OKTA, &cut, &super::gzip(body.as_bytes())[..40]).0, 400);
    let put = head(&server, "PUT", OKTA, &[("authorization", token)]);
    assert!(put.starts_with("HTTP/1.1 405"), "{put}");
    server.stop();
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 0);
    assert_eq!(rollcall.number("SELECT count(*) FROM set_aside"), 0);
}

#[test]
fn a_hooks_token_may_be_tied_to_its_source() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let token = rollcall.run(&["token", "create", "hub", "--source", "github"]).trim().to_owned();
    let body = super::github("d-1", "user.login").to_string();
    let deliver =
        |path: &str| send(&server, "POST", path, &[("authorization", &token)], body.as_bytes());
    eventually("the token is taken", || deliver("/v1/hooks/github").0 == 204);
    let (status, said) = deliver(OKTA);
    assert!(status == 403 && said.contains("may only send github"), "{said}");
    server.stop();
    assert_eq!(rollcall.sql("SELECT collector, operation FROM events"), ["hub,user.login"]);
}

/// Okta gives a delivery up after 4xx, also after 429: what goes well later is 503.
#[test]
fn what_may_go_well_later_is_asked_for_again() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[("ROLLCALL_BACKLOG_MIB", "0")]);
    let body = json!({"data": {"events": [okta("u-1", "user.session.start", 1)]}}).to_string();
    let headers = [("authorization", server.token.clone())];
    let (head, _) = crate::http::exchange(&server.address, "POST", OKTA, &headers, body.as_bytes())
        .expect("an answer");
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 503") && head.contains("retry-after: 1"), "{head}");
    server.stop();

    let server = rollcall.serve(&[("ROLLCALL_BODY_SECONDS", "1")]);
    let host = server.address.trim_start_matches("http://").replace("localhost", "127.0.0.1");
    let mut slow = TcpStream::connect(host).expect("a connection");
    slow.set_read_timeout(Some(Duration::from_secs(60))).expect("a limit");
    let head = format!(
        "POST {OKTA} HTTP/1.1\r\nhost: localhost\r\nauthorization: {}\r\ncontent-length: 1000\r\n\r\n{{\"data\":",
        server.token
    );
    slow.write_all(head.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    slow.read_to_end(&mut answer).expect("the connection is closed");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("within 1 seconds"), "{answer}");
    server.stop();
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 0);
}
