use std::collections::BTreeSet;
use std::io::Read;

use chrono_tz::Tz;
use serde_json::Value;

use super::super::Context;
use super::super::collect::{self, Collected, Verdict, context, file, shared, stream};
use super::SOURCE;

fn lines(text: &str) -> Collected {
    stream(&SOURCE, text.lines().map(|line| line.trim_start().as_bytes()))
}

fn logons<'a>(rows: &'a [&'a Value], outcome: &'a str) -> impl Iterator<Item = &'a Value> {
    rows.iter().copied().filter(move |row| row["activity"] == "logon" && row["outcome"] == outcome)
}

#[test]
fn the_real_auth_log_gives_the_numbers_of_an_independent_count() {
    let Some(path) = shared("sshd/aws-sshd.log.gz") else { return };
    let mut text = Vec::new();
    let packed = std::fs::File::open(path).expect("the file");
    flate2::read::MultiGzDecoder::new(packed).read_to_end(&mut text).expect("gzip");
    let records: Vec<&[u8]> =
        text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    assert_eq!(records.len(), 7_121);

    let collected = file(&SOURCE, &records);
    let rejected =
        collected.verdicts.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Rejected(_)));
    assert_eq!(rejected.count(), 0);

    let rows = collected.rows();
    let successes: Vec<_> = logons(&rows, "success").collect();
    let failures: Vec<_> = logons(&rows, "failure").collect();
    assert_eq!((failures.len(), successes.len()), (1_159, 226));
    let by =
        |credential: &str| successes.iter().filter(|row| row["credential"] == credential).count();
    assert_eq!((by("password"), by("ssh_key")), (190, 36));

    let names: BTreeSet<_> = successes.iter().map(|row| row["user_name"].as_str()).collect();
    assert_eq!(names.len(), 11);
    let addresses: BTreeSet<_> = successes
        .iter()
        .chain(&failures)
        .map(|row| row["ip"].as_str().expect("an address"))
        .collect();
    assert_eq!(addresses.len(), 151);

    let reason = |reason: &str| failures.iter().filter(|row| row["reason"] == reason).count();
    assert_eq!(reason("too_many_attempts"), 31);
    // The file was written from 27 March to 20 April; the latest such is 2026's.
    let times = || rows.iter().map(|row| row["time"].as_str().expect("a time"));
    assert!(times().all(|time| time.starts_with("2026-0")));
    assert_eq!(times().min(), Some("2026-03-27T13:08:09Z"));
}

#[test]
fn what_rsyslog_forwards_reads_as_it_was_logged() {
    let message = "Accepted publickey for ada from 203.0.113.5 port 1 ssh2: ED25519 SHA256:K";
    for line in [
        // Its templates TraditionalForwardFormat, ForwardFormat and SyslogProtocol23Format.
        format!("<38>Mar  1 10:00:00 web-1 sshd[7]: {message}"),
        format!("<38>2026-03-01T10:00:00+00:00 web-1 sshd[7]: {message}"),
        format!("<38>1 2026-03-01T10:00:00+00:00 web-1 sshd 7 - -  {message}"),
    ] {
        let collected = lines(&line);
        let rows = collected.rows();
        let [row] = rows[..] else { panic!("{line}: {} rows", rows.len()) };
        let said = ["user_name", "resource", "ip", "outcome", "credential"].map(|key| &row[key]);
        assert_eq!(said, ["ada", "web-1", "203.0.113.5", "success", "ssh_key"], "{line}");
    }
}

#[test]
fn an_invalid_user_and_the_password_that_follows_are_one_attempt() {
    let collected = lines(
        "Mar  1 10:00:00 web-1 sshd[7]: Invalid user oracle from 203.0.113.9 port 4242
         Mar  1 10:00:01 web-1 sshd[7]: Failed password for invalid user oracle from 203.0.113.9 port 4242 ssh2
         Mar  1 10:00:02 web-1 sshd[7]: message repeated 2 times: [ Failed password for invalid user oracle from 203.0.113.9 port 4242 ssh2]
         Mar  1 10:00:03 web-1 sshd[7]: Connection closed by invalid user oracle 203.0.113.9 port 4242 [preauth]",
    );
    let rows = collected.rows();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row["reason"] == "unknown_user" && row["user_name"] == "oracle"));
    assert!(matches!(collected.verdicts.last(), Some((_, Verdict::Joined(_)))));
}

