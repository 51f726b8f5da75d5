//! What is told: once, as long as it goes on.

use std::collections::HashSet;

/// What was told, look by look.
#[derive(Debug, Default)]
pub(super) struct Told {
    before: HashSet<String>,
    now: HashSet<String>,
}

impl Told {
    /// Whether something wasn't told in the look before, nor in this one.
    pub(super) fn is_news(&mut self, note: &str) -> bool {
        self.now.insert(note.to_owned()) && !self.before.contains(note)
    }

    /// A look is over: what wasn't said in it has passed.
    pub(super) fn over(&mut self) {
        self.before = std::mem::take(&mut self.now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_is_told_once_and_what_comes_again_again() {
        let mut told = Told::default();
        let mut looks = Vec::new();
        for notes in [&["a", "b"][..], &["a", "a"], &["a", "b"], &[], &["a"]] {
            looks.push(notes.iter().filter(|note| told.is_news(note)).count());
            told.over();
        }
        assert_eq!(looks, [2, 0, 1, 0, 1]);
        assert!(told.now.is_empty() && told.before.len() == 1);
    }
}
