//! Microsoft Entra: sign-ins, as Graph gives them (`{"value":[…]}`, one each), and
//! as diagnostic settings send them (`properties`, `{"records":[…]}`), interactive
//! or not, of people, services and managed identities; and the directory's audit log.
//!
//! ```text
//! record       what is read of a sign-in
//! code         error codes: outcome and reason
//! step         authentication steps: factors, duration, MFA
//! method       names of authentication methods
//! policy       conditional access
//! audit        the directory's audit log
//! ```
//!
//! The flow's key is `correlationId`: the interrupted sign-in and the one that
//! follows it share it; their `id`s differ.

mod audit;
mod code;
mod method;
mod policy;
mod record;
mod step;

use std::borrow::Cow;

use rollcall_schemas::{Activity, Credential, Event, Platform};

use super::adapter::{Adapter, Context, Output, Source};
use super::needle::needles;
use super::object::Object;
use super::{address, country, json, text};
use record::{Envelope, Policy, SignIn, Step};

/// Entra's row in the table of sources.
pub(super) static SOURCE: Source = Source {
    name: "entra",
    title: "Microsoft Entra sign-ins",
    documentation: "https://learn.microsoft.com/graph/api/resources/signin",
    recognises: &recognises,
    split: Some(&split),
    stateful: false,
    has_event_id: true,
    open: &|| Box::new(Entra),
    mapping: None,
    about: include_str!("about.toml"),
};

/// Graph, Event Hub.
const BUNDLES: &[&[&str]] = &[&["value"], &["records"]];

/// What a sign-in begins with; a bundle has none of these keys.
const OWN: &[&str] = &["id", "createdDateTime", "time", "resourceId"];

fn split(record: &[u8]) -> Vec<&[u8]> {
    // A sign-in's details have `value`s of their own.
    if json::begins_with(record, OWN) { vec![record] } else { json::split(record, BUNDLES) }
}

needles! {
    CREATED = "createdDateTime",
    USER = "userPrincipalName",
    SERVICE = "servicePrincipalId",
    APP_ID = "appId",
    APP = "appDisplayName",
    PROPERTIES = "properties",
    ACTIVITY_TIME = "activityDateTime",
    ACTIVITY = "activityDisplayName",
}

fn recognises(record: &[u8]) -> bool {
    is_audit(record)
        || CREATED.is_in(record)
            && (USER.is_in(record) || SERVICE.is_in(record))
            && (APP_ID.is_in(record) || APP.is_in(record))
}

/// Whether it is an entry of the audit log, not a sign-in.
fn is_audit(record: &[u8]) -> bool {
    ACTIVITY_TIME.is_in(record) && ACTIVITY.is_in(record) && !CREATED.is_in(record)
}

struct Entra;

impl Adapter for Entra {
    fn read(&mut self, record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
        if is_audit(record) {
            return audit::read(record, context, out);
        }
        let text = json::text(record);
        // A bare sign-in has no such key.
        let read = if PROPERTIES.is_in(text.as_bytes()) {
            json::read(&text)
        } else {
            json::read(&text)
                .map(|bare| Envelope { properties: Object(bare), ..Envelope::default() })
        };
        let entry: Envelope<'_> = match read {
            Ok(entry) => entry,
            Err(_) if json::is_empty_bundle(record, BUNDLES) => return out.not_authentication(),
            Err(reason) => return out.reject(&reason),
        };
        let created = &entry.properties.created_date_time;
        let Some(time) = created.micros(context.zone).or(entry.time.micros(context.zone)) else {
            if json::is_empty_bundle(record, BUNDLES) {
                return out.not_authentication();
            }
            return out.reject("`createdDateTime` is missing or no time; ISO 8601 was expected");
        };
        // The diagnostic form of some logs has its lists as JSON within text.
        let (steps, policies) = (entry.properties.steps(), entry.properties.policies());
        out.event(&mut event(&entry, &steps, &policies, time, context));
    }
}

fn event<'a>(
    entry: &'a Envelope<'_>,
    steps: &'a [Step<'_>],
    policies: &'a [Policy<'_>],
    time: i64,
    context: &Context<'_>,
) -> Event<'a> {
    let sign_in = &*entry.properties;
    let code = sign_in.status.error_code.0.or(entry.result_type.0);
    let mut event = Event {
        time,
        source_event_id: sign_in.id.cow(),
        activity: Activity::Logon,
        operation: Some(operation(entry, sign_in)),
        platform: Platform::Idp,
        service: sign_in.app_display_name.cow().or(sign_in.app_id.cow()),
        resource: sign_in.resource_display_name.cow(),
        reason_raw: raw_reason(entry, sign_in, code),
        protocol: protocol(sign_in),
        flow_id: sign_in
            .correlation_id
            .cow()
            .or(entry.correlation_id.cow())
            .or(sign_in.original_request_id.cow()),
        session_id: sign_in.session_id.cow(),
        interactive: interactive(entry, sign_in),
        ..Event::default()
    };
    (event.outcome, event.reason) = code::of(code, sign_in.status.additional_details.or_empty());
    who(&mut event, sign_in);
    client(&mut event, sign_in, entry);
    step::fill(&mut event, sign_in, steps, context.zone);
    policy::fill(&mut event, policies);
    event
}

