//! Against a witness in this process that follows the specification: its own state,
//! its own checks.

use std::sync::{Arc, Mutex};

use rollcall_ledger::{Checkpoint, Head, SignerKey, verify_consistency};

use super::*;
use crate::anchor::tests::{Log, Server, runtime};

/// When the witness signs.
const TIME: u64 = 1_750_000_000;

fn key() -> SignerKey {
    SignerKey::from_seed("witness.example/w1", &[5; 32]).expect("a key")
}

/// The specification's answer to a request, and the head that is cosigned then.
fn answer(body: &[u8], last: &mut Head, log: &VerifierKey) -> (u16, &'static str, Vec<u8>) {
    let refuse = |status| (status, "text/plain", Vec::new());
    let text = std::str::from_utf8(body).expect("text");
    let Some((head, note)) = text.split_once("\n\n") else { return refuse(400) };
    let mut lines = head.lines();
    let old = lines.next().and_then(|line| line.strip_prefix("old ")).expect("an old size");
    let old: u64 = old.parse().expect("a size");
    let proof: Vec<[u8; 32]> = lines
        .map(|line| STANDARD.decode(line).expect("base64").try_into().expect("a hash"))
        .collect();
    let stated = Checkpoint::parse(Note::parse(note.as_bytes()).expect("a note").text());
    if stated.expect("a checkpoint").origin != log.name() {
        return refuse(404);
    }
    let Ok(signed) = Checkpoint::open(note.as_bytes(), std::slice::from_ref(log)) else {
        return refuse(403);
    };
    let new = Head::from(&signed.checkpoint);
    if old > new.size {
        return refuse(400);
    }
    let differs = old == new.size && old > 0 && last.root != new.root;
    if old != last.size || differs {
        return (409, "text/x.tlog.size", format!("{}\n", last.size).into_bytes());
    }
    let holds = match old {
        0 => proof.is_empty(),
        _ => verify_consistency(old, &last.root, new.size, &new.root, &proof).is_ok(),
    };
    if !holds {
        return refuse(422);
    }
    *last = new;
    let other = SignerKey::from_seed("witness.example/other", &[6; 32]).expect("a key");
    let lines = format!(
        "{}\n{}\n",
        other.cosign(signed.note.text(), TIME),
        key().cosign(signed.note.text(), TIME)
    );
    (200, "text/plain", lines.into_bytes())
}

/// A witness that signed a head last.
fn witness(last: Head, log: &Log) -> (Server, Arc<Mutex<Head>>) {
    let (state, log) = (Arc::new(Mutex::new(last)), log.keys().remove(0));
    let shared = Arc::clone(&state);
    let server = Server::start(move |request| {
        assert_eq!(request.path, "/here/add-checkpoint");
        answer(&request.body, &mut shared.lock().expect("state"), &log)
    });
    (server, state)
}

fn settings(server: &Server) -> WitnessSettings {
    WitnessSettings {
        name: "w1".to_owned(),
        url: server.url(),
        key: key().cosigner().to_string(),
        every_minutes: 1,
    }
}

fn client(server: &Server, handle: Handle) -> Witness {
    Witness::open(&settings(server), handle).expect("a witness")
}

#[test]
fn a_witness_cosigns_what_extends_what_it_cosigned() {
    let (runtime, mut log) = (runtime(), Log::new());
    let (server, state) = witness(Head::empty(), &log);
    let client = client(&server, runtime.handle().clone());
    let mut last = 0;
    for entries in [1, 5, 250, 300] {
        log.grow(entries);
        let Proof::Witness { cosignatures } = log.submit(&client, last).expect("cosigned") else {
            panic!("cosignatures")
        };
        let note = String::from_utf8(log.checkpoint()).expect("text");
        let signed = check(&note, &cosignatures, &settings(&server)).expect("holds");
        assert_eq!(signed.time.map(|time| time.timestamp()), Some(1_750_000_000));
        assert!(signed.by.starts_with("witness.example/w1+"), "{}", signed.by);
        last = log.size();
    }
    assert_eq!(server.requests().len(), 4, "nothing was asked twice");
    assert_eq!(state.lock().expect("state").size, 556);
}

#[test]
fn after_a_conflict_it_goes_on_from_the_size_that_the_witness_names() {
    let (runtime, mut log) = (runtime(), Log::new());
    log.grow(7);
    let seen = Checkpoint::open(&log.checkpoint(), &log.keys()).expect("ours").checkpoint;
    log.grow(13);
    // What we remember is too old, too new, nothing, or right.
    for remembered in [3, 20, 0, 7] {
        let (server, state) = witness(Head::from(&seen), &log);
        let client = client(&server, runtime.handle().clone());
        log.submit(&client, remembered).expect("cosigned");
        assert_eq!(state.lock().expect("state").size, 20);
    }
    // The same checkpoint once more is cosigned once more.
    let now = Checkpoint::open(&log.checkpoint(), &log.keys()).expect("ours").checkpoint;
    let (server, _) = witness(Head::from(&now), &log);
    log.submit(&client(&server, runtime.handle().clone()), 7).expect("cosigned");
}

