//! Checkpoints (c2sp.org/tlog-checkpoint): the size and root of a log, signed.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::error::{LedgerError, Result};
use crate::hash::Hash;
use crate::note::{Algorithm, Note, Signer, SignerKey, VerifierKey};

/// The text of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// Leaves in its tree.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// Lines of others behind the root; kept as they are.
    pub extensions: Vec<String>,
}

/// A checkpoint that its log signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The whole note.
    pub note: Note,
    /// Who of the known keys signed: the log, witnesses.
    pub signers: Vec<Signer>,
}

impl Checkpoint {
    /// Reads a checkpoint's text (of a note, without the signatures).
    ///
    /// # Errors
    /// If it isn't one.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = |detail: &str| LedgerError::BadCheckpoint(detail.to_owned());
        let text = text.strip_suffix('\n').ok_or_else(|| bad("it doesn't end in a newline"))?;
        let mut lines = text.split('\n');
        let mut line = |what: &str| {
            let line = lines.next().filter(|line| !line.is_empty());
            line.ok_or_else(|| LedgerError::BadCheckpoint(format!("it has no {what}")))
        };
        let origin = line("origin")?.to_owned();
        let size = parse_decimal(line("size")?)
            .ok_or_else(|| bad("its size isn't a decimal without leading zeros"))?;
        let root = parse_hash(line("root")?)
            .ok_or_else(|| bad("its root isn't the base64 of 32 bytes"))?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(bad("it has an empty line"));
        }
        Ok(Self { origin, size, root, extensions })
    }

    /// Signs it.
    ///
    /// # Errors
    /// If origin or an extension is empty or holds a line break or control character.
    pub fn sign(&self, keys: &[&SignerKey]) -> Result<Note> {
        let text = self.to_string();
        if Self::parse(&text)? != *self {
            let detail = "its origin or an extension holds a line break";
            return Err(LedgerError::BadCheckpoint(detail.to_owned()));
        }
        let mut note = Note::new(text)?;
        for key in keys {
            let signature = key.sign(note.text());
            note.add(signature);
        }
        Ok(note)
    }

    /// Reads a signed checkpoint. One of the keys must be the log's own (its name is
    /// the origin) and have signed; the others may be witnesses'.
    ///
    /// # Errors
    /// If it isn't a checkpoint, or isn't signed as it must be.
    pub fn open(bytes: &[u8], keys: &[VerifierKey]) -> Result<SignedCheckpoint> {
        let note = Note::parse(bytes)?;
        let signers = note.verify(keys)?;
        let checkpoint = Self::parse(note.text())?;
        let by_log = |signer: &Signer| {
            signer.key.algorithm() == Algorithm::Ed25519 && signer.key.name() == checkpoint.origin
        };
        if !signers.iter().any(by_log) {
            let wanted = format!("a key of {}", checkpoint.origin);
            return Err(LedgerError::NotSigned { wanted });
        }
        Ok(SignedCheckpoint { checkpoint, note, signers })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, STANDARD.encode(self.root))?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// A number in ASCII decimal without leading zeros.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let leading = text.len() > 1 && text.starts_with('0');
    if digits && !leading { text.parse().ok() } else { None }
}

/// A hash in base64.
pub(crate) fn parse_hash(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    #[test]
    fn the_checkpoint_of_the_specification_is_read() {
        let checkpoint = Checkpoint::parse(TEXT).expect("a checkpoint");
        assert_eq!(checkpoint.size, 20_852_163);
        assert_eq!(checkpoint.to_string(), TEXT);
        let with_extension = format!("{TEXT}an extension\n");
        let checkpoint = Checkpoint::parse(&with_extension).expect("a checkpoint");
        assert_eq!(checkpoint.extensions, ["an extension"]);
        assert_eq!(checkpoint.to_string(), with_extension);
    }

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        for (was, is) in [
            ("20852163", "020852163"),
            ("20852163", "+20852163"),
            ("20852163", ""),
            ("20852163", "99999999999999999999"),
            ("example", "\nexample"),
            ("q2I=\n", "q2I=\n\n"),
            ("q2I=\n", "q2I="),
            ("q2I=", "q2J="),
            ("q2I=", "q2I"),
            ("CsUY", ""),
        ] {
            let altered = TEXT.replacen(was, is, 1);
            assert!(Checkpoint::parse(&altered).is_err(), "{altered:?}");
        }
    }

    #[test]
    fn only_the_logs_own_key_vouches_for_it() {
        let log = SignerKey::from_seed("example.com/behind-the-sofa", &[1; 32]).expect("a key");
        let other = SignerKey::from_seed("example.com/other", &[1; 32]).expect("a key");
        let checkpoint = Checkpoint::parse(TEXT).expect("a checkpoint");
        let open = |by: &[&SignerKey], known: &[VerifierKey]| {
            let note = checkpoint.sign(by).expect("signed").to_string();
            Checkpoint::open(note.as_bytes(), known)
        };
        let known = [other.verifier(), log.verifier()];
        let opened = open(&[&log, &other], &known).expect("opens");
        assert_eq!((opened.checkpoint, opened.signers.len()), (checkpoint.clone(), 2));
        assert!(matches!(open(&[&other], &known), Err(LedgerError::NotSigned { .. })));
        assert!(open(&[&log], &[other.verifier()]).is_err());
        let broken = Checkpoint { origin: "a\nb".to_owned(), ..checkpoint.clone() };
        assert!(broken.sign(&[&log]).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "[a0-9\n=]{0,70}") {
            if let Ok(checkpoint) = Checkpoint::parse(&text) {
                prop_assert_eq!(checkpoint.to_string(), text);
            }
        }
    }
}
