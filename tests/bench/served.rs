//! A server to measure, and the little HTTP that it takes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::rollcall;

/// A running server; ended when it is dropped.
pub struct Served {
    child: Child,
    data: PathBuf,
    /// Host and port.
    pub address: String,
    /// A collector's token.
    pub token: String,
}

impl Served {
    pub fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    /// The same under variables of its environment.
    pub fn start_with(data: &Path, environment: &[(&str, &str)]) -> Self {
        let output = Command::new(rollcall())
            .args(["token", "create", "bench", "--data"])
            .arg(data)
            .output();
        let token = String::from_utf8(output.expect("runs").stdout).expect("text");
        let mut child = Command::new(rollcall())
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .envs(environment.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .expect("runs");
        let mut lines = BufReader::new(child.stderr.take().expect("stderr")).lines();
        let address = loop {
            let line = lines.next().expect("it says where").expect("text");
            if let Some(address) = line.strip_prefix("serving on http://localhost") {
                break format!("127.0.0.1{}", address.trim_end_matches('/'));
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, data: data.to_owned(), address, token: token.trim().to_owned() }
    }

    /// Seals, ends it, and says how many MiB it held at most.
    pub fn stop(mut self) -> u64 {
        let id = self.child.id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let peak = status.lines().find(|line| line.starts_with("VmHWM"));
        let kib = peak.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        Command::new("kill").args(["-TERM", &id.to_string()]).status().expect("kill runs");
        assert!(self.child.wait().expect("ends").success());
        kib.unwrap_or_default() / 1024
    }

    /// Signs in; the session's cookie.
    pub fn sign_in(&self) -> String {
        let output = Command::new(rollcall())
            .args(["admin", "link", "--new", "bench", "--data"])
            .arg(&self.data)
            .output()
            .expect("runs");
        let link = String::from_utf8(output.stdout).expect("text");
        let path = link.trim().splitn(4, '/').nth(3).expect("a path").to_owned();
        let page = self.ask("GET", &format!("/{path}"), "", "");
        let token = page.split("name=\"token\" value=\"").nth(1).expect("a form");
        let body = format!("token={}", token.split('"').next().expect("a token"));
        let form = cookie(&page);
        let answer = self.ask("POST", &format!("/{path}"), &form, &body);
        cookie(&answer)
    }

    /// One request on a connection of its own; the whole answer.
    pub fn ask(&self, method: &str, path: &str, cookie: &str, body: &str) -> String {
        let host = self.address.replace("127.0.0.1", "localhost");
        let mut stream = connect(&self.address);
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\ncookie: {cookie}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("written");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Ended already where all went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn cookie(answer: &str) -> String {
    let cookies = answer.lines().filter_map(|line| line.split_once(": "));
    let mut set = cookies.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    let found = set.find_map(|(_, value)| value.split(';').next().filter(|c| !c.ends_with('=')));
    found.unwrap_or_else(|| panic!("no cookie: {answer}")).to_owned()
}

pub fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).expect("a connection");
    stream.set_nodelay(true).expect("set");
    stream
}

/// True if it was acknowledged; false if it was told to come back.
pub fn post(stream: &mut TcpStream, host: &str, token: &str, body: &[u8]) -> bool {
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    if stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).is_err() {
        return false;
    }
    let mut answer = Vec::new();
    let mut byte = [0; 512];
    while !answer.windows(4).any(|w| w == b"\r\n\r\n") || !answer.ends_with(b"}") {
        let Ok(read @ 1..) = stream.read(&mut byte) else { return false };
        answer.extend_from_slice(&byte[..read]);
    }
    match answer.get(9..12) {
        Some(b"200") => true,
        Some(b"429") => false,
        _ => panic!("{}", String::from_utf8_lossy(&answer)),
    }
}
