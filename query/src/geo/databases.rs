//! The databases of one instant: what one query asks says the same from its first
//! row to its last.

use std::net::IpAddr;

use chrono::NaiveDate;

use super::database::{Database, Kind, Stamp, stamp};
use super::place::Place;
use super::{GeoDatabase, GeoSettings};
use crate::catalog::read::number;
use crate::error::Result;

/// What the files are known by, as they are now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Stamps {
    places: Option<Stamp>,
    networks: Option<Stamp>,
}

/// Looks at the files without reading them.
pub(super) fn stamps(settings: &GeoSettings) -> Stamps {
    Stamps {
        places: settings.places.as_deref().and_then(stamp),
        networks: settings.networks.as_deref().and_then(stamp),
    }
}

/// The databases.
#[derive(Debug, Default)]
pub(crate) struct Databases {
    places: Option<Database>,
    networks: Option<Database>,
    state: u64,
}

impl Databases {
    /// Reads them.
    ///
    /// # Errors
    /// If one can't be read, is no database, or is one of another kind.
    pub(super) fn open(settings: &GeoSettings) -> Result<Self> {
        // Looked at before they are read: a file that changes meanwhile is read again.
        let state = number(stamps(settings));
        let open = |path: &Option<_>, kind| {
            path.as_ref().map(|path: &std::path::PathBuf| Database::open(path, kind)).transpose()
        };
        Ok(Self {
            places: open(&settings.places, Kind::Places)?,
            networks: open(&settings.networks, Kind::Networks)?,
            state,
        })
    }

    /// Reads all of them once.
    ///
    /// # Errors
    /// If any part of one is damaged.
    pub(super) fn verify(&self) -> Result<()> {
        self.each().try_for_each(Database::verify)
    }

    fn each(&self) -> impl Iterator<Item = &Database> {
        self.places.iter().chain(&self.networks)
    }

    /// What they are.
    pub(super) fn about(&self) -> Vec<GeoDatabase> {
        self.each().map(Database::about).collect()
    }

    /// One number for them: answers that they were asked for hold as long as it is the
    /// same.
    pub(crate) const fn state(&self) -> u64 {
        self.state
    }

    /// The days on which they were built: of the places, of the networks.
    pub(crate) fn built(&self) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let built = |database: &Option<Database>| database.as_ref().and_then(Database::built);
        (built(&self.places), built(&self.networks))
    }

    /// What they say of an address; nothing of what isn't one.
    ///
    /// # Errors
    /// If a database is damaged there.
    pub(crate) fn find(&self, address: &str) -> Result<Place> {
        let mut place = Place::default();
        let Ok(ip) = address.parse::<IpAddr>() else { return Ok(place) };
        let ip = ip.to_canonical();
        if let Some(database) = &self.places {
            database.add_place(ip, &mut place)?;
        }
        if let Some(database) = &self.networks {
            database.add_network(ip, &mut place)?;
        }
        Ok(place)
    }
}
