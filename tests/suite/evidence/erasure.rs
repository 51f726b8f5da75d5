//! A person is gone from every file, and what happened can still be proved.

use std::path::{Path, PathBuf};

use super::search;
use super::stored::{kinds, stored, verify};
use crate::rollcall::{Rollcall, eventually, github};

/// Files of the data directory that hold a text, in their bytes or in a column.
fn holding(rollcall: &Rollcall, text: &str) -> Vec<PathBuf> {
    search::holding(&rollcall.data(), text)
}

/// Events, directory, factors, quarantine and an account that name one person among
/// others.
fn with_mia() -> Rollcall {
    let rollcall = stored();
    let theirs = github(5000, 30)
        .replace("\"actor\":\"dev-", "\"actor\":\"mia.berg@acme.example\",\"was\":\"dev-")
        .replace("\"actor_id\":", "\"actor_id\":777000777,\"former_id\":");
    let about = github(6000, 3).replace("acme/r", "acme/mia.berg@acme.example-");
    let unread = "{\"action\":\"mia.berg@acme.example\"}\n";
    let lines = format!("{theirs}{about}{unread}{}", github(7000, 20));
    rollcall.ingest(&rollcall.file("mia.ndjson", lines));
    let people = "id,name,logins,team,manager\np-7,Mia-Sofie Berg,github:mia.berg@acme.example,Platform,\np-8,Ole Dahl,github:ole@acme.example,Web,p-7\n";
    let people = rollcall.file("people-2.csv", people);
    rollcall.run(&["people", "import", people.to_str().expect("a path")]);
    rollcall.run(&["admin", "link", "mia.berg@acme.example", "--new"]);
    rollcall
}

#[test]
fn a_person_is_gone_and_what_happened_stays_proved() {
    let rollcall = with_mia();
    let place = |id: &str| {
        let query = format!(
            "SELECT shard || '-' || seq || '-' || part FROM events WHERE source_event_id = '{id}'"
        );
        rollcall.sql(&query).remove(0)
    };
    let (theirs, other) = (place("doc-000005003"), place("doc-000007003"));
    let prove = |event: &str, file: &str| {
        let proof = rollcall.output(&["prove", event]);
        assert!(proof.status.success(), "{}", String::from_utf8_lossy(&proof.stderr));
        rollcall.file(file, proof.stdout)
    };
    let before = prove(&other, "before");
    let rows = rollcall.number("SELECT count(*) FROM events_all");
    for text in ["mia.berg@acme.example", "777000777", "Mia-Sofie Berg"] {
        assert!(!holding(&rollcall, text).is_empty(), "{text} isn't there to begin with");
    }

    let would = rollcall.run(&["erase", "p-7", "--dry-run"]);
    assert!(would.starts_with("would be erased: "), "{would}");
    assert!(!holding(&rollcall, "mia.berg@acme.example").is_empty());
    let done = rollcall.run(&["erase", "p-7"]);
    assert!(done.starts_with("erased: "), "{done}");
    for text in ["mia.berg@acme.example", "777000777", "Mia-Sofie Berg"] {
        assert_eq!(holding(&rollcall, text), [""; 0].map(PathBuf::from), "{text}");
    }

    assert_eq!(verify(&rollcall, &[]), []);
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), rows);
    assert_eq!(rollcall.number("SELECT count(*) FROM events WHERE user_name = 'dev-5'"), 2);
    let key = rollcall.data().join("ledger/keys/log.pub");
    let key = key.to_str().expect("a path");
    let proved = |file: &Path| {
        let file = file.to_str().expect("a path");
        rollcall.run(&["verify-proof", file, "--key", key, "--json"])
    };
    proved(&before);
    proved(&prove(&other, "after"));
    let of_theirs: serde_json::Value =
        serde_json::from_str(&proved(&prove(&theirs, "theirs"))).expect("JSON");
    assert_eq!(of_theirs["columns"]["operation"], "git.fetch");
    assert_eq!(of_theirs["columns"]["user_name"], serde_json::Value::Null);
    // The other person's row stays, without the manager.
    let ole = "SELECT count(*), count(manager) FROM people_all WHERE login = 'ole@acme.example'";
    assert_eq!(rollcall.sql(ole), ["1,0"]);
    // Once more changes nothing.
    let again = rollcall.run(&["erase", "mia.berg@acme.example"]);
    assert!(
        again.starts_with("erased: 0 rows in 0 files; 0 superseded files; 0 accounts"),
        "{again}"
    );
}

