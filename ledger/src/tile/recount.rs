//! All tiles against all entries: what `verify` reads of the ledger itself.

use crate::error::Result;
use crate::hash::{Hash, leaf_hash};
use crate::tile::edge::HashTile;
use crate::tile::read::read_hashes;
use crate::tile::{Beginnings, Edge, Entries, Level, ReadTile, Tile};

/// What is wrong with a file of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Its path below the ledger.
    pub path: String,
    /// What is wrong.
    pub detail: String,
}

/// What a recount came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recount {
    /// The root over the entries; where a bundle can't be read, over the leaf
    /// hashes of its tile; `None` where neither could be read.
    pub root: Option<Hash>,
    /// Every tile and bundle that is missing, damaged or contradicts the entries.
    pub damage: Vec<Damage>,
    /// The trees of all sizes, as far as entries or hashes could be read.
    pub beginnings: Beginnings,
}

/// Reads every entry and every tile of the first `size` leaves and hashes all of
/// it anew. `visit` gets each bundle that can be read: the index of its first
/// entry, and its entries.
pub fn recount(
    reader: &impl ReadTile,
    size: u64,
    mut visit: impl FnMut(u64, &[Vec<u8>]),
) -> Recount {
    let mut damage = Vec::new();
    let mut edge = Edge::default();
    let mut beginnings = Beginnings::default();
    let entries = Entries::new(reader, size);
    for bundle in 0..size.div_ceil(super::WIDTH.into()) {
        let leaves: Vec<Hash> = match entries.bundle(bundle) {
            Ok(entries) => {
                visit(bundle * u64::from(super::WIDTH), &entries);
                entries.iter().map(|entry| leaf_hash(entry)).collect()
            }
            Err(error) => {
                let Some(tile) = Tile::of_size(Level::Entries, bundle, size) else { break };
                damage.push(Damage { path: tile.path(), detail: error.to_string() });
                match leaves_of_tile(reader, bundle, size) {
                    Ok(leaves) => leaves,
                    Err(error) => {
                        let path = tile.path();
                        let detail = format!("its hashes are missing too: {error}");
                        damage.push(Damage { path, detail });
                        return Recount { root: None, damage, beginnings };
                    }
                }
            }
        };
        for leaf in leaves {
            beginnings.push_hash(leaf);
            for full in edge.push(leaf) {
                damage.extend(compare(reader, &full));
            }
        }
    }
    damage.extend(edge.partial(0).filter_map(|partial| compare(reader, &partial)));
    Recount { root: Some(edge.root()), damage, beginnings }
}

fn leaves_of_tile(reader: &impl ReadTile, bundle: u64, size: u64) -> Result<Vec<Hash>> {
    Tile::of_size(Level::Hashes(0), bundle, size)
        .map_or_else(|| Ok(Vec::new()), |tile| read_hashes(reader, tile))
}

/// Whether a tile stands on disk as it was computed.
fn compare(reader: &impl ReadTile, (tile, expected): &HashTile) -> Option<Damage> {
    let detail = match read_hashes(reader, *tile) {
        Ok(found) if found == *expected => return None,
        Ok(found) => {
            let first = found.iter().zip(expected).take_while(|(f, e)| f == e).count() as u64;
            let at = tile.index() * u64::from(super::WIDTH) + first;
            match tile.level() {
                Level::Hashes(0) => format!("the hash of entry {at} is not that of the entry"),
                _ => format!("hash {at} of its level is not that of the level below"),
            }
        }
        Err(error) => error.to_string(),
    };
    Some(Damage { path: tile.path(), detail })
}