#[test]
fn a_ledger_that_was_put_back_or_rewritten_is_told() {
    let (runtime, mut log) = (runtime(), Log::new());
    log.grow(20);
    let seen = Checkpoint::open(&log.checkpoint(), &log.keys()).expect("ours").checkpoint;
    let submit = |log: &Log| {
        let (server, state) = witness(Head::from(&seen), log);
        let refused = log.submit(&client(&server, runtime.handle().clone()), 0);
        assert_eq!(*state.lock().expect("state"), Head::from(&seen));
        refused.expect_err("refused")
    };
    let mut back = Log::new();
    back.grow(8);
    assert!(matches!(submit(&back), AnchorError::Ahead { theirs: 20, ours: 8 }));
    let mut same_size = Log::new();
    same_size.grow_otherwise(20);
    let told = submit(&same_size);
    assert!(matches!(told, AnchorError::Contradicts(_)), "{told}");
    let mut longer = Log::new();
    longer.grow_otherwise(30);
    let told = submit(&longer);
    assert!(matches!(told, AnchorError::Contradicts(_)) && told.to_string().contains("20"));
}

#[test]
fn a_witness_that_does_not_know_the_log_gets_to_hear_its_key() {
    let (runtime, mut log) = (runtime(), Log::new());
    log.grow(3);
    let server = Server::start(|_| (404, "text/plain", Vec::new()));
    let refused = log.submit(&client(&server, runtime.handle().clone()), 0).expect_err("refused");
    assert!(refused.to_string().contains(&log.keys().remove(0).to_string()), "{refused}");
    for (status, is_for_now) in [(403, false), (400, false), (503, true), (429, true)] {
        let server = Server::start(move |_| (status, "text/plain", Vec::new()));
        let refused = log.submit(&client(&server, runtime.handle().clone()), 0);
        let refused = refused.expect_err("refused");
        let found = matches!(refused, AnchorError::Unreachable { .. });
        assert_eq!(found, is_for_now, "{refused}");
    }
}

#[test]
fn answers_that_prove_nothing_are_no_receipt() {
    let (runtime, mut log) = (runtime(), Log::new());
    log.grow(3);
    let text = String::from_utf8(log.checkpoint()).expect("text");
    let text = text.split_once("\n\n").map(|(text, _)| format!("{text}\n")).expect("text");
    let stranger = SignerKey::from_seed("witness.example/other", &[6; 32]).expect("a key");
    let impostor = SignerKey::from_seed("witness.example/w1", &[6; 32]).expect("a key");
    for (status, content_type, body) in [
        (200, "text/plain", String::new()),
        (200, "text/plain", "nonsense\n".to_owned()),
        (200, "text/plain", format!("{}\n", stranger.cosign(&text, TIME))),
        (200, "text/plain", format!("{}\n", impostor.cosign(&text, TIME))),
        (200, "text/plain", format!("{}\n", key().cosign("another text\n", TIME))),
        (200, "text/plain", format!("{}\n", key().sign(&text))),
        (200, "text/plain", key().cosign(&text, TIME).to_string()),
        (409, "text/plain", "2\n".to_owned()),
        (409, "text/x.tlog.size", "two\n".to_owned()),
    ] {
        let server = Server::start(move |_| (status, content_type, body.clone().into_bytes()));
        let refused = log.submit(&client(&server, runtime.handle().clone()), 0);
        assert!(matches!(refused, Err(AnchorError::BadAnswer { .. })), "{refused:?}");
    }
}

#[test]
fn a_witness_that_names_another_size_each_time_is_given_up() {
    let (runtime, mut log) = (runtime(), Log::new());
    log.grow(9);
    let mut size = 0;
    let server = Server::start(move |_| {
        size = 1 + size % 2;
        (409, "text/x.tlog.size", format!("{size}\n").into_bytes())
    });
    let refused = log.submit(&client(&server, runtime.handle().clone()), 0);
    assert!(matches!(refused, Err(AnchorError::Unreachable { .. })), "{refused:?}");
    assert_eq!(server.requests().len(), TRIES);
}

#[test]
fn only_a_cosigners_key_will_do() {
    let (runtime, server) = (runtime(), Server::start(|_| (404, "text/plain", Vec::new())));
    for wrong in [key().verifier().to_string(), "w1".to_owned(), String::new()] {
        let of = WitnessSettings { key: wrong, ..settings(&server) };
        assert!(Witness::open(&of, runtime.handle().clone()).is_err());
    }
}
