//! Tokens in memory. Every request of a collector is checked here; SQLite is
//! asked at most every half second whether anything has changed, so that a
//! token revoked by another process stops working within a second, and where a
//! token isn't known, so that one that was made works at once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use rusqlite::named_params;

use super::secret::same;
use super::token::{PREFIX, StoredToken, read_tokens};
use super::{Secret, StateDb, StateError, TokenError};

const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Older than this, a token list is not trusted: the caller waits for a look.
const TRUSTED: Duration = Duration::from_millis(900);
const FLUSH_EVERY: Duration = Duration::from_secs(10);

/// Who sends events, and which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collector {
    /// Its name, for the column `collector`.
    pub name: String,
    /// The sources that it may send; `*` is all of them.
    pub sources: Vec<String>,
}

impl Collector {
    /// Whether it may send this source.
    pub fn may_send(&self, source: &str) -> bool {
        self.sources.iter().any(|allowed| allowed == "*" || allowed == source)
    }
}

/// The cache.
#[derive(Default)]
pub(super) struct Tokens {
    held: RwLock<Held>,
    /// Held by the one caller that looks.
    looking: Mutex<Looked>,
}

#[derive(Default)]
struct Held {
    at: Option<Instant>,
    by_id: Arc<HashMap<String, Entry>>,
}

#[derive(Default)]
struct Looked {
    data_version: i64,
    flushed: Option<Instant>,
}

struct Entry {
    token: StoredToken,
    collector: Arc<Collector>,
    used_us: AtomicI64,
}

impl StateDb {
    /// Whose token it is. Meant for every request: a hash, a look into a map,
    /// a comparison in constant time.
    pub fn check_token(&self, text: &str) -> Result<Arc<Collector>, TokenError> {
        let (id, secret) = text
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split_once('_'))
            .and_then(|(id, secret)| Some((id, Secret::parse(secret)?)))
            .ok_or(TokenError::Malformed)?;
        let unavailable = |error| {
            tracing::error!(%error, "collector tokens can't be read");
            TokenError::Unavailable
        };
        let mut tokens = self.fresh_tokens().map_err(unavailable)?;
        if !tokens.contains_key(id) {
            // Another process may have made it just now.
            tokens = self.newest_tokens().map_err(unavailable)?;
        }
        let entry = tokens.get(id).ok_or(TokenError::Unknown)?;
        if !same(&entry.token.hash, &secret.hash()) {
            return Err(TokenError::Unknown);
        }
        let now = self.inner.clock.now();
        if entry.token.info.revoked.is_some() {
            return Err(TokenError::Revoked);
        }
        if entry.token.info.expires.is_some_and(|at| at <= now) {
            return Err(TokenError::Expired);
        }
        entry.used_us.fetch_max(now.timestamp_micros(), Ordering::Relaxed);
        Ok(Arc::clone(&entry.collector))
    }

    /// Reads the tokens again: after a change of our own, which SQLite's
    /// `data_version` doesn't show to the connection that made it.
    pub(super) fn reload_tokens(&self) -> Result<(), StateError> {
        self.flush_uses()?;
        let mut looked = self.inner.tokens.looking.lock().unwrap_or_else(PoisonError::into_inner);
        self.read_into_cache(&mut looked)
    }

    /// Writes down when tokens were last used; while they are, that is done every ten
    /// seconds.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn flush_uses(&self) -> Result<(), StateError> {
        let entries = self.held();
        let connection = self.connection();
        for (id, entry) in entries.iter() {
            let used = entry.used_us.swap(0, Ordering::Relaxed);
            if used > 0 {
                connection.execute(
                    include_str!("../../sql/token_used.sql"),
                    named_params! { ":id": id, ":used": used },
                )?;
            }
        }
        Ok(())
    }

    fn held(&self) -> Arc<HashMap<String, Entry>> {
        let held = self.inner.tokens.held.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&held.by_id)
    }

    fn age(&self) -> Duration {
        let held = self.inner.tokens.held.read().unwrap_or_else(PoisonError::into_inner);
        held.at.map_or(Duration::MAX, |at| at.elapsed())
    }

    fn fresh_tokens(&self) -> Result<Arc<HashMap<String, Entry>>, StateError> {
        if self.age() < LOOK_EVERY {
            return Ok(self.held());
        }
        let looking = match self.inner.tokens.looking.try_lock() {
            Ok(looked) => Some(looked),
            // Somebody looks already; what we have is good for a moment more.
            Err(_) if self.age() < TRUSTED => None,
            Err(_) => {
                Some(self.inner.tokens.looking.lock().unwrap_or_else(PoisonError::into_inner))
            }
        };
        if let Some(mut looked) = looking
            && self.age() >= LOOK_EVERY
        {
            self.look(&mut looked)?;
        }
        Ok(self.held())
    }

    /// Those of this moment.
    fn newest_tokens(&self) -> Result<Arc<HashMap<String, Entry>>, StateError> {
        let mut looked = self.inner.tokens.looking.lock().unwrap_or_else(PoisonError::into_inner);
        self.look(&mut looked)?;
        drop(looked);
        Ok(self.held())
    }

    fn look(&self, looked: &mut Looked) -> Result<(), StateError> {
        let version: i64 =
            self.connection().pragma_query_value(None, "data_version", |row| row.get(0))?;
        if version != looked.data_version {
            self.flush_uses()?;
            return self.read_into_cache(looked);
        }
        if looked.flushed.is_none_or(|at| at.elapsed() > FLUSH_EVERY) {
            self.flush_uses()?;
            looked.flushed = Some(Instant::now());
        }
        let mut held = self.inner.tokens.held.write().unwrap_or_else(PoisonError::into_inner);
        held.at = Some(Instant::now());
        Ok(())
    }

    fn read_into_cache(&self, looked: &mut Looked) -> Result<(), StateError> {
        let connection = self.connection();
        // The version first: a change in between is then seen at the next look.
        looked.data_version =
            connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
        let by_id = read_tokens(&connection)?
            .into_iter()
            .map(|token| {
                let collector = Arc::new(Collector {
                    name: token.info.name.clone(),
                    sources: token.info.sources.clone(),
                });
                let id = token.info.id.clone();
                (id, Entry { token, collector, used_us: AtomicI64::new(0) })
            })
            .collect();
        drop(connection);
        let mut held = self.inner.tokens.held.write().unwrap_or_else(PoisonError::into_inner);
        *held = Held { at: Some(Instant::now()), by_id: Arc::new(by_id) };
        Ok(())
    }
}