#[test]
fn files_that_compaction_merged_go_too() {
    let rollcall = with_mia();
    rollcall.run(&["compact", "--before", "2099-01-01"]);
    let done = rollcall.run(&["erase", "mia.berg@acme.example"]);
    assert!(done.contains(" superseded files"), "{done}");
    assert!(!done.contains("; 0 superseded files"), "{done}");
    assert_eq!(holding(&rollcall, "mia.berg@acme.example"), [""; 0].map(PathBuf::from));
    assert_eq!(verify(&rollcall, &[]), []);
    rollcall.ingest(&rollcall.file("more.ndjson", github(9000, 3)));
    rollcall.run(&["compact", "--before", "2099-01-01"]);
    assert_eq!(verify(&rollcall, &[]), []);
}

#[test]
fn what_a_server_counted_of_them_goes_too() {
    let rollcall = with_mia();
    let server = rollcall.serve(&[]);
    let cookie = server.sign_in(&rollcall);
    let look = || {
        for page in ["/", "/adoption", "/data-health"] {
            assert_eq!(server.get(page, &cookie).0, 200, "{page}");
        }
    };
    let derived = rollcall.data().join("derived");
    let counted = |text: &str| {
        let holding = if derived.exists() { search::holding(&derived, text) } else { Vec::new() };
        !holding.is_empty()
    };
    look();
    eventually("they are in what was counted", || counted("mia.berg@acme.example"));
    rollcall.run(&["erase", "mia.berg@acme.example"]);
    assert_eq!(holding(&rollcall, "mia.berg@acme.example"), [""; 0].map(PathBuf::from));
    look();
    eventually("others are counted again", || counted("dev-5"));
    server.stop();
    assert_eq!(holding(&rollcall, "mia.berg@acme.example"), [""; 0].map(PathBuf::from));
    assert_eq!(verify(&rollcall, &[]), []);
}

#[test]
fn what_a_running_server_has_not_sealed_is_erased_too() {
    let rollcall = with_mia();
    let server = rollcall.serve(&[]);
    let more = github(8000, 10)
        .replace("\"actor\":\"dev-", "\"actor\":\"mia.berg@acme.example\",\"was\":\"dev-");
    server.accepted("?source=github", more);
    rollcall.run(&["erase", "mia.berg@acme.example"]);
    assert_eq!(holding(&rollcall, "mia.berg@acme.example"), [""; 0].map(PathBuf::from));
    assert_eq!(
        rollcall.number("SELECT count(*) FROM events WHERE source_event_id = 'doc-000008003'"),
        0
    );
    assert_eq!(verify(&rollcall, &[]), []);
    server.stop();
    assert_eq!(kinds(&rollcall, &[]), [""; 0]);
}

