//! Requests to durable acknowledgement, and on to sealed Parquet.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::served::{Served, connect, post};
use crate::{Figure, events, millis, rate};

const BATCH: u64 = 2_000;
const CLIENTS: u64 = 4;

pub fn run(scratch: &Path, events: u64) -> Vec<Figure> {
    let data = scratch.join("served");
    let fsync = fdatasync_p99(scratch);
    let server = Served::start(&data);
    let bodies = bodies(events);
    let begun = Instant::now();
    send(&server, &bodies, None);
    let acknowledged = begun.elapsed();
    let memory = server.stop();
    let sealed = begun.elapsed();
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
    figures.push(Figure {
        name: "peak memory of that process".to_owned(),
        ours: format!("{memory} MiB"),
        theirs: String::new(),
        ratio: String::new(),
    });
    figures.push(paced(&scratch.join("paced"), events, acknowledged, fsync));
    figures
}

/// Acknowledgement times at half the rate that was reached.
fn paced(data: &Path, events: u64, full: Duration, fsync: Duration) -> Figure {
    let some = (events / 4).max(BATCH);
    let server = Served::start(data);
    let pace = full.mul_f64(2.0 * some as f64 / events as f64);
    let mut times = send(&server, &bodies(some), Some(pace));
    server.stop();
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

/// Sends every body; the time of each acknowledgement. With `pace`, spread over it.
fn send(server: &Served, bodies: &[Vec<u8>], pace: Option<Duration>) -> Vec<Duration> {
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| scope.spawn(move || one_client(server, bodies, client, begun, pace)))
            .collect();
        clients.into_iter().flat_map(|client| client.join().expect("a client")).collect()
    })
}

fn one_client(
    server: &Served,
    bodies: &[Vec<u8>],
    client: u64,
    begun: Instant,
    pace: Option<Duration>,
) -> Vec<Duration> {
    let mut stream = connect(&server.address);
    let mut times = Vec::new();
    let mine = bodies.iter().enumerate().filter(|(n, _)| *n as u64 % CLIENTS == client);
    for (number, body) in mine {
        if let Some(pace) = pace {
            let due = pace.mul_f64(number as f64 / bodies.len() as f64);
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
        }
        let asked = Instant::now();
        while !post(&mut stream, &server.address, &server.token, body) {
            // It has more than it can store; it hangs up on what it didn't read.
            std::thread::sleep(Duration::from_millis(20));
            stream = connect(&server.address);
        }
        times.push(asked.elapsed());
    }
    times
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
