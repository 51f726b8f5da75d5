//! A stream that is split over a restart gives what it gives in one go.

use chrono::Utc;
use rollcall_lake::Table;

use super::bench::{Bench, github, rows};
use crate::log::{Batch, Log, LogStart, Marks};

const EVENT: &[&str] = &[
    "seq",
    "part",
    "user_name",
    "activity",
    "outcome",
    "reason",
    "mfa",
    "revises_seq",
    "revises_part",
    "operation",
];
const VERDICT: &[&str] = &["seq", "part", "verdict", "of_seq", "of_part"];

/// Connections that open, are joined to, are revised and end, one amid the other;
/// some over more than ten minutes that only joined lines hold together.
const LINES: &[&str] = &[
    "2026-11-20T10:00:00Z web-1 sshd[10]: Invalid user oracle from 203.0.113.9 port 4000",
    "2026-11-20T10:00:01Z web-1 sshd[11]: Connection from 203.0.113.7 port 4100 on 192.0.2.1 port 22",
    "2026-11-20T10:00:02Z web-1 sshd[10]: Failed none for invalid user oracle from 203.0.113.9 port 4000 ssh2",
    "2026-11-20T10:00:03Z web-1 sshd[12]: Partial publickey for ada from 203.0.113.5 port 4200 ssh2: ED25519 SHA256:abc",
    "2026-11-20T10:00:04Z web-1 systemd[1]: Started Session 7 of user ada.",
    "2026-11-20T10:08:00Z web-1 sshd[10]: Failed none for invalid user oracle from 203.0.113.9 port 4000 ssh2",
    "2026-11-20T10:08:30Z web-1 sshd[12]: Postponed keyboard-interactive for ada from 203.0.113.5 port 4200 ssh2 [preauth]",
    "2026-11-20T10:15:00Z web-1 sshd[10]: Failed password for invalid user oracle from 203.0.113.9 port 4000 ssh2",
    "2026-11-20T10:15:01Z web-1 sshd[12]: Accepted keyboard-interactive/pam for ada from 203.0.113.5 port 4200 ssh2",
    "2026-11-20T10:15:02Z web-1 sshd[10]: error: maximum authentication attempts exceeded for invalid user oracle from 203.0.113.9 port 4000 ssh2 [preauth]",
    "2026-11-20T10:15:03Z web-1 sshd[10]: Connection closed by 203.0.113.9 port 4000 [preauth]",
    "2026-11-20T10:15:04Z web-1 sshd[12]: pam_unix(sshd:session): session opened for user ada by (uid=0)",
];

fn sent(lines: &[&str]) -> bytes::Bytes {
    let mut text = lines.join("\n");
    text.push('\n');
    text.into()
}

/// What the lines give where a new process begins before the `at`th.
fn split_at(at: usize) -> (Vec<String>, Vec<String>) {
    let mut bench = Bench::new();
    let mut lake = bench.lake();
    for part in [&LINES[..at], &LINES[at..]] {
        if !part.is_empty() {
            let (intake, _) = bench.serve(&lake);
            let taken = intake.accept("sshd", "c", sent(part));
            let taken = bench.runtime.block_on(taken).expect("taken");
            assert_eq!(usize::try_from(taken.count), Ok(part.len()));
            bench.runtime.block_on(intake.settle()).expect("sealed");
            if at < LINES.len() && std::ptr::eq(part, &LINES[..at]) {
                bench.restart();
                lake = bench.lake();
            }
        }
    }
    (rows(&lake, Table::Events, EVENT), rows(&lake, Table::SetAside, VERDICT))
}

#[test]
fn lines_of_a_server_give_the_same_wherever_the_process_ends() {
    let whole = split_at(0);
    let shown = format!("{whole:#?}");
    assert!(shown.contains("ada logon success - performed"), "{shown}");
    assert!(whole.0.iter().any(|row| row.contains("failure unknown_user unknown 0 0")), "{shown}");
    for at in 1..LINES.len() {
        assert_eq!(split_at(at), whole, "split before line {at}");
    }
}

