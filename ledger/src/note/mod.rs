//! Signed notes (c2sp.org/signed-note): a text and signatures under it.
//!
//! ```text
//! key        verifier and signer keys and their texts
//! signature  one signature, and what was signed by it
//! ```

mod key;
mod signature;

pub use key::{Algorithm, SignerKey, VerifierKey};
pub use signature::{NoteSignature, Signer};

use std::fmt;

use crate::error::{LedgerError, Result};

/// Signatures that a note may have; the specification asks for 16 at least.
const MAX_SIGNATURES: usize = 100;

/// Bytes that a note may have.
const MAX_BYTES: usize = 1 << 20;

/// A text with its signatures. Nothing is to be believed of it before
/// [`Note::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl Note {
    /// A note that nobody signed yet.
    ///
    /// # Errors
    /// If the text doesn't end in a newline, or holds another control character.
    pub fn new(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        if !text.ends_with('\n') {
            return Err(LedgerError::BadNote("its text doesn't end in a newline".to_owned()));
        }
        refuse_control_characters(&text)?;
        Ok(Self { text, signatures: Vec::new() })
    }

    /// Reads a note.
    ///
    /// # Errors
    /// If it isn't one.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let bad = |detail: &str| LedgerError::BadNote(detail.to_owned());
        if bytes.len() > MAX_BYTES {
            return Err(bad("it is over 1 MiB"));
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| bad("it isn't UTF-8"))?;
        refuse_control_characters(whole)?;
        // An empty line ends the text; texts may hold empty lines, signatures can't.
        let split = whole.rfind("\n\n").ok_or_else(|| bad("it has no empty line"))?;
        let (text, rest) = whole.split_at(split + 1);
        let lines = rest.strip_prefix('\n').unwrap_or_default();
        let mut note = Self { text: text.to_owned(), signatures: Vec::new() };
        note.add_lines(lines)?;
        if note.signatures.is_empty() {
            return Err(bad("it has no signature"));
        }
        Ok(note)
    }

    /// Adds signature lines, as a witness answers them.
    ///
    /// # Errors
    /// If one isn't a signature line, or they are too many.
    pub fn add_lines(&mut self, lines: &str) -> Result<()> {
        let bad = |detail: &str| LedgerError::BadNote(detail.to_owned());
        if !lines.is_empty() && !lines.ends_with('\n') {
            return Err(bad("its last signature line is cut off"));
        }
        for line in lines.split_terminator('\n') {
            if self.signatures.len() >= MAX_SIGNATURES {
                return Err(bad("it has over 100 signatures"));
            }
            self.signatures.push(NoteSignature::parse(line)?);
        }
        Ok(())
    }

    /// Adds a signature.
    pub fn add(&mut self, signature: NoteSignature) {
        self.signatures.push(signature);
    }

    /// What is signed, with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, known or not.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Checks the signatures of the given keys; those of other keys are passed over.
    /// Gives who of the keys signed.
    ///
    /// # Errors
    /// If a key's signature is wrong, or none of the keys signed.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<Vec<Signer>> {
        let mut signers = Vec::new();
        for signature in &self.signatures {
            for key in keys.iter().filter(|key| signature.is_by(key)) {
                let signer = signature.verify(&self.text, key)?;
                if !signers.contains(&signer) {
                    signers.push(signer);
                }
            }
        }
        if signers.is_empty() {
            let names: Vec<String> = keys.iter().map(VerifierKey::short).collect();
            let wanted = match names.is_empty() {
                true => "any key, since none is known".to_owned(),
                false => names.join(" or "),
            };
            return Err(LedgerError::NotSigned { wanted });
        }
        Ok(signers)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

fn refuse_control_characters(text: &str) -> Result<()> {
    match text.bytes().find(|byte| *byte < 0x20 && *byte != b'\n') {
        Some(byte) => {
            Err(LedgerError::BadNote(format!("it holds the control character {byte:#04x}")))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(seed: u8) -> SignerKey {
        SignerKey::from_seed("example.org/log", &[seed; 32]).expect("a key")
    }

    fn signed(text: &str, keys: &[&SignerKey]) -> Note {
        let mut note = Note::new(text).expect("a note");
        for key in keys {
            let signature = key.sign(note.text());
            note.add(signature);
        }
        note
    }

    #[test]
    fn the_notes_of_the_specifications_are_read() {
        let text = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
        let note = Note::parse(text.as_bytes()).expect("a note");
        assert_eq!(note.to_string(), text);
        assert!(note.text().ends_with("sera.\n"));
    }

    #[test]
    fn a_known_wrong_signature_refuses_the_note_and_an_unknown_one_is_passed_over() {
        let (ours, other) = (key(1), key(2));
        let note = signed("text\n", &[&ours, &other]);
        let read = Note::parse(note.to_string().as_bytes()).expect("a note");
        assert_eq!(read, note);
        assert_eq!(read.verify(&[ours.verifier()]).expect("signed").len(), 1);
        assert_eq!(read.verify(&[ours.verifier(), other.verifier()]).expect("signed").len(), 2);
        assert!(matches!(read.verify(&[key(3).verifier()]), Err(LedgerError::NotSigned { .. })));

        let altered = note.to_string().replace("text", "test");
        let altered = Note::parse(altered.as_bytes()).expect("a note");
        let refused = altered.verify(&[ours.verifier()]);
        assert!(matches!(refused, Err(LedgerError::BadSignature { .. })));
    }

    #[test]
    fn what_is_no_note_is_refused() {
        let whole = signed("text\n", &[&key(1)]).to_string();
        for (was, is) in [
            ("\n\n", "\n"),
            ("— ", "- "),
            ("text", "te\u{1b}xt"),
            ("text", "te\rxt"),
            ("log ", "log  "),
            ("log ", "l+g "),
            ("log ", "l\u{2003}g "),
            ("=\n", "=\n\n"),
        ] {
            let altered = whole.replacen(was, is, 1);
            assert!(Note::parse(altered.as_bytes()).is_err(), "{altered:?}");
        }
        assert!(Note::parse(whole.trim_end().as_bytes()).is_err());
        assert!(Note::new("no newline").is_err());
    }

    #[test]
    fn a_witness_vouches_with_a_time() {
        let (log, witness) =
            (key(1), SignerKey::from_seed("witness.example", &[9; 32]).expect("a key"));
        let mut note = signed("text\n", &[&log]);
        let lines = format!("{}\n", witness.cosign(note.text(), 1_679_315_147));
        note.add_lines(&lines).expect("a line");
        let keys = [log.verifier(), witness.cosigner()];
        let signers = note.verify(&keys).expect("signed");
        assert_eq!(signers[1].time, Some(1_679_315_147));
        // The same key doesn't stand for a plain signature.
        assert!(note.verify(&[witness.verifier()]).is_err());
        let text = keys[1].to_string();
        assert_eq!(text.parse::<VerifierKey>().expect("a key"), keys[1]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "[a\n— +=A-D]{0,60}") {
            if let Ok(note) = Note::parse(text.as_bytes()) {
                prop_assert_eq!(note.to_string(), text);
            }
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Note::parse(&bytes);
        }
    }
}
