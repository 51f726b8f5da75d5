//! Where addresses are, by databases that the user has, in MaxMind's format
//! (the MaxMind DB File Format Specification, version 2.0). What they say is told
//! in the catalog and never stored: tomorrow's database may say another thing.
//!
//! ```text
//! place      what is said of one address
//! database   one file
//! databases  the files of one instant
//! newest     the newest files; taken anew when one changes
//! ```

mod database;
mod databases;
mod newest;
mod place;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod write;

use std::path::PathBuf;

use chrono::NaiveDate;

pub(crate) use databases::Databases;
pub(crate) use newest::Newest;
pub(crate) use place::Place;

/// Where the databases lie; without any, nothing is said of an address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GeoSettings {
    /// A City or Country database.
    pub places: Option<PathBuf>,
    /// An ASN database.
    pub networks: Option<PathBuf>,
}

/// A database that is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeoDatabase {
    /// What it says of itself, for instance `GeoLite2-City`.
    pub kind: String,
    /// The day on which it was built, UTC.
    pub built: Option<NaiveDate>,
}

/// The databases that are in use, and what is wrong with what lies there now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GeoState {
    /// Each one.
    pub databases: Vec<GeoDatabase>,
    /// Why a newer file isn't in use.
    pub problem: Option<String>,
}
