//! sudo and su: rights are raised.

use std::borrow::Cow;

use rollcall_schemas::{Activity, Event, Outcome, Reason};

use super::super::adapter::Output;
use super::super::text;
use super::Reading;

/// Reads a message of sudo or su.
pub(super) fn read(reading: &mut Reading<'_, '_>, out: &mut dyn Output) {
    let message = reading.line.message;
    let raised = match reading.line.program {
        "su" => of_su(message),
        _ => of_sudo(message),
    };
    match raised {
        Some(raised) => reading.give(&mut row(&raised, reading), out),
        None => reading.join(out),
    }
}

struct Raised<'a> {
    user: &'a str,
    to: &'a str,
    outcome: Outcome,
    reason: Option<Reason>,
    raw: Option<&'a str>,
}

/// `ada : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls`, with what went wrong
/// before the first field where something did.
fn of_sudo(message: &str) -> Option<Raised<'_>> {
    let (user, rest) = message.trim_start().split_once(" : ")?;
    let problem = rest.split(" ; ").next().filter(|first| !first.starts_with("TTY="));
    // The command comes last and may hold anything, so the user is looked for
    // before it.
    let fields = rest.split(" ; COMMAND=").next().unwrap_or(rest);
    let to = fields.split(" ; ").find_map(|field| field.strip_prefix("USER=")).unwrap_or("root");
    let (outcome, reason) = match problem {
        None => (Outcome::Success, None),
        Some(problem) if problem.contains("incorrect password attempt") => {
            (Outcome::Failure, Some(Reason::BadPassword))
        }
        Some(problem) if problem.contains("password is required") => {
            (Outcome::Failure, Some(Reason::BadPassword))
        }
        Some(problem)
            if problem.contains("NOT in sudoers")
                || problem.contains("not allowed")
                || problem.contains("NOT authorized") =>
        {
            (Outcome::Denied, Some(Reason::NotAuthorized))
        }
        Some(_) => return None,
    };
    Some(Raised { user, to, outcome, reason, raw: problem })
}

/// `Successful su for root by ada`, `FAILED su for root by ada`, `(to root) ada
/// on pts/0`, `FAILED SU (to root) ada on pts/0`.
fn of_su(message: &str) -> Option<Raised<'_>> {
    let shadow = |text: &'static str| message.strip_prefix(text)?.split_once(" by ");
    let linux = |text: &'static str| {
        let (to, rest) = message.strip_prefix(text)?.split_once(") ")?;
        Some((to, rest.rsplit_once(" on ").map_or(rest, |(user, _)| user)))
    };
    let succeeded = shadow("Successful su for ").or_else(|| linux("(to "));
    let failed = shadow("FAILED su for ").or_else(|| linux("FAILED SU (to "));
    let (outcome, (to, user)) = match (succeeded, failed) {
        (Some(who), _) => (Outcome::Success, who),
        (_, Some(who)) => (Outcome::Failure, who),
        _ => return None,
    };
    let reason = (outcome == Outcome::Failure).then_some(Reason::BadPassword);
    Some(Raised { user, to, outcome, reason, raw: None })
}

fn row<'e>(raised: &Raised<'e>, reading: &Reading<'e, '_>) -> Event<'e> {
    let service = if reading.line.program == "su" { "su" } else { "sudo" };
    Event {
        user_name: Some(text::lower(raised.user)),
        operation: Some(Cow::Borrowed(service)),
        resource: Some(match reading.line.host {
            "" => Cow::Borrowed(raised.to),
            host => Cow::Owned(format!("{}@{host}", raised.to)),
        }),
        reason: raised.reason,
        reason_raw: raised.raw.map(Cow::Borrowed),
        ..reading.event(service, Activity::Elevate, raised.outcome)
    }
}
