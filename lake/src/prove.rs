//! The proof of one event: its row, the path to its file's root, the file's entry,
//! and the path to the checkpoint (c2sp.org/tlog-proof).

use std::sync::Arc;

use arrow::array::RecordBatch;
use rollcall_ledger::{
    Checkpoint, Directory, EventProof, Leaves, Note, RootBuilder, Row, Salted, prove_inclusion,
};
use rollcall_schemas::Position;
use rollcall_schemas::row_hash::{RowHasher, RowKey, RowParts};

use crate::directory::DataDirectory;
use crate::encode::{Leaf, leaves};
use crate::error::{LakeError, Result};
use crate::provenance::Provenance;
use crate::read::{batches_of, positions, read_rows, rows_at};
use crate::segment::Segment;
use crate::snapshot::Snapshot;
use crate::table::Table;

/// Batches of a file that are in memory together while it is hashed.
const AT_ONCE: usize = 16;

/// Proves that an event is in the log. `with_raw` puts the record into the proof;
/// its hash stands in otherwise. Blocks: the file that holds the event is hashed.
///
/// # Errors
/// If there is no such event, if it isn't sealed or has no entry yet, or if a file
/// can't be read.
pub fn prove(
    directory: &DataDirectory,
    snapshot: &Snapshot,
    event: Position,
    with_raw: bool,
) -> Result<Vec<u8>> {
    proof(directory, snapshot, event, with_raw)
        .map_err(|error| error.in_ledger(&directory.ledger()))
}

fn proof(
    directory: &DataDirectory,
    snapshot: &Snapshot,
    event: Position,
    with_raw: bool,
) -> Result<Vec<u8>> {
    let segments = snapshot.table(Table::Events).segments;
    let (segment, row) = find(&segments, event)?;
    let key = RowKey::new(&directory.row_key()?);
    let leaves = all_leaves(segment, &key)?;
    let place = (event.shard, event.seq, event.part);
    let row_index = leaves.binary_search_by_key(&place, |leaf| leaf.0).unwrap_or_default() as u64;
    let hashes: Vec<_> = leaves.into_iter().map(|(_, hash)| hash).collect();
    let rows = hashes.len() as u64;
    let mut root = RootBuilder::default();
    hashes.iter().for_each(|hash| root.push_hash(*hash));
    let root = hex::encode(root.root());
    let log = Directory::new(directory.ledger());
    let checkpoint = checkpoint(&log)?;
    let provenance = Provenance::read(log.path())?;
    let origin = provenance.of(Table::Events, &segment.name);
    let origin = origin.filter(|origin| origin.named_by < checkpoint.1);
    let origin = origin.ok_or(LakeError::NoEntry { event })?;
    let index = origin.index;
    if origin.file.row_root.as_ref() != Some(&root) {
        return Err(LakeError::Damaged {
            path: segment.path.clone(),
            detail: format!(
                "its rows have the root {root}, which isn't what entry {index} of the ledger says: no proof of them would hold"
            ),
        });
    }
    let proof = EventProof {
        row: row_of(event, &row, &key, with_raw)?,
        row_index,
        rows,
        row_path: prove_inclusion(&Leaves(&hashes), row_index, rows)?,
        entry: log.entries(checkpoint.1).entry(index)?,
        index,
        path: prove_inclusion(&log.hashes(checkpoint.1), index, checkpoint.1)?,
        checkpoint: checkpoint.0,
    };
    Ok(proof.to_bytes()?)
}

/// The leaves of a file, in the order of its tree; never more than a part of the
/// file is in memory.
fn all_leaves(segment: &Segment, key: &RowKey) -> Result<Vec<Leaf>> {
    let mut all = Vec::with_capacity(segment.rows());
    let mut some = Vec::with_capacity(AT_ONCE);
    let (_, batches) = batches_of(segment, &column_names(), None)?;
    for batch in batches {
        some.push(Arc::new(batch?));
        if some.len() == AT_ONCE {
            all.append(&mut leaves(Table::Events, &some, key)?);
            some.clear();
        }
    }
    all.append(&mut leaves(Table::Events, &some, key)?);
    // Of parts that are sorted already: this merges them.
    all.sort();
    Ok(all)
}

fn column_names() -> Vec<&'static str> {
    rollcall_schemas::column::events().map(|column| column.name).collect()
}

/// The live file that holds an event, and its row.
fn find(segments: &[Arc<Segment>], event: Position) -> Result<(&Segment, RecordBatch)> {
    for segment in segments.iter().filter(|segment| segment.covers(event.shard, event.seq)) {
        let rows = rows_at(segment, &std::collections::HashSet::from([event]))?;
        if rows.is_empty() {
            continue;
        }
        let found = read_rows(segment, &column_names(), Some(&rows))?;
        if let Some(row) = found.into_iter().find(|batch| positions(batch).contains(&event)) {
            return Ok((segment, row));
        }
    }
    Err(LakeError::NoEvent { event })
}

/// The checkpoint's text and size.
fn checkpoint(log: &Directory) -> Result<(String, u64)> {
    let bytes = log.checkpoint()?.ok_or_else(|| LakeError::Damaged {
        path: log.path().join("checkpoint"),
        detail: "the ledger has no checkpoint".to_owned(),
    })?;
    let note = Note::parse(&bytes)?;
    let size = Checkpoint::parse(note.text())?.size;
    Ok((String::from_utf8_lossy(&bytes).into_owned(), size))
}

fn row_of(event: Position, batch: &RecordBatch, key: &RowKey, with_raw: bool) -> Result<Row> {
    let row = positions(batch).iter().position(|at| *at == event).unwrap_or_default();
    let mut hasher = RowHasher::events(batch, key)?;
    let (_, raw_hash) = hasher.hashes(row).unwrap_or_default();
    let Some(RowParts { salt, open, personal, personal_hash, raw, raw_hash: erased }) =
        hasher.parts(row)
    else {
        return Err(LakeError::NoEvent { event });
    };
    let personal = personal_hash.map_or(Salted::Bytes(personal), Salted::Hash);
    let raw = match raw {
        _ if erased.is_some() || !with_raw => Salted::Hash(raw_hash),
        raw => Salted::Bytes(raw.unwrap_or_default()),
    };
    // Where nothing is left to be salted, the salt would only help to guess.
    let is_erased = matches!((&personal, &raw), (Salted::Hash(_), Salted::Hash(_)));
    Ok(Row {
        shard: event.shard,
        seq: event.seq,
        part: event.part,
        open,
        personal,
        raw,
        salt: (!is_erased).then_some(salt),
    })
}
