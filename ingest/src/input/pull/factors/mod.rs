//! Who has which factor today, by vendor. A snapshot is complete or there is none: what
//! breaks off gives an error and nothing else.
//!
//! ```text
//! okta      users, and each user's factors
//! entra     the registration report
//! duo       users with their phones, tokens and keys
//! github    members with and without two-factor authentication
//! auth0     users, and each user's authentication methods
//! gitlab    users with and without two-factor authentication
//! keycloak  users, and each user's credentials
//! google_workspace  users with and without 2-step verification
//! ```

mod auth0;
mod duo;
mod entra;
mod github;
mod gitlab;
mod google_workspace;
mod keycloak;
mod okta;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rollcall_schemas::Factor;

use super::error::{PullError, PullResult};
use super::settings::Account;
use super::vendor::Kind;

/// Whether a factor can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// It can.
    Active,
    /// Its enrolment isn't over.
    Pending,
    /// It can't: the factor or its account is switched off.
    Disabled,
}

impl Standing {
    /// Of an account, or of what only its account could switch off.
    const fn of(is_off: bool) -> Self {
        if is_off { Self::Disabled } else { Self::Active }
    }

    /// As it stands in the table.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Disabled => "disabled",
        }
    }
}

/// A factor of an account; none where the account was looked at and has none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Held {
    pub(crate) login: String,
    pub(crate) factor: Option<Factor>,
    pub(crate) standing: Standing,
    pub(crate) enrolled_on: Option<NaiveDate>,
}

/// Asks a vendor for everybody's factors.
///
/// # Errors
/// If a page can't be had, or nobody is there: then there is no snapshot.
pub(crate) async fn snapshot(account: &Account) -> PullResult<Vec<Held>> {
    let held = match account.vendor.kind {
        Kind::Okta => okta::held(account).await,
        Kind::Entra => entra::held(account).await,
        Kind::Duo => duo::held(account).await,
        Kind::GitHub => github::held(account).await,
        Kind::Auth0 => auth0::held(account).await,
        Kind::GitLab => gitlab::held(account).await,
        Kind::Keycloak => keycloak::held(account).await,
        Kind::GoogleWorkspace => google_workspace::held(account).await,
    }?;
    if held.is_empty() {
        let detail = "there is no account in it, which would take everybody's factors away";
        let place = account.client.place();
        return Err(PullError::BadAnswer { place, detail: detail.to_owned() });
    }
    Ok(held)
}

/// Gathers accounts with their factors.
#[derive(Debug, Default)]
struct Gathered(BTreeMap<String, Factors>);

/// An account's factors, and how it stands itself.
#[derive(Debug)]
struct Factors {
    standing: Standing,
    held: BTreeMap<(Factor, Standing), Option<NaiveDate>>,
}

impl Gathered {
    /// An account, which may have no factor: then its own standing is told. Of several with
    /// a login (of Auth0's connections, say) one that can be used counts.
    fn account(&mut self, login: &str, standing: Standing) {
        let account = self.of(login, standing);
        account.standing = account.standing.min(standing);
    }

    fn of(&mut self, login: &str, standing: Standing) -> &mut Factors {
        let held = BTreeMap::new();
        self.0.entry(login.to_lowercase()).or_insert(Factors { standing, held })
    }

    /// A factor of an account. Of several that are alike the first enrolment counts.
    fn factor(
        &mut self,
        login: &str,
        factor: Factor,
        standing: Standing,
        enrolled_on: Option<NaiveDate>,
    ) {
        let known = self.of(login, standing).held.entry((factor, standing)).or_insert(enrolled_on);
        *known = [*known, enrolled_on].into_iter().flatten().min();
    }

    fn held(self) -> Vec<Held> {
        let mut held = Vec::new();
        for (login, Factors { standing, held: factors }) in self.0 {
            if factors.is_empty() {
                let (factor, enrolled_on) = (None, None);
                held.push(Held { login, factor, standing, enrolled_on });
                continue;
            }
            held.extend(factors.into_iter().map(|((factor, standing), enrolled_on)| Held {
                login: login.clone(),
                factor: Some(factor),
                standing,
                enrolled_on,
            }));
        }
        held
    }
}
