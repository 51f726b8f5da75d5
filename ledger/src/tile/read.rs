//! A tile, or a wider one in its place: a log may drop a partial tile once a
//! wider one is there (c2sp.org/tlog-tiles, "Partial Tiles").

use std::io::{self, ErrorKind};

use crate::error::{LedgerError, Result};
use crate::hash::Hash;
use crate::tile::{Tile, WIDTH, decode_bundle};

/// Where tiles come from: a directory, a server, an archive.
pub trait ReadTile {
    /// The bytes at a path as [`Tile::path`] writes it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no such tile; anything else ends the work.
    fn tile(&self, path: &str) -> io::Result<Vec<u8>>;
}

impl<T: ReadTile + ?Sized> ReadTile for &T {
    fn tile(&self, path: &str) -> io::Result<Vec<u8>> {
        (**self).tile(path)
    }
}

/// The tile's bytes and the width at which it was found: as asked for, else
/// full, else the next wider.
fn read(reader: &impl ReadTile, tile: Tile) -> Result<(Vec<u8>, Tile)> {
    let wider = (tile.width()..WIDTH).skip(1);
    let mut missing = io::Error::from(ErrorKind::NotFound);
    for width in [tile.width(), WIDTH].into_iter().chain(wider) {
        let candidate = tile.at_width(width);
        match reader.tile(&candidate.path()) {
            Ok(bytes) => return Ok((bytes, candidate)),
            Err(error) if error.kind() == ErrorKind::NotFound => missing = error,
            Err(source) => return Err(LedgerError::Tile { path: candidate.path(), source }),
        }
        if tile.is_full() {
            break;
        }
    }
    Err(LedgerError::Tile { path: tile.path(), source: missing })
}

/// The hashes of a tile, exactly as many as it is wide.
pub(super) fn read_hashes(reader: &impl ReadTile, tile: Tile) -> Result<Vec<Hash>> {
    let (bytes, found) = read(reader, tile)?;
    let (hashes, rest) = bytes.as_chunks::<32>();
    if !rest.is_empty() || hashes.len() != usize::from(found.width()) {
        let detail = format!("{} bytes where {} belong", bytes.len(), 32 * found.width());
        return Err(LedgerError::Damaged { path: found.path(), detail });
    }
    Ok(hashes.iter().take(tile.width().into()).copied().collect())
}

/// The entries of a bundle, exactly as many as it is wide.
pub(super) fn read_entries(reader: &impl ReadTile, tile: Tile) -> Result<Vec<Vec<u8>>> {
    let (bytes, found) = read(reader, tile)?;
    let damaged = |detail| LedgerError::Damaged { path: found.path(), detail };
    let entries = decode_bundle(&bytes)
        .ok_or_else(|| damaged("it ends in the midst of an entry".to_owned()))?;
    if entries.len() != usize::from(found.width()) {
        let detail = format!("{} entries where {} belong", entries.len(), found.width());
        return Err(damaged(detail));
    }
    Ok(entries.into_iter().take(tile.width().into()).map(<[u8]>::to_vec).collect())
}
