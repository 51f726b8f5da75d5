//! `rollcall token`

use anyhow::{Context, Result};
use chrono::{DateTime, Days, Utc};
use rollcall_ingest::scim::SCOPE;
use rollcall_lake::{Access, DataDirectory};
use rollcall_web::{StateDb, TokenInfo};

use crate::cli::{Global, TokenCommand};
use crate::config::Config;
use crate::{Outcome, output};

/// Makes, lists and ends collectors' tokens.
pub fn run(command: TokenCommand, global: &Global, config: &Config) -> Result<Outcome> {
    if let TokenCommand::Create { sources, .. } = &command {
        config.check_sources(sources)?;
    }
    let db = open(global, matches!(command, TokenCommand::Create { .. }))?;
    match command {
        TokenCommand::Create { name, sources, scim, days } => {
            let sources = match (scim, sources.is_empty()) {
                (true, _) => vec![SCOPE.to_owned()],
                (false, true) => vec!["*".to_owned()],
                (false, false) => sources,
            };
            let expires = days.and_then(|days| Utc::now().checked_add_days(Days::new(days.into())));
            let token = db.create_token(&name, &sources, expires)?;
            output::line(&token)?;
            output::note(SHOWN_ONCE);
        }
        TokenCommand::Rotate { token, days } => rotate(&db, &token, days)?,
        TokenCommand::List => {
            let tokens = db.tokens()?;
            if tokens.is_empty() {
                output::note("there is no token yet; `rollcall token create` makes one");
            }
            for token in tokens {
                let state = match token.revoked {
                    Some(_) => "revoked",
                    None if is_live(&token) => "live",
                    None => "expired",
                };
                let used = token
                    .last_used
                    .map_or("never".to_owned(), |t| t.format("%Y-%m-%d %H:%M UTC").to_string());
                output::line(&format!(
                    "{}  {state:7}  last used {used:20}  {}  {}",
                    token.id,
                    token.name,
                    token.sources.join(",")
                ))?;
            }
        }
        TokenCommand::Revoke { id } => {
            db.revoke_token(&id)?;
            output::line(&format!("{id} is revoked"))?;
            output::note("a running server refuses it within a second");
        }
    }
    Ok(Outcome::Fine)
}

const SHOWN_ONCE: &str = "this is shown once; send it as `Authorization: Bearer …`";

/// Makes a second token, says it, then sets the end of the first: whatever fails,
/// a token that works is known.
fn rotate(db: &StateDb, named: &str, days: u32) -> Result<()> {
    let old = db
        .tokens()?
        .into_iter()
        .find(|token| is_live(token) && (token.name == named || token.id == named));
    let old = old.with_context(|| {
        format!("there is no live token {named:?}; `rollcall token list` shows them")
    })?;
    let now = Utc::now();
    let ends = now.checked_add_days(Days::new(days.into())).context("--days is too many")?;
    // It lives as long as the first was meant to.
    let expires = old.expires.and_then(|ends| now.checked_add_signed(ends - old.created));
    let token = db.rotate_token(&old.name, expires)?;
    output::line(&token)?;
    db.expire_token(&old.id, ends)?;
    let ends = old.expires.map_or(ends, |expires| expires.min(ends));
    output::note(&format!(
        "{SHOWN_ONCE}; {} works until {}",
        old.id,
        ends.format("%Y-%m-%d %H:%M UTC")
    ));
    Ok(())
}

fn is_live(token: &TokenInfo) -> bool {
    token.revoked.is_none()
        && token.expires.is_none_or(|expires: DateTime<Utc>| expires > Utc::now())
}

/// The state database; `make` says whether to make the data directory where there
/// is none.
pub fn open(global: &Global, make: bool) -> Result<StateDb> {
    let existing = DataDirectory::open(global.data(), Access::Read);
    let directory = match existing {
        Ok(directory) => directory,
        Err(rollcall_lake::LakeError::NoData { .. }) if make => {
            DataDirectory::open(global.data(), Access::Write)?
        }
        Err(error) => return Err(error.into()),
    };
    Ok(StateDb::open(&directory.state())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_tokens_live_until_the_first_ends() {
        let directory = tempfile::tempdir().unwrap();
        let db = StateDb::open(&directory.path().join("state.db")).unwrap();
        db.create_token("fleet", &["okta".to_owned()], None).unwrap();
        assert!(rotate(&db, "nobody", 7).is_err());
        rotate(&db, "fleet", 7).unwrap();
        let tokens = db.tokens().unwrap();
        assert_eq!(tokens.len(), 2);
        assert!(tokens.iter().all(|token| is_live(token) && token.sources == ["okta"]));
        let (ended, new): (Vec<_>, Vec<_>) = tokens.iter().partition(|t| t.expires.is_some());
        assert_eq!(new.len(), 1, "the second has no end");
        let left = ended[0].expires.unwrap() - Utc::now();
        assert!((6..=7).contains(&left.num_days()), "{left}");
        assert!(rotate(&db, "fleet", 7).is_err(), "two are the most");
        db.revoke_token(&ended[0].id).unwrap();
        let id = new[0].id.clone();
        rotate(&db, &id, 0).unwrap();
        let old = db.tokens().unwrap().into_iter().find(|token| token.id == id).unwrap();
        assert!(!is_live(&old), "--days 0 ends it at once");
    }
}
