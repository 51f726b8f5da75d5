//! The store: what is appended stays, a crash at any moment is recovered from,
//! and tampering is told.

use std::fs;
use std::path::{Path, PathBuf};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use tempfile::TempDir;

use crate::checkpoint::Checkpoint;
use crate::error::LedgerError;
use crate::note::{Note, SignerKey};
use crate::proof::{prove_consistency, verify_consistency};
use crate::store::{Directory, Head, Ledger};
use crate::tests::sample::{Sample, below};
use crate::tile::{Recount, Tile, recount, tiles};

fn entries(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|n| format!("entry {n}").into_bytes()).collect()
}

fn signed(head: Head, key: &SignerKey) -> Note {
    let origin = key.name().to_owned();
    let checkpoint = Checkpoint { origin, size: head.size, root: head.root, extensions: vec![] };
    checkpoint.sign(&[key]).expect("signed")
}

fn key() -> SignerKey {
    SignerKey::from_seed("example.org/log", &[1; 32]).expect("a key")
}

/// A ledger of as many entries, appended in random batches.
fn filled(path: &Path, entries: &[Vec<u8>], seed: u64) -> Vec<Head> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut ledger = Ledger::open(path, Head::empty()).expect("opens");
    let mut heads = vec![ledger.head()];
    let mut rest = entries;
    while !rest.is_empty() {
        let (batch, behind) = rest.split_at(1 + below(&mut rng, rest.len().min(300)));
        heads.push(ledger.append(batch).expect("appends"));
        rest = behind;
    }
    ledger.replace_checkpoint(&signed(ledger.head(), &key())).expect("replaces");
    heads
}

/// In memory where the system has such a place: fsync costs nothing there.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a folder")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn every_head_reads_back_whatever_the_batches() {
    let all = entries(1_100);
    let folder = folder();
    let heads = filled(folder.path(), &all, 1);
    let directory = Directory::new(folder.path());
    let newest = *heads.last().expect("a head");
    for head in &heads {
        let hashes = directory.hashes(head.size);
        assert_eq!(hashes.root().expect("a root"), head.root);
        let read: Vec<_> =
            directory.entries(head.size).from(0).collect::<Result<_, _>>().expect("reads");
        assert!(read.iter().map(|(_, entry)| entry).eq(&all[..read.len()]));
        assert_eq!(read.len() as u64, head.size);
        Ledger::open(folder.path(), *head).expect("opens at every head");
        if head.size > 0 {
            let path = prove_consistency(&directory.hashes(newest.size), head.size, newest.size);
            let path = path.expect("a proof");
            verify_consistency(head.size, &head.root, newest.size, &newest.root, &path)
                .expect("holds");
        }
    }
    for tile in tiles(newest.size) {
        assert!(folder.path().join(tile.path()).is_file(), "{}", tile.path());
    }
    let last: Vec<_> =
        directory.entries(1_100).from(1_098).collect::<Result<_, _>>().expect("reads");
    assert_eq!(last, [(1_098, all[1_098].clone()), (1_099, all[1_099].clone())]);
    assert_eq!(directory.entries(1_100).entry(700).expect("an entry"), all[700]);
    assert!(directory.entries(1_100).entry(1_100).is_err());
}

#[test]
fn partial_tiles_go_once_the_full_one_stands() {
    let folder = folder();
    let mut ledger = Ledger::open(folder.path(), Head::empty()).expect("opens");
    for entry in entries(260) {
        ledger.append(&[entry]).expect("appends");
    }
    assert!(!folder.path().join("tile/0/000.p").exists());
    assert!(!folder.path().join("tile/entries/000.p").exists());
    assert!(folder.path().join("tile/entries/001.p/4").exists());
    // The sizes in between still read, out of the full tile.
    assert_eq!(ledger.directory().entries(100).from(0).count(), 100);
    assert!(
        Ledger::open(
            folder.path(),
            Head { size: 100, root: ledger.directory().hashes(100).root().expect("a root") }
        )
        .is_ok()
    );
}

