//! Go's `golang.org/x/mod/sumdb/{note,tlog}` open our checkpoint, prove with our
//! tiles and check our proofs.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::checkpoint::Checkpoint;
use crate::event_proof::LogProof;
use crate::note::SignerKey;
use crate::proof::prove_inclusion;
use crate::store::{Head, Ledger};
use crate::tests::sample::Sample;

/// `go` in the folder of the Go test; `None` where there is no Go.
fn go(arguments: &[&str], ledger: &Path, key: &SignerKey) -> Option<std::process::Output> {
    Command::new("go")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/go"))
        .args(arguments)
        .env("ROLLCALL_LEDGER", ledger)
        .env("ROLLCALL_KEY", key.verifier().to_string())
        .output()
        .ok()
}

#[test]
fn go_opens_and_proves_what_we_wrote() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let entries = Sample::new(15, 700, 2).entries;
    let key = SignerKey::from_seed("audit.corp.example/rollcall", &[1; 32]).expect("a key");
    let mut ledger = Ledger::open(path, Head::empty()).expect("opens");
    fs::create_dir(path.join("older")).expect("makes");
    fs::create_dir(path.join("proofs")).expect("makes");
    for batch in [1, 2, 200, 53, 1, 250, 193] {
        let from = usize::try_from(ledger.head().size).expect("small");
        let Head { size, root } = ledger.append(&entries[from..from + batch]).expect("appends");
        let origin = key.name().to_owned();
        let checkpoint = Checkpoint { origin, size, root, extensions: Vec::new() };
        let note = checkpoint.sign(&[&key]).expect("signed");
        ledger.replace_checkpoint(&note).expect("fits");
        fs::write(path.join(format!("older/{size}")), note.to_string()).expect("writes");
    }
    let size = ledger.head().size;
    assert_eq!(size, 700);
    for index in [0, 1, 255, 256, 400, 699] {
        let proof = LogProof {
            extra: None,
            index,
            path: prove_inclusion(&ledger.directory().hashes(size), index, size).expect("a proof"),
            checkpoint: fs::read_to_string(path.join("checkpoint")).expect("a checkpoint"),
        };
        fs::write(path.join(format!("proofs/{index}")), proof.to_string()).expect("writes");
    }

    let Some(downloaded) = go(&["mod", "download"], path, &key) else {
        eprintln!("skipped: there is no go");
        return;
    };
    if !downloaded.status.success() {
        let why = String::from_utf8_lossy(&downloaded.stderr);
        eprintln!("skipped: golang.org/x/mod can't be fetched: {why}");
        return;
    }
    let tested = go(&["test", "-count=1", "-v", "./..."], path, &key).expect("it ran before");
    let said = String::from_utf8_lossy(&tested.stdout);
    let errors = String::from_utf8_lossy(&tested.stderr);
    assert!(tested.status.success(), "{said}{errors}");
    assert!(said.contains("PASS: TestLedger") && said.contains("PASS: TestProof"), "{said}");
}
