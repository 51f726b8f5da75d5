//! A log of segments with their rows, and proofs from it.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::checkpoint::Checkpoint;
use crate::entry::{Commit, Entry, File, Heartbeat, Segment};
use crate::event_proof::{EventProof, Row};
use crate::hash::{Hash, leaf_hash};
use crate::note::SignerKey;
use crate::proof::{Leaves, prove_inclusion, tree_root};
use crate::tests::rows;

/// A log in memory.
pub(crate) struct Sample {
    pub(crate) key: SignerKey,
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) leaves: Vec<Hash>,
    pub(crate) segments: Vec<Rows>,
}

/// A segment: its entry's index, its rows and their leaf hashes.
pub(crate) struct Rows {
    pub(crate) index: u64,
    pub(crate) rows: Vec<Row>,
    pub(crate) leaves: Vec<Hash>,
}

/// A number below another.
pub(crate) fn below(rng: &mut ChaCha8Rng, end: usize) -> usize {
    usize::try_from(rng.next_u64() % end as u64).expect("small")
}

impl Sample {
    /// A log with as many entries; some are heartbeats, most segments of up to
    /// `most_rows` rows.
    pub(crate) fn new(seed: u64, entries: usize, most_rows: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let key = SignerKey::from_seed("audit.corp.example/rollcall", &[7; 32]).expect("a key");
        let mut sample = Self { key, entries: vec![], leaves: vec![], segments: vec![] };
        let mut seq = 0;
        for index in 0..entries as u64 {
            let time = 1_764_000_000_000_000 + i64::try_from(index).expect("small") * 30_000_000;
            let entry = if rng.next_u32().is_multiple_of(8) {
                Entry::new(time, Heartbeat::default())
            } else {
                let count = 1 + below(&mut rng, most_rows);
                let rows = (0..count).map(|_| {
                    seq += 1;
                    rows::row(&mut rng, 3, seq)
                });
                let rows: Vec<Row> = rows.collect();
                let leaf = |row: &Row| leaf_hash(&row.leaf().expect("salted"));
                let leaves: Vec<Hash> = rows.iter().map(leaf).collect();
                let entry = Entry::new(time, segment(&mut rng, time, &leaves));
                sample.segments.push(Rows { index, rows, leaves });
                entry
            };
            sample.push(entry.to_bytes().expect("fits"));
        }
        sample
    }

    pub(crate) fn push(&mut self, entry: Vec<u8>) {
        self.leaves.push(leaf_hash(&entry));
        self.entries.push(entry);
    }

    /// The signed checkpoint at a size.
    pub(crate) fn checkpoint(&self, size: u64) -> String {
        let root = tree_root(&Leaves(&self.leaves), size).expect("a root");
        let origin = self.key.name().to_owned();
        let checkpoint = Checkpoint { origin, size, root, extensions: Vec::new() };
        checkpoint.sign(&[&self.key]).expect("signed").to_string()
    }

    /// The proof of a row of a segment, in a checkpoint of a size, without `raw`.
    pub(crate) fn proof(
        &self,
        segment: &Rows,
        row: usize,
        size: u64,
        checkpoint: &str,
    ) -> EventProof {
        let (row_index, rows) = (row as u64, segment.rows.len() as u64);
        let in_segment = prove_inclusion(&Leaves(&segment.leaves), row_index, rows);
        let in_log = prove_inclusion(&Leaves(&self.leaves), segment.index, size);
        let index = usize::try_from(segment.index).expect("small");
        EventProof {
            row: rows::without(&segment.rows[row], false, true),
            row_index,
            rows,
            row_path: in_segment.expect("a proof"),
            entry: self.entries[index].clone(),
            index: segment.index,
            path: in_log.expect("a proof"),
            checkpoint: checkpoint.to_owned(),
        }
    }
}

/// What is said of a file with these rows.
pub(crate) fn segment(rng: &mut ChaCha8Rng, time: i64, leaves: &[Hash]) -> Segment {
    let mut hash = || {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        hex::encode(bytes)
    };
    let root = tree_root(&Leaves(leaves), leaves.len() as u64).expect("a root");
    let rows = leaves.len() as u64;
    let file = File {
        path: format!(
            "events_20251125T100000Z-20251125T100959Z_{rows}rows_{}.parquet",
            &hash()[..16]
        ),
        bytes: 123_456_789,
        sha256: hash(),
        rows,
        schema_version: 1,
        row_root: Some(hex::encode(root)),
        time_min: Some(time),
        time_max: Some(time + 599_000_000),
        received_min: Some(time + 1_000_000),
        received_max: Some(time + 600_000_000),
        ranges_sha256: hash(),
    };
    let commit =
        Commit { table: "events".to_owned(), delta_version: 12_345, delta_commit_sha256: hash() };
    Segment { file, commit }
}
