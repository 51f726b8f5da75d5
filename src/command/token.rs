//! `rollcall token`

use anyhow::Result;
use chrono::{Days, Utc};
use rollcall_lake::{Access, DataDirectory};
use rollcall_web::StateDb;

use crate::cli::{Global, TokenCommand};
use crate::{Outcome, output};

/// Makes, lists and ends collectors' tokens.
pub fn run(command: TokenCommand, global: &Global) -> Result<Outcome> {
    let db = open(global, matches!(command, TokenCommand::Create { .. }))?;
    match command {
        TokenCommand::Create { name, sources, days } => {
            let sources = if sources.is_empty() { vec!["*".to_owned()] } else { sources };
            let expires = days.and_then(|days| Utc::now().checked_add_days(Days::new(days.into())));
            let token = db.create_token(&name, &sources, expires)?;
            output::line(&token)?;
            output::note("this is shown once; send it as `Authorization: Bearer …`");
        }
        TokenCommand::List => {
            let tokens = db.tokens()?;
            if tokens.is_empty() {
                output::note("there is no token yet; `rollcall token create` makes one");
            }
            for token in tokens {
                let state = match (token.revoked, token.expires) {
                    (Some(_), _) => "revoked",
                    (None, Some(expires)) if expires <= Utc::now() => "expired",
                    _ => "live",
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
