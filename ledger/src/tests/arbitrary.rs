//! Nothing that someone may hand in makes a reader or verifier panic.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::entry::Entry;
use crate::event_proof::{EventProof, LogProof, decode_fields};
use crate::hash::Hash;
use crate::keys::PublicKeys;
use crate::note::{SignerKey, VerifierKey};
use crate::proof::{Leaves, PathBuilder, prove_consistency, prove_inclusion};
use crate::proof::{verify_consistency, verify_inclusion};
use crate::root::RootBuilder;

fn with_extra(json: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(json).expect("deflates");
    let extra = Some(encoder.finish().expect("deflates"));
    let proof = LogProof { extra, index: 0, path: Vec::new(), checkpoint: String::new() };
    proof.to_string().into_bytes()
}

const TYPES: &str =
    "shard|segment|heartbeat|compaction|replay|retention|erasure|key|close|report|restore|x";

const FIELDS: &str = "(,\"(v|time|rows|inputs|lost|table|commits)\"\
     :(1|-1|\\[\\]|\\{\\}|null|\"9007199254740992\"))*";

const KEY: &str = "(PRIVATE\\+KEY\\+)?[a-c+ ]{0,4}\\+[0-9a-f]{8}\\+[A-Za-z=]{0,44}\
     ( [0-9]{1,3}\n)?";

proptest! {
    #[test]
    fn proofs_of_any_numbers_are_refused_or_hold(
        old: u64, new: u64, path in vec(any::<Hash>(), 0..130), root: Hash,
    ) {
        let _ = verify_inclusion(&root, old, new, &path, &root);
        let _ = verify_consistency(old, &root, new, &root, &path);
        let _ = PathBuilder::new(old, new);
        let _ = RootBuilder::resume(new, path.clone()).map(|builder| builder.root());
        prop_assert!(prove_inclusion(&Leaves(&path), old, new).is_err() || new <= 130);
        prop_assert!(prove_consistency(&Leaves(&path), old, new).is_err() || new <= 130);
    }

    #[test]
    fn any_bytes_are_read_as_an_entry_or_refused(bytes in vec(any::<u8>(), 0..80)) {
        let _ = Entry::parse(&bytes);
    }

    #[test]
    fn any_object_is_read_as_an_entry_or_refused(
        kind in TYPES,
        rest in FIELDS,
    ) {
        let text = format!("{{\"type\":\"{kind}\"{rest}}}");
        let sorted = serde_json::from_str(&text)
            .ok()
            .and_then(|value| crate::canonical::to_canonical(&value).ok());
        if let Some(bytes) = sorted
            && let Ok(entry) = Entry::parse(&bytes)
        {
            prop_assert_eq!(entry.to_bytes().expect("fits"), bytes);
        }
    }

    #[test]
    fn any_text_is_read_as_keys_or_refused(text in KEY) {
        let _ = text.parse::<VerifierKey>();
        let _ = text.parse::<SignerKey>();
        let _ = text.parse::<PublicKeys>();
    }

    #[test]
    fn any_extra_is_read_or_refused(
        bytes in vec(any::<u8>(), 0..60),
        fields in "(\"(v|open|path|row|rows|salt|shard)\":(1|\"AAAA\"|null),)*\"z\":1",
    ) {
        let _ = EventProof::parse(&with_extra(&bytes));
        let value = serde_json::from_str(&format!("{{{fields}}}")).expect("JSON");
        let json = crate::canonical::to_canonical(&value).expect("canonical");
        let _ = EventProof::parse(&with_extra(&json));
        let (extra, checkpoint) = (Some(bytes), String::new());
        let proof = LogProof { extra, index: 0, path: vec![], checkpoint };
        prop_assert!(EventProof::parse(proof.to_string().as_bytes()).is_err());
    }

    #[test]
    fn any_columns_are_read_or_refused(bytes in vec(any::<u8>(), 0..80)) {
        let _ = decode_fields(&bytes);
    }
}
