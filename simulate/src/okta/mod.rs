//! Okta's System Log: what people's sign-ins, administrators and Okta itself
//! write into it.

mod admin;
mod event;
mod policy;
mod sign_in;
mod stage;
mod visit;

pub(crate) use admin::{account_event, enrolled, enrolments};
pub(crate) use event::Happening;
pub(crate) use policy::{policy_changes, switched_off};
pub(crate) use sign_in::{Opening, bad_password, deny, open, prompt, reach_app, verify};
pub(crate) use stage::{Actor, Stage};
pub(crate) use visit::{shared, visit};
