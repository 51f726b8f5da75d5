//! In which hours the rows of a file or batch happened: what tells which days a
//! new file or a late event touches.

use std::collections::BTreeMap;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::TimestampMicrosecondType;
use rollcall_lake::{LakeError, Segment, read_rows};
use serde::{Deserialize, Serialize};

/// Microseconds of an hour.
pub(crate) const HOUR_US: i64 = 3_600_000_000;

/// Hours since 1970 UTC of a time.
pub(crate) const fn hour_of(time_us: i64) -> i64 {
    time_us.div_euclid(HOUR_US)
}

/// Rows by hour.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Hours(BTreeMap<i64, u32>);

impl Hours {
    /// Rows by hours since 1970 UTC.
    pub(crate) const fn new(rows: BTreeMap<i64, u32>) -> Self {
        Self(rows)
    }

    /// Hours that have rows, ascending, and how many.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (i64, u32)> {
        self.0.iter().map(|(hour, rows)| (*hour, *rows))
    }

    /// Reads them from a file; only the column `time` is read.
    pub(crate) fn read(segment: &Segment) -> Result<Self, LakeError> {
        let mut rows: BTreeMap<i64, u32> = BTreeMap::new();
        for batch in read_rows(segment, &["time"], None)? {
            let times = batch.column(0).as_primitive::<TimestampMicrosecondType>();
            // Neighbours mostly share their hour: one look-up a run, not a row.
            let mut run: Option<(i64, u32)> = None;
            for time in times.values() {
                let hour = hour_of(*time);
                run = match run {
                    Some((of, rows_in_run)) if of == hour => Some((of, rows_in_run + 1)),
                    Some((of, rows_in_run)) => {
                        *rows.entry(of).or_default() += rows_in_run;
                        Some((hour, 1))
                    }
                    None => Some((hour, 1)),
                };
            }
            if let Some((of, rows_in_run)) = run {
                *rows.entry(of).or_default() += rows_in_run;
            }
        }
        Ok(Self(rows))
    }
}