/// Files that an append writes, in its order; a crash leaves the first of them.
#[test]
fn a_crash_after_any_file_is_recovered_from() {
    let all = entries(600);
    for (before, after) in [(0, 3), (5, 9), (250, 260), (255, 256), (256, 257), (300, 600)] {
        let whole = folder();
        let mut ledger = Ledger::open(whole.path(), Head::empty()).expect("opens");
        let old = ledger.append(&all[..before]).expect("appends");
        let there = files(whole.path());
        let new = ledger.append(&all[before..after]).expect("appends");
        let mut written: Vec<PathBuf> =
            files(whole.path()).into_iter().filter(|path| !there.contains(path)).collect();
        written.sort_by_key(|path| {
            (!path.starts_with(whole.path().join("tile/entries")), path.clone())
        });
        for kept in 0..=written.len() {
            let folder = folder();
            Ledger::open(folder.path(), Head::empty())
                .expect("opens")
                .append(&all[..before])
                .expect("appends");
            for path in &written[..kept] {
                let copy = folder.path().join(path.strip_prefix(whole.path()).expect("below"));
                fs::create_dir_all(copy.parent().expect("a parent")).expect("makes");
                fs::copy(path, copy).expect("copies");
            }
            fs::write(folder.path().join("writing/file"), b"half a ti").expect("writes");
            let mut ledger = Ledger::open(folder.path(), old).expect("opens");
            let beyond = Vec::from(ledger.beyond().clone());
            assert_eq!(beyond, all[before..before + beyond.len()]);
            if let Some(first) = beyond.first() {
                let other = [&first[..], b"!"].concat();
                let refused = ledger.append(&[other]);
                assert!(matches!(refused, Err(LedgerError::Contradiction { .. })));
            }
            for entry in &beyond {
                ledger.append(&[entry]).expect("takes over");
            }
            assert!(ledger.beyond().is_empty());
            let rest = &all[before + beyond.len()..after];
            assert_eq!(ledger.append(rest).expect("appends"), new);
            is_clean(&recount(ledger.directory(), new.size, |_, _| ()), new);
        }
    }
}

#[track_caller]
fn is_clean(count: &Recount, head: Head) {
    assert_eq!((count.root, &count.damage), (Some(head.root), &Vec::new()));
    assert_eq!(count.beginnings.root(head.size), Some(head.root));
}

#[test]
fn what_it_was_before_is_told_by_its_entries_and_not_by_tiles_of_then() {
    let (folder, other) = (folder(), folder());
    let mut ledger = Ledger::open(folder.path(), Head::empty()).expect("opens");
    let early = ledger.append(&entries(10)).expect("appends");
    let late = ledger.append(&entries(14)).expect("appends");
    // Someone writes the history anew, and leaves the tiles of then.
    let mut forged = entries(10);
    forged[3] = b"another".to_vec();
    forged.extend(entries(14));
    let mut rewritten = Ledger::open(other.path(), Head::empty()).expect("opens");
    let head = rewritten.append(&forged).expect("appends");
    for tile in ["tile/0/000.p/24", "tile/entries/000.p/24"] {
        fs::copy(other.path().join(tile), folder.path().join(tile)).expect("copies");
    }
    assert!(matches!(Ledger::open(folder.path(), late), Err(LedgerError::WrongRoot { .. })));
    let count = recount(ledger.directory(), 24, |_, _| ());
    is_clean(&count, head);
    assert_ne!(count.beginnings.root(10), Some(early.root));
    let left = ledger.directory().damaged_leftovers(&count.beginnings).expect("listed");
    let left: Vec<&str> = left.iter().map(|damage| damage.path.as_str()).collect();
    assert_eq!(left, ["tile/entries/000.p/10", "tile/0/000.p/10"]);
    let again = Ledger::open(folder.path(), head).expect("opens");
    // A checkpoint of then isn't the beginning of what is there now.
    let note = signed(early, &key()).to_string();
    fs::write(folder.path().join("checkpoint"), note).expect("writes");
    let refused = again.replace_checkpoint(&signed(head, &key()));
    assert!(matches!(refused, Err(LedgerError::UnfitCheckpoint(_))));
}

#[test]
fn a_leftover_that_is_damaged_is_told_and_changes_nothing() {
    let folder = folder();
    let all = entries(700);
    let mut ledger = Ledger::open(folder.path(), Head::empty()).expect("opens");
    ledger.append(&all[..600]).expect("appends");
    let head = ledger.append(&all[600..]).expect("appends");
    let directory = Directory::new(folder.path());
    let count = || recount(&directory, head.size, |_, _| ());
    let tile = "tile/0/002.p/88".to_owned();
    let path = folder.path().join(&tile);
    assert!(directory.damaged_leftovers(&count().beginnings).expect("listed").is_empty());
    let mut bytes = fs::read(&path).expect("a tile");
    bytes[7] ^= 1;
    fs::write(&path, bytes).expect("writes");
    is_clean(&count(), head);
    let told = directory.damaged_leftovers(&count().beginnings).expect("listed");
    assert_eq!(told.iter().map(|damage| damage.path.clone()).collect::<Vec<_>>(), [tile]);
}

#[test]
fn a_ledger_that_is_not_the_signed_one_does_not_open() {
    let folder = folder();
    let all = entries(300);
    let heads = filled(folder.path(), &all, 2);
    let head = *heads.last().expect("a head");
    let refused = Ledger::open(folder.path(), Head { root: [1; 32], ..head });
    assert!(matches!(refused, Err(LedgerError::WrongRoot { .. })));
    let refused = Ledger::open(folder.path(), Head { size: head.size + 1, ..head });
    assert!(matches!(refused, Err(LedgerError::Tile { .. })), "shorter than what was signed");
    // An entry altered in the bundle on the edge, and a hash in its tile.
    for (path, at) in [
        ("tile/entries/001.p/44", 30),
        ("tile/0/001.p/44", 70),
        // Far from the edge, where no root is made of them.
        ("tile/entries/000", 30),
        ("tile/0/000", 70),
    ] {
        let path = folder.path().join(path);
        let good = fs::read(&path).expect("a tile");
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&path, bad).expect("writes");
        assert!(Ledger::open(folder.path(), head).is_err(), "{}", path.display());
        fs::write(&path, good).expect("writes");
    }
    Ledger::open(folder.path(), head).expect("opens");
}

