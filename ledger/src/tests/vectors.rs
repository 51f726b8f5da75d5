//! Every case of an independent implementation comes out as it says
//! (transparency-dev/merkle, Apache-2.0; not copied into the project).

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::hash::Hash;
use crate::proof::{verify_consistency, verify_inclusion};

/// The cases of one kind; none, with a word, where the folder is absent.
fn cases(kind: &str) -> Option<Vec<Value>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/merkle").join(kind);
    if !root.is_dir() {
        eprintln!("skipped: {} is absent", root.display());
        return None;
    }
    let mut files = Vec::new();
    collect(&root, &mut files);
    let read = |path: &PathBuf| serde_json::from_slice(&std::fs::read(path).expect("a file"));
    Some(files.iter().map(|path| read(path).expect("JSON")).collect())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

fn number(case: &Value, name: &str) -> u64 {
    case[name].as_u64().expect("a number")
}

/// `None` where it isn't 32 bytes: no such thing can be given to a verifier.
fn hash(value: &Value) -> Option<Hash> {
    STANDARD.decode(value.as_str()?).ok()?.try_into().ok()
}

/// Some roots are texts ("don't care"): filled up with zeros they are equal to
/// another or not as before.
fn padded(value: &Value) -> Hash {
    let bytes = STANDARD.decode(value.as_str().expect("a text")).expect("base64");
    let mut hash = [0; 32];
    hash[..bytes.len()].copy_from_slice(&bytes);
    hash
}

fn path(case: &Value) -> Option<Vec<Hash>> {
    case["proof"].as_array().into_iter().flatten().map(hash).collect()
}

fn check(kind: &str, holds: impl Fn(&Value) -> Option<bool>) {
    let Some(cases) = cases(kind) else { return };
    assert_eq!(cases.len(), 98);
    let (mut good, mut computed) = (0, 0);
    for case in &cases {
        let outcome = holds(case);
        let expected = !case["wantErr"].as_bool().expect("a bool");
        assert_eq!(outcome.unwrap_or(false), expected, "{case}");
        good += usize::from(expected);
        computed += usize::from(outcome.is_some());
    }
    assert!(good > 5 && computed > 70, "{good} good, {computed} computed");
}

#[test]
fn all_98_inclusion_cases_come_out_right() {
    check("inclusion", |case| {
        let (leaf, root) = (hash(&case["leafHash"])?, hash(&case["root"])?);
        let (index, size) = (number(case, "leafIdx"), number(case, "treeSize"));
        Some(verify_inclusion(&leaf, index, size, &path(case)?, &root).is_ok())
    });
}

#[test]
fn all_98_consistency_cases_come_out_right() {
    check("consistency", |case| {
        let (old_root, new_root) = (padded(&case["root1"]), padded(&case["root2"]));
        let (old, new) = (number(case, "size1"), number(case, "size2"));
        Some(verify_consistency(old, &old_root, new, &new_root, &path(case)?).is_ok())
    });
}
