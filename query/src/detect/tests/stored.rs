//! All detectors over stored events: each row once, wherever it lies; over a restart; again;
//! and over history without a trace.

use std::fmt::Write;
use std::path::Path;

use crate::detect::alert::Alert;
use crate::detect::settings::DetectSettings;
use crate::detect::{Detection, backtest};
use crate::{Catalog, Session, Settings, fixture};

/// So many refused prompts of ada's, a minute apart.
fn refusals(from: i64, count: i64) -> String {
    let mut lines = String::from(
        "person ada human okta:ada@corp.example team=red imported=2026-03-01T12:00:00Z\n",
    );
    for minute in from..from + count {
        let time = format!("2026-03-02T08:{minute:02}:00Z");
        let _ = writeln!(
            lines,
            "event {time} okta ada@corp.example verify denied factor=push reason=factor_denied ip=203.0.113.7"
        );
    }
    lines
}

fn session(lines: &str, sealed: usize) -> (fixture::World, Session) {
    let world = fixture::world(lines);
    let catalog = Catalog::detached(Settings::default()).expect("a catalog");
    let session = catalog.session_on(world.snapshot(sealed));
    (world, session)
}

fn settings(folder: &Path) -> DetectSettings {
    DetectSettings { file: folder.join("detect/state"), ..DetectSettings::default() }
}

async fn open(folder: &Path, session: &Session) -> Detection {
    Detection::open(settings(folder), session, false).await.expect("opens")
}

async fn look(detection: Detection, session: &Session) -> (Detection, Vec<Alert>) {
    let (detection, looked) = detection.look(session).await.expect("looks");
    (detection, looked.alerts)
}

#[tokio::test]
async fn a_row_is_looked_at_once_unsealed_and_sealed() {
    let scratch = tempfile::tempdir().expect("a folder");
    let lines = refusals(0, 5);
    let (_world, unsealed) = session(&lines, 0);
    let detection = open(scratch.path(), &unsealed).await;
    let (detection, alerts) = look(detection, &unsealed).await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    // By its person, not by the account; and by the position of the first event.
    assert_eq!(
        (alerts[0].subject.as_str(), alerts[0].key.as_str()),
        ("ada", "push_bombing.fast-1-0-0")
    );
    let (_world, sealed) = session(&lines, 5);
    let (detection, alerts) = look(detection, &sealed).await;
    assert_eq!((alerts, detection.counted().0), (Vec::new(), 5));
    // What comes later is of the same incident, and is looked at.
    let (_world, more) = session(&refusals(0, 9), 5);
    let (detection, alerts) = look(detection, &more).await;
    assert_eq!((alerts, detection.counted().0), (Vec::new(), 9));
}

#[tokio::test]
async fn a_restart_raises_nothing_twice_and_goes_on() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (_world, first) = session(&refusals(0, 4), 2);
    let detection = open(scratch.path(), &first).await;
    let (mut detection, alerts) = look(detection, &first).await;
    assert_eq!(alerts, []);
    detection.save().expect("saved");
    drop(detection);
    // The fifth comes after the restart.
    let (_world, second) = session(&refusals(0, 5), 2);
    let (mut detection, alerts) = look(open(scratch.path(), &second).await, &second).await;
    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0].key, "push_bombing.fast-1-0-0");
    detection.save().expect("saved");
    let (detection, alerts) = look(open(scratch.path(), &second).await, &second).await;
    assert_eq!((alerts, detection.counted().0), (Vec::new(), 5));
}

#[tokio::test]
async fn what_is_damaged_is_made_again_and_the_trail_says_what_was_raised() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (_world, first) = session(&refusals(0, 5), 0);
    let (mut detection, alerts) = look(open(scratch.path(), &first).await, &first).await;
    detection.save().expect("saved");
    let file = scratch.path().join("detect/state");
    let mut bytes = std::fs::read(&file).expect("the file");
    let last = bytes.len() - 10;
    bytes[last] ^= 1;
    std::fs::write(&file, bytes).expect("written");
    // Without a trail the same alert comes again, under the same key.
    let (_, again) = look(open(scratch.path(), &first).await, &first).await;
    assert_eq!(again, alerts);
    // With one it doesn't.
    let record = alerts[0].record().expect("JSON").replace(' ', "\\u0020");
    let told = format!(
        "{}event 2026-03-02T08:04:00Z rollcall - admin unknown operation=alert flow={} resource=ada raw={record}\n",
        refusals(0, 5),
        alerts[0].key
    );
    let (_world, with_trail) = session(&told, 0);
    let (_, alerts) = look(open(scratch.path(), &with_trail).await, &with_trail).await;
    assert_eq!(alerts, []);
}

