//! Push, receipts and reading back, with anchors of several kinds.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rollcall_ledger::{Note, SignerKey};

use super::{Log, Server, runtime};
use crate::anchor::{
    AnchorError, AnchorSettings, Anchors, HookSettings, ObjectSettings, Proof, Standing,
    WitnessSettings, newest_receipts, open_anchored, receipts, vouches,
};
use crate::error::LakeError;

const MINUTE: Duration = Duration::from_secs(60);

fn witness_key() -> SignerKey {
    SignerKey::from_seed("witness.example", &[5; 32]).expect("a key")
}

/// A witness that cosigns whatever comes.
fn credulous() -> Server {
    Server::start(|request| {
        let text = String::from_utf8(request.body.clone()).expect("text");
        let (_, note) = text.split_once("\n\n").expect("a note");
        let note = Note::parse(note.as_bytes()).expect("a note");
        let line = witness_key().cosign(note.text(), 1_750_000_000);
        (200, "text/plain", format!("{line}\n").into_bytes())
    })
}

fn witness(server: &Server) -> AnchorSettings {
    AnchorSettings::Witness(WitnessSettings {
        name: "witness".to_owned(),
        url: server.url(),
        key: witness_key().cosigner().to_string(),
        every_minutes: 1,
    })
}

fn hook(name: &str, server: &Server) -> AnchorSettings {
    AnchorSettings::Hook(HookSettings {
        name: name.to_owned(),
        url: server.url(),
        token_env: None,
        token_file: None,
        every_minutes: 1,
    })
}

fn disk(folder: &tempfile::TempDir) -> AnchorSettings {
    fs::create_dir(folder.path().join("log")).expect("a folder");
    AnchorSettings::Object(ObjectSettings {
        name: "disk".to_owned(),
        url: format!("file://{}/log", folder.path().display()),
        env_prefix: String::new(),
        every_minutes: 1,
    })
}

fn receipt_path(log: &Log, anchor: &str, size: u64) -> PathBuf {
    log.directory().path().join("anchors").join(anchor).join(size.to_string())
}

#[test]
fn one_anchor_that_fails_stops_no_other() {
    let (runtime, mut log) = (runtime(), Log::new());
    let folder = tempfile::tempdir().expect("a disk");
    let (good, bad) = (credulous(), Server::start(|_| (500, "text/plain", Vec::new())));
    let settings = [hook("hook", &bad), witness(&good), disk(&folder)];
    let mut anchors =
        Anchors::open(&settings, log.directory().path(), runtime.handle()).expect("anchors");
    log.grow(3);
    let outcomes = anchors.push(&log.checkpoint(), log.directory());
    let names: Vec<(&str, bool)> =
        outcomes.iter().map(|(name, outcome)| (name.as_str(), outcome.is_ok())).collect();
    assert_eq!(names, [("hook", false), ("witness", true), ("disk", true)]);
    for name in ["witness", "disk"] {
        assert!(receipt_path(&log, name, 3).exists());
    }
    assert!(!receipt_path(&log, "hook", 3).exists());
}

#[test]
fn an_anchor_is_asked_once_a_minute_and_for_each_checkpoint_once() {
    let (runtime, mut log) = (runtime(), Log::new());
    let server = credulous();
    let settings = [witness(&server)];
    let path = log.directory().path().to_owned();
    let mut anchors = Anchors::open(&settings, &path, runtime.handle()).expect("anchors");
    let start = Instant::now();
    log.grow(3);
    let push = |log: &Log, anchors: &mut Anchors, at: Duration| {
        anchors.push_at(start + at, &log.checkpoint(), log.directory()).len()
    };
    assert_eq!(push(&log, &mut anchors, Duration::ZERO), 1);
    log.grow(1);
    assert_eq!(push(&log, &mut anchors, MINUTE / 2), 0, "not yet");
    assert_eq!(push(&log, &mut anchors, MINUTE), 1);
    assert_eq!(push(&log, &mut anchors, MINUTE * 3), 0, "it has it");
    // Another process knows it from the receipts.
    let mut anchors = Anchors::open(&settings, &path, runtime.handle()).expect("anchors");
    assert_eq!(push(&log, &mut anchors, MINUTE * 3), 0, "it has it");
    log.grow(1);
    assert_eq!(push(&log, &mut anchors, MINUTE * 3), 1);
    let old: Vec<String> = server
        .requests()
        .iter()
        .map(|request| String::from_utf8_lossy(&request.body).lines().next().unwrap().to_owned())
        .collect();
    assert_eq!(old, ["old 0", "old 3", "old 4"]);
}

