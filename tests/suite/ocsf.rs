//! `ocsf_authentication` against OCSF's own schema: every source's fixtures, the
//! company's days, and rows that are broken on purpose.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::rollcall::Rollcall;
use crate::views::company;

/// What the schema says of each row, in their order.
fn judged(rollcall: &Rollcall, rows: &[Value]) -> Vec<String> {
    let python = crate::rollcall::python(&["ocsf_json_schema", "jsonschema"]);
    let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
    let output = Command::new(python)
        .arg("-c")
        .arg(include_str!("ocsf.py"))
        .stdin(std::fs::File::open(rollcall.file("rows.ndjson", lines)).expect("the rows"))
        .output()
        .expect("python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Vec<String> =
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    assert_eq!(said.len(), rows.len(), "a word on each row");
    said
}

/// Rows of the view.
fn rows(rollcall: &Rollcall, condition: &str) -> Vec<Value> {
    let query = format!("SELECT * FROM ocsf_authentication WHERE {condition}");
    let text = rollcall.run(&["sql", "--format", "ndjson", &query]);
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// How many rows each source has in each class; all must be valid.
#[track_caller]
fn valid(rollcall: &Rollcall, rows: &[Value]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (row, said) in rows.iter().zip(judged(rollcall, rows)) {
        let Some(form) = said.strip_prefix("valid ") else { panic!("{said}\n{row}") };
        *counts.entry(form.to_owned()).or_default() += 1;
    }
    counts
}

/// The names of all sources, from the program.
fn sources(rollcall: &Rollcall) -> Vec<String> {
    let listed = rollcall.run(&["source", "list"]);
    listed.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn fixtures(source: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("ingest/src/source").join(source).join("fixtures");
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|_| panic!("{source} has none"));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

/// A directory with the fixtures of every source.
fn all_fixtures() -> Rollcall {
    let rollcall = Rollcall::new();
    for source in sources(&rollcall) {
        let files = fixtures(&source);
        let files = files.iter().map(|file| file.to_str().expect("a path"));
        let arguments: Vec<&str> =
            ["ingest", "--source", &source].into_iter().chain(files).collect();
        let output = rollcall.output(&arguments);
        // 1: what is broken on purpose is quarantined.
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{source}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    rollcall
}

#[test]
fn every_source_gives_valid_ocsf() {
    let rollcall = all_fixtures();
    let rows = rows(&rollcall, "true");
    let counts = valid(&rollcall, &rows);
    // What people say of signing in has no class there.
    for source in sources(&rollcall).into_iter().filter(|source| source != "rollcall") {
        let of_it: Vec<_> =
            counts.iter().filter(|(form, _)| form.split(' ').next() == Some(&source)).collect();
        assert!(!of_it.is_empty(), "{source} gives no row in ocsf_authentication: {counts:?}");
    }
    let wanted = "SELECT count(*) FROM events WHERE activity IN ('logon', 'logoff', 'challenge', \
                  'verify', 'token_issue', 'elevate', 'enroll', 'unenroll', 'factor_reset', \
                  'recovery', 'account_change')";
    assert_eq!(i64::try_from(rows.len()).expect("few"), rollcall.number(wanted));
}

#[test]
fn the_companys_rows_are_valid_ocsf() {
    let rollcall = company();
    let counts = valid(&rollcall, &rows(&rollcall, "time % 5 = 0 OR class_uid = 3001"));
    assert!(counts.contains_key("okta 3001") && counts.contains_key("okta 3002"), "{counts:?}");
}

/// Where the schema must say so, and what breaks a row.
type Break = (&'static str, fn(&mut Value));

const BREAKS: &[Break] = &[
    ("$.activity_id:", |row| row["activity_id"] = json!(77)),
    ("$.activity_name:", |row| row["activity_name"] = json!(7)),
    ("$.activity_id:", |row| row["activity_name"] = json!("Somersault")),
    ("$.class_uid:", |row| row["class_uid"] = json!(3007)),
    ("$.type_uid:", |row| row["type_uid"] = json!(300_202)),
    ("$.time:", |row| row["time"] = json!("yesterday")),
    ("$.status_id: 99", |row| {
        (row["status_id"], row["status"]) = (json!(99), Value::Null);
    }),
    ("$:", |row| row["user"] = Value::Null),
    ("$:", |row| row["service"] = Value::Null),
    ("$:", |row| row["colour"] = json!("red")),
    ("$:", |row| {
        row["metadata"]["profiles"] = Value::Null;
        row["policy"] = json!({"uid": "p1"});
    }),
    ("$.user:", |row| row["user"] = json!({"type": "User"})),
    ("$.user.email_addr:", |row| row["user"]["email_addr"] = json!("zoë@corp.example")),
    ("$.src_endpoint.ip:", |row| row["src_endpoint"]["ip"] = json!("somewhere")),
    ("$.metadata:", |row| row["metadata"]["product"] = Value::Null),
    ("$.metadata.version:", |row| row["metadata"]["version"] = json!("1.7.0")),
    ("$.auth_factors[0]", |row| row["auth_factors"] = json!([{"factor_type": "OTP"}])),
    ("$.auth_factors.factor_type_id:", |row| {
        row["auth_factors"] = json!([{"factor_type": "push", "factor_type_id": 5}]);
    }),
];

#[test]
fn what_is_broken_is_told_by_the_schema() {
    let rollcall = Rollcall::new();
    let okta = fixtures("okta").into_iter().find(|path| path.ends_with("session_start.ndjson"));
    rollcall.ingest(&okta.expect("a fixture"));
    let whole = rows(&rollcall, "activity_id = 1 AND src_endpoint IS NOT NULL LIMIT 1").remove(0);
    assert_eq!(judged(&rollcall, std::slice::from_ref(&whole)), ["valid okta 3002"]);
    let broken: Vec<Value> = BREAKS
        .iter()
        .map(|(_, damage)| {
            let mut row = whole.clone();
            damage(&mut row);
            row
        })
        .collect();
    for ((place, _), said) in BREAKS.iter().zip(judged(&rollcall, &broken)) {
        assert!(said.starts_with(&format!("invalid {place}")), "{place} {said}");
    }
}
