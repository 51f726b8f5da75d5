//! Tiles (c2sp.org/tlog-tiles): the tree as files of up to 256 hashes, the
//! entries in bundles of up to 256.
//!
//! ```text
//! bundle      entries with their lengths
//! read        a tile, or a wider one in its place
//! hashes      hashes of subtrees, out of tiles
//! entries     entries, out of bundles
//! edge        the tiles on the right edge while the tree grows
//! beginnings  the trees of earlier sizes, out of entries
//! recount     all tiles against all entries
//! leftover    partial tiles of earlier sizes
//! ```

mod beginnings;
mod bundle;
mod edge;
mod entries;
mod hashes;
mod leftover;
mod read;
mod recount;

pub use beginnings::Beginnings;
pub use bundle::{decode_bundle, push_entry};
pub(crate) use edge::Edge;
pub use entries::Entries;
pub use hashes::TileHashes;
pub(crate) use leftover::damaged_leftovers;
pub use read::ReadTile;
pub use recount::{Damage, Recount, recount};

use std::fmt::Write;

/// Hashes or entries in a full tile.
pub const WIDTH: u16 = 256;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Entries themselves.
    Entries,
    /// Roots over `256^n` leaves each.
    Hashes(u8),
}

/// One tile's coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tile {
    level: Level,
    index: u64,
    width: u16,
}

impl Tile {
    /// The tile as it stands in a tree of `size` leaves; `None` where it is empty.
    pub fn of_size(level: Level, index: u64, size: u64) -> Option<Self> {
        let items = items(level, size);
        let left = items.checked_sub(index.checked_mul(WIDTH.into())?)?;
        let width = u16::try_from(left.min(WIDTH.into())).ok()?;
        (width > 0).then_some(Self { level, index, width })
    }

    /// The same tile at another width, 1 to 256.
    pub(crate) const fn at_width(self, width: u16) -> Self {
        Self { width, ..self }
    }

    /// What it holds.
    pub const fn level(self) -> Level {
        self.level
    }

    /// Its place among the tiles of its level.
    pub const fn index(self) -> u64 {
        self.index
    }

    /// Hashes or entries in it, 1 to 256.
    pub const fn width(self) -> u16 {
        self.width
    }

    /// Whether it can grow no more.
    pub const fn is_full(self) -> bool {
        self.width == WIDTH
    }

    /// Its path below the ledger: `tile/<L>/<N>[.p/<W>]`.
    pub fn path(self) -> String {
        let mut path = self.full_path();
        if !self.is_full() {
            // Writing to a string can't fail.
            let _ = write!(path, ".p/{}", self.width);
        }
        path
    }

    /// The path that it has when it is full; partial ones lie in a directory
    /// of that name with `.p` behind it.
    pub(crate) fn full_path(self) -> String {
        let level = match self.level {
            Level::Entries => "entries".to_owned(),
            Level::Hashes(level) => level.to_string(),
        };
        let mut groups = format!("{:03}", self.index % 1000);
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups = format!("x{:03}/{groups}", rest % 1000);
            rest /= 1000;
        }
        format!("tile/{level}/{groups}")
    }

    /// Reads a path as [`Tile::path`] writes it; `None` for any other text.
    pub fn parse(path: &str) -> Option<Self> {
        let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let level = match level {
            "entries" => Level::Entries,
            number => Level::Hashes(number.parse().ok().filter(|level| *level < 64)?),
        };
        let (groups, width) = match rest.split_once(".p/") {
            Some((groups, width)) => {
                (groups, width.parse().ok().filter(|w| (1..WIDTH).contains(w))?)
            }
            None => (rest, WIDTH),
        };
        let mut index = 0_u64;
        for group in groups.split('/') {
            let digits: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
            index = index.checked_mul(1000)?.checked_add(digits)?;
        }
        let tile = Self { level, index, width };
        // Signs, leading zeros and misplaced x's give another path than this one.
        (tile.path() == path).then_some(tile)
    }
}

/// Items on a level of a tree of `size` leaves.
pub(crate) fn items(level: Level, size: u64) -> u64 {
    match level {
        Level::Entries => size,
        Level::Hashes(level) => size.checked_shr(8 * u32::from(level)).unwrap_or(0),
    }
}

/// The levels that a tree of `size` leaves has, entries first.
pub(crate) fn levels(size: u64) -> impl Iterator<Item = Level> {
    let hashes = (0..8).map(Level::Hashes).take_while(move |level| items(*level, size) > 0);
    std::iter::once(Level::Entries).chain(hashes)
}

/// Every tile of a tree of `size` leaves: bundles first, then hashes from the
/// leaves up.
pub fn tiles(size: u64) -> impl Iterator<Item = Tile> {
    levels(size)
        .flat_map(move |level| (0..).map_while(move |index| Tile::of_size(level, index, size)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let full = Tile { level: Level::Hashes(0), index: 1_234_067, width: 256 };
        assert_eq!(full.path(), "tile/0/x001/x234/067");
        let partial = Tile { level: Level::Entries, index: 5, width: 7 };
        assert_eq!(partial.path(), "tile/entries/005.p/7");
    }

    #[test]
    fn a_tree_of_70_000_has_the_tiles_of_the_specification() {
        let count =
            |level, full| tiles(70_000).filter(|t| t.level == level && t.is_full() == full).count();
        assert_eq!(count(Level::Hashes(0), true), 273);
        assert_eq!(count(Level::Hashes(1), true), 1);
        let partial: Vec<String> = tiles(70_000).filter(|t| !t.is_full()).map(Tile::path).collect();
        let expected =
            ["tile/entries/273.p/112", "tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"];
        assert_eq!(partial, expected);
        assert_eq!(tiles(0).count(), 0);
        let of_256: Vec<String> = tiles(256).map(Tile::path).collect();
        assert_eq!(of_256, ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]);
    }

    #[test]
    fn only_paths_as_they_are_written_are_read() {
        for path in [
            "tile/00/000",
            "tile/64/000",
            "tile/+1/000",
            "tile/0/0",
            "tile/0/x000/001",
            "tile/0/001/002",
            "tile/0/x001",
            "tile/0/001.p/0",
            "tile/0/001.p/256",
            "tile/0/001.p/01",
            "tile/0/../../keys/log",
            "tile/0/001/",
            "tile//001",
            "tile/8/-01",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
            "",
        ] {
            assert_eq!(Tile::parse(path), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn paths_read_back(level in 0_u8..64, index: u64, width in 1_u16..=256, entries: bool) {
            let level = if entries { Level::Entries } else { Level::Hashes(level) };
            let tile = Tile { level, index, width };
            prop_assert_eq!(Tile::parse(&tile.path()), Some(tile));
        }

        #[test]
        fn any_text_is_read_without_panic(path in "(tile/)?[0-9x/.p+a-e-]{0,40}") {
            if let Some(tile) = Tile::parse(&path) {
                prop_assert_eq!(tile.path(), path);
            }
        }
    }
}
