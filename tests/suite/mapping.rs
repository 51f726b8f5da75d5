//! Sources that a mapping file describes: read by every way in, told when they are wrong,
//! and taken out of quarantine once they are there. Holds invariant 2.

use std::path::PathBuf;

use crate::rollcall::Rollcall;

const DOOR: &str = r#"
title = "Door controller"
event_id = "/id"

[recognise]
"/door" = "*"
"/badge" = "*"

[time]
at = "/at"
format = "epoch_s"

[set]
platform = "other"
activity = "access"
service = "Doors"

[columns]
user_name = "/badge/owner"
resource = "/door"
outcome = { at = "/result", words = { open = "success", "wrong pin" = "failure" } }

[[rule]]
if = { "/kind" = "heartbeat" }
not_authentication = true

[[rule]]
if = { "/kind" = "pin" }
set = { activity = "logon", factor = "password" }
"#;

/// Puts a mapping file where it is looked for.
fn mapping(rollcall: &Rollcall, name: &str, text: &str) -> PathBuf {
    std::fs::create_dir_all(rollcall.folder().join("sources")).expect("a folder");
    rollcall.file(&format!("sources/{name}.toml"), text)
}

fn doors(from: i64, count: i64) -> String {
    (from..from + count)
        .map(|n| {
            let kind = ["pin", "card", "heartbeat"][usize::try_from(n % 3).expect("small")];
            format!(
                "{{\"id\":\"d-{n}\",\"kind\":\"{kind}\",\"door\":\"north\",\"badge\":{{\"owner\":\"Dev-{}\"}},\"at\":{},\"result\":\"open\"}}\n",
                n % 7,
                1_790_000_000 + n
            )
        })
        .collect()
}

fn replay(rollcall: &Rollcall) -> String {
    rollcall.run(&["quarantine", "replay"]).trim().to_owned()
}

#[test]
fn a_mapping_that_is_added_takes_its_records_out_of_quarantine_once() {
    let rollcall = Rollcall::new();
    let file = rollcall.file("doors.ndjson", format!("{}no door at all\n", doors(0, 9)));
    let sums = rollcall.ingest(&file);
    assert!(sums.contains("10 quarantined"), "{sums}");
    assert!(replay(&rollcall).ends_with("10 stay in quarantine"));

    mapping(&rollcall, "door", DOOR);
    assert_eq!(
        replay(&rollcall),
        "10 records were read again; 6 of them gave 6 rows, 0 are duplicates, 0 joined, 3 not authentication; 1 stay in quarantine"
    );
    // Each stands where it was: heartbeats are every third record.
    assert_eq!(
        rollcall.sql("SELECT source, min(seq), max(seq), count(DISTINCT seq) FROM events WHERE shard = 1 GROUP BY 1"),
        ["door,0,7,6"]
    );
    assert_eq!(
        rollcall.sql("SELECT activity, outcome, user_name, resource, service FROM events ORDER BY seq LIMIT 2"),
        ["logon,success,dev-0,north,Doors", "access,success,dev-1,north,Doors"]
    );
    let before = rollcall.sql("SELECT * FROM events_all ORDER BY shard, seq, part");

    assert_eq!(
        replay(&rollcall),
        "1 records were read again; 0 of them gave 0 rows, 0 are duplicates, 0 joined, 0 not authentication; 1 stay in quarantine"
    );
    assert_eq!(rollcall.sql("SELECT * FROM events_all ORDER BY shard, seq, part"), before);
    rollcall.run(&["verify"]);
    // What came by the replay is known like everything else.
    let again = rollcall.ingest(&rollcall.file("again.ndjson", doors(0, 12)));
    assert!(again.contains("6 duplicate") && again.contains("4 not authentication"), "{again}");
    assert_eq!(rollcall.number("SELECT count(*) FROM events"), 8);
}

#[test]
fn a_running_server_reads_the_mappings_that_it_was_started_with() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let (status, said) = server.post("?source=door", doors(0, 3), &[]);
    assert!(status == 400 && said.contains("harbor"), "{status}: {said}");
    assert_eq!(server.accepted("", doors(0, 3)), 3);
    mapping(&rollcall, "door", DOOR);
    // A command reads it at once, but the server does the work.
    assert!(replay(&rollcall).ends_with("3 stay in quarantine"));
    server.stop();

    let server = rollcall.serve(&[]);
    assert!(replay(&rollcall).starts_with("3 records were read again; 2 of them gave 2 rows"));
    assert_eq!(server.accepted("?source=door", doors(3, 3)), 3);
    assert_eq!(server.accepted("", doors(6, 3)), 3);
    server.stop();
    assert_eq!(rollcall.number("SELECT count(*) FROM events WHERE source = 'door'"), 6);
    assert_eq!(rollcall.number("SELECT count(*) FROM quarantine"), 0);
    rollcall.run(&["verify"]);
}

