//! Why an input can't begin.

use std::path::PathBuf;

/// What is wrong, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// A table of the settings can't be used.
    #[error("[[{table}]] {name}: {detail}; correct it in the configuration")]
    Settings {
        /// Its table.
        table: &'static str,
        /// Which of them: its address or path.
        name: String,
        /// What is wrong.
        detail: String,
    },
    /// An address can't be listened on.
    #[error(
        "[[syslog.listeners]] {address}: can't listen there: {source}; take another address, or end whoever has it (ports below 1024 need the capability CAP_NET_BIND_SERVICE)"
    )]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// A certificate or key can't be used.
    #[error("[[syslog.listeners]] {path}: {detail}")]
    Tls {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
}

/// Checks the name that an input's records get in the column `collector`.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    let starts = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    let goes_on = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    match starts && goes_on && name.len() <= 64 {
        true => Ok(()),
        false => {
            Err(format!("collector is {name:?}; it has letters, digits, - _ and . , 64 at most"))
        }
    }
}