#[test]
fn a_process_id_that_comes_back_is_another_connection() {
    let collected = lines(
        "Mar  1 10:00:00 web-1 sshd[7]: Invalid user a from 203.0.113.9
         Mar  1 10:10:01 web-1 sshd[7]: Failed password for invalid user a from 203.0.113.9 port 1 ssh2
         Mar  1 10:10:01 web-2 sshd[7]: Failed password for invalid user a from 203.0.113.9 port 1 ssh2",
    );
    assert_eq!(collected.rows().len(), 3);
    let collected = lines(
        "Mar  1 10:00:00 web-1 sshd[7]: Invalid user a from 203.0.113.9
         Mar  1 10:10:00 web-1 sshd[7]: Failed password for invalid user a from 203.0.113.9 port 1 ssh2",
    );
    assert_eq!(collected.rows().len(), 1);
}

#[test]
fn too_many_attempts_counts_only_where_nothing_else_was_logged() {
    let alone = lines(
        "Mar  1 10:00:00 web-1 sshd[7]: error: maximum authentication attempts exceeded for root from 203.0.113.9 port 1 ssh2 [preauth]
         Mar  1 10:00:00 web-1 sshd[7]: Disconnecting: Too many authentication failures [preauth]",
    );
    assert_eq!(alone.row()["reason"], "too_many_attempts");
    let after = lines(
        "Mar  1 10:00:00 web-1 sshd[8]: Failed password for root from 203.0.113.9 port 1 ssh2
         Mar  1 10:00:00 web-1 sshd[8]: error: maximum authentication attempts exceeded for root from 203.0.113.9 port 1 ssh2 [preauth]",
    );
    assert_eq!(after.row()["reason"], "bad_password");
}

#[test]
fn a_probe_with_none_is_no_attempt() {
    let collected = lines(
        "Mar  1 10:00:00 web-1 sshd[7]: Invalid user a from 203.0.113.9 port 1
         Mar  1 10:00:00 web-1 sshd[7]: Failed none for invalid user a from 203.0.113.9 port 1 ssh2",
    );
    assert_eq!(collected.row()["operation"], "Invalid user");
}

#[test]
fn two_methods_in_one_sign_in_are_two_factors() {
    let collected = lines(
        "Mar  1 10:00:00 web-1 sshd[7]: Partial publickey for ada from 203.0.113.9 port 1 ssh2: ED25519 SHA256:abc
         Mar  1 10:00:09 web-1 sshd[7]: Accepted keyboard-interactive/pam for ada from 203.0.113.9 port 1 ssh2",
    );
    let rows = collected.rows();
    assert_eq!((&rows[0]["outcome"], &rows[0]["mfa"]), (&"interrupted".into(), &"unknown".into()));
    assert_eq!((&rows[1]["outcome"], &rows[1]["mfa"]), (&"success".into(), &"performed".into()));
}

#[test]
fn a_user_who_is_shut_out_is_denied_once() {
    let collected = lines(
        "Mar  1 10:00:00 web-1 sshd[7]: User bob from 203.0.113.9 not allowed because not listed in AllowUsers
         Mar  1 10:00:01 web-1 sshd[7]: Failed password for invalid user bob from 203.0.113.9 port 1 ssh2",
    );
    let row = collected.row();
    assert_eq!((&row["outcome"], &row["reason"]), (&"denied".into(), &"not_authorized".into()));
}

