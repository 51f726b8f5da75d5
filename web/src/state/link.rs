//! One-time links: how the console lets a person in. Looking at one doesn't
//! use it up (mail scanners and previews look), pressing its button does.

use std::time::Duration;

use rusqlite::{OptionalExtension, named_params};

use super::{Role, Secret, StateDb, StateError, micros};

/// How long used and expired links are kept, so that opening one says why it
/// doesn't work any more.
const KEPT: Duration = Duration::from_secs(30 * 86_400);

/// What became of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// It can be used.
    Good,
    /// It was used.
    Used,
    /// Its time is over.
    Expired,
    /// There is none, or its account may not sign in.
    Unknown,
}

impl StateDb {
    /// Makes a link for an account and gives its secret, which is stored
    /// nowhere; `sign_in_path` makes the address.
    pub fn create_login_link(&self, account: &str, ttl: Duration) -> Result<String, StateError> {
        let account = self.account_id(account)?;
        let secret = Secret::random()?;
        let now = self.now_us();
        let connection = self.connection();
        connection.execute(
            include_str!("../../sql/link_sweep.sql"),
            named_params! { ":before": now.saturating_sub(micros(KEPT)) },
        )?;
        connection.execute(
            include_str!("../../sql/link_add.sql"),
            named_params! {
                ":hash": secret.hash(), ":account": account, ":now": now,
                ":expires": now.saturating_add(micros(ttl)),
            },
        )?;
        Ok(secret.as_str().to_owned())
    }

    /// On the very first start: makes the account `admin` and a link for it.
    /// `None` where there are accounts already.
    pub fn first_run_link(&self, ttl: Duration) -> Result<Option<String>, StateError> {
        if !self.accounts()?.is_empty() {
            return Ok(None);
        }
        self.add_account("admin", Role::Admin)?;
        self.create_login_link("admin", ttl).map(Some)
    }

    /// Looks at a link without using it.
    pub fn look_at_link(&self, secret: &Secret) -> Result<LinkState, StateError> {
        let now = self.now_us();
        let found = self
            .connection()
            .query_row(
                include_str!("../../sql/link_look.sql"),
                named_params! { ":hash": secret.hash() },
                |row| {
                    Ok((
                        row.get::<_, i64>(0)?,
                        row.get::<_, Option<i64>>(1)?,
                        row.get::<_, Option<i64>>(2)?,
                    ))
                },
            )
            .optional()?;
        Ok(match found {
            None | Some((_, _, Some(_))) => LinkState::Unknown,
            Some((_, Some(_), None)) => LinkState::Used,
            Some((expires, None, None)) if expires <= now => LinkState::Expired,
            Some(_) => LinkState::Good,
        })
    }

    /// Uses a link up and begins a session; `None` if it can't be used. Of two
    /// requests at the same time one gets in.
    pub fn redeem_link(&self, secret: &Secret) -> Result<Option<Secret>, StateError> {
        let now = self.now_us();
        let account = self
            .connection()
            .query_row(
                include_str!("../../sql/link_use.sql"),
                named_params! { ":hash": secret.hash(), ":now": now },
                |row| row.get::<_, i64>(0),
            )
            .optional()?;
        account.map(|account| self.begin_session(account)).transpose()
    }
}
