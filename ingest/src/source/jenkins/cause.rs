//! Causes of a build, in the words of Jenkins and of the plugins that start one.

use super::super::address::address;

/// Who or what started a build.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Cause<'a> {
    /// The person's name as Jenkins shows it.
    pub(super) user: Option<&'a str>,
    pub(super) ip: Option<&'a str>,
    /// False for a clock, a repository, another build.
    pub(super) interactive: Option<bool>,
}

/// Causes that no person stands behind at that moment.
const BY_ITSELF: &[&str] = &[
    "Started by timer",
    "Started by an SCM change",
    "Started by upstream project",
    "Started by GitHub push",
    "Started by GitLab push",
    "Branch indexing",
    "Branch event",
    "Push event",
    "Pull request",
];

/// What the causes say; a person's counts before the others.
pub(super) fn of(causes: &str) -> Cause<'_> {
    let behind = |start: &str| {
        let at = causes.find(start).filter(|at| {
            causes.get(..*at).is_some_and(|before| before.is_empty() || before.ends_with(", "))
        })?;
        causes.get(at + start.len()..)
    };
    // A name may hold a comma; another cause begins with a word of its own.
    let name = |rest: &'static str| {
        let rest = behind(rest)?;
        let end = [", Started ", ", Replayed ", ", Rebuilds "]
            .iter()
            .filter_map(|next| rest.find(next))
            .min();
        rest.get(..end.unwrap_or(rest.len())).filter(|name| !name.is_empty())
    };
    if let Some(user) = name("Started by user ") {
        return Cause { user: Some(user), ..Cause::default() };
    }
    if let Some(rest) = behind("Started by remote host ") {
        let ip = rest.split([' ', ',']).next().and_then(address);
        return Cause { ip, interactive: Some(false), ..Cause::default() };
    }
    let is_by_itself = BY_ITSELF.iter().any(|start| causes.starts_with(start));
    Cause {
        user: name("Started by GitHub push by "),
        interactive: is_by_itself.then_some(false),
        ..Cause::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_counts_before_other_causes_and_a_name_may_hold_a_comma() {
        for (causes, user, ip, interactive) in [
            ("Started by user Doe, Jane", Some("Doe, Jane"), None, None),
            ("Started by user ada, Started by timer", Some("ada"), None, None),
            ("Started by timer, Started by user ada", Some("ada"), None, None),
            ("Started by timer", None, None, Some(false)),
            (
                "Started by upstream project \"x Started by user admin\" build number 7",
                None,
                None,
                Some(false),
            ),
            (
                "Started by remote host 203.0.113.9 with note: x",
                None,
                Some("203.0.113.9"),
                Some(false),
            ),
            ("Started by GitHub push by ada", Some("ada"), None, Some(false)),
            ("Started by a new plugin", None, None, None),
        ] {
            assert_eq!(of(causes), Cause { user, ip, interactive }, "{causes}");
        }
    }
}
