//! What comes of a replay: its counts as figures.

use chrono::TimeDelta;

use super::ReplayRequest;
use super::answering::{Answering, Factor};
use super::report::{
    Agreement, NeededException, Prompts, Range, Replay, RuleAnswers, Subject, Week,
};
use super::tally::{Tallied, Tally};
use crate::policy::standing::Standings;
use crate::result::Pin;
use crate::stats::estimate::Level;
use crate::stats::{poisson, real};

/// Most people and accounts that are listed.
const LISTED: usize = 100;

const WEEK_S: i64 = 7 * 86_400;

/// The figures of what was counted.
pub(super) fn of(
    request: &ReplayRequest,
    tally: Tally,
    answering: &Answering,
    standings: &Standings,
    pin: Pin,
) -> Replay {
    let policy = &request.policy;
    let weeks = weeks(request, &tally);
    let of_kind = |kinds: &[&str]| {
        let hit = tally.subjects.values().map(|tallied| &tallied.subject);
        let hit = hit.filter(|one| one.answers.hit() > 0);
        count(hit.filter(|one| kinds.contains(&one.account_kind.as_str())))
    };
    let rules = policy.rules.iter().zip(&tally.rules).enumerate();
    let rules = rules.map(|(place, (rule, answers))| RuleAnswers {
        rule: place + 1,
        name: rule.name.clone(),
        when: rule.when.text.clone(),
        requirement: rule.require.to_string(),
        answers: *answers,
    });
    Replay {
        policy: policy.id.clone(),
        version: policy.version,
        phase: policy.phase.as_str(),
        everyone: request.everyone,
        from: request.from,
        to: request.to,
        accesses: tally.accesses,
        not_bound: tally.not_bound,
        answers: tally.answers,
        rules: rules.collect(),
        people_affected: of_kind(&["human"]),
        services_affected: of_kind(&["service"]),
        others_affected: of_kind(&["shared", "break_glass", "unknown"]),
        pipelines_affected: count(tally.pipelines.values().filter(|answers| answers.hit() > 0)),
        prompts: prompts(request, &tally, &weeks),
        locked_out: count(people(&tally).filter(|one| one.lacks.is_some())),
        still_without_factor: still_without(request, &tally, answering, standings),
        factor_unknown: count(people(&tally).filter(|one| one.is_unsure)),
        worst_hit: worst_hit(&tally),
        exceptions_needed: needed(&tally),
        agreement: agreement(&tally),
        weeks,
        pin,
    }
}

fn count<T>(items: impl Iterator<Item = T>) -> i64 {
    i64::try_from(items.count()).unwrap_or(i64::MAX)
}

fn people(tally: &Tally) -> impl Iterator<Item = &Tallied> {
    tally.subjects.values().filter(|tallied| tallied.subject.account_kind == "human")
}

fn still_without(
    request: &ReplayRequest,
    tally: &Tally,
    answering: &Answering,
    standings: &Standings,
) -> Range {
    let to = request.to.timestamp_micros();
    let lacking = tally.subjects.iter().filter_map(|(who, tallied)| {
        let is_person = tallied.subject.account_kind == "human";
        tallied.lacks.filter(|_| is_person).map(|wanted| (who, wanted))
    });
    let without = lacking
        .filter(|(who, wanted)| answering.factor(who, *wanted, to, standings) == Factor::None);
    let without = count(without);
    let unsure = count(people(tally).filter(|one| one.is_unsure && one.lacks.is_none()));
    let low = poisson::interval(without).map_or(0.0, |ends| ends.0);
    let high = poisson::interval(without + unsure).map_or(0.0, |ends| ends.1);
    Range { value: real(without), low, high }
}

fn weeks(request: &ReplayRequest, tally: &Tally) -> Vec<Week> {
    let mut weeks = Vec::new();
    for (number, week) in &tally.weeks {
        let from = request.from + TimeDelta::seconds(number.saturating_mul(WEEK_S));
        let is_whole = from + TimeDelta::seconds(WEEK_S) <= request.to;
        weeks.push(Week { from, is_whole, ..week.clone() });
    }
    weeks
}

