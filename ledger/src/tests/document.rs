//! The worked example of docs/ledger-format.md: everything in it is computed anew.
//! A block ```` ```text name ```` holds the value of that name.

use std::fs;
use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::ZlibDecoder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::tests::rows::{list, put, without};
use crate::{
    Checkpoint, Entry, EventProof, Fact, Head, KeyChange, Ledger, LogKeys, LogProof, PublicKeys,
    RootBuilder, Row, Salted, SignerKey, Tile, VERIFIER, VerifierKey, canonical_sha256,
    decode_bundle, decode_fields, from_canonical, leaf_hash, node_hash, to_canonical, verify,
};

const DOCUMENT: &str = include_str!("../../../docs/ledger-format.md");

/// The marked value of a name, without its last newline.
fn text(name: &str) -> String {
    let fences = [format!("```text {name}"), format!("```json {name}")];
    let mut lines = DOCUMENT.lines();
    lines.find(|line| fences.iter().any(|fence| fence == line)).expect(name);
    lines.take_while(|line| *line != "```").collect::<Vec<_>>().join("\n")
}

/// The same with the newline.
fn lines(name: &str) -> String {
    text(name) + "\n"
}

/// The same, out of hex.
fn bytes(name: &str) -> Vec<u8> {
    hex::decode(text(name).replace('\n', "")).expect(name)
}

fn hash(name: &str) -> [u8; 32] {
    bytes(name).try_into().expect(name)
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().into()
}