/// Reads one undated line of a stream received at `received`.
fn year_of(line: &str, received: &str) -> String {
    let received = super::super::time::parse(received, Tz::UTC).expect("a time");
    let context = Context { received, ..context() };
    let record =
        format!("{line} web-1 sshd[7]: Accepted password for ada from 203.0.113.9 port 1 ssh2");
    let mut adapter = (SOURCE.open)();
    let collected = collect::read(&mut *adapter, &SOURCE, [record.as_bytes()], &context);
    match &collected.verdicts[0].1 {
        Verdict::Row(row) => row["time"].as_str().expect("a time").to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn the_year_of_a_stream_is_the_latest_that_is_not_in_the_future() {
    let received = "2027-01-01T00:05:00Z";
    assert_eq!(year_of("Dec 31 23:59:59", received), "2026-12-31T23:59:59Z");
    assert_eq!(year_of("Jan  1 00:04:00", received), "2027-01-01T00:04:00Z");
    // A clock may be up to a day ahead.
    assert_eq!(year_of("Jan  2 00:05:00", received), "2027-01-02T00:05:00Z");
    assert_eq!(year_of("Jan  2 00:05:01", received), "2026-01-02T00:05:01Z");
    assert_eq!(year_of("Jan  1 00:00:01", "2026-12-31T23:59:00Z"), "2027-01-01T00:00:01Z");
    assert_eq!(year_of("Feb 29 12:00:00", received), "2024-02-29T12:00:00Z");
    assert_eq!(year_of("Jun 30 23:59:60", received), "2026-07-01T00:00:00Z");
}

fn times_of_file(text: &str) -> Vec<String> {
    let records: Vec<&[u8]> = text.lines().map(|line| line.trim_start().as_bytes()).collect();
    let collected = file(&SOURCE, &records);
    collected.rows().iter().map(|row| row["time"].as_str().expect("a time").to_owned()).collect()
}

#[test]
fn the_year_of_a_file_is_counted_over_new_year() {
    let line = |time: &str| {
        format!("{time} web-1 sshd[7]: Accepted password for ada from 203.0.113.9 port 1 ssh2\n")
    };
    // Read in November 2026: December can only be 2025's.
    let text = line("Dec 30 10:00:00") + &line("Jan  2 10:00:00") + &line("Jan  1 10:00:00");
    assert_eq!(
        times_of_file(&text),
        ["2025-12-30T10:00:00Z", "2026-01-02T10:00:00Z", "2026-01-01T10:00:00Z"]
    );
    // One line after the receipt puts all a year back.
    let text = line("Nov 24 10:00:00") + &line("Nov 25 00:00:01");
    assert_eq!(times_of_file(&text), ["2025-11-24T10:00:00Z", "2025-11-25T00:00:01Z"]);
    let text = line("Nov 24 10:00:00") + &line("Nov 25 00:00:00");
    assert_eq!(times_of_file(&text), ["2026-11-24T10:00:00Z", "2026-11-25T00:00:00Z"]);
    let text = line("Dec 31 23:59:59") + &line("Jan  1 00:00:00") + &line("Dec 31 23:59:58");
    assert_eq!(
        times_of_file(&text),
        ["2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "2025-12-31T23:59:58Z"]
    );
    let text = line("Feb 29 10:00:00") + &line("Mar  1 10:00:00");
    assert_eq!(times_of_file(&text), ["2024-02-29T10:00:00Z", "2024-03-01T10:00:00Z"]);
    let text = line("Jun  1 10:00:00")
        + &line("Jan  1 10:00:00")
        + &line("Jun  1 10:00:00")
        + &line("Jan  1 10:00:00");
    assert_eq!(times_of_file(&text)[0], "2024-06-01T10:00:00Z");
}

#[test]
fn a_time_without_an_offset_is_in_the_source_s_zone() {
    let context = Context { zone: Tz::America__New_York, ..context() };
    let mut adapter = (SOURCE.open)();
    let record = b"2026-03-01 05:00:00 web-1 sshd[7]: Accepted password for ada from 203.0.113.9 port 1 ssh2";
    let collected = collect::read(&mut *adapter, &SOURCE, [&record[..]], &context);
    assert_eq!(collected.row()["time"], "2026-03-01T10:00:00Z");
}

#[test]
fn a_message_that_was_repeated_is_so_many_attempts() {
    let collected = lines(
        "Mar  1 10:00:00 web-1 sshd[7]: message repeated 5 times: [ Failed password for root from 203.0.113.9 port 4242 ssh2]",
    );
    let rows = collected.rows();
    assert_eq!(logons(&rows, "failure").count(), 5);
    let parts: Vec<i32> = collected.verdicts.iter().map(|(position, _)| position.part).collect();
    assert_eq!(parts, [0, 1, 2, 3, 4]);
}

#[test]
fn names_hold_blanks_quotes_line_breaks_and_whole_messages() {
    for name in [
        "",
        "a b",
        "\"a\"#012'; DROP TABLE users;--",
        "=cmd|calc",
        "José",
        "root from 192.0.2.1 port 22 ssh2",
        "Accepted password for root from 192.0.2.1 port 9 ssh2",
    ] {
        let line = format!(
            "Mar  1 10:00:00 web-1 sshd[7]: Failed password for invalid user {name} from 198.51.100.66 port 4000 ssh2"
        );
        let collected = stream(&SOURCE, [line.as_bytes()]);
        let row = collected.row();
        let said = row.get("user_name").and_then(Value::as_str).unwrap_or_default();
        assert!(said == name.to_lowercase() || said == "[redacted]", "{name}: {row}");
        assert_eq!((&row["ip"], &row["outcome"]), (&"198.51.100.66".into(), &"failure".into()));
    }
}
