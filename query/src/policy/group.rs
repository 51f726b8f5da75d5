//! Whom something is about: `team:platform`, `service:nightly-deploy`.

use super::access::Access;
use super::fault::meant;

/// What a group's name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Person,
    Service,
    Team,
    Role,
    Cohort,
    Login,
    Account,
    Pipeline,
    Nature,
}

const KINDS: &[(&str, Kind)] = &[
    ("person", Kind::Person),
    ("service", Kind::Service),
    ("team", Kind::Team),
    ("role", Kind::Role),
    ("cohort", Kind::Cohort),
    ("login", Kind::Login),
    ("account", Kind::Account),
    ("pipeline", Kind::Pipeline),
    ("kind", Kind::Nature),
];

/// A group of accounts, as a policy names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    kind: Kind,
    name: String,
}

impl Group {
    /// Reads `team:platform`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let words = || KINDS.iter().map(|(word, _)| *word);
        let Some((word, name)) = text.split_once(':') else {
            let all: Vec<&str> = words().collect();
            return Err(format!(
                "{text:?} doesn't say of what it is; write team:{text}, or another of {} before the colon",
                all.join(", ")
            ));
        };
        let Some((_, kind)) = KINDS.iter().find(|(known, _)| *known == word) else {
            return Err(format!("there is no group of kind {word:?}{}", meant(word, words())));
        };
        let name = name.trim();
        if name.is_empty() {
            return Err(format!("{text:?} names nobody; write {word}:NAME"));
        }
        if *kind == Kind::Account && !name.contains(':') {
            return Err(format!(
                "{text:?} has no source; write account:okta:{name}, or login:{name} for every source"
            ));
        }
        let lower = matches!(kind, Kind::Login | Kind::Account);
        let name = if lower { name.to_lowercase() } else { name.to_owned() };
        Ok(Self { kind: *kind, name })
    }

    /// Whether whoever accesses is in it. A person and a service are known by the directory's
    /// id or by the login.
    pub(super) fn holds(&self, access: &Access<'_>) -> bool {
        let is = |value: Option<&str>| value == Some(self.name.as_str());
        let is_login = || access.login.is_some_and(|login| login.eq_ignore_ascii_case(&self.name));
        match self.kind {
            Kind::Person => {
                access.account_kind != Some("service") && (is(access.person) || is_login())
            }
            Kind::Service => {
                access.account_kind == Some("service") && (is(access.person) || is_login())
            }
            Kind::Team => is(access.team),
            Kind::Role => is(access.role),
            Kind::Cohort => is(access.cohort),
            Kind::Login => is_login(),
            Kind::Account => self.name.split_once(':').is_some_and(|(source, login)| {
                source == access.source && access.login.is_some_and(|it| it.to_lowercase() == login)
            }),
            Kind::Pipeline => is(access.pipeline),
            Kind::Nature => is(access.account_kind),
        }
    }

    /// Whether a directory can say that there is no such group.
    pub(super) const fn is_in_directory(&self) -> bool {
        matches!(self.kind, Kind::Team | Kind::Role | Kind::Cohort)
    }
}

impl std::fmt::Display for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = KINDS.iter().find(|(_, kind)| *kind == self.kind).map_or("", |(word, _)| word);
        write!(f, "{word}:{}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_says_of_what_it_is() {
        for good in ["team:platform", "service:nightly-deploy", "account:okta:ada@corp.example"] {
            assert_eq!(Group::parse(good).expect("a group").to_string(), good);
        }
        for (wrong, said) in [
            ("platform", "team:platform"),
            ("tema:platform", "did you mean team?"),
            ("team: ", "names nobody"),
            ("account:ada", "account:okta:ada"),
        ] {
            let refused = Group::parse(wrong).expect_err(wrong);
            assert!(refused.contains(said), "{refused}");
        }
    }
}
