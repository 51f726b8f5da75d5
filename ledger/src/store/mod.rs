//! The ledger's directory: `checkpoint` and `tile/…` below it. Tiles are written
//! once and never again; what a crash leaves behind the last checkpoint is found
//! and must be appended again just as it stands.
//!
//! ```text
//! directory  the files, read
//! durable    files written so that a power cut leaves all of one or none
//! ```

mod directory;
mod durable;

pub use directory::Directory;
pub(crate) use durable::{fsync_directory, make_directory, write_new};

use std::collections::VecDeque;
use std::path::Path;

use crate::checkpoint::Checkpoint;
use crate::error::{LedgerError, Result};
use crate::hash::{Hash, empty_root, leaf_hash};
use crate::note::Note;
use crate::store::durable::Writer;
use crate::tile::{Beginnings, Edge, Entries, Level, Tile, WIDTH, push_entry, recount};

/// Size and root of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Head {
    /// The empty tree.
    pub fn empty() -> Self {
        Self { size: 0, root: empty_root() }
    }
}

impl From<&Checkpoint> for Head {
    fn from(checkpoint: &Checkpoint) -> Self {
        Self { size: checkpoint.size, root: checkpoint.root }
    }
}

/// The ledger, open for writing. One process at a time: the caller holds the lock.
#[derive(Debug)]
pub struct Ledger {
    directory: Directory,
    writer: Writer,
    edge: Edge,
    /// The tree and what it was before, by its entries.
    beginnings: Beginnings,
    /// The bundle that isn't full yet.
    bundle: Vec<u8>,
    /// Entries on disk behind the tree, left by a crash.
    beyond: VecDeque<Vec<u8>>,
}

impl Ledger {
    /// Opens the ledger at a head that was signed, or recorded to be signed; makes
    /// the directory if there is none. Litter of a crash is removed. Reads all entries and
    /// tiles.
    ///
    /// # Errors
    /// If the entries don't give this head's root, or a tile isn't what they give; if files
    /// can't be read or made.
    pub fn open(path: &Path, head: Head) -> Result<Self> {
        let directory = Directory::new(path);
        let writer = Writer::open(path)?;
        let edge = Edge::load(&directory, head.size)?;
        let beginnings = counted(&directory, head)?;
        if edge.root() != head.root {
            let what = format!("the ledger in {} at size {}", path.display(), head.size);
            return Err(LedgerError::WrongRoot { what, expected: head.root, found: edge.root() });
        }
        let bundle = open_bundle(&directory, head.size)?;
        let beyond = directory.beyond(head.size)?;
        Ok(Self { directory, writer, edge, beginnings, bundle, beyond })
    }

    /// Size and root as they stand, signed or not.
    pub fn head(&self) -> Head {
        Head { size: self.edge.size(), root: self.edge.root() }
    }

    /// The tree and what it was before, by the entries as they were read and appended.
    pub const fn beginnings(&self) -> &Beginnings {
        &self.beginnings
    }

    /// The files, for reading.
    pub const fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Entries that stand on disk behind the tree: an append that a crash cut off
    /// before its checkpoint. Append them first, just as they are.
    pub const fn beyond(&self) -> &VecDeque<Vec<u8>> {
        &self.beyond
    }

    /// Appends entries, in one batch of writes. On return they and their tiles are
    /// on disk to stay; no checkpoint speaks of them yet. Entries that stand on disk
    /// already are taken over if they are the same.
    ///
    /// # Errors
    /// If an entry is too long (nothing was written then), contradicts what stands
    /// on disk, or can't be written. After a write error, stop: what is on disk is
    /// found at the next start.
    pub fn append<E: AsRef<[u8]>>(&mut self, entries: &[E]) -> Result<Head> {
        let since = self.edge.size();
        let mut edge = self.edge.clone();
        let mut bundle = self.bundle.clone();
        let mut bundles = Vec::new();
        let mut tiles = Vec::new();
        self.refuse_contradiction(entries)?;
        for entry in entries {
            push_entry(&mut bundle, entry.as_ref())?;
            tiles.append(&mut edge.push(leaf_hash(entry.as_ref())));
            let (index, rest) = (edge.size() / u64::from(WIDTH), edge.size() % u64::from(WIDTH));
            if rest == 0 {
                let tile = Tile::of_size(Level::Entries, index - 1, edge.size());
                bundles.extend(tile.map(|tile| (tile, std::mem::take(&mut bundle))));
            }
        }
        if edge.size() > since {
            let last = edge.size() / u64::from(WIDTH);
            let tile = Tile::of_size(Level::Entries, last, edge.size());
            bundles.extend(tile.map(|tile| (tile, bundle.clone())));
        }
        tiles.extend(edge.partial(since));
        // Entries first: a hash tile never stands there without them.
        self.writer.write_tiles(since, &bundles)?;
        let tiles: Vec<_> = tiles.into_iter().map(|(tile, h)| (tile, h.concat())).collect();
        self.writer.write_tiles(since, &tiles)?;
        self.beyond.drain(..entries.len().min(self.beyond.len()));
        self.bundle = bundle;
        self.edge = edge;
        entries.iter().for_each(|entry| self.beginnings.push(entry.as_ref()));
        Ok(self.head())
    }

