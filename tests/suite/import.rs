//! Files come in, every line is accounted for, and twice is as once.
//! Holds invariant 2.

use std::io::Write;

use crate::rollcall::{Rollcall, eventually, github, shared};

fn added(sum: &str) -> (i64, i64) {
    let number = |text: &str| text.replace(',', "").parse::<i64>().expect("a number");
    let (parts, total) = sum.split_once(" = ").expect("a sum");
    let parts = parts.split(" + ").map(|part| number(part.split(' ').next().expect("a number")));
    (parts.sum(), number(total))
}

#[test]
fn a_real_servers_auth_log() {
    let Some(log) = shared("sshd/aws-sshd.log.gz") else { return };
    let rollcall = Rollcall::new();
    assert_eq!(added(&rollcall.ingest(&log)), (7_121, 7_121));
    assert_eq!(
        rollcall.sql(
            "SELECT outcome, count(*) AS n FROM events WHERE source = 'sshd' AND activity = 'logon' GROUP BY outcome ORDER BY outcome"
        ),
        ["failure,1159", "success,226"]
    );
    assert_eq!(
        rollcall.sql(
            "SELECT credential, count(*) FROM events WHERE activity = 'logon' AND outcome = 'success' GROUP BY 1 ORDER BY 1"
        ),
        ["password,190", "ssh_key,36"]
    );
    assert_eq!(
        rollcall.number("SELECT count(DISTINCT user_name) FROM events WHERE activity = 'logon' AND outcome = 'success'"),
        11
    );
    assert_eq!(
        rollcall.number("SELECT count(DISTINCT ip) FROM events WHERE activity = 'logon'"),
        151
    );
    // The latest year that puts no line after the import.
    assert_eq!(rollcall.number("SELECT count(*) FROM events WHERE time > received"), 0);
    assert_eq!(
        rollcall.number("SELECT count(*) FROM events WHERE time < received - INTERVAL '366 days'"),
        0
    );

    let before = rollcall.number("SELECT count(*) FROM events_all");
    assert_eq!(rollcall.ingest(&log), "nothing new");
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), before);
}

#[test]
fn real_cloudtrail() {
    let Some(folder) = shared("cloudtrail") else { return };
    let rollcall = Rollcall::new();
    let sum = rollcall.ingest(&folder);
    assert!(sum.starts_with("310 gave rows") && sum.ends_with("= 310"), "{sum}");
    assert_eq!(rollcall.number("SELECT count(*) FROM events"), 310);
    assert_eq!(
        rollcall
            .sql("SELECT mfa, count(*) FROM events WHERE operation = 'ConsoleLogin' GROUP BY mfa"),
        ["none,1"]
    );
    let roles = rollcall.sql(
        "SELECT outcome, count(*) FROM events WHERE operation = 'AssumeRole' GROUP BY 1 ORDER BY 1",
    );
    let total: i64 =
        roles.iter().map(|l| l.split_once(',').expect("two").1.parse::<i64>().expect("n")).sum();
    assert!(total == 12 && roles.len() > 1, "{roles:?}");
    assert_eq!(
        rollcall.sql(
            "SELECT mfa, count(*) FROM events WHERE raw_text(raw) LIKE '%AWSReservedSSO_%' GROUP BY mfa"
        ),
        ["unknown,4"]
    );
    assert!(rollcall.number("SELECT count(*) FROM events WHERE credential = 'access_key'") > 0);
}

#[test]
fn an_interrupted_import_ends_as_one() {
    let rollcall = Rollcall::new();
    // Duplicates and lines that can't be read, so that both tables have rows.
    let mut lines = github(0, 120_000);
    lines.push_str(&github(500, 700));
    lines.push_str("{\"not\":\"an event\"}\n");
    let file = rollcall.file("audit.ndjson", &lines);
    let path = file.to_str().expect("a path");
    let small = [("ROLLCALL_SEAL_ROWS", "20000")];

    let mut child = rollcall.command(&["ingest", path]).envs(small).spawn().expect("runs");
    let commits = rollcall.data().join("events/_delta_log/00000000000000000002.json");
    eventually("two seals", || commits.exists());
    child.kill().expect("killed");
    child.wait().expect("gone");

    let output = rollcall.command(&["ingest", path]).envs(small).output().expect("runs");
    // It found something wrong: a record that couldn't be read.
    assert_eq!(output.status.code(), Some(1));
    let sum = String::from_utf8(output.stdout).expect("text");
    assert_eq!(
        sum.trim(),
        "120,000 gave rows + 0 joined + 700 duplicate + 1 quarantined + 0 not authentication = 120,701"
    );
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 120_000);
    assert_eq!(rollcall.number("SELECT count(DISTINCT seq) FROM events_all"), 120_000);
    assert_eq!(rollcall.number("SELECT count(*) FROM set_aside"), 701);
    assert_eq!(rollcall.ingest(&file), "nothing new");
}

