//! What the simulation promises.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod formats;
mod incidents;
mod promises;
mod rehearsal;
mod rollout;
mod summary;

use std::sync::LazyLock;

use chrono::{DateTime, TimeZone, Utc};

use crate::{Company, Plan};

/// The instant that the tests call "now".
fn until() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 25, 6, 0, 0).unwrap()
}

/// One company for all tests that don't need their own.
static COMPANY: LazyLock<Company> = LazyLock::new(|| Company::new(&Plan::new(7, until())));

/// All its days in one pass: made once, by whichever test asks first.
static SUMMARY: LazyLock<summary::Summary> = LazyLock::new(summary::Summary::new);
