//! Push bombing: someone who has the password asks for the second factor again and again,
//! until the person gives in. The fast form is many refused prompts within minutes; the slow
//! one is more of them in a week than this person ever has.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{Detector, Known, keeps_its_state};
use crate::detect::aged::{Aged, Table};
use crate::detect::alert::{About, Severity};
use crate::detect::id::Id;
use crate::detect::incident::{Out, Report, Words};
use crate::detect::parameter::{Parameter, Parameters, Unit};
use crate::detect::row::{At, DAY, MINUTE, Row, Step};
use crate::detect::window::{Hit, Put, Window};
use crate::stats::counts::Counts;

pub(in crate::detect) const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "prompts",
        default: 5.0,
        unit: Unit::Count,
        doc: "prompts denied, timed out or unanswered that raise it",
    },
    Parameter {
        name: "within",
        default: 10.0,
        unit: Unit::Minutes,
        doc: "the time within which they lie",
    },
    Parameter {
        name: "success_within",
        default: 30.0,
        unit: Unit::Minutes,
        doc: "a factor that is accepted so soon after the last of them makes it critical",
    },
    Parameter {
        name: "slow_prompts",
        default: 6.0,
        unit: Unit::Count,
        doc: "refused prompts in 7 days that the slow form needs at least",
    },
    Parameter {
        name: "slow_chance",
        default: 0.000_1,
        unit: Unit::Share,
        doc: "the slow form is raised where so many or more in 7 days have a smaller probability at the person's own rate",
    },
];

/// A prompt that wasn't answered for so long stays unanswered, µs; and what two vendors
/// tell of one prompt lies within it.
const UNANSWERED: i64 = MINUTE;
/// An answer comes within so long of its prompt, µs.
const ANSWERED: i64 = 5 * MINUTE;
const WEEK: i64 = 7 * DAY;
/// Who wasn't asked for so long is forgotten, µs: their rate is made of this time.
const REMEMBERED: i64 = 400 * DAY;
/// People, prompts of one, and refused prompts of one week that are remembered.
const MOST_PEOPLE: usize = 100_000;
const MOST_PROMPTS: usize = 64;
const MOST_IN_WEEK: usize = 500;
/// What is known of the rate of somebody's refused prompts before any was seen, as a Gamma
/// distribution: half a prompt in one week. Prompts are refused now and then by everybody.
const PRIOR: (f64, f64) = (0.5, 1.0);

pub(in crate::detect) fn open(parameters: Parameters) -> Box<dyn Detector> {
    Box::new(PushBombing { parameters, state: State::default() })
}

#[derive(Debug)]
struct PushBombing {
    parameters: Parameters,
    state: State,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    people: Table<Prompts>,
    /// Prompts that nobody has answered yet: when they count as unanswered, and whose.
    waiting: VecDeque<(i64, Id)>,
}

/// The prompts of one person.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Prompts {
    list: VecDeque<Prompt>,
    week: Window,
    /// Refused ones that are older than a week.
    before: u32,
    first: i64,
    last: i64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Prompt {
    time: i64,
    at: At,
    source: Id,
    is_refused: bool,
    /// The answer is another event than the prompt.
    answer: At,
}

impl Aged for Prompts {
    fn last(&self) -> i64 {
        self.last
    }
}

impl Prompts {
    fn touch(&mut self, time: i64) {
        if self.list.is_empty() && self.first == 0 {
            self.first = time;
        }
        self.last = self.last.max(time);
    }

    fn knows(&self, row: &Row) -> bool {
        let is = |at: At| self.list.iter().any(|one| one.at == at || one.answer == at);
        is(row.at) || row.revises.is_some_and(is)
    }

    /// A prompt, unless another vendor told of it already.
    fn asked(&mut self, row: &Row) -> bool {
        let is_told =
            |one: &Prompt| one.source != row.source && (one.time - row.time).abs() <= UNANSWERED;
        if self.knows(row) || self.list.iter().any(is_told) {
            return false;
        }
        self.put(row, false);
        true
    }

