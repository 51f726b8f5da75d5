//! Who is signed in. The cookie holds the secret, the database its hash.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, named_params};

use super::account::from_us;
use super::{Role, Secret, StateDb, StateError, micros};

/// A session unused for this long is over.
pub const SESSION_IDLE: Duration = Duration::from_secs(8 * 3_600);
/// Every session is over after this long.
pub const SESSION_ABSOLUTE: Duration = Duration::from_secs(7 * 86_400);
/// How exactly "last seen" is kept: a write for every page would be a waste.
const TOUCH_EVERY: Duration = Duration::from_secs(60);

/// Whose session it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedInAs {
    /// The account.
    pub account: String,
    /// What it may do.
    pub role: Role,
    /// When the session began.
    pub since: DateTime<Utc>,
}

impl StateDb {
    /// Begins a session with an id of its own: none that a client brought along.
    pub(super) fn begin_session(&self, account: i64) -> Result<Secret, StateError> {
        let secret = Secret::random()?;
        let now = self.now_us();
        let connection = self.connection();
        connection.execute(
            include_str!("../../sql/session_sweep.sql"),
            named_params! { ":before": now.saturating_sub(micros(SESSION_ABSOLUTE * 4)) },
        )?;
        connection.execute(
            include_str!("../../sql/session_add.sql"),
            named_params! { ":hash": secret.hash(), ":account": account, ":now": now },
        )?;
        Ok(secret)
    }

    /// Whose session it is; `None` if it is over, ended or never was.
    pub fn session(&self, secret: &Secret) -> Result<Option<SignedInAs>, StateError> {
        let now = self.now_us();
        let hash = secret.hash();
        let connection = self.connection();
        let found = connection
            .query_row(
                include_str!("../../sql/session_find.sql"),
                named_params! {
                    ":hash": hash,
                    ":idle_since": now.saturating_sub(micros(SESSION_IDLE)),
                    ":made_since": now.saturating_sub(micros(SESSION_ABSOLUTE)),
                },
                |row| {
                    let role = Role::from_word(&row.get::<_, String>(1)?).unwrap_or(Role::Analyst);
                    let who =
                        SignedInAs { account: row.get(0)?, role, since: from_us(row.get(2)?) };
                    Ok((who, row.get::<_, i64>(3)?))
                },
            )
            .optional()?;
        let Some((who, seen)) = found else { return Ok(None) };
        if now.saturating_sub(seen) > micros(TOUCH_EVERY) {
            connection.execute(
                include_str!("../../sql/session_touch.sql"),
                named_params! { ":hash": hash, ":now": now },
            )?;
        }
        Ok(Some(who))
    }

    /// Signs out.
    pub fn end_session(&self, secret: &Secret) -> Result<(), StateError> {
        let now = self.now_us();
        self.connection().execute(
            include_str!("../../sql/session_end.sql"),
            named_params! { ":hash": secret.hash(), ":now": now },
        )?;
        Ok(())
    }

    /// Ends every session of an account; gives how many.
    pub fn end_sessions_of(&self, account: &str) -> Result<usize, StateError> {
        let now = self.now_us();
        Ok(self.connection().execute(
            include_str!("../../sql/session_end_all.sql"),
            named_params! { ":name": account, ":now": now },
        )?)
    }
}
