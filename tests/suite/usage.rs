//! What a command answers when it is used wrongly, and a demo that is started twice.

use crate::rollcall::{Rollcall, github};

/// Exit code and stderr.
fn refused(rollcall: &Rollcall, arguments: &[&str]) -> (i32, String) {
    let output = rollcall.output(arguments);
    assert!(output.stdout.is_empty(), "{arguments:?} wrote {:?}", output.stdout);
    let code = output.status.code().expect("it ended by itself");
    (code, String::from_utf8(output.stderr).expect("text"))
}

#[test]
fn wrong_words_are_wrong_usage_and_the_right_ones_are_named() {
    let rollcall = Rollcall::new();
    for (arguments, named) in [
        (&["metric", "run", "adoption/used", "--grain", "year"][..], "month"),
        (&["metric", "run", "adoption/used", "--by", "colour"], "team"),
        (&["metric", "run", "adoption/used", "--only", "colour=red"], "account_kind"),
        (&["metric", "run", "adoption/used", "--only", "team"], "DIMENSION=VALUE"),
        (&["metric", "run", "adoption/usd"], "adoption/used"),
        (&["metric", "show", "adoption/usd"], "adoption/used"),
        (&["metric", "run", "adoption/used", "--from", "2026-05-02", "--to", "2026-05-02"], "--to"),
        (&["ingest", "--source", "otka", "file"], "okta"),
        (&["token", "create", "x", "--source", "otka"], "okta"),
        (&["quarantine", "replay", "--as", "otka"], "okta"),
        (&["quarantine", "replay", "--source", "otka"], "okta"),
        (&["sql", "--format", "yaml", "SELECT 1"], "ndjson"),
        (&["inject", "file"], "ingest"),
    ] {
        let (code, said) = refused(&rollcall, arguments);
        assert!(code == 2 && said.contains(named), "{arguments:?}: {code}: {said}");
        assert!(!rollcall.data().exists(), "{arguments:?} made a data directory");
    }
}

#[test]
fn what_cannot_be_done_is_a_failure_that_says_where() {
    let rollcall = Rollcall::new();
    for (arguments, named) in [
        (&["ingest", "no-such-file.log"][..], "no-such-file.log"),
        (&["people", "import", "no-such-file.csv"], "no-such-file.csv"),
        (&["sql", "SELECT 1"], "data"),
    ] {
        let (code, said) = refused(&rollcall, arguments);
        assert!(code == 3 && said.contains(named), "{arguments:?}: {code}: {said}");
    }
}

#[test]
fn a_demo_that_is_started_again_goes_on_where_it_ended() {
    let rollcall = Rollcall::new();
    let demo = |days: &str| {
        let until = "2026-09-16T10:00:00Z";
        rollcall.run(&[
            "demo",
            "--no-serve",
            "--days",
            days,
            "--until",
            until,
            "--listen",
            "127.0.0.1:0",
        ])
    };
    let rows = || rollcall.sql("SELECT source, count(*) FROM events_all GROUP BY 1 ORDER BY 1");
    assert_ne!(demo("1").trim(), "0 records");
    let first = rows();
    assert!(first.iter().any(|line| line.starts_with("sshd,")), "{first:?}");
    assert_eq!(demo("1").trim(), "0 records");
    assert_eq!(rows(), first);
    assert_ne!(demo("2").trim(), "0 records");
    let (code, said) = refused(&rollcall, &["demo", "--no-serve", "--seed", "8"]);
    assert!(code == 2 && said.contains("--seed 7"), "{said}");
}

#[test]
fn a_demo_does_not_mix_with_data_of_ones_own() {
    let rollcall = Rollcall::new();
    let file = rollcall.file(
        "auth.log",
        "Sep  1 10:00:00 host sshd[1]: Accepted password for ada from 192.0.2.1 port 1 ssh2\n",
    );
    rollcall.ingest(&file);
    let (code, said) = refused(&rollcall, &["demo", "--no-serve", "--listen", "127.0.0.1:0"]);
    assert!(code == 2 && said.contains("--data"), "{code}: {said}");
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 1);
}

