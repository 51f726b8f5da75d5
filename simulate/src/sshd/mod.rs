//! Servers' auth.log: people, services, and whoever knocks from the internet.

mod guessing;
mod line;
mod session;

pub(crate) use guessing::{background, campaign};
pub(crate) use session::{deploys, person_session, refused_deploy};