#[test]
fn a_checkpoint_is_extended_and_never_replaced_by_another() {
    let folder = folder();
    let mut ledger = Ledger::open(folder.path(), Head::empty()).expect("opens");
    assert_eq!(ledger.directory().checkpoint().expect("reads"), None);
    let first = ledger.append(&entries(3)).expect("appends");
    ledger.replace_checkpoint(&signed(first, &key())).expect("replaces");
    let second = ledger.append(&entries(3)).expect("appends");
    for unfit in [first, Head { root: [1; 32], ..second }, Head { size: 7, ..second }] {
        let refused = ledger.replace_checkpoint(&signed(unfit, &key()));
        assert!(matches!(refused, Err(LedgerError::UnfitCheckpoint(_))));
    }
    let note = signed(second, &key());
    ledger.replace_checkpoint(&note).expect("replaces");
    let there = ledger.directory().checkpoint().expect("reads").expect("is there");
    assert_eq!(there, note.to_string().into_bytes());
    // Someone put another history's checkpoint there.
    let other = signed(Head { root: [9; 32], ..second }, &key()).to_string();
    fs::write(folder.path().join("checkpoint"), other).expect("writes");
    assert!(ledger.replace_checkpoint(&note).is_err());
}

#[test]
fn full_tiles_are_never_written_again() {
    use std::os::unix::fs::MetadataExt;
    let folder = folder();
    let all = entries(600);
    let mut ledger = Ledger::open(folder.path(), Head::empty()).expect("opens");
    let first = ledger.append(&all[..300]).expect("appends");
    let inodes = |folder: &Path| -> Vec<u64> {
        ["tile/0/000", "tile/entries/000"]
            .map(|path| fs::metadata(folder.join(path)).expect("a tile").ino())
            .to_vec()
    };
    let before = inodes(folder.path());
    ledger.append(&all[300..]).expect("appends");
    let mut again = Ledger::open(folder.path(), first).expect("opens");
    again.append(&all[300..]).expect("takes over");
    assert_eq!(inodes(folder.path()), before);
}

#[test]
fn a_recount_names_every_altered_or_missing_file() {
    let all = Sample::new(3, 700, 2).entries;
    let folder = folder();
    let head = *filled(folder.path(), &all, 3).last().expect("a head");
    let directory = Directory::new(folder.path());
    let mut seen = 0;
    let count = recount(&directory, head.size, |first, entries| {
        assert_eq!(first, seen);
        seen += entries.len() as u64;
    });
    is_clean(&count, head);
    assert_eq!(seen, 700);

    for tile in tiles(head.size).map(Tile::path) {
        let path = folder.path().join(&tile);
        let good = fs::read(&path).expect("a tile");
        let named = |root_stays: bool| {
            let count = recount(&directory, head.size, |_, _| ());
            assert!(count.damage.iter().any(|damage| damage.path == tile), "{tile}");
            assert_eq!(count.root == Some(head.root), root_stays, "{tile}");
        };
        let in_bundle = tile.starts_with("tile/entries");
        let mut flipped = good.clone();
        flipped[good.len() / 2] ^= 4;
        fs::write(&path, &flipped).expect("writes");
        if in_bundle {
            // The entry is another: its hash doesn't stand in the tile any more.
            let count = recount(&directory, head.size, |_, _| ());
            assert!(!count.damage.is_empty(), "{tile}");
        } else {
            named(true);
        }
        fs::write(&path, &good[..good.len() - 1]).expect("writes");
        named(true);
        fs::remove_file(&path).expect("removes");
        named(true);
        fs::write(&path, &good).expect("writes");
    }
    for path in ["tile/entries/001", "tile/0/001"] {
        fs::remove_file(folder.path().join(path)).expect("removes");
    }
    let count = recount(&directory, head.size, |_, _| ());
    assert_eq!((count.root, count.damage.len()), (None, 2));
}

#[test]
fn no_path_leads_out_of_the_directory() {
    use crate::tile::ReadTile;
    let folder = folder();
    filled(folder.path(), &entries(3), 4);
    fs::create_dir_all(folder.path().join("keys")).expect("makes");
    fs::write(folder.path().join("keys/log"), "secret").expect("writes");
    let directory = Directory::new(folder.path());
    assert!(directory.tile("tile/0/000.p/3").is_ok());
    for path in
        ["keys/log", "tile/../keys/log", "tile/0/../../keys/log", "/etc/passwd", "checkpoint"]
    {
        assert!(directory.tile(path).is_err(), "{path}");
    }
}
