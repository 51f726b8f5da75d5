//! Okta's System Log: polling requests go by when an event was stored, and their next link
//! never ends; bounded ones go by when it happened (Okta, "System Log query").

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::bench::{
    Asked, Bench, HOUR, MINUTE, Reply, SECOND, Server, TEN, all, ids, iso, sorted, time,
};

/// Events by their order of arrival: when they happened, when they were stored.
#[derive(Debug, Default)]
pub(super) struct Log {
    events: Vec<(i64, i64)>,
    forgets_cursors: bool,
}

type Shared = Arc<Mutex<Log>>;

const PAGE: usize = 3;

fn answer(log: &Shared, server: &Server, asked: &Asked) -> Reply {
    let log = log.lock().expect("unpoisoned");
    assert_eq!(asked.header("authorization"), "SSWS t0ps3cret");
    assert_eq!((asked.path.as_str(), asked.get("limit")), ("/api/v1/logs", Some("1000")));
    let event =
        |n: usize| -> Value { json!({"uuid": format!("e{n}"), "published": iso(log.events[n].0)}) };
    let range = |n: &usize| {
        let (published, stored) = log.events[*n];
        match (asked.get("since"), asked.get("until")) {
            (Some(since), Some(until)) => (time(since)..time(until)).contains(&published),
            (Some(since), None) => stored >= time(since),
            _ => true,
        }
    };
    let from: usize = match asked.get("after") {
        Some(_) if log.forgets_cursors => return Reply::status(400),
        Some(after) => after.parse().expect("ours"),
        None => 0,
    };
    let all: Vec<usize> = (from..log.events.len()).filter(range).collect();
    let page: Vec<usize> = all.iter().copied().take(PAGE).collect();
    let next = page.last().map_or(log.events.len().max(from), |last| last + 1);
    let mut kept = asked.raw_query.clone();
    kept.truncate(kept.find("&after").unwrap_or(kept.len()));
    let link = format!("<{}{}?{kept}&after={next}>; rel=\"next\"", server.url, asked.path);
    let reply = Reply::json(&page.into_iter().map(event).collect());
    let own = format!("<{}{}?{}>; rel=\"self\"", server.url, asked.path, asked.raw_query);
    let reply = reply.with("link", own);
    let has_more = asked.get("until").is_none() || all.len() > PAGE;
    if has_more { reply.with("link", link) } else { reply }
}

async fn bench() -> (Shared, Server, Bench, tempfile::TempDir) {
    let log = Shared::default();
    let told = Arc::clone(&log);
    let server = Server::start(move |server, asked| answer(&told, server, asked)).await;
    let scratch = tempfile::tempdir().expect("a directory");
    let bench = Bench::of(server.account(&scratch, "okta", "start_days = 1"));
    (log, server, bench, scratch)
}

fn happen(log: &Shared, events: impl IntoIterator<Item = i64>) {
    let mut log = log.lock().expect("unpoisoned");
    log.events.extend(events.into_iter().map(|at| (at, at)));
}

#[tokio::test]
async fn links_are_followed_and_nothing_is_read_twice() {
    let (log, server, mut bench, _scratch) = bench().await;
    happen(&log, (0..7).map(|n| TEN - HOUR + n * MINUTE));
    let reading = bench.read().await.expect("a reading");
    assert_eq!((reading.events, reading.pages), (7, 4));
    server.clock.forward(MINUTE);
    assert_eq!(bench.read().await.expect("a reading").events, 0);
    happen(&log, [TEN + MINUTE]);
    assert_eq!(bench.read().await.expect("a reading").events, 1);
    assert_eq!(bench.kept.ids("uuid"), ids(0..8));
}

#[tokio::test]
async fn an_event_that_comes_late_is_not_missed() {
    let (log, _server, mut bench, _scratch) = bench().await;
    happen(&log, [TEN - HOUR, TEN - MINUTE]);
    bench.read().await.expect("a reading");
    // It happened long before what was read, and is stored only now.
    log.lock().expect("unpoisoned").events.push((TEN - 5 * HOUR, TEN + SECOND));
    bench.read().await.expect("a reading");
    assert_eq!(bench.kept.ids("uuid"), ids(0..3));
}

#[tokio::test]
async fn after_a_crash_reading_goes_on_at_the_kept_mark() {
    let (log, server, mut bench, _scratch) = bench().await;
    happen(&log, (0..5).map(|n| TEN - HOUR + n * MINUTE));
    bench.read().await.expect("a reading");
    let asked = server.asked().len();
    happen(&log, [TEN]);
    bench.restart();
    bench.read().await.expect("a reading");
    assert_eq!(bench.kept.ids("uuid"), ids(0..6));
    // It asked for no page that it had.
    assert_eq!(server.asked().len(), asked + 2);
}

#[tokio::test]
async fn a_refused_cursor_falls_back_to_time_and_says_so() {
    let (log, server, mut bench, _scratch) = bench().await;
    happen(&log, (0..5).map(|n| TEN - HOUR + n * MINUTE));
    bench.read().await.expect("a reading");
    log.lock().expect("unpoisoned").forgets_cursors = true;
    happen(&log, [TEN]);
    // The first page of the time comes; that the second is refused too is told.
    let error = bench.read().await.expect_err("refused again").to_string();
    assert!(error.contains("400"), "{error}");
    let since = server.asked().iter().rev().find_map(|asked| asked.get("since").map(time));
    assert_eq!(since, Some(TEN - HOUR + 4 * MINUTE - 10 * MINUTE), "with the overlap");
    let note = bench.meter.health().last_error.expect("a note").text;
    assert!(note.contains("overlap"), "{note}");
    log.lock().expect("unpoisoned").forgets_cursors = false;
    bench.read().await.expect("a reading");
    // What the overlap gave again was known.
    assert_eq!(sorted(bench.kept.ids("uuid")), ids(0..6));
}

#[tokio::test]
async fn other_settings_make_a_mark_void() {
    let (log, server, mut bench, scratch) = bench().await;
    happen(&log, [TEN - HOUR]);
    bench.read().await.expect("a reading");
    let mark = bench.kept.kept_mark("corp/system").expect("a mark");
    let other = server.account(&scratch, "okta", "start_days = 1");
    let reader = &other.readers[0];
    let same = crate::input::pull::collector::Collector::start(Arc::clone(reader), Some(&mark));
    assert!(same.mark.next.is_some());
    let foreign = mark.replace("\"of\":\"", "\"of\":\"x");
    let void = crate::input::pull::collector::Collector::start(Arc::clone(reader), Some(&foreign));
    assert_eq!(void.mark.next, None);
}

#[tokio::test]
async fn a_closed_range_is_read_by_when_its_events_happened() {
    let (log, _server, bench, _scratch) = bench().await;
    happen(&log, (0..10).map(|n| TEN + n * MINUTE));
    log.lock().expect("unpoisoned").events.push((TEN + 3 * MINUTE, TEN + 5 * HOUR));
    let reader = &bench.account.readers[0];
    let found = all(reader.period(TEN + 2 * MINUTE, TEN + 6 * MINUTE)).await;
    assert_eq!(found, ids([2, 3, 4, 5, 10]));
}