#[test]
fn a_checkpoint_that_the_tiles_do_not_give_is_shown_to_nobody() {
    let (runtime, mut log, mut other) = (runtime(), Log::new(), Log::new());
    let server = credulous();
    let mut anchors = Anchors::open(&[witness(&server)], log.directory().path(), runtime.handle())
        .expect("anchors");
    log.grow(3);
    other.grow_otherwise(3);
    let outcomes = anchors.push(&other.checkpoint(), log.directory());
    let told = outcomes[0].1.as_ref().expect_err("refused");
    assert!(matches!(told, AnchorError::NotShown(_)), "{told}");
    assert!(server.requests().is_empty());
}

#[test]
fn receipts_tell_what_is_verified_and_what_is_only_said() {
    let (runtime, mut log) = (runtime(), Log::new());
    let folder = tempfile::tempdir().expect("a disk");
    let (good, taken) = (credulous(), Server::start(|_| (200, "text/plain", Vec::new())));
    let settings = [hook("hook", &taken), witness(&good), disk(&folder)];
    let path = log.directory().path().to_owned();
    let mut anchors = Anchors::open(&settings, &path, runtime.handle()).expect("anchors");
    let start = Instant::now();
    for n in 0..3 {
        log.grow(5);
        let outcomes = anchors.push_at(start + MINUTE * n, &log.checkpoint(), log.directory());
        assert!(outcomes.iter().all(|(_, outcome)| outcome.is_ok()), "{outcomes:?}");
    }
    let reports = receipts(&settings, &path, &log.keys()).expect("reports");
    let told: Vec<(&str, u64, bool)> = reports
        .iter()
        .map(|report| {
            let checkpoint = report.checkpoint.as_ref().expect("a checkpoint");
            vouches(&log.known(), log.size(), checkpoint).expect("it is ours");
            let is_verified = match &report.standing {
                Standing::Verified { by } => by.starts_with("witness.example+"),
                Standing::Claimed { why } => !why.contains("only"),
                Standing::Wrong(error) => panic!("{error}"),
            };
            (report.anchor.as_str(), checkpoint.size, is_verified)
        })
        .collect();
    let expected = ["disk", "hook", "witness"]
        .into_iter()
        .flat_map(|name| [5, 10, 15].map(|size| (name, size, name == "witness")));
    assert_eq!(told, expected.collect::<Vec<_>>());
    let time = reports.last().and_then(|report| report.time).expect("a time");
    assert_eq!(time.timestamp(), 1_750_000_000, "the witness's time, not ours");
    let newest = newest_receipts(&settings, &path, &log.keys()).expect("reports");
    let newest = newest.iter().map(|report| {
        (report.anchor.as_str(), report.checkpoint.as_ref().expect("a checkpoint").size)
    });
    assert_eq!(newest.collect::<Vec<_>>(), [("hook", 15), ("witness", 15), ("disk", 15)]);
    // A checkpoint that the log didn't sign was anchored by nobody.
    let stranger = SignerKey::from_seed("rollcall/test", &[9; 32]).expect("a key").verifier();
    let by_other = receipts(&settings, &path, &[stranger]).expect("reports");
    assert!(by_other.iter().all(|report| matches!(report.standing, Standing::Wrong(_))));
    // Without the settings nobody says whom to trust.
    let reports = receipts(&[], &path, &log.keys()).expect("reports");
    assert!(reports.iter().all(|report| matches!(report.standing, Standing::Claimed { .. })));
}

