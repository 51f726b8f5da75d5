//! Proofs of events: whole, with parts left out, and damaged at each step.

use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::checkpoint::Checkpoint;
use crate::entry::Entry;
use crate::error::LedgerError;
use crate::event_proof::{EventProof, LogProof, Salted, Step, verify};
use crate::hash::Hash;
use crate::note::SignerKey;
use crate::proof::{Leaves, PathBuilder};
use crate::tests::rows;
use crate::tests::sample::{Rows, Sample, segment};

fn failed_step(bytes: &[u8], sample: &Sample) -> Option<Step> {
    match verify(bytes, &[sample.key.verifier()]) {
        Ok(_) => None,
        Err(LedgerError::BadProof { step, .. }) => Some(step),
        Err(other) => panic!("{other}"),
    }
}

fn some_proof(sample: &Sample) -> EventProof {
    let size = sample.leaves.len() as u64;
    let segment = sample.segments.iter().find(|s| s.rows.len() > 4).expect("a segment");
    sample.proof(segment, 2, size, &sample.checkpoint(size))
}

#[test]
fn every_row_of_every_segment_is_proven() {
    let sample = Sample::new(1, 30, 9);
    for size in [20, 30] {
        let checkpoint = sample.checkpoint(size);
        for segment in sample.segments.iter().filter(|s| s.index < size) {
            for row in 0..segment.rows.len() {
                let proof = sample.proof(segment, row, size, &checkpoint);
                let bytes = proof.to_bytes().expect("a file");
                let verified = verify(&bytes, &[sample.key.verifier()]).expect("it holds");
                assert_eq!(verified.proof, proof);
                assert_eq!(verified.entry.to_bytes().expect("bytes"), proof.entry);
                assert_eq!(verified.checkpoint.checkpoint.size, size);
            }
        }
    }
}

#[test]
fn parts_may_be_left_out_and_their_hashes_stand_in() {
    let sample = Sample::new(2, 10, 9);
    let size = sample.leaves.len() as u64;
    let segment = &sample.segments[0];
    let whole = sample.proof(segment, 0, size, &sample.checkpoint(size));
    for (personal, raw) in [(false, false), (true, false), (false, true), (true, true)] {
        let row = rows::without(&segment.rows[0], personal, raw);
        assert_eq!(row.salt.is_none(), personal && raw);
        let bytes = EventProof { row, ..whole.clone() }.to_bytes().expect("a file");
        assert_eq!(failed_step(&bytes, &sample), None);
    }
    let mut unsalted = whole;
    unsalted.row.salt = None;
    assert_eq!(failed_step(&unsalted.to_bytes().expect("a file"), &sample), Some(Step::Row));
}

type Damage = fn(&mut EventProof);

#[test]
fn each_step_is_told_when_it_fails() {
    let sample = Sample::new(3, 20, 9);
    let damages: [(Step, Damage); 17] = [
        (Step::Signature, |p| p.checkpoint = p.checkpoint.replace("corp", "copr")),
        (Step::Signature, |p| p.checkpoint = p.checkpoint.replace("\n20\n", "\n21\n")),
        (Step::Signature, |p| p.checkpoint.truncate(30)),
        (Step::Inclusion, |p| p.index += 1),
        (Step::Inclusion, |p| p.path[1][0] ^= 1),
        (Step::Inclusion, |p| p.path.push([0; 32])),
        (Step::Inclusion, |p| p.entry[10] ^= 1),
        (Step::Row, |p| p.rows += 1),
        (Step::Row, |p| p.row_index += 1),
        (Step::Row, |p| p.row_path[0][31] ^= 0x80),
        (Step::Row, |p| p.row_path.clear()),
        (Step::Row, |p| p.row.shard += 1),
        (Step::Row, |p| p.row.seq += 1),
        (Step::Row, |p| p.row.part += 1),
        (Step::Row, |p| p.row.open[20] ^= 1),
        (Step::Row, |p| p.row.salt = Some([0; 32])),
        (Step::Row, |p| p.row.personal = Salted::Hash([0; 32])),
    ];
    for (step, damage) in damages {
        let mut proof = some_proof(&sample);
        damage(&mut proof);
        assert_eq!(failed_step(&proof.to_bytes().expect("a file"), &sample), Some(step));
    }
}

