//! The prompts of a sign-in: steps, MFA, duration.

use chrono_tz::Tz;
use rollcall_schemas::{DurationBasis, Event, Factor, FactorStep, Mfa, Outcome};

use super::record::{Details, Prompt};

/// Fills the columns of how someone signed in. A list without a prompt for a
/// second factor doesn't say that there was none: a remembered browser isn't
/// asked, and neither is who comes from another identity provider.
pub(super) fn fill(event: &mut Event<'_>, details: &Details<'_>) {
    let prompts = &details.prompts.items;
    event.factors = prompts.iter().filter_map(step).collect();
    // A second factor of any kind goes before the password.
    let rank = |factor: &Factor| (*factor != Factor::Password, factor.strength());
    let strongest = event.factors.iter().map(|step| step.factor).max_by_key(rank);
    event.factor = event.factor.or(strongest);
    if prompts.iter().any(|prompt| prompt.performed.mfa) {
        event.mfa = Mfa::Performed;
    }
    event.duration_ms = duration(details);
    event.duration_basis = event.duration_ms.map(|_| DurationBasis::ElapsedWithIdle);
}

fn step(prompt: &Prompt<'_>) -> Option<FactorStep> {
    let factor = match prompt.name.or_empty() {
        _ if prompt.performed.passkey => Factor::Passkey,
        "prompt-authenticate" | "prompt-authenticate-password" | "lock-password-authenticate" => {
            Factor::Password
        }
        "mfa" => match prompt.provider.or_empty() {
            "google-authenticator" => Factor::Totp,
            // Each has several factors.
            "" | "guardian" | "duo" => Factor::Unknown,
            _ => Factor::Other,
        },
        _ => return None,
    };
    // Times are numbers of ms: no zone is needed.
    Some(FactorStep {
        factor,
        outcome: Outcome::Success,
        started: prompt.initiated_at.micros(Tz::UTC),
        ended: prompt.completed_at.micros(Tz::UTC),
    })
}

/// ms from the first page to the end, with the time that nobody did anything: as
/// Auth0 says it, else the sum of the prompts that say theirs.
fn duration(details: &Details<'_>) -> Option<i64> {
    let of_prompts = || {
        let mut elapsed = details.prompts.items.iter().filter_map(|prompt| prompt.elapsed_time.0);
        let first = elapsed.next()?;
        Some(elapsed.fold(first, i64::saturating_add))
    };
    details.elapsed_time.0.or_else(of_prompts).filter(|ms| *ms >= 0)
}