/// RFC 2104, with a key shorter than a block.
fn hmac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let pad = |byte: u8| {
        let mut block = [byte; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    sha256(&[&pad(0x5c), &sha256(&[&pad(0x36), message])])
}

fn signer(seed: &str) -> SignerKey {
    SignerKey::from_seed(&text("origin"), &hash(seed)).expect("a key")
}

fn row(name: &str, seq: i64) -> Row {
    let of = |part: &str| bytes(&format!("{part}_{name}"));
    Row {
        shard: 1,
        seq,
        part: 0,
        open: of("open"),
        personal: Salted::Bytes(of("personal")),
        raw: Salted::Bytes(text(&format!("raw_{name}")).into_bytes()),
        salt: Some(hash(&format!("salt_{name}"))),
    }
}

#[test]
fn the_columns_of_a_row_are_written_as_the_document_says() {
    let nine = 1_767_258_000_000_000_i64;
    let (mut step, mut open, mut personal) = (Vec::new(), Vec::new(), Vec::new());
    put(&mut step, 66, 1, b"push");
    put(&mut step, 67, 1, b"success");
    put(&mut step, 68, 6, &(nine + 1_000_000).to_be_bytes());
    put(&mut step, 69, 6, &(nine + 9_250_000).to_be_bytes());
    put(&mut open, 7, 1, b"okta");
    put(&mut open, 9, 1, b"okta-prod");
    put(&mut open, 10, 6, &(nine + 9_500_000).to_be_bytes());
    put(&mut open, 11, 6, &(nine + 12_000_000).to_be_bytes());
    put(&mut open, 12, 4, &0_i32.to_be_bytes());
    put(&mut open, 13, 1, b"logon");
    put(&mut open, 14, 1, b"success");
    put(&mut open, 18, 2, &[1]);
    put(&mut open, 23, 1, b"idp");
    put(&mut open, 32, 1, b"performed");
    put(&mut open, 33, 1, b"push");
    put(&mut open, 35, 7, &list(&[&step]));
    put(&mut personal, 20, 1, b"mia@acme.example");
    put(&mut personal, 48, 1, b"192.0.2.7");
    put(&mut personal, 52, 4, &(-33_868_820_i32).to_be_bytes());
    put(&mut personal, 53, 4, &151_209_296_i32.to_be_bytes());
    assert_eq!(hex::encode(open), hex::encode(bytes("open_a")));
    assert_eq!(hex::encode(personal), hex::encode(bytes("personal_a")));
    for name in ["open_a", "personal_a", "open_b", "personal_b"] {
        decode_fields(&bytes(name)).expect(name);
    }
}

#[test]
fn the_rows_have_their_salts_leaves_and_root() {
    let mut root = RootBuilder::default();
    for (name, seq) in [("a", 0), ("b", 1)] {
        let of = |part: &str| hash(&format!("{part}_{name}"));
        let row = row(name, seq);
        let position = bytes(&format!("position_{name}"));
        let (shard, part) = (row.shard.to_be_bytes(), row.part.to_be_bytes());
        assert_eq!(position, [&shard[..], &seq.to_be_bytes(), &part].concat());
        assert_eq!(of("salt"), hmac(&hash("row_key"), &position));
        let erased = without(&row, true, true);
        assert_eq!(erased.personal, Salted::Hash(of("personal_hash")));
        assert_eq!(erased.raw, Salted::Hash(of("raw_hash")));
        for row in [&row, &erased] {
            let leaf = row.leaf().expect("salted");
            assert_eq!(hex::encode(&leaf), hex::encode(bytes(&format!("leaf_{name}"))));
            assert_eq!((leaf.len(), leaf_hash(&leaf)), (127, of("leaf_hash")));
        }
        root.push_hash(of("leaf_hash"));
    }
    assert_eq!(sha256(&[&bytes("open_a")]), hash("open_hash_a"));
    assert_eq!(root.root(), hash("row_root"));
    assert_eq!(root.root(), node_hash(&hash("leaf_hash_a"), &hash("leaf_hash_b")));
}

/// An action of a commit.
fn action(commit: &str, name: &str) -> Value {
    let action = |line: &str| serde_json::from_str::<Value>(line).expect("JSON").get(name).cloned();
    commit.lines().find_map(action).expect(name)
}

#[test]
fn the_entries_follow_from_their_commits() {
    let micros = |commit: &str| {
        let timestamp = action(commit, "commitInfo")["timestamp"].as_i64().expect("a time");
        timestamp * 1000
    };
    let commits = [text("commit_0"), text("commit_1")];
    let made = json!({
        "type": "commit", "v": 1, "time": micros(&commits[0]), "table": "events",
        "delta_version": 0, "delta_commit_sha256": hex::encode(sha256(&[commits[0].as_bytes()])),
    });
    let add = action(&commits[1], "add");
    let tag = from_canonical(add["tags"]["rollcall"].as_str().expect("a tag").as_bytes());
    let tag = tag.expect("canonical");
    assert_eq!(to_canonical(&tag["ranges"]).expect("canonical"), text("ranges").as_bytes());
    assert_eq!(tag["sha256"], hex::encode(sha256(&[b"the Parquet file of the example"])));
    assert_eq!(tag["row_root"], hex::encode(hash("row_root")));
    let mut sealed = json!({
        "type": "segment", "v": 1, "time": micros(&commits[1]), "table": "events",
        "delta_version": 1, "delta_commit_sha256": hex::encode(sha256(&[commits[1].as_bytes()])),
        "path": add["path"], "bytes": add["size"],
        "ranges_sha256": canonical_sha256(&tag["ranges"]).expect("canonical"),
    });
    let of_tag = [
        "sha256",
        "rows",
        "schema_version",
        "row_root",
        "time_min",
        "time_max",
        "received_min",
        "received_max",
    ];
    for name in of_tag {
        sealed[name] = tag[name].clone();
    }
    for (name, says) in [("entry_0", made), ("entry_1", sealed)] {
        let entry = text(name);
        assert_eq!(to_canonical(&says).expect("canonical"), entry.as_bytes(), "{name}");
        let read = Entry::parse(entry.as_bytes()).expect("an entry");
        assert_eq!(
            (read.fact.kind(), read.to_bytes().expect("fits")),
            (says["type"].as_str().expect("a type"), entry.into_bytes())
        );
        let number = name.replace("entry", "entry_hash");
        assert_eq!(leaf_hash(text(name).as_bytes()), hash(&number));
    }
}

#[test]
fn the_ledgers_files_are_those_of_the_document() {
    let key = signer("log_seed");
    assert_eq!(key.verifier().to_string(), text("key"));
    assert_eq!(key.to_secret_text(), text("secret_key"));
    assert_eq!(key.verifier().id(), *bytes("key_id"));
    let material = [&[1][..], &bytes("public_key")].concat();
    assert!(text("key").ends_with(&format!("+{}", STANDARD.encode(&material))));
    assert_eq!(sha256(&[text("origin").as_bytes(), b"\n", &material])[..4], bytes("key_id"));

    let folder = tempfile::tempdir().expect("a folder");
    let mut ledger = Ledger::open(folder.path(), Head::empty()).expect("opens");
    let entries = [text("entry_0"), text("entry_1")];
    let Head { size, root } = ledger.append(&entries).expect("appended");
    assert_eq!((size, root), (2, hash("tree_root")));
    let origin = text("origin");
    let checkpoint = Checkpoint { origin, size, root, extensions: Vec::new() };
    let note = checkpoint.sign(&[&key]).expect("signed");
    ledger.replace_checkpoint(&note).expect("replaced");
    let file = |path: &str| fs::read(folder.path().join(path)).expect(path);
    assert_eq!(file("checkpoint"), lines("checkpoint").as_bytes());
    assert_eq!(lines("signed"), format!("2\n{}\n", STANDARD.encode(root)));
    let signed = lines("checkpoint");
    let signed = signed.trim_end().rsplit_once(' ').expect("a signature").1;
    let signature = [bytes("key_id"), bytes("signature")].concat();
    assert_eq!(STANDARD.decode(signed).expect("base64"), signature);
    let hashes = [hash("entry_hash_0"), hash("entry_hash_1")].concat();
    assert_eq!(file("tile/0/000.p/2"), hashes);
    let bundle = file("tile/entries/000.p/2");
    assert_eq!(sha256(&[&bundle]), hash("bundle_sha256"));
    assert!(DOCUMENT.contains(&format!("entry 1, {} bytes", bundle.len())));
    for entry in decode_bundle(&bundle).expect("a bundle") {
        assert!(DOCUMENT.contains(&format!("0x{:04x} ‖ entry", entry.len())));
    }
    assert!(Tile::parse("tile/0/x001/x234/067").is_some_and(|tile| tile.index() == 1_234_067));
}

#[test]
fn the_proofs_hold_and_carry_what_the_document_says() {
    let key: VerifierKey = text("key").parse().expect("a key");
    for (name, seq) in [("a", 0), ("b", 1)] {
        let file = lines(&format!("proof_{name}"));
        let proof = verify(file.as_bytes(), std::slice::from_ref(&key)).expect("it holds").proof;
        let whole = row(name, seq);
        assert_eq!(proof.row, if name == "a" { whole } else { without(&whole, true, true) });
        let (row_index, rows) = (u64::try_from(seq).expect("small"), 2);
        assert_eq!((proof.row_index, proof.rows, proof.index), (row_index, rows, 1));
        assert_eq!(proof.entry, text("entry_1").as_bytes());
        assert_eq!(proof.path, [hash("entry_hash_0")]);
        let log = LogProof::parse(file.as_bytes()).expect("a proof");
        let mut extra = String::new();
        let deflated = log.extra.expect("an extra");
        ZlibDecoder::new(&*deflated).read_to_string(&mut extra).expect("zlib");
        assert_eq!(extra, text(&format!("extra_{name}")));
        // Whatever the deflated bytes are, the same proof reads back.
        let again = proof.to_bytes().expect("a proof");
        assert_eq!(EventProof::parse(&again).expect("a proof"), proof);
    }
}

#[test]
fn the_change_of_the_key_is_that_of_the_document() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, text: String| fs::write(folder.path().join(name), text).expect(name);
    put("log", format!("{}\n", text("secret_key")));
    put("log.pub", format!("{} 0\n", text("key")));
    put("log.next", format!("{}\n", signer("next_seed").to_secret_text()));
    let entry = Entry::parse(text("entry_2").as_bytes()).expect("an entry");
    let Fact::KeyChange(change) = entry.fact else { panic!("a key change") };
    let mut keys = LogKeys::load(folder.path()).expect("keys");
    let made: KeyChange = keys.begin_change(2).expect("begins");
    assert_eq!(made, change);
    keys.end_change(2, &change).expect("ends");
    let written = fs::read_to_string(folder.path().join("log.pub")).expect("keys");
    assert_eq!(written, lines("log_pub"));
    let public: PublicKeys = written.parse().expect("keys");

    assert_eq!(leaf_hash(text("entry_2").as_bytes()), hash("entry_hash_2"));
    let root = node_hash(&hash("tree_root"), &hash("entry_hash_2"));
    for (name, size, root) in [("checkpoint", 2, hash("tree_root")), ("checkpoint_3", 3, root)] {
        let note = lines(name);
        let known = public.for_checkpoint(note.as_bytes()).expect("a checkpoint");
        let opened = Checkpoint::open(note.as_bytes(), &known).expect(name).checkpoint;
        assert_eq!((opened.size, opened.root), (size, root));
    }
}

