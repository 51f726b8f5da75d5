//! How often a link was answered since the start. An answer can be corrected; a link that
//! got loose must not fill the trail.

use std::collections::HashMap;

/// Answers that a link may give.
pub(super) const MOST: u8 = 5;

/// Links that were answered.
#[derive(Debug, Default)]
pub(super) struct Answered {
    /// How often, and when the link expires, in seconds since 1970 UTC.
    links: HashMap<String, (u8, i64)>,
}

impl Answered {
    /// Counts an answer; not where there were enough.
    pub(super) fn once_more(&mut self, link: &str, expires: i64, now: i64) -> bool {
        if !self.links.contains_key(link) {
            // Links that have expired give no more answers.
            self.links.retain(|_, (_, expires)| *expires > now);
        }
        let (times, _) = self.links.entry(link.to_owned()).or_insert((0, expires));
        if *times >= MOST {
            return false;
        }
        *times += 1;
        true
    }

    /// Takes back an answer that couldn't be stored.
    pub(super) fn not_after_all(&mut self, link: &str) {
        if let Some((times, _)) = self.links.get_mut(link) {
            *times = times.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_answered_so_often_and_forgotten_when_it_expires() {
        let mut answered = Answered::default();
        assert!((0..MOST).all(|_| answered.once_more("a", 100, 10)));
        assert!(!answered.once_more("a", 100, 10));
        answered.not_after_all("a");
        assert!(answered.once_more("a", 100, 10) && !answered.once_more("a", 100, 10));
        assert!(answered.once_more("b", 300, 10));
        assert_eq!(answered.links.len(), 2);
        assert!(answered.once_more("c", 300, 200));
        assert_eq!(answered.links.len(), 2, "a has expired");
    }
}
