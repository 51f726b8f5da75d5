//! Bits that flip and files that end early, in every kind of file that rollcall
//! writes. Readers and the next start give right answers or name the file; a flip
//! in what is derived is mended.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use super::answers::{Answer, Verdict, ask, judge, names};
use super::load::{Told, send, send_together};
use super::process::Process;
use super::{Outcome, base, check, seeded};
use crate::rollcall::{Rollcall, eventually};

/// Kinds over which an answer may differ: `verify` finds the damage.
const EVIDENCE: [&str; 3] = ["Parquet", "Delta", "key"];

/// Kinds that say which records are sealed.
const OF_POSITIONS: [&str; 4] = ["log", "Delta", "ids", "shards"];

/// Batches in each file of the log.
const LOGGED: i64 = 3;

struct Original {
    rollcall: Rollcall,
    told: Told,
    /// Files by kind, relative.
    files: BTreeMap<String, Vec<PathBuf>>,
    /// What readers say.
    sealed: Answer,
    /// What they say after a start has read and sealed the log.
    started: Answer,
}

/// One damage.
pub fn run(number: u64) -> Outcome {
    static ORIGINAL: OnceLock<Original> = OnceLock::new();
    let original = ORIGINAL.get_or_init(make);
    let mut random = seeded("flips", number);
    let kinds: Vec<&String> = original.files.keys().collect();
    let kind = kinds[usize::try_from(number).expect("small") % kinds.len()];
    let file = original.files[kind].choose(&mut random).expect("files");
    let rollcall = copy(original, file);
    let damaged = rollcall.data().join(file);
    let how = damage(&damaged, &mut random);
    let context = format!("{} {how}", file.display());
    let read = judge(&ask(&rollcall), &original.sealed, &damaged);
    other_is_found(&rollcall, kind, read, &context);
    if read == Verdict::Unnamed {
        let found = check::verify_finds(&rollcall).unwrap_or_default();
        let name = file.file_name().expect("a name").to_str().expect("text");
        assert!(found.contains(name), "{context}: `verify` doesn't name it: {found}");
    }
    let then = start(&rollcall, original, kind, &damaged, &context);
    if then == Then::Answered(Verdict::Right) && OF_POSITIONS.iter().any(|of| kind.contains(of)) {
        takes_more(&rollcall, &original.told.copy());
    }
    let way = match (read, then) {
        (Verdict::Other, _) | (_, Then::Answered(Verdict::Other)) => {
            "another answer, found by `verify`"
        }
        (Verdict::Unnamed, _) | (_, Then::Answered(Verdict::Unnamed)) => {
            "refused, the file named by `verify`"
        }
        (Verdict::Refused, _) | (_, Then::Answered(Verdict::Refused)) => "refused, the file named",
        (_, Then::Refused) => "the start refused, the file named",
        (_, Then::CutOff) => "records gone with their file, and told",
        (Verdict::Right, Then::Answered(Verdict::Right)) => "right answers",
    };
    Outcome::Held(format!("{kind}: {way}"))
}

/// What a start came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// It said which file is damaged.
    Refused,
    /// It cut off a log's end and said so.
    CutOff,
    /// It came up.
    Answered(Verdict),
}

/// It takes records, and they are there: no damage makes their positions ones that
/// are sealed already.
#[track_caller]
fn takes_more(rollcall: &Rollcall, told: &Told) {
    let server = Process::serve(rollcall, &[], &[]);
    let address = server.address.clone().expect("a server");
    assert!(send(&address, &rollcall.token(), told), "it takes no records any more");
    server.terminate();
    assert!(server.ended().status.success(), "it doesn't end well");
    let lost = check::Stored::ask(rollcall, told).lost(told);
    assert!(lost.is_empty(), "acknowledged after the damage and lost: {lost:?}");
}

