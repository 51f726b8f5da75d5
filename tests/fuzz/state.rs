//! What was done: `figures` beside this file, a file a parser, so that the next machine goes
//! on. The inputs that led to something new: in the folder `fuzz` beside the build, a folder
//! a parser; another machine finds its own.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rollcall_ingest::probe::Target;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::watch::Cost;

/// What was done with one parser.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Whole rounds.
    pub rounds: u64,
    /// Inputs in them.
    pub inputs: u64,
    /// Seconds that they took, without those in which another process had the processor.
    pub seconds: f64,
    /// Inputs that led to something new.
    pub kept: usize,
    /// Ways in which it broke and that aren't mended.
    pub found: BTreeSet<String>,
    /// Those that are.
    pub mended: BTreeSet<String>,
    /// The longest time that an input took, ms.
    pub longest_ms: f64,
    /// The most memory that an input took, KiB, and bytes for each of its bytes where
    /// it has over a thousand.
    pub most_kib: usize,
    pub most_a_byte: usize,
    /// The day of the last round.
    pub day: String,
}

fn folder(target: Target) -> PathBuf {
    let program = std::env::current_exe().expect("this program");
    let build = program.ancestors().nth(2).expect("the folder of the build");
    build.join("fuzz").join(target.name())
}

fn figures(target: Target) -> PathBuf {
    let figures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/figures");
    figures.join(format!("{}.json", target.name()))
}

impl State {
    /// That of a parser.
    pub fn load(target: Target) -> Self {
        let text = fs::read_to_string(figures(target)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Keeps it, whole or not at all.
    pub fn save(&mut self, target: Target) {
        self.day = chrono::Utc::now().format("%Y-%m-%d").to_string();
        let path = figures(target);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let staged = path.with_extension("new");
        let text = serde_json::to_string_pretty(self).expect("JSON");
        fs::write(&staged, format!("{text}\n")).expect("written");
        fs::rename(staged, path).expect("kept");
    }

    /// Takes in what an input cost.
    pub fn cost(&mut self, bytes: usize, cost: Cost) {
        self.longest_ms = self.longest_ms.max(cost.took.as_secs_f64() * 1000.0);
        self.most_kib = self.most_kib.max(cost.held / 1024);
        if bytes > 1_000 {
            self.most_a_byte = self.most_a_byte.max(cost.held / bytes);
        }
    }
}

/// Inputs that led to something new, in the order in which they were found.
pub fn kept(target: Target) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder(target).join("kept")).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("an input")).collect()
}

/// Keeps an input of a round.
pub fn keep(target: Target, round: u64, input: &[u8]) {
    let kept = folder(target).join("kept");
    fs::create_dir_all(&kept).expect("a folder");
    let hash = hex::encode(Sha256::digest(input));
    fs::write(kept.join(format!("{round:08}-{}", &hash[..12])), input).expect("written");
}

/// The input that is being read, for whoever outlives this process.
pub struct Current(File);

impl Current {
    /// Of a parser.
    pub fn open(target: Target) -> Self {
        fs::create_dir_all(folder(target)).expect("a folder");
        Self(File::create(folder(target).join("current")).expect("a file"))
    }

    /// Says that it is this.
    pub fn is(&self, input: &[u8]) {
        self.0
            .write_all_at(input, 0)
            .and_then(|()| self.0.set_len(input.len() as u64))
            .expect("written");
    }
}

/// The input that was being read.
pub fn current(target: Target) -> Vec<u8> {
    fs::read(folder(target).join("current")).expect("an input")
}

/// The table of docs/assurance.md.
pub fn table(targets: &[Target]) -> String {
    let mut lines = vec![
        "| parser | minutes | inputs | led to something new | longest | most memory, and a byte | broke it, and mended | left | last |"
            .to_owned(),
        "|---|--:|--:|--:|--:|--:|--:|--:|---|".to_owned(),
    ];
    for target in targets {
        let state = State::load(*target);
        lines.push(format!(
            "| {} | {:.1} | {} | {} | {:.1} ms | {} KiB, {} | {} | {} | {} |",
            target.name(),
            state.seconds / 60.0,
            state.inputs,
            state.kept,
            state.longest_ms,
            state.most_kib,
            state.most_a_byte,
            state.mended.len(),
            state.found.len(),
            state.day,
        ));
    }
    lines.join("\n")
}