#[test]
fn every_damaged_receipt_is_told() {
    let (runtime, mut log) = (runtime(), Log::new());
    let server = credulous();
    let settings = [witness(&server)];
    let path = log.directory().path().to_owned();
    let mut anchors = Anchors::open(&settings, &path, runtime.handle()).expect("anchors");
    log.grow(3);
    assert!(anchors.push(&log.checkpoint(), log.directory())[0].1.is_ok());
    let file = receipt_path(&log, "witness", 3);
    let good = fs::read_to_string(&file).expect("a receipt");
    let standing = || receipts(&settings, &path, &log.keys()).expect("reports");
    assert!(matches!(standing()[0].standing, Standing::Verified { .. }));
    for (was, is) in [
        ("\"v\": 1", "\"v\": 2"),
        ("\"v\": 1", "\"v\": 1, \"more\": 1"),
        ("\"anchor\": \"witness\"", "\"anchor\": \"other\""),
        ("\\n3\\n", "\\n4\\n"),
        ("rollcall/test\\n3", "rollcall/fake\\n3"),
        ("\"kind\": \"witness\"", "\"kind\": \"fax\""),
        ("— witness.example ", "— witness.other "),
        ("\"cosignatures\": \"— w", "\"cosignatures\": \"w"),
        ("\"cosignatures\"", "\"other\""),
        ("}\n}\n", ""),
    ] {
        let damaged = good.replace(was, is);
        assert_ne!(damaged, good, "{was}");
        fs::write(&file, damaged).expect("a file");
        let reports = standing();
        assert!(matches!(reports[0].standing, Standing::Wrong(_)), "{was} → {is}");
    }
    // Characters all over it: what still reads is either the same or told.
    let checkpoint = open_anchored(&log.checkpoint(), &log.keys()).expect("ours");
    for (place, _) in good.char_indices().step_by(5) {
        let mut damaged = good.clone().into_bytes();
        damaged[place] ^= 1;
        fs::write(&file, damaged).expect("a file");
        for report in standing() {
            if let Standing::Verified { .. } = report.standing {
                assert_eq!(report.checkpoint.as_ref(), Some(&checkpoint), "byte {place}");
            }
        }
    }
    fs::write(&file, &good).expect("a file");
    fs::rename(&file, receipt_path(&log, "witness", 4)).expect("renamed");
    assert!(matches!(standing()[0].standing, Standing::Wrong(_)), "under another size");
    fs::write(file.with_file_name("notes"), "x").expect("a file");
    assert_eq!(standing().len(), 2, "a file that is none is told too");
    assert!(standing().iter().all(|report| matches!(report.standing, Standing::Wrong(_))));
}

#[test]
fn a_ledger_replaced_together_with_its_receipts_is_told_by_reading_back() {
    let (runtime, mut honest) = (runtime(), Log::new());
    let folder = tempfile::tempdir().expect("a disk");
    let settings = [disk(&folder)];
    let open = |log: &Log| {
        Anchors::open(&settings, log.directory().path(), runtime.handle()).expect("anchors")
    };
    honest.grow(20);
    assert!(open(&honest).push(&honest.checkpoint(), honest.directory())[0].1.is_ok());
    let told = |log: &Log| {
        let mut held = open(log).read_back();
        let (name, held) = held.pop().expect("one anchor");
        assert_eq!(name, "disk");
        let held = held.expect("read");
        assert_eq!(held.len(), 1);
        let checkpoint = open_anchored(&held[0], &log.keys()).expect("ours");
        vouches(&log.known(), log.size(), &checkpoint)
    };
    honest.grow(5);
    told(&honest).expect("a beginning of the ledger");
    let mut back = Log::new();
    back.grow(8);
    assert!(matches!(told(&back), Err(AnchorError::Ahead { theirs: 20, ours: 8 })));
    let mut forged = Log::new();
    forged.grow_otherwise(25);
    assert!(matches!(told(&forged), Err(AnchorError::OtherRoot { size: 20, .. })));
}

#[test]
fn settings_that_cannot_be_used_are_told_with_the_anchors_name() {
    let (runtime, log, server) = (runtime(), Log::new(), credulous());
    let mut wrong = hook("bad-one", &server);
    if let AnchorSettings::Hook(of) = &mut wrong {
        of.url = "nowhere".to_owned();
    }
    let path = log.directory().path();
    let told = Anchors::open(&[wrong], path, runtime.handle()).expect_err("told");
    assert!(matches!(told, LakeError::Anchor { .. }) && told.to_string().contains("bad-one"));
    let twice = [hook("a", &server), hook("a", &server)];
    assert!(Anchors::open(&twice, path, runtime.handle()).is_err());
}

#[test]
fn a_receipt_holds_what_was_sent_byte_for_byte() {
    let (runtime, mut log, server) = (runtime(), Log::new(), credulous());
    let mut anchors = Anchors::open(&[witness(&server)], log.directory().path(), runtime.handle())
        .expect("anchors");
    log.grow(3);
    let outcomes = anchors.push(&log.checkpoint(), log.directory());
    let receipt = outcomes[0].1.as_ref().expect("a receipt");
    assert_eq!(receipt.checkpoint.as_bytes(), log.checkpoint());
    let Proof::Witness { cosignatures } = &receipt.proof else { panic!("cosignatures") };
    assert!(cosignatures.starts_with("— witness.example "));
    let folder = log.directory().path().join("anchors/witness");
    assert_eq!(fs::read_dir(folder).expect("a folder").count(), 1, "no litter");
}
