//! A vendor asked for its log, by a process that is killed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::json;

use crate::rollcall::{Rollcall, eventually, github};

const PAGE: usize = 40;

/// Okta's System Log: pages, a link that never ends, and ranges of time.
#[derive(Debug)]
struct Okta {
    url: Mutex<String>,
    events: Mutex<Vec<DateTime<Utc>>>,
    asked: AtomicUsize,
}

#[derive(Debug, serde::Deserialize)]
struct Asked {
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    after: Option<usize>,
}

impl Okta {
    fn start() -> Arc<Self> {
        let okta = Arc::new(Self {
            url: Mutex::default(),
            events: Mutex::default(),
            asked: AtomicUsize::new(0),
        });
        let router = axum::Router::new()
            .route("/api/v1/logs", axum::routing::get(logs))
            .route("/api/v1/policies", axum::routing::get(policies))
            .route("/api/v1/policies/{id}/rules", axum::routing::get(async || "[]"))
            .with_state(Arc::clone(&okta));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a listener");
        *okta.url.lock().expect("unpoisoned") =
            format!("http://{}", listener.local_addr().expect("an address"));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                axum::serve(listener, router).await
            })
        });
        okta
    }

    fn url(&self) -> String {
        self.url.lock().expect("unpoisoned").clone()
    }

    fn happen(&self, count: usize, day: NaiveDate) {
        let mut events = self.events.lock().expect("unpoisoned");
        let noon = day.and_hms_opt(12, 0, 0).expect("noon").and_utc();
        let from = i64::try_from(events.len()).expect("few");
        let count = i64::try_from(count).expect("few");
        events.extend((from..from + count).map(|n| noon + TimeDelta::seconds(n)));
    }
}

async fn logs(
    State(okta): State<Arc<Okta>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    if headers.get(header::AUTHORIZATION).is_none_or(|value| value != "SSWS t0ps3cret") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    // Now and then it is down.
    if okta.asked.fetch_add(1, Ordering::SeqCst) == 1 {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let events = okta.events.lock().expect("unpoisoned");
    let is_asked =
        |at: &DateTime<Utc>| asked.after.is_some() || asked.since.is_none_or(|since| *at >= since);
    let page: Vec<(usize, &DateTime<Utc>)> = events
        .iter()
        .enumerate()
        .skip(asked.after.unwrap_or_default())
        .filter(|(_, at)| is_asked(at) && asked.until.is_none_or(|until| **at < until))
        .take(if asked.until.is_some() { usize::MAX } else { PAGE })
        .collect();
    let next = page.last().map_or(asked.after.unwrap_or_default(), |(n, _)| n + 1);
    let body: Vec<_> = page
        .iter()
        .map(|(n, at)| {
            json!({
                "uuid": format!("event-{n:05}"), "published": at.to_rfc3339(),
                "eventType": "user.session.start", "outcome": {"result": "SUCCESS"},
                "actor": {"id": "00u1", "type": "User", "alternateId": "ada@corp.example"}
            })
        })
        .collect();
    let link = format!("<{}/api/v1/logs?after={next}>; rel=\"next\"", okta.url());
    let mut response = axum::Json(body).into_response();
    if asked.until.is_none() {
        response.headers_mut().insert(header::LINK, link.parse().expect("a header"));
    }
    response
}

/// A sign-on policy; no policies of other kinds.
async fn policies(Query(asked): Query<BTreeMap<String, String>>) -> Response {
    let policy = json!({"id": "00p1", "name": "Default", "status": "ACTIVE", "priority": 1});
    let is_asked = asked.get("type").is_some_and(|kind| kind == "OKTA_SIGN_ON");
    axum::Json(if is_asked { vec![policy] } else { Vec::new() }).into_response()
}

fn configure(rollcall: &Rollcall, okta: &Okta) {
    let token = rollcall.file("okta-token", "t0ps3cret\n");
    let pull = format!(
        "[[pull]]\nname = \"okta\"\nkind = \"okta\"\nurl = {:?}\ntoken_file = {:?}\nevery_seconds = 10\n",
        okta.url(),
        token
    );
    rollcall.file("rollcall.toml", pull);
}

#[test]
fn a_log_is_pulled_once_whatever_happens_to_the_process() {
    let rollcall = Rollcall::new();
    let okta = Okta::start();
    let yesterday = Utc::now().date_naive() - TimeDelta::days(1);
    okta.happen(5 * PAGE, yesterday);
    configure(&rollcall, &okta);
    let server = rollcall.serve(&[]);
    eventually("some pages were asked for", || okta.asked.load(Ordering::SeqCst) >= 4);
    server.kill();
    let server = rollcall.serve(&[]);
    let stored = || rollcall.number("SELECT count(*) FROM events");
    eventually("everything is there", || stored() == 200);
    okta.happen(1, yesterday);
    eventually("what is new too", || stored() == 201);
    server.stop();
    assert_eq!(rollcall.number("SELECT count(DISTINCT source_event_id) FROM events_all"), 201);
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 201);
    assert_eq!(rollcall.number("SELECT count(*) FROM events WHERE collector = 'okta/system'"), 201);
    let verified = rollcall.output(&["verify"]);
    assert!(verified.status.success(), "{verified:?}");
}

