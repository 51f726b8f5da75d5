//! The router as a browser meets it: who gets in, what a page says of itself,
//! and that nothing from an event runs.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use axum::Router;
use axum::body::Body;
use chrono::{DateTime, Utc};
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use rollcall_query::{Band, Grain, Point, Unit};
use tower::ServiceExt;

use crate::ask::{Failure, FailureKind};
use crate::testing::{Shelf, point, result};
use crate::{
    Clock, CollectorNow, Counter, Measure, Reading, Role, Secret, StateDb, Status, WebSettings,
    WebState, router, sign_in_path,
};

mod health;

const NOW: &str = "2026-03-29T12:00:00Z";

struct Noon;

impl Clock for Noon {
    fn now(&self) -> DateTime<Utc> {
        NOW.parse().unwrap()
    }
}

/// Fine, or why not.
struct Health(Option<&'static str>);

impl Status for Health {
    fn ready(&self) -> Result<(), String> {
        self.0.map_or(Ok(()), |why| Err(why.to_owned()))
    }
    fn log_bytes(&self) -> u64 {
        7
    }
    fn tail_rows(&self) -> u64 {
        3
    }
    fn last_seal(&self) -> Option<DateTime<Utc>> {
        None
    }
    fn version(&self) -> &str {
        "1.2.3"
    }
    fn counters(&self) -> Vec<Counter> {
        Vec::new()
    }
    fn collectors(&self) -> Vec<CollectorNow> {
        vec![CollectorNow {
            name: "okta/logs".to_owned(),
            kind: "pull",
            state: "failing",
            last_received: NOW.parse().ok(),
            records: 4_321,
            dropped: 0,
            reached: NOW.parse().ok(),
            waits_until: "2026-03-29T12:05:00Z".parse().ok(),
            connections: None,
            last_error: NOW.parse().ok().map(|at| (at, "<429> & wait".to_owned())),
        }]
    }
    fn readings(&self) -> Vec<Reading> {
        let trouble = self.0.map(|why| format!("Look at this: {why}"));
        vec![Reading {
            name: "Free on the data's disk",
            about: "what may still be written",
            value: Measure::BytesOf(3 << 30, 10 << 30),
            trouble,
        }]
    }
}

struct Site {
    app: Router,
    db: StateDb,
    shelf: Shelf,
    _folder: tempfile::TempDir,
}

impl Site {
    fn new(base: &str) -> Self {
        Self::with(base, Health(None))
    }

    fn with(base: &str, health: Health) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = StateDb::open_with_clock(&folder.path().join("state.db"), Arc::new(Noon)).unwrap();
        db.add_account("ada", Role::Admin).unwrap();
        let shelf = Shelf::default();
        shelf.page("overview_totals", totals(1_000));
        let mut settings = WebSettings::new(base.parse().unwrap());
        settings.clock = Arc::new(Noon);
        settings.notice = Some(Arc::from("A <trial>"));
        let state = WebState::new(shelf.clone(), db.clone(), Arc::new(health), settings);
        Self { app: router(state), db, shelf, _folder: folder }
    }

    fn link(&self) -> String {
        self.db.create_login_link("ada", std::time::Duration::from_secs(600)).unwrap()
    }

    fn session(&self) -> String {
        let link = Secret::parse(&self.link()).unwrap();
        let session = self.db.redeem_link(&link).unwrap().unwrap();
        format!("rollcall_session={}", session.as_str())
    }

    async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.app.clone().oneshot(request).await.unwrap().map(Body::new)
    }

    async fn get(&self, path: &str, cookie: &str) -> Response<Body> {
        self.send(request(Method::GET, path, cookie, "")).await
    }

    /// The page at that address, for someone signed in.
    async fn page(&self, path: &str) -> String {
        let answer = self.get(path, &self.session()).await;
        text(answer).await
    }
}

fn request(method: Method, path: &str, cookie: &str, form: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost:8480")
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form.to_owned()))
        .unwrap()
}

