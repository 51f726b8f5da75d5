//! What is stored against what a vendor has, on a real data directory.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rollcall_lake::{Access, Lake, Table};
use serde_json::json;

use super::bench::{Asked, HOUR, MINUTE, Reply, Server, TEN, iso, time};
use crate::input::pull::collector::Reader;
use crate::reconcile::{Outcome, Period, reconcile, reconciled};
use crate::{IngestError, Intake, LogSettings, PipelineSettings, ReadSettings};

/// An event of yesterday.
fn event(number: i64) -> String {
    let at = iso(TEN - 20 * HOUR + number * MINUTE);
    json!({
        "uuid": format!("e{number}"), "published": at, "eventType": "user.session.start",
        "actor": {"id": "00u1", "type": "User", "alternateId": "ada@corp.example"},
        "outcome": {"result": "SUCCESS"}
    })
    .to_string()
}

/// Okta with six events: none in another's words, no link.
fn answer(_: &Server, asked: &Asked) -> Reply {
    let (since, until) = (asked.get("since").map(time), asked.get("until").map(time));
    assert!(since.zip(until).is_some_and(|(since, until)| until - since == 24 * HOUR));
    let events: Vec<String> = (0..6).map(event).collect();
    Reply { status: 200, body: format!("[{}]", events.join(",")), ..Reply::default() }
}

async fn opened(scratch: &tempfile::TempDir) -> (Arc<Lake>, Arc<Intake>) {
    let lake =
        Arc::new(Lake::open(&scratch.path().join("data"), Access::Write).await.expect("a lake"));
    let read = ReadSettings {
        zone: chrono_tz::UTC,
        identifier_key: [7; 32],
        sources: crate::source::Sources::default(),
    };
    let settings = PipelineSettings {
        seal_rows: 1_000_000,
        seal_bytes: 1 << 30,
        seal_after: Duration::from_secs(3_600),
        read,
    };
    let started =
        Intake::start(Arc::clone(&lake), settings, LogSettings::default(), None, drop).await;
    (lake, started.expect("started").0)
}

async fn run(lake: &Arc<Lake>, intake: &Arc<Intake>, reader: &Reader, fetches: bool) -> Outcome {
    let fetch = |source: &'static str, collector: String, payload: Bytes| {
        let intake = Arc::clone(intake);
        async move {
            intake.accept(source, &collector, payload).await?;
            Ok::<(), IngestError>(())
        }
    };
    let day = Period::day("2026-02-28".parse().expect("a day"));
    let outcome = reconcile(lake, reader, day, fetches.then_some(fetch)).await;
    intake.settle().await.expect("settled");
    outcome.expect("an outcome")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_told_taken_in_and_then_agrees() {
    let scratch = tempfile::tempdir().expect("a directory");
    let server = Server::start(answer).await;
    let account = server.account(&scratch, "okta", "");
    let reader = &account.readers[0];
    let (lake, intake) = opened(&scratch).await;
    let store = |collector: &'static str, lines: Vec<String>| {
        let (intake, payload) = (Arc::clone(&intake), Bytes::from(lines.join("\n")));
        async move { intake.accept("okta", collector, payload).await.expect("stored") }
    };
    // Two by the collector, one of them twice; one by another way in; one that can't be
    // read; and one that the vendor doesn't have.
    store("corp/system", vec![event(0), event(1), event(1), event(90)]).await;
    store("hook", vec![event(2)]).await;
    store("corp/system", vec![event(3).replace("eventType", "eventTyp")]).await;
    intake.settle().await.expect("settled");

    let looked = run(&lake, &intake, reader, false).await.found.expect("reconciled");
    assert_eq!((looked.vendor, looked.stored, looked.missing, looked.fetched), (6, 4, 2, 0));
    assert_eq!((looked.missing_ids, looked.extra), (vec!["e4".to_owned(), "e5".to_owned()], 1));
    assert_eq!(looked.extra_ids, ["e90"]);

    let fetched = run(&lake, &intake, reader, true).await.found.expect("reconciled");
    assert_eq!((fetched.missing, fetched.fetched), (2, 2));
    let again = run(&lake, &intake, reader, true).await.found.expect("reconciled");
    assert_eq!((again.vendor, again.stored, again.missing, again.fetched), (6, 6, 0, 0));

    let snapshot = lake.snapshot();
    assert_eq!(snapshot.table(Table::Reconciliations).rows(), 3);
    let day = Period::day("2026-02-28".parse().expect("a day"));
    assert!(reconciled(&lake, day).expect("read").contains("corp/system"));
    intake.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_cannot_be_asked_is_not_reconciled() {
    let scratch = tempfile::tempdir().expect("a directory");
    let server = Server::start(|_, _| Reply::status(500)).await;
    let more = "client_id = 'DI1'\nwhat = ['administrator', 'activity']";
    let account = server.account(&scratch, "duo", more);
    let (lake, intake) = opened(&scratch).await;
    for (reader, why) in account.readers.iter().zip(["500", "no ids"]) {
        let outcome = run(&lake, &intake, reader, true).await;
        let reason = outcome.found.expect_err("not reconciled");
        assert!(reason.contains(why), "{}: {reason}", outcome.collector);
    }
    assert_eq!(lake.snapshot().table(Table::Reconciliations).rows(), 2);
    intake.stop().await.expect("stopped");
}
