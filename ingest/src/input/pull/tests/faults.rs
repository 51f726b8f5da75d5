//! What goes wrong on the way: each time nothing half is taken, nothing is lost, and no
//! secret is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;

use super::bench::{Asked, Bench, MINUTE, Reply, SECOND, Server, TEN, ids, iso};
use crate::input::health::CollectorState;
use crate::input::pull::error::PullError;
use crate::input::pull::running::run;

/// A page of two events.
fn page() -> Reply {
    Reply::json(&json!([
        {"uuid": "e0", "published": iso(TEN - MINUTE)},
        {"uuid": "e1", "published": iso(TEN)}
    ]))
}

/// Okta that answers in turn, and then that nothing is new.
async fn okta(replies: Vec<Reply>) -> (Server, Bench, tempfile::TempDir) {
    let turn = AtomicUsize::new(0);
    let answer = move |server: &Server, _: &Asked| {
        let next = format!("<{}/api/v1/logs?after=x>; rel=\"next\"", server.url);
        let reply = replies.get(turn.fetch_add(1, Ordering::SeqCst)).cloned();
        let reply = reply.unwrap_or_else(|| Reply::json(&json!([])));
        if reply.headers.iter().any(|(name, _)| *name == "link") {
            reply
        } else {
            reply.with("link", next)
        }
    };
    let server = Server::start(answer).await;
    let scratch = tempfile::tempdir().expect("a directory");
    let bench = Bench::of(server.account(&scratch, "okta", ""));
    (server, bench, scratch)
}

#[tokio::test]
async fn a_page_that_is_cut_off_is_not_taken_and_comes_whole_later() {
    let cut = Reply { is_cut: true, ..page() };
    let mut half = page();
    half.body.truncate(half.body.len() - 20);
    let (_server, mut bench, _scratch) = okta(vec![cut, half, page()]).await;
    for why in ["", "cut off"] {
        let error = bench.read().await.expect_err("half a page");
        assert!(error.is_passing() && error.to_string().contains(why), "{error}");
        assert_eq!(bench.kept.lines().len(), 0);
    }
    bench.read().await.expect("a reading");
    assert_eq!(bench.kept.ids("uuid"), ids(0..2));
}

#[tokio::test]
async fn the_same_page_again_stores_nothing_again() {
    let (_server, mut bench, _scratch) = okta(vec![page(), page(), page()]).await;
    assert_eq!(bench.read().await.expect("a reading").events, 2);
    assert_eq!(bench.kept.ids("uuid"), ids(0..2));
}

#[tokio::test]
async fn a_vendor_that_wants_to_be_left_alone_is() {
    let limited = |name: &'static str, value: String| Reply::status(429).with(name, value);
    let reset = (TEN / SECOND + 40).to_string();
    let replies = vec![
        limited("retry-after", "17".to_owned()),
        limited("x-rate-limit-reset", reset),
        limited("x-other", String::new()),
        page(),
    ];
    let (_server, mut bench, _scratch) = okta(replies).await;
    for wanted in [Some(17), Some(39), None] {
        let Err(PullError::Busy { wait, .. }) = bench.read().await else { panic!("busy") };
        let wait = wait.map(|wait| wait.as_secs());
        assert!(wait == wanted || wait.zip(wanted).is_some_and(|(a, b)| a.abs_diff(b) <= 2));
    }
    assert_eq!(bench.read().await.expect("a reading").events, 2);
}

#[tokio::test]
async fn the_budget_that_is_left_is_shared() {
    let reset = (TEN / SECOND + 600).to_string();
    let page = page().with("x-rate-limit-remaining", "20").with("x-rate-limit-reset", reset);
    let (server, mut bench, _scratch) = okta(vec![page]).await;
    bench.read().await.expect("a reading");
    // Ten of twenty requests in ten minutes: one a minute.
    let waited = server.now() - TEN;
    assert!((59 * SECOND..62 * SECOND).contains(&waited), "{waited}");
}

