//! Clients that send batches and remember what was acknowledged.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Instant;

use super::process::PATIENCE;
use crate::rollcall::github;

/// Events in a batch. Each also repeats its first event, and says something that
/// is no event, so that `set_aside` has its share.
pub const BATCH: i64 = 100;

/// What was sent and what was acknowledged, as numbers of batches.
#[derive(Debug, Default)]
pub struct Told {
    /// One past the last batch that was sent.
    pub sent: AtomicI64,
    /// Those that were acknowledged.
    pub acknowledged: Mutex<BTreeSet<i64>>,
    /// The power is off: whatever is answered from now on, a machine would never
    /// have sent.
    pub dark: AtomicBool,
}

impl Told {
    /// What was told up to now, to go on from.
    pub fn copy(&self) -> Self {
        Self {
            sent: AtomicI64::new(self.sent.load(Ordering::SeqCst)),
            acknowledged: Mutex::new(self.acknowledged()),
            dark: AtomicBool::new(false),
        }
    }

    /// The batches that were acknowledged.
    pub fn acknowledged(&self) -> BTreeSet<i64> {
        self.acknowledged.lock().expect("unpoisoned").clone()
    }
}

/// A batch's bytes.
pub fn body(batch: i64) -> String {
    let events = github(batch * BATCH, BATCH);
    let again = events.lines().next().unwrap_or_default();
    format!("{events}{again}\n{{\"batch\":{batch},\"is\":\"no event\"}}\n")
}

/// Sends the next batch; whether it was acknowledged.
pub fn send(address: &str, token: &str, told: &Told) -> bool {
    send_together(address, token, told, 1)
}

/// Sends the next batches in one request; whether it was acknowledged.
pub fn send_together(address: &str, token: &str, told: &Told, count: i64) -> bool {
    status(address, token, told, count) == Some(200)
}

/// The same; the status of the answer, none where there was no answer.
pub fn status(address: &str, token: &str, told: &Told, count: i64) -> Option<u16> {
    let first = told.sent.fetch_add(count, Ordering::SeqCst);
    let headers = [("authorization", format!("Bearer {token}"))];
    let body: String = (first..first + count).map(body).collect();
    let answer = crate::http::request(address, "POST", "/v1/events", &headers, body.as_bytes());
    let status = answer.ok().map(|(status, _)| status);
    if status == Some(200) && !told.dark.load(Ordering::SeqCst) {
        told.acknowledged.lock().expect("unpoisoned").extend(first..first + count);
    }
    status
}

/// How much is sent.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// At a time.
    pub clients: usize,
    /// Batches in all; then the clients wait for what comes.
    pub most: i64,
}

/// Sends until `moment` has come, at most for as long as anything may take; then `strike`s, and
/// sends on until the clients have seen it. Whether the moment came.
pub fn load(
    (address, token): (&str, &str),
    told: &Told,
    pace: Pace,
    mut moment: impl FnMut() -> bool,
    strike: impl FnOnce(),
) -> bool {
    let over = AtomicBool::new(false);
    let left = AtomicI64::new(pace.most);
    std::thread::scope(|scope| {
        for _ in 0..pace.clients {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    if left.fetch_sub(1, Ordering::SeqCst) > 0 {
                        send(address, token, told);
                    } else {
                        std::thread::yield_now();
                    }
                }
            });
        }
        let begun = Instant::now();
        let came = loop {
            if moment() {
                break true;
            }
            if begun.elapsed() > PATIENCE {
                break false;
            }
            std::thread::yield_now();
        };
        strike();
        over.store(true, Ordering::SeqCst);
        came
    })
}
