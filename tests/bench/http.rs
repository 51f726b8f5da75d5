//! Requests to durable acknowledgement, and on to sealed Parquet.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::{Figure, events, millis, rate, rollcall};

const BATCH: u64 = 2_000;
const CLIENTS: u64 = 4;

pub fn run(scratch: &Path, events: u64) -> Vec<Figure> {
    let data = scratch.join("served");
    let fsync = fdatasync_p99(scratch);
    let (mut child, address, token) = serve(&data);
    let bodies = bodies(events);
    let begun = Instant::now();
    send(&address, &token, &bodies, None);
    let acknowledged = begun.elapsed();
    stop(&mut child);
    let sealed = begun.elapsed();
    let memory = peak_memory(&data);
    let mut figures = vec![
        Figure {
            name: format!(
                "HTTP to durable acknowledgement, {CLIENTS} clients, {BATCH} events a request"
            ),
            ours: rate(events, acknowledged),
            theirs: String::new(),
            ratio: String::new(),
        },
        Figure {
            name: "HTTP to sealed Parquet, the same run".to_owned(),
            ours: rate(events, sealed),
            theirs: String::new(),
            ratio: String::new(),
        },
    ];
    if let Some(memory) = memory {
        figures.push(Figure {
            name: "peak memory of that process".to_owned(),
            ours: format!("{memory} MiB"),
            theirs: String::new(),
            ratio: String::new(),
        });
    }
    figures.push(paced(&scratch.join("paced"), events, acknowledged, fsync));
    figures
}

/// Acknowledgement times at half the rate that was reached.
fn paced(data: &Path, events: u64, full: Duration, fsync: Duration) -> Figure {
    let some = (events / 4).max(BATCH);
    let (mut child, address, token) = serve(data);
    let pace = full.mul_f64(2.0 * some as f64 / events as f64);
    let mut times = send(&address, &token, &bodies(some), Some(pace));
    stop(&mut child);
    times.sort();
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
    Figure {
        name: "acknowledgement p99 at half that rate".to_owned(),
        ours: millis(p99),
        theirs: format!("fdatasync p99 {}", millis(fsync)),
        ratio: format!("aim {}", millis(fsync * 2 + Duration::from_millis(2))),
    }
}

fn bodies(events: u64) -> Vec<Vec<u8>> {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let mut number = 0;
    let mut bodies = Vec::new();
    while number < events {
        let mut body = Vec::new();
        for _ in 0..BATCH.min(events - number) {
            body.extend(events::line(number, &mut random).into_bytes());
            number += 1;
        }
        bodies.push(body);
    }
    bodies
}

fn serve(data: &Path) -> (Child, String, String) {
    let output =
        Command::new(rollcall()).args(["token", "create", "bench", "--data"]).arg(data).output();
    let token = String::from_utf8(output.expect("runs").stdout).expect("text").trim().to_owned();
    let mut child = Command::new(rollcall())
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
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
    (child, address, token)
}

fn stop(child: &mut Child) {
    let memory =
        std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    PEAK.set(memory.lines().find(|line| line.starts_with("VmHWM")).map(str::to_owned)).ok();
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill runs");
    assert!(child.wait().expect("ends").success());
}

static PEAK: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();

fn peak_memory(_data: &Path) -> Option<u64> {
    let line = PEAK.get()?.clone()?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib / 1024)
}

/// Sends every body; the time of each acknowledgement. With `pace`, spread over it.
fn send(address: &str, token: &str, bodies: &[Vec<u8>], pace: Option<Duration>) -> Vec<Duration> {
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                scope.spawn(move || one_client(address, token, bodies, client, begun, pace))
            })
            .collect();
        clients.into_iter().flat_map(|client| client.join().expect("a client")).collect()
    })
}

fn one_client(
    address: &str,
    token: &str,
    bodies: &[Vec<u8>],
    client: u64,
    begun: Instant,
    pace: Option<Duration>,
) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_nodelay(true).expect("set");
    let mut times = Vec::new();
    let mine = bodies.iter().enumerate().filter(|(n, _)| *n as u64 % CLIENTS == client);
    for (number, body) in mine {
        if let Some(pace) = pace {
            let due = pace.mul_f64(number as f64 / bodies.len() as f64);
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
        }
        let asked = Instant::now();
        while !post(&mut stream, address, token, body) {
            std::thread::sleep(Duration::from_millis(50));
        }
        times.push(asked.elapsed());
    }
    times
}

/// True if it was acknowledged; false if it was told to come back.
fn post(stream: &mut TcpStream, host: &str, token: &str, body: &[u8]) -> bool {
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("written");
    stream.write_all(body).expect("written");
    let mut answer = Vec::new();
    let mut byte = [0; 512];
    while !answer.windows(4).any(|w| w == b"\r\n\r\n") || !answer.ends_with(b"}") {
        let read = stream.read(&mut byte).expect("an answer");
        assert!(read > 0, "the connection ended");
        answer.extend_from_slice(&byte[..read]);
    }
    match answer.get(9..12) {
        Some(b"200") => true,
        Some(b"429") => false,
        _ => panic!("{}", String::from_utf8_lossy(&answer)),
    }
}

fn fdatasync_p99(scratch: &Path) -> Duration {
    let mut file = std::fs::File::create(scratch.join("fsync")).expect("a file");
    let block = vec![7_u8; 1 << 20];
    let mut times: Vec<Duration> = (0..200)
        .map(|_| {
            file.write_all(&block).expect("written");
            let begun = Instant::now();
            file.sync_data().expect("synced");
            begun.elapsed()
        })
        .collect();
    times.sort();
    times[198]
}
