//! What can go wrong with the state database, and what to do about it.

use std::path::PathBuf;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// The file can't be made or opened.
    #[error("{} can't be opened: {source}; check that its folder exists and is ours", path.display())]
    File {
        /// The database.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A newer rollcall wrote it.
    #[error("state.db has version {found}, this rollcall knows {known}; run the newer rollcall")]
    Newer {
        /// Version in the file.
        found: u32,
        /// Version of this program.
        known: u32,
    },
    /// SQLite can't open it, or not read what is in it.
    #[error(
        "{} can't be used: {source}; mend the disk or bring the file back from a backup: it holds accounts and tokens, no events",
        path.display()
    )]
    Unusable {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// SQLite failed.
    #[error("state.db failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Random(String),
    /// A name with characters that would make it hard to tell apart.
    #[error(
        "{0:?} can't be a name: use 1 to 80 letters, digits and . _ - @, and begin with a letter or digit"
    )]
    BadName(String),
    /// The name is taken.
    #[error("there is an account {0:?} already")]
    AccountExists(String),
    /// Nobody has that name, or not any more.
    #[error(
        "there is no account {0:?} that may sign in; `rollcall admin list` shows them, `rollcall admin link --new` makes one, `rollcall admin enable` lets a disabled one in again"
    )]
    NoSuchAccount(String),
    /// No token has that id.
    #[error("there is no token {0:?}; `rollcall token list` shows them")]
    NoSuchToken(String),
    /// A collector has a token.
    #[error("collector {0:?} has a live token; `rollcall token rotate` gives it a second one")]
    HasToken(String),
    /// A collector has two.
    #[error("collector {0:?} has two live tokens; revoke the older one first")]
    TwoTokens(String),
    /// A token must be scoped.
    #[error("a token needs at least one source; `*` stands for all of them")]
    NoSources,
}

/// Why a token isn't accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It doesn't look like one.
    #[error("not a rollcall token: it has the form rc_<id>_<43 characters>")]
    Malformed,
    /// Unknown id or wrong secret: which of them isn't said.
    #[error("unknown token")]
    Unknown,
    /// It was revoked.
    #[error("the token was revoked; ask for a new one")]
    Revoked,
    /// It has expired.
    #[error("the token has expired; ask for a new one")]
    Expired,
    /// Tokens can't be read.
    #[error("tokens can't be checked at the moment")]
    Unavailable,
}
