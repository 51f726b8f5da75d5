//! Someone is forgotten: their account loses its name, and nothing of it stays in the
//! file.

use rusqlite::named_params;

use super::{StateDb, StateError};

impl StateDb {
    /// How many accounts and tokens have a name that is meant.
    pub fn named(&self, is_meant: impl Fn(&str) -> bool) -> Result<usize, StateError> {
        let accounts = self.accounts()?.into_iter().map(|account| account.name);
        let tokens = self.tokens()?.into_iter().map(|token| token.name);
        Ok(accounts.chain(tokens).filter(|name| is_meant(name)).count())
    }

    /// Takes the names away from the accounts and tokens that are meant; returns from
    /// how many. Such an account is disabled, a token stays valid.
    pub fn forget(&self, is_meant: impl Fn(&str) -> bool) -> Result<usize, StateError> {
        let accounts = self.accounts()?;
        let tokens = self.tokens()?;
        let mut forgotten = 0;
        for account in accounts.iter().filter(|account| is_meant(&account.name)) {
            self.end_sessions_of(&account.name)?;
            forgotten += self.connection().execute(
                include_str!("../../sql/account_erase.sql"),
                named_params! { ":name": account.name, ":now": self.now_us() },
            )?;
        }
        for token in tokens.iter().filter(|token| is_meant(&token.name)) {
            forgotten += self.connection().execute(
                include_str!("../../sql/token_erase.sql"),
                named_params! { ":id": token.id },
            )?;
        }
        if forgotten > 0 {
            // What SQLite deletes stays in the file until its pages are written anew.
            let connection = self.connection();
            connection.execute_batch(include_str!("../../sql/state_vacuum.sql"))?;
            for _ in 0..50 {
                // Busy while somebody reads.
                let truncate = include_str!("../../sql/state_truncate_wal.sql");
                let is_busy: bool = connection.query_row(truncate, [], |row| row.get(0))?;
                if !is_busy {
                    break;
                }
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
        }
        Ok(forgotten)
    }
}
