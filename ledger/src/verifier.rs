//! The Python verifier, for evidence packs: it shares no code with this crate.

/// Its files by name; `rollcall_verify.py` is the one to run.
pub const VERIFIER: [(&str, &str); 9] = [
    ("rollcall_verify.py", include_str!("../verifier/rollcall_verify.py")),
    ("canonical.py", include_str!("../verifier/canonical.py")),
    ("ed25519.py", include_str!("../verifier/ed25519.py")),
    ("ledger.py", include_str!("../verifier/ledger.py")),
    ("note.py", include_str!("../verifier/note.py")),
    ("proof.py", include_str!("../verifier/proof.py")),
    ("row.py", include_str!("../verifier/row.py")),
    ("strict.py", include_str!("../verifier/strict.py")),
    ("tree.py", include_str!("../verifier/tree.py")),
];
