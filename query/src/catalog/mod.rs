//! The catalog: a snapshot's files and tail as tables, the views over them.
//!
//! ```text
//! engine    memory, the Parquet metadata cache, DataFusion's configuration
//! lake_table  one table of the snapshot: files, tail, what is left out
//! prune     which files can hold a time
//! tail      the unsealed rows, less the replaced ones
//! view      the embedded views and what they stand on
//! world     a snapshot put into a DataFusion context
//! planned   plans of rollcall's own queries, kept from one snapshot to the next
//! small     directory tables, kept in memory: many files of a few rows
//! sound     readers of files whose footers can be believed
//! segments  the files of the snapshot as a table
//! read      what a query read, and whether it is still the same
//! kept      answers, kept for as long as it is
//! whole     views of a few rows that many queries stand on, kept whole
//! shared    what all sessions on one snapshot have in common
//! session   one pinned picture of the data that questions are put to
//! help      the tables and columns with their meaning, for people
//! ```

pub(crate) mod engine;
mod help;
mod kept;
pub(crate) mod lake_table;
mod planned;
pub(crate) mod prune;
pub(crate) mod read;
mod segments;
mod session;
pub(crate) mod shared;
mod small;
mod sound;
mod tail;
#[cfg(test)]
mod tests;
pub(crate) mod view;
mod whole;
pub(crate) mod world;

use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::RecordBatch;
use rollcall_lake::{Lake, Snapshot};

pub use help::{ColumnHelp, TableHelp};
pub use session::Session;

use crate::counted::Counts;
use crate::days::stored::Stored;
use crate::days::{ByDay, Days};
use crate::error::{QueryError, Result};
use crate::geo::{GeoState, Newest};
use crate::result::Point;
use crate::settings::Settings;
use engine::Engine;
use kept::Kept;
use planned::Plans;
use shared::Shared;
use small::Small;
use whole::Whole;

/// Days of attempts that the overview reads: four weeks, those before them, and
/// the day before.
const WARM_DAYS: usize = 57;
/// Days whose attempts change with every event: today's, and yesterday's shortly after
/// midnight.
const OPEN_DAYS: usize = 2;

/// Answers questions over a lake. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Catalog {
    pub(crate) inner: Arc<Inner>,
}

/// What a catalog holds for as long as the process runs.
#[derive(Debug)]
pub(crate) struct Inner {
    lake: Option<Arc<Lake>>,
    pub(crate) settings: Settings,
    pub(crate) engine: Engine,
    pub(crate) days: Days,
    /// What was counted of days.
    pub(crate) counts: Counts,
    /// Optimised plans.
    plans: Plans,
    small: Small,
    /// Views that are kept whole.
    whole: Whole,
    geo: Newest,
    /// Rows of embedded queries.
    pub(crate) pages: Kept<Vec<RecordBatch>>,
    /// Points of metrics.
    pub(crate) points: Kept<Vec<Point>>,
    /// The newest snapshot that was asked about, with what was found out.
    newest: Mutex<Option<Arc<Shared>>>,
}

impl Catalog {
    /// A catalog over a lake.
    ///
    /// # Errors
    /// If the query engine can't be set up, or a GeoIP database not be read.
    pub fn new(lake: Arc<Lake>, settings: Settings) -> Result<Self> {
        Self::build(Some(lake), settings)
    }

    /// A catalog without a lake, for snapshots that the caller has
    /// ([`Self::session_on`]); [`Self::session`] sees nothing.
    ///
    /// # Errors
    /// If the query engine can't be set up, or a GeoIP database not be read.
    pub fn detached(settings: Settings) -> Result<Self> {
        Self::build(None, settings)
    }

    fn build(lake: Option<Arc<Lake>>, settings: Settings) -> Result<Self> {
        let engine = Engine::new(&settings)?;
        let days = Days::new(settings.cache_bytes, Stored::new(lake.clone()));
        let geo = Newest::open(&settings.geoip)?;
        let inner = Inner {
            lake,
            settings,
            engine,
            days,
            counts: Counts::default(),
            plans: Plans::default(),
            small: Small::default(),
            whole: Whole::default(),
            geo,
            pages: Kept::default(),
            points: Kept::default(),
            newest: Mutex::new(None),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// What an operator set.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Reads all of the GeoIP databases once: the first answer over a damaged part
    /// of one would be too late. It takes seconds where they are large.
    ///
    /// # Errors
    /// If any part of one is damaged.
    pub fn verify_geoip(&self) -> Result<()> {
        self.inner.geo.verify()
    }

    /// Looks whether GeoIP databases changed, and takes the new ones, once they are
    /// verified. Gives whether it did.
    ///
    /// # Errors
    /// If a new one can't be used, once for each; the one before stays.
    pub fn look_for_geoip(&self) -> Result<bool> {
        self.inner.geo.look()
    }

    /// The GeoIP databases in use.
    pub fn geoip(&self) -> GeoState {
        self.inner.geo.state()
    }

    /// A session pinned to the lake's snapshot of this instant.
    pub fn session(&self) -> Session {
        let snapshot = self.inner.lake.as_ref().map(|lake| lake.snapshot()).unwrap_or_default();
        self.session_on(snapshot)
    }

    /// A session pinned to a snapshot.
    pub fn session_on(&self, snapshot: Arc<Snapshot>) -> Session {
        Session::new(self.clone(), self.shared(snapshot), chrono::Utc::now())
    }

    /// Makes what the first page will ask for, so that nobody waits for it.
    ///
    /// # Errors
    /// If a view can't be computed.
    pub async fn warm_up(&self) -> Result<()> {
        let session = self.session();
        session.page("overview_totals", &[]).await?;
        let (world, days) = (session.world(), &self.inner.days);
        let warm = async {
            let keys = days.keys(world).await?;
            // Days that are on disk are read when a question needs their rows: mostly what
            // was counted of them does.
            let newest: Vec<_> = keys.days().rev().take(WARM_DAYS).collect();
            let (open, closed) = newest.split_at(newest.len().min(OPEN_DAYS));
            let mut wanted = days.not_stored(ByDay::Attempts, closed, &keys).await;
            wanted.extend(open);
            wanted.sort_unstable();
            days.rows(world, ByDay::Attempts, &wanted).await
        };
        warm.await.map_err(QueryError::own(ByDay::Attempts.name()))?;
        Ok(())
    }

    /// Writes what was counted of sealed days beside their segments, where this process
    /// keeps that, and waits until it is there. It is written now and then anyway.
    pub async fn keep_counts(&self) {
        self.inner.counts.write(&self.inner);
        self.inner.days.stored.settled().await;
    }

    /// What sessions on this snapshot share: the same object as long as the
    /// snapshot is the newest one.
    fn shared(&self, snapshot: Arc<Snapshot>) -> Arc<Shared> {
        let mut newest = self.inner.newest.lock().unwrap_or_else(PoisonError::into_inner);
        match newest.as_ref() {
            Some(shared) if Arc::ptr_eq(shared.snapshot(), &snapshot) => Arc::clone(shared),
            _ => {
                let shared = Arc::new(Shared::new(snapshot));
                *newest = Some(Arc::clone(&shared));
                shared
            }
        }
    }
}
