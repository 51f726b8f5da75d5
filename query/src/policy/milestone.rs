//! Milestones: what a policy is to bring about, and by when.

use chrono::NaiveDate;

use super::document::Keys;
use super::fault::{Faults, meant};

/// What can be aimed at; each is measured in `query/metrics/policies/milestones.sql`.
const MEASURES: [&str; 3] = ["enrolled", "used", "phishing_resistant"];

/// One milestone.
#[derive(Debug, Clone)]
pub struct Milestone {
    /// Of what a share is aimed at.
    pub(super) measure: &'static str,
    /// The share, in thousandths.
    pub(super) target_permille: i32,
    /// The day by the end of which.
    pub(super) due: NaiveDate,
}

impl Milestone {
    /// Reads every `[[milestone]]`, in order.
    pub(super) fn read_all(document: &Keys<'_, '_>, faults: &mut Faults<'_>) -> Vec<Self> {
        let tables = document.tables("milestone", faults);
        tables.iter().filter_map(|keys| Self::read(keys, faults)).collect()
    }

    fn read(keys: &Keys<'_, '_>, faults: &mut Faults<'_>) -> Option<Self> {
        keys.only(&["measure", "target", "due"], faults);
        let what = format!("write what is measured: {}", MEASURES.join(", "));
        let measure = keys.needed("measure", &what, faults).and_then(|word| {
            let found = MEASURES.into_iter().find(|known| *known == word);
            if found.is_none() {
                let what = format!("{word:?} isn't measured{}", meant(word, MEASURES));
                keys.wrong("measure", what, faults);
            }
            found
        });
        for (key, what) in [
            ("target", "it is missing; write the share that is aimed at, as 0.95"),
            ("due", "it is missing; write the day by the end of which, as 2026-12-31"),
        ] {
            if keys.get(key).is_none() {
                keys.wrong(key, what, faults);
            }
        }
        let (target, due) = (keys.permille("target", faults), keys.date("due", faults));
        Some(Self { measure: measure?, target_permille: target?, due: due? })
    }
}
