//! Who: the claims of the token that was shown to Resource Manager.

use std::borrow::Cow;

use rollcall_schemas::{Activity, Credential, Event, Mfa};

use super::super::adapter::Context;
use super::super::text;
use super::record::{Claims, Details, Record};

/// Fills the columns of who acted, with what, and what the token says of MFA.
pub(super) fn fill<'a>(
    event: &mut Event<'a>,
    record: &'a Record<'_>,
    details: &'a Details<'_>,
    context: &Context<'_>,
) {
    let claims = record.claims();
    let is_app = claims.is_app();
    let name = name(record, claims);
    event.user_id = claims.object_id.cow().or(record.caller.cow().filter(|_| name.is_none()));
    event.user_name = name.map(text::lower);
    event.user_type =
        if is_app { Some(Cow::Borrowed("servicePrincipal")) } else { claims.kind.cow() };
    event.interactive = is_app.then_some(false);
    event.credential = match (is_app, claims.app_id.get()) {
        (true, _) => Some(Credential::App),
        (false, Some(_)) => Some(Credential::AccessToken),
        (false, None) => None,
    };
    event.credential_id = claims.token_id.get().map(|id| Cow::Owned((context.keyed_hash)(id)));
    event.session_id = claims.session_id.cow();
    event.device_id = claims.device.cow();
    event.mfa = mfa(claims, is_app);

    let assigned = &details.assignment.properties;
    event.ticket = assigned.ticket_info.ticket_number.cow();
    if let (Activity::AccountChange, Some(id)) = (event.activity, assigned.principal_id.cow()) {
        if Some(&id) != event.user_id.as_ref() {
            event.actor = name.map(Cow::Borrowed).or(event.user_id.take());
            event.user_name = None;
        }
        event.user_id = Some(id);
        event.user_type = assigned.principal_type.cow();
    }
}

/// The login. A guest's name has the provider before it: `live.com#ada@…`. An
/// application has an id and no name.
fn name<'a>(record: &'a Record<'_>, claims: &'a Claims<'_>) -> Option<&'a str> {
    let name = claims
        .upn
        .get()
        .or(claims.unique_name.get())
        .or(claims.email.get())
        .or(record.caller.get().filter(|caller| caller.contains('@')))?
        .trim();
    Some(name.rsplit('#').next().filter(|rest| rest.contains('@')).unwrap_or(name))
}

/// What the token says of a second factor: that it was given when the token was
/// gained. A token of another tenant or provider, one gained by a federated or
/// Windows sign-in, and one gained by a key say nothing.
fn mfa(claims: &Claims<'_>, is_app: bool) -> Mfa {
    let is_of_other = claims.identity_provider.get().is_some_and(|provider| {
        Some(provider.trim_end_matches('/'))
            != claims.issuer.get().map(|issuer| issuer.trim_end_matches('/'))
    });
    if is_app {
        return Mfa::Unknown;
    }
    if claims.methods().any(|method| matches!(method, "mfa" | "ngcmfa")) {
        return Mfa::ClaimInToken;
    }
    let is_password_only =
        claims.methods().count() > 0 && claims.methods().all(|method| method == "pwd");
    if is_password_only && !is_of_other { Mfa::None } else { Mfa::Unknown }
}
