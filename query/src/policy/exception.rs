//! Exceptions: who needn't meet a policy, why, and until when.

use chrono::NaiveDate;

use super::document::Keys;
use super::fault::{Faults, Place};
use super::group::Group;

/// One exception.
#[derive(Debug, Clone)]
pub struct Exception {
    /// Whom it is for.
    pub(super) who: Group,
    /// Why.
    pub(super) reason: Option<String>,
    /// Where it was granted.
    pub(super) ticket: Option<String>,
    /// Its last day, UTC.
    pub(super) expires: NaiveDate,
    /// Where it stands.
    pub(super) place: Place,
}

impl Exception {
    /// Reads every `[[exception]]`, in order.
    pub(super) fn read_all(document: &Keys<'_, '_>, faults: &mut Faults<'_>) -> Vec<Self> {
        let tables = document.tables("exception", faults);
        tables.iter().filter_map(|keys| Self::read(keys, faults)).collect()
    }

    fn read(keys: &Keys<'_, '_>, faults: &mut Faults<'_>) -> Option<Self> {
        keys.only(&["who", "reason", "ticket", "expires"], faults);
        let what = "write whom it is for, as \"service:nightly-deploy\"";
        let who = keys.needed("who", what, faults).and_then(|text| {
            Group::parse(text).map_err(|what| keys.wrong("who", what, faults)).ok()
        });
        if keys.get("expires").is_none() {
            let what = "it is missing; every exception ends: write its last day, as 2026-12-31";
            keys.wrong("expires", what, faults);
        }
        let expires = keys.date("expires", faults);
        let mut said = |key| keys.text(key, faults).map(str::to_owned);
        let (reason, ticket) = (said("reason"), said("ticket"));
        let place = keys.place(faults);
        Some(Self { who: who?, reason, ticket, expires: expires?, place })
    }
}
