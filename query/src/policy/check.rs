//! What is odd about a policy that can be read, and whether its cases come out as they say.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::compiled::Applied;
use super::fault::{Fault, Severity};
use super::format::{Phase, Policy};
use super::judge::{Answer, judge};
use super::rule::Otherwise;
use super::standing::Standings;

const SECOND_US: i64 = 1_000_000;

/// What a policy is checked against.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Today, UTC: what has expired.
    pub today: NaiveDate,
    /// The teams, roles and cohorts that there are, as a policy writes them; `None` where no
    /// directory says.
    pub groups: Option<BTreeSet<String>>,
    /// The sources that there are.
    pub sources: Vec<String>,
}

/// What came of a check.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Everything that is wrong or odd, in the order of the lines.
    pub faults: Vec<Fault>,
    /// Cases that were run.
    pub cases: usize,
}

impl Checked {
    /// Whether the policy can be loaded.
    pub fn can_be_loaded(&self) -> bool {
        self.faults.iter().all(|fault| fault.severity != Severity::Error)
    }
}

/// Reads a policy and checks it.
pub fn check(text: &str, around: &Surroundings) -> (Option<Policy>, Checked) {
    match Policy::parse(text) {
        Err(faults) => (None, Checked { faults, cases: 0 }),
        Ok(policy) => {
            let mut faults = Vec::new();
            rules(&policy, &mut faults);
            exceptions(&policy, around, &mut faults);
            groups(&policy, around, &mut faults);
            sources(&policy, around, &mut faults);
            cases(&policy, &mut faults);
            faults.sort_by_key(|fault| fault.line);
            let cases = policy.cases.len();
            (Some(policy), Checked { faults, cases })
        }
    }
}

fn rules(policy: &Policy, faults: &mut Vec<Fault>) {
    for (place, rule) in policy.rules.iter().enumerate() {
        if rule.when.is_never() {
            faults.push(rule.when.place.warning("it never holds; take the rule out"));
        }
        let earlier = policy.rules.iter().take(place).position(|one| one.when.covers(&rule.when));
        if let Some(earlier) = earlier {
            faults.push(rule.when.place.warning(format!(
                "the rule is never reached: rule[{}] holds wherever this one does, and the first that holds counts; put this one before it or take it out",
                earlier + 1
            )));
        }
        if rule.otherwise == Otherwise::Challenge && rule.require.strength.is_none() {
            let what = "no answer to a challenge makes a device managed: it is a denial; write otherwise = \"deny\"";
            faults.push(rule.place.warning(what));
        }
    }
}

fn exceptions(policy: &Policy, around: &Surroundings, faults: &mut Vec<Fault>) {
    for exception in &policy.exceptions {
        let place = &exception.place;
        if policy.floor {
            faults.push(place.error(format!(
                "{} is excepted from a floor, which no exception may lower; take it out, or write floor = false",
                exception.who
            )));
        }
        if exception.expires < around.today {
            faults.push(place.warning(format!(
                "it expired on {}; take it out, or have it granted anew",
                exception.expires
            )));
        }
        if exception.ticket.is_none() {
            faults.push(place.warning("it has no ticket; write where it was granted"));
        }
        if exception.reason.is_none() {
            faults.push(place.warning("it has no reason; write why it is needed"));
        }
    }
}

fn groups(policy: &Policy, around: &Surroundings, faults: &mut Vec<Fault>) {
    match (policy.phase, policy.cohorts.is_empty()) {
        (Phase::Pilot, true) => {
            let what = "a pilot binds nobody without `cohorts`; name some, as [\"team:platform\"]";
            faults.push(policy.phase_place.error(what));
        }
        (Phase::ReportOnly | Phase::Enforced, false) => faults.push(policy.phase_place.warning(
            "`cohorts` says whom a pilot binds, and has no meaning in this phase; take it out",
        )),
        _ => {}
    }
    let Some(known) = &around.groups else { return };
    let named = policy.cohorts.iter().map(|(group, place)| (group, place));
    let excepted = policy.exceptions.iter().map(|exception| (&exception.who, &exception.place));
    for (group, place) in named.chain(excepted) {
        let written = group.to_string();
        if group.is_in_directory() && !known.contains(&written) {
            let kind = written.split(':').next().unwrap_or_default();
            let alike = known.iter().filter(|one| one.split(':').next() == Some(kind));
            let alike = alike.map(String::as_str);
            let what =
                format!("the directory has no {written}{}", super::fault::meant(&written, alike));
            faults.push(place.warning(what));
        }
    }
}

fn sources(policy: &Policy, around: &Surroundings, faults: &mut Vec<Fault>) {
    for named in &policy.vendor {
        if !around.sources.contains(&named.source) {
            let known = around.sources.iter().map(String::as_str);
            faults.push(named.place.warning(format!(
                "there is no source {:?}{}",
                named.source,
                super::fault::meant(&named.source, known)
            )));
        }
    }
}

fn cases(policy: &Policy, faults: &mut Vec<Fault>) {
    for (number, case) in policy.cases.iter().enumerate() {
        let what = match run(policy, case) {
            Ok(answer) if answer == case.expect => continue,
            Ok(answer) => {
                let name = case.name.as_deref().map(|name| format!(" ({name})"));
                format!(
                    "case {}{} gives {}, and {} was expected",
                    number + 1,
                    name.unwrap_or_default(),
                    answer.as_str(),
                    case.expect.as_str()
                )
            }
            Err(error) => format!("it can't be run: {error}"),
        };
        faults.push(case.place.error(what));
    }
}

fn run(policy: &Policy, case: &super::case::Case) -> datafusion::common::Result<Answer> {
    let accesses = case.access(policy.effective)?;
    let applied = Applied::of(policy, &accesses)?;
    let access = accesses.row(0);
    let mut standings = Standings::default();
    // In a case it is known of everybody how they verify.
    if let Some(who) = access.who {
        standings.known(who);
        if let Some((strength, ago_s)) = case.verified {
            standings.verified(who, strength, access.time - ago_s * SECOND_US);
        }
    }
    standings.note(&access);
    Ok(judge(policy, applied.rule(0), &access, &standings).answer)
}
