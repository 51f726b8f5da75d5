//! Other engines read the tables as they are.

use std::process::Command;

use crate::rollcall::{Rollcall, github};

const SCRIPT: &str = include_str!("open.py");

#[test]
fn deltalake_and_duckdb_agree_with_us() {
    let python = crate::rollcall::python(&["deltalake", "duckdb"]);
    let rollcall = Rollcall::new();
    let mut lines = github(0, 30_000);
    lines.push_str(&github(100, 50));
    rollcall.ingest(&rollcall.file("audit.ndjson", &lines));
    let output = Command::new(python)
        .arg("-c")
        .arg(SCRIPT)
        .arg(rollcall.data().join("events"))
        .output()
        .expect("python runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let theirs: Vec<&str> = text.lines().collect();
    let ours = rollcall.sql(
        "SELECT count(*), sum(seq), sum(part), sum(shard), count(DISTINCT user_name), count(source_event_id), sum(length(operation)), count(*) FILTER (WHERE outcome = 'success'), CAST(min(time) AS BIGINT), CAST(max(time) AS BIGINT) FROM events_all",
    );
    assert_eq!(theirs.len(), 2, "{text}");
    assert_eq!(theirs[0], theirs[1], "deltalake and duckdb differ");
    assert_eq!(ours[0].split(',').next(), theirs[0].split(',').next());
    let numbers = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(numbers(&ours[0])[..8], numbers(theirs[0])[..8]);
}
