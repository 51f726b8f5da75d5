//! `rollcall admin`

use std::time::Duration;

use anyhow::Result;
use rollcall_web::{Role, StateDb};

use super::token::open;
use crate::cli::{AdminCommand, Global};
use crate::config::Config;
use crate::{Outcome, output, server};

const LINK: Duration = Duration::from_secs(15 * 60);

/// Makes sign-in links, lists and disables accounts.
pub fn run(command: AdminCommand, global: &Global, config: &Config) -> Result<Outcome> {
    let db = open(global, matches!(command, AdminCommand::Link { .. }))?;
    match command {
        AdminCommand::Link { account, new } => link(&db, &account, new, global, config)?,
        AdminCommand::Enable { account } => {
            db.enable_account(&account)?;
            output::line(&format!("{account} may sign in again, with a new link"))?;
        }
        AdminCommand::List => {
            let accounts = db.accounts()?;
            if accounts.is_empty() {
                output::note("there is no account yet; `rollcall admin link` makes the first");
            }
            for account in accounts {
                let seen = account
                    .last_seen
                    .map_or("never".to_owned(), |t| t.format("%Y-%m-%d %H:%M UTC").to_string());
                let state = if account.disabled.is_some() { "disabled" } else { "active" };
                output::line(&format!(
                    "{}  {}  {state}  last seen {seen}",
                    account.name,
                    account.role.as_str()
                ))?;
            }
        }
        AdminCommand::Disable { account } => {
            db.disable_account(&account)?;
            output::line(&format!("{account} is disabled and signed out"))?;
        }
    }
    Ok(Outcome::Fine)
}

fn link(db: &StateDb, account: &str, new: bool, global: &Global, config: &Config) -> Result<()> {
    // The first account needs no word; a later one may be a slip of the pen.
    if new || db.accounts()?.is_empty() {
        db.add_account(account, Role::Admin)?;
        output::note(&format!("made the account {account}, an administrator"));
    }
    let secret = db.create_login_link(account, LINK)?;
    let base = server::address::of_last_server(global.data(), config)?;
    output::line(base.join(&rollcall_web::sign_in_path(&secret))?.as_str())?;
    output::note("it signs in once, within 15 minutes");
    Ok(())
}
