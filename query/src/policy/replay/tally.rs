//! What is counted of a replay.

use std::collections::{BTreeMap, HashMap};

use super::super::access::Access;
use super::super::format::Policy;
use super::super::judge::Answer;
use super::super::requirement::Strength;
use super::super::standing::strength;
use super::ReplayRequest;
use super::report::{Answers, Subject, Week};

const WEEK_US: i64 = 7 * 86_400_000_000;

/// What would have become of an access.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outcome {
    answer: Answer,
    /// The strength that nothing of theirs has, where they would have been locked out.
    locked_out: Option<Strength>,
    /// Whether they would have been asked where they weren't asked anything.
    is_extra: bool,
    /// Whether it isn't known that they have a factor.
    is_unsure: bool,
    /// Whether they would have been asked, had they what to answer with.
    is_extra_if_enrolled: bool,
}

impl Outcome {
    pub(super) const fn of(answer: Answer) -> Self {
        Self {
            answer,
            locked_out: None,
            is_extra: false,
            is_unsure: false,
            is_extra_if_enrolled: false,
        }
    }

    pub(super) const fn locked_out(wanted: Strength, is_extra_if_enrolled: bool) -> Self {
        let of = Self::of(Answer::Challenge);
        Self { locked_out: Some(wanted), is_extra_if_enrolled, ..of }
    }

    pub(super) const fn challenged(is_extra: bool, is_unsure: bool) -> Self {
        Self { is_extra, is_unsure, ..Self::of(Answer::Challenge) }
    }
}

/// One person or account.
#[derive(Debug, Default)]
pub(super) struct Tallied {
    pub(super) subject: Subject,
    /// The strength that they lacked last.
    pub(super) lacks: Option<Strength>,
    pub(super) is_unsure: bool,
}

/// Sums of milliseconds and how many there are.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Latency {
    pub(super) sum_ms: i64,
    pub(super) n: i64,
}

/// What was counted up to now.
#[derive(Debug)]
pub(super) struct Tally {
    from: i64,
    /// The weakest that a rule asks for: latencies of at least these are the ones to expect.
    weakest: Strength,
    pub(super) vendor: Option<Policy>,
    pub(super) accesses: i64,
    pub(super) not_bound: i64,
    pub(super) answers: Answers,
    pub(super) rules: Vec<Answers>,
    pub(super) subjects: HashMap<String, Tallied>,
    pub(super) pipelines: BTreeMap<String, Answers>,
    pub(super) weeks: BTreeMap<i64, Week>,
    /// By what the vendor reported and what we say.
    pub(super) agreement: BTreeMap<(String, &'static str), i64>,
    pub(super) prompts: i64,
    pub(super) answered: i64,
    pub(super) measured: Latency,
    pub(super) measured_alike: Latency,
}

impl Tally {
    pub(super) fn new(request: &ReplayRequest) -> Self {
        let policy = &request.policy;
        let strengths = policy.rules.iter().filter_map(|rule| rule.require.strength);
        Self {
            from: request.from.timestamp_micros(),
            weakest: strengths.min().unwrap_or(1),
            vendor: (!policy.vendor.is_empty()).then(|| policy.clone()),
            accesses: 0,
            not_bound: 0,
            answers: Answers::default(),
            rules: vec![Answers::default(); policy.rules.len()],
            subjects: HashMap::new(),
            pipelines: BTreeMap::new(),
            weeks: BTreeMap::new(),
            agreement: BTreeMap::new(),
            prompts: 0,
            answered: 0,
            measured: Latency::default(),
            measured_alike: Latency::default(),
        }
    }

    fn week(&mut self, access: &Access<'_>) -> &mut Week {
        self.weeks.entry((access.time - self.from).div_euclid(WEEK_US)).or_default()
    }

    /// Takes in what is the same under any policy.
    pub(super) fn saw(&mut self, access: &Access<'_>) {
        if !access.went_through() {
            return;
        }
        self.accesses += 1;
        if access.mfa != "performed" {
            return;
        }
        self.answered += 1;
        if let Some(ms) = access.prompt_to_response_ms {
            self.measured.sum_ms += ms;
            self.measured.n += 1;
            if strength(access).is_some_and(|own| own >= self.weakest) {
                self.measured_alike.sum_ms += ms;
                self.measured_alike.n += 1;
            }
        }
    }

    /// Takes in what somebody was asked whom a rule is for, whether they got in or not.
    pub(super) fn prompted(&mut self, access: &Access<'_>) {
        self.prompts += access.prompts;
        self.week(access).prompts_now += access.prompts;
    }

    pub(super) fn not_applied(&mut self) {
        self.answers.not_applied += 1;
    }

    pub(super) fn not_bound(&mut self) {
        self.not_bound += 1;
    }

    /// An access that a rule is for.
    pub(super) fn judged(&mut self, access: &Access<'_>, rule: usize, outcome: Outcome) {
        self.answers.add(outcome.answer, outcome.locked_out.is_some());
        if let Some(answers) = self.rules.get_mut(rule) {
            answers.add(outcome.answer, outcome.locked_out.is_some());
        }
        let week = self.week(access);
        week.answers.add(outcome.answer, outcome.locked_out.is_some());
        week.extra_prompts += i64::from(outcome.is_extra);
        week.prompts_if_enrolled += i64::from(outcome.is_extra_if_enrolled);
        if let Some(pipeline) = access.pipeline {
            if !self.pipelines.contains_key(pipeline) {
                self.pipelines.insert(pipeline.to_owned(), Answers::default());
            }
            if let Some(answers) = self.pipelines.get_mut(pipeline) {
                answers.add(outcome.answer, outcome.locked_out.is_some());
            }
        }
        self.compare(access, outcome);
        let Some(who) = access.who else { return };
        if !self.subjects.contains_key(who) {
            let subject = Subject::of(access, who);
            self.subjects.insert(who.to_owned(), Tallied { subject, ..Tallied::default() });
        }
        if let Some(tallied) = self.subjects.get_mut(who) {
            tallied.subject.answers.add(outcome.answer, outcome.locked_out.is_some());
            tallied.subject.extra_prompts += i64::from(outcome.is_extra);
            tallied.lacks = outcome.locked_out.or(tallied.lacks);
            tallied.is_unsure |= outcome.is_unsure;
        }
    }

    /// Holds what the vendor's own report-only result was against ours.
    fn compare(&mut self, access: &Access<'_>, outcome: Outcome) {
        let Some(policy) = &self.vendor else { return };
        let text = |name| access.text(name);
        let reported = text("policy_mode") == Some("report_only")
            && policy.is_named_by(access.source, text("policy_id"));
        if let Some(theirs) = text("policy_result").filter(|_| reported) {
            let ours = match outcome.locked_out {
                Some(_) => "locked_out",
                None => outcome.answer.as_str(),
            };
            *self.agreement.entry((theirs.to_owned(), ours)).or_default() += 1;
        }
    }
}
