//! Duo's Admin API: requests signed on the vendor's clock, offsets that lead on, and a log
//! whose events have no ids.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest, Sha512};

use super::bench::{Asked, Bench, HOUR, MINUTE, Reply, SECOND, Server, TEN, ids, iso};
use crate::input::pull::auth::hmac_sha512;

type Log = Arc<Mutex<Vec<i64>>>;

const PAGE: usize = 3;
/// How far off a request's date may be.
const TOLERANCE: i64 = 5 * MINUTE;

/// Whether a request is signed as Duo documents it, on its clock.
fn is_signed(server: &Server, asked: &Asked) -> bool {
    let date = asked.header("date");
    let at = chrono::DateTime::parse_from_rfc2822(date).expect("a date").timestamp_micros();
    let mut parameters: Vec<&str> = asked.raw_query.split('&').collect();
    parameters.sort_unstable();
    let empty = hex::encode(Sha512::digest(b""));
    let host = server.url.trim_start_matches("http://");
    let canonical =
        [date, "GET", host, &asked.path, &parameters.join("&"), &empty, &empty].join("\n");
    let signature = hmac_sha512(b"t0ps3cret", canonical.as_bytes());
    let wanted = format!("Basic {}", STANDARD.encode(format!("DI1:{signature}")));
    asked.header("authorization") == wanted && (at - server.now()).abs() <= TOLERANCE
}

fn answer(log: &Log, server: &Server, asked: &Asked) -> Reply {
    if !is_signed(server, asked) {
        return Reply::status(401);
    }
    let log = log.lock().expect("unpoisoned");
    let number = |name: &str| asked.get(name).map(|text| text.parse::<i64>().expect("a number"));
    if asked.path == "/admin/v1/logs/administrator" {
        let since = number("mintime").expect("mintime") * SECOND;
        let events: Vec<_> = log
            .iter()
            .enumerate()
            .filter(|(_, at)| **at >= since)
            .map(|(n, at)| json!({"action": "admin_login", "username": format!("e{n}"), "timestamp": at / SECOND}))
            .collect();
        return Reply::json(&json!({"stat": "OK", "response": events}));
    }
    let (since, until) = (number("mintime").expect("mintime"), number("maxtime").expect("maxtime"));
    assert!(since < until);
    let shown: Vec<usize> = (0..log.len())
        .filter(|n| (since..=until).contains(&(log[*n] / 1_000)))
        // Duo shows nothing that is younger than two minutes.
        .filter(|n| log[*n] <= server.now() - 2 * MINUTE)
        .collect();
    let is_activity = asked.path == "/admin/v2/logs/activity";
    let offset = asked.get("next_offset").map(|offset| {
        let (_, id) = offset.split_once(',').expect("two parts");
        id.trim_start_matches('e').parse::<usize>().expect("ours")
    });
    let page: Vec<usize> =
        shown.iter().copied().filter(|n| offset.is_none_or(|last| *n > last)).take(PAGE).collect();
    let last = page.last().filter(|last| shown.last() != Some(last));
    let next = last.map(|last| (log[*last] / 1_000, format!("e{last}")));
    let events: Vec<_> = page
        .iter()
        .map(|n| match is_activity {
            true => json!({"activity_id": format!("e{n}"), "ts": iso(log[*n])}),
            false => json!({"txid": format!("e{n}"), "isotimestamp": iso(log[*n]), "timestamp": log[*n] / SECOND}),
        })
        .collect();
    // The one is a list, the other a text.
    let next = match (next, is_activity) {
        (None, _) => json!(null),
        (Some((time, id)), true) => json!(format!("{time},{id}")),
        (Some((time, id)), false) => json!([time.to_string(), id]),
    };
    let metadata = json!({"next_offset": next, "total_objects": shown.len()});
    let key = if is_activity { "items" } else { "authlogs" };
    Reply::json(&json!({"stat": "OK", "response": {key: events, "metadata": metadata}}))
}

async fn bench(what: &str) -> (Log, Server, Bench, tempfile::TempDir) {
    let log = Log::default();
    let told = Arc::clone(&log);
    let server = Server::start(move |server, asked| answer(&told, server, asked)).await;
    let scratch = tempfile::tempdir().expect("a directory");
    let more = format!("client_id = 'DI1'\nstart_days = 1\nwhat = ['{what}']");
    let bench = Bench::of(server.account(&scratch, "duo", &more));
    (log, server, bench, scratch)
}

#[tokio::test]
async fn offsets_lead_on_in_both_of_their_forms() {
    for (what, key) in [("authentication", "txid"), ("activity", "activity_id")] {
        let (log, server, mut bench, _scratch) = bench(what).await;
        let times = (0..8).map(|n| TEN - HOUR + n * MINUTE);
        log.lock().expect("unpoisoned").extend(times);
        assert_eq!(bench.read().await.expect("a reading").events, 8);
        // Too young to be shown, and shown later.
        log.lock().expect("unpoisoned").push(server.now() - MINUTE);
        assert_eq!(bench.read().await.expect("a reading").events, 0);
        server.clock.forward(2 * MINUTE);
        assert_eq!(bench.read().await.expect("a reading").events, 1);
        assert_eq!(bench.kept.ids(key), ids(0..9));
    }
}

#[tokio::test]
async fn requests_are_signed_on_the_vendors_clock() {
    for ahead in [-HOUR, HOUR] {
        let (log, server, mut bench, _scratch) = bench("authentication").await;
        server.ahead.store(ahead, Ordering::SeqCst);
        log.lock().expect("unpoisoned").push(TEN + ahead - 10 * MINUTE);
        assert_eq!(bench.read().await.expect("a reading").events, 1, "ahead by {ahead}");
        // One was refused; its answer told the time.
        assert_eq!(server.asked().len(), 2);
    }
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_not_tried_again_at_once() {
    let server = Server::start(|_, _| Reply::status(401)).await;
    let scratch = tempfile::tempdir().expect("a directory");
    let account = server.account(&scratch, "duo", "client_id = 'DI1'\nwhat = ['activity']");
    let refused = Bench::of(account).read().await.expect_err("refused").to_string();
    assert!(refused.contains("credentials"), "{refused}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn events_without_ids_are_stored_once_also_after_a_crash() {
    let (log, server, mut bench, _scratch) = bench("administrator").await;
    let second = TEN - HOUR;
    log.lock().expect("unpoisoned").extend([second - MINUTE, second, second]);
    assert_eq!(bench.read().await.expect("a reading").events, 3);
    server.clock.forward(MINUTE);
    // In the very second that was read last.
    log.lock().expect("unpoisoned").push(second);
    bench.restart();
    assert_eq!(bench.read().await.expect("a reading").events, 1);
    bench.restart();
    assert_eq!(bench.read().await.expect("a reading").events, 0);
    assert_eq!(bench.kept.ids("username"), ids(0..4));
}