/// The kind of sign-in, as the log's category names it.
fn operation<'a>(entry: &'a Envelope<'_>, sign_in: &'a SignIn<'_>) -> Cow<'a, str> {
    entry.category.cow().unwrap_or(Cow::Borrowed(
        match (sign_in.is_service(), sign_in.is_interactive.0) {
            (true, _) => "ServicePrincipalSignInLogs",
            (false, Some(false)) => "NonInteractiveUserSignInLogs",
            (false, _) => "SignInLogs",
        },
    ))
}

/// The details say more than the failure's fixed sentence; "Other" says nothing.
fn raw_reason<'a>(
    entry: &'a Envelope<'_>,
    sign_in: &'a SignIn<'_>,
    code: Option<i64>,
) -> Option<Cow<'a, str>> {
    let status = &sign_in.status;
    let failure = status
        .failure_reason
        .cow()
        .filter(|reason| code != Some(0) && !reason.eq_ignore_ascii_case("other."));
    let details = status.additional_details.cow();
    match (code, failure, details) {
        (Some(code), Some(failure), Some(details)) if code != 0 => {
            Some(Cow::Owned(format!("{code}: {failure} ({details})")))
        }
        (Some(code), Some(text), None) | (Some(code), None, Some(text)) if code != 0 => {
            Some(Cow::Owned(format!("{code}: {text}")))
        }
        (Some(code), None, None) if code != 0 => match entry.result_description.get() {
            Some(text) => Some(Cow::Owned(format!("{code}: {text}"))),
            None => Some(Cow::Owned(code.to_string())),
        },
        (_, _, details) => details,
    }
}

fn interactive(entry: &Envelope<'_>, sign_in: &SignIn<'_>) -> Option<bool> {
    if sign_in.is_service() {
        return Some(false);
    }
    sign_in.is_interactive.0.or(match entry.category.or_empty() {
        "SignInLogs" => Some(true),
        "NonInteractiveUserSignInLogs"
        | "ServicePrincipalSignInLogs"
        | "ManagedIdentitySignInLogs" => Some(false),
        _ => None,
    })
}

fn who<'a>(event: &mut Event<'a>, sign_in: &'a SignIn<'_>) {
    if sign_in.is_service() {
        event.user_id = sign_in.service_principal_id.cow();
        event.user_name =
            sign_in.service_principal_name.lower().or(sign_in.app_display_name.lower());
        event.user_type = Some(Cow::Borrowed("servicePrincipal"));
        event.service = sign_in.resource_display_name.cow().or(event.service.take());
        event.credential = Some(match sign_in.client_credential_type.or_empty() {
            "certificate" => Credential::Certificate,
            _ => Credential::App,
        });
    } else {
        event.user_id = sign_in.user_id.cow();
        event.user_name = sign_in.user_principal_name.lower();
        event.user_type = sign_in.user_type.cow();
    }
}

/// How the client spoke: the protocol where Entra names one, else the kind of
/// client, which tells the old protocols that can't ask for a second factor.
fn protocol<'a>(sign_in: &'a SignIn<'_>) -> Option<Cow<'a, str>> {
    match sign_in.authentication_protocol.or_empty() {
        "" | "none" => {}
        "oAuth2" => return Some(Cow::Borrowed("oauth2")),
        "saml20" => return Some(Cow::Borrowed("saml")),
        "wsFederation" => return Some(Cow::Borrowed("wsfed")),
        "deviceCode" => return Some(Cow::Borrowed("device_code")),
        other => return Some(text::lower(other)),
    }
    match sign_in.client_app_used.or_empty() {
        "" | "Browser" | "Mobile Apps and Desktop clients" => None,
        other => Some(text::lower(other)),
    }
}

fn client<'a>(event: &mut Event<'a>, sign_in: &'a SignIn<'_>, entry: &'a Envelope<'_>) {
    let (place, device) = (&sign_in.location, &sign_in.device_detail);
    let ip = sign_in.ip_address.get().or(entry.caller_ip_address.get());
    event.ip = ip.and_then(address::address).map(Cow::Borrowed);
    event.country = place.country_or_region.get().and_then(country::code);
    event.region = place.state.cow();
    event.city = place.city.cow();
    event.lat_e6 = place.geo_coordinates.latitude.0;
    event.lon_e6 = place.geo_coordinates.longitude.0;
    event.asn = sign_in.autonomous_system_number.narrow();
    event.user_agent = sign_in.user_agent.cow();
    event.browser = device.browser.cow();
    event.os = device.operating_system.cow();
    event.device_id = device.device_id.cow();
    event.device_managed = device.is_managed.0;
}

#[cfg(test)]
mod tests;
