//! HashiCorp Vault's audit log: an entry for each request, before anything is
//! done, and one for its response.
//!
//! ```text
//! record       what is read of an entry
//! path         paths: what a request was for
//! outcome      errors: outcome and reason
//! ```
//!
//! The two entries of a request share `request.id`: it is the flow's key, and with
//! `type` the identity. What Vault hashed (`hmac-sha256:…`) stays as it is: it is
//! keyed already, and can be looked up in Vault (`sys/audit-hash`).

mod outcome;
mod path;
mod record;

use std::borrow::Cow;

use rollcall_schemas::{
    Activity, Credential, Event, Factor, Mfa, Outcome, Platform, PolicyMode, PolicyResult,
    PolicyStep,
};

use super::adapter::{Adapter, Context, Output, Source};
use super::needle::needles;
use super::text::Text;
use super::{address, json, text, time};
use path::Place;
use record::{Auth, Entry};

/// Vault's row in the table of sources.
pub(super) static SOURCE: Source = Source {
    name: "vault",
    title: "HashiCorp Vault audit log",
    documentation: "https://developer.hashicorp.com/vault/docs/audit",
    recognises: &recognises,
    split: Some(&|record| json::split(record, BUNDLES)),
    stateful: false,
    has_event_id: true,
    open: &|| Box::new(Vault),
    mapping: None,
    about: include_str!("about.toml"),
};

const BUNDLES: &[&[&str]] = &[];

needles! {
    REQUEST = "request",
    OPERATION = "operation",
    PATH = "path",
    REMOTE = "remote_address",
    MOUNT = "mount_accessor",
    CLIENT_TOKEN = "client_token",
}

fn recognises(record: &[u8]) -> bool {
    REQUEST.is_in(record)
        && OPERATION.is_in(record)
        && PATH.is_in(record)
        && (REMOTE.is_in(record) || MOUNT.is_in(record) || CLIENT_TOKEN.is_in(record))
}

struct Vault;

impl Adapter for Vault {
    fn read(&mut self, record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
        let text = json::text(record);
        let entry: Entry<'_> = match json::read(&text) {
            Ok(entry) => entry,
            Err(_) if json::is_empty_bundle(record, BUNDLES) => return out.not_authentication(),
            Err(reason) => return out.reject(&reason),
        };
        let Some(time) = time::of_text(&entry.time, context.zone) else {
            return out.reject("`time` is missing or no time; RFC 3339 was expected");
        };
        if entry.request.path.get().is_none() && entry.request.id.get().is_none() {
            return out
                .reject("a Vault audit entry has a `request` with `id` and `path`; neither is");
        }
        out.event(&mut event(&entry, time, context));
    }
}

fn event<'a>(entry: &'a Entry<'_>, time: i64, context: &Context<'_>) -> Event<'a> {
    let request = &*entry.request;
    let place = Place::of(request);
    let activity = place.activity(request.operation.or_empty());
    let mut event = Event {
        time,
        source_event_id: identity(entry),
        activity,
        operation: request.operation.cow(),
        platform: Platform::Secrets,
        service: Some(Cow::Borrowed("Vault")),
        resource: resource(entry),
        reason_raw: entry.error.cow(),
        flow_id: request.id.cow(),
        ip: request.remote_address.get().and_then(address::address).map(Cow::Borrowed),
        user_agent: request.headers.user_agent.first().map(Cow::Borrowed),
        ..Event::default()
    };
    (event.outcome, event.reason) = outcome::of(entry, activity);
    let signed_in = entry.response.auth.as_deref().filter(|auth| auth.has_token());
    match (activity, signed_in) {
        (Activity::Logon | Activity::Verify, Some(auth)) => who(&mut event, auth, context),
        _ => who(&mut event, &entry.auth, context),
    }
    if place.is_about_another(activity) {
        event.actor = event.user_name.take();
        (event.user_id, event.user_type) = (None, None);
        event.user_name = place.changed().map(text::lower);
    }
    how(&mut event, &place);
    if !matches!(activity, Activity::Logon | Activity::Verify) {
        token(&mut event, entry, context);
    }
    policies(&mut event, &entry.auth);
    event
}

/// `request.id` and `type`.
fn identity<'a>(entry: &'a Entry<'_>) -> Option<Cow<'a, str>> {
    let id = entry.request.id.get()?;
    Some(Cow::Owned(format!("{id}/{}", entry.kind.or_empty())))
}