#[test]
fn an_entry_that_is_not_about_hashed_rows_proves_no_row() {
    let mut sample = Sample::new(4, 5, 9);
    sample.push(br#"{"time":5,"type":"heartbeat","v":1}"#.to_vec());
    sample.push(br#"{"note":"hm","time":5.5}"#.to_vec());
    let size = sample.leaves.len() as u64;
    let whole = some_proof(&sample);
    for index in [size - 2, size - 1] {
        let path = crate::proof::prove_inclusion(&Leaves(&sample.leaves), index, size);
        let (path, entry) =
            (path.expect("a path"), sample.entries[usize::try_from(index).expect("small")].clone());
        let proof = EventProof { index, path, entry, ..whole.clone() };
        assert_eq!(failed_step(&proof.to_bytes().expect("a file"), &sample), Some(Step::Entry));
    }
}

#[test]
fn columns_that_cannot_be_read_are_told_though_they_are_in_the_log() {
    let mut sample = Sample::new(5, 0, 1);
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut row = rows::row(&mut rng, 1, 1);
    row.open.truncate(row.open.len() - 1);
    let leaf = crate::hash::leaf_hash(&row.leaf().expect("salted"));
    let entry = Entry::new(5, segment(&mut rng, 5, &[leaf]));
    sample.push(entry.to_bytes().expect("fits"));
    let rows = Rows { index: 0, rows: vec![row], leaves: vec![leaf] };
    let proof = sample.proof(&rows, 0, 1, &sample.checkpoint(1));
    assert_eq!(failed_step(&proof.to_bytes().expect("a file"), &sample), Some(Step::Columns));
}

#[test]
fn another_key_and_another_log_are_told_at_the_signature() {
    let sample = Sample::new(6, 20, 9);
    let bytes = some_proof(&sample).to_bytes().expect("a file");
    let other = SignerKey::from_seed(sample.key.name(), &[8; 32]).expect("a key").verifier();
    let renamed = SignerKey::from_seed("other.example", &[7; 32]).expect("a key").verifier();
    for keys in [vec![other.clone()], vec![renamed], vec![]] {
        let error = verify(&bytes, &keys).expect_err("no known key");
        let wanted = matches!(error, LedgerError::BadProof { step: Step::Signature, .. });
        assert!(wanted, "{error}");
    }
    verify(&bytes, &[other, sample.key.verifier()]).expect("one of the keys is right");
}

#[test]
fn witnesses_are_named_beside_the_log() {
    let sample = Sample::new(7, 20, 9);
    let mut proof = some_proof(&sample);
    let witness = SignerKey::from_seed("witness.example/w1", &[9; 32]).expect("a key");
    let text = crate::note::Note::parse(proof.checkpoint.as_bytes()).expect("a note");
    let line = witness.cosign(text.text(), 1_764_000_000);
    proof.checkpoint.push_str(&format!("{line}\n"));
    let bytes = proof.to_bytes().expect("a file");
    let keys = [sample.key.verifier(), witness.cosigner()];
    let verified = verify(&bytes, &keys).expect("it holds");
    assert_eq!(verified.checkpoint.signers[1].time, Some(1_764_000_000));
    // A witness alone doesn't stand for the log.
    assert!(verify(&bytes, &[witness.cosigner()]).is_err());
}

/// As large as segments and ledgers are let to become: 1,000,000 rows in a file and
/// 1,000,000 entries.
#[test]
fn a_usual_proof_is_under_4_kb_without_raw() {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    for (rows, entries) in [(20_000_u64, 100_000_u64), (1_000_000, 1_000_000)] {
        let mut hash = || {
            let mut bytes: Hash = [0; 32];
            rng.fill_bytes(&mut bytes);
            bytes
        };
        let mut in_segment = PathBuilder::new(rows / 3, rows).expect("a builder");
        (0..rows).for_each(|_| in_segment.push_hash(hash()));
        let in_segment = in_segment.finish().expect("a path");
        let mut in_log = PathBuilder::new(entries / 3, entries).expect("a builder");
        (0..entries).for_each(|_| in_log.push_hash(hash()));
        let in_log = in_log.finish().expect("a path");
        let mut of_rows = segment(&mut rng, 1_764_000_000_000_000, &[in_segment.leaf]);
        of_rows.file.rows = rows;
        let key = SignerKey::from_seed("audit.corp.example/rollcall", &[7; 32]).expect("a key");
        let (origin, root) = (key.name().to_owned(), in_log.root);
        let checkpoint = Checkpoint { origin, size: entries, root, extensions: Vec::new() };
        let proof = EventProof {
            row: rows::without(&rows::row(&mut rng, 3, 123_456_789), false, true),
            row_index: in_segment.index,
            rows,
            row_path: in_segment.path,
            entry: Entry::new(1_764_000_000_000_000, of_rows).to_bytes().expect("fits"),
            index: in_log.index,
            path: in_log.path,
            checkpoint: checkpoint.sign(&[&key]).expect("signed").to_string(),
        };
        let bytes = proof.to_bytes().expect("a file").len();
        println!("a proof from {rows} rows and {entries} entries: {bytes} bytes");
        assert!(bytes < 4_096, "{bytes} bytes");
    }
}

#[test]
fn what_inflates_without_end_or_is_followed_by_more_is_refused() {
    let sample = Sample::new(9, 20, 9);
    let whole = LogProof::parse(&some_proof(&sample).to_bytes().expect("a file")).expect("reads");
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..65 {
        std::io::Write::write_all(&mut encoder, &vec![b' '; 1 << 20]).expect("deflates");
    }
    let bomb = encoder.finish().expect("deflates");
    let good = whole.extra.clone().expect("an extra");
    let followed = [&good[..], b"x"].concat();
    for extra in [bomb, followed, good[..good.len() - 1].to_vec(), Vec::new()] {
        let proof = LogProof { extra: Some(extra), ..whole.clone() };
        assert_eq!(failed_step(proof.to_string().as_bytes(), &sample), Some(Step::File));
    }
    let without = LogProof { extra: None, ..whole };
    assert_eq!(failed_step(without.to_string().as_bytes(), &sample), Some(Step::File));
}

proptest! {
    #[test]
    fn any_bytes_are_verified_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(verify(&bytes, &[]).is_err());
    }
}