#[test]
fn a_wrong_configuration_is_wrong_usage() {
    let rollcall = Rollcall::new();
    for (wrong, named) in [
        ("[sql]\nseconds = -1\n", "rollcall.toml"),
        ("[server]\nlisten = 7070\n", "rollcall.toml"),
        ("[org]\ntime_zone = \"Mars\"\n", "org.time_zone"),
        ("[[tail.files]]\npth = \"/var/log/auth.log\"\n", "pth"),
    ] {
        rollcall.file("rollcall.toml", wrong);
        let (code, said) = refused(&rollcall, &["serve", "--listen", "127.0.0.1:0"]);
        assert!(code == 2 && said.contains(named), "{wrong}: {code}: {said}");
    }
}

#[test]
fn a_demo_takes_nothing_in_from_the_world() {
    let rollcall = Rollcall::new();
    let log = rollcall.file(
        "auth.log",
        "Sep  1 10:00:00 host sshd[1]: Accepted password for ada from 192.0.2.1 port 1 ssh2\n",
    );
    rollcall.file(
        "rollcall.toml",
        format!(
            "[ledger]\nsign_once = {:?}\n[kafka]\nbrokers = \"127.0.0.1:1\"\ntopic = \"events\"\n\
             [[syslog.listeners]]\naddress = \"127.0.0.1:0\"\nprotocol = \"udp\"\n\
             [[tail.files]]\npath = {log:?}\n\
             [[pull]]\nname = \"okta\"\nkind = \"okta\"\nurl = \"http://127.0.0.1:1\"\ntoken_env = \"NOT_SET\"\n",
            rollcall.folder().join("signed-once")
        ),
    );
    rollcall.run(&["demo", "--days", "0", "--no-serve", "--listen", "127.0.0.1:0"]);
    assert!(!rollcall.folder().join("signed-once").exists());
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all WHERE source = 'sshd'"), 0);
}

#[test]
fn queries_come_by_pipe_and_the_first_that_fails_ends_it() {
    use std::io::Write;
    let rollcall = Rollcall::new();
    let line =
        "Sep  1 10:00:00 host sshd[1]: Accepted password for ada from 192.0.2.1 port 1 ssh2\n";
    rollcall.ingest(&rollcall.file("auth.log", line));
    let piped = |text: &str| {
        let mut child = rollcall
            .command(&["sql", "--format", "csv"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the binary runs");
        child.stdin.take().expect("stdin").write_all(text.as_bytes()).expect("sent");
        let output = child.wait_with_output().expect("it ends");
        (output.status.code(), String::from_utf8(output.stdout).expect("text"))
    };
    let both = "SELECT 1 AS one;\nSELECT user_name\nFROM events";
    assert_eq!(piped(both), (Some(0), "one\n1\nuser_name\nada\n".to_owned()));
    assert_eq!(piped("foo;\nSELECT 1;\n"), (Some(3), String::new()));
    // Every column, lists and structures as well.
    let (code, csv) = piped("SELECT * FROM events");
    assert!(code == Some(0) && csv.lines().count() == 2 && csv.contains("ada"), "{csv}");
}

#[test]
fn readers_say_what_only_the_log_holds_after_a_crash() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    assert_eq!(server.accepted("", github(0, 5)), 5);
    server.kill();
    let reads: [&[&str]; 3] =
        [&["sql", "SELECT count(*) FROM events"], &["metric", "run", "adoption/used"], &["verify"]];
    let said = |arguments: &[&str]| {
        let output = rollcall.output(arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    for arguments in reads {
        let said = said(arguments);
        assert!(said.contains("5 acknowledged records are in the log"), "{arguments:?}: {said}");
    }
    rollcall.serve(&[]).stop();
    for arguments in reads {
        assert!(!said(arguments).contains("in the log"), "{arguments:?}");
    }
    assert_eq!(rollcall.number("SELECT count(*) FROM events"), 5);
}
