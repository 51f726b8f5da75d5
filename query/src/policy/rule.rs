//! Rules: for which accesses something is asked, and what becomes of those without it.

use super::document::Keys;
use super::expression::Expression;
use super::fault::{Faults, Place, meant};
use super::requirement::Requirement;

/// What becomes of an access that doesn't meet its rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Otherwise {
    /// It is refused.
    Deny,
    /// The person is asked, and may go on if the answer is good.
    Challenge,
}

const OTHERWISE: &[(&str, Otherwise)] =
    &[("deny", Otherwise::Deny), ("challenge", Otherwise::Challenge)];

impl Otherwise {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Challenge => "challenge",
        }
    }
}

/// One rule. The first whose condition holds counts.
#[derive(Debug, Clone)]
pub struct Rule {
    /// What it is called, if anything.
    pub(super) name: Option<String>,
    /// For which accesses it is.
    pub(super) when: Expression,
    /// What it asks for.
    pub(super) require: Requirement,
    /// What becomes of those without it.
    pub(super) otherwise: Otherwise,
    /// Where it stands.
    pub(super) place: Place,
}

/// A condition by which an access is critical.
#[derive(Debug, Clone)]
pub struct Critical {
    /// What it is called.
    pub(super) name: String,
    /// The condition.
    pub(super) when: Expression,
}

impl Rule {
    /// Reads every `[[rule]]`, in order.
    pub(super) fn read_all(document: &Keys<'_, '_>, faults: &mut Faults<'_>) -> Vec<Self> {
        let tables = document.tables("rule", faults);
        if tables.is_empty() {
            faults
                .whole("there is no [[rule]]; a policy needs one: `when`, `require`, `otherwise`");
        }
        tables.iter().filter_map(|keys| Self::read(keys, faults)).collect()
    }

    fn read(keys: &Keys<'_, '_>, faults: &mut Faults<'_>) -> Option<Self> {
        keys.only(&["name", "when", "require", "otherwise"], faults);
        let name = keys.text("name", faults).map(str::to_owned);
        let when = Expression::read(keys, true, faults);
        if keys.get("require").is_none() {
            let what = "it is missing; write what is asked for, as { strength = \"totp\" }";
            keys.wrong("require", what, faults);
        }
        let require = keys.table("require", faults).map(|keys| Requirement::read(&keys, faults));
        let what = "write \"deny\" or \"challenge\": what becomes of those without it";
        let otherwise = keys.needed("otherwise", what, faults).and_then(|word| {
            let found = OTHERWISE.iter().find(|(known, _)| *known == word);
            if found.is_none() {
                let known = OTHERWISE.iter().map(|(known, _)| *known);
                let what = format!("{word:?} can't become of an access{}", meant(word, known));
                keys.wrong("otherwise", what, faults);
            }
            found.map(|(_, otherwise)| *otherwise)
        });
        let place = keys.place(faults);
        Some(Self { name, when: when?, require: require?, otherwise: otherwise?, place })
    }
}

impl Critical {
    /// Reads every `[[critical]]`.
    pub(super) fn read_all(document: &Keys<'_, '_>, faults: &mut Faults<'_>) -> Vec<Self> {
        let tables = document.tables("critical", faults);
        let read = |keys: &Keys<'_, '_>| {
            keys.only(&["name", "when"], faults);
            let what = "write what these are called, as \"database exports\"";
            let name = keys.needed("name", what, faults).map(str::to_owned);
            // What is critical can't depend on itself.
            let when = Expression::read(keys, false, faults);
            Some(Self { name: name?, when: when? })
        };
        tables.iter().filter_map(read).collect()
    }
}