/// The path within its namespace. The root's has no name.
fn resource<'a>(entry: &'a Entry<'_>) -> Option<Cow<'a, str>> {
    let path = entry.request.path.get()?;
    Some(match entry.request.namespace.path.get().filter(|name| *name != "root") {
        Some(name) => Cow::Owned(format!("{name}{path}")),
        None => Cow::Borrowed(path),
    })
}

/// The token's owner, and the token. A display name begins with the auth method
/// (`userpass-ada`); what the method itself knows goes before it.
fn who<'a>(event: &mut Event<'a>, auth: &'a Auth<'_>, context: &Context<'_>) {
    let known = &auth.metadata;
    event.user_id = auth.entity_id.cow();
    event.user_name = known
        .username
        .lower()
        .or(known.email.lower())
        .or(known.role_name.lower())
        .or(known.service_account_name.lower())
        .or(known.common_name.lower())
        .or(auth.display_name.lower());
    event.user_type = auth.token_type.cow().filter(|kind| kind != "default");
    event.session_id = hashed(&auth.accessor, context);
}

/// How someone signs in. A second factor of the same request can't be seen: only
/// one that is validated apart is told.
fn how<'a>(event: &mut Event<'a>, place: &Place<'a>) {
    match event.activity {
        Activity::Logon => {
            event.protocol =
                Some(place.mount_type).filter(|kind| !kind.is_empty()).map(Cow::Borrowed);
            event.credential = place.credential();
            event.interactive = place.is_interactive();
            if event.user_name.is_none() {
                event.user_name = place.account().map(text::lower);
            }
        }
        Activity::Verify if event.outcome == Outcome::Success => event.mfa = Mfa::Performed,
        Activity::Verify if event.outcome == Outcome::Abandoned => event.mfa = Mfa::Abandoned,
        Activity::Enroll | Activity::FactorReset => {
            event.factor = place.factor();
            event.phishing_resistant = event.factor.and_then(Factor::phishing_resistant);
        }
        _ => {}
    }
}

/// The token that a request was made with.
fn token(event: &mut Event<'_>, entry: &Entry<'_>, context: &Context<'_>) {
    let id = hashed(&entry.request.client_token_accessor, context)
        .or_else(|| hashed(&entry.auth.accessor, context));
    if id.is_some() || entry.auth.has_token() {
        event.credential = Some(Credential::AccessToken);
    }
    if event.session_id.is_none() {
        event.session_id.clone_from(&id);
    }
    event.credential_id = id;
}

/// An accessor as Vault hashed it; one that Vault was told not to hash is hashed
/// here.
fn hashed<'a>(accessor: &Text<'_>, context: &Context<'_>) -> Option<Cow<'a, str>> {
    let accessor = accessor.get()?;
    Some(Cow::Owned(if accessor.starts_with("hmac-sha256:") {
        accessor.to_owned()
    } else {
        (context.keyed_hash)(accessor)
    }))
}

/// The policies that let the request through; where Vault doesn't name them, all
/// of the token's. A sign-in's are those of the new token, and decided nothing.
fn policies<'a>(event: &mut Event<'a>, auth: &'a Auth<'_>) {
    let step = |name: &'a str, result| PolicyStep {
        id: None,
        name: Some(Cow::Borrowed(name)),
        mode: PolicyMode::Enforced,
        result,
    };
    let results = &auth.policy_results;
    let granting: Vec<_> =
        results.granting_policies.items.iter().filter_map(|policy| policy.name.get()).collect();
    if let Some(allowed) = results.allowed.0 {
        event.policy_mode = Some(PolicyMode::Enforced);
        event.policy_result =
            Some(if allowed { PolicyResult::Allowed } else { PolicyResult::Denied });
        event.blocked = Some(!allowed);
    } else if event.outcome == Outcome::Denied {
        event.policy_mode = Some(PolicyMode::Enforced);
        event.policy_result = Some(PolicyResult::Denied);
        event.blocked = Some(true);
    }
    event.policy_name = granting.first().map(|name| Cow::Borrowed(*name));
    event.policies = if granting.is_empty() {
        auth.policies.iter().map(|name| step(name, PolicyResult::Unknown)).collect()
    } else {
        granting.into_iter().map(|name| step(name, PolicyResult::Allowed)).collect()
    };
}

#[cfg(test)]
mod tests;
