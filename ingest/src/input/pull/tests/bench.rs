//! A clock, a server, and what was stored.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Response};
use bytes::Bytes;
use chrono::DateTime;
use futures::future::BoxFuture;
use http_body_util::BodyExt;
use serde_json::Value;

use crate::input::health::{CollectorKind, Collectors, Meter};
use crate::input::pull::clock::Clock;
use crate::input::pull::collector::{Collector, Pages, Reading};
use crate::input::pull::error::PullResult;
use crate::input::pull::settings::{Account, PullSettings, open_on};
use crate::input::sink::{NotStored, Sink};
use crate::log::Batch;

/// 2026-03-01T10:00:00Z, µs.
pub(super) const TEN: i64 = 1_772_359_200_000_000;
/// µs.
pub(super) const SECOND: i64 = 1_000_000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HOUR: i64 = 60 * MINUTE;

/// A clock that goes on by what is slept, and at once.
#[derive(Debug, Clone)]
pub(super) struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub(super) fn at(time: i64) -> Self {
        Self(Arc::new(AtomicI64::new(time)))
    }

    pub(super) fn forward(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        self.forward(i64::try_from(time.as_micros()).unwrap_or(i64::MAX));
        Box::pin(tokio::task::yield_now())
    }
}

/// What a server was asked.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) query: BTreeMap<String, String>,
    pub(super) raw_query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }
}

/// What it answers.
#[derive(Debug, Clone, Default)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
    /// Ends the connection before the body is over.
    pub(super) is_cut: bool,
}

impl Reply {
    pub(super) fn json(body: &Value) -> Self {
        Self { status: 200, body: body.to_string(), ..Self::default() }
    }

