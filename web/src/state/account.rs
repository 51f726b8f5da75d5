//! Who may sign in.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, named_params};

use super::{StateDb, StateError};

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Pages and exports.
    Analyst,
    /// The same, accounts and tokens.
    Admin,
}

impl Role {
    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Analyst => "analyst",
            Self::Admin => "admin",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Analyst, Self::Admin].into_iter().find(|role| role.as_str() == word)
    }
}

/// One account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// Since when it may not sign in any more.
    pub disabled: Option<DateTime<Utc>>,
    /// When it was last seen.
    pub last_seen: Option<DateTime<Utc>>,
}

impl StateDb {
    /// Adds an account. It can sign in with a link only.
    pub fn add_account(&self, name: &str, role: Role) -> Result<(), StateError> {
        check_name(name)?;
        let now = self.now_us();
        let added = self.connection().execute(
            include_str!("../../sql/account_add.sql"),
            named_params! { ":name": name, ":role": role.as_str(), ":now": now },
        );
        match added {
            Err(rusqlite::Error::SqliteFailure(error, _))
                if error.code == rusqlite::ErrorCode::ConstraintViolation =>
            {
                Err(StateError::AccountExists(name.to_owned()))
            }
            other => other.map(|_| ()).map_err(StateError::from),
        }
    }

    /// Every account, by name.
    pub fn accounts(&self) -> Result<Vec<Account>, StateError> {
        let connection = self.connection();
        let mut statement = connection.prepare(include_str!("../../sql/account_list.sql"))?;
        let rows = statement.query_map([], |row| {
            Ok(Account {
                name: row.get(0)?,
                // A role of a newer version gets the fewest rights.
                role: Role::from_word(&row.get::<_, String>(1)?).unwrap_or(Role::Analyst),
                created: from_us(row.get(2)?),
                disabled: row.get::<_, Option<i64>>(3)?.map(from_us),
                last_seen: row.get::<_, Option<i64>>(4)?.map(from_us),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Disables an account; its sessions end at once, its links are dead.
    pub fn disable_account(&self, name: &str) -> Result<(), StateError> {
        let now = self.now_us();
        let changed = self.connection().execute(
            include_str!("../../sql/account_disable.sql"),
            named_params! { ":name": name, ":now": now },
        )?;
        if changed == 0 {
            return Err(StateError::NoSuchAccount(name.to_owned()));
        }
        self.end_sessions_of(name)?;
        Ok(())
    }

    /// Lets a disabled account in again; it signs in with a new link.
    pub fn enable_account(&self, name: &str) -> Result<(), StateError> {
        let changed = self.connection().execute(
            include_str!("../../sql/account_enable.sql"),
            named_params! { ":name": name },
        )?;
        if changed == 0 {
            return Err(StateError::NoSuchAccount(name.to_owned()));
        }
        Ok(())
    }

    /// The number of an account that may sign in.
    pub(super) fn account_id(&self, name: &str) -> Result<i64, StateError> {
        let found = self
            .connection()
            .query_row(
                include_str!("../../sql/account_by_name.sql"),
                named_params! { ":name": name },
                |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?)),
            )
            .optional()?;
        match found {
            Some((id, None)) => Ok(id),
            _ => Err(StateError::NoSuchAccount(name.to_owned())),
        }
    }
}

/// A time from a column.
pub(super) fn from_us(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// Names of accounts and collectors stand in logs, headers and columns.
pub(super) fn check_name(name: &str) -> Result<(), StateError> {
    let fits = (1..=80).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-@".contains(c));
    if fits { Ok(()) } else { Err(StateError::BadName(name.to_owned())) }
}