/// Starts a server on it, ends it, and asks again.
#[track_caller]
fn start(
    rollcall: &Rollcall,
    original: &Original,
    kind: &str,
    damaged: &Path,
    context: &str,
) -> Then {
    let server = Process::serve(rollcall, &[], &[]);
    server.terminate();
    let ended = server.ended();
    ended.must_say_why(&rollcall.data());
    let told = names(&ended.said, damaged);
    if !ended.status.success() {
        assert!(told, "{context}: the start names another file: {}", ended.said);
        return Then::Refused;
    }
    let then = judge(&ask(rollcall), &original.started, damaged);
    if kind == "log" && then == Verdict::Other {
        assert!(told, "{context}: records are gone, and the start doesn't say so: {}", ended.said);
        let lost = check::Stored::ask(rollcall, &original.told).lost(&original.told);
        let held = original.logged(damaged);
        assert!(lost.iter().all(|batch| held.contains(batch)), "{context}: lost {lost:?}");
        return Then::CutOff;
    }
    other_is_found(rollcall, kind, then, context);
    Then::Answered(then)
}

impl Original {
    /// The batches in one of the log's files: the last ones that were sent.
    fn logged(&self, file: &Path) -> Range<i64> {
        let files = &self.files["log"];
        let at = files.iter().position(|f| file.ends_with(f)).expect("a file of the log");
        let sent = self.told.sent.load(Ordering::SeqCst);
        let from = sent - LOGGED * i64::try_from(files.len() - at).expect("few");
        from..from + LOGGED
    }
}

/// A wrong answer is found by `verify`, and never comes from a derived file.
#[track_caller]
fn other_is_found(rollcall: &Rollcall, kind: &str, verdict: Verdict, context: &str) {
    if verdict == Verdict::Other {
        let evidence = EVIDENCE.iter().any(|word| kind.contains(word));
        assert!(evidence, "{context}: another answer than before");
        let found = check::verify_finds(rollcall);
        assert!(found.is_some(), "{context}: another answer, and `verify` finds nothing");
    }
}

/// Flips a bit, or cuts the file; says what it did.
fn damage(path: &Path, random: &mut ChaCha8Rng) -> String {
    let mut bytes = fs::read(path).expect("bytes");
    let how = if random.random_bool(0.7) && !bytes.is_empty() {
        let at = random.random_range(0..bytes.len());
        let bit = random.random_range(0..8);
        bytes[at] ^= 1 << bit;
        format!("bit {bit} of byte {at} flipped")
    } else {
        let ends: Vec<usize> =
            bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(at, _)| at + 1).collect();
        let length = match random.random_range(0..4) {
            0 => 0,
            1 => ends.choose(random).copied().unwrap_or_default(),
            _ => random.random_range(0..=bytes.len().saturating_sub(1)),
        };
        bytes.truncate(length);
        format!("cut to {length} bytes")
    };
    fs::remove_file(path).expect("removed");
    fs::write(path, bytes).expect("written");
    how
}

/// A copy: files that are never written in place are shared with the original.
fn copy(original: &Original, damaged: &Path) -> Rollcall {
    let rollcall = base::beside_originals();
    share(original.rollcall.folder(), rollcall.folder());
    let from = original.rollcall.data().join(damaged);
    let to = rollcall.data().join(damaged);
    fs::remove_file(&to).expect("removed");
    fs::copy(from, to).expect("copied");
    rollcall
}

fn share(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let once = path.extension().is_some_and(|e| e == "parquet" || e == "json" || e == "ids");
        if path.is_dir() {
            share(&path, &target);
        } else if once && fs::hard_link(&path, &target).is_ok() {
            // Never written again, only replaced.
        } else {
            fs::copy(&path, &target).expect("copied");
        }
    }
}