#[test]
fn a_segment_shared_with_a_later_import_forgets_no_connection() {
    let mut bench = Bench::new();
    let lake = bench.lake();
    let (intake, _) = bench.serve(&lake);
    bench.runtime.block_on(intake.accept("sshd", "c", sent(&LINES[..1]))).expect("taken");
    // Another stream's rows, received later, in the same segment.
    let later = Utc::now().timestamp_micros() + 3_600_000_000;
    let mut reader = crate::tail::Reader::new(super::bench::read_settings());
    let entry = github(1, "git.push", Utc::now().timestamp_millis());
    let pieces = [crate::tail::Piece { seq: 0, bytes: entry.trim().as_bytes() }];
    reader.read(77, &"import".into(), later, "github", pieces.into_iter());
    let answer =
        intake.pipeline().chunk(reader.take().expect("read").expect("a chunk")).expect("taken");
    bench.runtime.block_on(answer).expect("in the tail");
    bench.runtime.block_on(intake.settle()).expect("sealed");
    assert_eq!(lake.snapshot().table(Table::Events).segments.len(), 1);

    bench.restart();
    let lake = bench.lake();
    let (intake, _) = bench.serve(&lake);
    let judged = "2026-11-20T10:00:05Z web-1 sshd[10]: Failed password for invalid user oracle from 203.0.113.9 port 4000 ssh2";
    bench.runtime.block_on(intake.accept("sshd", "c", sent(&[judged]))).expect("taken");
    bench.runtime.block_on(intake.settle()).expect("sealed");
    let revises = rows(&lake, Table::Events, &["source", "seq", "revises_seq"]);
    assert_eq!(revises, ["github 0 -", "sshd 0 -", "sshd 1 0"]);
}

#[test]
fn receipt_never_goes_backwards_where_the_clock_does() {
    let mut bench = Bench::new();
    let lake = bench.lake();
    let ahead = Utc::now().timestamp_micros() + 3 * 24 * 3_600_000_000;
    // A log of a process whose clock was three days ahead.
    let epoch = lake.directory().log().join("0190c0de-0000-4000-8000-000000000001");
    std::fs::create_dir_all(&epoch).expect("a folder");
    let marks = Marks::open(lake.directory().marks()).expect("opened");
    let from = LogStart {
        directory: epoch,
        next_seq: 0,
        last_received: ahead,
        files: Vec::new(),
        marks: marks.into(),
    };
    let settings = crate::LogSettings::default();
    let log = Log::start(from, settings, |_| {}, |reason| eprintln!("{reason}")).expect("started");
    let entry = |text: &'static str| Batch { count: 1, ..Batch::told("sshd", "c", text.into()) };
    let first = "2026-11-20T10:00:04Z web-1 systemd[1]: Started Session 7 of user ada.\n";
    bench.runtime.block_on(log.append(entry(first))).expect("taken");
    log.stop();

    for round in 0..3 {
        // What was sealed is forgotten by the log, and had given no row.
        let lake = if round == 0 { std::sync::Arc::clone(&lake) } else { bench.lake() };
        let (intake, report) = bench.serve(&lake);
        assert_eq!(report.replayed, i64::from(round == 0));
        let accepted = intake.accept("sshd", "c", first.into());
        bench.runtime.block_on(accepted).expect("taken");
        bench.runtime.block_on(intake.settle()).expect("sealed");
        let snapshot = lake.snapshot();
        for segment in snapshot.table(Table::SetAside).segments.iter() {
            assert!(segment.tags.received_min >= Some(ahead), "round {round}");
        }
        // The clock can't tell what is in the future: such times are believed.
        let status = intake.pipeline().status();
        if round > 0 {
            let behind = status.clock_behind.load(std::sync::atomic::Ordering::Relaxed);
            assert!(behind > 2 * 24 * 3_600_000_000, "{behind}");
        }
        bench.restart();
    }
    let lake = bench.lake();
    let (intake, _) = bench.serve(&lake);
    let week_ahead = Utc::now().timestamp_millis() + 7 * 24 * 3_600_000;
    let accepted = intake.accept("github", "c", github(1, "git.push", week_ahead).into());
    bench.runtime.block_on(accepted).expect("taken");
    bench.runtime.block_on(intake.settle()).expect("sealed");
    assert_eq!(rows(&lake, Table::Events, &["source"]), ["github"]);
}

