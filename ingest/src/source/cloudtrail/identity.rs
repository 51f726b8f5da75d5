//! Who: users, sessions of roles, services; and what they showed.

use std::borrow::Cow;

use rollcall_schemas::{Credential, Event};

use super::super::adapter::Context;
use super::super::text;
use super::is_about_another;
use super::record::{TrailEvent, UserIdentity};

/// What AWS writes in place of a user name that was mistyped: it may be a password.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// Fills the columns of who acted, with what, and whether a person did.
pub(super) fn fill<'a>(event: &mut Event<'a>, trail: &'a TrailEvent<'_>, context: &Context<'_>) {
    let identity = &trail.user_identity;
    let caller = name(trail).filter(|name| *name != HIDDEN);
    event.user_type = identity.kind.cow();
    event.user_id =
        identity.on_behalf_of.user_id.cow().or(identity.principal_id.cow()).or(identity.arn.cow());
    event.user_name = caller.map(text::lower);
    let subject = trail.request_parameters.user_name.get();
    if let Some(subject) = subject.filter(|_| is_about_another(event.activity)) {
        if Some(subject) != caller {
            event.actor = caller.map(Cow::Borrowed);
            event.user_id = None;
            event.user_type = None;
        }
        event.user_name = Some(text::lower(subject));
    }
    event.interactive = interactive(trail);
    credential(event, identity, context);
    if trail.additional_event_data.saml_provider_arn.get().is_some()
        || trail.event_name.is("AssumeRoleWithSAML")
    {
        event.protocol = Some(Cow::Borrowed("saml"));
    } else if trail.event_name.is("AssumeRoleWithWebIdentity") {
        event.protocol = Some(Cow::Borrowed("oidc"));
    }
    if event.credential.is_none() && trail.event_name.is("ConsoleLogin") {
        event.credential = match identity.kind.or_empty() {
            "IAMUser" | "Root" => Some(Credential::Password),
            _ => Some(Credential::Session),
        };
    }
}

/// The caller's name. For an assumed role it is the session's: with single
/// sign-on that is the person, with AssumeRole whatever the caller chose.
fn name<'a>(trail: &'a TrailEvent<'_>) -> Option<&'a str> {
    let identity = &trail.user_identity;
    let signed_in_as = trail.additional_event_data.user_name.get();
    match identity.kind.or_empty() {
        "AssumedRole" => session_name(identity).or(identity.user_name.get()),
        "FederatedUser" => session_name(identity).or(identity.user_name.get()),
        "Root" => Some("root"),
        "AWSService" => identity.invoked_by.get(),
        "SAMLUser" | "WebIdentityUser" => identity
            .user_name
            .get()
            .or_else(|| trail.request_parameters.role_session_name.get())
            .or_else(|| after_last(identity.principal_id.get()?, ':')),
        _ => identity.user_name.get().or(signed_in_as),
    }
}

/// From `AROA…:session`, or from `…:assumed-role/role/session`.
fn session_name<'a>(identity: &'a UserIdentity<'_>) -> Option<&'a str> {
    let of_principal = identity.principal_id.get().and_then(|id| id.split_once(':'));
    let of_arn = || {
        let arn = identity.arn.get()?;
        let (_, path) = arn.split_once("-role/").or_else(|| arn.split_once("-user/"))?;
        Some(path.rsplit('/').next().unwrap_or(path))
    };
    of_principal.map(|(_, session)| session).filter(|name| !name.is_empty()).or_else(of_arn)
}

fn after_last(text: &str, mark: char) -> Option<&str> {
    text.rsplit(mark).next().filter(|rest| !rest.is_empty())
}

/// Long-lived keys begin with AKIA, temporary ones with ASIA; the id isn't secret
/// but names a secret, so only its keyed hash is a column. A temporary one stands
/// for a session.
fn credential<'a>(event: &mut Event<'a>, identity: &'a UserIdentity<'_>, context: &Context<'_>) {
    let Some(key) = identity.access_key_id.get() else { return };
    event.credential_id = Some(Cow::Owned((context.keyed_hash)(key)));
    if key.starts_with("ASIA") {
        event.credential = Some(Credential::Session);
        event.session_id = event.credential_id.clone();
    } else if key.starts_with("AKIA") {
        event.credential = Some(Credential::AccessKey);
    } else {
        event.credential = Some(Credential::Unknown);
    }
}

/// Calls of services on someone's behalf have no person at the keyboard. Of
/// others only the console and sign-ins are sure to have one.
fn interactive(trail: &TrailEvent<'_>) -> Option<bool> {
    let identity = &trail.user_identity;
    let from = trail.source_ip_address.or_empty();
    let by_service = identity.kind.or_empty() == "AWSService"
        || identity.invoked_by.get().is_some()
        || from == "AWS Internal"
        || from.ends_with(".amazonaws.com");
    let is_sign_in = trail.event_type.or_empty() == "AwsConsoleSignIn"
        || matches!(
            trail.event_name.or_empty(),
            "ConsoleLogin"
                | "UserAuthentication"
                | "CredentialChallenge"
                | "CredentialVerification"
        );
    match (is_sign_in, by_service, trail.session_credential_from_console.0) {
        (true, ..) => Some(true),
        (false, true, _) => Some(false),
        (false, false, Some(true)) => Some(true),
        _ => None,
    }
}