#[test]
fn what_a_vendor_has_is_compared_with_what_is_stored() {
    let rollcall = Rollcall::new();
    let okta = Okta::start();
    let yesterday = Utc::now().date_naive() - TimeDelta::days(1);
    okta.happen(3, yesterday);
    configure(&rollcall, &okta);
    rollcall.ingest(&rollcall.file("log.ndjson", github(0, 1)));
    let day = yesterday.to_string();
    let reconcile = |more: &[&str], code: i32| {
        let output = rollcall.output(&[&["reconcile", "--day", &day], more].concat());
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    let none = format!("okta/system, {day}: 0 of 3 events are stored (0.0%); 3 are missing");
    let told = reconcile(&["--no-fetch"], 1);
    assert!(told.starts_with(&format!("{none}: \"event-00000\"")), "{told}");
    let told = reconcile(&[], 1);
    assert!(told.starts_with(&format!("{none}, 3 of them taken in now")), "{told}");
    let told = reconcile(&[], 0);
    assert!(told.contains("3 of 3 events are stored (100%)"), "{told}");
    let query = "SELECT state, vendor, stored, missing FROM reconciliations ORDER BY reconciled";
    assert_eq!(rollcall.sql(query).last().map(String::as_str), Some("reconciled,3,3,0"));
    assert_eq!(rollcall.number("SELECT count(*) FROM events WHERE source = 'okta'"), 3);
}

#[test]
fn policies_are_kept_each_day_and_in_the_ledger() {
    let rollcall = Rollcall::new();
    let okta = Okta::start();
    let token = rollcall.file("okta-token", "t0ps3cret\n");
    let pull = format!(
        "[[pull]]\nname = \"okta\"\nkind = \"okta\"\nurl = {:?}\ntoken_file = {token:?}\npolicies = true\n",
        okta.url(),
    );
    rollcall.file("rollcall.toml", pull);
    let server = rollcall.serve(&[]);
    let all = || rollcall.number("SELECT count(*) FROM vendor_policies_all");
    eventually("a snapshot is taken", || all() == 2);
    server.stop();
    let query = "SELECT account, kind, policy_id, name, state FROM vendor_policies";
    assert_eq!(rollcall.sql(query), ["okta,sign_on,00p1,Default,enabled"]);
    assert_eq!(all(), 2, "one policy, and that there are no access policies");
    let verified = rollcall.output(&["verify"]);
    assert!(verified.status.success(), "{verified:?}");
}

#[test]
fn a_secret_in_the_configuration_is_refused_and_not_told() {
    let rollcall = Rollcall::new();
    rollcall.file(
        "rollcall.toml",
        "[[pull]]\nname = \"okta\"\nkind = \"okta\"\nurl = \"x.example\"\ntoken = \"t0ps3cret\"\n",
    );
    let output = rollcall.output(&["serve"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("pull.token") && !told.contains("t0ps3cret"), "{told}");
}
