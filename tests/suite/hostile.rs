//! Bad input: a clear error or a quarantined record each; nothing lost, no crash.
//! Holds invariants 2 and 9.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use crate::rollcall::{Rollcall, eventually, github};

/// Records that no source can read, each a line of its own.
fn nasty() -> Vec<Vec<u8>> {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let keys: String = (0..100_000).map(|n| format!("\"k{n}\":{n},")).collect();
    let okta = |rest: &str| {
        format!(
            "{{\"eventType\":\"user.session.start\",\"legacyEventType\":null,\"published\":\"2026-11-01T10:00:00.000Z\",\"uuid\":\"{}\",\"actor\":{{\"id\":\"x\",\"alternateId\":\"ada@corp.example\"}},\"outcome\":{{\"result\":\"SUCCESS\"}},\"version\":\"0\"{rest}}}",
            rest.len()
        )
    };
    vec![
        deep.into_bytes(),
        format!("{{{keys}\"z\":1}}").into_bytes(),
        b"{\"a\":1,\"a\":2}".to_vec(),
        b"{\"n\":123456789012345678901234567890,\"f\":1e999}".to_vec(),
        b"{\"s\":\"\\ud800\"}".to_vec(),
        b"\x00\x00\x00".to_vec(),
        b"{\"s\":\"a\\u0000b\"}".to_vec(),
        b"\xff\xfe\xfa not text".to_vec(),
        b"{\"unclosed\": \"str".to_vec(),
        b"null".to_vec(),
        b"\"just text\"".to_vec(),
        okta(",\"published\":\"again\"").into_bytes(),
        okta(",\"client\":\"not an object\"").into_bytes(),
        okta(",\"displayMessage\":\"\\ud800 lone\"").into_bytes(),
        format!("{{\"eventType\":\"{}\"}}", "x".repeat(1 << 20)).into_bytes(),
    ]
}

#[test]
fn every_record_is_accounted_for_by_file_and_by_http() {
    let records = nasty();
    let mut lines = records.join(&b'\n');
    lines.push(b'\n');
    lines.extend_from_slice(github(0, 3).as_bytes());
    let total = i64::try_from(records.len()).expect("few") + 3;

    let rollcall = Rollcall::new();
    let sum = rollcall.ingest(&rollcall.file("nasty.log", &lines));
    assert!(sum.ends_with(&format!("= {total}")), "{sum}");
    assert_eq!(rollcall.number("SELECT count(*) FROM events WHERE source = 'github'"), 3);
    let held = rollcall.number("SELECT count(*) FROM quarantine");
    assert!(held >= 10, "{held} quarantined");
    assert_eq!(
        rollcall.number("SELECT count(*) FROM quarantine WHERE raw IS NULL OR reason IS NULL"),
        0
    );

    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    assert_eq!(server.accepted("", lines), total);
    server.stop();
    let stored = rollcall.number("SELECT count(DISTINCT seq) FROM (SELECT seq FROM events_all UNION ALL SELECT seq FROM set_aside)");
    assert_eq!(stored, total);
}

#[test]
fn odd_files_are_read_and_say_what_was_odd() {
    let rollcall = Rollcall::new();
    let crlf = github(0, 3).replace('\n', ",\r\n");
    let bom = [b"\xef\xbb\xbf".to_vec(), crlf.into_bytes()].concat();
    assert!(rollcall.ingest(&rollcall.file("crlf.json", bom)).starts_with("3 gave rows"));
    let members: Vec<u8> = [github(3, 2), github(5, 2)]
        .iter()
        .flat_map(|part| {
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            out.write_all(part.as_bytes()).expect("memory");
            out.finish().expect("memory")
        })
        .collect();
    assert!(rollcall.ingest(&rollcall.file("members.gz", &members)).starts_with("4 gave rows"));
    let cut = rollcall.file("cut.gz", &members[..members.len() - 9]);
    let output = rollcall.output(&["ingest", cut.to_str().expect("a path")]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("cut off"), "{stderr}");
    let array = format!("[\n{}\n]", github(10, 4).trim().replace('\n', ",\n"));
    assert!(rollcall.ingest(&rollcall.file("array.json", array)).starts_with("4 gave rows"));
    let empty = rollcall.ingest(&rollcall.file("empty.log", ""));
    assert!(empty.ends_with("= 0"), "{empty}");
    let missing = rollcall.output(&["ingest", "no-such-file"]);
    assert_eq!(missing.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("no-such-file"));
    let source = rollcall.output(&["ingest", "--source", "fax", cut.to_str().expect("a path")]);
    assert!(String::from_utf8_lossy(&source.stderr).contains("okta, entra"));
}