fn prompts(request: &ReplayRequest, tally: &Tally, weeks: &[Week]) -> Prompts {
    let length = real((request.to - request.from).num_seconds()) / real(WEEK_S);
    let extra: i64 = weeks.iter().map(|week| week.extra_prompts).sum();
    let alike = if tally.measured_alike.n > 0 { tally.measured_alike } else { tally.measured };
    let mean_ms = (alike.n > 0).then(|| real(alike.sum_ms) / real(alike.n));
    let extra_a_week = real(extra) / length;
    let if_enrolled: i64 = weeks.iter().map(|week| week.prompts_if_enrolled).sum();
    let whole = |all: fn(&Week) -> i64| {
        let whole = weeks.iter().filter(|week| week.is_whole);
        further(&whole.map(|week| real(all(week))).collect::<Vec<_>>())
    };
    let as_enrolled = whole(|week| week.prompts_now + week.extra_prompts);
    let all_enrolled =
        whole(|week| week.prompts_now + week.extra_prompts + week.prompts_if_enrolled);
    Prompts {
        now_a_week: real(tally.prompts) / length,
        extra_a_week,
        if_enrolled_a_week: real(if_enrolled) / length,
        next_week: as_enrolled.zip(all_enrolled).map(|(few, many)| Range {
            value: few.value,
            low: few.low.min(many.low),
            high: few.high.max(many.high),
        }),
        extra_minutes_a_week: mean_ms.map(|ms| extra_a_week * ms / 60_000.0),
        mean_ms,
        measured: (tally.measured.n, tally.answered),
    }
}

/// Prediction interval of one more value: mean ± t(n−1)·s·√(1 + 1/n).
fn further(values: &[f64]) -> Option<Range> {
    let n = real(i64::try_from(values.len()).ok()?);
    if n < 3.0 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let reach = (squares / (n - 1.0)).sqrt() * (1.0 + 1.0 / n).sqrt();
    let t = Level::P95.student(n - 1.0).ok()?;
    Some(Range { value: mean, low: (mean - t * reach).max(0.0), high: mean + t * reach })
}

fn worst_hit(tally: &Tally) -> Vec<Subject> {
    let mut hit: Vec<&Subject> = tally.subjects.values().map(|one| &one.subject).collect();
    hit.retain(|subject| subject.answers.hit() > 0);
    hit.sort_by(|a, b| {
        let weight = |one: &Subject| (one.answers.stopped(), one.answers.challenge);
        weight(b).cmp(&weight(a)).then_with(|| a.who.cmp(&b.who))
    });
    hit.into_iter().take(LISTED).cloned().collect()
}

fn needed(tally: &Tally) -> Vec<NeededException> {
    let mut needed = Vec::new();
    for subject in tally.subjects.values().map(|one| &one.subject) {
        let reason = match subject.account_kind.as_str() {
            "human" => continue,
            "service" => "nobody is there to answer a prompt",
            "break_glass" => "it is for when nothing else works",
            _ => "nobody in particular holds a factor for it",
        };
        let stopped = subject.answers.stopped();
        if stopped > 0 {
            needed.push(NeededException { who: subject.exception.clone(), reason, stopped });
        }
    }
    for (pipeline, answers) in tally.pipelines.iter().filter(|(_, one)| one.stopped() > 0) {
        needed.push(NeededException {
            who: format!("pipeline:{pipeline}"),
            reason: "it would stop where its steps do",
            stopped: answers.stopped(),
        });
    }
    needed.sort_by(|a, b| b.stopped.cmp(&a.stopped).then_with(|| a.who.cmp(&b.who)));
    needed
}

fn agreement(tally: &Tally) -> Vec<Agreement> {
    let same = |vendor: &str, ours: &str| match vendor {
        "allowed" => matches!(ours, "pass" | "excepted"),
        "would_challenge" => ours == "challenge",
        "would_deny" => matches!(ours, "deny" | "locked_out"),
        _ => false,
    };
    let pairs = tally.agreement.iter().map(|((vendor, ours), accesses)| Agreement {
        vendor: vendor.clone(),
        ours,
        accesses: *accesses,
        agree: same(vendor, ours),
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_further_week_is_predicted_from_those_before() {
        // By hand: mean 101, s = 8.4063, t(0.975; 3) = 3.182446 (scipy.stats.t.ppf).
        let range = further(&[100.0, 110.0, 90.0, 104.0]).expect("a range");
        assert!((range.value - 101.0).abs() < 1e-9);
        assert!((range.low - 71.0895).abs() < 1e-3, "{range:?}");
        assert!((range.high - 130.9105).abs() < 1e-3, "{range:?}");
        assert!(further(&[1.0, 2.0]).is_none());
    }
}
