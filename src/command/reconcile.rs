//! `rollcall reconcile`

use std::path::Path;

use anyhow::{Context, Result, bail};
use chrono::{TimeDelta, Utc};
use rollcall_ingest::reconcile::{Comparison, Outcome as Reconciled, Period};
use rollcall_lake::{Access, DataDirectory};

use crate::cli::{Global, ReconcileArgs};
use crate::config::Config;
use crate::control::{Answer, Reconciling, Work, perform};
use crate::{Outcome, output, usage};

/// Asks vendors again and says what they have and we don't, and the other way round.
pub async fn run(args: ReconcileArgs, global: &Global, config: &Config) -> Result<Outcome> {
    DataDirectory::open(global.data(), Access::Read)?;
    let Answer::Reconciled(outcomes) = perform(work(args, config)?, global, config).await? else {
        bail!("an unexpected answer")
    };
    let mut all_agree = true;
    for outcome in outcomes {
        all_agree &= outcome.found.as_ref().is_ok_and(Comparison::agrees);
        output::line(&in_words(&outcome))?;
    }
    Ok(if all_agree { Outcome::Fine } else { Outcome::Found })
}

/// Vendors' logs of a day, or the digests of CloudTrail in a folder.
fn work(args: ReconcileArgs, config: &Config) -> Result<Work> {
    if let (Some(folder), Some(keys)) = (&args.cloudtrail, &args.keys) {
        let absolute = |path: &Path| {
            path.canonicalize().with_context(|| format!("can't open {}", path.display()))
        };
        return Ok(Work::CloudTrail { folder: absolute(folder)?, keys: absolute(keys)? });
    }
    if config.pull.is_empty() {
        return Err(usage("no vendor is asked: the configuration has no [[pull]]".to_owned()));
    }
    let today = Utc::now().date_naive();
    if let Some(day) = args.day.filter(|day| *day >= today) {
        return Err(usage(format!(
            "{day} isn't over (days are in UTC): only a whole day can be compared"
        )));
    }
    Ok(Work::Reconcile(Reconciling {
        period: Period::day(args.day.unwrap_or(today - TimeDelta::days(1))),
        names: args.names,
        fetch: !args.no_fetch,
    }))
}

fn in_words(outcome: &Reconciled) -> String {
    let Reconciled { collector, period, .. } = outcome;
    let day = when(*period);
    let found = match &outcome.found {
        Err(reason) => return format!("{collector}, {day}: not reconciled: {reason}"),
        Ok(found) => found,
    };
    let what = if collector.starts_with("cloudtrail-digest/") { "log files" } else { "events" };
    let mut words = format!(
        "{collector}, {day}: {} of {} {what} are stored ({})",
        found.stored,
        found.vendor,
        percent(found.stored, found.vendor)
    );
    if found.missing > 0 {
        words.push_str(&format!("; {} are missing", found.missing));
        words.push_str(&match found.fetched {
            0 => String::new(),
            fetched => format!(", {fetched} of them taken in now"),
        });
        words.push_str(&listed(&found.missing_ids, found.missing));
    }
    if found.extra > 0 {
        words.push_str(&format!("; {} are stored that the vendor doesn't have", found.extra));
        words.push_str(&listed(&found.extra_ids, found.extra));
    }
    words
}

/// A day by its date, another period by its ends.
fn when(period: Period) -> String {
    let day = period.from.date_naive();
    if period == Period::day(day) {
        return day.to_string();
    }
    let [from, to] = [period.from, period.to].map(|time| time.format("%Y-%m-%dT%H:%M:%SZ"));
    format!("{from} to {to}")
}

/// A part of a whole. All but one is never all.
fn percent(part: u64, whole: u64) -> String {
    if part == whole {
        return "100%".to_owned();
    }
    // In tenths of a percent, downwards.
    let tenths = u128::from(part) * 1_000 / u128::from(whole.max(1));
    format!("{}.{}%", tenths / 10, tenths % 10)
}

fn listed(ids: &[String], all: u64) -> String {
    let more = if (ids.len() as u64) < all { " …" } else { "" };
    let ids: Vec<String> = ids.iter().map(|id| format!("{id:?}")).collect();
    format!(": {}{more}", ids.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_but_one_is_not_all() {
        assert_eq!(percent(99_999, 100_000), "99.9%");
        assert_eq!(percent(0, 0), "100%");
        assert_eq!(percent(1, 3), "33.3%");
    }

    #[test]
    fn an_outcome_says_what_is_missing_and_what_came_of_it() {
        let found = Comparison {
            vendor: 3,
            stored: 2,
            missing: 1,
            fetched: 1,
            missing_ids: vec!["a".to_owned()],
            ..Comparison::default()
        };
        let outcome = Reconciled {
            collector: "okta/system".to_owned(),
            source: "okta".to_owned(),
            period: Period::day("2026-02-28".parse().expect("a day")),
            found: Ok(found),
        };
        assert_eq!(
            in_words(&outcome),
            "okta/system, 2026-02-28: 2 of 3 events are stored (66.6%); 1 are missing, 1 of them taken in now: \"a\""
        );
        let outcome = Reconciled { found: Err("nobody there".to_owned()), ..outcome };
        assert_eq!(in_words(&outcome), "okta/system, 2026-02-28: not reconciled: nobody there");
    }
}