#[test]
fn a_line_of_sixteen_mebibytes_is_one_record() {
    let rollcall = Rollcall::new();
    let mut lines = vec![b'x'; 16 << 20];
    lines.push(b'\n');
    lines.extend_from_slice(github(0, 1).as_bytes());
    let sum = rollcall.ingest(&rollcall.file("long.log", &lines));
    assert!(sum.ends_with("= 2") && sum.starts_with("1 gave rows"), "{sum}");
}

/// What must not be found anywhere.
const SECRET: &str = "C0rrect#horse-Battery";

/// A secret in each form, in records of several sources and of none.
fn confessions() -> Vec<String> {
    let github = |more: &str| github(0, 1).trim().replace("\"org\"", &format!("{more},\"org\""));
    let journal = |message: &str| {
        format!(
            "{{\"MESSAGE\":\"{message}\",\"SYSLOG_IDENTIFIER\":\"sshd\",\"_PID\":\"7\",\"__REALTIME_TIMESTAMP\":\"1790000000000000\"}}"
        )
    };
    let sudo = |command: &str| {
        format!(
            "2026-11-20T10:00:04Z web-1 sudo: ada : TTY=pts/0 ; PWD=/srv ; USER=root ; COMMAND={command}"
        )
    };
    vec![
        github(&format!("\"client_secret\":\"{SECRET}\"")),
        github(&format!("\"OTP\":\"{SECRET}\"")),
        github(&format!("\"DB_PASSWORD\":{{\"value\":[\"{SECRET}\",1]}}")),
        github(&format!("\"url\":\"https://x/?a=1&token={SECRET}&password={SECRET}\"")),
        github(&format!("\"body\":\"{{\\\"password\\\":\\\"{SECRET}\\\"}}\"")),
        github(&format!("\"headers\":\"Host: x\\r\\nAuthorization: Basic {SECRET}\\r\\n\"")),
        journal(&format!("Invalid user {SECRET} from 198.51.100.7 port 4711")),
        journal(&format!(
            "Connection closed by invalid user {SECRET} 198.51.100.7 port 4711 [preauth]"
        )),
        journal(&format!("ada : COMMAND=/usr/bin/mysql --password={SECRET} -u root")),
        format!(
            "2026-11-20T10:00:04Z web-1 sshd[7]: Invalid user {SECRET} from 198.51.100.7 port 1"
        ),
        sudo(&format!("/usr/bin/env PGPASSWORD={SECRET} AWS_SECRET_ACCESS_KEY={SECRET} psql")),
        sudo(&format!("/usr/bin/curl -H 'Authorization: Bearer {SECRET}' https://x")),
        // What nobody recognises is kept too.
        format!("app: GITHUB_TOKEN={SECRET} Cookie: sid={SECRET}"),
        format!("Proxy-Authorization: Basic {SECRET}"),
        format!("app: {{\"passphrase\":\"{SECRET}\"}}"),
    ]
}

