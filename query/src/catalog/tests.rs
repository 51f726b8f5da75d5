//! The views against rows worked out by hand (`query/views/*.slt`), and the
//! provider against what is in the files.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use rollcall_schemas::{Activity, Outcome, ocsf};

use super::world::Derived;
use crate::{Catalog, Session, Settings, fixture};

fn session(world: &fixture::World, sealed: usize) -> Session {
    let catalog = Catalog::detached(Settings::default()).expect("a catalog");
    catalog.session_on(world.snapshot(sealed))
}

fn rows(batches: &[RecordBatch]) -> Vec<String> {
    let options = FormatOptions::new().with_null("-");
    let mut lines = Vec::new();
    for batch in batches {
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column, &options).expect("a format"))
            .collect();
        for row in 0..batch.num_rows() {
            let cells: Vec<String> = columns.iter().map(|c| c.value(row).to_string()).collect();
            lines.push(cells.join(" "));
        }
    }
    lines
}

async fn run(session: &Session, sql: &str, derived: Derived) -> Vec<String> {
    let found = session.run("test", sql, Vec::new(), derived).await;
    rows(&found.unwrap_or_else(|error| panic!("{sql}: {error}")))
}

async fn one_number(session: &Session, sql: &str) -> i64 {
    let batches = session.run("test", sql, Vec::new(), Derived::Kept).await.expect(sql);
    batches[0].column(0).as_primitive::<Int64Type>().value(0)
}

async fn check(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("views").join(name);
    let text = std::fs::read_to_string(&path).expect("the file");
    let (data, queries) = text.split_once("\nsql ").expect("a query");
    let world = fixture::world(data);
    for sealed in [0, 7, usize::MAX] {
        let session = session(&world, sealed);
        for block in queries.split("\nsql ") {
            let (sql, expected) = block.split_once("\n----\n").expect("rows");
            // Planning what nothing is kept of takes seconds: once, over both kinds of rows.
            let computed = (sealed == 7).then_some(Derived::Computed);
            for derived in computed.into_iter().chain([Derived::Kept]) {
                // Behind an empty line stands what is said of the next one.
                let expected = expected.split("\n\n").next().unwrap_or_default();
                let found = run(&session, sql, derived).await;
                assert_eq!(
                    found.join("\n"),
                    expected.trim(),
                    "{name} {sql} ({derived:?}, {sealed} rows sealed)"
                );
            }
        }
    }
}

#[tokio::test]
async fn attempts_are_joined_judged_and_inherit() {
    check("attempts.slt").await;
}

#[tokio::test]
async fn steps_without_a_common_id_are_joined_by_person_or_request() {
    check("tries.slt").await;
}

#[tokio::test]
async fn a_prompt_that_two_vendors_tell_of_is_one() {
    check("tries_told_once.slt").await;
}

#[tokio::test]
async fn federated_sign_ins_inherit_what_the_provider_proves() {
    check("federated_sign_ins.slt").await;
}

#[tokio::test]
async fn accounts_are_those_in_force_at_the_time() {
    check("accounts.slt").await;
}

#[tokio::test]
async fn changes_of_some_people_leave_the_others_as_they_are() {
    check("people.slt").await;
}

#[tokio::test]
async fn a_days_last_import_of_factors_counts() {
    check("factors.slt").await;
}

#[tokio::test]
async fn versions_take_over_and_say_what_went_through_against_them() {
    check("policies.slt").await;
}

#[tokio::test]
async fn what_lies_in_marked_times_is_found_by_the_hour() {
    check("annotations.slt").await;
}

#[tokio::test]
async fn policies_are_the_newest_and_changes_those_between_snapshots() {
    check("vendor_policies.slt").await;
}

#[tokio::test]
async fn what_is_kept_whole_and_what_stands_on_it_follow_the_data() {
    let before = "
        person ada human okta:ada@corp.example
        event 2026-03-02T08:00:00Z okta ada@corp.example logon success
        event 2026-03-02T09:00:00Z okta bo@corp.example logon success";
    let after = &format!(
        "{before}
        event 2026-03-02T10:00:00Z github cy logon success"
    );
    let sql = "SELECT login, person FROM accounts ORDER BY login";
    let unmatched = "SELECT login FROM logins_seen
        WHERE login NOT IN (SELECT login FROM accounts) ORDER BY login";
    let catalog = Catalog::detached(Settings::default()).expect("a catalog");
    for (lines, strangers) in
        [(before, &["bo@corp.example"][..]), (after, &["bo@corp.example", "cy"])]
    {
        let world = fixture::world(lines);
        let session = catalog.session_on(world.snapshot(0));
        // Once to compute it, once from what is kept.
        for _ in 0..2 {
            for derived in [Derived::Kept, Derived::Counted] {
                assert_eq!(run(&session, sql, derived).await, ["ada@corp.example ada"]);
                assert_eq!(run(&session, unmatched, derived).await, strangers);
            }
        }
    }
    let joined = &format!(
        "{after}
        person bo human okta:bo@corp.example"
    );
    let world = fixture::world(joined);
    let (one, two) = (catalog.session_on(world.snapshot(0)), catalog.session_on(world.snapshot(0)));
    for session in [one, two] {
        let both = ["ada@corp.example ada", "bo@corp.example bo"];
        assert_eq!(run(&session, sql, Derived::Counted).await, both);
        assert_eq!(run(&session, unmatched, Derived::Counted).await, ["cy"]);
    }
}

