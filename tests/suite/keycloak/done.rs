//! A tally of what was done, in the words in which rollcall must tell it.

use std::collections::BTreeMap;

/// How often something was done.
pub type Counts = BTreeMap<String, i64>;

/// What was done.
#[derive(Default)]
pub struct Done {
    /// Attempts: who, at which client, how it ended and why, and what of MFA.
    pub attempts: Counts,
    /// Everything else: activity, Keycloak's own word, how it ended.
    pub events: Counts,
}

impl Done {
    /// Someone signed in.
    pub fn success(&mut self, who: &str, client: &str, mfa: &str) {
        self.attempt(who, client, "success", "-", mfa);
    }

    /// Someone didn't get in.
    pub fn refused(&mut self, who: &str, client: &str, outcome: &str, reason: &str) {
        self.attempt(who, client, outcome, reason, "unknown");
    }

    fn attempt(&mut self, who: &str, client: &str, outcome: &str, reason: &str, mfa: &str) {
        let what = format!("{who} {client} {outcome} {reason} {mfa}");
        *self.attempts.entry(what).or_default() += 1;
    }

    /// Something else happened.
    pub fn event(&mut self, activity: &str, operation: &str, outcome: &str) {
        *self.events.entry(format!("{activity} {operation} {outcome}")).or_default() += 1;
    }

    /// How many attempts have all of these words.
    pub fn count(&self, words: &[&str]) -> i64 {
        let has = |what: &str| words.iter().all(|word| what.split(' ').any(|said| said == *word));
        self.attempts.iter().filter(|(what, _)| has(what)).map(|(_, n)| n).sum()
    }
}
