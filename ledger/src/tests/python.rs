//! The Python verifier comes to the same verdicts as this crate: on 10,000 proofs,
//! whole and damaged, and on a ledger's directory.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde_json::{Value, json};

use crate::canonical::to_canonical;
use crate::entry::{Entry, IndexRange};
use crate::error::LedgerError;
use crate::event_proof::{EventProof, LogProof, Salted, verify};
use crate::keys::{LogKeys, PublicKeys};
use crate::note::{SignerKey, VerifierKey};
use crate::store::{Head, Ledger};
use crate::tests::odd::add_odd_segments;
use crate::tests::sample::{Sample, below};

const PROOFS: usize = 10_000;

/// A call of the verifier; `None`, with a word, where there is no Python.
fn python(arguments: &[&str], input: &[u8]) -> Option<Output> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("verifier/rollcall_verify.py");
    let spawned = Command::new("python3")
        .arg("-B")
        .arg(script)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = spawned else {
        eprintln!("skipped: there is no python3");
        return None;
    };
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    let feeder = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("it runs");
    feeder.join().expect("no panic").expect("it reads all");
    Some(output)
}

/// "ok", or the step that failed.
fn verdict(bytes: &[u8], key: &VerifierKey) -> String {
    match verify(bytes, std::slice::from_ref(key)) {
        Ok(_) => "ok".to_owned(),
        Err(LedgerError::BadProof { step, .. }) => format!("{step:?}").to_lowercase(),
        Err(other) => panic!("{other}"),
    }
}

fn flip(bytes: &mut [u8], rng: &mut ChaCha8Rng) {
    if !bytes.is_empty() {
        let place = below(rng, bytes.len());
        bytes[place] ^= 1 << below(rng, 8);
    }
}

/// Damages the parts and writes a file of them that is whole as a file.
fn damage_parts(proof: &mut EventProof, rng: &mut ChaCha8Rng, other: &EventProof) {
    match below(rng, 15) {
        0 => flip(&mut proof.entry, rng),
        1 if !proof.path.is_empty() => {
            let place = below(rng, proof.path.len());
            flip(&mut proof.path[place], rng);
        }
        2 if !proof.row_path.is_empty() => {
            let place = below(rng, proof.row_path.len());
            flip(&mut proof.row_path[place], rng);
        }
        3 => proof.path.push([7; 32]),
        4 => proof.path.truncate(below(rng, 5)),
        5 => proof.row_path.truncate(below(rng, 3)),
        6 => proof.index = rng.next_u64() % 300,
        7 => proof.row_index = rng.next_u64() % 40,
        8 => proof.rows = rng.next_u64() >> below(rng, 64),
        9 => flip(&mut proof.row.open, rng),
        10 => proof.row.salt = None,
        11 => proof.row.seq = rng.next_u64().cast_signed() >> below(rng, 64),
        12 => proof.row = other.row.clone(),
        13 => (proof.entry, proof.index) = (other.entry.clone(), other.index),
        _ => {
            if let Salted::Bytes(personal) = &mut proof.row.personal {
                flip(personal, rng);
            }
        }
    }
    // A flipped bit may leave no UTF-8, of which no file can be written.
    if std::str::from_utf8(&proof.entry).is_err() {
        proof.entry = b"{}".to_vec();
    }
}

/// Alters the JSON inside.
fn damage_extra(bytes: &[u8], rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut log = LogProof::parse(bytes).expect("whole");
    let extra = log.extra.take().expect("an extra");
    let mut json = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::ZlibDecoder::new(&extra[..]), &mut json)
        .expect("whole");
    let mut fields: Value = serde_json::from_slice(&json).expect("JSON");
    let names =
        ["v", "entry", "shard", "seq", "open", "personal", "raw_hash", "salt", "row", "path"];
    let name = names[below(rng, names.len())];
    let odd = [
        json!(null),
        json!(-1),
        json!(u64::MAX),
        json!(1.5),
        json!("AA="),
        json!("AAAB"),
        json!([]),
        json!("9007199254740993"),
        json!("1"),
        json!(true),
        json!("é\u{1f600}"),
        json!({"a": {}}),
    ];
    let object = fields.as_object_mut().expect("an object");
    match below(rng, 5) {
        0 => drop(object.remove(name)),
        1 => drop(object.insert("newer".to_owned(), odd[below(rng, odd.len())].clone())),
        2 => drop(object.insert("raw".to_owned(), json!("AAAA"))),
        _ => drop(object.insert(name.to_owned(), odd[below(rng, odd.len())].clone())),
    }
    let mut json =
        to_canonical(&fields).unwrap_or_else(|_| serde_json::to_vec(&fields).expect("JSON"));
    if below(rng, 4) == 0 {
        flip(&mut json, rng);
    }
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&json).expect("deflates");
    log.extra = Some(encoder.finish().expect("deflates"));
    log.to_string().into_bytes()
}

