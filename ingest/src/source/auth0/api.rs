//! Operations of the Management API: `sapi`, `fapi`, `mgmt_api_read`.

use std::borrow::Cow;

use rollcall_schemas::{Activity, Credential, Event, Outcome, Reason};

use super::super::adapter::Context;
use super::record::Log;

/// Whether a code is about the Management API.
pub(super) fn is_operation(code: &str) -> bool {
    matches!(code, "sapi" | "fapi" | "mgmt_api_read")
}

/// Fills who did what to which account.
pub(super) fn fill<'a>(event: &mut Event<'a>, log: &'a Log<'_>, context: &Context<'_>) {
    let request = &log.details.request;
    let (method, path) = (request.method.or_empty(), request.path.or_empty());
    event.activity = activity(method, path).unwrap_or(event.activity);
    event.resource = request.path.cow();
    if event.outcome == Outcome::Failure {
        refusal(event, log.details.response.status_code.0);
    }
    let user = &request.auth.user;
    event.user_id = user.user_id.cow().or(event.user_id.take());
    event.user_name = user.email.lower().or(event.user_name.take());
    let is_about_account = matches!(
        event.activity,
        Activity::AccountChange
            | Activity::Enroll
            | Activity::Unenroll
            | Activity::FactorReset
            | Activity::Recovery
    );
    // Some paths name a factor or a ticket only: then whose it is isn't said.
    if is_about_account {
        event.actor = event.user_name.take().or(event.user_id.take());
        event.user_id = account(path);
    }
    let token = request.auth.credentials.jti.get();
    event.credential = token.map(|_| Credential::AccessToken);
    event.credential_id = token.map(|id| Cow::Owned((context.keyed_hash)(id)));
}

fn refusal(event: &mut Event<'_>, status: Option<i64>) {
    let (outcome, reason) = match status {
        Some(401 | 403) => (Outcome::Denied, Reason::NotAuthorized),
        Some(429) => (Outcome::Denied, Reason::TooManyAttempts),
        Some(500..=599) => (Outcome::Error, Reason::ServiceError),
        _ => return,
    };
    event.outcome = outcome;
    event.reason = Some(reason);
}

/// What follows `/api/v2/`.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    let path = path.strip_prefix("/api/v2/").unwrap_or(path);
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    path.split('/').filter(|segment| !segment.is_empty())
}

/// `None` where nothing but the code tells.
fn activity(method: &str, path: &str) -> Option<Activity> {
    if method.is_empty() {
        return None;
    }
    let removes = method.eq_ignore_ascii_case("delete");
    if method.eq_ignore_ascii_case("get") {
        return Some(Activity::Access);
    }
    let mut rest = segments(path);
    let first = rest.next().unwrap_or_default();
    let (second, third) = (rest.next(), rest.next());
    Some(match (first, second, third) {
        ("users", Some(_), Some("authenticators" | "authentication-methods" | "multifactor")) => {
            match (removes, rest.next()) {
                (true, Some(_)) => Activity::Unenroll,
                (true, None) => Activity::FactorReset,
                (false, _) => Activity::Enroll,
            }
        }
        ("users", Some(_), Some("recovery-code-regeneration")) => Activity::Enroll,
        ("users", ..) => Activity::AccountChange,
        ("guardian", Some("enrollments"), _) if removes => Activity::Unenroll,
        ("guardian", Some("enrollments"), _) => Activity::Enroll,
        ("guardian" | "attack-protection", ..) => Activity::PolicyChange,
        ("user-blocks" | "anomaly", ..) | ("tickets", Some("password-change"), _) => {
            Activity::Recovery
        }
        ("organizations", Some(_), Some("members")) => Activity::AccountChange,
        _ => Activity::Admin,
    })
}

/// The account that a path is about; its bar is escaped there.
fn account(path: &str) -> Option<Cow<'_, str>> {
    let mut segments = segments(path);
    let about = matches!(segments.next()?, "users" | "user-blocks");
    let id = segments.next().filter(|_| about)?;
    for escape in ["%7C", "%7c"] {
        if let Some((provider, number)) = id.split_once(escape) {
            return Some(Cow::Owned(format!("{provider}|{number}")));
        }
    }
    Some(Cow::Borrowed(id))
}
