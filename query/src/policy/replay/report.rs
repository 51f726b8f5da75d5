//! What comes of a replay.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::super::access::Access;
use super::super::judge::Answer;
use crate::result::Pin;

/// How often each became of accesses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Answers {
    /// They met their rule.
    pub pass: i64,
    /// They didn't, and an exception lets them through.
    pub excepted: i64,
    /// Their person would have been asked, and has what to answer with, or it isn't known.
    pub challenge: i64,
    /// Their person would have been asked, and has nothing to answer with.
    pub locked_out: i64,
    /// They would have been refused.
    pub deny: i64,
    /// The logs don't say enough.
    pub cannot_tell: i64,
    /// No rule is for them.
    pub not_applied: i64,
}

impl Answers {
    pub(super) fn add(&mut self, answer: Answer, locked_out: bool) {
        let count = match answer {
            Answer::Challenge if locked_out => &mut self.locked_out,
            Answer::Challenge => &mut self.challenge,
            Answer::Pass => &mut self.pass,
            Answer::Excepted => &mut self.excepted,
            Answer::Deny => &mut self.deny,
            Answer::CannotTell => &mut self.cannot_tell,
            Answer::NotApplied => &mut self.not_applied,
        };
        *count += 1;
    }

    /// Accesses that a rule is for.
    pub const fn judged(&self) -> i64 {
        self.pass + self.excepted + self.challenge + self.locked_out + self.deny + self.cannot_tell
    }

    /// Those that wouldn't have gone through.
    pub const fn stopped(&self) -> i64 {
        self.locked_out + self.deny
    }

    /// Those that wouldn't have gone on as they did.
    pub const fn hit(&self) -> i64 {
        self.challenge + self.stopped()
    }

    /// Each count by its name.
    pub const fn by_name(&self) -> [(&'static str, i64); 7] {
        [
            ("pass", self.pass),
            ("excepted", self.excepted),
            ("challenge", self.challenge),
            ("locked_out", self.locked_out),
            ("deny", self.deny),
            ("cannot_tell", self.cannot_tell),
            ("not_applied", self.not_applied),
        ]
    }
}

/// A person or an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Subject {
    /// The directory's id of the person; else source and login.
    pub who: String,
    /// The person's name, where the directory has one.
    pub name: Option<String>,
    /// human, service, shared, break_glass or unknown.
    pub account_kind: String,
    /// The person's team.
    pub team: Option<String>,
    /// What would have become of their accesses.
    pub answers: Answers,
    /// Prompts that they weren't asked.
    pub extra_prompts: i64,
    /// How an exception would name them.
    pub exception: String,
}

impl Subject {
    pub(super) fn of(access: &Access<'_>, who: &str) -> Self {
        let kind = access.account_kind.unwrap_or("unknown");
        let login = access.login.unwrap_or_default();
        let exception = match (access.person, kind) {
            (Some(person), "service") => format!("service:{person}"),
            (Some(person), _) => format!("person:{person}"),
            (None, "service") => format!("service:{login}"),
            (None, _) => format!("account:{}:{login}", access.source),
        };
        let who = match who.split_once(' ') {
            Some(("person", id)) => id.to_owned(),
            Some((_, account)) => account.replacen(' ', ":", 1),
            None => who.to_owned(),
        };
        Self {
            who,
            name: access.text("name").map(str::to_owned),
            account_kind: kind.to_owned(),
            team: access.team.map(str::to_owned),
            exception,
            ..Self::default()
        }
    }
}

/// An exception that would have to be granted for things to go on as they did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NeededException {
    /// Whom it would be for, as a policy writes it.
    pub who: String,
    /// Why.
    pub reason: &'static str,
    /// Accesses that would have been stopped.
    pub stopped: i64,
}

/// A rule and what became of its accesses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleAnswers {
    /// Its number, from 1.
    pub rule: usize,
    /// What it is called.
    pub name: Option<String>,
    /// Its condition.
    pub when: String,
    /// What it asks for.
    pub requirement: String,
    /// What became of them.
    pub answers: Answers,
}

/// Seven days from the period's beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Week {
    /// When it begins.
    pub from: DateTime<Utc>,
    /// Whether the period holds all of it.
    pub is_whole: bool,
    /// What would have become of its accesses.
    pub answers: Answers,
    /// Prompts as they were, of accesses that a rule is for.
    pub prompts_now: i64,
    /// Prompts on top.
    pub extra_prompts: i64,
    /// Further prompts, had everyone a factor who would have been locked out.
    pub prompts_if_enrolled: i64,
}

/// A figure with the range in which it is to be expected, at 95%.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Range {
    /// The figure.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// What people would have been asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prompts {
    /// Prompts a week as they were, of accesses that a rule is for.
    pub now_a_week: f64,
    /// Prompts a week on top.
    pub extra_a_week: f64,
    /// Prompts a week on top of these, had everyone a factor who would have been locked out.
    pub if_enrolled_a_week: f64,
    /// All prompts of a further week like these: prediction interval over whole weeks (Student's
    /// t), from where nobody enrols to where everyone does; none with fewer than three weeks.
    pub next_week: Option<Range>,
    /// Minutes a week that the prompts on top take; none where no prompt was measured.
    pub extra_minutes_a_week: Option<f64>,
    /// Mean from prompt to response, in milliseconds, of those as strong as the policy asks for;
    /// of all where none of these is.
    pub mean_ms: Option<f64>,
    /// Answered prompts whose time to the response is known, and all answered ones.
    pub measured: (i64, i64),
}

/// What a vendor's policy that only reported said, against ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Agreement {
    /// The vendor's result.
    pub vendor: String,
    /// Ours.
    pub ours: &'static str,
    /// How many accesses.
    pub accesses: i64,
    /// Whether they say the same.
    pub agree: bool,
}

/// What a policy would have done.
#[derive(Debug, Clone, Serialize)]
pub struct Replay {
    /// The policy.
    pub policy: String,
    /// Its version.
    pub version: i32,
    /// Its phase.
    pub phase: &'static str,
    /// Whether a pilot's cohorts were set aside.
    pub everyone: bool,
    /// The period.
    pub from: DateTime<Utc>,
    /// Its end, exclusively.
    pub to: DateTime<Utc>,
    /// Accesses of the period that went through.
    pub accesses: i64,
    /// Those that a rule is for, of whom a pilot doesn't bind.
    pub not_bound: i64,
    /// What would have become of them.
    pub answers: Answers,
    /// By rule.
    pub rules: Vec<RuleAnswers>,
    /// Persons of human accounts whom it would have challenged or stopped.
    pub people_affected: i64,
    /// Service accounts.
    pub services_affected: i64,
    /// Shared, break-glass and unknown accounts.
    pub others_affected: i64,
    /// Pipelines.
    pub pipelines_affected: i64,
    /// Prompts and minutes.
    pub prompts: Prompts,
    /// People who had nothing to answer with at some access.
    pub locked_out: i64,
    /// Of them, those who still have nothing at the end; from the fewest to the most that are to
    /// be expected (exact Poisson; the upper end counts those of whom it isn't known as well).
    pub still_without_factor: Range,
    /// People who would have been challenged, of whom it isn't known whether they have a factor.
    pub factor_unknown: i64,
    /// The worst hit, most stopped first.
    pub worst_hit: Vec<Subject>,
    /// Exceptions that machines, pipelines and shared accounts would need.
    pub exceptions_needed: Vec<NeededException>,
    /// By week.
    pub weeks: Vec<Week>,
    /// Against the vendor's own report-only results.
    pub agreement: Vec<Agreement>,
    /// The snapshot.
    pub pin: Pin,
}
