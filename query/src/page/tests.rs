//! Every page against rows worked out by hand.

mod adoption;

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::scalar::ScalarValue;
use rollcall_lake::{Segment, SegmentTags, ShardRange, Table, TableSnapshot};

use super::pages;
use crate::{Catalog, Filter, Grain, QueryError, Session, Settings, fixture};

/// By hand: 6 current events (0 is replaced by 1), 2 verdicts, 3 people.
const LINES: &str = "
    event 2026-03-02T08:00:00Z entra ada@corp.example logon interrupted ip=192.0.2.1
    event 2026-03-02T08:00:00Z entra ada@corp.example logon success mfa=performed factor=totp ip=192.0.2.1 revises=0
    event 2026-03-02T09:00:00Z okta bo@corp.example logon denied policy=p1 policy_result=denied blocked=true received=2026-03-02T09:00:10Z
    event 2026-03-02T09:00:00Z github stranger logon success
    event 2026-03-02T10:00:00Z okta bo@corp.example logon success policy=p1 policy_result=allowed received=2026-03-02T10:00:02Z
    event 2026-03-02T11:00:00Z okta admin@corp.example policy_change success policy=p1 operation=policy.update
    event 2026-03-03T08:00:00Z github stranger logon failure reason=bad_password
    aside 2026-03-02T12:00:00Z okta duplicate
    aside 2026-03-02T12:00:01Z github quarantined
    person ada human *:ada@corp.example team=red name=Ada manager=bo invited_on=2026-02-01
    person bo human *:bo@corp.example team=red name=Bo invited_on=2026-01-01
    person cy human *:cy@corp.example team=blue
    person robot service github:robot
    factor 2026-03-02 okta bo@corp.example none active
    factor 2026-03-02 entra ada@corp.example totp active
    factor 2026-03-02 okta ada@corp.example none active";

fn session(sealed: usize) -> Session {
    session_over(LINES, sealed)
}

fn session_over(lines: &str, sealed: usize) -> Session {
    let world = fixture::world(lines);
    let snapshot = world.snapshot(sealed);
    // Files must outlive the test.
    std::mem::forget(world);
    let catalog = Catalog::detached(Settings::default()).expect("a catalog");
    catalog.session_on(snapshot).at("2026-03-04T00:00:00Z".parse().expect("a time"))
}

fn shown(batches: &[RecordBatch]) -> String {
    let options = FormatOptions::new().with_null("-");
    let mut lines = Vec::new();
    for batch in batches {
        let format = |column| ArrayFormatter::try_new(column, &options).expect("a format");
        let columns: Vec<_> =
            batch.columns().iter().map(|column| format(column.as_ref())).collect();
        for row in 0..batch.num_rows() {
            let cells: Vec<String> = columns.iter().map(|c| c.value(row).to_string()).collect();
            lines.push(cells.join(" "));
        }
    }
    lines.join("\n")
}

async fn check(name: &str, parameters: &[(&str, ScalarValue)], expected: &str) {
    check_over(LINES, name, parameters, expected).await;
}

async fn check_over(lines: &str, name: &str, parameters: &[(&str, ScalarValue)], expected: &str) {
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    for sealed in [0, 3, usize::MAX] {
        let found = session_over(lines, sealed).page(name, parameters).await;
        let found = found.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(shown(&found), expected.join("\n"), "{name} ({sealed} rows sealed)");
    }
}

fn number(value: i64) -> ScalarValue {
    ScalarValue::Int64(Some(value))
}

fn text(value: &str) -> ScalarValue {
    ScalarValue::Utf8(Some(value.to_owned()))
}

fn march() -> Vec<(&'static str, ScalarValue)> {
    vec![
        ("from_us", number(fixture::micros("2026-03-01T00:00:00Z"))),
        ("to_us", number(fixture::micros("2026-04-01T00:00:00Z"))),
    ]
}

