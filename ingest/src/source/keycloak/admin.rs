//! Admin events: an operation on a resource, named by its path.

use std::borrow::Cow;

use rollcall_schemas::{Activity, Event, Outcome, Platform};

use super::super::address;
use super::outcome;
use super::record::Entry;

/// The row of an admin event. The representation of the resource isn't read.
pub(super) fn event<'a>(entry: &'a Entry<'_>, time: i64) -> Event<'a> {
    let (operation, resource) = (entry.operation_type.or_empty(), entry.resource_type.or_empty());
    let path = entry.resource_path.or_empty();
    let who = &entry.auth_details;
    let actor = who.user_id.cow().or(entry.user_id.cow());
    let ip = who.ip_address.get().or(entry.ip_address.get());
    let subject = account(path);
    let (outcome, reason) = match entry.error.get() {
        Some(error) => outcome::of_error(error),
        None => (Outcome::Success, None),
    };
    let about_other = subject.is_some() && subject != actor.as_deref();
    Event {
        time,
        source_event_id: entry.id.cow(),
        activity: activity(operation, resource, path),
        outcome,
        reason,
        reason_raw: entry.error.cow(),
        operation: Some(match resource {
            "" => Cow::Borrowed(operation),
            _ => Cow::Owned(format!("{operation} {resource}")),
        }),
        platform: Platform::Idp,
        service: Some(Cow::Borrowed("Keycloak")),
        resource: entry.resource_path.cow().or_else(|| realm(entry)),
        user_id: subject.map(Cow::Borrowed).or(actor.clone()),
        actor: actor.filter(|_| about_other),
        ip: ip.and_then(address::address).map(Cow::Borrowed),
        ..Event::default()
    }
}

/// The realm, which has no path of its own. Text says only from which realm the
/// administrator comes.
fn realm<'a>(entry: &'a Entry<'_>) -> Option<Cow<'a, str>> {
    entry.auth_details.user_id.get()?;
    entry.realm_name.cow().or(entry.realm_id.cow())
}

/// The account that a path is about: what follows `users/`.
fn account(path: &str) -> Option<&str> {
    let mut segments = path.split('/');
    segments.find(|segment| *segment == "users")?;
    segments.next().filter(|id| !id.is_empty())
}

fn activity(operation: &str, resource: &str, path: &str) -> Activity {
    match resource {
        "USER" => of_account(operation, path),
        // Brute-force detection is told to forget.
        "USER_LOGIN_FAILURE" => Activity::Recovery,
        "USER_SESSION" => Activity::Logoff,
        "REALM_ROLE_MAPPING"
        | "CLIENT_ROLE_MAPPING"
        | "GROUP_MEMBERSHIP"
        | "ORGANIZATION_MEMBERSHIP" => Activity::AccountChange,
        "AUTH_FLOW"
        | "AUTH_EXECUTION"
        | "AUTH_EXECUTION_FLOW"
        | "AUTHENTICATOR_CONFIG"
        | "REQUIRED_ACTION"
        | "REQUIRED_ACTION_CONFIG"
        | "AUTHORIZATION_POLICY" => Activity::PolicyChange,
        _ => Activity::Admin,
    }
}

fn of_account(operation: &str, path: &str) -> Activity {
    let mut segments = path.split('/').skip_while(|segment| *segment != "users").skip(2);
    match (segments.next(), segments.next(), segments.next()) {
        (Some("reset-password" | "reset-password-email" | "execute-actions-email"), ..) => {
            Activity::Recovery
        }
        (Some("disable-credential-types"), ..) => Activity::FactorReset,
        (Some("logout"), ..) => Activity::Logoff,
        // Written as an action, too; labels and the order have a further segment.
        (Some("credentials"), Some(_), None) if matches!(operation, "DELETE" | "ACTION") => {
            Activity::Unenroll
        }
        _ => Activity::AccountChange,
    }
}