async fn text(answer: Response<Body>) -> String {
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

fn header<'r>(answer: &'r Response<Body>, name: &str) -> &'r str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// The form token of a page.
fn token(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"token\" value=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

fn totals(events: i64) -> RecordBatch {
    totals_since("2026-01-01T00:00:00Z", events)
}

fn totals_since(first: &str, events: i64) -> RecordBatch {
    let int = |n: i64| Arc::new(Int64Array::from(vec![n])) as ArrayRef;
    let time = |text: &str| {
        let us = text.parse::<DateTime<Utc>>().unwrap().timestamp_micros();
        let us = (events > 0).then_some(us);
        Arc::new(TimestampMicrosecondArray::from(vec![us]).with_timezone("UTC")) as ArrayRef
    };
    RecordBatch::try_from_iter_with_nullable([
        ("events", int(events), true),
        ("set_aside", int(0), true),
        ("sources", int(1), true),
        ("people", int(0), true),
        ("first_time", time(first), true),
        ("last_time", time(NOW), true),
        ("last_received", time(NOW), true),
    ])
    .unwrap()
}

fn success_rate(site: &Site) {
    site.shelf.metric("attempts/success_rate", |filter| {
        if filter.only.iter().any(|(_, value)| value == "nobody") {
            return Ok(result("attempts/success_rate", Unit::Share, Vec::new()));
        }
        let points = match filter.grain {
            Grain::Total => vec![point("", 90, 100)],
            _ => filter
                .from
                .iter_days()
                .take(28)
                .map(|day| Point { bucket: Some(day), ..point("", 90, 100) })
                .collect(),
        };
        let mut result = result("attempts/success_rate", Unit::Share, points);
        result.band = Band::Interval95;
        Ok(result)
    });
}

#[tokio::test]
async fn without_a_session_nothing_is_shown() {
    let site = Site::new("http://localhost:8480");
    let mut paths: Vec<_> = super::dashboard::PAGES.iter().map(|page| page.path).collect();
    paths.extend([
        "/events",
        "/events/1-2-3",
        "/events/1-2-3/proof",
        "/evidence",
        "/evidence/keys",
        "/quarantine",
        "/evidence/verifier/row.py",
        "/ledger/checkpoint",
        "/m",
        "/m/adoption/used.csv",
        "/q/sources_health.csv",
    ]);
    for path in paths {
        for cookie in ["", "rollcall_session=", "rollcall_session=AAAA"] {
            let answer = site.get(path, cookie).await;
            assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
            assert_eq!(header(&answer, "location"), "/sign-in");
        }
    }
    let explained = text(site.get("/sign-in", "").await).await;
    assert!(explained.contains("rollcall admin link"));
}

#[tokio::test]
async fn a_link_opens_a_session_once_and_only_by_its_button() {
    let site = Site::new("http://localhost:8480");
    let path = sign_in_path(&site.link());
    let old = site.session();
    let shown = site.get(&path, "").await;
    let form_cookie = header(&shown, "set-cookie").split(';').next().unwrap().to_owned();
    let form = format!("token={}", token(&text(shown).await));
    // The form of another visitor, and a form without a cookie.
    for cookie in ["", &format!("rollcall_form={}", Secret::random().unwrap().as_str())] {
        let refused = site.send(request(Method::POST, &path, cookie, &form)).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    }
    // A session that was brought along isn't taken over, and ends.
    let cookies = format!("{form_cookie}; {old}");
    let opened = site.send(request(Method::POST, &path, &cookies, &form)).await;
    assert_eq!(opened.status(), StatusCode::SEE_OTHER);
    let cookie = header(&opened, "set-cookie").to_owned();
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=604800"), "{cookie}");
    let session = cookie.split(';').next().unwrap();
    assert_ne!(session, old);
    assert_eq!(site.get("/m", session).await.status(), StatusCode::OK);
    assert_eq!(site.get("/m", &old).await.status(), StatusCode::SEE_OTHER);
    let again = site.send(request(Method::POST, &path, &form_cookie, &form)).await;
    assert_eq!(again.status(), StatusCode::NOT_FOUND);
    assert_eq!(site.get(&path, "").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_needs_its_token() {
    let site = Site::new("http://localhost:8480");
    let session = site.session();
    let token = token(&text(site.get("/m", &session).await).await);
    for form in ["", "token=", "token=AAAA"] {
        let refused = site.send(request(Method::POST, "/sign-out", &session, form)).await;
        assert!(refused.status().is_client_error(), "{form}");
    }
    let form = format!("token={token}");
    let mut foreign = request(Method::POST, "/sign-out", &session, &form);
    foreign.headers_mut().insert("origin", "http://evil.example".parse().unwrap());
    assert_eq!(site.send(foreign).await.status(), StatusCode::FORBIDDEN);
    let out = site.send(request(Method::POST, "/sign-out", &session, &form)).await;
    assert!(header(&out, "set-cookie").contains("Max-Age=0"));
    assert_eq!(site.get("/m", &session).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn over_tls_cookies_are_bound_to_the_host() {
    let site = Site::new("https://rollcall.example");
    let shown = site.get(&sign_in_path(&site.link()), "").await;
    let cookie = header(&shown, "set-cookie");
    assert!(
        cookie.starts_with("__Host-rollcall_form=") && cookie.ends_with("; Secure"),
        "{cookie}"
    );
}

#[tokio::test]
async fn every_answer_says_what_the_browser_may_do() {
    let site = Site::new("http://localhost:8480");
    let session = site.session();
    for path in ["/", "/m", "/sign-in", "/nothing", "/?from=x", "/sign-in/x", "/healthz"] {
        let answer = site.get(path, &session).await;
        let policy = header(&answer, "content-security-policy");
        assert!(policy.starts_with("default-src 'none';"), "{path}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(header(&answer, "referrer-policy"), "same-origin");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert_eq!(header(&answer, "cache-control"), "no-store");
        let body = text(answer).await;
        assert!(!body.contains(" style=") && !body.contains("<style"), "{path}");
        assert!(!body.contains("://") || !body.contains("src=\"http"), "{path}");
    }
    let style = site.get(crate::assets::style(), "").await;
    assert_eq!(header(&style, "cache-control"), "public, max-age=31536000, immutable");
}

#[tokio::test]
async fn another_name_is_not_answered() {
    let site = Site::new("http://localhost:8480");
    for (path, status) in [
        ("/sign-in", StatusCode::MISDIRECTED_REQUEST),
        ("/healthz", StatusCode::OK),
        ("/metrics", StatusCode::OK),
    ] {
        let mut request = request(Method::GET, path, "", "");
        request.headers_mut().insert("host", "evil.example:8480".parse().unwrap());
        assert_eq!(site.send(request).await.status(), status, "{path}");
    }
    let metrics = text(site.get("/metrics", "").await).await;
    assert!(metrics.contains("rollcall_build_info{version=\"1.2.3\"} 1\n"));
}

#[tokio::test]
async fn a_panel_says_its_finding_its_table_its_sql_and_its_population() {
    let site = Site::new("http://localhost:8480");
    success_rate(&site);
    let page = site.page("/").await;
    for part in [
        "<h2 id=\"success-h\">How is it?</h2>",
        "90.0% of sign-ins succeeded (90 of 100 attempts).",
        "role=\"img\"",
        "<details class=\"table\">",
        "select 1 &#60; 2",
        "/m/attempts/success_rate.xlsx?from=2026-03-02&#38;to=2026-03-29&#38;tz=UTC&#38;grain=day",
        "<dt>Leaves out</dt><dd>service accounts</dd>",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
}

#[tokio::test]
async fn the_five_states_are_told_apart() {
    let site = Site::new("http://localhost:8480");
    success_rate(&site);
    let shown = |page: &str| {
        let (_, panel) = page.split_once("id=\"success\"").unwrap();
        panel.split_once("</section>").unwrap().0.to_owned()
    };
    let excluded = shown(&site.page("/?team=nobody").await);
    assert!(excluded.contains("The filters leave nothing</b> (team = nobody)"), "{excluded}");
    assert!(excluded.contains("href=\"/\">take them off"), "{excluded}");
    site.shelf.metric("attempts/success_rate", |_| {
        let mut partial = result("attempts/success_rate", Unit::Share, vec![point("", 9, 10)]);
        partial.completeness.silent_sources = vec!["okta".to_owned()];
        Ok(partial)
    });
    assert!(shown(&site.page("/").await).contains("Quieter than usual: okta."));
    site.shelf.metric("attempts/success_rate", |_| {
        Ok(result("attempts/success_rate", Unit::Share, Vec::new()))
    });
    assert!(shown(&site.page("/").await).contains("Nothing of the kind in 2 Mar – 29 Mar 2026."));
    site.shelf.metric("attempts/success_rate", |_| {
        Err(Failure { kind: FailureKind::Failed, message: "<no memory>".to_owned() })
    });
    let failed = shown(&site.page("/").await);
    assert!(failed.contains("&#60;no memory&#62;") && failed.contains("Operation <code>"));
    assert!(failed.contains("select count(*) from attempts"), "the SQL is still shown");
    site.shelf.page("overview_totals", totals(0));
    assert!(shown(&site.page("/").await).contains("<code>rollcall ingest FILE</code>"));
}

#[tokio::test]
async fn a_panel_that_panics_takes_nothing_down() {
    let site = Site::new("http://localhost:8480");
    success_rate(&site);
    site.shelf.metric("attempts/by_outcome", |_| panic!("a bug"));
    let answer = site.get("/", &site.session()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let page = text(answer).await;
    assert!(page.contains("it ran into a bug of ours") && page.contains("90.0% of sign-ins"));
}

#[tokio::test]
async fn one_panel_can_be_asked_for() {
    let site = Site::new("http://localhost:8480");
    success_rate(&site);
    let mut one = request(Method::GET, "/", &site.session(), "");
    one.headers_mut().insert("rollcall-panel", "success".parse().unwrap());
    let panel = text(site.send(one).await).await;
    assert!(panel.starts_with("<section") && panel.trim_end().ends_with("</section>"));
    let mut none = request(Method::GET, "/", &site.session(), "");
    none.headers_mut().insert("rollcall-panel", "nonsense".parse().unwrap());
    assert_eq!(site.send(none).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_wrong_address_is_explained() {
    let site = Site::new("http://localhost:8480");
    let answer = site.get("/?grain=hour&by=%3Cscript%3E", &site.session()).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let page = text(answer).await;
    assert!(page.contains("day, week, month, quarter, total"));
    assert!(page.contains("&#60;script&#62;") && !page.contains("<script>"));
}

#[tokio::test]
async fn exports_come_in_every_format() {
    let site = Site::new("http://localhost:8480");
    success_rate(&site);
    for (ending, begin) in
        [("csv", "bucket,group,"), ("json", "{"), ("xlsx", "PK"), ("svg", "<svg")]
    {
        let path = format!("/m/attempts/success_rate.{ending}?shape=line");
        let answer = site.get(&path, &site.session()).await;
        let how = format!("attachment; filename=\"attempts-success_rate.{ending}\"");
        assert_eq!(header(&answer, "content-disposition"), how);
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(bytes.starts_with(begin.as_bytes()), "{ending}");
    }
    let answer = site.get("/m/nonsense.csv", &site.session()).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn text_of_events_is_shown_and_never_runs() {
    let site = Site::new("http://localhost:8480");
    let evil = "<img src=x onerror=alert(1)>\u{202e}&a=b";
    let text_of = |value: &str| Arc::new(StringArray::from(vec![value])) as ArrayRef;
    let int = |n| Arc::new(Int64Array::from(vec![n])) as ArrayRef;
    let time = Arc::new(TimestampMicrosecondArray::from(vec![0]).with_timezone("UTC")) as ArrayRef;
    let columns = ["user_name", "person", "service", "ip", "reason", "source", "outcome", "raw"];
    let mut fields: Vec<_> = columns.map(|name| (name, text_of(evil), true)).to_vec();
    fields.extend([("time", time, true), ("shard", int(1), true)]);
    fields.extend([("seq", int(2), true), ("part", int(3), true)]);
    let rows = RecordBatch::try_from_iter_with_nullable(fields).unwrap();
    let facets = [("facet", text_of("source"), true), ("value", text_of(evil), true)];
    let facets = facets.into_iter().chain([("n", int(5), true)]);
    site.shelf.page("events_list", rows.clone());
    site.shelf.page("event_one", rows);
    site.shelf.page("events_facets", RecordBatch::try_from_iter_with_nullable(facets).unwrap());
    for path in ["/events", "/events/1-2-3"] {
        let page = site.page(path).await;
        assert!(!page.contains("<img") && page.contains("&#60;img src=x"), "{path}");
        assert!(page.contains("⟨U+202E⟩") && !page.contains('\u{202e}'), "{path}");
    }
    let page = site.page("/events").await;
    assert!(page.contains("source=%3Cimg+src%3Dx+onerror%3Dalert%281%29%3E%E2%80%AE%26a%3Db\""));
    assert!(page.contains("href=\"/events/1-2-3\""));
}

#[tokio::test]
async fn events_cannot_be_filtered_by_what_they_do_not_have() {
    let site = Site::new("http://localhost:8480");
    for query in ["team=x", "before=1.2", "before=a.b.c.d", "before=1.2.3.4.5"] {
        let answer = site.get(&format!("/events?{query}"), &site.session()).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{query}");
    }
    for path in ["/events/1-2", "/events/x", "/events/..%2f..%2fetc"] {
        assert_eq!(site.get(path, &site.session()).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_large_form_is_refused() {
    let site = Site::new("http://localhost:8480");
    let form = format!("token={}", "x".repeat(20_000));
    let answer = site.send(request(Method::POST, "/sign-out", &site.session(), &form)).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn the_notice_stands_on_every_page_for_those_who_are_signed_in() {
    let site = Site::new("http://localhost:8480");
    for path in ["/", "/events", "/m"] {
        let page = site.page(path).await;
        assert_eq!(page.matches("<p class=\"notice\">A &#60;trial&#62;</p>").count(), 1, "{path}");
    }
    assert!(!text(site.get("/sign-in", "").await).await.contains("trial"));
}

#[tokio::test]
async fn who_has_no_session_learns_no_path() {
    let why = "/srv/audit/log/7/0001.log: No space left on device";
    let site = Site::with("http://localhost:8480", Health(Some(why)));
    let answer = site.get("/readyz", "").await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    let said = text(answer).await;
    assert_eq!(said, "not ready: the log or the pipeline has stopped; see the server's log\n");
    let page = site.page("/").await;
    assert!(page.contains("No space left on device"), "whoever is signed in sees why");
}

#[tokio::test]
async fn one_event_of_2000_makes_nothing_current_vanish() {
    let site = Site::new("http://localhost:8480");
    site.shelf.page("overview_totals", totals_since("2000-01-01T08:00:00Z", 1_000));
    site.shelf.metric("attempts/success_rate", |filter| {
        let points = match filter.grain {
            Grain::Total => vec![point("", 91, 101)],
            grain => {
                let day = |text: &str| grain.first_day(text.parse().unwrap());
                let first = Point { bucket: Some(day("2000-01-01")), ..point("", 1, 1) };
                vec![first, Point { bucket: Some(day("2026-03-29")), ..point("", 90, 100) }]
            }
        };
        Ok(result("attempts/success_rate", Unit::Share, points))
    });
    let page = site.page("/?period=all").await;
    let said =
        "105 points from 2000-01-01 to 2026-01-01. Values: between 90.0% and 100%, last 90.0%.";
    assert!(page.contains(said), "{page}");
    assert!(page.contains("<td>2026 Q1</td>") && !page.contains("Cut off"), "{page}");
    // 225 quarters are more than a chart has room for: the newest are drawn.
    let page = site.page("/?from=1970-01-01&to=2026-03-29").await;
    assert!(page.contains("last 90.0%"), "{page}");
    assert!(
        page.contains("Cut off: only the last 200 points are drawn, from 1976 Q2 on"),
        "{page}"
    );
}

#[tokio::test]
async fn a_list_that_is_cut_off_says_so_and_counts_all() {
    let site = Site::new("http://localhost:8480");
    let text_of = |value: &str| Arc::new(StringArray::from(vec![value, value])) as ArrayRef;
    let int = |n| Arc::new(Int64Array::from(vec![n, n])) as ArrayRef;
    let fields = [
        ("reason", text_of("no JSON"), true),
        ("shard", int(1), true),
        ("all_rows", int(5_000), true),
        ("all_most_reason", text_of("no JSON"), true),
        ("all_most", int(3_000), true),
    ];
    let rows = RecordBatch::try_from_iter_with_nullable(fields).unwrap();
    site.shelf.page("quarantine_list", rows);
    let page = site.page("/data-health").await;
    for part in [
        "5,000 records are held back; most often: no JSON (3,000).",
        "The first 2 of 5,000 rows shown; the CSV has more.",
        "4998 more rows are in the CSV.",
        "<dt>Rows</dt><dd>5,000</dd>",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    let csv = text(site.get("/q/quarantine_list.csv", &site.session()).await).await;
    assert!(csv.contains("reason,shard") && !csv.contains("all_"), "{csv}");
}
