//! What is wrong with a mapping file: where, what, and what would be right.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1; none where the file as a whole is meant.
    pub line: Option<usize>,
    /// What is wrong, and what would be right.
    pub what: String,
}

/// A mapping file that can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingError {
    /// The file.
    pub file: PathBuf,
    /// Everything that is wrong with it.
    pub faults: Vec<Fault>,
}

impl fmt::Display for MappingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display();
        for (number, fault) in self.faults.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            match fault.line {
                Some(line) => write!(f, "{file}:{line}: {}", fault.what)?,
                None => write!(f, "{file}: {}", fault.what)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for MappingError {}

/// What has been found wrong with a text up to now.
pub(super) struct Faults<'t> {
    text: &'t str,
    pub(super) found: Vec<Fault>,
}

impl<'t> Faults<'t> {
    pub(super) const fn of(text: &'t str) -> Self {
        Self { text, found: Vec::new() }
    }

    /// Something is wrong at this place.
    pub(super) fn at(&mut self, span: Range<usize>, what: impl Into<String>) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        self.found.push(Fault { line: Some(line), what: what.into() });
    }

    /// Something is wrong with the whole.
    pub(super) fn whole(&mut self, what: impl Into<String>) {
        self.found.push(Fault { line: None, what: what.into() });
    }
}

/// `; did you mean "x"?`, where a word is near enough to a known one; else the known ones.
pub(in crate::source) fn meant<'k>(
    word: &str,
    known: impl Iterator<Item = &'k str> + Clone,
) -> String {
    let word = word.to_lowercase();
    let near = known
        .clone()
        .map(|known| (strsim::damerau_levenshtein(&word, known), known))
        .filter(|(distance, known)| *distance <= (known.len().max(word.len()) / 3).max(1))
        .min();
    match near {
        Some((_, known)) => format!("; did you mean {known:?}?"),
        None => format!("; there are {}", known.collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_told_and_anything_else_gets_the_list() {
        let known = ["user_name", "user_id", "outcome"];
        let of = |word| meant(word, known.into_iter());
        assert_eq!(of("usr_name"), "; did you mean \"user_name\"?");
        assert_eq!(of("Outcom"), "; did you mean \"outcome\"?");
        assert_eq!(of("colour"), "; there are user_name, user_id, outcome");
    }
}
