//! What a policy says of one access.
//!
//! Met is what is known to be met. An access says itself that its person verified, or an
//! earlier one of the same person does, within the rule's age. What isn't told is no "no":
//! see `unsaid`.

use chrono::{DateTime, NaiveDate, Utc};

use super::access::Access;
use super::format::Policy;
use super::requirement::{Requirement, Strength};
use super::rule::Otherwise;
use super::standing::{Standings, strength};

const SECOND_US: i64 = 1_000_000;

/// What becomes of an access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// No rule is for it.
    NotApplied,
    /// It meets its rule.
    Pass,
    /// It doesn't, and an exception lets it through.
    Excepted,
    /// The person is asked.
    Challenge,
    /// It is refused.
    Deny,
    /// The logs don't say enough.
    CannotTell,
}

impl Answer {
    /// Every answer, with its word.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::NotApplied, "not_applied"),
        (Self::Pass, "pass"),
        (Self::Excepted, "excepted"),
        (Self::Challenge, "challenge"),
        (Self::Deny, "deny"),
        (Self::CannotTell, "cannot_tell"),
    ];

    /// The word.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(answer, _)| *answer == self).map_or("", |(_, word)| word)
    }
}

/// A policy's judgement of an access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Judgement {
    /// The rule that decided, by its place from 0.
    pub(super) rule: Option<usize>,
    /// What becomes of the access.
    pub(super) answer: Answer,
    /// The same without exceptions.
    pub(super) without_exception: Answer,
    /// The exception that fits, by its place from 0.
    pub(super) exception: Option<usize>,
    /// Whether that one's last day was over.
    pub(super) lapsed: bool,
    /// When the verification was that met the rule, µs.
    pub(super) verified_at: Option<i64>,
}

/// Whether something is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// It is; by a verification of then, where one was asked for.
    Met(Option<i64>),
    /// It isn't. No answer of the person could change that where it is hopeless.
    Unmet { hopeless: bool },
    /// That isn't told.
    Unknown,
}

/// Judges an access by the first rule that is for it.
pub(super) fn judge(
    policy: &Policy,
    rule: Option<usize>,
    access: &Access<'_>,
    standings: &Standings,
) -> Judgement {
    let mut judgement = Judgement {
        rule,
        answer: Answer::NotApplied,
        without_exception: Answer::NotApplied,
        exception: None,
        lapsed: false,
        verified_at: None,
    };
    let Some(of) = rule.and_then(|rule| policy.rules.get(rule)) else { return judgement };
    judgement.without_exception = match told(&of.require, access, standings) {
        Told::Met(at) => {
            judgement.verified_at = at;
            Answer::Pass
        }
        Told::Unknown => Answer::CannotTell,
        // A machine answers nothing, and no answer makes a device managed.
        Told::Unmet { hopeless } => match of.otherwise {
            Otherwise::Challenge if !hopeless && !access.is_of_a_machine() => Answer::Challenge,
            Otherwise::Challenge | Otherwise::Deny => Answer::Deny,
        },
    };
    judgement.answer = judgement.without_exception;
    if judgement.without_exception != Answer::Pass {
        except(policy, access, &mut judgement);
    }
    judgement
}

/// Looks for an exception, one in force before one that has lapsed.
fn except(policy: &Policy, access: &Access<'_>, judgement: &mut Judgement) {
    let day = day_of(access.time);
    for (place, exception) in policy.exceptions.iter().enumerate() {
        if !exception.who.holds(access) {
            continue;
        }
        if day <= exception.expires && !policy.floor {
            judgement.exception = Some(place);
            judgement.lapsed = false;
            judgement.answer = Answer::Excepted;
            return;
        }
        if day > exception.expires && judgement.exception.is_none() {
            judgement.exception = Some(place);
            judgement.lapsed = true;
        }
    }
}

fn day_of(time: i64) -> NaiveDate {
    DateTime::<Utc>::from_timestamp_micros(time).unwrap_or_default().date_naive()
}

fn told(require: &Requirement, access: &Access<'_>, standings: &Standings) -> Told {
    let device = match (require.device_managed, access.device_managed) {
        (false, _) | (true, Some(true)) => Told::Met(None),
        (true, Some(false)) => Told::Unmet { hopeless: true },
        (true, None) => Told::Unknown,
    };
    let verified = match require.strength {
        Some(strength) => verified(strength, require, access, standings),
        None => Told::Met(None),
    };
    match (device, verified) {
        (Told::Unmet { hopeless: true }, _) => device,
        (_, Told::Unmet { .. }) => verified,
        (Told::Unknown, _) | (_, Told::Unknown) => Told::Unknown,
        (_, met) => met,
    }
}

fn verified(
    wanted: Strength,
    require: &Requirement,
    access: &Access<'_>,
    standings: &Standings,
) -> Told {
    let recent = |at: i64| access.time.saturating_sub(at) <= require.age_s() * SECOND_US;
    let last = standings.last(access.who, wanted);
    if let Some(at) = last.filter(|at| recent(*at)) {
        return Told::Met(Some(at));
    }
    let unmet = Told::Unmet { hopeless: false };
    match access.mfa {
        "performed" if access.went_through() => match strength(access) {
            Some(own) if own >= wanted => Told::Met(Some(access.ended)),
            Some(_) => unmet,
            None if wanted <= 1 => Told::Met(Some(access.ended)),
            None => Told::Unknown,
        },
        // Somebody else's proof, an MFA vendor's say, is as good.
        "inherited" | "claim_in_token" | "remembered" => {
            match access.mfa_proof.and_then(|proof| standings.proof(proof)) {
                Some((strength, at)) if strength >= wanted && recent(at) => Told::Met(Some(at)),
                Some(_) => unmet,
                None => handed_on(wanted, require, access, last),
            }
        }
        "none" | "not_required" | "bypassed" | "abandoned" => unmet,
        _ => unsaid(access, standings),
    }
}

/// MFA that was done at another time, which isn't told.
fn handed_on(
    wanted: Strength,
    require: &Requirement,
    access: &Access<'_>,
    last: Option<i64>,
) -> Told {
    let unmet = Told::Unmet { hopeless: false };
    match strength(access) {
        Some(own) if own < wanted => unmet,
        // The last that is known of is too old.
        _ if require.max_age_s.is_some() && last.is_some() => unmet,
        _ if require.max_age_s.is_some() => Told::Unknown,
        Some(_) => Told::Met(None),
        None if wanted <= 1 => Told::Met(None),
        None => Told::Unknown,
    }
}

/// The access says nothing of MFA. Where an identity provider tells of those who verify, who
/// wasn't told of didn't; an operation is judged by what its person did elsewhere. At a
/// service's own door nothing is known.
fn unsaid(access: &Access<'_>, standings: &Standings) -> Told {
    let unmet = Told::Unmet { hopeless: false };
    if access.is_of_a_machine() {
        return unmet;
    }
    if access.is_sign_in {
        let at_provider = access.platform == Some("idp") && standings.tells(access.source);
        return if at_provider { unmet } else { Told::Unknown };
    }
    if access.person.is_some() && standings.is_told(access.who) { unmet } else { Told::Unknown }
}
