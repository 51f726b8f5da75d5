//! AWS CloudTrail: console sign-ins of every kind, and what is called with
//! the credentials that come of them.

mod console;
mod event;
mod iam_user;
mod identity;
mod identity_center;
mod saml;
mod services;

pub(crate) use console::{federated_console, read_secrets};
pub(crate) use iam_user::{break_glass, iam_user};
pub(crate) use identity_center::identity_center;
pub(crate) use saml::federation_fails;
pub(crate) use services::access_key;
