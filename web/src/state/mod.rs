//! `state.db`: what the server has to remember and the audit trail must not
//! hold. Losing it loses no event: people get new links, collectors new tokens.
//!
//! ```text
//! secret    random secrets, their hashes, comparison in constant time
//! account   who may sign in
//! link      one-time links to sign in with
//! session   who is signed in
//! erase     someone is forgotten
//! copy      a copy of the file, as of one moment
//! token     what collectors send events with
//! cache     tokens in memory, for every request's check
//! ```

mod account;
mod cache;
mod copy;
mod erase;
mod error;
mod link;
mod secret;
mod session;
mod token;

use std::fs::{OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

pub use account::{Account, Role};
pub use cache::Collector;
pub use error::{StateError, TokenError};
pub use link::LinkState;
pub use secret::Secret;
pub(crate) use secret::random_bytes as random;
pub use session::{SESSION_ABSOLUTE, SESSION_IDLE, SignedInAs};
pub use token::TokenInfo;

use crate::clock::{Clock, SystemClock};

/// A step for every version of the schema; `user_version` counts those done.
const MIGRATIONS: [&str; 1] = [include_str!("../../sql/migration_1.sql")];

/// The state database. Clones share one connection; calls block for as long
/// as a small SQLite statement takes, `check_token` doesn't.
#[derive(Clone)]
pub struct StateDb {
    inner: Arc<Inner>,
}

struct Inner {
    connection: Mutex<Connection>,
    clock: Arc<dyn Clock>,
    tokens: cache::Tokens,
}

impl StateDb {
    /// Opens or creates the database, readable by its owner alone.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        Self::open_with_clock(path, Arc::new(SystemClock))
    }

    /// The same with another clock.
    pub fn open_with_clock(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, StateError> {
        let failed = |source| StateError::File { path: path.to_owned(), source };
        // Made here, so that it never exists with wider rights; SQLite gives
        // the rights of the database to its -wal and -shm files.
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path)
            .and_then(|file| file.set_permissions(Permissions::from_mode(0o600)))
            .map_err(failed)?;
        connected(path, clock).map_err(|error| match error {
            StateError::Sqlite(source) => StateError::Unusable { path: path.to_owned(), source },
            error => error,
        })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic in another caller leaves no transaction open: rusqlite rolls
        // back when the statement is dropped.
        self.inner.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_us(&self) -> i64 {
        self.inner.clock.now().timestamp_micros()
    }
}

fn connected(path: &Path, clock: Arc<dyn Clock>) -> Result<StateDb, StateError> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    migrate(&mut connection)?;
    let db = StateDb {
        inner: Arc::new(Inner {
            connection: Mutex::new(connection),
            clock,
            tokens: cache::Tokens::default(),
        }),
    };
    db.reload_tokens()?;
    Ok(db)
}

fn migrate(connection: &mut Connection) -> Result<(), StateError> {
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let mut known = 0_u32;
    for step in MIGRATIONS {
        known += 1;
        if known > found {
            transaction.execute_batch(step)?;
        }
    }
    if found > known {
        return Err(StateError::Newer { found, known });
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

/// A length of time in the unit of the database's columns.
pub(crate) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
