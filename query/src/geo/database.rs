//! One database file.

use std::net::IpAddr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, NaiveDate};
use maxminddb::{MaxMindDbError, Reader, geoip2};

use super::GeoDatabase;
use super::place::{Place, millionths};
use crate::error::{QueryError, Result};

/// What a database is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Countries, and perhaps cities.
    Places,
    /// Autonomous systems.
    Networks,
}

impl Kind {
    /// Words of which a database of this kind has one in the name of its type.
    const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Places => &["City", "Country", "Enterprise"],
            Self::Networks => &["ASN", "ISP"],
        }
    }

    /// What the setting takes.
    const fn wanted(self) -> &'static str {
        match self {
            Self::Places => "geoip.places takes a City or Country database",
            Self::Networks => "geoip.networks takes an ASN database",
        }
    }
}

/// What a file is known by: another one has another stamp.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
    inode: u64,
}

/// A file as it is now; none where there is none.
pub(super) fn stamp(path: &Path) -> Option<Stamp> {
    let file = std::fs::metadata(path).ok()?;
    Some(Stamp { bytes: file.len(), modified: file.modified().ok(), inode: file.ino() })
}

/// A database that was read.
pub(super) struct Database {
    path: PathBuf,
    reader: Reader<Vec<u8>>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Database {
    /// Reads a file and looks at what it says of itself.
    ///
    /// # Errors
    /// If it can't be read, is no database, or is one of another kind.
    pub(super) fn open(path: &Path, kind: Kind) -> Result<Self> {
        let reader = Reader::open_readfile(path).map_err(|error| match error {
            MaxMindDbError::Io(error) => wrong(path, format!("can't be read: {error}")),
            error => wrong(
                path,
                format!("is no MaxMind database, or a part of one ({error}); fetch it again"),
            ),
        })?;
        let said = &reader.metadata().database_type;
        if !kind.words().iter().any(|word| said.contains(word)) {
            return Err(wrong(path, format!("is of the type {said:?}; {}", kind.wanted())));
        }
        Ok(Self { path: path.to_owned(), reader })
    }

    /// Reads all of it once.
    ///
    /// # Errors
    /// If any part of it is damaged.
    pub(super) fn verify(&self) -> Result<()> {
        self.reader.verify().map_err(|error| self.damaged(&error))
    }

    /// What it is.
    pub(super) fn about(&self) -> GeoDatabase {
        GeoDatabase { kind: self.reader.metadata().database_type.clone(), built: self.built() }
    }

    /// The day on which it was built, UTC.
    pub(super) fn built(&self) -> Option<NaiveDate> {
        let seconds = i64::try_from(self.reader.metadata().build_epoch).ok()?;
        DateTime::from_timestamp(seconds, 0).map(|at| at.date_naive())
    }

    /// Whether it can hold an address: some hold only IPv4.
    fn holds(&self, ip: IpAddr) -> bool {
        ip.is_ipv4() || self.reader.metadata().ip_version == 6
    }

    /// Adds where an address is.
    ///
    /// # Errors
    /// If the database is damaged there.
    pub(super) fn add_place(&self, ip: IpAddr, to: &mut Place) -> Result<()> {
        let found = match self.holds(ip) {
            true => self.reader.lookup(ip).and_then(|found| found.decode::<geoip2::City<'_>>()),
            false => return Ok(()),
        };
        let Some(found) = found.map_err(|error| self.damaged(&error))? else { return Ok(()) };
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let region = found.subdivisions.first();
        to.country = owned(found.country.iso_code);
        to.region = owned(region.and_then(|region| region.names.english.or(region.iso_code)));
        to.city = owned(found.city.names.english);
        let lat = millionths(found.location.latitude, 90.0);
        let lon = millionths(found.location.longitude, 180.0);
        if let (Some(lat), Some(lon)) = (lat, lon) {
            (to.lat_e6, to.lon_e6) = (Some(lat), Some(lon));
        }
        Ok(())
    }

    /// Adds whose network an address is in.
    ///
    /// # Errors
    /// If the database is damaged there.
    pub(super) fn add_network(&self, ip: IpAddr, to: &mut Place) -> Result<()> {
        let found = match self.holds(ip) {
            true => self.reader.lookup(ip).and_then(|found| found.decode::<geoip2::Asn<'_>>()),
            false => return Ok(()),
        };
        let Some(found) = found.map_err(|error| self.damaged(&error))? else { return Ok(()) };
        to.asn = found.autonomous_system_number.map(i64::from);
        to.as_org = found.autonomous_system_organization.map(str::to_owned);
        Ok(())
    }

    fn damaged(&self, error: &MaxMindDbError) -> QueryError {
        wrong(&self.path, format!("is damaged ({error}); fetch it again"))
    }
}

fn wrong(path: &Path, problem: String) -> QueryError {
    QueryError::GeoIp { path: path.display().to_string(), problem }
}
