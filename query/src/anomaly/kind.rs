//! What is counted, a row each. The first four see a burst; those of names and networks
//! see who guesses slowly, since the benign rarely do what they count.

use serde::{Deserialize, Serialize};

/// What a series counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Failed sign-ins.
    Failures,
    /// Sign-ins and operations that a policy denied.
    Denials,
    /// Accounts locked.
    Lockouts,
    /// Requests to a person for a response.
    Prompts,
    /// Names that fail and had not failed in the 24 hours before: someone who mistypes
    /// again and again, and a job that retries all night, count once.
    FailingNames,
    /// Of these, names that had not signed in at this source in 90 days.
    UnknownNames,
    /// Failed sign-ins from a network from which nobody had signed in at this source in
    /// 90 days.
    UnknownNetworks,
    /// Unknown names from unknown networks.
    Strangers,
}

/// Kinds that belong to one incident where they are unusual at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Somebody tries to get in, or something keeps people out.
    Failures,
    /// A policy says no.
    Denials,
    /// People are asked.
    Prompts,
}

impl Group {
    /// Its name in keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Failures => "failures",
            Self::Denials => "denials",
            Self::Prompts => "prompts",
        }
    }
}

/// What there is to say of a kind.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Which one.
    pub kind: Kind,
    /// Its name in keys and tables.
    pub name: &'static str,
    /// What it counts, in the plural.
    pub what: &'static str,
    /// Which incident it belongs to.
    pub group: Group,
    /// Whether each service has a series of its own; else only sources do, and all
    /// together.
    pub by_service: bool,
    /// Whether it asks who signed in before: such a series begins when its source has
    /// been listened to for two weeks.
    pub needs_acquaintance: bool,
}

const fn row(
    kind: Kind,
    (name, what): (&'static str, &'static str),
    group: Group,
    (by_service, needs_acquaintance): (bool, bool),
) -> About {
    About { kind, name, what, group, by_service, needs_acquaintance }
}

/// All kinds, in the order of the enum.
pub const KINDS: [About; 8] = [
    row(Kind::Failures, ("failures", "failed sign-ins"), Group::Failures, (true, false)),
    row(
        Kind::Denials,
        ("denials", "denied sign-ins and operations"),
        Group::Denials,
        (true, false),
    ),
    row(Kind::Lockouts, ("lockouts", "locked accounts"), Group::Failures, (true, false)),
    row(Kind::Prompts, ("prompts", "prompts for a second factor"), Group::Prompts, (true, false)),
    row(
        Kind::FailingNames,
        ("failing_names", "user names that failed after a day without"),
        Group::Failures,
        (false, false),
    ),
    row(
        Kind::UnknownNames,
        ("unknown_names", "failing user names that had not signed in for 90 days"),
        Group::Failures,
        (false, true),
    ),
    row(
        Kind::UnknownNetworks,
        (
            "unknown_networks",
            "failed sign-ins from networks that nobody had signed in from for 90 days",
        ),
        Group::Failures,
        (false, true),
    ),
    row(
        Kind::Strangers,
        ("strangers", "failing user names unknown there, from networks unknown there"),
        Group::Failures,
        (false, true),
    ),
];

impl Kind {
    /// What there is to say of it.
    #[must_use]
    pub fn about(self) -> &'static About {
        let [first, ..] = &KINDS;
        KINDS.iter().find(|about| about.kind == self).unwrap_or(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_row_and_name() {
        for (at, about) in KINDS.iter().enumerate() {
            assert_eq!(about.kind as usize, at);
            assert_eq!(about.kind.about().name, about.name);
            assert!(!(about.by_service && about.needs_acquaintance));
        }
        let names: std::collections::BTreeSet<_> = KINDS.iter().map(|about| about.name).collect();
        assert_eq!(names.len(), KINDS.len());
    }
}