/// Adds the group's order to the signature's S: it would hold for whoever doesn't
/// insist on its one form.
fn raise_s(bytes: &mut Vec<u8>) {
    const ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    let text = std::str::from_utf8(bytes).expect("text");
    let (head, signature) = text.trim_end().rsplit_once(' ').expect("a signature");
    let mut signature = STANDARD.decode(signature).expect("base64");
    let mut carry = 0;
    for (byte, order) in signature[36..].iter_mut().zip(hex::decode(ORDER).expect("hex")) {
        let [low, high] = (u16::from(*byte) + u16::from(order) + carry).to_le_bytes();
        (*byte, carry) = (low, high.into());
    }
    *bytes = format!("{head} {}\n", STANDARD.encode(signature)).into_bytes();
}

/// Damages the file as a whole.
fn damage_bytes(bytes: &mut Vec<u8>, rng: &mut ChaCha8Rng) {
    let place = below(rng, bytes.len());
    match below(rng, 6) {
        0 => flip(bytes, rng),
        1 => bytes.truncate(place),
        2 => drop(bytes.remove(place)),
        3 => bytes.insert(place, [b'\n', b'A', b' ', 0, 0xff, b'='][below(rng, 6)]),
        4 => raise_s(bytes),
        _ => {
            // In the checkpoint behind the proof, the most to get wrong per byte.
            let place = bytes.len() - 1 - below(rng, 220);
            bytes[place] ^= 1 << below(rng, 8);
        }
    }
}

/// A proof, whole or damaged somehow, and the key to check it with.
fn any_proof(
    sample: &Sample,
    checkpoints: &[(u64, String)],
    rng: &mut ChaCha8Rng,
) -> (Vec<u8>, VerifierKey) {
    let (size, checkpoint) = &checkpoints[below(rng, checkpoints.len())];
    let of_size: Vec<_> = sample.segments.iter().filter(|s| s.index < *size).collect();
    let mut pick = || {
        let segment = of_size[below(rng, of_size.len())];
        sample.proof(segment, below(rng, segment.rows.len()), *size, checkpoint)
    };
    let (mut proof, other) = (pick(), pick());
    let key = sample.key.verifier();
    let file = |proof: &EventProof| proof.to_bytes().expect("a file");
    match below(rng, 8) {
        0..=2 => (file(&proof), key),
        3 | 4 => {
            damage_parts(&mut proof, rng, &other);
            (file(&proof), key)
        }
        5 => (damage_extra(&file(&proof), rng), key),
        6 => {
            let mut bytes = file(&proof);
            damage_bytes(&mut bytes, rng);
            (bytes, key)
        }
        _ => {
            let seed = [below(rng, 3).to_le_bytes()[0] + 7; 32];
            let key = SignerKey::from_seed(sample.key.name(), &seed).expect("a key");
            (file(&proof), key.verifier())
        }
    }
}

