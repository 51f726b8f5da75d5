//! What is wrong with a policy: where, what, and what to do.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Serialize;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The policy can't be loaded.
    Error,
    /// It can be, and shouldn't stay as it is.
    Warning,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The line, from 1; none where the file as a whole is meant.
    pub line: Option<usize>,
    /// The key, as `rule[2].when`; empty where the file as a whole is meant.
    pub key: String,
    /// What is wrong, and what to do.
    pub what: String,
    /// How bad it is.
    pub severity: Severity,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(line) = self.line {
            write!(f, "{line}: ")?;
        }
        if self.severity == Severity::Warning {
            f.write_str("warning: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.what)
    }
}

/// A place in a policy's file, which a fault can name later.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The key.
    pub key: String,
}

impl Place {
    /// What is wrong here, and keeps the policy from being loaded.
    pub(super) fn error(&self, what: impl Into<String>) -> Fault {
        self.fault(what.into(), Severity::Error)
    }

    /// What is odd here.
    pub(super) fn warning(&self, what: impl Into<String>) -> Fault {
        self.fault(what.into(), Severity::Warning)
    }

    fn fault(&self, what: String, severity: Severity) -> Fault {
        Fault { line: Some(self.line), key: self.key.clone(), what, severity }
    }
}

/// What has been found wrong with a text up to now.
pub(super) struct Faults<'t> {
    text: &'t str,
    pub(super) found: Vec<Fault>,
}

impl<'t> Faults<'t> {
    pub(super) const fn of(text: &'t str) -> Self {
        Self { text, found: Vec::new() }
    }

    /// A place by its bytes.
    pub(super) fn place(&self, span: &Range<usize>, key: &str) -> Place {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        Place { line, key: key.to_owned() }
    }

    /// Something is wrong there.
    pub(super) fn at(&mut self, span: &Range<usize>, key: &str, what: impl Into<String>) {
        let fault = self.place(span, key).error(what);
        self.found.push(fault);
    }

    /// Something is wrong with the whole.
    pub(super) fn whole(&mut self, what: impl Into<String>) {
        let severity = Severity::Error;
        self.found.push(Fault { line: None, key: String::new(), what: what.into(), severity });
    }
}

/// `; did you mean x?`, where a word is near enough to a known one; else the known ones.
pub(super) fn meant<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let known: BTreeSet<&str> = known.into_iter().collect();
    let near = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(word, known), *known))
        .filter(|(changes, known)| *changes <= (known.len().max(word.len()) / 3).max(1))
        .min();
    match near {
        Some((_, near)) => format!("; did you mean {near}?"),
        None => format!("; there are {}", known.into_iter().collect::<Vec<_>>().join(", ")),
    }
}
