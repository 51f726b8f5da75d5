//! What was counted of each day stands for the day's rows: a figure over four weeks and
//! the ones before adds up what is known of 55 closed days and counts two again.
//!
//! # What can be counted where
//!
//! *Per segment*: only what is said of single events. A file never changes, so neither
//! does how many of its rows fall into a quarter of an hour, or how late they came in.
//! Of that kind are the hours of a file, data health's `source_activity` and the logins
//! of `account_days`, and even these are wanted by day, not by file.
//!
//! *Per UTC day, over all files that touch it*: everything that counts **attempts**, which
//! is every other figure of the dashboard. An attempt joins several rows (a password, two
//! prompts, a policy's decision) that may lie in two files, or in a file and the tail; it
//! may go on over midnight; its person comes from the directory; whether it had MFA may
//! stand in an identity provider's rows a day before. None of that can be told from one
//! file, and counts per file don't add up to it. The view `attempts` gives each one a day,
//! that of its start, and [`crate::days::key`] says in full which files, which of their
//! replaced rows and which imports of the directory a day's attempts are made from. That
//! is the key under which counts are kept, so that compaction, a revision, an erasure, a
//! late file or a new directory makes just the days anew that it touches.
//!
//! *Over the whole period only*: what compares days with each other. It is computed from
//! the days' counts each time.
//!
//! # How
//!
//! A metric's SQL stays the only definition of its figures; nothing is counted a second
//! way. Its plan is looked through for aggregates that stand right on a view that is kept
//! by day. Such an aggregate is run for each day alone, as far as the *state* that
//! DataFusion itself would hand from one step to the next: a count, a sum, a group. States
//! of days are kept, and handed to the plan's second step in the place of the first. Sets
//! (persons, days of persons) are groups, exact histograms are groups of milliseconds, so
//! that distinct counts and quantiles add up too: exactly, in any order of days (a bitmap
//! would be smaller, but needs a numbering of persons that no import changes). States
//! that hold floating-point numbers don't add up exactly, and aren't kept.
//!
//! A period's conditions (`started >= …`) hold for all rows of a day within it: they are
//! taken off first, so that next week's question finds the same counts ([`bounds`]). The
//! groups within a UTC day are the question's own (days and weeks in its time zone, its
//! dimension). Counts by quarter of an hour and twelve dimensions, fit for any question,
//! would be no fewer than the attempts themselves.
//!
//! Counts of sealed days are written beside the segments ([`kept`]), so that the first page
//! after a start needs no rows at all.
//!
//! ```text
//! bounds  which conditions hold for all of a day
//! count   an aggregate over days, found in a plan
//! kept    the counts of days, in memory and on disk
//! packed  the counts of a day as a file's content
//! given   counts, where a plan had the aggregate
//! ```

mod bounds;
mod count;
mod given;
mod kept;
mod packed;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::execution::TaskContext;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::scalar::ScalarValue;
use sha2::{Digest, Sha256};

use crate::catalog::world::World;
use count::Count;
use given::Given;
pub(crate) use kept::Counts;

/// Parameters that only say which period is asked for: what they do to the rows of a day
/// stands in the plan.
const OF_THE_PERIOD: [&str; 5] = ["from", "to", "as_of", "from_us", "to_us"];

/// What a question asks, apart from its period: SQL, values, and what is known of
/// addresses.
pub(crate) fn question(sql: &str, values: &[(String, ScalarValue)], geo: u64) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        // Lengths tell where one text ends: values are what somebody typed.
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    add(sql);
    add(&geo.to_string());
    for (name, value) in values.iter().filter(|(name, _)| !OF_THE_PERIOD.contains(&&**name)) {
        add(name);
        add(&value.data_type().to_string());
        add(&value.to_string());
    }
    hex::encode(hash.finalize())
}

/// The plan with what is kept of days in the place of the aggregates over them.
pub(crate) async fn stand_in(
    world: &World,
    plan: Arc<dyn ExecutionPlan>,
    task: &Arc<TaskContext>,
    question: &str,
) -> Result<Arc<dyn ExecutionPlan>> {
    let mut counts = Vec::new();
    find(&plan, &mut counts);
    let mut given: Vec<(Count, Arc<dyn ExecutionPlan>)> = Vec::with_capacity(counts.len());
    for count in counts {
        let states = world.inner.counts.states(world, &count, question, task).await?;
        let stands = Given::new(states, count.node());
        given.push((count, Arc::new(stands)));
    }
    if given.is_empty() {
        return Ok(plan);
    }
    let replaced = plan.transform_down(|node| {
        let stands = given.iter().find(|(count, _)| is_same(count.node(), &node));
        Ok(match stands {
            Some((_, stands)) => {
                Transformed::new(Arc::clone(stands), true, TreeNodeRecursion::Jump)
            }
            None => Transformed::no(node),
        })
    })?;
    Ok(replaced.data)
}

/// The aggregates over days in a plan.
fn find(node: &Arc<dyn ExecutionPlan>, found: &mut Vec<Count>) {
    match Count::of(node) {
        Some(count) => found.push(count),
        None => node.children().into_iter().for_each(|child| find(child, found)),
    }
}

/// Whether two are the same node, by where it lies.
fn is_same(a: &Arc<dyn ExecutionPlan>, b: &Arc<dyn ExecutionPlan>) -> bool {
    std::ptr::addr_eq(Arc::as_ptr(a), Arc::as_ptr(b))
}
