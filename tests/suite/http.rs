//! Requests: what is taken, what is refused, and how it is told.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::rollcall::{Rollcall, eventually, github};

/// One HTTP/1.1 request on a connection of its own; the status and the body.
pub fn request(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, String)],
    body: &[u8],
) -> std::io::Result<(u16, String)> {
    let (head, body) = exchange(address, method, path, headers, body)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Ok((status, body))
}

/// The same; the head and the body of the answer.
pub fn exchange(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, String)],
    body: &[u8],
) -> std::io::Result<(String, String)> {
    let host = address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host.replace("localhost", "127.0.0.1"))?;
    stream.set_read_timeout(Some(Duration::from_secs(120)))?;
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {}\r\nconnection: close\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    // A server that refuses may answer before it has read everything.
    let _ = stream.write_all(body);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    Ok((head.to_owned(), if chunked { unchunk(body) } else { body.to_owned() }))
}

fn unchunk(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let Ok(size) = usize::from_str_radix(size.trim(), 16) else { break };
        let Some(chunk) = rest.get(..size).filter(|_| size > 0) else { break };
        whole.push_str(chunk);
        body = rest.get(size + 2..).unwrap_or_default();
    }
    whole
}

/// Invariant 1: what was answered with 200 is there after the server is gone.
#[test]
fn every_form_is_taken() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let lines = github(0, 3);
    assert_eq!(server.accepted("", lines.clone()), 3);
    let array = format!("[{}]", github(3, 2).trim().replace('\n', ","));
    assert_eq!(server.accepted("?source=github", array), 2);
    assert_eq!(server.accepted("", github(5, 1)), 1);
    let gzip = {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        out.write_all(github(6, 4).as_bytes()).expect("memory");
        out.finish().expect("memory")
    };
    assert_eq!(server.post("", gzip, &[("content-encoding", "gzip")]).0, 200);
    let zstd = zstd::encode_all(github(10, 5).as_bytes(), 3).expect("memory");
    assert_eq!(server.post("", zstd, &[("content-encoding", "zstd")]).0, 200);
    assert_eq!(server.accepted("", ""), 0);
    server.stop();
    assert_eq!(rollcall.number("SELECT count(*) FROM events"), 15);
    assert_eq!(rollcall.number("SELECT count(DISTINCT source_event_id) FROM events"), 15);
}

#[test]
fn refusals_say_what_to_do_and_store_nothing() {
    let rollcall = Rollcall::new();
    let environment = [("ROLLCALL_BODY_MIB", "1"), ("ROLLCALL_EXPANDED_MIB", "2")];
    let server = rollcall.serve(&environment);
    let without = request(&server.address, "POST", "/v1/events", &[], b"{}").expect("an answer");
    assert_eq!(without.0, 401);
    assert!(without.1.contains("rollcall token create"), "{}", without.1);
    for wrong in ["Bearer ", "Bearer rc_", "Bearer rc_x_y", "Basic abc", ""] {
        let headers = [("authorization", wrong.to_owned())];
        assert_eq!(
            request(&server.address, "POST", "/v1/events", &headers, b"{}").expect("an answer").0,
            401
        );
    }
    let unknown = server.post("?source=fax", "{}", &[]);
    assert!(unknown.0 == 400 && unknown.1.contains("okta"), "{unknown:?}");
    assert_eq!(server.post("", vec![b'x'; 3 << 20], &[]).0, 413);
    let bomb = zstd::encode_all(&*vec![b' '; 64 << 20], 19).expect("memory");
    let refused = server.post("", bomb, &[("content-encoding", "zstd")]);
    assert!(refused.0 == 413 && refused.1.contains("2097152"), "{refused:?}");
    let cut = &zstd::encode_all(github(0, 5_000).as_bytes(), 3).expect("memory")[..2_000];
    let refused = server.post("", cut, &[("content-encoding", "zstd")]);
    assert!(refused.0 == 400 && refused.1.contains("nothing was stored"), "{refused:?}");
    assert_eq!(server.post("", "{}", &[("content-encoding", "br")]).0, 415);
    server.stop();
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 0);
    assert_eq!(rollcall.number("SELECT count(*) FROM set_aside"), 0);
}

#[test]
fn a_token_sends_only_its_sources_and_ends_when_it_is_revoked() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let token = rollcall.run(&["token", "create", "hub", "--source", "github"]).trim().to_owned();
    let send = |query: &str| {
        let headers = [("authorization", format!("Bearer {token}"))];
        let path = format!("/v1/events{query}");
        request(&server.address, "POST", &path, &headers, github(0, 1).as_bytes())
            .expect("an answer")
    };
    // A new token is known within a second.
    eventually("the token is taken", || send("?source=github").0 == 200);
    assert_eq!(send("?source=okta").0, 403);
    let id = token.split('_').nth(1).expect("an id").to_owned();
    rollcall.run(&["token", "revoke", &id]);
    eventually("the token is refused", || send("?source=github").0 == 401);
    let listed = rollcall.run(&["token", "list"]);
    assert!(listed.contains("revoked") && !listed.contains(&token), "{listed}");
}

#[test]
fn probes_answer_without_a_session_and_pages_do_not() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let get = |path: &str| request(&server.address, "GET", path, &[], b"").expect("an answer");
    assert_eq!(get("/healthz").0, 200);
    assert_eq!(get("/readyz").0, 200);
    let metrics = get("/metrics");
    assert!(metrics.0 == 200 && metrics.1.contains("rollcall_backlog_bytes"), "{}", metrics.1);
    let page = get("/");
    assert!((300..=403).contains(&page.0), "{}", page.0);
    assert!(!page.1.contains("attempts"));
}

/// One request may give more rows than a tail holds: it is sealed in pieces, and a
/// crash in between loses and doubles nothing.
#[test]
fn a_request_of_many_rows_is_sealed_in_pieces() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[("ROLLCALL_SEAL_ROWS", "20000")]);
    let repeated = "Sep  1 10:00:00 web-1 sshd[7]: message repeated 1000 times: [ Failed password for ada from 203.0.113.9 port 4242 ssh2]\n";
    assert_eq!(server.accepted("?source=sshd", repeated.repeat(400)), 400);
    eventually("some of it is sealed", || {
        rollcall.number("SELECT count(*) FROM segments WHERE table_name = 'events'") > 0
    });
    server.kill();
    let server = rollcall.serve(&[("ROLLCALL_SEAL_ROWS", "20000")]);
    server.stop();
    assert_eq!(rollcall.number("SELECT count(*) FROM events WHERE source = 'sshd'"), 400_000);
    let records = "SELECT count(DISTINCT seq) FROM events WHERE source = 'sshd'";
    assert_eq!(rollcall.number(records), 400);
    assert!(rollcall.number("SELECT count(*) FROM segments WHERE table_name = 'events'") > 2);
    // More repetitions than syslog writes are not believed.
    let line = repeated.replace("1000", "1001");
    let file = rollcall.file("auth.log", line);
    assert!(rollcall.ingest(&file).contains("1 quarantined"));
}