#[tokio::test]
async fn events_of_rollcalls_own_are_not_looked_at() {
    let scratch = tempfile::tempdir().expect("a folder");
    let own = "event 2026-03-02T08:04:00Z rollcall - admin success operation=triage flow=x\n";
    let (_world, session) = session(own, 0);
    let (detection, alerts) = look(open(scratch.path(), &session).await, &session).await;
    assert_eq!((alerts, detection.counted()), (Vec::new(), (0, 0)));
}

#[tokio::test]
async fn a_backtest_tells_the_same_and_leaves_no_trace() {
    let scratch = tempfile::tempdir().expect("a folder");
    let settings = settings(scratch.path());
    let period = |from: &str, to: &str| (fixture::micros(from), fixture::micros(to));
    for sealed in [0, 3, 5] {
        let (_world, session) = session(&refusals(0, 5), sealed);
        let week = period("2026-03-01T00:00:00Z", "2026-03-08T00:00:00Z");
        let found = backtest(&settings, &session, week).await.expect("a backtest");
        assert_eq!((found.events, found.learned), (5, 0));
        assert_eq!(found.alerts.len(), 1);
        assert_eq!(found.alerts[0].alert.key, "push_bombing.fast-1-0-0");
        let rate = found.rates().into_iter().find(|rate| rate.detector == "push_bombing");
        assert!((rate.expect("a rate").a_week - 1.0).abs() < 1e-9);
        // Before and after the period nothing counts; what is before is learned from.
        let after = period("2026-03-02T08:03:00Z", "2026-03-02T08:04:00Z");
        let found = backtest(&settings, &session, after).await.expect("a backtest");
        assert_eq!((found.events, found.learned, found.alerts.len()), (1, 3, 0));
    }
    assert!(!settings.file.exists());
}

#[tokio::test]
async fn a_policy_that_a_snapshot_has_switched_off_is_told_once() {
    let scratch = tempfile::tempdir().expect("a folder");
    let before = "event 2026-03-02T08:00:00Z okta ada@corp.example logon success\n\
        policy 2026-03-02 okta corp sign_on 00p1 enabled {} name=Default\n\
        policy 2026-03-02 okta corp sign_on 00p2 enabled {} name=Other\n";
    let (_world, first) = session(before, 0);
    let (detection, alerts) = look(open(scratch.path(), &first).await, &first).await;
    assert_eq!(alerts, []);
    let lines = format!(
        "{before}policy 2026-03-03 okta corp sign_on 00p1 report_only {{\"a\":1}} name=Default\n\
        policy 2026-03-03 okta corp sign_on 00p2 enabled {{\"a\":1}} name=Other\n"
    );
    // Another version of the table, as a commit makes it.
    let world = fixture::world(&lines);
    let mut snapshot = world.snapshot(0).as_ref().clone();
    let table = snapshot.tables.get_mut(&rollcall_lake::Table::VendorPolicies).expect("policies");
    table.version = Some(2);
    let catalog = Catalog::detached(Settings::default()).expect("a catalog");
    let second = catalog.session_on(std::sync::Arc::new(snapshot));
    let (detection, alerts) = look(detection, &second).await;
    let keys: Vec<&str> = alerts.iter().map(|alert| alert.key.as_str()).collect();
    assert_eq!(keys, ["factor_downgrade.weakened_policy-okta-00p1-2026-03-03"]);
    assert_eq!(alerts[0].subject, "okta: Default");
    assert!(alerts[0].evidence.is_empty() && alerts[0].observation.contains("report_only"));
    let (_, alerts) = look(detection, &second).await;
    assert_eq!(alerts, []);
}
