//! What broke a parser: made small, and kept beside it for ingest's tests to replay.

use std::path::Path;

use rollcall_ingest::probe::Target;
use sha2::{Digest, Sha256};

use crate::state::State;

/// Inputs that are tried to make one smaller.
const TRIES: usize = 400;

/// The input without what isn't needed to break the parser.
pub fn smaller(input: &[u8], breaks: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut least = input.to_vec();
    let mut tries = 0;
    let mut step = least.len() / 2;
    while step > 0 && tries < TRIES {
        let mut at = 0;
        while at < least.len() && tries < TRIES {
            let mut less = least.clone();
            less.drain(at..(at + step).min(least.len()));
            tries += 1;
            if breaks(&less) { least = less } else { at += step }
        }
        step /= 2;
    }
    least
}

/// Kinds of inputs that a process doesn't outlive.
pub const HANG: &str = "hang";
pub const DEATH: &str = "death";

/// Whether a found input's file says that it is of such a kind.
pub fn ends_the_process(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    [HANG, DEATH].iter().any(|kind| name.starts_with(kind))
}

/// A way of breaking, without the numbers that differ from input to input: only a
/// panic's place keeps its own.
pub fn way(kind: &str, said: &str) -> String {
    let (place, rest) = said.split_once('\n').unwrap_or(("", said));
    let rest: String = rest.chars().filter(|c| !c.is_ascii_digit()).collect();
    format!("{kind}: {place} {}", rest.replace('\n', " "))
}

/// Keeps an input that broke a parser in a new way.
pub fn keep(target: Target, kind: &str, way: &str, input: &[u8], state: &mut State) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ingest").join(target.folder());
    std::fs::create_dir_all(&folder).expect("a folder");
    let hash = hex::encode(Sha256::digest(input));
    let path = folder.join(format!("{kind}-{}", &hash[..12]));
    std::fs::write(&path, input).expect("written");
    state.found.insert(way.to_owned());
    state.save(target);
    eprintln!("{target:?}: {way}\n  {}", path.display());
}
