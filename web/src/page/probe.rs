//! For monitoring systems: alive, ready, and counts. No session, so no names.

use std::fmt::Write;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use rollcall_ledger::Directory;

use super::evidence::{newest_checkpoint, on_a_thread};
use crate::evidence::Evidence;
use crate::server::WebState;
use crate::status::{Counter, CounterKind};

/// `GET /healthz`
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// Why it is so may name files, and whoever asks here has no session.
const NOT_READY: &str = "not ready: the log or the pipeline has stopped; see the server's log\n";

/// `GET /readyz`
pub(crate) async fn ready(State(state): State<WebState>) -> Response {
    match state.status.ready() {
        Ok(()) => "ready\n".into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, NOT_READY).into_response(),
    }
}

/// `GET /metrics`, in Prometheus' text format 0.0.4.
pub(crate) async fn metrics(State(state): State<WebState>) -> Response {
    let mut counters = state.status.counters();
    counters.extend(own(&state));
    // Where there is no ledger, nothing is said of one.
    counters.extend(on_a_thread(&state, of_ledger).await.unwrap_or_default());
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], expose(&counters)).into_response()
}

const fn gauge(name: &'static str, help: &'static str, value: f64) -> Counter {
    Counter { name, help, kind: CounterKind::Gauge, labels: Vec::new(), value }
}

/// The ledger: how long it is, who vouches for how much, what the last look at it found.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn of_ledger(evidence: &dyn Evidence) -> Vec<Counter> {
    let mut out = Vec::new();
    if let Ok(checkpoint) = newest_checkpoint(&Directory::new(evidence.ledger())) {
        let size = checkpoint.1.size as f64;
        out.push(gauge("rollcall_ledger_entries", "Entries that the checkpoint signs.", size));
    }
    let anchors = evidence.anchors();
    let failing = anchors.iter().filter(|anchor| anchor.problem.is_some()).count();
    let anchored = anchors.iter().filter_map(|anchor| anchor.size).max().unwrap_or_default();
    out.extend([
        gauge("rollcall_anchors", "Anchors in the configuration.", anchors.len() as f64),
        gauge("rollcall_anchors_failing", "Anchors with something wrong.", failing as f64),
        gauge("rollcall_anchored_entries", "Entries that an anchor has, at most.", anchored as f64),
    ]);
    if let Some(at) = anchors.iter().filter_map(|anchor| anchor.at).max() {
        let help = "When an anchor last took a checkpoint.";
        out.push(gauge("rollcall_last_anchored_timestamp_seconds", help, at.timestamp() as f64));
    }
    if let Some(last) = evidence.verification() {
        let help = "When what is stored was last compared with the ledger.";
        let at = last.at.timestamp() as f64;
        out.push(gauge("rollcall_last_verification_timestamp_seconds", help, at));
        let help = "What the last verification found wrong.";
        out.push(gauge("rollcall_verification_findings", help, last.findings.len() as f64));
    }
    out
}

fn own(state: &WebState) -> Vec<Counter> {
    let status = &state.status;
    let mut build = gauge("rollcall_build_info", "The version of the program.", 1.0);
    build.labels = vec![("version", status.version().to_owned())];
    let mut out = vec![
        build,
        gauge(
            "rollcall_ready",
            "Whether events are taken in and answers given.",
            f64::from(u8::from(status.ready().is_ok())),
        ),
        gauge(
            "rollcall_log_bytes",
            "Bytes in the log that aren't sealed yet.",
            status.log_bytes() as f64,
        ),
        gauge(
            "rollcall_tail_rows",
            "Rows in memory that aren't sealed yet.",
            status.tail_rows() as f64,
        ),
    ];
    if let Some(at) = status.last_seal() {
        let name = "rollcall_last_seal_timestamp_seconds";
        out.push(gauge(name, "When rows were last sealed.", at.timestamp() as f64));
    }
    out
}

/// One block a name, in the order in which names first come.
fn expose(counters: &[Counter]) -> String {
    let mut out = String::new();
    let mut done: Vec<&str> = Vec::new();
    for counter in counters {
        if done.contains(&counter.name) {
            continue;
        }
        done.push(counter.name);
        let kind = match counter.kind {
            CounterKind::Counter => "counter",
            CounterKind::Gauge => "gauge",
        };
        let help = counter.help.replace('\\', "\\\\").replace('\n', "\\n");
        let _ = writeln!(out, "# HELP {} {help}\n# TYPE {} {kind}", counter.name, counter.name);
        for one in counters.iter().filter(|one| one.name == counter.name) {
            let _ = writeln!(out, "{}{} {}", one.name, labels(&one.labels), one.value);
        }
    }
    out
}

fn labels(labels: &[(&'static str, String)]) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let escaped =
        |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let pairs: Vec<_> =
        labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    format!("{{{}}}", pairs.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_head_and_labels_are_escaped() {
        let counter = |source: &str, value| Counter {
            name: "rollcall_events_total",
            help: "Events taken in.",
            kind: CounterKind::Counter,
            labels: vec![("source", source.to_owned())],
            value,
        };
        assert_eq!(
            expose(&[counter("okta", 2.0), counter("a\"b\\c\nd", 0.5)]),
            "# HELP rollcall_events_total Events taken in.\n\
             # TYPE rollcall_events_total counter\n\
             rollcall_events_total{source=\"okta\"} 2\n\
             rollcall_events_total{source=\"a\\\"b\\\\c\\nd\"} 0.5\n"
        );
    }
}
