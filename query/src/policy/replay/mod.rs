//! A policy over a period, as if it had been in force: what it would have done to each
//! access, and to whom. A challenge that would have been answered counts as a verification
//! from then on, so that the next access within the rule's age passes.
//!
//! Accesses are read a day at a time, in the order in which they began; held are a few
//! numbers for each person, account and pipeline.
//!
//! ```text
//! answering   who could have answered a challenge
//! tally       what is counted on the way
//! figures     the counts as figures
//! report      what comes of it
//! ```

mod answering;
mod figures;
mod report;
mod tally;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use datafusion::common::Result;

pub use report::{
    Agreement, Answers, NeededException, Prompts, Range, Replay, RuleAnswers, Subject, Week,
};

use super::access::{Access, Accesses};
use super::compiled::Applied;
use super::decision::binds;
use super::format::{Phase, Policy};
use super::judge::{Answer, judge};
use super::read;
use super::requirement::Strength;
use super::standing::Standings;
use crate::catalog::Session;
use answering::{Answering, Factor};
use tally::{Outcome, Tally};

const DAY_US: i64 = 86_400_000_000;

/// What is to be replayed.
#[derive(Debug, Clone)]
pub struct ReplayRequest {
    /// The policy.
    pub policy: Policy,
    /// The first moment.
    pub from: DateTime<Utc>,
    /// The moment after the last.
    pub to: DateTime<Utc>,
    /// Whether a pilot's cohorts are set aside: everyone is bound.
    pub everyone: bool,
}

struct Run<'r> {
    request: &'r ReplayRequest,
    from: i64,
    standings: Standings,
    answering: Answering,
    /// When those who have no factor would have answered last, if they had one, µs.
    supposed: HashMap<String, i64>,
    tally: Tally,
}

/// Replays.
pub(super) async fn run(
    session: &Session,
    request: &ReplayRequest,
    tell: &(dyn Fn(String) + Sync),
) -> Result<Replay> {
    let world = session.world().with_trace(None);
    let (from, to) = (request.from.timestamp_micros(), request.to.timestamp_micros());
    let begins = from.saturating_sub(request.policy.looks_back_s().saturating_mul(1_000_000));
    let mut run = Run {
        request,
        from,
        standings: Standings::default(),
        answering: Answering::default(),
        supposed: HashMap::new(),
        tally: Tally::new(request),
    };
    for day in begins.div_euclid(DAY_US)..=(to - 1).div_euclid(DAY_US) {
        let start = day * DAY_US;
        run.standings.forget_before(start);
        if start + DAY_US > from {
            let number = i32::try_from(day).unwrap_or_default();
            run.answering.look(read::factors(&world, number).await?);
        }
        let accesses = read::accesses(&world, start.max(begins), (start + DAY_US).min(to)).await?;
        if let Some(accesses) = accesses {
            run.day(&accesses)?;
        }
        let date = DateTime::<Utc>::from_timestamp_micros(start).unwrap_or_default().date_naive();
        tell(format!("{date}: {} accesses", run.tally.accesses));
    }
    Ok(figures::of(request, run.tally, &run.answering, &run.standings, session.pin()))
}

impl Run<'_> {
    fn day(&mut self, accesses: &Accesses) -> Result<()> {
        let applied = Applied::of(&self.request.policy, accesses)?;
        for row in 0..accesses.len() {
            let access = accesses.row(row);
            self.standings.note(&access);
            if access.time >= self.from {
                self.tally.saw(&access);
                self.access(&access, applied.rule(row));
            }
        }
        Ok(())
    }

    fn access(&mut self, access: &Access<'_>, rule: Option<usize>) {
        let policy = &self.request.policy;
        let Some(rule) = rule else {
            if access.went_through() {
                self.tally.not_applied();
            }
            return;
        };
        let is_bound =
            self.request.everyone || policy.phase != Phase::Pilot || binds(policy, access);
        if !is_bound {
            if access.went_through() {
                self.tally.not_bound();
            }
            return;
        }
        self.tally.prompted(access);
        if !access.went_through() {
            return;
        }
        let judgement = judge(policy, Some(rule), access, &self.standings);
        let outcome = match judgement.answer {
            Answer::Challenge => self.challenge(access, rule),
            other => Outcome::of(other),
        };
        self.tally.judged(access, rule, outcome);
    }

    /// Asks; who can answer has verified.
    fn challenge(&mut self, access: &Access<'_>, rule: usize) -> Outcome {
        let require = self.request.policy.rules.get(rule).map(|rule| &rule.require);
        let wanted: Strength = require.and_then(|require| require.strength).unwrap_or(1);
        let age = require.map_or(0, |require| require.age_s().saturating_mul(1_000_000));
        let Some(who) = access.who else { return Outcome::of(Answer::CannotTell) };
        match self.answering.factor(who, wanted, access.time, &self.standings) {
            Factor::None => {
                let last = self.supposed.get(who).copied();
                let is_asked = last.is_none_or(|last| access.time.saturating_sub(last) > age);
                if is_asked {
                    self.supposed.insert(who.to_owned(), access.ended);
                }
                Outcome::locked_out(wanted, is_asked && access.prompts == 0)
            }
            factor => {
                self.standings.verified(who, wanted, access.ended);
                Outcome::challenged(access.prompts == 0, factor == Factor::Unknown)
            }
        }
    }
}
