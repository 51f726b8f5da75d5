//! From acknowledgement to sight, in SQL and on a page, while events stream in.
//!
//! One of the clients marks its requests: each holds one event of an account of
//! its own whose address is the request's number. Two readers ask for that
//! account's events, over and over: one in SQL, one on a page. A request is seen
//! when the first answer has come that shows its number or a later one.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::Utc;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::served::{Served, connect, post};
use crate::{Figure, events, millis, rollcall};

const EVENTS_A_SECOND: u64 = 50_000;
const BATCH: u64 = 500;
const CLIENTS: u64 = 4;
const SECONDS: u64 = 60;
/// Requests of one client.
const REQUESTS: u64 = EVENTS_A_SECOND * SECONDS / BATCH / CLIENTS;

type Moments = Mutex<Vec<(u64, Instant)>>;

pub fn run(scratch: &Path) -> Vec<Figure> {
    let data = scratch.join("fresh");
    let server = Served::start(&data);
    let cookie = server.sign_in();
    let acknowledged = Moments::default();
    let (in_sql, on_page) = (Moments::default(), Moments::default());
    let ended = AtomicBool::new(false);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| query(&data, &in_sql, &ended));
        scope.spawn(|| look(&server, &cookie, &on_page, &ended));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (server, acknowledged) = (&server, &acknowledged);
                scope.spawn(move || send(server, client, begun, acknowledged))
            })
            .collect();
        clients.into_iter().for_each(|client| client.join().expect("a client"));
        eprintln!("  sent {} events in {:?}", SECONDS * EVENTS_A_SECOND, begun.elapsed());
        // What was acknowledged last must be seen, too.
        std::thread::sleep(Duration::from_secs(3));
        ended.store(true, Ordering::Relaxed);
    });
    let acknowledged = acknowledged.into_inner().expect("unpoisoned");
    let figure = |name: &str, seen: Moments| {
        let seen = seen.into_inner().expect("unpoisoned");
        let mut waits: Vec<Duration> = acknowledged.iter().map(|a| wait(*a, &seen)).collect();
        waits.sort();
        let at = |percent: usize| waits[(waits.len() - 1) * percent / 100];
        Figure {
            name: format!("acknowledged to {name} at {EVENTS_A_SECOND}/s, p50 · p99 · longest"),
            ours: format!("{} · {} · {}", millis(at(50)), millis(at(99)), millis(at(100))),
            theirs: format!("{} looks", seen.len()),
            ratio: "aim 1000 ms".to_owned(),
        }
    };
    vec![figure("visible in SQL", in_sql), figure("visible on the page", on_page)]
}

fn wait((number, acknowledged): (u64, Instant), seen: &[(u64, Instant)]) -> Duration {
    let first = seen.iter().find(|(newest, _)| *newest >= number);
    let (_, at) = first.unwrap_or_else(|| panic!("request {number} was never seen"));
    at.saturating_duration_since(acknowledged)
}

/// Asks at the prompt until it is told to end; notes the newest number.
fn query(data: &Path, seen: &Moments, ended: &AtomicBool) {
    let mut prompt = Command::new(rollcall())
        .args(["sql", "--format", "csv", "--data"])
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("runs");
    let mut questions = prompt.stdin.take().expect("stdin");
    let mut lines = BufReader::new(prompt.stdout.take().expect("stdout")).lines();
    while !ended.load(Ordering::Relaxed) {
        questions
            .write_all(b"SELECT count(*) AS n FROM events WHERE user_name = 'marked';\n")
            .expect("written");
        let mut answer = || lines.next().expect("an answer").expect("text");
        assert_eq!(answer(), "n");
        let count: u64 = answer().parse().expect("a number");
        if let Some(newest) = count.checked_sub(1) {
            seen.lock().expect("unpoisoned").push((newest, Instant::now()));
        }
    }
    drop(questions);
    prompt.wait().expect("ends");
}

/// Opens the page until it is told to end; notes the newest number.
fn look(server: &Served, cookie: &str, seen: &Moments, ended: &AtomicBool) {
    while !ended.load(Ordering::Relaxed) {
        let answer = server.ask("GET", "/events?user=marked", cookie, "");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let newest = answer.match_indices("10.").filter_map(|(at, _)| number(&answer[at..])).max();
        if let Some(newest) = newest {
            seen.lock().expect("unpoisoned").push((newest, Instant::now()));
        }
    }
}

fn address(number: u64) -> String {
    format!("10.{}.{}.{}", 100 + number / 10_000, 100 + number / 100 % 100, 100 + number % 100)
}

/// The number in the address with which a text begins.
fn number(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let parts: Vec<u64> = text[..end].split('.').map_while(|part| part.parse().ok()).collect();
    let [10, a, b, c] = parts[..] else { return None };
    Some(a.checked_sub(100)? * 10_000 + b.checked_sub(100)? * 100 + c.checked_sub(100)?)
}

fn send(server: &Served, client: u64, begun: Instant, acknowledged: &Moments) {
    let mut random = ChaCha8Rng::seed_from_u64(client);
    let mut stream = connect(&server.address);
    for request in 0..REQUESTS {
        let due = Duration::from_secs(SECONDS).mul_f64(request as f64 / REQUESTS as f64);
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
        let first = (request * CLIENTS + client) * BATCH;
        let mut body: String =
            (first..first + BATCH - 1).map(|number| events::line(number, &mut random)).collect();
        let account = if client == 0 { "marked" } else { "unmarked" };
        let now = Utc::now().timestamp_millis();
        body.push_str(&format!(
            "{{\"@timestamp\":{now},\"_document_id\":\"mark-{client}-{request}\",\"action\":\"git.clone\",\"actor\":\"{account}\",\"actor_ip\":\"{}\",\"created_at\":{now}}}\n",
            address(request)
        ));
        while !post(&mut stream, &server.address, &server.token, body.as_bytes()) {
            std::thread::sleep(Duration::from_millis(20));
            stream = connect(&server.address);
        }
        if client == 0 {
            acknowledged.lock().expect("unpoisoned").push((request, Instant::now()));
        }
    }
}