fn march_and(more: &[(&'static str, ScalarValue)]) -> Vec<(&'static str, ScalarValue)> {
    march().into_iter().chain(more.iter().cloned()).collect()
}

#[tokio::test]
async fn overview_and_facets() {
    let totals = "6 1 2 3 3 2026-03-02T08:00:00Z 2026-03-03T08:00:00Z 2026-03-03T08:00:01Z";
    check("overview_totals", &[], totals).await;
    let facets = "
        activity logon 5
        activity policy_change 1
        factor totp 1
        mfa unknown 5
        mfa performed 1
        outcome success 4
        outcome denied 1
        outcome failure 1
        platform idp 4
        platform source_control 2
        source okta 3
        source github 2
        source entra 1";
    check("events_facets", &march(), facets).await;
}

#[tokio::test]
async fn events_come_newest_first_and_page_by_page() {
    let first = "
        2026-03-03T08:00:00Z 2026-03-03T08:00:01Z github logon failure bad_password stranger - source_control - unknown - - - - 1 6 0 - - - -
        2026-03-02T11:00:00Z 2026-03-02T11:00:01Z okta policy_change success - admin@corp.example - idp - unknown - - - policy.update 1 5 0 - - - -
        2026-03-02T10:00:00Z 2026-03-02T10:00:02Z okta logon success - bo@corp.example bo idp - unknown - - - - 1 4 0 - - - -
        2026-03-02T09:00:00Z 2026-03-02T09:00:01Z github logon success - stranger - source_control - unknown - - - - 1 3 0 - - - -";
    check("events_list", &march_and(&[("limit", number(4))]), first).await;
    let second = "
        2026-03-02T09:00:00Z 2026-03-02T09:00:10Z okta logon denied - bo@corp.example bo idp - unknown - - - - 1 2 0 - - - -
        2026-03-02T08:00:00Z 2026-03-02T08:00:01Z entra logon success - ada@corp.example ada idp - performed totp 192.0.2.1 - - 1 1 0 - - - -";
    let behind = [
        ("limit", number(4)),
        ("before_time_us", number(fixture::micros("2026-03-02T09:00:00Z"))),
        ("before_shard", number(1)),
        ("before_seq", number(3)),
        ("before_part", number(0)),
    ];
    check("events_list", &march_and(&behind), second).await;
    let filtered = "2026-03-02T09:00:00Z 2026-03-02T09:00:10Z okta logon denied - bo@corp.example bo idp - unknown - - - - 1 2 0 - - - -";
    let only = [
        ("limit", number(4)),
        ("user", text("bo@corp.example")),
        ("outcome", text("denied")),
        ("source", ScalarValue::Null),
    ];
    check("events_list", &march_and(&only), filtered).await;
}

#[tokio::test]
async fn one_event_names_what_replaced_it() {
    let at = |seq| {
        [
            ("shard", ScalarValue::Int32(Some(1))),
            ("seq", number(seq)),
            ("part", ScalarValue::Int32(Some(0))),
        ]
    };
    for (seq, replaced_by) in [(0, "1 1 0"), (1, "- - -"), (4, "- - -")] {
        let found = session(3).page("event_one", &at(seq)).await.expect("an event");
        let line = shown(&found);
        assert!(line.ends_with(replaced_by), "{seq}: {line}");
        assert!(line.starts_with(&format!("1 {seq} 0")), "{seq}: {line}");
    }
    assert_eq!(shown(&session(3).page("event_one", &at(99)).await.expect("nothing")), "");
}

#[tokio::test]
async fn sources_and_quarantine() {
    // okta's gaps: 1 hour, 1 hour; its lags 10, 2 and 1 s. Silent since 12:00 on
    // 2 March. github: 23 hours.
    let health = "
        entra 1 0 2026-03-02T08:00:01Z 2026-03-02T08:00:01Z 1.0 1.0 0 0 0 0 143999 -
        github 2 0 2026-03-02T09:00:01Z 2026-03-03T08:00:01Z 1.0 1.0 0 0 1 0 57599 82800.0
        okta 3 0 2026-03-02T09:00:10Z 2026-03-02T12:00:00Z 2.0 10.0 1 0 0 0 129600 3600.0";
    check("sources_health", &[], health).await;
    let quarantined = "1 8 0 2026-03-02T12:00:01Z github - by hand 726177 1 by hand 1";
    check("quarantine_list", &[("limit", number(5))], quarantined).await;
}

/// Of three records that couldn't be read one was replayed and is a duplicate now.
const REPLAYED: &str = "
    event 2026-03-02T09:00:00Z github ada logon success
    aside 2026-03-02T10:00:00Z github quarantined
    aside 2026-03-02T11:00:00Z github quarantined
    aside 2026-03-02T12:00:00Z github quarantined replayed
    aside 2026-03-02T12:00:00Z github duplicate";

#[tokio::test]
async fn what_was_replayed_is_no_longer_in_quarantine() {
    let health = "
        github 1 0 2026-03-02T09:00:01Z 2026-03-02T12:00:00Z 1.0 1.0 1 0 2 0 129600 -";
    check_over(REPLAYED, "sources_health", &[], health).await;
    let filter = Filter {
        from: "2026-03-01".parse().expect("a day"),
        to: "2026-04-01".parse().expect("a day"),
        time_zone: chrono_tz::UTC,
        grain: Grain::Total,
        by: None,
        only: Vec::new(),
    };
    for sealed in [0, usize::MAX] {
        let answer = session_over(REPLAYED, sealed).metric("attempts/success_rate", &filter).await;
        assert_eq!(answer.expect("an answer").completeness.quarantined, 2);
    }
}

/// As of Wednesday 4 March, 00:00. okta's collector has talked on Tuesday evenings since
/// 27 January and 8 times between 00:00 and 01:00 on 4 of 5 Wednesdays: every 2250 s. It is
/// silent since 21:00, for longer than three times that, and talked in that stretch in all
/// of its 4 weeks. sshd, silent since 20:00, missed the evening of 10 February.
const RHYTHMS: &str = "
    import 2
    event 2026-01-27T22:30:00Z okta ada logon success collector=pull
    event 2026-02-03T22:30:00Z okta ada logon success collector=pull
    event 2026-02-04T00:10:00Z okta ada logon success collector=pull
    event 2026-02-04T00:20:00Z okta ada logon success collector=pull
    event 2026-02-10T22:30:00Z okta ada logon success collector=pull
    event 2026-02-11T00:10:00Z okta ada logon success collector=pull
    event 2026-02-11T00:20:00Z okta ada logon success collector=pull
    event 2026-02-17T22:30:00Z okta ada logon success collector=pull
    event 2026-02-18T00:10:00Z okta ada logon success collector=pull
    event 2026-02-18T00:20:00Z okta ada logon success collector=pull
    event 2026-02-24T22:30:00Z okta ada logon success collector=pull
    event 2026-02-25T00:10:00Z okta ada logon success collector=pull
    event 2026-02-25T00:20:00Z okta ada logon success collector=pull
    event 2026-03-03T21:00:00Z okta ada logon success collector=pull
    event 2026-01-27T22:30:00Z sshd cy logon success
    event 2026-02-03T22:30:00Z sshd cy logon success
    event 2026-02-17T22:30:00Z sshd cy logon success
    event 2026-02-24T22:30:00Z sshd cy logon success
    event 2026-03-03T20:00:00Z sshd cy logon success
    event 2026-03-01T00:00:00Z entra bo logon success
    event 2026-03-03T23:50:00Z github di access success
    event 2026-03-01T00:00:00Z rollcall ada feedback success
    event 2026-03-01T00:00:00Z vault ed access success shard=2 collector=file";

#[tokio::test]
async fn a_collectors_silence_is_told_against_its_own_weeks() {
    let health = "
        okta pull quieter_than_usual 10799 2250.0 4 4 2026-03-03T21:00:01Z 2026-03-03T21:00:00Z 1 1.0 1.0 1.0 4 1 0 1
        entra test stopped 259199 - 0 0 2026-03-01T00:00:01Z 2026-03-01T00:00:00Z 1 1.0 1.0 1.0 4 1 0 1
        sshd test as_usual 14399 - 3 4 2026-03-03T20:00:01Z 2026-03-03T20:00:00Z 1 1.0 1.0 1.0 4 1 0 1
        github test talking 599 - 0 0 2026-03-03T23:50:01Z 2026-03-03T23:50:00Z 1 1.0 1.0 1.0 4 1 0 1";
    check_over(RHYTHMS, "collectors_health", &march_and(&[("limit", number(9))]), health).await;
    // A duplicate that another of okta's collectors brought is no sign of life of this one.
    let more = format!("{RHYTHMS}\n    aside 2026-03-03T23:59:00Z okta duplicate");
    let session = session_over(&more, 0);
    let given = march_and(&[("limit", number(9))]);
    let found = shown(&session.page("collectors_health", &given).await.expect("an answer"));
    assert!(found.contains("okta pull quieter_than_usual"), "another collector's: {found}");
    assert!(found.contains("okta test talking 60 - 0 0"), "what it sent was set aside: {found}");
}

/// As of Wednesday 4 March, 00:00. a and b were there for ten days, and have been silent
/// for 7 days and for a second less; c for as long as it was active (30 h), d for longer;
/// e and f, which sent once, for a day and for a second less. What duo and vault sent was
/// all set aside.
const YOUNG: &str = "
    import 2
    event 2026-02-15T00:00:00Z a ada logon success
    event 2026-02-24T23:59:59Z a ada logon success
    event 2026-02-15T00:00:00Z b ada logon success
    event 2026-02-25T00:00:00Z b ada logon success
    event 2026-03-01T11:59:59Z c ada logon success
    event 2026-03-02T17:59:59Z c ada logon success
    event 2026-03-01T11:59:59Z d ada logon success
    event 2026-03-02T17:59:58Z d ada logon success
    event 2026-03-02T23:59:59Z e ada logon success
    event 2026-03-03T00:00:00Z f ada logon success
    aside 2026-03-03T23:59:00Z duo duplicate
    aside 2026-02-20T00:00:00Z vault quarantined";

#[tokio::test]
async fn a_collector_that_stopped_before_its_weeks_were_known_is_raised() {
    let health = "
        vault test stopped 1036800 - 0 0 2026-02-20T00:00:00Z - 0 - - - 8 0 3 4
        a test stopped 604800 7200.0 1 1 2026-02-25T00:00:00Z 2026-02-24T23:59:59Z 0 - - - 8 0 3 4
        d test stopped 108001 - 0 0 2026-03-02T17:59:59Z 2026-03-02T17:59:58Z 2 1.0 1.0 1.0 8 0 3 4
        e test stopped 86400 - 0 0 2026-03-03T00:00:00Z 2026-03-02T23:59:59Z 1 1.0 1.0 1.0 8 0 3 4
        b test learning 604799 7200.0 0 1 2026-02-25T00:00:01Z 2026-02-25T00:00:00Z 0 - - - 8 0 3 4
        c test learning 108000 - 0 0 2026-03-02T18:00:00Z 2026-03-02T17:59:59Z 2 1.0 1.0 1.0 8 0 3 4
        f test learning 86399 - 0 0 2026-03-03T00:00:01Z 2026-03-03T00:00:00Z 1 1.0 1.0 1.0 8 0 3 4
        duo test talking 60 - 0 0 2026-03-03T23:59:00Z - 0 - - - 8 0 3 4";
    check_over(YOUNG, "collectors_health", &march_and(&[("limit", number(9))]), health).await;
}

#[tokio::test]
async fn rejects_are_counted_by_reason_and_shown_page_by_page() {
    let limit = |n| ("limit", number(n));
    let rejects = "okta by hand 3 2026-03-02T12:00:00Z 2026-03-02T12:00:02Z 1 3";
    check_over(MANY, "rejects_by_reason", &march_and(&[limit(9)]), rejects).await;
    let facets = "
        source okta 3
        reason by hand 3";
    check_over(MANY, "quarantine_facets", &[("source", text("okta"))], facets).await;
    check_over(MANY, "quarantine_facets", &[("source", text("github"))], "source okta 3").await;
    let first = "
        2026-03-02T12:00:02Z okta - test by hand 0 726177 1 10 0
        2026-03-02T12:00:01Z okta - test by hand 0 726177 1 9 0";
    let of = [("source", text("okta")), ("reason", text("by hand")), limit(2)];
    check_over(MANY, "quarantine_page", &of, first).await;
    let behind = [
        ("before_received_us", number(fixture::micros("2026-03-02T12:00:01Z"))),
        ("before_shard", number(1)),
        ("before_seq", number(9)),
        ("before_part", number(0)),
        limit(2),
    ];
    let second = "2026-03-02T12:00:00Z okta - test by hand 0 726177 1 8 0";
    check_over(MANY, "quarantine_page", &behind, second).await;
    let none = [("reason", text("another")), limit(2)];
    check_over(MANY, "quarantine_page", &none, "").await;
}

/// 2 March was asked for twice: the second time nothing is missing any more.
const RECONCILED: &str = "
    reconciled 2026-03-03T04:00:00Z okta okta 2026-03-02 reconciled vendor=10 stored=7 missing=3 fetched=1 extra=0
    reconciled 2026-03-03T05:00:00Z okta okta 2026-03-02 reconciled vendor=10 stored=8 missing=2 fetched=2 extra=0
    reconciled 2026-03-03T04:00:00Z duo-auth duo 2026-03-01 reconciled vendor=5 stored=3 missing=2 fetched=1 extra=1
    reconciled 2026-03-03T04:00:00Z github github 2026-03-01 not_reconciled reason=forbidden";

#[tokio::test]
async fn the_newest_outcome_of_a_period_counts_and_streams_say_how_far_they_are() {
    let outcomes = "
        2026-03-02T00:00:00Z 2026-03-03T00:00:00Z okta okta reconciled - 10 8 2 2 0 0 2026-03-03T05:00:00Z 3 2 15 1 1
        2026-03-01T00:00:00Z 2026-03-02T00:00:00Z duo duo-auth reconciled - 5 3 2 1 1 1 2026-03-03T04:00:00Z 3 2 15 1 1";
    check_over(RECONCILED, "reconciliations_list", &[("limit", number(2))], outcomes).await;
    let lines = format!("stream 1\nstream 3\nimport 2\n{LINES}");
    let session = session_over(&lines, usize::MAX);
    let streams = session.page("streams_health", &[("limit", number(9))]).await;
    // Sealed at no time that the fixture tells: in 1970.
    let expected = [
        "1 log by hand 7 7 0 0 2026-03-03T08:00:01Z 1970-01-01T00:00:00Z 1772582400 2 7 0 0",
        "3 log by hand 0 0 0 0 - - - 2 7 0 0",
    ];
    assert_eq!(shown(&streams.expect("an answer")), expected.join("\n"));
}

/// A file that accounts for records `from` to `to` of shard 3, committed `s` seconds
/// after 1970 began.
fn accounting(table: Table, s: i64, (from, to): (i64, i64), rows: i64) -> Arc<Segment> {
    // Each seal's second record never existed.
    let gaps = vec![(from + 1, from + 2)];
    let range = ShardRange { from, gaps, rows, shard: 3, to, ..ShardRange::default() };
    Arc::new(Segment {
        table,
        name: format!("{}-{from}-{to}", table.name()),
        path: PathBuf::new(),
        bytes: 0,
        tags: SegmentTags { ranges: vec![range], ..SegmentTags::default() },
        committed: s * 1_000,
    })
}

#[tokio::test]
async fn a_stream_is_sealed_as_far_as_its_verdicts_are() {
    // Records 0 to 9 gave 7 events and 2 verdicts, told in both files; 10 to 19 verdicts alone.
    let of =
        |table, segments| (table, TableSnapshot { version: Some(1), segments: Arc::new(segments) });
    let world = fixture::world("stream 3");
    let mut snapshot = (*world.snapshot(0)).clone();
    snapshot.tables.extend([
        of(Table::Events, vec![accounting(Table::Events, 60, (0, 10), 7)]),
        of(
            Table::SetAside,
            vec![
                accounting(Table::SetAside, 50, (0, 10), 7),
                accounting(Table::SetAside, 120, (10, 20), 0),
            ],
        ),
    ]);
    let catalog = Catalog::detached(Settings::default()).expect("a catalog");
    let session = catalog.session_on(Arc::new(snapshot));
    let session = session.at("1970-01-01T00:05:00Z".parse().expect("a time"));
    let streams = session.page("streams_health", &[("limit", number(9))]).await;
    let expected = "3 log by hand 20 7 0 2 - 1970-01-01T00:02:00Z 180 1 7 0 2";
    assert_eq!(shown(&streams.expect("an answer")), expected);
}

#[tokio::test]
async fn people_accounts_and_policies() {
    // ada's one login is of two accounts, and one of them has no factor. cy was
    // looked at nowhere.
    let missing = "
        bo Bo red - - - 2026-01-01 2026-03-02T10:00:00Z okta:bo@corp.example 2 2 red 2
        ada Ada red - bo - 2026-02-01 2026-03-02T08:00:00Z okta:ada@corp.example 2 2 red 2";
    let on = ("as_of_date", ScalarValue::Utf8(Some("2026-03-03".to_owned())));
    check("missing_factors", &[on, ("limit", number(9))], missing).await;
    // Two logins, one without a factor: counted as having none, and listed.
    let two = "
        person ada human okta:ada@corp.example,github:ada team=red name=Ada
        person bo human okta:bo@corp.example,ssh:bo team=red name=Bo
        factor 2026-03-02 okta ada@corp.example totp active
        factor 2026-03-02 github ada none active
        factor 2026-03-02 okta bo@corp.example totp active";
    let on = ("as_of_date", ScalarValue::Utf8(Some("2026-03-03".to_owned())));
    let missing = "ada Ada red - - - - - github:ada 1 1 red 1";
    check_over(two, "missing_factors", &[on, ("limit", number(9))], missing).await;
    check(
        "policy_changes",
        &march_and(&[("limit", number(9))]),
        "2026-03-02T11:00:00Z okta p1 policy.update admin@corp.example 1 true 1 1 1",
    )
    .await;
    let unmatched = "github stranger 2 2026-03-03T08:00:00Z 1 2 1";
    check("unmatched_accounts", &[("limit", number(9))], unmatched).await;
    let blocked = "okta p1 enforced 2 1 0 1 1 1 0";
    check("blocked_by_policy", &march_and(&[("limit", number(9))]), blocked).await;
}

/// By hand: root's sign-in, ada's recovery code, cy's reset. What failed, and an
/// ordinary sign-in, are none.
const GLASS: &str = "
    person root break_glass okta:root
    person ada human okta:ada
    person cy human okta:cy
    event 2026-03-02T08:00:00Z okta root logon success mfa=none ip=192.0.2.1 country=DE
    event 2026-03-02T09:00:00Z okta root logon failure reason=bad_password
    event 2026-03-02T10:00:00Z okta ada logon success mfa=performed factor=recovery_code service=Mail
    event 2026-03-02T11:00:00Z okta ada logon success mfa=performed factor=totp
    event 2026-03-03T08:00:00Z okta cy factor_reset success
    event 2026-03-03T09:00:00Z okta cy factor_reset failure";

#[tokio::test]
async fn every_way_past_the_second_factor_is_listed() {
    let uses = "
        2026-03-03T08:00:00Z factor_reset okta - cy cy - - - - 1 4 0 3 0
        2026-03-02T10:00:00Z recovery_code okta Mail ada ada - - - - 1 2 0 3 0
        2026-03-02T08:00:00Z break_glass_account okta - root root - - 192.0.2.1 DE 1 0 0 3 0";
    check_over(GLASS, "break_glass_uses", &march_and(&[("limit", number(9))]), uses).await;
}

/// okta's collector first delivered at 09:00: what it brought of February it
/// caught up on. The other lags are 3 and 20 s. github came from a file.
const NOT_LIVE: &str = "
    import 2
    event 2026-02-01T08:00:00Z github ada logon success shard=2 collector=import received=2026-03-02T09:00:00Z
    event 2026-02-02T08:00:00Z okta ada logon success shard=2 collector=import received=2026-03-02T09:00:00Z
    event 2026-02-10T08:00:00Z okta ada logon success collector=pull received=2026-03-02T09:00:00Z
    event 2026-03-02T09:00:00Z okta ada logon success collector=pull received=2026-03-02T09:00:03Z
    event 2026-03-02T10:00:00Z okta ada logon success collector=pull received=2026-03-02T10:00:20Z";

#[tokio::test]
async fn imports_and_what_a_collector_caught_up_on_are_not_late() {
    let health = "
        github 1 1 2026-03-02T09:00:00Z 2026-03-02T09:00:00Z - - 0 0 0 0 140400 -
        okta 4 1 2026-03-02T09:00:00Z 2026-03-02T10:00:20Z 3.0 20.0 0 0 0 0 136780 3600.0";
    check_over(NOT_LIVE, "sources_health", &[], health).await;
    let filter = |from: &str, to: &str| Filter {
        from: from.parse().expect("a day"),
        to: to.parse().expect("a day"),
        time_zone: chrono_tz::UTC,
        grain: Grain::Total,
        by: None,
        only: Vec::new(),
    };
    for sealed in [0, 3, usize::MAX] {
        let session = session_over(NOT_LIVE, sealed);
        let completeness = async |from, to| {
            let answer = session.metric("attempts/success_rate", &filter(from, to)).await;
            answer.expect("an answer").completeness
        };
        let all = completeness("2026-02-01", "2026-03-04").await;
        assert_eq!((all.lag_p95_s, all.live), (Some(20.0), (2, 5)));
        let before = completeness("2026-02-01", "2026-03-01").await;
        assert_eq!((before.lag_p95_s, before.live), (None, (0, 3)));
        assert!(before.silent_sources.iter().all(|source| source != "github"), "{before:?}");
    }
}

/// Two of how people sign in; three of what they may do, in two rows.
const POLICIES: &str = "
    event 2026-03-02T08:00:00Z github ada policy_change success operation=environment.update_protection_rule
    event 2026-03-02T09:00:00Z github ada policy_change success operation=environment.update_protection_rule
    event 2026-03-02T10:00:00Z github ada policy_change success operation=org.enable_two_factor_requirement
    event 2026-03-02T11:00:00Z cloudtrail bo policy_change success operation=PutRolePolicy
    event 2026-03-02T07:00:00Z entra bo policy_change success operation=Update_policy";

#[tokio::test]
async fn changes_of_how_people_sign_in_come_first_and_others_are_counted() {
    let changes = "
        2026-03-02T10:00:00Z github - org.enable_two_factor_requirement ada 1 true 4 2 5
        2026-03-02T07:00:00Z entra - Update_policy bo 1 true 4 2 5
        2026-03-02T11:00:00Z cloudtrail - PutRolePolicy bo 1 false 4 2 5
        2026-03-02T09:00:00Z github - environment.update_protection_rule ada 2 false 4 2 5";
    check_over(POLICIES, "policy_changes", &march_and(&[("limit", number(9))]), changes).await;
}

/// More of each than a list of two shows. The busiest account is github's, most
/// are okta's; most who miss a factor are red, and the first who was invited is blue.
const MANY: &str = "
    event 2026-03-02T08:00:00Z okta a logon failure
    event 2026-03-02T08:00:00Z okta b logon failure
    event 2026-03-02T08:00:00Z okta c logon failure
    event 2026-03-02T08:00:00Z github d logon failure
    event 2026-03-02T09:00:00Z github d logon failure
    event 2026-03-02T08:00:00Z okta p1 logon denied policy=p1 policy_result=denied
    event 2026-03-02T08:00:00Z okta p1 logon denied policy=p2 policy_result=denied
    event 2026-03-02T08:00:00Z okta p1 logon success policy=p3 policy_result=would_deny
    person p1 human *:p1 team=red name=P1 invited_on=2026-01-02
    person p2 human *:p2 team=red name=P2 invited_on=2026-01-03
    person p3 human *:p3 team=blue name=P3 invited_on=2026-01-01
    factor 2026-03-02 okta p1 none active
    factor 2026-03-02 okta p2 none active
    factor 2026-03-02 okta p3 none active
    aside 2026-03-02T12:00:00Z okta quarantined
    aside 2026-03-02T12:00:01Z okta quarantined
    aside 2026-03-02T12:00:02Z okta quarantined";

#[tokio::test]
async fn a_list_that_is_cut_off_knows_how_many_there_are() {
    let two = ("limit", number(2));
    let accounts = "
        github d 2 2026-03-02T09:00:00Z 4 5 1
        okta a 1 2026-03-02T08:00:00Z 4 5 3";
    check_over(MANY, "unmatched_accounts", std::slice::from_ref(&two), accounts).await;
    let on = ("as_of_date", text("2026-03-03"));
    let missing = "
        p3 P3 blue - - - 2026-01-01 - okta:p3 3 1 red 2
        p1 P1 red - - - 2026-01-02 2026-03-02T08:00:00Z okta:p1 3 2 red 2";
    check_over(MANY, "missing_factors", &[on, two.clone()], missing).await;
    let policies = "
        okta p1 enforced 1 1 0 1 3 2 1
        okta p2 enforced 1 1 0 1 3 2 1";
    check_over(MANY, "blocked_by_policy", &march_and(std::slice::from_ref(&two)), policies).await;
    let held = "
        1 10 0 2026-03-02T12:00:02Z okta - by hand 726177 3 by hand 3
        1 9 0 2026-03-02T12:00:01Z okta - by hand 726177 3 by hand 3";
    check_over(MANY, "quarantine_list", &[two], held).await;
}

#[tokio::test]
async fn a_page_takes_its_parameters_and_no_others() {
    let session = session(0);
    let missing = session.page("quarantine_list", &[]).await.expect_err("a limit is missing");
    assert_eq!(missing.to_string(), "parameter limit of quarantine_list is missing");
    let unknown = session.page("quarantine_list", &[("limit", number(1)), ("x", number(1))]).await;
    assert!(matches!(unknown, Err(QueryError::Parameter { .. })));
    let wrong = session.page("quarantine_list", &[("limit", text("many"))]).await;
    assert!(wrong.expect_err("not a number").to_string().contains("is not a bigint"));
    let page = session.page("nothing", &[]).await.expect_err("no such page");
    assert!(page.to_string().contains("there are overview_totals"), "{page}");
}

#[tokio::test]
async fn every_page_answers_over_nothing() {
    let catalog = Catalog::detached(Settings::default()).expect("a catalog");
    let session = catalog.session();
    let given: Vec<(&str, ScalarValue)> = march_and(&[
        ("limit", number(1)),
        ("shard", number(1)),
        ("seq", number(1)),
        ("part", number(1)),
        ("as_of_date", text("2026-03-03")),
    ]);
    for page in pages() {
        let wanted = super::parameters(page.sql);
        let given: Vec<_> = given
            .iter()
            .filter(|(name, _)| wanted.iter().any(|w| w.name == *name))
            .cloned()
            .collect();
        let found = session.page(page.name, &given).await;
        found.unwrap_or_else(|error| panic!("{}: {error}", page.name));
    }
}
