//! Keycloak events: user events and admin events as event listeners and the Admin
//! API give them in JSON, in lists too; the text that the jboss-logging listener
//! writes, with or without the server log's prefix, and within the JSON form of
//! the server log.
//!
//! ```text
//! record       what is read of an event
//! line         events as text, and the time before them
//! activity     types of user events
//! outcome      errors
//! credential   credential types: factors and MFA
//! admin        admin events
//! ```
//!
//! The flow's key is `code_id`: the root authentication session, which becomes
//! the session of the browser once the sign-in has worked.

mod activity;
mod admin;
mod credential;
mod line;
mod outcome;
mod record;

use std::borrow::Cow;

use memchr::memmem;
use rollcall_schemas::{Activity, Credential, Event, Factor, Outcome, Platform};

use super::adapter::{Adapter, Context, Output, Source};
use super::needle::needles;
use super::{address, json};
use line::{Line, Stamp};
use record::Entry;

/// Keycloak's row in the table of sources.
pub(super) static SOURCE: Source = Source {
    name: "keycloak",
    title: "Keycloak events (JSON, jboss-logging)",
    documentation: "https://www.keycloak.org/docs/latest/server_admin/#configuring-auditing-to-track-events",
    recognises: &recognises,
    split: Some(&split),
    stateful: false,
    has_event_id: true,
    open: &|| Box::new(Keycloak),
    mapping: None,
    about: include_str!("about.toml"),
};

/// Lists only.
const BUNDLES: &[&[&str]] = &[];

/// How much of a line is looked at for the beginning of an event.
const HEAD: usize = 4 * 1024;

needles! {
    REALM = "realmId",
    KIND = "type",
    OPERATION = "operationType",
    MESSAGE = "message",
}

fn recognises(record: &[u8]) -> bool {
    let record = json::trim(record);
    if is_json(record) {
        return REALM.is_in(record) && (KIND.is_in(record) || OPERATION.is_in(record))
            || MESSAGE.is_in(record)
                && memmem::find(record, b"org.keycloak.events").is_some()
                && memmem::find(record, b"realmId=").is_some();
    }
    let head = record.get(..HEAD).unwrap_or(record);
    memmem::find(head, b"realmId=").is_some() && line::is_event(&String::from_utf8_lossy(head))
}

fn is_json(record: &[u8]) -> bool {
    matches!(record.first(), Some(b'{' | b'['))
}

fn split(record: &[u8]) -> Vec<&[u8]> {
    if is_json(json::trim(record)) { json::split(record, BUNDLES) } else { vec![record] }
}

struct Keycloak;

impl Adapter for Keycloak {
    fn read(&mut self, record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
        let text = json::text(record);
        if !text.starts_with('{') {
            if json::is_empty_bundle(record, BUNDLES) {
                return out.not_authentication();
            }
            return read_line(&text, None, context, out);
        }
        let entry: Entry<'_> = match json::read(&text) {
            Ok(entry) => entry,
            Err(reason) => return out.reject(&reason),
        };
        let zone = context.zone;
        match entry.message.get().filter(|_| !entry.is_event()) {
            Some(message) => {
                let written = entry.timestamp.micros(zone).or(entry.at_timestamp.micros(zone));
                read_line(message, written, context, out);
            }
            None => give(&entry, entry.time.micros(zone), context, out),
        }
    }
}

/// Reads a line of the server log. `written` is the time of the log's JSON form.
fn read_line(text: &str, written: Option<i64>, context: &Context<'_>, out: &mut dyn Output) {
    let Line { stamp, event } = Line::parse(text, context.zone);
    match event {
        Some(event) => {
            let entry = line::entry(event);
            give(&entry, written.or_else(|| stamp.time(context)), context, out);
        }
        // Something else that the server logged.
        None if written.is_some() || !matches!(stamp, Stamp::Missing) || line::is_aside(text) => {
            out.not_authentication();
        }
        None => out.reject(
            "not an event of Keycloak; JSON, or `type=…, realmId=…` as jboss-logging writes it, \
             was expected",
        ),
    }
}

