//! The view `policy_decisions` by day: the policies in force over the accesses of a few days.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::common::Result;
use rollcall_lake::Table;

use super::access::{Access, Accesses};
use super::compiled::{Applied, InForce};
use super::decision::{Decision, Rows, schema};
use super::duration::LONGEST_S;
use super::judge::{Answer, judge};
use super::read;
use super::standing::Standings;
use crate::catalog::read::number;
use crate::catalog::world::World;

const SECOND_US: i64 = 1_000_000;
const DAY_US: i64 = 86_400 * SECOND_US;

/// Days before a day that its decisions can look back to.
pub(crate) const LOOKS_BACK_DAYS: i64 = LONGEST_S / 86_400;

/// The versions that a snapshot's decisions are made by.
#[derive(Debug)]
pub(crate) struct Timeline {
    versions: Vec<InForce>,
    /// Other versions, or other times at which they take over, have another.
    pub(crate) number: u64,
}

impl Timeline {
    /// Reads the versions of a snapshot.
    pub(crate) async fn read(world: &World) -> Result<Self> {
        let is_empty = world.shared.snapshot().table(Table::Policies).segments.is_empty();
        let versions = match is_empty {
            true => Vec::new(),
            false => read::versions(&world.with_trace(None)).await?,
        };
        let told: Vec<_> = versions.iter().map(|one| (&one.policy.text, one.from)).collect();
        let number = number(told);
        Ok(Self { versions, number })
    }
}

/// The decisions of the days `first..=last`, numbered from 1970, each day on its own.
pub(crate) async fn days(
    world: &World,
    timeline: &Timeline,
    (first, last): (i64, i64),
) -> Result<BTreeMap<i64, RecordBatch>> {
    let mut made = BTreeMap::new();
    let (begins, ends) = (first * DAY_US, (last + 1) * DAY_US);
    let in_force = |one: &&InForce| one.from < ends && one.until > begins;
    let versions: Vec<&InForce> = timeline.versions.iter().filter(in_force).collect();
    if versions.is_empty() {
        made.extend((first..=last).map(|day| (day, RecordBatch::new_empty(schema()))));
        return Ok(made);
    }
    let looks_back = versions.iter().map(|one| one.policy.looks_back_s()).max();
    let back = looks_back.unwrap_or_default().div_euclid(86_400) + 1;
    let mut standings = Standings::default();
    for day in first - back.min(LOOKS_BACK_DAYS)..=last {
        let accesses = read::accesses(world, day * DAY_US, (day + 1) * DAY_US).await?;
        standings.forget_before(day * DAY_US);
        let Some(accesses) = accesses else {
            if day >= first {
                made.insert(day, RecordBatch::new_empty(schema()));
            }
            continue;
        };
        if day >= first {
            made.insert(day, decide(&versions, &accesses, &mut standings)?);
        } else {
            for row in 0..accesses.len() {
                standings.note(&accesses.row(row));
            }
        }
    }
    Ok(made)
}

/// A version with what its conditions, and those of the one before, say of the accesses.
struct Ready<'v> {
    version: &'v InForce,
    applied: Applied,
    before: Option<Applied>,
}

fn decide(
    versions: &[&InForce],
    accesses: &Accesses,
    standings: &mut Standings,
) -> Result<RecordBatch> {
    let ready: Vec<Ready<'_>> = versions
        .iter()
        .map(|version| {
            let before = version.before.as_ref();
            Ok(Ready {
                version,
                applied: Applied::of(&version.policy, accesses)?,
                before: before.map(|before| Applied::of(before, accesses)).transpose()?,
            })
        })
        .collect::<Result<_>>()?;
    let mut rows = Rows::default();
    for row in 0..accesses.len() {
        let access = accesses.row(row);
        standings.note(&access);
        for one in &ready {
            if (one.version.from..one.version.until).contains(&access.time) {
                one.decide(&access, standings, &mut rows);
            }
        }
    }
    rows.finish()
}

impl Ready<'_> {
    fn decide(&self, access: &Access<'_>, standings: &Standings, rows: &mut Rows) {
        let policy = Arc::as_ref(&self.version.policy);
        let (rule, critical) = (self.applied.rule(access.row), self.applied.critical(access.row));
        if rule.is_none() && critical.is_none() {
            return;
        }
        let judgement = judge(policy, rule, access, standings);
        let before = self.before.as_ref().zip(self.version.before.as_deref());
        let before: Option<Answer> = before.map(|(applied, before)| {
            judge(before, applied.rule(access.row), access, standings).answer
        });
        rows.push(access, &Decision { policy, judgement, before, critical });
    }
}
