//! Entra over Graph: tokens for client credentials, `$filter`, newest first, nextLinks.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::json;

use super::bench::{Asked, Bench, HOUR, MINUTE, Reply, Server, TEN, all, ids, iso, sorted, time};

/// When sign-ins happened, and from when on they are shown.
#[derive(Debug, Default)]
struct Graph {
    sign_ins: Mutex<Vec<(i64, i64)>>,
    tokens: AtomicUsize,
    /// Tokens that are no longer good.
    ended: AtomicUsize,
    forgets_links: std::sync::atomic::AtomicBool,
}

const PAGE: usize = 2;

fn answer(graph: &Graph, server: &Server, asked: &Asked) -> Reply {
    if asked.path == "/tenant-1/oauth2/v2.0/token" {
        let scope = format!("{}/.default", server.url).replace(':', "%3A").replace('/', "%2F");
        let wanted = format!(
            "grant_type=client_credentials&client_id=app-1&client_secret=t0ps3cret&scope={scope}"
        );
        assert_eq!(asked.body, wanted);
        let number = graph.tokens.fetch_add(1, Ordering::SeqCst) + 1;
        return Reply::json(&json!({
            "token_type": "Bearer", "expires_in": 3599, "access_token": format!("token-{number}")
        }));
    }
    let token = asked.header("authorization").strip_prefix("Bearer token-").expect("a token");
    if token.parse::<usize>().expect("ours") <= graph.ended.load(Ordering::SeqCst) {
        return Reply::status(401);
    }
    assert_eq!(asked.path, "/beta/auditLogs/signIns");
    let filter = asked.get("$filter").expect("a filter");
    assert!(filter.ends_with("signInEventTypes/any(t: t eq 'nonInteractiveUser')"), "{filter}");
    let bound = |word: &str, other: i64| {
        filter
            .split_once(word)
            .map_or(other, |(_, rest)| time(rest.split(' ').next().expect("a time")))
    };
    let (since, until) = (bound(" ge ", i64::MIN), bound(" le ", i64::MAX));
    let from: usize = match asked.get("$skiptoken") {
        Some(_) if graph.forgets_links.load(Ordering::SeqCst) => return Reply::status(400),
        Some(token) => token.parse().expect("ours"),
        None => 0,
    };
    let sign_ins = graph.sign_ins.lock().expect("unpoisoned");
    let mut shown: Vec<(i64, usize)> = sign_ins
        .iter()
        .enumerate()
        .filter(|(_, (at, shows))| (since..=until).contains(at) && *shows <= server.now())
        .map(|(n, (at, _))| (*at, n))
        .collect();
    shown.sort_unstable_by(|a, b| b.cmp(a));
    let page: Vec<_> = shown
        .iter()
        .skip(from)
        .take(PAGE)
        .map(|(at, n)| json!({"id": format!("e{n}"), "createdDateTime": iso(*at)}))
        .collect();
    let next = from + page.len();
    let mut body = json!({"@odata.context": "x", "value": page});
    if next < shown.len() {
        let mut kept = asked.raw_query.clone();
        kept.truncate(kept.find("&$skiptoken").unwrap_or(kept.len()));
        body["@odata.nextLink"] =
            format!("{}{}?{kept}&$skiptoken={next}", server.url, asked.path).into();
    }
    Reply::json(&body)
}

async fn bench() -> (Arc<Graph>, Server, Bench, tempfile::TempDir) {
    let graph = Arc::<Graph>::default();
    let told = Arc::clone(&graph);
    let server = Server::start(move |server, asked| answer(&told, server, asked)).await;
    let scratch = tempfile::tempdir().expect("a directory");
    let more = format!(
        "organisation = 'tenant-1'\nclient_id = 'app-1'\nlogin = '{}'\nwhat = ['non_interactive']\nstart_days = 2",
        server.url
    );
    let bench = Bench::of(server.account(&scratch, "entra", &more));
    (graph, server, bench, scratch)
}

fn happen(graph: &Graph, at: impl IntoIterator<Item = i64>) {
    graph.sign_ins.lock().expect("unpoisoned").extend(at.into_iter().map(|at| (at, at)));
}

#[tokio::test]
async fn what_lies_back_is_read_in_slices_and_each_sign_in_once() {
    let (graph, server, mut bench, _scratch) = bench().await;
    // One each hour of two days.
    happen(&graph, (0..48).map(|n| TEN - 48 * HOUR + n * HOUR + MINUTE));
    bench.read().await.expect("a reading");
    assert_eq!(sorted(bench.kept.ids("id")), sorted(ids(0..48)));
    let asked = server.asked();
    let slices = asked.iter().filter(|a| {
        a.get("$filter").is_some_and(|f| f.contains(" le ")) && a.get("$skiptoken").is_none()
    });
    assert!(slices.count() >= 6);
    assert_eq!(graph.tokens.load(Ordering::SeqCst), 1, "a token is used again");
}

#[tokio::test]
async fn a_sign_in_that_shows_late_comes_with_the_overlap() {
    let (graph, server, mut bench, _scratch) = bench().await;
    happen(&graph, [TEN - HOUR, TEN - MINUTE]);
    let late = (TEN - 20 * MINUTE, TEN + MINUTE);
    graph.sign_ins.lock().expect("unpoisoned").push(late);
    bench.read().await.expect("a reading");
    server.clock.forward(5 * MINUTE);
    happen(&graph, [TEN + MINUTE]);
    assert_eq!(bench.read().await.expect("a reading").events, 2);
    assert_eq!(sorted(bench.kept.ids("id")), ids(0..4));
}

#[tokio::test]
async fn an_ended_token_is_asked_for_anew() {
    let (graph, server, mut bench, _scratch) = bench().await;
    happen(&graph, [TEN - HOUR]);
    bench.read().await.expect("a reading");
    // Taken back before its time.
    graph.ended.store(1, Ordering::SeqCst);
    happen(&graph, [TEN]);
    bench.read().await.expect("a reading");
    // And over.
    server.clock.forward(2 * HOUR);
    bench.read().await.expect("a reading");
    assert_eq!(graph.tokens.load(Ordering::SeqCst), 3);
    assert_eq!(sorted(bench.kept.ids("id")), ids(0..2));
    graph.ended.store(9, Ordering::SeqCst);
    let refused = bench.read().await.expect_err("no token is good").to_string();
    assert!(refused.contains("401") && refused.contains("credentials"), "{refused}");
    assert_eq!(graph.tokens.load(Ordering::SeqCst), 4, "asked for once, not for ever");
}

#[tokio::test]
async fn a_refused_next_link_reads_the_range_again() {
    let (graph, _server, mut bench, _scratch) = bench().await;
    happen(&graph, (0..5).map(|n| TEN - HOUR + n * MINUTE));
    graph.forgets_links.store(true, Ordering::SeqCst);
    bench.read().await.expect_err("the second page is refused, twice");
    graph.forgets_links.store(false, Ordering::SeqCst);
    bench.read().await.expect("a reading");
    assert_eq!(sorted(bench.kept.ids("id")), ids(0..5));
}

#[tokio::test]
async fn a_closed_range_comes_whole() {
    let (graph, _server, bench, _scratch) = bench().await;
    happen(&graph, (0..30).map(|n| TEN - 30 * HOUR + n * HOUR));
    let reader = &bench.account.readers[0];
    let found = all(reader.period(TEN - 28 * HOUR, TEN - 4 * HOUR)).await;
    assert_eq!(found, ids(2..26));
}
