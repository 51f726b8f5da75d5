//! Libraries that stand before the system's own, compiled from C when they are needed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use super::base;

/// The library of `tests/faults/<name>.c`, compiled once a process; none without a
/// compiler.
pub fn library(name: &'static str) -> Option<PathBuf> {
    static ALL: Mutex<BTreeMap<&str, Option<PathBuf>>> = Mutex::new(BTreeMap::new());
    let mut all = ALL.lock().expect("unpoisoned");
    all.entry(name).or_insert_with(|| compile(name)).clone()
}

fn compile(name: &str) -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/faults/{name}.c"));
    let library = base::original("preload").folder().join(format!("{name}.so"));
    let mut compiler = Command::new("cc");
    compiler.args(["-O2", "-shared", "-fPIC", "-o"]).arg(&library).arg(source).arg("-ldl");
    compiler.status().is_ok_and(|status| status.success()).then_some(library)
}
