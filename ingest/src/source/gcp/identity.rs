//! Who: people, service accounts and who stands behind them, identities of other
//! providers.

use std::borrow::Cow;

use rollcall_schemas::{Activity, Credential, Event};

use super::super::adapter::Context;
use super::super::text;
use super::record::{AuthenticationInfo, LogEntry};

/// Fills the columns of who acted, and with what.
pub(super) fn fill<'a>(event: &mut Event<'a>, entry: &'a LogEntry<'_>, context: &Context<'_>) {
    let caller = &*entry.proto_payload.authentication_info;
    let name = name(caller);
    event.user_id = caller.principal_subject.cow();
    event.user_name = name.map(text::lower);
    event.user_type = kind(caller).map(Cow::Borrowed);
    event.actor = behind(caller).map(Cow::Borrowed);
    credential(event, caller, context);
    if let Some(subject) = subject(entry).filter(|_| is_about_another(event.activity)) {
        if !name.is_some_and(|name| name.eq_ignore_ascii_case(subject)) {
            event.actor = event.actor.take().or(name.map(Cow::Borrowed));
            event.user_id = None;
            event.user_type = is_service_account(subject).then_some(Cow::Borrowed(SERVICE));
        }
        event.user_name = Some(text::lower(subject));
    }
}

/// The mail address; of an identity of another provider its subject there.
fn name<'a>(caller: &'a AuthenticationInfo<'_>) -> Option<&'a str> {
    caller.principal_email.get().or_else(|| named(caller.principal_subject.get()?))
}

/// From `user:ada@…`, or `principal://…/subject/ada@…`. Anything else is an id.
fn named(subject: &str) -> Option<&str> {
    if let Some((_, name)) = subject.split_once("/subject/") {
        return Some(name);
    }
    let (kind, name) = subject.split_once(':')?;
    matches!(kind, "user" | "serviceAccount").then_some(name)
}

const SERVICE: &str = "serviceAccount";

fn is_service_account(name: &str) -> bool {
    name.ends_with(".gserviceaccount.com") || name.starts_with("system:serviceaccount:")
}

/// The word before the subject; a service account's may say `user`, so its
/// address counts first.
fn kind<'a>(caller: &'a AuthenticationInfo<'_>) -> Option<&'a str> {
    let email = caller.principal_email.or_empty();
    if is_service_account(email) {
        return Some(SERVICE);
    }
    if email.starts_with("system:") {
        return Some("system");
    }
    // The subject of another provider's token is its own: `repo:corp/app:…`.
    let (kind, _) = caller.principal_subject.get()?.split_once(':')?;
    matches!(kind, "user" | "serviceAccount" | "group" | "principal" | "principalSet")
        .then_some(kind)
}

/// Who acts as the service account: where the delegation began.
fn behind<'a>(caller: &'a AuthenticationInfo<'_>) -> Option<&'a str> {
    let first = caller.service_account_delegation_info.items.first()?;
    let email = first.first_party_principal.principal_email.get();
    email.or_else(|| {
        let subject = first.principal_subject.get()?;
        Some(named(subject).unwrap_or(subject))
    })
}

/// A key's name is no secret but names one, so only its keyed hash is a column. A
/// service account without a key has its own identity, from the metadata server or
/// by delegation. What a person showed isn't said.
fn credential(event: &mut Event<'_>, caller: &AuthenticationInfo<'_>, context: &Context<'_>) {
    if let Some(key) = caller.service_account_key_name.get() {
        event.credential = Some(Credential::AccessKey);
        event.credential_id = Some(Cow::Owned((context.keyed_hash)(key)));
    } else if event.user_type.as_deref() == Some(SERVICE) {
        event.credential = Some(Credential::App);
    }
    if matches!(event.user_type.as_deref(), Some(SERVICE | "system")) {
        event.interactive = Some(false);
    }
}

/// Whom the call is about: a service account, or the account of a Workspace event.
fn subject<'a>(entry: &'a LogEntry<'_>) -> Option<&'a str> {
    let of_event = ["affected_email_address", "USER_EMAIL"]
        .iter()
        .find_map(|name| entry.parameter(name)?.value.get());
    of_event.or(entry.resource.labels.email_id.get())
}

/// Whether the call changes, or opens, another account than the caller's.
fn is_about_another(activity: Activity) -> bool {
    matches!(
        activity,
        Activity::AccountChange
            | Activity::TokenIssue
            | Activity::Enroll
            | Activity::Unenroll
            | Activity::FactorReset
            | Activity::Recovery
            | Activity::Logoff
            | Activity::Logon
    )
}