#[test]
fn secrets_are_not_in_any_file() {
    let records = confessions();
    assert!(records.iter().all(|record| record.contains(SECRET)));
    let lines = format!("{}\n", records.join("\n"));
    let total = i64::try_from(records.len()).expect("few");
    let by_file = Rollcall::new();
    let sum = by_file.ingest(&by_file.file("a.log", &lines));
    assert!(sum.ends_with(&format!("= {total}")), "{sum}");
    let by_http = Rollcall::new();
    let server = by_http.serve(&[]);
    assert_eq!(server.accepted("", lines), total);
    server.stop();
    for rollcall in [by_file, by_http] {
        let all = "(SELECT seq, redactions, raw, reason FROM set_aside UNION ALL \
                   SELECT seq, redactions, raw, reason_raw FROM events_all)";
        let ask = |what: &str| rollcall.number(&format!("SELECT {what} FROM {all}"));
        assert_eq!(ask("count(DISTINCT seq)"), total);
        // Each record is there, as it is without its secret.
        assert_eq!(
            ask(
                "count(DISTINCT CASE WHEN raw_text(raw) LIKE '%[redacted]%' AND redactions > 0 THEN seq END)"
            ),
            total
        );
        for secret in [SECRET, "C0rrect", "horse-Battery"] {
            let found = rollcall.sql(&format!("SELECT raw_text(raw) FROM {all} WHERE raw_text(raw) LIKE '%{secret}%' OR reason LIKE '%{secret}%'"));
            assert!(found.is_empty(), "{found:?}");
            let columns = rollcall.number(&format!(
                "SELECT count(*) FROM events_all WHERE lower(user_name) LIKE '%{0}%' OR lower(resource) LIKE '%{0}%' OR lower(operation) LIKE '%{0}%'",
                secret.to_lowercase()
            ));
            assert_eq!(columns, 0);
        }
        // What isn't compressed: the log, which is deleted once sealed, and all else.
        let found = std::process::Command::new("grep")
            .args(["-r", "-l", "-a", "-i", SECRET])
            .arg(rollcall.data())
            .output()
            .expect("grep runs");
        assert_eq!(String::from_utf8_lossy(&found.stdout), "", "the secret is on disk");
    }
}

#[test]
fn slow_and_broken_clients_cost_nobody_else() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[("ROLLCALL_BODY_SECONDS", "2")]);
    let host = server.address.trim_start_matches("http://").replace("localhost", "127.0.0.1");
    let mut idle = Vec::new();
    for _ in 0..500 {
        idle.push(TcpStream::connect(&host).expect("a connection"));
    }
    let mut slow = TcpStream::connect(&host).expect("a connection");
    write!(
        slow,
        "POST /v1/events HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\ncontent-length: 1000\r\n\r\n{{",
        server.token
    )
    .expect("written");
    let mut broken = TcpStream::connect(&host).expect("a connection");
    broken.write_all(b"\x16\x03\x01 not HTTP\r\n\r\n").expect("written");
    assert_eq!(server.accepted("", github(0, 10)), 10);
    slow.set_read_timeout(Some(Duration::from_secs(30))).expect("set");
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut slow, &mut answer).expect("an answer");
    assert!(answer.contains("408"), "{answer}");
    let long = format!("/v1/events?source={}", "x".repeat(100_000));
    let (status, _) =
        crate::http::request(&server.address, "POST", &long, &[], b"").expect("an answer");
    assert!(status == 0 || (400..500).contains(&status), "{status}");
    drop(idle);
    eventually("still well", || {
        crate::http::request(&server.address, "GET", "/healthz", &[], b"").is_ok_and(|a| a.0 == 200)
    });
    server.stop();
}

#[test]
fn sql_that_wants_more_than_to_read_is_refused() {
    let rollcall = Rollcall::new();
    rollcall.ingest(&rollcall.file("a.ndjson", github(0, 1)));
    for query in [
        "SELECT * FROM '/etc/passwd'",
        "COPY (SELECT 1) TO '/tmp/rollcall-hostile'",
        "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'",
        "INSERT INTO events SELECT * FROM events",
        "DROP TABLE events",
        "SET datafusion.execution.target_partitions = 1",
        "SELECT * FROM nowhere",
    ] {
        let output = rollcall.output(&["sql", query]);
        assert_eq!(output.status.code(), Some(3), "{query}");
        assert!(!output.stderr.is_empty(), "{query}");
    }
    assert!(!std::path::Path::new("/tmp/rollcall-hostile").exists());
}
