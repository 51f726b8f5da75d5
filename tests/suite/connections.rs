//! Clients that are slow, and clients that are many.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::rollcall::{Rollcall, Server, github};

fn connect(server: &Server) -> TcpStream {
    let host = server.address.trim_start_matches("http://").replace("localhost", "127.0.0.1");
    let stream = TcpStream::connect(host).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a limit");
    stream
}

/// What is read until the server closes the connection.
fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => String::from_utf8_lossy(&answer).into_owned(),
        Err(error) => panic!("the connection wasn't closed: {error}"),
    }
}

#[test]
fn a_head_that_does_not_come_and_a_body_that_does_not_end_are_given_up() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[("ROLLCALL_HEAD_SECONDS", "1"), ("ROLLCALL_BODY_SECONDS", "1")]);
    let silent = connect(&server);
    let mut half = connect(&server);
    half.write_all(b"POST /v1/events HTTP/1.1\r\nhost: loc").expect("sent");
    let mut unfinished = connect(&server);
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\ncontent-length: 1000\r\n\r\n{{\"half\":",
        server.token
    );
    unfinished.write_all(head.as_bytes()).expect("sent");
    assert_eq!(rest(silent), "");
    assert!(!rest(half).contains("200"));
    let answer = rest(unfinished);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert_eq!(server.accepted("", github(0, 1)), 1);
    server.stop();
    assert_eq!(rollcall.number("SELECT count(*) FROM events"), 1);
}

#[test]
fn ten_thousand_idle_connections_keep_nobody_out() {
    let limit = rlimit::increase_nofile_limit(u64::MAX).expect("a limit");
    let many = usize::try_from(limit).expect("a number").saturating_sub(500).min(9_990);
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let open: Vec<TcpStream> = (0..many).map(|_| connect(&server)).collect();
    assert_eq!(server.accepted("", github(0, 100)), 100);
    drop(open);
    server.stop();
    assert_eq!(rollcall.number("SELECT count(*) FROM events"), 100);
}

/// More than may be open wait for one that ends: here for the silent ones to be
/// given up.
#[test]
fn connections_beyond_the_limit_wait_and_are_served() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[("ROLLCALL_CONNECTIONS", "4"), ("ROLLCALL_HEAD_SECONDS", "1")]);
    let _open: Vec<TcpStream> = (0..20).map(|_| connect(&server)).collect();
    assert_eq!(server.accepted("", github(0, 10)), 10);
    server.stop();
}