/// A directory with every kind of file: a Delta checkpoint, people, factors, files
/// that a compaction superseded, and three log files, of one of which a part is sealed.
fn make() -> Original {
    let (rollcall, told) = base::copy_into(base::original("flips"));
    let token = rollcall.token();
    let often = [("ROLLCALL_SEAL_ROWS", "100".to_owned())];
    let mut server = Process::serve(&rollcall, &[], &often);
    batches(&server, &token, &told, 3);
    let people = "id,name,logins,team\np1,Ada,github:dev-1,red\n";
    let factors = "as_of,source,login,factor\n2026-11-01,github,dev-1,totp\n";
    for (command, csv) in [("people", people), ("factors", factors)] {
        let file = rollcall.file("imported.csv", csv);
        rollcall.run(&[command, "import", file.to_str().expect("a path")]);
    }
    server.terminate();
    while !server.has_ended() {
        std::thread::yield_now();
    }
    half_sealed(&rollcall, &token, &told);
    for _ in 0..2 {
        let mut server = Process::serve(&rollcall, &[], &[]);
        batches(&server, &token, &told, LOGGED);
        server.kill();
        server.ended();
    }
    remove_address(&rollcall);
    let sealed = ask(&rollcall);
    let later = base::beside_originals();
    share(rollcall.folder(), later.folder());
    check::works(&later);
    check::all(&later, &told, &[]);
    let started = ask(&later);
    assert!(matches!((&sealed, &started), (Answer::Rows(_), Answer::Rows(_))), "{started:?}");
    let mut files = BTreeMap::new();
    find(&rollcall.data(), &rollcall.data(), &mut files);
    for table in ["events", "set_aside"] {
        let live = check::live(&rollcall.data(), table);
        let kind = format!("Parquet of {table}");
        let all = files.remove(&kind).expect("Parquet files");
        let is_live = |file: &PathBuf| {
            live.contains_key(file.file_name().expect("a name").to_str().expect("text"))
        };
        let (live, superseded) = all.into_iter().partition(is_live);
        files.insert(format!("superseded {kind}"), superseded);
        files.insert(kind, live);
    }
    Original { rollcall, told, files, sealed, started }
}

/// One request, of which a part is sealed and a part is not.
fn half_sealed(rollcall: &Rollcall, token: &str, told: &Told) {
    let some = [("ROLLCALL_SEAL_ROWS", "200".to_owned())];
    let commits = || check::commits(&rollcall.data(), "events").len();
    let mut server = Process::serve(rollcall, &[], &some);
    let address = server.address.clone().expect("a server");
    let before = commits();
    assert!(send_together(&address, token, told, LOGGED), "a request of the original");
    eventually("a seal of a part", || commits() > before);
    server.kill();
    server.ended();
}

fn batches(server: &Process, token: &str, told: &Told, count: i64) {
    let address = server.address.clone().expect("a server");
    for _ in 0..count {
        assert!(send(&address, token, told), "a batch of the original");
    }
}

/// Sockets and addresses are no evidence of anything.
fn remove_address(rollcall: &Rollcall) {
    for name in ["rollcall.sock", "address"] {
        // There is none where it was never made.
        let _ = fs::remove_file(rollcall.data().join(name));
    }
}

fn find(data: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<PathBuf>>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            find(data, &path, files);
        } else if let Some(kind) = kind(path.strip_prefix(data).expect("within")) {
            let relative = path.strip_prefix(data).expect("within").to_owned();
            files.entry(kind).or_default().push(relative);
        }
    }
    files.values_mut().for_each(|files| files.sort());
}

/// What kind of file it is; none for those that hold nothing.
fn kind(relative: &Path) -> Option<String> {
    let text = relative.to_str().expect("a name");
    let (top, rest) = text.split_once('/').unwrap_or((text, ""));
    match (top, rest) {
        ("lock" | "address", _) => None,
        ("log" | "format", _) => Some(top.to_owned()),
        ("index", _) => Some("ids".to_owned()),
        (top, "") if top.starts_with("state.db") => Some("state.db".to_owned()),
        ("ledger", rest) if rest.starts_with("keys/") => Some(format!("{} key", &rest[5..])),
        ("ledger", rest) => Some(format!("ledger {}", rest.split('/').next().unwrap_or(rest))),
        (_, "_delta_log/_last_checkpoint") => Some("Delta _last_checkpoint".to_owned()),
        (_, rest) if rest.starts_with("_delta_log/") => match rest.contains("checkpoint") {
            true => Some("Delta checkpoint".to_owned()),
            false => Some(format!("Delta commit of {top}")),
        },
        (table, _) => Some(format!("Parquet of {table}")),
    }
}
