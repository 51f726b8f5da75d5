//! What can go wrong between us and a vendor, and what to do.

use std::time::Duration;

/// Result of a pull.
pub type PullResult<T> = Result<T, PullError>;

/// What went wrong. Nothing of it holds a secret: what a vendor says is cut short and
/// searched for the secrets that were sent.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum PullError {
    /// The settings can't be used.
    #[error("{0}; correct it in the configuration")]
    Settings(String),
    /// Nobody answered as they should, for now.
    #[error("{place}: {detail}; it is tried again")]
    Unreachable {
        /// Its address.
        place: String,
        /// What happened.
        detail: String,
    },
    /// It wants to be left alone for a while.
    #[error("{place} wants fewer requests; it is asked again later")]
    Busy {
        /// Its address.
        place: String,
        /// How long, as far as it says.
        wait: Option<Duration>,
    },
    /// It answered that it won't.
    #[error("{place} refuses: {detail}")]
    Refused {
        /// Its address.
        place: String,
        /// What it said, and what to do.
        detail: String,
    },
    /// It doesn't understand the request, or no longer.
    #[error("{place} rejects the request: {detail}")]
    Rejected {
        /// Its address.
        place: String,
        /// What it said.
        detail: String,
    },
    /// What was asked for isn't there, or isn't shown to these credentials.
    #[error("{place} doesn't have what was asked for: {detail}")]
    Missing {
        /// Its address.
        place: String,
        /// What it said.
        detail: String,
    },
    /// The answer isn't what its documentation says. Nothing of it was taken.
    #[error("{place}: its answer can't be taken: {detail}")]
    BadAnswer {
        /// Its address.
        place: String,
        /// What is wrong with it.
        detail: String,
    },
    /// What was pulled can't be stored.
    #[error("what was pulled can't be stored: {0}")]
    Sink(String),
}

impl PullError {
    /// Whether waiting may mend it.
    pub(super) const fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Busy { .. } | Self::BadAnswer { .. })
    }
}
