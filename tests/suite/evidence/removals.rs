//! Files leave a table only by a rule that is told, and nobody else's commit becomes an
//! entry of the ledger.

use std::fs;

use serde_json::{Value, json};

use super::stored::{commits, files, kinds, name, stored, verify};
use crate::rollcall::{Rollcall, github};

/// A commit that says it is a retention and takes a file of events away.
fn forge_retention(rollcall: &Rollcall, rule: &str) -> std::path::PathBuf {
    let log = commits(rollcall, "events");
    let file = files(rollcall, "events").remove(0);
    let (version, now) = (log.len(), chrono::Utc::now().timestamp_millis());
    let note = json!({
        "kind": "retention", "rule": rule, "removed": [[0, 1000]], "files": 1, "rows": 40,
        "commits": [version - 1, version + 1],
    });
    let info = json!({"commitInfo": {"timestamp": now, "operation": "DELETE", "rollcall": note}});
    let remove = json!({"path": name(&file), "deletionTimestamp": now, "dataChange": true});
    let commit = log[0].with_file_name(format!("{version:020}.json"));
    fs::write(&commit, format!("{info}\n{}\n", json!({"remove": remove}))).expect("written");
    file
}

#[test]
fn a_forged_retention_is_found_and_never_signed() {
    for rule in [
        "events and set_aside after receipt: 400 days; superseded files: kept for ever",
        "superseded files that name someone who was erased",
        "they were old",
    ] {
        let rollcall = stored();
        let file = forge_retention(&rollcall, rule);
        assert!(kinds(&rollcall, &[]).contains(&"unlogged_commit".to_owned()), "{rule}");
        let output = rollcall.output(&["verify"]);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("find out who wrote it before rollcall is started again"), "{said}");
        let before = fs::read(rollcall.data().join("ledger/checkpoint")).expect("a checkpoint");
        let more = rollcall.file("more.ndjson", github(900, 5));
        let output = rollcall.output(&["ingest", more.to_str().expect("a path")]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains("isn't a commit of rollcall") && said.contains("rule"), "{said}");
        assert!(file.exists(), "it was deleted all the same");
        let after = fs::read(rollcall.data().join("ledger/checkpoint")).expect("a checkpoint");
        assert_eq!(before, after);
    }
}

#[test]
fn a_retention_of_ones_own_is_told_and_no_error() {
    let rollcall = stored();
    rollcall.run(&["retain", "--days", "0", "--yes"]);
    assert_eq!(verify(&rollcall, &[]), []);
    let said = rollcall.run(&["verify"]);
    assert!(said.contains("removed, which is no error: 3 files of events with 120 rows"), "{said}");
    assert!(said.contains("superseded files: as long as the others"), "{said}");
    assert!(!said.contains("kept for ever"), "{said}");
}

#[test]
fn a_commit_that_is_gone_is_not_written_anew() {
    let rollcall = stored();
    rollcall.run(&["retain", "--days", "0", "--yes"]);
    // The one that forbids removal again.
    let last = commits(&rollcall, "events").pop().expect("a commit");
    let text = fs::read_to_string(&last).expect("a commit");
    let settings = |line: &str| -> Option<String> {
        let action: Value = serde_json::from_str(line).ok()?;
        Some(action.get("metaData")?["configuration"]["delta.appendOnly"].as_str()?.to_owned())
    };
    assert_eq!(text.lines().find_map(settings).as_deref(), Some("true"), "{text}");
    fs::remove_file(&last).expect("removed");
    let more = rollcall.file("more.ndjson", github(900, 5));
    let output = rollcall.output(&["ingest", more.to_str().expect("a path")]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("whose commit is gone"), "{said}");
    assert!(!last.exists(), "it was written anew");
}