    fn put(&mut self, row: &Row, is_refused: bool) {
        let place = self.list.partition_point(|one| one.time <= row.time);
        let (time, at, source) = (row.time, row.at, row.source);
        self.list.insert(place, Prompt { time, at, source, is_refused, answer: at });
        if self.list.len() > MOST_PROMPTS {
            self.list.pop_front();
        }
    }

    /// The prompt that an answer is to.
    fn open_before(&mut self, row: &Row) -> Option<&mut Prompt> {
        let time = row.time;
        self.list
            .iter_mut()
            .rev()
            .find(|one| !one.is_refused && one.time <= time && time - one.time <= ANSWERED)
    }

    /// The most refused prompts that lie within a span: how many, and which.
    fn most_within(&self, span: i64) -> Vec<Prompt> {
        let refused: Vec<Prompt> = self.list.iter().copied().filter(|one| one.is_refused).collect();
        let run = |from: i64| {
            refused.iter().filter(move |one| from <= one.time && one.time < from + span)
        };
        let longest = refused.iter().max_by_key(|first| run(first.time).count());
        longest.map(|first| run(first.time).copied().collect()).unwrap_or_default()
    }
}

impl Detector for PushBombing {
    fn look(&mut self, row: &Row, known: &Known<'_>, out: &mut Out<'_>) {
        self.expire(row.time, known, out);
        if row.person == 0 || !matches!(row.step, Step::Prompted | Step::Refused | Step::In) {
            return;
        }
        match row.step {
            Step::Prompted => {
                let prompts = self.state.people.row(row.person, MOST_PEOPLE);
                prompts.touch(row.time);
                if prompts.asked(row) {
                    let due = row.time + UNANSWERED;
                    let place = self.state.waiting.partition_point(|(time, _)| *time <= due);
                    self.state.waiting.insert(place, (due, row.person));
                }
            }
            Step::Refused => self.refused(row, known, out),
            _ => self.accepted(row, out),
        }
    }

    fn forget(&mut self, now: i64) {
        self.state.people.forget_before(now - REMEMBERED);
    }

    keeps_its_state!();
}

impl PushBombing {
    fn refused(&mut self, row: &Row, known: &Known<'_>, out: &mut Out<'_>) {
        let prompts = self.state.people.row(row.person, MOST_PEOPLE);
        prompts.touch(row.time);
        if prompts.knows(row) {
            return;
        }
        match prompts.open_before(row) {
            Some(prompt) => {
                prompt.is_refused = true;
                prompt.answer = row.at;
            }
            None => prompts.put(row, true),
        }
        self.count(row, known, out);
    }

    /// A factor was accepted: the last prompt wasn't unanswered, and after many that were
    /// refused somebody gave in.
    fn accepted(&mut self, row: &Row, out: &mut Out<'_>) {
        let Some(prompts) = self.state.people.get_mut(row.person) else { return };
        let by_factor = row.factor.is_some() || row.mfa == rollcall_schemas::Mfa::Performed;
        if !by_factor {
            return;
        }
        if let Some(prompt) = prompts.open_before(row) {
            let at = prompt.at;
            prompts.list.retain(|one| one.at != at);
        }
        let last = prompts.list.iter().filter(|one| one.is_refused && one.time <= row.time);
        let Some(last) = last.map(|one| one.time).max() else { return };
        let soon = row.time - last <= self.parameters.span("success_within");
        if soon && out.is_open("fast", row.person, row.time) {
            let run = prompts.most_within(self.parameters.span("within"));
            let within = self.parameters.number("within");
            report_fast(row, &run, within, true, out);
        }
    }

