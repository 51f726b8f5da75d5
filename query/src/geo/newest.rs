//! The newest databases. A file that changes is read beside the one that is in use
//! and takes its place as a whole; one that can't be read is told of, and what was
//! read before stays.

use std::sync::{Arc, Mutex, PoisonError};

use super::databases::{Stamps, stamps};
use super::{Databases, GeoSettings, GeoState};
use crate::error::Result;

#[derive(Debug)]
struct Held {
    databases: Arc<Databases>,
    looked_at: Stamps,
    problem: Option<String>,
}

/// The newest databases of a catalog.
#[derive(Debug)]
pub(crate) struct Newest {
    settings: GeoSettings,
    held: Mutex<Held>,
}

impl Newest {
    /// Reads those that are there.
    ///
    /// # Errors
    /// If one can't be read, is no database, or is one of another kind.
    pub(crate) fn open(settings: &GeoSettings) -> Result<Self> {
        let looked_at = stamps(settings);
        let databases = Arc::new(Databases::open(settings)?);
        let held = Held { databases, looked_at, problem: None };
        Ok(Self { settings: settings.clone(), held: Mutex::new(held) })
    }

    /// Those in use.
    pub(crate) fn databases(&self) -> Arc<Databases> {
        Arc::clone(&self.held().databases)
    }

    /// What they are, and what is wrong with what lies there now.
    pub(crate) fn state(&self) -> GeoState {
        let held = self.held();
        GeoState { databases: held.databases.about(), problem: held.problem.clone() }
    }

    /// Reads all of those in use once.
    ///
    /// # Errors
    /// If any part of one is damaged.
    pub(crate) fn verify(&self) -> Result<()> {
        self.databases().verify()
    }

    /// Looks whether files changed, and takes the new ones. Gives whether it did.
    ///
    /// # Errors
    /// If a new one can't be used: once for each that comes.
    pub(crate) fn look(&self) -> Result<bool> {
        let now = stamps(&self.settings);
        if self.held().looked_at == now {
            return Ok(false);
        }
        let read = Databases::open(&self.settings).and_then(|new| new.verify().map(|()| new));
        let mut held = self.held();
        held.looked_at = now;
        match read {
            Ok(new) => {
                held.databases = Arc::new(new);
                held.problem = None;
                Ok(true)
            }
            Err(error) => {
                held.problem = Some(error.to_string());
                Err(error)
            }
        }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
