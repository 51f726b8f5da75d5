//! What was done, and what it came to. One JSON file a fault, beside this one, so
//! that several may run at once, and the next machine goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::faults::{Fault, Outcome};

/// What a run came to; in words where it failed.
pub type Result = std::result::Result<Outcome, String>;

/// The figures of one fault.
#[derive(Debug, Default)]
pub struct Figures {
    name: String,
    /// The next run: all before it were made.
    pub next: u64,
    /// Those after it that were made too, by several at a time.
    ahead: BTreeSet<u64>,
    /// Runs by how they were survived.
    pub held: BTreeMap<String, u64>,
    /// Runs that couldn't be made, by reason.
    pub not_run: BTreeMap<String, u64>,
    /// Runs that failed, with what they said.
    pub failed: BTreeMap<u64, String>,
    /// The day of the last one.
    pub day: String,
}

impl Figures {
    /// Those of a fault.
    pub fn load(name: &str) -> Self {
        let text = std::fs::read_to_string(file(name)).unwrap_or_default();
        let kept: Value = serde_json::from_str(&text).unwrap_or_default();
        let failed = kept["failed"].as_object().into_iter().flatten();
        Self {
            name: name.to_owned(),
            next: kept["next"].as_u64().unwrap_or_default(),
            ahead: kept["ahead"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_u64)
                .collect(),
            held: counts(&kept["held"]),
            not_run: counts(&kept["not_run"]),
            failed: failed
                .map(|(number, said)| {
                    let said = said.as_str().unwrap_or_default().to_owned();
                    (number.parse().expect("a number"), said)
                })
                .collect(),
            day: kept["day"].as_str().unwrap_or_default().to_owned(),
        }
    }

    /// Whether a run was made already.
    pub fn has(&self, number: u64) -> bool {
        self.ahead.contains(&number)
    }

    /// Takes in a run, and keeps it.
    pub fn note(&mut self, number: u64, result: Result) {
        self.failed.remove(&number);
        match result {
            Ok(Outcome::Held(how)) => *self.held.entry(how).or_default() += 1,
            Ok(Outcome::NotRun(why)) => *self.not_run.entry(why).or_default() += 1,
            Err(said) => {
                self.failed.insert(number, said);
            }
        }
        if number >= self.next {
            self.ahead.insert(number);
        }
        while self.ahead.remove(&self.next) {
            self.next += 1;
        }
        self.day = chrono::Utc::now().format("%Y-%m-%d").to_string();
        let kept = json!({
            "next": self.next,
            "ahead": self.ahead,
            "day": self.day,
            "held": self.held,
            "not_run": self.not_run,
            "failed": self.failed,
        });
        let path = file(&self.name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        // Whole or not at all: it may be interrupted at any time.
        let staged = path.with_extension("new");
        std::fs::write(&staged, format!("{kept:#}\n")).expect("written");
        std::fs::rename(staged, path).expect("kept");
    }
}

fn counts(value: &Value) -> BTreeMap<String, u64> {
    let counts = value.as_object().into_iter().flatten();
    counts.map(|(word, count)| (word.clone(), count.as_u64().unwrap_or_default())).collect()
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/torture/figures/{name}.json"))
}

/// The tables of docs/assurance.md.
pub fn table(all: &[(&Fault, Figures)]) -> String {
    let mut lines = vec![
        "| fault | in `make test` | long | run | survived | failed | not to be made | last |"
            .to_owned(),
        "|---|--:|--:|--:|--:|--:|--:|---|".to_owned(),
    ];
    for (fault, figures) in all {
        let sum = |counts: &BTreeMap<String, u64>| counts.values().sum::<u64>();
        let (held, failed) = (sum(&figures.held), figures.failed.len() as u64);
        lines.push(format!(
            "| {} | {} | {} | {} | {held} | {failed} | {} | {} |",
            fault.what,
            fault.quick,
            (fault.long)(),
            held + failed,
            sum(&figures.not_run),
            figures.day,
        ));
    }
    lines.push("\n| fault | how it was survived | runs |\n|---|---|--:|".to_owned());
    for (fault, figures) in all {
        for (how, count) in &figures.held {
            lines.push(format!("| {} | {how} | {count} |", fault.name));
        }
    }
    lines.join("\n")
}
