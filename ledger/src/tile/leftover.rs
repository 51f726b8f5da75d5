//! Partial tiles of earlier sizes. They stand there until their tile is full, are served to
//! whoever asks, and nothing here relies on them.

use std::collections::BTreeMap;

use crate::tile::bundle::push_entry;
use crate::tile::recount::Damage;
use crate::tile::{Beginnings, Entries, Level, ReadTile, Tile};

/// Those of `left` that aren't what the entries give, and a wider tile in their place has.
/// What the entries don't tell is left out.
pub(crate) fn damaged_leftovers(
    reader: &impl ReadTile,
    left: &[Tile],
    beginnings: &Beginnings,
) -> Vec<Damage> {
    let size = beginnings.size();
    let mut widest: BTreeMap<(Level, u64), Option<Vec<Vec<u8>>>> = BTreeMap::new();
    let mut damage = Vec::new();
    for tile in left {
        let items = widest
            .entry((tile.level(), tile.index()))
            .or_insert_with(|| items(reader, *tile, beginnings, size));
        let Some(items) = items.as_ref().and_then(|all| all.get(..usize::from(tile.width())))
        else {
            continue;
        };
        // One that went meanwhile is none.
        let Ok(found) = reader.tile(&tile.path()) else { continue };
        if found != items.concat() {
            let detail = "it is of an earlier size and isn't what the entries give: it was \
                damaged, or the entries were rewritten since; nothing relies on it, and once it is \
                clear why, it may be removed"
                .to_owned();
            damage.push(Damage { path: tile.path(), detail });
        }
    }
    damage
}

/// What a tile holds now, each item as it is written.
fn items(
    reader: &impl ReadTile,
    tile: Tile,
    beginnings: &Beginnings,
    size: u64,
) -> Option<Vec<Vec<u8>>> {
    let now = Tile::of_size(tile.level(), tile.index(), size)?;
    if tile.level() != Level::Entries {
        return beginnings.tile(now).map(|hashes| hashes.into_iter().map(Vec::from).collect());
    }
    let entries = Entries::new(reader, size).bundle(tile.index()).ok()?;
    let written = entries.iter().map(|entry| {
        let mut bytes = Vec::new();
        push_entry(&mut bytes, entry).ok().map(|()| bytes)
    });
    written.collect()
}