/// Id and name of the columns in a table of the document, behind a heading line.
fn columns(heading: &str) -> Vec<(u16, String)> {
    let behind = DOCUMENT.split_once(heading).expect(heading).1;
    let cells = |line: &str| {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let (id, name) = (cells.next()?.parse().ok()?, cells.next()?);
        Some((id, name.trim_matches('`').to_owned()))
    };
    let table = behind.lines().skip_while(|line| !line.starts_with('|'));
    table.take_while(|line| line.starts_with('|')).filter_map(cells).collect()
}

/// The Python verifier's names of columns, in the order of their ids.
fn names_in_python(behind: &str, quote: &str) -> Vec<String> {
    let (_, source) = VERIFIER.iter().find(|(name, _)| *name == "row.py").expect("row.py");
    let list = source.split_once(behind).expect(behind).1.split_once("split()").expect("a list").0;
    list.replace(quote, " ")
        .split_whitespace()
        .filter(|word| *word != ".")
        .map(str::to_owned)
        .collect()
}

#[test]
fn both_lists_of_columns_name_the_same() {
    for (heading, behind, quote) in [
        ("\n`events`:\n", "EVENT_COLUMNS = dict(enumerate(\"\"\"", "\"\"\"."),
        ("\n`set_aside`, whose field ids", "SET_ASIDE_COLUMNS = dict(enumerate(", "\""),
    ] {
        let names: Vec<String> = names_in_python(behind, quote);
        let expected: Vec<(u16, String)> = (1..).zip(names).collect();
        assert!(expected.len() > 10, "{expected:?}");
        assert_eq!(columns(heading), expected);
    }
}