#[test]
fn the_last_of_two_revisions_in_one_segment_stands() {
    let mut bench = Bench::new();
    let lake = bench.lake();
    let (intake, _) = bench.serve(&lake);
    let now = Utc::now().timestamp_millis();
    let send = |intake: &crate::Intake, action: &str| {
        let accepted = intake.accept("github", "c", github(1, action, now).into());
        bench.runtime.block_on(accepted).expect("taken");
    };
    for action in ["git.push", "git.fetch", "git.clone", "git.push"] {
        send(&intake, action);
    }
    bench.runtime.block_on(intake.settle()).expect("sealed");
    let check = |lake: &rollcall_lake::Lake, replaced: usize, last: &str| {
        let snapshot = lake.snapshot();
        assert_eq!(snapshot.replaced.len(), replaced);
        let events = snapshot.table(Table::Events).segments;
        let all = rows(lake, Table::Events, &["seq", "operation", "revises_seq"]);
        assert_eq!(all[..3], ["0 git.push -", "1 git.fetch 0", "2 git.clone 1"]);
        assert_eq!(all.last().map(String::as_str), Some(last));
        assert!(events.iter().any(|segment| snapshot.replaced.in_segment(&segment.name).is_some()));
        let verdicts = rows(lake, Table::SetAside, &["seq", "verdict", "of_seq"]);
        assert_eq!(verdicts[0], "3 duplicate 0");
    };
    assert_eq!(lake.snapshot().table(Table::Events).segments.len(), 1);
    check(&lake, 2, "2 git.clone 1");
    // A restart finds the same, and the next version revises the last.
    bench.restart();
    let lake = bench.lake();
    let (intake, _) = bench.serve(&lake);
    check(&lake, 2, "2 git.clone 1");
    let accepted = intake.accept("github", "c", github(1, "git.merge", now).into());
    bench.runtime.block_on(accepted).expect("taken");
    bench.runtime.block_on(intake.settle()).expect("sealed");
    check(&lake, 3, "4 git.merge 2");
}

/// An operator who moved a damaged file of the log away goes on without its
/// records; what is missing is written down.
#[test]
fn a_file_of_the_log_that_is_gone_is_a_gap() {
    for (gone, gap, rows) in [(0, (0, 1), 2), (1, (1, 2), 2)] {
        let bench = Bench::new();
        let lake = bench.lake();
        let epoch = lake.directory().log().join("0190c0de-0000-4000-8000-000000000001");
        std::fs::create_dir_all(&epoch).expect("a folder");
        let settings = crate::LogSettings { file_bytes: 1, ..crate::LogSettings::default() };
        let marks = Marks::open(lake.directory().marks()).expect("opened");
        let from = LogStart {
            directory: epoch.clone(),
            next_seq: 0,
            last_received: 0,
            files: Vec::new(),
            marks: marks.into(),
        };
        let log = Log::start(from, settings, |_| {}, |_| {}).expect("started");
        for id in 0..3 {
            let event = github(id, "git.push", Utc::now().timestamp_millis());
            let entry = Batch { count: 1, ..Batch::told("github", "c", event.into()) };
            bench.runtime.block_on(log.append(entry)).expect("taken");
        }
        log.stop();
        std::fs::remove_file(epoch.join(format!("{gone:020}.log"))).expect("removed");
        let (intake, _) = bench.serve(&lake);
        bench.runtime.block_on(intake.settle()).expect("sealed");
        let segments = lake.snapshot().table(Table::Events).segments;
        let range = &segments[0].tags.ranges[0];
        assert_eq!((range.from, range.to, range.rows), (0, 3, rows));
        assert_eq!(range.gaps, [gap]);
    }
}

/// Whoever waits for a seal hears of its failure once the reason is known.
#[test]
fn why_the_pipeline_stops_is_told_before_its_answers_end() {
    let bench = Bench::new();
    let lake = bench.lake();
    let (tell, told) = std::sync::mpsc::channel();
    let (intake, _) = bench.serve_telling(&lake, move |reason: String| {
        // Long enough for whoever was woken too early.
        std::thread::sleep(std::time::Duration::from_millis(300));
        tell.send(reason).expect("somebody listens");
    });
    let now = Utc::now().timestamp_millis();
    let many: String = (0..4_000).map(|id| github(id, "git.push", now)).collect();
    let accept = || bench.runtime.block_on(intake.accept("github", "c", many.clone().into()));
    accept().expect("taken");
    bench.runtime.block_on(intake.settle()).expect("sealed");
    for entry in std::fs::read_dir(lake.directory().index()).expect("id files") {
        let file = std::fs::OpenOptions::new().write(true).open(entry.expect("an entry").path());
        file.expect("an id file").set_len(0).expect("cut off");
    }
    accept().expect("taken");
    bench.runtime.block_on(intake.settle()).expect_err("the ids can't be read");
    let reason = told.try_recv().expect("the reason was told before");
    assert!(reason.contains(".ids"), "{reason}");
}