    /// Prompts that wait for too long count as unanswered.
    fn expire(&mut self, now: i64, known: &Known<'_>, out: &mut Out<'_>) {
        while let Some((due, person)) = self.state.waiting.front().copied()
            && due <= now
        {
            self.state.waiting.pop_front();
            let Some(prompts) = self.state.people.get_mut(person) else { continue };
            let asked = due - UNANSWERED;
            let is_it = |one: &&mut Prompt| one.time == asked && !one.is_refused;
            let Some(prompt) = prompts.list.iter_mut().find(is_it) else { continue };
            prompt.is_refused = true;
            let row = Row { time: prompt.time, at: prompt.at, person, ..Row::default() };
            self.count(&row, known, out);
        }
    }

    fn count(&mut self, row: &Row, known: &Known<'_>, out: &mut Out<'_>) {
        let Some(prompts) = self.state.people.get_mut(row.person) else { return };
        let run = prompts.most_within(self.parameters.span("within"));
        let enough = self.parameters.count("prompts");
        if u32::try_from(run.len()).is_ok_and(|found| found >= enough) {
            report_fast(row, &run, self.parameters.number("within"), false, out);
        }
        let Prompts { week, before, .. } = prompts;
        let hit = Hit { time: row.time, at: row.at, who: row.person, what: 0, flow: 0 };
        let bounds = (WEEK, MOST_IN_WEEK);
        let put = week.put(hit, None, bounds, &mut |_| *before = before.saturating_add(1));
        if put == Put::New {
            self.slow(row, known, out);
        }
    }

    /// Compares the week's count with what the person's own rate makes likely: the posterior
    /// predictive of Poisson counts under a Gamma prior, which is negative binomial
    /// (Gelman et al. 2013, "Bayesian Data Analysis", 2.6).
    fn slow(&self, row: &Row, known: &Known<'_>, out: &mut Out<'_>) {
        let Some(prompts) = self.state.people.get(row.person) else { return };
        let found = prompts.week.len();
        let least = usize::try_from(self.parameters.count("slow_prompts")).unwrap_or(usize::MAX);
        if found < least {
            return;
        }
        let since = prompts.first.max(known.since);
        let weeks = crate::stats::real((row.time - since - WEEK).max(0)) / crate::stats::real(WEEK);
        let shape = PRIOR.0 + f64::from(prompts.before);
        let mean = shape / (PRIOR.1 + weeks);
        let Ok(counts) = Counts::new(mean, 1.0 / shape) else { return };
        let chance = counts.tail(found as u64).at_least;
        if chance >= self.parameters.number("slow_chance") {
            return;
        }
        let report = Report {
            form: "slow",
            about: About::Person,
            subject: row.person,
            row,
            severity: Severity::Medium,
            count: found as u64,
        };
        out.report(&report, |_| Words {
            observation: format!("{found} prompts were denied, timed out or stayed unanswered within 7 days."),
            baseline: format!(
                "At this person's own rate, {mean:.1} in 7 days over {weeks:.0} weeks, so many or more have a probability of {chance:.1e}."
            ),
            evidence: prompts.week.hits().map(|hit| hit.at).collect(),
            first: prompts.week.hits().next().map_or(row.time, |hit| hit.time),
            subject: None, key: None, });
    }
}

fn report_fast(row: &Row, run: &[Prompt], within: f64, gave_in: bool, out: &mut Out<'_>) {
    let report = Report {
        form: "fast",
        about: About::Person,
        subject: row.person,
        row,
        severity: if gave_in { Severity::Critical } else { Severity::High },
        count: run.len() as u64,
    };
    out.report(&report, |_| Words {
        observation: format!(
            "{} prompts for a second factor were denied, timed out or stayed unanswered within {within} minutes{}.",
            run.len(),
            if gave_in { ", and then one was accepted" } else { "" }
        ),
        baseline: "People refuse a prompt now and then; so many at once are asked for by somebody who has the password.".to_owned(),
        evidence: run.iter().flat_map(|one| [one.at, one.answer]).collect(),
        first: run.first().map_or(row.time, |one| one.time),
        subject: None, key: None, });
}