    fn refuse_contradiction<E: AsRef<[u8]>>(&self, entries: &[E]) -> Result<()> {
        let differs =
            self.beyond.iter().zip(entries).position(|(there, new)| there != new.as_ref());
        let Some(place) = differs else { return Ok(()) };
        let index = self.edge.size() + place as u64;
        let size = self.edge.size() + self.beyond.len() as u64;
        let tile = Tile::of_size(Level::Entries, index / u64::from(WIDTH), size);
        Err(LedgerError::Contradiction { index, path: tile.map(Tile::path).unwrap_or_default() })
    }

    /// Replaces the checkpoint, atomically. It must be the tree's as it stands, and
    /// be no smaller than the one before.
    ///
    /// # Errors
    /// If it isn't, or can't be written.
    pub fn replace_checkpoint(&self, note: &Note) -> Result<()> {
        let new = Checkpoint::parse(note.text())?;
        let head = self.head();
        if Head::from(&new) != head {
            let detail = format!("it is of size {} and the ledger of {}", new.size, head.size);
            return Err(LedgerError::UnfitCheckpoint(detail));
        }
        if let Some(old) = self.directory.checkpoint()? {
            let old = Checkpoint::parse(Note::parse(&old)?.text())?;
            let is_known = self.beginnings.root(old.size) == Some(old.root);
            if old.size > new.size || (old.origin == new.origin && !is_known) {
                let detail = format!("the one of size {} is not its beginning", old.size);
                return Err(LedgerError::UnfitCheckpoint(detail));
            }
        }
        self.writer.replace("checkpoint", note.to_string().as_bytes())
    }
}

/// The beginnings of the ledger at a head, whose entries and tiles must give its root.
fn counted(directory: &Directory, head: Head) -> Result<Beginnings> {
    let count = recount(directory, head.size, |_, _| ());
    // Tiles are made of the entries: which of the two is wrong, the root tells.
    if let Some(found) = count.root.filter(|root| *root != head.root) {
        let what =
            format!("the root of the {} entries in {}", head.size, directory.path().display());
        return Err(LedgerError::WrongRoot { what, expected: head.root, found });
    }
    match count.damage.into_iter().next() {
        Some(damage) => Err(LedgerError::Damaged { path: damage.path, detail: damage.detail }),
        None => Ok(count.beginnings),
    }
}

/// The entries of the last bundle at a size, checked against their hashes.
fn open_bundle(directory: &Directory, size: u64) -> Result<Vec<u8>> {
    let mut bundle = Vec::new();
    let Some(tile) = Tile::of_size(Level::Entries, size / u64::from(WIDTH), size) else {
        return Ok(bundle);
    };
    let mut leaves = Edge::default();
    for entry in Entries::new(directory, size).bundle(tile.index())? {
        push_entry(&mut bundle, &entry)?;
        leaves.push(leaf_hash(&entry));
    }
    let of_tile = Edge::load(directory, size)?.partial(0).next();
    if of_tile.map(|(_, hashes)| hashes) != leaves.partial(0).next().map(|(_, hashes)| hashes) {
        let detail = "its entries are not those of the hashes".to_owned();
        return Err(LedgerError::Damaged { path: tile.path(), detail });
    }
    Ok(bundle)
}