#[test]
fn what_a_server_runs_on_takes_imports_too() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let file = rollcall.file("audit.ndjson", github(0, 1_000));
    assert_eq!(
        rollcall.ingest(&file),
        "1,000 gave rows + 0 joined + 0 duplicate + 0 quarantined + 0 not authentication = 1,000"
    );
    assert_eq!(rollcall.number("SELECT count(*) FROM events"), 1_000);
    server.stop();
}

#[test]
fn two_imports_handed_to_a_server_at_once_are_both_whole() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let shared = rollcall.file("shared.ndjson", github(0, 1_000));
    let own = [1, 2].map(|n| rollcall.file(&format!("{n}.ndjson"), github(n * 10_000, 5_000)));
    let running = own.map(|own| {
        rollcall
            .command(&["ingest", own.to_str().expect("a path"), shared.to_str().expect("a path")])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("runs")
    });
    let mut sums: Vec<(i64, i64)> = running
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().expect("ends");
            assert!(output.status.success());
            added(String::from_utf8_lossy(&output.stdout).trim())
        })
        .collect();
    sums.sort_unstable();
    // Whoever came second found the shared file imported.
    assert_eq!(sums, [(5_000, 5_000), (6_000, 6_000)]);
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 11_000);
    assert_eq!(rollcall.number("SELECT count(DISTINCT source_event_id) FROM events"), 11_000);
    assert_eq!(rollcall.number("SELECT count(DISTINCT shard) FROM events"), 3);
    server.stop();
}

#[test]
fn standard_input_and_compressed_files() {
    let rollcall = Rollcall::new();
    let mut child = rollcall
        .command(&["ingest", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("runs");
    child.stdin.take().expect("stdin").write_all(github(0, 10).as_bytes()).expect("written");
    let output = child.wait_with_output().expect("ends");
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("10 gave rows"));
    let zstd = zstd::encode_all(github(10, 10).as_bytes(), 3).expect("memory");
    assert!(rollcall.ingest(&rollcall.file("named-oddly.bin", zstd)).starts_with("10 gave rows"));
    assert_eq!(rollcall.number("SELECT count(*) FROM events"), 20);
    assert_eq!(
        rollcall.sql("SELECT DISTINCT collector FROM events ORDER BY 1"),
        ["named-oddly.bin", "standard-input"]
    );
}

#[test]
fn quarantined_records_are_kept_and_can_be_read_again() {
    let rollcall = Rollcall::new();
    // A clock a year ahead: read, and not believed.
    let ahead = r#"{"@timestamp":4102444800000,"_document_id":"x","action":"git.push","actor":"ada","created_at":4102444800000,"org":"acme"}"#;
    let sum = rollcall.ingest(&rollcall.file("a.ndjson", format!("{ahead}\nnonsense\n")));
    assert!(sum.contains("2 quarantined"), "{sum}");
    let listed = rollcall.run(&["quarantine", "list", "--format", "csv"]);
    assert!(listed.contains("24 hours after") && listed.contains("nonsense"), "{listed}");
    let again = rollcall.run(&["quarantine", "replay"]);
    assert!(again.starts_with("2 records were read again; 0 of them gave 0 rows"), "{again}");
    assert!(again.trim().ends_with("2 stay in quarantine"), "{again}");
}

/// A log that is imported every day, and its compressed copy after rotation.
#[test]
fn a_file_that_has_grown_goes_on_behind_what_it_was() {
    let rollcall = Rollcall::new();
    let line = |n: usize| {
        format!(
            "Sep  1 10:{:02}:{:02} web-1 sshd[{n}]: Failed password for ada from 203.0.113.9 port 42 ssh2\n",
            n / 60,
            n % 60
        )
    };
    let lines = |count: usize| (0..count).map(line).collect::<String>();
    let path = rollcall.file("auth.log", lines(300));
    assert!(rollcall.ingest(&path).starts_with("300 gave rows"));
    rollcall.file("auth.log", lines(400));
    let output = rollcall.output(&["ingest", path.to_str().expect("a path")]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("the 100 behind them are new"), "{said}");
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 400);
    assert_eq!(rollcall.number("SELECT count(DISTINCT seq) FROM events_all"), 400);
    // The same content in another form is the same file.
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, lines(400).as_bytes()).expect("memory");
    let rotated = rollcall.file("auth.log.1.gz", gzip.finish().expect("memory"));
    assert_eq!(rollcall.ingest(&rotated), "nothing new");
    // One that only begins alike is another file.
    let other = lines(300) + &line(300).replace("ada", "bo");
    let other = rollcall.file("other.log", other);
    assert!(rollcall.ingest(&other).starts_with("301 gave rows"));
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 701);
    // A line that wasn't whole yet can't be gone on with.
    let path = rollcall.file("cut.log", lines(50).trim_end());
    rollcall.ingest(&path);
    rollcall.file("cut.log", lines(60));
    assert!(rollcall.ingest(&path).starts_with("60 gave rows"));
}
