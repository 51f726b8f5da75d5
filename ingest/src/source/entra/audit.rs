//! The directory's audit log: what became of accounts, methods, roles and policies. As Graph
//! gives it (`auditLogs/directoryAudits`) and as diagnostic settings send it (`AuditLogs`).

use std::borrow::Cow;

use rollcall_schemas::{Activity, Event, Outcome, Platform, Reason};
use serde::Deserialize;

use super::super::adapter::{Context, Output};
use super::super::object::{List, Object};
use super::super::text::Text;
use super::super::time::Moment;
use super::super::{address, json};

/// The envelope of a diagnostic setting; Graph has none.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Envelope<'a> {
    #[serde(borrow)]
    properties: Object<Audit<'a>>,
}

/// An entry.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Audit<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    activity_date_time: Moment<'a>,
    #[serde(borrow)]
    activity_display_name: Text<'a>,
    #[serde(borrow)]
    category: Text<'a>,
    #[serde(borrow)]
    correlation_id: Text<'a>,
    #[serde(borrow)]
    result: Text<'a>,
    #[serde(borrow)]
    result_reason: Text<'a>,
    #[serde(borrow)]
    initiated_by: Object<Initiator<'a>>,
    #[serde(borrow)]
    target_resources: List<'a, Target<'a>>,
}

/// Who did it: a person or an application.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Initiator<'a> {
    #[serde(borrow)]
    user: Object<Person<'a>>,
    #[serde(borrow)]
    app: Object<App<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Person<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    user_principal_name: Text<'a>,
    #[serde(borrow)]
    ip_address: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct App<'a> {
    #[serde(borrow)]
    service_principal_id: Text<'a>,
    #[serde(borrow)]
    display_name: Text<'a>,
}

/// What it was done to.
#[derive(Deserialize, Default, Clone)]
#[serde(rename_all = "camelCase", default)]
struct Target<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow, rename = "type", alias = "Type")]
    kind: Text<'a>,
    #[serde(borrow)]
    display_name: Text<'a>,
    #[serde(borrow)]
    user_principal_name: Text<'a>,
}

impl Target<'_> {
    fn is(&self, kind: &str) -> bool {
        self.kind.or_empty().eq_ignore_ascii_case(kind)
    }
}

/// Reads an entry.
pub(super) fn read(record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
    let text = json::text(record);
    let read = if super::PROPERTIES.is_in(text.as_bytes()) {
        json::read::<Envelope<'_>>(&text)
    } else {
        json::read(&text).map(|bare| Envelope { properties: Object(bare) })
    };
    let entry = match read {
        Ok(entry) => entry,
        Err(reason) => return out.reject(&reason),
    };
    let audit = &*entry.properties;
    let Some(time) = audit.activity_date_time.micros(context.zone) else {
        return out.reject("`activityDateTime` is no time; ISO 8601 was expected");
    };
    out.event(&mut event(audit, time));
}

fn event<'a>(audit: &'a Audit<'_>, time: i64) -> Event<'a> {
    let name = audit.activity_display_name.or_empty();
    let mut event = Event {
        time,
        source_event_id: audit.id.cow(),
        activity: activity(name, audit.category.or_empty()),
        operation: audit.activity_display_name.cow(),
        platform: Platform::Idp,
        service: Some(Cow::Borrowed("Microsoft Entra")),
        flow_id: audit.correlation_id.cow(),
        ip: audit.initiated_by.user.ip_address.get().and_then(address::address).map(Cow::Borrowed),
        ..Event::default()
    };
    (event.outcome, event.reason) = match audit.result.or_empty() {
        "success" => (Outcome::Success, None),
        "failure" => (Outcome::Failure, Some(Reason::Other)),
        "timeout" => (Outcome::Error, Some(Reason::ServiceError)),
        _ => (Outcome::Unknown, None),
    };
    if event.outcome != Outcome::Success {
        event.reason_raw = audit.result_reason.cow();
    }
    who(&mut event, audit);
    event
}

/// The account that it is about is the person among the targets; who did it is the actor,
/// where that is somebody else.
fn who<'a>(event: &mut Event<'a>, audit: &'a Audit<'_>) {
    let (user, app) = (&audit.initiated_by.user, &audit.initiated_by.app);
    let targets = &audit.target_resources.items;
    let person = targets.iter().find(|target| target.is("User"));
    let thing = targets.iter().find(|target| !target.is("User"));
    event.resource = thing.and_then(|thing| thing.display_name.cow().or(thing.id.cow()));
    if event.activity == Activity::PolicyChange {
        let policy = thing.filter(|thing| thing.is("Policy") || targets.len() == 1);
        event.policy_id = policy.and_then(|policy| policy.id.cow());
        event.policy_name = policy.and_then(|policy| policy.display_name.cow());
    }
    let by = user.user_principal_name.cow().or(app.display_name.cow());
    match person {
        Some(person) if person.id.get() != user.id.get() || user.id.get().is_none() => {
            event.user_id = person.id.cow();
            event.user_name = person.user_principal_name.lower();
            event.actor = by;
        }
        _ if user.id.get().is_some() || user.user_principal_name.get().is_some() => {
            event.user_id = user.id.cow();
            event.user_name = user.user_principal_name.lower();
        }
        _ => {
            event.user_id = app.service_principal_id.cow();
            event.user_name = app.display_name.lower();
            event.user_type = app.display_name.get().map(|_| Cow::Borrowed("servicePrincipal"));
            event.interactive = app.display_name.get().map(|_| false);
        }
    }
}

/// What happened, by the name that the portal shows (Microsoft, "Audit activity reference"),
/// else by the category.
fn activity(name: &str, category: &str) -> Activity {
    const NAMES: &[(&str, Activity)] = &[
        ("deleted security info", Activity::Unenroll),
        ("deleted all security info", Activity::FactorReset),
        ("registered security info", Activity::Enroll),
        ("registered all required security info", Activity::Enroll),
        ("changed default security info", Activity::AccountChange),
        ("updated security info", Activity::AccountChange),
        ("require re-register", Activity::FactorReset),
        ("(pim activation)", Activity::Elevate),
        ("reset password", Activity::Recovery),
        ("reset user password", Activity::Recovery),
        ("unlock user account", Activity::Recovery),
        ("self-service password reset", Activity::Recovery),
        ("conditional access policy", Activity::PolicyChange),
        ("authentication methods policy", Activity::PolicyChange),
        ("authentication strength", Activity::PolicyChange),
        ("named location", Activity::PolicyChange),
        ("security defaults", Activity::PolicyChange),
        ("service principal credentials", Activity::TokenIssue),
        ("certificates and secrets management", Activity::TokenIssue),
        ("temporary access pass", Activity::TokenIssue),
        ("change password", Activity::AccountChange),
        ("change user password", Activity::AccountChange),
    ];
    let name = super::text::lower(name);
    if let Some((_, activity)) = NAMES.iter().find(|(words, _)| name.contains(words)) {
        return *activity;
    }
    match category {
        "UserManagement" | "RoleManagement" => Activity::AccountChange,
        "Policy" => Activity::PolicyChange,
        _ => Activity::Admin,
    }
}
