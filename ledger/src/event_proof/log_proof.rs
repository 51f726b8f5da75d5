//! The file that proves that an entry is in the log (c2sp.org/tlog-proof).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::{parse_decimal, parse_hash};
use crate::error::{LedgerError, Result};
use crate::hash::Hash;

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Hashes that a path can have: no tree is higher.
const MAX_PATH: usize = 64;

/// A tlog-proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogProof {
    /// Whatever the application needs; proven by nothing.
    pub extra: Option<Vec<u8>>,
    /// Which entry.
    pub index: u64,
    /// From the entry's sibling to the root's child.
    pub path: Vec<Hash>,
    /// The signed checkpoint, as it is stored.
    pub checkpoint: String,
}

impl LogProof {
    /// Reads a file.
    ///
    /// # Errors
    /// If it isn't a tlog-proof. Its checkpoint is not looked at.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let bad = |detail: &str| LedgerError::BadProofFile(detail.to_owned());
        let text = std::str::from_utf8(bytes).map_err(|_| bad("it isn't UTF-8"))?;
        let mut lines = Lines(text);
        if lines.next() != Some(HEADER) {
            return Err(bad("its first line isn't c2sp.org/tlog-proof@v1"));
        }
        let mut line = lines.next().ok_or_else(|| bad("it ends after its first line"))?;
        let mut extra = None;
        if let Some(text) = line.strip_prefix("extra ") {
            extra = Some(STANDARD.decode(text).map_err(|_| bad("its extra isn't base64"))?);
            line = lines.next().ok_or_else(|| bad("it ends after its extra"))?;
        }
        let index = line.strip_prefix("index ").and_then(parse_decimal);
        let index = index.ok_or_else(|| bad("it has no index, or not a decimal"))?;
        let mut path = Vec::new();
        loop {
            match lines.next().ok_or_else(|| bad("it ends before its checkpoint"))? {
                "" => break,
                _ if path.len() == MAX_PATH => return Err(bad("its path has over 64 hashes")),
                line => {
                    let hash = parse_hash(line);
                    path.push(hash.ok_or_else(|| bad("a hash isn't the base64 of 32 bytes"))?);
                }
            }
        }
        Ok(Self { extra, index, path, checkpoint: lines.0.to_owned() })
    }
}

impl fmt::Display for LogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.path {
            writeln!(f, "{}", STANDARD.encode(hash))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

/// Lines that end in a newline; what is left is the checkpoint.
struct Lines<'a>(&'a str);

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let (line, rest) = self.0.split_once('\n')?;
        self.0 = rest;
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_proof_without_extra_and_path_is_as_short_as_the_format_allows() {
        let text = "c2sp.org/tlog-proof@v1\nindex 0\n\ncheckpoint\n";
        let proof = LogProof::parse(text.as_bytes()).expect("a proof");
        assert_eq!((proof.index, proof.path.len(), proof.extra.as_ref()), (0, 0, None));
        assert_eq!(proof.to_string(), text);
        for (was, is) in [
            ("v1", "v2"),
            ("index 0", "index 00"),
            ("index 0", "index"),
            ("0\n\n", "0\n"),
            ("\n", "\r\n"),
        ] {
            let altered = text.replacen(was, is, 1);
            assert!(LogProof::parse(altered.as_bytes()).is_err(), "{altered:?}");
        }
    }

    proptest! {
        #[test]
        fn proofs_read_back(
            extra in proptest::option::of(vec(any::<u8>(), 0..50)),
            index: u64,
            path in vec(any::<Hash>(), 0..=64),
            checkpoint: String,
        ) {
            let proof = LogProof { extra, index, path, checkpoint };
            prop_assert_eq!(LogProof::parse(proof.to_string().as_bytes()).expect("reads"), proof);
        }

        #[test]
        fn any_text_is_read_without_panic(rest in "(extra |index |[0-9A=\n])*") {
            let text = format!("{HEADER}\n{rest}");
            if let Ok(proof) = LogProof::parse(text.as_bytes()) {
                prop_assert_eq!(proof.to_string(), text);
            }
        }
    }
}