const REVISED: &str = "
    event 2026-03-02T08:00:00Z entra ada logon interrupted
    event 2026-03-02T08:00:00Z entra ada logon success revises=0
    event 2026-03-02T09:00:00Z entra bo logon success
    event 2026-03-02T09:00:00Z entra bo logon failure revises=2
    event 2026-03-02T10:00:00Z entra cy logon success";

#[tokio::test]
async fn replaced_rows_are_left_out_of_events_only_wherever_they_lie() {
    let world = fixture::world(REVISED);
    for sealed in 0..=5 {
        let session = session(&world, sealed);
        let events = "SELECT seq, user_name, outcome FROM events ORDER BY seq";
        let expected = ["1 ada success", "3 bo failure", "4 cy success"];
        assert_eq!(run(&session, events, Derived::Kept).await, expected, "{sealed} sealed");
        assert_eq!(one_number(&session, "SELECT count(*) FROM events").await, 3);
        assert_eq!(one_number(&session, "SELECT count(*) FROM events_all").await, 5);
    }
}

#[tokio::test]
async fn counting_everything_reads_no_file() {
    let world = fixture::world(REVISED);
    let session = session(&world, 4);
    let plan = run(&session, "EXPLAIN SELECT count(*) FROM events", Derived::Kept).await.join("\n");
    assert!(!plan.contains("DataSourceExec"), "{plan}");
}

#[tokio::test]
async fn files_that_cannot_hold_a_time_are_not_opened() {
    let lines: Vec<String> = (1..=9)
        .map(|day| format!("event 2026-03-0{day}T08:00:00Z okta ada logon success"))
        .collect();
    let mut world = fixture::world(&lines.join("\n"));
    let batch = &world.events[0];
    let split: Vec<Arc<RecordBatch>> = (0..9).map(|row| Arc::new(batch.slice(row, 1))).collect();
    world.events = split;
    let session = session(&world, usize::MAX);
    let files = async |filter: &str| {
        let sql = format!("EXPLAIN SELECT user_name FROM events WHERE {filter}");
        let plan = run(&session, &sql, Derived::Kept).await.join("\n");
        plan.matches(".parquet").count()
    };
    // The logical and the physical plan: only the physical one names files.
    assert_eq!(files("time < TIMESTAMP '2026-03-02T00:00:00Z'").await, 1);
    assert_eq!(files("received >= TIMESTAMP '2026-03-08T00:00:00Z'").await, 2);
    assert_eq!(files("time > TIMESTAMP '2027-01-01T00:00:00Z'").await, 0);
    let open =
        "time >= TIMESTAMP '2026-03-03T00:00:00Z' AND time < TIMESTAMP '2026-03-04T00:00:00Z'";
    assert_eq!(files(open).await, 1);
    assert_eq!(files("user_name = 'ada'").await, 9);
}

#[tokio::test]
async fn every_table_and_view_is_explained() {
    let session = session(&fixture::world(REVISED), 2);
    let help = session.help().await.expect("help");
    for table in &help {
        assert!(!table.doc.is_empty(), "{} has no meaning", table.name);
        assert!(!table.columns.is_empty(), "{} has no columns", table.name);
    }
    let attempts = help.iter().find(|table| table.name == "attempts").expect("attempts");
    let proof = attempts.columns.iter().find(|c| c.name == "mfa_proof_kind").expect("a column");
    assert!(proof.doc.contains("timing"), "{}", proof.doc);
}

#[tokio::test]
async fn without_databases_places_are_those_that_sources_tell() {
    check("event_places.slt").await;
}

#[tokio::test]
async fn an_alert_is_what_its_updates_and_people_made_of_it() {
    check("alerts.slt").await;
}

#[tokio::test]
async fn ocsf_has_its_own_numbers_and_forms() {
    check("ocsf_authentication.slt").await;
}

#[tokio::test]
async fn the_ocsf_view_numbers_as_the_schema_crate_does() {
    let mut lines = String::new();
    let mut expected = Vec::new();
    for activity in Activity::ALL {
        for outcome in Outcome::ALL {
            let seq = lines.lines().count();
            let (of, to) = (activity.as_str(), outcome.as_str());
            lines.push_str(&format!("event 2026-03-02T08:00:00Z okta ada {of} {to}\n"));
            if let Some(class) = ocsf::class_uid(*activity) {
                let (activity, status) = (ocsf::activity_id(*activity), ocsf::status_id(*outcome));
                expected.push(format!("1-{seq}-0 {class} {activity} {status} {}", ocsf::VERSION));
            }
        }
    }
    let world = fixture::world(&lines);
    let session = session(&world, 3);
    let sql = "SELECT metadata['uid'], class_uid, activity_id, status_id, metadata['version']
        FROM ocsf_authentication";
    let mut found = run(&session, sql, Derived::Kept).await;
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}
