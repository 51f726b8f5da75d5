//! GitHub's organisation audit log, as it is streamed.

mod account;
mod builds;
mod event;
mod repository;
mod work;

pub(crate) use account::{recovery_codes, requirement, second_factors};
pub(crate) use builds::builds;
pub(crate) use work::{browser_session, git_session};
