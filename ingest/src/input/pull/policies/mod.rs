//! Which policies stand today, by vendor. A kind of policies is complete, or the vendor says
//! that it doesn't give it; what else breaks off gives an error and nothing else.
//!
//! ```text
//! okta     sign-on and access policies, with their rules
//! entra    conditional access, and security defaults
//! github   the two-factor requirement, rulesets, protected branches
//! ```

mod entra;
mod github;
mod okta;

use serde_json::Value;

use super::error::{PullError, PullResult};
use super::settings::Account;
use super::vendor::Kind;

/// Whether a policy has effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It has.
    Enabled,
    /// It only says what it would do.
    ReportOnly,
    /// It has none.
    Disabled,
    /// The vendor doesn't say, or says something new.
    Unknown,
}

impl Effect {
    /// As it stands in the table.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::ReportOnly => "report_only",
            Self::Disabled => "disabled",
            Self::Unknown => "unknown",
        }
    }

    const fn of(is_enabled: Option<bool>) -> Self {
        match is_enabled {
            Some(true) => Self::Enabled,
            Some(false) => Self::Disabled,
            None => Self::Unknown,
        }
    }
}

/// A policy, or a rule of one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Policy {
    /// The vendor's id.
    pub(crate) id: String,
    /// What it belongs to: a rule's policy, a branch's repository.
    pub(crate) parent: Option<String>,
    /// Its name.
    pub(crate) name: Option<String>,
    /// Whether it has effect.
    pub(crate) effect: Effect,
    /// What it says.
    pub(crate) json: Value,
}

/// A kind of policies.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Taken {
    /// Its name in the table.
    pub(crate) kind: &'static str,
    /// All that there are; or why the vendor doesn't give them.
    pub(crate) found: Result<Vec<Policy>, String>,
}

impl Taken {
    /// What was found of a kind. That a vendor refuses it (Okta without access policies, a
    /// plan without rulesets, credentials that may not) is told of that kind.
    fn of(kind: &'static str, found: PullResult<Vec<Policy>>) -> PullResult<Self> {
        let found = match found {
            Ok(policies) => Ok(policies),
            Err(
                error @ (PullError::Refused { .. }
                | PullError::Rejected { .. }
                | PullError::Missing { .. }),
            ) => Err(error.to_string()),
            Err(other) => return Err(other),
        };
        Ok(Self { kind, found })
    }
}

/// Asks a vendor for its policies.
///
/// # Errors
/// If a page can't be had, or the vendor gives no kind at all: then there is no snapshot.
pub(crate) async fn vendor_policies(account: &Account) -> PullResult<Vec<Taken>> {
    let taken = match account.vendor.kind {
        Kind::Okta => okta::taken(account).await,
        Kind::Entra => entra::taken(account).await,
        Kind::GitHub => github::taken(account).await,
        Kind::Duo | Kind::Auth0 | Kind::GitLab | Kind::Keycloak | Kind::GoogleWorkspace => {
            Err(PullError::Settings(format!(
                "[[pull]] {:?}: policies of this kind can't be asked for",
                account.name
            )))
        }
    }?;
    let mut refusals = taken.iter().map(|kind| kind.found.as_ref().err());
    if let Some(Some(detail)) = refusals.next()
        && refusals.all(|refusal| refusal.is_some())
    {
        let (place, detail) = (account.client.place(), format!("all of its policies: {detail}"));
        return Err(PullError::Refused { place, detail });
    }
    Ok(taken)
}

/// Takes members away, wherever they stand: those that say where something lies.
fn without(value: &mut Value, goes: fn(&str) -> bool) {
    match value {
        Value::Object(object) => {
            object.retain(|key, _| !goes(key));
            object.values_mut().for_each(|value| without(value, goes));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| without(value, goes)),
        _ => {}
    }
}