#[test]
fn a_text_that_would_be_found_everywhere_is_refused() {
    let rollcall = stored();
    let output = rollcall.output(&["erase", "a"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("too short to be searched for"));
}

#[test]
fn a_text_that_stands_in_much_of_everything_is_refused() {
    let rollcall = Rollcall::new();
    rollcall.ingest(&rollcall.file("much.ndjson", github(0, 1500)));
    let server = rollcall.serve(&[]);
    let output = rollcall.output(&["erase", "git.fetch"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    // Beside them stand what streams are, and what detectors raised.
    assert!(
        stderr.contains("1500 of 150") && stderr.contains("rows of all tables name them"),
        "{stderr}"
    );
    assert_eq!(output.status.code(), Some(2), "also beside a server");
    server.stop();
    assert_eq!(rollcall.output(&["erase", "git.fetch"]).status.code(), Some(2));
    assert_eq!(rollcall.number("SELECT count(*) FROM events WHERE raw IS NOT NULL"), 1500);
    let done = rollcall.output(&["erase", "git.fetch", "--many"]);
    assert!(String::from_utf8_lossy(&done.stdout).starts_with("erased: 1500 rows"));
    assert_eq!(verify(&rollcall, &[]), []);
}

#[test]
fn someone_whom_nothing_names_is_told() {
    let rollcall = stored();
    let output = rollcall.output(&["erase", "nobody@acme.example"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("nothing names them"), "{stderr}");
    assert!(output.status.success());
}

#[test]
fn an_id_that_somebody_else_has_too_is_left_alone() {
    let rollcall = stored();
    let with_id = |from: i64, actor: &str| {
        let lines = github(from, 3).replace("\"actor_id\":", "\"actor_id\":880088008,\"was\":");
        lines.replace("\"actor\":\"dev-", &format!("\"actor\":\"{actor}\",\"of\":\"dev-"))
    };
    rollcall.ingest(&rollcall.file("bob.ndjson", with_id(5000, "bob@acme.example")));
    rollcall.ingest(&rollcall.file("mia.ndjson", with_id(6000, "mia@acme.example")));
    rollcall.run(&["erase", "mia@acme.example"]);
    assert_eq!(
        rollcall.number("SELECT count(*) FROM events WHERE user_name = 'bob@acme.example'"),
        3
    );
    assert_eq!(holding(&rollcall, "mia@acme.example"), [""; 0].map(PathBuf::from));
    assert_eq!(verify(&rollcall, &[]), []);
}

#[test]
fn what_a_killed_server_had_not_sealed_is_erased_too() {
    let rollcall = with_mia();
    let server = rollcall.serve(&[]);
    let more = github(8000, 10)
        .replace("\"actor\":\"dev-", "\"actor\":\"mia.berg@acme.example\",\"was\":\"dev-");
    server.accepted("?source=github", more);
    server.kill();
    rollcall.run(&["erase", "mia.berg@acme.example"]);
    assert_eq!(holding(&rollcall, "mia.berg@acme.example"), [""; 0].map(PathBuf::from));
    rollcall.serve(&[]).stop();
    assert_eq!(holding(&rollcall, "mia.berg@acme.example"), [""; 0].map(PathBuf::from));
    assert_eq!(
        rollcall.number("SELECT count(*) FROM events WHERE source_event_id IS NULL"),
        30 + 3 + 10
    );
    assert_eq!(verify(&rollcall, &[]), []);
}

#[test]
fn a_busy_servers_log_is_reached_too() {
    let rollcall = with_mia();
    let server = rollcall.serve(&[]);
    let theirs = github(8000, 10)
        .replace("\"actor\":\"dev-", "\"actor\":\"mia.berg@acme.example\",\"was\":\"dev-");
    server.accepted("?source=github", theirs);
    let over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut from = 20_000;
            while !over.load(std::sync::atomic::Ordering::Relaxed) {
                server.accepted("?source=github", github(from, 50));
                from += 50;
            }
        });
        rollcall.run(&["erase", "mia.berg@acme.example"]);
        let logs = rollcall.data().join("log");
        let left = search::holding(&logs, "mia.berg@acme.example");
        over.store(true, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(left, [""; 0].map(PathBuf::from));
    });
    server.stop();
    assert_eq!(holding(&rollcall, "mia.berg@acme.example"), [""; 0].map(PathBuf::from));
    assert_eq!(verify(&rollcall, &[]), []);
}

#[test]
fn a_short_login_takes_nobody_else_along() {
    let rollcall = stored();
    let of = |from: i64, actor: &str| {
        github(from, 2).replace("\"actor\":\"dev-", &format!("\"actor\":\"{actor}\",\"of\":\"dev-"))
    };
    rollcall
        .ingest(&rollcall.file("a.ndjson", format!("{}{}", of(5000, "mia"), of(5100, "mia wong"))));
    let people = "id,name,logins\np-7,Mia Berg,github:mia\np-8,Mia Wong,github:mia-wong\n";
    let people = rollcall.file("people-2.csv", people);
    rollcall.run(&["people", "import", people.to_str().expect("a path")]);
    rollcall.run(&["erase", "p-7"]);
    assert_eq!(rollcall.number("SELECT count(*) FROM events WHERE user_name = 'mia'"), 0);
    assert_eq!(rollcall.number("SELECT count(*) FROM events WHERE user_name = 'mia wong'"), 2);
    assert_eq!(rollcall.sql("SELECT login FROM people_all WHERE id = 'p-8'"), ["mia-wong"]);
    assert_eq!(rollcall.number("SELECT count(*) FROM people_all WHERE id = 'p-7'"), 0);
    assert_eq!(verify(&rollcall, &[]), []);
}
