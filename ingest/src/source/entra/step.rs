//! Authentication steps: factors, duration, MFA.

use chrono_tz::Tz;
use rollcall_schemas::{Credential, DurationBasis, Event, Factor, FactorStep, Mfa, Outcome};

use super::method;
use super::record::{SignIn, Step};

/// Fills the columns of how someone signed in.
pub(super) fn fill(event: &mut Event<'_>, sign_in: &SignIn<'_>, steps: &[Step<'_>], zone: Tz) {
    // Entra sends steps out of order; those without a time stay where they are.
    let mut read: Vec<_> = steps.iter().map(|step| Read::of(step, zone)).collect();
    read.sort_by_key(|step| step.time.unwrap_or(i64::MIN));
    event.mfa = mfa(event, sign_in, &read);
    // Of a sign-in that worked, what worked; of one that didn't, what was tried.
    let worked = event.outcome == Outcome::Success;
    let strongest = read
        .iter()
        .filter(|step| !worked || step.outcome == Outcome::Success)
        .filter_map(|step| step.factor)
        .chain(sign_in.mfa_detail.auth_method.get().and_then(method::factor))
        .max_by_key(|factor| factor.strength());
    event.factor = strongest;
    event.phishing_resistant = strongest.and_then(Factor::phishing_resistant);
    if event.credential.is_none() {
        event.credential = credential(&read);
    }
    if event.outcome != Outcome::Interrupted {
        event.duration_ms = duration(&read);
        event.duration_basis = event.duration_ms.map(|_| DurationBasis::StepTimes);
    }
    event.factors = read.iter().map(Read::column).collect();
}

/// A step, understood.
struct Read<'a> {
    factor: Option<Factor>,
    time: Option<i64>,
    outcome: Outcome,
    detail: &'a str,
    is_second: bool,
}

impl<'a> Read<'a> {
    fn of(step: &'a Step<'_>, zone: Tz) -> Self {
        let detail = step.authentication_step_result_detail.or_empty();
        let in_progress = detail.contains("in progress");
        Self {
            factor: method::factor(step.authentication_method.or_empty()),
            time: step.authentication_step_date_time.micros(zone),
            outcome: match step.succeeded.0 {
                _ if in_progress => Outcome::Interrupted,
                Some(true) => Outcome::Success,
                Some(false) if said(detail, &["declined", "raud"]) => Outcome::Denied,
                Some(false) if said(detail, &["did not respond", "timed out"]) => {
                    Outcome::Abandoned
                }
                Some(false) => Outcome::Failure,
                None => Outcome::Unknown,
            },
            detail,
            is_second: said(
                step.authentication_step_requirement.or_empty(),
                &["Multi", "MFA", "multi"],
            ),
        }
    }

    /// Whether it was satisfied by what an earlier sign-in left: nobody did
    /// anything, and its time may be years back.
    fn is_by_token(&self) -> bool {
        self.factor.is_none()
    }

    /// Entra dates a step when it ends; one in progress has only begun.
    fn column(&self) -> FactorStep {
        let is_open = self.outcome == Outcome::Interrupted;
        FactorStep {
            factor: self.factor.unwrap_or(Factor::Unknown),
            outcome: self.outcome,
            started: self.time.filter(|_| is_open),
            ended: self.time.filter(|_| !is_open),
        }
    }
}

fn said(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// From the first to the last dated step that someone did here.
fn duration(steps: &[Read<'_>]) -> Option<i64> {
    let mut times = steps.iter().filter(|step| !step.is_by_token()).filter_map(|step| step.time);
    let first = times.next()?;
    let last = times.next_back()?;
    Some((last - first) / 1_000)
}

/// What Entra says of a second factor. A `mfaDetail` of null says nothing, and
/// neither does a sign-in that needed one but doesn't say how it was satisfied.
fn mfa(event: &Event<'_>, sign_in: &SignIn<'_>, steps: &[Read<'_>]) -> Mfa {
    match event.outcome {
        Outcome::Success => {}
        Outcome::Abandoned => return Mfa::Abandoned,
        _ => return Mfa::Unknown,
    }
    if sign_in.is_service() {
        return Mfa::Unknown;
    }
    let worked = || steps.iter().filter(|step| step.outcome == Outcome::Success);
    let performed = worked().any(|step| {
        step.factor.is_some_and(|factor| {
            method::is_multi_factor(factor) || (step.is_second && factor != Factor::Password)
        })
    });
    if performed || sign_in.mfa_detail.auth_method.get().and_then(method::factor).is_some() {
        return Mfa::Performed;
    }
    let said_by = |text: &str| of_words(text);
    let earlier = worked()
        .find_map(|step| said_by(step.detail))
        .or_else(|| said_by(sign_in.status.additional_details.or_empty()));
    if let Some(mfa) = earlier {
        return mfa;
    }
    if !sign_in.authentication_requirement.is("singleFactorAuthentication") {
        return Mfa::Unknown;
    }
    // One factor was asked for: either it was given here, and we know that it was
    // one, or it came with the token, and all we know is that no second was asked.
    if worked().any(|step| step.factor.is_some()) { Mfa::None } else { Mfa::NotRequired }
}

/// The sentences that tell how a second factor was satisfied without one.
fn of_words(text: &str) -> Option<Mfa> {
    let text = super::text::lower(text);
    if !text.contains("mfa") && !text.contains("multi") {
        return None;
    }
    if text.contains("claim in the token") || text.contains("claim provided by external provider") {
        return Some(Mfa::ClaimInToken);
    }
    if text.contains("remembered device") || text.contains("registered device") {
        return Some(Mfa::Remembered);
    }
    if text.contains("skipped due to") {
        return Some(Mfa::NotRequired);
    }
    None
}

fn credential(steps: &[Read<'_>]) -> Option<Credential> {
    let first = steps.iter().find(|step| !step.is_second).or(steps.first())?;
    match first.factor {
        None => Some(Credential::Session),
        Some(Factor::Password) => Some(Credential::Password),
        Some(Factor::Certificate) => Some(Credential::Certificate),
        Some(_) => None,
    }
}
