//! Auth0: a search for the first event, then checkpoints that go by arrival.

use std::sync::{Arc, Mutex};

use serde_json::json;

use super::bench::{Asked, Bench, HOUR, MINUTE, Reply, Server, TEN, all, ids, iso, time};

/// Events by arrival, and how many of the oldest are gone.
#[derive(Debug, Default)]
struct Tenant {
    events: Vec<i64>,
    gone: usize,
}

type Shared = Arc<Mutex<Tenant>>;

const PAGE: usize = 3;

fn answer(tenant: &Shared, server: &Server, asked: &Asked) -> Reply {
    if asked.path == "/oauth/token" {
        assert!(asked.body.contains("audience=http") && asked.body.ends_with("%2Fapi%2Fv2%2F"));
        return Reply::json(&json!({"access_token": "token-1", "expires_in": 86_400}));
    }
    assert_eq!(asked.header("authorization"), "Bearer token-1");
    assert_eq!(asked.path, "/api/v2/logs");
    let tenant = tenant.lock().expect("unpoisoned");
    let event =
        |n: usize| json!({"log_id": format!("e{n}"), "date": iso(tenant.events[n]), "type": "s"});
    let Some(from) = asked.get("from") else {
        let range = asked.get("q").and_then(|q| q.strip_prefix("date:[")).expect("a range");
        let since = time(range.split(' ').next().expect("a time"));
        let in_it = (tenant.gone..tenant.events.len()).filter(|n| tenant.events[*n] >= since);
        let first = in_it.min_by_key(|n| tenant.events[*n]);
        return Reply::json(&first.into_iter().map(event).collect());
    };
    let from: usize = from.trim_start_matches('e').parse().expect("ours");
    if from < tenant.gone {
        return Reply::status(400);
    }
    let page: Vec<usize> = (from + 1..tenant.events.len()).take(PAGE).collect();
    let next = page.last().unwrap_or(&from);
    let link = format!("<{}/api/v2/logs?from=e{next}&take=100>; rel=\"next\"", server.url);
    Reply::json(&page.iter().copied().map(event).collect()).with("link", link)
}

async fn bench() -> (Shared, Server, Bench, tempfile::TempDir) {
    let tenant = Shared::default();
    let told = Arc::clone(&tenant);
    let server = Server::start(move |server, asked| answer(&told, server, asked)).await;
    let scratch = tempfile::tempdir().expect("a directory");
    let more = "client_id = 'app-1'\nstart_days = 1";
    let bench = Bench::of(server.account(&scratch, "auth0", more));
    (tenant, server, bench, scratch)
}

fn happen(tenant: &Shared, events: impl IntoIterator<Item = i64>) {
    tenant.lock().expect("unpoisoned").events.extend(events);
}

#[tokio::test]
async fn the_first_event_is_searched_and_ids_lead_on() {
    let (tenant, _server, mut bench, _scratch) = bench().await;
    assert_eq!(bench.read().await.expect("a reading").events, 0);
    happen(&tenant, [TEN - 30 * HOUR]);
    happen(&tenant, (0..7).map(|n| TEN - HOUR + n * MINUTE));
    assert_eq!(bench.read().await.expect("a reading").events, 7);
    // One that happened earlier and arrives now.
    happen(&tenant, [TEN - 2 * HOUR]);
    bench.restart();
    assert_eq!(bench.read().await.expect("a reading").events, 1);
    assert_eq!(bench.kept.ids("log_id"), ids(1..9));
}

#[tokio::test]
async fn a_checkpoint_that_is_gone_falls_back_to_time() {
    let (tenant, _server, mut bench, _scratch) = bench().await;
    happen(&tenant, [TEN - HOUR, TEN - 50 * MINUTE]);
    bench.read().await.expect("a reading");
    happen(&tenant, [TEN - 5 * MINUTE, TEN]);
    tenant.lock().expect("unpoisoned").gone = 2;
    bench.read().await.expect("a reading");
    assert_eq!(bench.kept.ids("log_id"), ids(0..4));
    assert!(bench.meter.health().last_error.is_some(), "it says so");
}

#[tokio::test]
async fn a_closed_range_is_found_among_what_arrived_around_it() {
    let (tenant, _server, bench, _scratch) = bench().await;
    happen(&tenant, (0..20).map(|n| TEN - 20 * HOUR + n * HOUR));
    let reader = &bench.account.readers[0];
    let found = all(reader.period(TEN - 15 * HOUR, TEN - 10 * HOUR)).await;
    assert_eq!(found, ids(5..10));
}
