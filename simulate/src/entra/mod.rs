//! Microsoft Entra's sign-ins, as Graph gives them.

mod attempt;
mod event;
mod policy;
mod visit;

pub(crate) use attempt::{Attempt, Step, write};
pub(crate) use event::Status;
pub(crate) use policy::Verdict;
pub(crate) use visit::visit;