#[test]
fn a_mapping_that_is_gone_quarantines_what_names_it() {
    let rollcall = Rollcall::new();
    let file = mapping(&rollcall, "door", DOOR);
    rollcall.run(&["token", "create", "doors", "--source", "door"]);
    let server = rollcall.serve(&[]);
    assert_eq!(server.accepted("?source=door", doors(0, 3)), 3);
    server.kill();
    std::fs::remove_file(file).expect("removed");
    // What was acknowledged and not sealed names a source that there is no more.
    rollcall.serve(&[]).stop();
    assert_eq!(
        rollcall.sql("SELECT DISTINCT source_hint, reason FROM quarantine"),
        ["door,\"there is no source \"\"door\"\" any more; put its mapping file back\""]
    );
    mapping(&rollcall, "door", DOOR);
    assert!(replay(&rollcall).starts_with("3 records were read again; 2 of them gave 2 rows"));
}

#[test]
fn a_sample_is_tested_before_anything_is_stored() {
    let rollcall = Rollcall::new();
    let file = rollcall.file("door.toml", DOOR);
    let sample = rollcall.file(
        "sample.ndjson",
        format!(
            "{}{{\"door\":\"north\",\"badge\":{{}},\"result\":\"jammed\",\"level\":3}}\n",
            doors(0, 3)
        ),
    );
    let (file, sample) = (file.to_str().expect("a path"), sample.to_str().expect("a path"));
    let output = rollcall.output(&["source", "test", file, sample]);
    let said = String::from_utf8(output.stdout).expect("text");
    // The last has no time.
    assert_eq!(output.status.code(), Some(1), "{said}");
    for expected in [
        "dev-0",
        "not_authentication",
        "quarantined",
        "`/at`",
        "/level is never looked at",
        "mfa is never filled",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let output = rollcall.output(&["source", "test", file, sample, "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["records"][1]["line"], 2);
    assert_eq!(json["records"][1]["columns"]["user_name"], "dev-1");
    assert_eq!(json["records"][2]["verdict"], "not_authentication");
    assert_eq!(json["unknown_words"][0]["word"], "jammed");
    assert_eq!(json["never_looked_at"]["/level"], 1);
    // A source that is there is tested by its name.
    let good = rollcall.file("good.ndjson", crate::rollcall::github(0, 2));
    let said = rollcall.run(&["source", "test", "github", good.to_str().expect("a path")]);
    assert!(said.contains("git.fetch") && !said.contains("never looked at"), "{said}");
    assert!(!rollcall.data().exists(), "a test made a data directory");
}

#[test]
fn a_wrong_mapping_is_told_by_file_and_line_and_nothing_is_read_with_it() {
    let rollcall = Rollcall::new();
    let wrong = DOOR.replace("user_name =", "usr_name =").replace("\"success\"", "\"succes\"");
    let file = mapping(&rollcall, "door", &wrong);
    let path = file.to_str().expect("a path");
    let sample = rollcall.file("doors.ndjson", doors(0, 3));
    let sample = sample.to_str().expect("a path");
    let output = rollcall.output(&["source", "test", path, sample]);
    let said = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("door.toml:19: ") && said.contains("\"user_name\""), "{said}");
    assert!(said.contains("door.toml:21: ") && said.contains("\"success\""), "{said}");
    let output = rollcall.output(&["ingest", sample]);
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.code() == Some(2) && said.contains("door.toml:19"), "{said}");
    // Nobody takes the place of a source that is read by code; a mapping that ships can be
    // replaced.
    std::fs::rename(&file, file.with_file_name("okta.toml")).expect("renamed");
    let output = rollcall.output(&["source", "list"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("already"));
    std::fs::remove_file(file.with_file_name("okta.toml")).expect("removed");
    mapping(&rollcall, "harbor", DOOR);
    let listed = rollcall.run(&["source", "list"]);
    let harbor: Vec<&str> = listed.lines().filter(|line| line.starts_with("harbor ")).collect();
    assert!(matches!(harbor[..], [line] if line.contains("Door controller")), "{listed}");
}
