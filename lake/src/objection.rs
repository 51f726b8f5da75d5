//! What speaks against an entry that takes files away: a commit that says it is a
//! retention must be one by its own rule, whoever wrote it.

use chrono::{DateTime, Duration, Utc};
use rollcall_ledger::{Entry, Fact, Retention};

use crate::notary::subject;
use crate::provenance::{Origin, Provenance, State};
use crate::upkeep::{RetainRule, SUPERSEDED_AND_ERASED};

/// A commit's time may be ahead of the reader's clock by this much, hours.
const AHEAD: i64 = 1;

/// Why an entry isn't the removal that it says it is; nothing where it is, or is none.
/// `before` is what the entries before it say.
pub(crate) fn objection(before: &Provenance, entry: &Entry) -> Option<String> {
    let (_, version) = subject(entry)?;
    let (commits, detail) = match &entry.fact {
        Fact::Retention(retention) => {
            let removed = removed(before, entry, retention);
            let is_lifted = removed.iter().any(|file| file.state == State::Live);
            let commits = is_lifted.then_some(&retention.commits);
            (commits, retention_objection(entry.time, retention, &removed))
        }
        Fact::Erasure(erasure) => (Some(&erasure.commits), None),
        _ => return None,
    };
    let around = [version.wrapping_sub(1), version + 1];
    let is_around = commits.is_none_or(|commits| commits[..] == around);
    let lifted = || "it doesn't name the commits that lift and restore append-only".to_owned();
    detail.or_else(|| (!is_around).then(lifted))
}

/// The files that a retention takes away.
fn removed<'p>(before: &'p Provenance, entry: &Entry, retention: &Retention) -> Vec<&'p Origin> {
    let Some((table, _)) = subject(entry) else { return Vec::new() };
    let is_meant = |file: &&Origin| {
        let mut ranges = retention.removed.iter();
        file.table == table
            && file.state != State::Gone
            && ranges.any(|range| range.from <= file.index && file.index < range.to)
    };
    before.files().iter().filter(is_meant).collect()
}

fn retention_objection(time: i64, retention: &Retention, removed: &[&Origin]) -> Option<String> {
    let rule = &retention.rule;
    let time = DateTime::from_timestamp_micros(time)?;
    if time > Utc::now() + Duration::hours(AHEAD) {
        return Some(format!("it was made at {time}, which is yet to come"));
    }
    let is_over = |file: &Origin| {
        let is_superseded = file.state == State::Superseded;
        if rule == SUPERSEDED_AND_ERASED {
            return Some(is_superseded);
        }
        let rule = RetainRule::from_words(rule)?;
        let received = file.file.received_max;
        let over = |days| RetainRule::is_over(days, received, time);
        Some(over(rule.days) || is_superseded && over(rule.superseded_days))
    };
    for file in removed {
        match is_over(file) {
            Some(true) => {}
            Some(false) => {
                return Some(format!(
                    "it removes {}, which isn't over by its rule: {rule}",
                    file.file.path
                ));
            }
            None => return Some(format!("its rule isn't one of rollcall's: {rule}")),
        }
    }
    let live = removed.iter().filter(|file| file.state == State::Live);
    let rows: u64 = live.map(|file| file.file.rows).sum();
    let there = (removed.len() as u64, rows);
    (there != (retention.files, retention.rows)).then(|| {
        format!(
            "it says that it removes {} files with {} rows, and its ranges hold {} with {}",
            retention.files, retention.rows, there.0, there.1
        )
    })
}
