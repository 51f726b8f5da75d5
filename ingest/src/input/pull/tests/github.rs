//! GitHub's audit log: `phrase=created:…`, oldest first, cursors in links; at its end there
//! is no link, and time leads on.

use std::sync::{Arc, Mutex};

use serde_json::json;

use super::bench::{Asked, Bench, HOUR, MINUTE, Reply, SECOND, Server, TEN, ids, sorted, time};
use crate::input::pull::error::PullError;

/// When events happened, and from when on they are shown.
type Log = Arc<Mutex<Vec<(i64, i64)>>>;

const PAGE: usize = 2;

fn answer(log: &Log, server: &Server, asked: &Asked) -> Reply {
    let log = log.lock().expect("unpoisoned");
    assert_eq!(asked.header("authorization"), "Bearer t0ps3cret");
    assert_eq!(asked.header("x-github-api-version"), "2022-11-28");
    assert_eq!(asked.path, "/orgs/acme/audit-log");
    assert_eq!((asked.get("include"), asked.get("order")), (Some("all"), Some("asc")));
    let phrase = asked.get("phrase").expect("a phrase");
    let created = phrase.strip_prefix("created:").expect("a range");
    let (since, until) = match created.strip_prefix(">=") {
        Some(since) => (time(since), i64::MAX),
        None => {
            let (since, until) = created.split_once("..").expect("a range");
            (time(since), time(until))
        }
    };
    let mut shown: Vec<(i64, usize)> = log
        .iter()
        .enumerate()
        .filter(|(_, (at, from))| (since..=until).contains(at) && *from <= server.now())
        .map(|(n, (at, _))| (*at, n))
        .collect();
    shown.sort_unstable();
    let from: usize = asked.get("after").map_or(0, |after| after.parse().expect("ours"));
    let page: Vec<_> = shown
        .iter()
        .skip(from)
        .take(PAGE)
        .map(|(at, n)| json!({"_document_id": format!("e{n}"), "@timestamp": at / 1_000}))
        .collect();
    let next = from + page.len();
    let reply = Reply::json(&page.into());
    if next >= shown.len() {
        return reply;
    }
    let mut kept = asked.raw_query.clone();
    kept.truncate(kept.find("&after").unwrap_or(kept.len()));
    reply.with("link", format!("<{}{}?{kept}&after={next}>; rel=\"next\"", server.url, asked.path))
}

async fn bench() -> (Log, Server, Bench, tempfile::TempDir) {
    let log = Log::default();
    let told = Arc::clone(&log);
    let server = Server::start(move |server, asked| answer(&told, server, asked)).await;
    let scratch = tempfile::tempdir().expect("a directory");
    let more = "organisation = 'acme'\nstart_days = 1";
    let bench = Bench::of(server.account(&scratch, "github", more));
    (log, server, bench, scratch)
}

fn happen(log: &Log, events: impl IntoIterator<Item = i64>) {
    log.lock().expect("unpoisoned").extend(events.into_iter().map(|at| (at, at)));
}

#[tokio::test]
async fn the_overlap_brings_what_comes_late_and_stores_nothing_twice() {
    let (log, server, mut bench, _scratch) = bench().await;
    happen(&log, (0..5).map(|n| TEN - HOUR + n * MINUTE));
    // This one happened before the last of them, and shows three minutes after.
    log.lock().expect("unpoisoned").push((TEN - HOUR + 2 * MINUTE, TEN + 3 * MINUTE));
    assert_eq!(bench.read().await.expect("a reading").events, 5);
    server.clock.forward(5 * MINUTE);
    let reading = bench.read().await.expect("a reading");
    assert_eq!((reading.events, reading.pages), (1, 3));
    assert_eq!(bench.kept.ids("_document_id"), ids(0..6));
}

#[tokio::test]
async fn a_crash_in_the_middle_goes_on_there() {
    let (log, _server, mut bench, _scratch) = bench().await;
    happen(&log, (0..9).map(|n| TEN - HOUR + n * MINUTE));
    bench.read().await.expect("a reading");
    happen(&log, [TEN]);
    bench.restart();
    bench.read().await.expect("a reading");
    // What is known only to the first process comes again: ids tell.
    let mut stored = sorted(bench.kept.ids("_document_id"));
    assert!(stored.len() > 10);
    stored.dedup();
    assert_eq!(stored, ids(0..10));
}

#[tokio::test]
async fn an_event_in_the_future_takes_the_mark_no_further_than_the_vendors_clock() {
    let (log, server, mut bench, _scratch) = bench().await;
    happen(&log, [TEN - HOUR]);
    log.lock().expect("unpoisoned").push((TEN + 100 * HOUR, TEN));
    bench.read().await.expect("a reading");
    happen(&log, [TEN + MINUTE]);
    server.clock.forward(2 * MINUTE);
    bench.read().await.expect("a reading");
    assert_eq!(bench.kept.ids("_document_id"), ids(0..3));
}

#[tokio::test]
async fn clocks_that_differ_by_hours_lose_nothing() {
    for ahead in [-5 * HOUR, 5 * HOUR] {
        let (log, server, mut bench, _scratch) = bench().await;
        server.ahead.store(ahead, std::sync::atomic::Ordering::SeqCst);
        let now = TEN + ahead;
        happen(&log, [now - HOUR, now - SECOND]);
        bench.read().await.expect("a reading");
        server.clock.forward(MINUTE);
        happen(&log, [now + 30 * SECOND]);
        bench.read().await.expect("a reading");
        assert_eq!(bench.kept.ids("_document_id"), ids(0..3), "ahead by {ahead}");
    }
}

#[tokio::test]
async fn a_spent_budget_is_told_from_a_missing_permission() {
    let scratch = tempfile::tempdir().expect("a directory");
    let reset = (TEN / SECOND + 900).to_string();
    let spent = move |_: &Server, _: &Asked| {
        Reply::status(403)
            .with("x-ratelimit-limit", "1750")
            .with("x-ratelimit-remaining", "0")
            .with("x-ratelimit-reset", reset.clone())
    };
    let server = Server::start(spent).await;
    let mut bench = Bench::of(server.account(&scratch, "github", "organisation = 'acme'"));
    let Err(PullError::Busy { wait: Some(wait), .. }) = bench.read().await else {
        panic!("it should wait");
    };
    assert_eq!(wait.as_secs(), 900);
    let server = Server::start(|_, _| Reply::status(403)).await;
    let mut bench = Bench::of(server.account(&scratch, "github", "organisation = 'acme'"));
    let refused = bench.read().await.expect_err("refused").to_string();
    assert!(refused.contains("allowed"), "{refused}");
}
