//! One event, proved and verified, in Rust and in Python.

use std::process::Command;

use rollcall_ledger::VERIFIER;

use super::stored::stored;
use crate::rollcall::{Rollcall, github};

fn event(rollcall: &Rollcall) -> String {
    let place = "SELECT shard || '-' || seq || '-' || part FROM events WHERE source_event_id = 'doc-000000045'";
    rollcall.sql(place).remove(0)
}

fn key(rollcall: &Rollcall) -> String {
    rollcall.data().join("ledger/keys/log.pub").to_str().expect("a path").to_owned()
}

#[test]
fn an_event_is_proved_with_the_logs_key_alone() {
    let rollcall = stored();
    let event = event(&rollcall);
    let proof = rollcall.output(&["prove", &event]);
    assert!(proof.status.success());
    let file = rollcall.file("event.tlog-proof", &proof.stdout);
    let file = file.to_str().expect("a path");
    let json = rollcall.run(&["verify-proof", file, "--key", &key(&rollcall), "--json"]);
    let proved: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(proved["event"], event);
    assert_eq!(proved["columns"]["source_event_id"], "doc-000000045");
    assert_eq!(proved["columns"]["user_name"], "dev-45");
    assert!(
        proved["raw"].as_str().expect("the record").contains("\"_document_id\":\"doc-000000045\"")
    );
    // Another log's key vouches for nothing.
    let other = stored();
    let output = rollcall.output(&["verify-proof", file, "--key", &key(&other)]);
    assert_eq!(output.status.code(), Some(1));
    // A byte is changed.
    let mut bytes = proof.stdout.clone();
    let middle = bytes.len() / 2;
    bytes[middle] = if bytes[middle] == b'A' { b'B' } else { b'A' };
    let damaged = rollcall.file("damaged", &bytes);
    let damaged = damaged.to_str().expect("a path");
    let output = rollcall.output(&["verify-proof", damaged, "--key", &key(&rollcall)]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_proof_without_the_record_is_small() {
    let rollcall = stored();
    let proof = rollcall.output(&["prove", &event(&rollcall), "--without-raw"]).stdout;
    assert!(proof.len() < 4096, "{} bytes", proof.len());
    let file = rollcall.file("event.tlog-proof", proof);
    let file = file.to_str().expect("a path");
    let text = rollcall.run(&["verify-proof", file, "--key", &key(&rollcall)]);
    assert!(text.contains("the record itself was erased or left out"), "{text}");
}

#[test]
fn what_was_proved_before_stays_proved() {
    let rollcall = stored();
    let proof = rollcall.output(&["prove", &event(&rollcall)]).stdout;
    let file = rollcall.file("event.tlog-proof", proof);
    let file = file.to_str().expect("a path");
    rollcall.run(&["ledger", "change-key"]);
    rollcall.ingest(&rollcall.file("more.ndjson", github(900, 30)));
    rollcall.run(&["verify-proof", file, "--key", &key(&rollcall)]);
}

#[test]
fn the_verifier_in_python_says_the_same() {
    let rollcall = stored();
    let proof = rollcall.output(&["prove", &event(&rollcall)]).stdout;
    let file = rollcall.file("event.tlog-proof", proof);
    let folder = rollcall.file("", "").with_file_name("verifier");
    std::fs::create_dir_all(&folder).expect("a folder");
    for (name, text) in VERIFIER {
        std::fs::write(folder.join(name), text).expect("a file");
    }
    let python = |arguments: &[&str]| {
        let script = folder.join("rollcall_verify.py");
        Command::new("python3").arg(script).args(arguments).output().expect("python runs")
    };
    let file = file.to_str().expect("a path");
    let proved = python(&["proof", file, "--key", &key(&rollcall)]);
    assert!(proved.status.success(), "{}", String::from_utf8_lossy(&proved.stderr));
    let ledger = rollcall.data().join("ledger");
    let counted = python(&["ledger", ledger.to_str().expect("a path"), "--key", &key(&rollcall)]);
    assert!(counted.status.success(), "{}", String::from_utf8_lossy(&counted.stderr));
}

#[test]
fn an_event_that_is_not_there_is_not_proved() {
    let rollcall = stored();
    let output = rollcall.output(&["prove", "1-4711-0"]);
    assert_eq!(output.status.code(), Some(3));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("no sealed file holds an event 1-4711-0"), "{stderr}");
}