#[test]
fn both_verifiers_agree_on_10_000_proofs() {
    let started = std::time::Instant::now();
    let mut rng = ChaCha8Rng::seed_from_u64(10_000);
    let mut sample = Sample::new(11, 280, 30);
    add_odd_segments(&mut sample, &mut rng);
    let all = sample.entries.len() as u64;
    let sizes = [1, 2, 3, 7, 64, 65, 200, 256, 257, all, all, all];
    let checkpoints: Vec<(u64, String)> = sizes
        .into_iter()
        .filter(|size| sample.segments[0].index < *size)
        .map(|size| (size, sample.checkpoint(size)))
        .collect();
    let mut input = Vec::new();
    let mut ours = Vec::new();
    for _ in 0..PROOFS {
        let (bytes, key) = any_proof(&sample, &checkpoints, &mut rng);
        ours.push(verdict(&bytes, &key));
        let line = json!({"proof": STANDARD.encode(&bytes), "key": key.to_string()});
        writeln!(input, "{line}").expect("writes");
    }
    let Some(output) = python(&["batch"], &input) else { return };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let theirs: Vec<Value> = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).expect("JSON"))
        .collect();
    assert_eq!(theirs.len(), PROOFS);
    let mut counts = std::collections::BTreeMap::new();
    for (n, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        let verdict = theirs["step"].as_str().unwrap_or("ok");
        assert_eq!(theirs["ok"], json!(verdict == "ok"));
        assert_eq!(verdict, ours, "proof {n}: {theirs}");
        *counts.entry(verdict).or_insert(0) += 1;
    }
    println!("{counts:?} in {:.1} s", started.elapsed().as_secs_f64());
    assert!(counts["ok"] > 2_000 && counts.len() == 7, "{counts:?}");
    assert!(started.elapsed().as_secs() < 60);
}

/// A ledger in a directory with a key change in it, and its checkpoints.
struct OnDisk {
    folder: tempfile::TempDir,
    first_key: PublicKeys,
    old: PathBuf,
}

fn on_disk() -> OnDisk {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let folder = made.expect("a folder");
    let path = folder.path().join("ledger");
    let mut keys = LogKeys::make(&path.join("keys"), "audit.corp.example/rollcall").expect("keys");
    let first_key = keys.public().clone();
    let mut ledger = Ledger::open(&path, Head::empty()).expect("opens");
    let entries = Sample::new(12, 600, 3).entries;
    let sign = |ledger: &Ledger, keys: &LogKeys| {
        let Head { size, root } = ledger.head();
        let origin = keys.signer().name().to_owned();
        let checkpoint = crate::Checkpoint { origin, size, root, extensions: vec![] };
        ledger
            .replace_checkpoint(&checkpoint.sign(&[keys.signer()]).expect("signed"))
            .expect("fits");
    };
    ledger.append(&entries[..300]).expect("appends");
    sign(&ledger, &keys);
    let old = folder.path().join("old");
    fs::copy(path.join("checkpoint"), &old).expect("copies");
    let change = keys.begin_change(300).expect("a change");
    let entry = Entry::new(1_764_000_000_000_000, change.clone()).to_bytes().expect("fits");
    ledger.append(&[entry]).expect("appends");
    keys.end_change(300, &change).expect("ends");
    sign(&ledger, &keys);
    ledger.append(&entries[300..]).expect("appends");
    sign(&ledger, &keys);
    OnDisk { folder, first_key, old }
}

#[test]
fn a_directory_is_counted_anew_from_the_first_key_alone() {
    let OnDisk { folder, first_key, old } = on_disk();
    let ledger = folder.path().join("ledger");
    let key = first_key.newest().expect("a key").to_string();
    let all_keys = ledger.join("keys/log.pub");
    let run = |key: &str| {
        let arguments = [
            "ledger",
            ledger.to_str().expect("text"),
            "--key",
            key,
            "--json",
            "--checkpoint",
            old.to_str().expect("text"),
        ];
        let output = python(&arguments, b"")?;
        let answer: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        let code = output.status.code().expect("a code");
        assert_eq!(code, i32::from(answer["ok"] != true), "{answer}");
        Some(answer)
    };
    let Some(clean) = run(&key) else { return };
    assert_eq!((&clean["ok"], &clean["size"]), (&json!(true), &json!(601)), "{clean}");
    assert_eq!(clean["types"]["key"], 1);
    assert_eq!(run(all_keys.to_str().expect("text")).expect("answers")["ok"], true);

    // Whatever is altered is found.
    for path in
        ["checkpoint", "tile/entries/000", "tile/entries/002.p/89", "tile/0/001", "tile/1/000.p/2"]
    {
        let path = ledger.join(path);
        let good = fs::read(&path).expect("a file");
        let mut bad = good.clone();
        bad[good.len() / 2] ^= 1;
        fs::write(&path, bad).expect("writes");
        assert_eq!(run(&key).expect("answers")["ok"], false, "{}", path.display());
        fs::remove_file(&path).expect("removes");
        if path != ledger.join("checkpoint") {
            assert_eq!(run(&key).expect("answers")["ok"], false, "{}", path.display());
        }
        fs::write(&path, good).expect("writes");
    }
    let stranger = SignerKey::from_seed("audit.corp.example/rollcall", &[9; 32]).expect("a key");
    assert_eq!(run(&stranger.verifier().to_string()).expect("answers")["ok"], false);
    fs::write(&old, Sample::new(13, 300, 2).checkpoint(300)).expect("writes");
    assert_eq!(run(&key).expect("answers")["ok"], false, "another history's checkpoint");
}

