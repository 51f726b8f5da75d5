//! What collectors send events with: `rc_<id>_<secret>`. The id is public and
//! names the token in lists; the secret is stored as its SHA-256.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, named_params};

use super::account::{check_name, from_us};
use super::secret::random_bytes;
use super::{Secret, StateDb, StateError};

/// What every token begins with, so that scanners for leaked secrets find it.
pub(super) const PREFIX: &str = "rc_";

/// One token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenInfo {
    /// Its public id.
    pub id: String,
    /// The collector that it is for.
    pub name: String,
    /// The sources that it may send; `*` is all of them.
    pub sources: Vec<String>,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When it stops working.
    pub expires: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked: Option<DateTime<Utc>>,
    /// When it was last used, to within some seconds.
    pub last_used: Option<DateTime<Utc>>,
}

/// A token as the cache holds it.
pub(super) struct StoredToken {
    pub(super) info: TokenInfo,
    pub(super) hash: [u8; 32],
}

impl StateDb {
    /// Makes the first token of a collector. The text is given once and stored
    /// nowhere.
    pub fn create_token(
        &self,
        name: &str,
        sources: &[String],
        expires: Option<DateTime<Utc>>,
    ) -> Result<String, StateError> {
        check_name(name)?;
        if sources.is_empty() {
            return Err(StateError::NoSources);
        }
        self.insert_token(name, expires, |live| match live {
            [] => Ok(sources.to_vec()),
            _ => Err(StateError::HasToken(name.to_owned())),
        })
    }

    /// Makes a second token with the same sources. Both work until the older
    /// one is revoked or expires, so that no event is lost on the way.
    pub fn rotate_token(
        &self,
        name: &str,
        expires: Option<DateTime<Utc>>,
    ) -> Result<String, StateError> {
        self.insert_token(name, expires, |live| match live {
            [] => Err(StateError::NoSuchToken(name.to_owned())),
            [sources] => Ok(sources.clone()),
            _ => Err(StateError::TwoTokens(name.to_owned())),
        })
    }

    /// Revokes the token of that id. Every process sees it within a second.
    pub fn revoke_token(&self, id: &str) -> Result<(), StateError> {
        let now = self.now_us();
        let changed = self.connection().execute(
            include_str!("../../sql/token_revoke.sql"),
            named_params! { ":id": id, ":now": now },
        )?;
        if changed == 0 {
            return Err(StateError::NoSuchToken(id.to_owned()));
        }
        self.reload_tokens()
    }

    /// Ends the token of that id at a moment, unless it ends before. Every
    /// process sees it within a second.
    pub fn expire_token(&self, id: &str, at: DateTime<Utc>) -> Result<(), StateError> {
        let changed = self.connection().execute(
            include_str!("../../sql/token_expire.sql"),
            named_params! { ":id": id, ":at": at.timestamp_micros() },
        )?;
        if changed == 0 {
            return Err(StateError::NoSuchToken(id.to_owned()));
        }
        self.reload_tokens()
    }

    /// Every token, dead ones too, by name and age.
    pub fn tokens(&self) -> Result<Vec<TokenInfo>, StateError> {
        self.flush_uses()?;
        Ok(read_tokens(&self.connection())?.into_iter().map(|token| token.info).collect())
    }

    /// Adds a token to a collector's live ones, whose sources `choose` sees.
    fn insert_token(
        &self,
        name: &str,
        expires: Option<DateTime<Utc>>,
        choose: impl FnOnce(&[Vec<String>]) -> Result<Vec<String>, StateError>,
    ) -> Result<String, StateError> {
        let id = hex::encode(random_bytes::<6>()?);
        let secret = Secret::random()?;
        let now = self.now_us();
        {
            let mut connection = self.connection();
            let transaction =
                connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            let sources = choose(&live_of(&transaction, name, now)?)?;
            transaction.execute(
                include_str!("../../sql/token_add.sql"),
                named_params! {
                    ":id": id, ":name": name, ":hash": secret.hash(),
                    ":sources": serde_json::Value::from(sources).to_string(), ":now": now,
                    ":expires": expires.map(|at| at.timestamp_micros()),
                },
            )?;
            transaction.commit()?;
        }
        self.reload_tokens()?;
        Ok(format!("{PREFIX}{id}_{}", secret.as_str()))
    }
}

fn live_of(connection: &Connection, name: &str, now: i64) -> Result<Vec<Vec<String>>, StateError> {
    let mut statement = connection.prepare(include_str!("../../sql/token_live_of.sql"))?;
    let rows = statement
        .query_map(named_params! { ":name": name, ":now": now }, |row| row.get::<_, String>(0))?;
    Ok(rows.map(|row| row.map(|text| sources(&text))).collect::<Result<_, _>>()?)
}

pub(super) fn read_tokens(connection: &Connection) -> Result<Vec<StoredToken>, StateError> {
    let mut statement = connection.prepare(include_str!("../../sql/token_list.sql"))?;
    let rows = statement.query_map([], |row| {
        Ok(StoredToken {
            info: TokenInfo {
                id: row.get(0)?,
                name: row.get(1)?,
                sources: sources(&row.get::<_, String>(3)?),
                created: from_us(row.get(4)?),
                expires: row.get::<_, Option<i64>>(5)?.map(from_us),
                revoked: row.get::<_, Option<i64>>(6)?.map(from_us),
                last_used: row.get::<_, Option<i64>>(7)?.map(from_us),
            },
            hash: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A scope that can't be read allows nothing.
fn sources(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}