    pub(super) fn status(status: u16) -> Self {
        Self { status, body: "{\"error\":\"no\"}".to_owned(), ..Self::default() }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// A vendor's server. Its clock is the test's, but for a difference.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) url: String,
    pub(super) clock: TestClock,
    /// How far its clock is ahead, µs.
    pub(super) ahead: Arc<AtomicI64>,
    pub(super) asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Starts one; it ends with the test's runtime.
    pub(super) async fn start(
        answer: impl Fn(&Server, &Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (asked, ahead) = (Arc::default(), Arc::default());
        let server = Self { url, clock: TestClock::at(TEN), ahead, asked };
        let (told, answer) = (server.clone(), Arc::new(answer));
        let router = axum::Router::new().fallback(move |request: Request| {
            let (server, answer) = (told.clone(), Arc::clone(&answer));
            async move {
                let asked = read(request).await;
                server.asked.lock().expect("unpoisoned").push(asked.clone());
                server.reply(answer(&server, &asked))
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    fn reply(&self, reply: Reply) -> Response<Body> {
        let now = DateTime::from_timestamp_micros(self.now()).expect("a time");
        let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let mut response = Response::builder().status(reply.status).header("date", date);
        for (name, value) in reply.headers {
            response = response.header(name, value);
        }
        let body = Bytes::from(reply.body);
        let body = if reply.is_cut {
            let half = body.slice(..body.len() / 2);
            let parts = [Ok(half), Err(std::io::Error::other("the line is cut"))];
            Body::from_stream(futures::stream::iter(parts))
        } else {
            Body::from(body)
        };
        response.body(body).expect("a response")
    }

    /// The time on its clock.
    pub(super) fn now(&self) -> i64 {
        self.clock.now() + self.ahead.load(Ordering::SeqCst)
    }

    /// Everything that it was asked.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("unpoisoned").clone()
    }

    /// Settings for it, with a secret in a file.
    pub(super) fn account(&self, scratch: &tempfile::TempDir, kind: &str, more: &str) -> Account {
        let token = scratch.path().join("token");
        std::fs::write(&token, "t0ps3cret\n").expect("a file");
        let text = format!(
            "name = 'corp'\nkind = '{kind}'\nurl = '{}'\ntoken_file = '{}'\n{more}",
            self.url,
            token.display()
        );
        let settings: PullSettings = toml::from_str(&text).expect("settings");
        let clock: Arc<dyn Clock> = Arc::new(self.clock.clone());
        open_on(&[settings], &clock).expect("an account").remove(0)
    }
}

async fn read(request: Request) -> Asked {
    let (parts, body) = request.into_parts();
    let raw_query = parts.uri.query().unwrap_or_default().to_owned();
    let whole = format!("http://x{}", parts.uri);
    let query = url::Url::parse(&whole).expect("a URL").query_pairs().into_owned().collect();
    let body = body.collect().await.expect("a body").to_bytes();
    Asked {
        path: parts.uri.path().to_owned(),
        query,
        raw_query,
        headers: parts.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}

/// What was stored.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pages: Mutex<Vec<(String, String)>>,
    /// Bytes of the longest record that is taken; 0 where any is.
    pub(super) most: AtomicUsize,
    /// Whether nothing is taken any more.
    pub(super) has_ended: AtomicBool,
    marks: Mutex<HashMap<String, String>>,
}

impl Kept {
    /// Every line that was stored, in order.
    pub(super) fn lines(&self) -> Vec<String> {
        let pages = self.pages.lock().expect("unpoisoned");
        pages.iter().flat_map(|(_, page)| page.lines().map(str::to_owned)).collect()
    }

    /// The ids of all events that were stored, in order.
    pub(super) fn ids(&self, key: &str) -> Vec<String> {
        let of = |line: &String| {
            let event: Value = serde_json::from_str(line).expect("JSON");
            event[key].as_str().expect("an id").to_owned()
        };
        self.lines().iter().map(of).collect()
    }

    pub(super) fn kept_mark(&self, collector: &str) -> Option<String> {
        self.mark(collector)
    }
}

impl Sink for Kept {
    fn accept<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, Result<u32, NotStored>> {
        if self.has_ended.load(Ordering::SeqCst) {
            return Box::pin(async { Err(NotStored::Ended("the log has stopped".to_owned())) });
        }
        let records: Vec<&[u8]> = batch.layout.records(&batch.payload).collect();
        let most = self.most.load(Ordering::SeqCst);
        if most > 0 && records.iter().any(|record| record.len() > most) {
            let places: Vec<u32> = (0..).zip(&records).map(|(place, _)| place).collect();
            let refused = NotStored::TooLarge("too large".to_owned(), batch.rest(&places));
            return Box::pin(async move { Err(refused) });
        }
        let lines = records.iter().map(|line| std::str::from_utf8(line).expect("text"));
        let text = lines.collect::<Vec<_>>().join("\n");
        let count = u32::try_from(records.len()).expect("few");
        self.pages.lock().expect("unpoisoned").push((batch.source.clone(), text));
        if let Some(mark) = batch.mark.clone() {
            self.marks.lock().expect("unpoisoned").insert(batch.collector.clone(), mark);
        }
        Box::pin(async move { Ok(count) })
    }

    fn mark(&self, collector: &str) -> Option<String> {
        self.marks.lock().expect("unpoisoned").get(collector).cloned()
    }

    fn is_busy(&self) -> bool {
        false
    }
}

/// A collector with what it stored.
pub(super) struct Bench {
    pub(super) account: Account,
    pub(super) collector: Collector,
    pub(super) kept: Arc<Kept>,
    pub(super) meter: Arc<Meter>,
}

impl Bench {
    /// Of an account's only log.
    pub(super) fn of(account: Account) -> Self {
        let kept = Arc::new(Kept::default());
        let collector = Collector::start(Arc::clone(&account.readers[0]), None);
        let meter = Collectors::default().meter(CollectorKind::Pull, "corp");
        Self { account, collector, kept, meter }
    }

    /// Reads everything that is there.
    pub(super) async fn read(&mut self) -> PullResult<Reading> {
        self.collector.read(&*self.kept, &self.meter).await
    }

    /// Begins anew, as a process would after a crash.
    pub(super) fn restart(&mut self) {
        let reader = Arc::clone(&self.collector.reader);
        let mark = self.kept.kept_mark(&reader.collector);
        self.collector = Collector::start(reader, mark.as_deref());
    }
}

/// The ids of all events of a range, each once, in order.
pub(super) async fn all(mut pages: Pages<'_>) -> Vec<String> {
    let mut found = Vec::new();
    while let Some(events) = pages.next().await.expect("a page") {
        found.extend(events.into_iter().filter_map(|event| event.id));
    }
    let mut found = sorted(found);
    found.dedup();
    found
}

/// Numbers as ids.
pub(super) fn ids(numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
    numbers.into_iter().map(|number| format!("e{number}")).collect()
}

/// Each once, in any order.
pub(super) fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort_by_key(|id| id.trim_start_matches('e').parse::<usize>().unwrap_or_default());
    ids
}

/// µs as vendors write them.
pub(super) fn iso(micros: i64) -> String {
    DateTime::from_timestamp_micros(micros).expect("a time").to_rfc3339()
}

/// And as they are read.
pub(super) fn time(text: &str) -> i64 {
    DateTime::parse_from_rfc3339(text).expect("a time").timestamp_micros()
}
