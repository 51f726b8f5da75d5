//! Texts behind numbers, for the words of an alert. They are a cache of two generations:
//! what hasn't been seen for long is forgotten, and an alert then says "unknown".

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::id::{ById, Id};

/// Texts of a generation.
const MOST: usize = 200_000;
/// Bytes of a text; nothing in an alert needs longer ones.
const LONGEST: usize = 200;

/// The texts that were seen last.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Names {
    young: ById<Arc<str>>,
    old: ById<Arc<str>>,
}

impl Names {
    /// Keeps a text.
    pub(crate) fn keep(&mut self, id: Id, text: &str) {
        self.keep_with(id, || text);
    }

    /// Keeps a text that is made only where it isn't known.
    pub(crate) fn keep_with<T: AsRef<str>>(&mut self, id: Id, text: impl FnOnce() -> T) {
        if self.young.contains_key(&id) {
            return;
        }
        let kept = self.old.remove(&id).unwrap_or_else(|| cut(text().as_ref()).into());
        if self.young.len() >= MOST {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(id, kept);
    }

    /// The text, if it is still known.
    pub(crate) fn of(&self, id: Id) -> &str {
        let found = self.young.get(&id).or_else(|| self.old.get(&id));
        match found {
            Some(text) => text,
            None => "unknown",
        }
    }

    /// Several of them in words: the first ones, and how many more there are.
    pub(crate) fn list(&self, ids: impl IntoIterator<Item = Id>) -> String {
        /// More than this nobody reads in a sentence.
        const SHOWN: usize = 4;
        let ids: Vec<Id> = ids.into_iter().collect();
        let mut words: Vec<&str> = ids.iter().take(SHOWN).map(|id| self.of(*id)).collect();
        let more = ids.len().saturating_sub(SHOWN);
        let last = match more {
            0 => None,
            1 => Some("1 more".to_owned()),
            more => Some(format!("{more} more")),
        };
        if let Some(last) = &last {
            words.push(last);
        }
        match words.split_last() {
            None => "none".to_owned(),
            Some((only, [])) => (*only).to_owned(),
            Some((last, first)) => format!("{} and {last}", first.join(", ")),
        }
    }
}

/// The beginning of a text that is too long.
fn cut(text: &str) -> &str {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_lately_is_known() {
        let mut names = Names::default();
        names.keep(1, "ada");
        for id in 2..=MOST as u64 + 1 {
            names.keep(id, "x");
        }
        assert_eq!(names.of(1), "ada");
        // Seen again, it is young again.
        names.keep(1, "not asked");
        for id in 0..MOST as u64 {
            names.keep(1_000_000 + id, "y");
        }
        assert_eq!((names.of(1), names.of(2)), ("ada", "unknown"));
        assert_eq!(cut(&"ä".repeat(200)).len(), 200);
    }

    #[test]
    fn a_list_is_short() {
        let mut names = Names::default();
        for (id, text) in [(1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, "e"), (6, "f")] {
            names.keep(id, text);
        }
        assert_eq!(names.list([]), "none");
        assert_eq!(names.list([1]), "a");
        assert_eq!(names.list([1, 2]), "a and b");
        assert_eq!(names.list(1..=6), "a, b, c, d and 2 more");
    }
}
