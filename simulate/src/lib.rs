//! A company of 400 people and its labelled incidents, written in the
//! vendors' own formats: what a demonstration or a test reads where there is
//! no real company to read.
//!
//! Layout, in the order of the data:
//!
//! - [`Plan`]: which seed, which period, how many people;
//! - `world`: chance, the rhythm of the week, cities and networks, devices;
//! - `people`: who works here, when they were invited, what they enrolled;
//! - `incident`: what goes wrong, when and to whom; its labels;
//! - `look_alike`: what only looks like it;
//! - `traffic`: a person's or a service account's day as a list of visits;
//! - `okta`, `entra`, `github`, `cloudtrail`, `sshd`: one vendor's lines each;
//! - [`Company`]: everything of one day in time order, directory and factors.
//!
//! A day is a pure function of the seed and the date. It holds no state of the
//! day before, so memory stays bounded and days can be made in any order.
//!
//! Everything is invented: domains end in `.example`, addresses are those of
//! RFC 5737, RFC 6598 and RFC 3849, AS numbers those of RFC 5398. Field and
//! event names follow each vendor's public documentation.

mod cloudtrail;
mod company;
mod entra;
mod github;
mod incident;
mod look_alike;
mod okta;
mod people;
mod plan;
mod record;
mod sshd;
mod traffic;
mod world;

#[cfg(test)]
mod tests;

pub use company::Company;
pub use incident::{Incident, IncidentKind};
pub use look_alike::{LookAlike, LookAlikeKind};
pub use plan::Plan;
pub use record::{Feed, Record};