#[test]
fn a_restore_explains_an_older_checkpoint() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, old) = (folder.path().join("ledger"), folder.path().join("old"));
    let mut keys = LogKeys::make(&folder.path().join("keys"), "audit.corp.example").expect("keys");
    let before = Sample::new(16, 40, 2);
    let sign = |key: &SignerKey, head: Head| {
        let (origin, Head { size, root }) = (key.name().to_owned(), head);
        crate::Checkpoint { origin, size, root, extensions: vec![] }.sign(&[key]).expect("signed")
    };
    let mut whole = Ledger::open(&folder.path().join("whole"), Head::empty()).expect("opens");
    let checkpoint =
        sign(keys.signer(), whole.append(&before.entries[..40]).expect("appends")).to_string();
    fs::write(&old, &checkpoint).expect("writes");
    // Only the first key is given: the restored log's own follows from the entries.
    let first = keys.public().to_string();
    let run = || {
        let [path, old] = [&path, &old].map(|path| path.to_str().expect("text"));
        let arguments = ["ledger", path, "--key", first.trim(), "--checkpoint", old];
        let output = python(&arguments, b"")?;
        Some((output.status.code(), String::from_utf8(output.stdout).expect("text")))
    };
    let mut ledger = Ledger::open(&path, Head::empty()).expect("opens");
    let head = ledger.append(&before.entries[..30]).expect("appends");
    ledger.replace_checkpoint(&sign(keys.signer(), head)).expect("fits");
    let Some((code, text)) = run() else { return };
    assert_eq!(code, Some(1), "{text}");
    let lost = Some(IndexRange { from: 30, to: 40 });
    let restore = keys.restore(30, "audit.corp.example/2", checkpoint, lost).expect("restored");
    let entry = Entry::new(1_764_000_000_000_000, restore).to_bytes().expect("fits");
    let head = ledger.append(&[entry]).expect("appends");
    ledger.replace_checkpoint(&sign(keys.signer(), head)).expect("fits");
    let (code, text) = run().expect("runs");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("entry 30 tells of a restore"), "{text}");
}

#[test]
fn a_proof_is_printed_for_people() {
    let sample = Sample::new(14, 30, 9);
    let segment = &sample.segments[2];
    let proof = sample.proof(segment, 0, 30, &sample.checkpoint(30));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("event.tlog-proof");
    let key = sample.key.verifier().to_string();
    let run = |bytes: &[u8], key: &str| {
        fs::write(&file, bytes).expect("writes");
        let output = python(&["proof", file.to_str().expect("text"), "--key", key], b"")?;
        Some((output.status.code(), String::from_utf8(output.stdout).expect("text")))
    };
    let bytes = proof.to_bytes().expect("a file");
    let Some((code, text)) = run(&bytes, &key) else { return };
    assert_eq!(code, Some(0));
    for said in
        ["The proof holds.", "20 user_name", "ada.lovelace@corp.example", "raw record  left"]
    {
        assert!(text.contains(said), "{text}");
    }
    let mut altered = proof;
    altered.row.open[20] ^= 1;
    let (code, text) = run(&altered.to_bytes().expect("a file"), &key).expect("runs");
    assert_eq!(code, Some(1));
    assert!(text.contains("the row isn't in the entry's file"), "{text}");
    assert_eq!(run(&bytes, "no key").expect("runs").0, Some(2));
}