/// Collects until everything is stored, then ends.
#[tokio::test]
async fn failures_are_outlived_and_shown() {
    let broken = [500, 502, 503, 429, 403, 401];
    let mut replies: Vec<Reply> = broken.map(Reply::status).to_vec();
    replies.push(page());
    let (server, bench, _scratch) = okta(replies).await;
    let (kept, meter) = (Arc::clone(&bench.kept), Arc::clone(&bench.meter));
    let stop = {
        let kept = Arc::clone(&kept);
        async move {
            while kept.lines().len() < 2 {
                tokio::task::yield_now().await;
            }
        }
    };
    let reader = Arc::clone(&bench.account.readers[0]);
    run(reader, kept.clone(), Arc::clone(&meter), stop).await;
    assert_eq!(kept.ids("uuid"), ids(0..2));
    let shown = meter.health();
    assert_eq!((shown.state, shown.records), (CollectorState::Stopped, 2));
    assert!(shown.last_error.expect("told").text.contains("401"));
    // It had waited: seconds for a broken server, minutes for what people must mend.
    let waited = Duration::from_micros(u64::try_from(server.now() - TEN).expect("time goes on"));
    assert!(waited > Duration::from_secs(60 + 2 * 150), "{waited:?}");
}

#[tokio::test]
async fn an_event_that_is_too_large_is_dropped_and_told_and_the_log_read_on() {
    let large = json!([
        {"uuid": "e0", "published": iso(TEN - MINUTE)},
        {"uuid": "large", "published": iso(TEN), "debug": "x".repeat(500)},
        {"uuid": "e1", "published": iso(TEN)}
    ]);
    let last = Reply::json(&json!([{"uuid": "e2", "published": iso(TEN + SECOND)}]));
    let (_server, mut bench, _scratch) = okta(vec![Reply::json(&large), last]).await;
    bench.kept.most.store(200, Ordering::SeqCst);
    bench.read().await.expect("a reading");
    bench.restart();
    bench.read().await.expect("a reading");
    assert_eq!(bench.kept.ids("uuid"), ids(0..3));
    let shown = bench.meter.health();
    assert_eq!((shown.records, shown.dropped), (3, 1));
    assert!(shown.last_error.expect("told").text.contains("too large"));
}

#[tokio::test]
async fn why_a_collector_has_ended_is_shown() {
    let (_server, bench, _scratch) = okta(vec![page()]).await;
    bench.kept.has_ended.store(true, Ordering::SeqCst);
    let reader = Arc::clone(&bench.account.readers[0]);
    run(reader, bench.kept.clone(), Arc::clone(&bench.meter), std::future::pending()).await;
    let shown = bench.meter.health();
    assert_eq!(shown.state, CollectorState::Stopped);
    assert!(shown.last_error.expect("told").text.contains("the log has stopped"));
}

#[tokio::test]
async fn nobody_there_is_a_passing_failure() {
    let (server, mut bench, scratch) = okta(Vec::new()).await;
    bench.read().await.expect("a reading");
    drop(server);
    let nobody = Server { url: "http://127.0.0.1:9".to_owned(), ..okta(Vec::new()).await.0 };
    let mut bench = Bench::of(nobody.account(&scratch, "okta", ""));
    let error = bench.read().await.expect_err("nobody");
    assert!(matches!(error, PullError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn credentials_go_to_no_other_host() {
    let other = Server::start(|_, _| Reply::json(&json!([]))).await;
    let next = page().with("link", format!("<{}/api/v1/logs?after=x>; rel=\"next\"", other.url));
    let redirect = Reply::status(302).with("location", other.url.clone());
    let (_server, mut bench, _scratch) = okta(vec![redirect, next]).await;
    let error = bench.read().await.expect_err("a redirect").to_string();
    assert!(error.contains("redirects"), "{error}");
    bench.read().await.expect("back to time");
    let note = bench.meter.health().last_error.expect("a note").text;
    assert!(note.contains("another host"), "{note}");
    assert_eq!(bench.kept.ids("uuid"), ids(0..2), "the page itself is taken");
    assert_eq!(other.asked().len(), 0);
}

#[tokio::test]
async fn an_answer_without_end_is_given_up() {
    let mut endless = page();
    endless.body = format!("[{}]", " ".repeat((64 << 20) + 1));
    let (_server, mut bench, _scratch) = okta(vec![endless]).await;
    let error = bench.read().await.expect_err("too long").to_string();
    assert!(error.contains("over 67108864 bytes"), "{error}");
}

#[tokio::test]
async fn no_secret_is_in_any_message() {
    for status in [400, 401, 403, 404, 429, 500] {
        let echo = Reply { status, body: "you sent SSWS t0ps3cret".to_owned(), ..Reply::default() };
        let (_server, mut bench, _scratch) = okta(vec![echo]).await;
        let error = bench.read().await.expect_err("refused");
        for shown in [error.to_string(), format!("{error:?}"), format!("{:?}", bench.account)] {
            assert!(!shown.contains("t0ps3cret"), "{shown}");
        }
    }
}
