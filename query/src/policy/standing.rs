//! Who has verified how strongly, and when: what accesses of the past say, in the order of
//! time.

use std::collections::{HashMap, HashSet};

use super::access::Access;
use super::requirement::{STRONGEST, Strength};

const SECOND_US: i64 = 1_000_000;
/// How long a session hands on its MFA (view `attempts`), and an hour for clocks.
const PROOFS_US: i64 = 25 * 3600 * SECOND_US;

/// What is known of one person or account.
#[derive(Debug, Default, Clone, Copy)]
struct Standing {
    /// By strength from 1: the latest verification that was at least as strong, µs.
    last: [Option<i64>; STRONGEST],
    /// Whether anything ever said how they verify.
    is_told: bool,
}

/// What is known of everybody.
#[derive(Debug, Default)]
pub(super) struct Standings {
    by_who: HashMap<String, Standing>,
    /// Verifications by the event that proves them.
    proofs: HashMap<String, (Strength, i64)>,
    /// Identity providers that tell when somebody verifies.
    telling: HashSet<String>,
}

impl Standings {
    /// Takes in what an access says of verifying; before it is judged.
    pub(super) fn note(&mut self, access: &Access<'_>) {
        let says = access.mfa != "unknown";
        let performed = access.mfa == "performed" && access.went_through();
        if !says {
            return;
        }
        let strength = strength(access).unwrap_or(1);
        if performed && access.platform == Some("idp") && !self.telling.contains(access.source) {
            self.telling.insert(access.source.to_owned());
        }
        if performed && let Some(proof) = access.mfa_proof {
            self.proofs.insert(proof.to_owned(), (strength, access.ended));
        }
        let Some(who) = access.who else { return };
        self.known(who);
        if performed {
            self.verified(who, strength, access.ended);
        }
    }

    /// It is told how somebody verifies.
    pub(super) fn known(&mut self, who: &str) {
        match self.by_who.get_mut(who) {
            Some(standing) => standing.is_told = true,
            None => {
                let standing = Standing { is_told: true, ..Standing::default() };
                self.by_who.insert(who.to_owned(), standing);
            }
        }
    }

    /// Somebody verified, or would have.
    pub(super) fn verified(&mut self, who: &str, strength: Strength, at: i64) {
        if !self.by_who.contains_key(who) {
            self.by_who.insert(who.to_owned(), Standing::default());
        }
        let reached = usize::try_from(strength).unwrap_or(1).clamp(1, STRONGEST);
        if let Some(standing) = self.by_who.get_mut(who) {
            for last in standing.last.iter_mut().take(reached) {
                *last = (*last).max(Some(at));
            }
        }
    }

    /// Forgets what no session hands on any longer.
    pub(super) fn forget_before(&mut self, now: i64) {
        self.proofs.retain(|_, (_, at)| *at >= now - PROOFS_US);
    }

    /// When somebody last verified at least so strongly, µs.
    pub(super) fn last(&self, who: Option<&str>, strength: Strength) -> Option<i64> {
        let index = usize::try_from(strength).ok()?.checked_sub(1)?;
        *self.by_who.get(who?)?.last.get(index)?
    }

    /// Whether something ever said how somebody verifies: only then does it mean something
    /// that nothing says they did.
    pub(super) fn is_told(&self, who: Option<&str>) -> bool {
        who.and_then(|who| self.by_who.get(who)).is_some_and(|standing| standing.is_told)
    }

    /// Whether a source is an identity provider that tells when somebody verifies.
    pub(super) fn tells(&self, source: &str) -> bool {
        self.telling.contains(source)
    }

    /// The verification that an event proves.
    pub(super) fn proof(&self, event: &str) -> Option<(Strength, i64)> {
        self.proofs.get(event).copied()
    }
}

/// How strong an access's own verification was; `None` where its factor can't be ranked.
pub(super) fn strength(access: &Access<'_>) -> Option<Strength> {
    match access.phishing_resistant {
        Some(true) => i64::try_from(STRONGEST).ok(),
        _ => access.strength.filter(|strength| *strength >= 1),
    }
}
