//! Policies as code: what an organisation asks of accesses, checked, kept by version, held
//! against history.
//!
//! ```text
//! fault        what is wrong with a file: line, key, what to do
//! document     its tables, read key by key
//! format       a policy, and its parts: rule, requirement, exception, case, milestone
//! group        whom something is about: team:platform
//! duration     15m, 12h
//! column       what a condition can name
//! expression   conditions: SQL that is true or false of one access
//! check        what is odd about a policy; its cases
//! part         a version as rows of the table `policies`
//! read         what is needed of a snapshot
//! access       sign-ins and operations, in memory
//! compiled     which are critical, and which rule is for each
//! standing     who has verified how strongly, and when
//! judge        what becomes of one access
//! decision     a judgement as a row of the view `policy_decisions`
//! decisions    that view, by day
//! replay       a policy over a period, as if it had been in force
//! ```
//!
//! `critical.toml` has what is critical by default. The queries lie in `query/policies/`.

mod access;
mod case;
mod check;
mod column;
mod compiled;
mod decision;
mod decisions;
mod document;
mod duration;
mod exception;
mod expression;
mod fault;
mod format;
mod group;
mod judge;
mod milestone;
mod part;
mod read;
mod replay;
mod requirement;
mod rule;
mod standing;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use check::{Checked, Surroundings, check};
pub(crate) use decision::schema as decision_schema;
pub(crate) use decisions::{LOOKS_BACK_DAYS, Timeline, days as decisions};
pub use fault::{Fault, Severity};
pub use format::{Counterpart, Phase, Policy};
pub use judge::Answer;
pub use replay::{
    Agreement, Answers, NeededException, Prompts, Range, Replay, ReplayRequest, RuleAnswers,
    Subject, Week,
};

use crate::catalog::Session;
use crate::error::{QueryError, Result};

impl Session {
    /// The teams, roles, cohorts and people of the directory as a policy names them; `None`
    /// where there is no directory.
    ///
    /// # Errors
    /// If the directory can't be read.
    pub async fn policy_groups(&self) -> Result<Option<BTreeSet<String>>> {
        read::groups(self.world()).await.map_err(QueryError::own("groups"))
    }

    /// What a policy would have done in a period. `tell` gets a line of progress a day.
    ///
    /// # Errors
    /// If the accesses can't be read.
    pub async fn replay(
        &self,
        request: &ReplayRequest,
        tell: &(dyn Fn(String) + Sync),
    ) -> Result<Replay> {
        replay::run(self, request, tell).await.map_err(QueryError::own("replay"))
    }
}