fn give(entry: &Entry<'_>, time: Option<i64>, context: &Context<'_>, out: &mut dyn Output) {
    if !entry.is_event() {
        return out.reject(
            "a Keycloak event has a `type`, an admin event an `operationType`; there is neither",
        );
    }
    let Some(time) = time else {
        return out.reject("`time` is missing or no time; ms since 1970 were expected");
    };
    if entry.operation_type.get().is_some() {
        out.event(&mut admin::event(entry, time));
    } else {
        out.event(&mut event(entry, time, context));
    }
}

fn event<'a>(entry: &'a Entry<'_>, time: i64, context: &Context<'_>) -> Event<'a> {
    let details = &entry.details;
    let kind = activity::Kind::of(entry.kind.or_empty());
    let mut event = Event {
        time,
        source_event_id: entry.id.cow(),
        activity: activity::of(&kind, details),
        operation: entry.kind.cow(),
        platform: Platform::Idp,
        service: entry.client_id.cow().or(Some(Cow::Borrowed("Keycloak"))),
        resource: entry.realm_name.cow().or(entry.realm_id.cow()),
        reason_raw: entry.error.cow().or(details.reason.cow()),
        user_id: entry.user_id.cow(),
        user_name: details.username.lower(),
        // Impersonation is about the account that is taken on.
        actor: details.impersonator.lower(),
        protocol: protocol(entry),
        session_id: entry.session_id.cow(),
        flow_id: details.code_id.cow().or(details.parent_id.cow()).or(entry.session_id.cow()),
        ip: entry.ip_address.get().and_then(address::address).map(Cow::Borrowed),
        ..Event::default()
    };
    (event.outcome, event.reason) = outcome::of(&kind, entry);
    how(&mut event, entry, context);
    event
}

fn how(event: &mut Event<'_>, entry: &Entry<'_>, context: &Context<'_>) {
    let details = &entry.details;
    let kind = entry.kind.or_empty();
    event.factor = credential::factor(kind, details);
    event.phishing_resistant = event.factor.and_then(Factor::phishing_resistant);
    if event.factor.is_some_and(|factor| factor != Factor::Password) {
        let id = details.selected_credential_id.get();
        let id = id.or(details.public_key_credential_id.get()).or(details.credential_id.get());
        event.factor_id = id.map(|id| Cow::Owned((context.keyed_hash)(id)));
    }
    if kind == "LOGIN" && event.outcome == Outcome::Success {
        event.mfa = credential::mfa(details);
    }
    event.credential = match event.activity {
        Activity::Logon if event.factor == Some(Factor::Password) => Some(Credential::Password),
        Activity::Logon if event.factor == Some(Factor::Certificate) => {
            Some(Credential::Certificate)
        }
        // Another identity provider's word.
        Activity::Logon
            if details.identity_provider.get().is_some()
                && event.factor.is_none()
                && event.outcome == Outcome::Success =>
        {
            Some(Credential::Session)
        }
        Activity::TokenIssue if kind.starts_with("CLIENT_LOGIN") => Some(Credential::App),
        Activity::TokenIssue if details.token_id.get().is_some() => Some(Credential::AccessToken),
        _ => None,
    };
    if event.activity == Activity::TokenIssue {
        event.credential_id = details.token_id.get().map(|id| Cow::Owned((context.keyed_hash)(id)));
    }
    event.interactive = match event.activity {
        Activity::TokenIssue if kind.starts_with("CLIENT_LOGIN") => Some(false),
        // Asked for the credential, in a browser; a session may have sufficed else.
        Activity::Logon if event.factor.is_some() && details.grant_type.get().is_none() => {
            Some(true)
        }
        _ => None,
    };
}

fn protocol<'a>(entry: &'a Entry<'_>) -> Option<Cow<'a, str>> {
    let details = &entry.details;
    Some(match details.auth_method.or_empty() {
        _ if details.grant_type.get().is_some() => Cow::Borrowed("oauth2"),
        "openid-connect" => Cow::Borrowed("oidc"),
        "oauth_credentials" => Cow::Borrowed("oauth2"),
        "" if entry.kind.or_empty().starts_with("CLIENT_LOGIN") => Cow::Borrowed("oauth2"),
        // Not a protocol, but how the token was checked.
        "" | "validate_access_token" => return None,
        _ => return details.auth_method.lower(),
    })
}

#[cfg(test)]
mod tests;
