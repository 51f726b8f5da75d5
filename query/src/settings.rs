//! What an operator can set.

use std::time::Duration;

use chrono_tz::Tz;

use crate::geo::GeoSettings;

/// Settings of a catalog.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The organisation's time zone: days and quarters are cut in it.
    pub time_zone: Tz,
    /// Memory for rollcall's own queries together, in bytes.
    pub memory_bytes: usize,
    /// Memory for rows that are kept between queries (attempts by day), in bytes.
    pub cache_bytes: usize,
    /// Whether what was counted of days may stand for their rows. It gives the same
    /// figures; without it all rows are counted for each.
    pub stand_ins: bool,
    /// Threads of one query; `None` takes the machine's cores.
    pub threads: Option<usize>,
    /// Where databases lie that know where addresses are.
    pub geoip: GeoSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            time_zone: Tz::UTC,
            memory_bytes: 4 << 30,
            cache_bytes: 2 << 30,
            stand_ins: true,
            threads: None,
            geoip: GeoSettings::default(),
        }
    }
}

impl Settings {
    /// Threads of one query.
    pub(crate) fn threads(&self) -> usize {
        self.threads
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
            .max(1)
    }
}

/// Limits of one typed query. Reaching one is told with the result, never
/// passed over in silence.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Rows that are handed out.
    pub rows: usize,
    /// Bytes of Arrow arrays that are handed out.
    pub bytes: usize,
    /// From the call to the last row.
    pub time: Duration,
    /// What the query may hold while it runs, in bytes.
    pub memory_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows: 10_000, bytes: 64 << 20, time: Duration::from_secs(30), memory_bytes: 1 << 30 }
    }
}
