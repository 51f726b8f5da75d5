//! Events that are OCSF already: Authentication (3002), Account Change (3001),
//! User Management (3007).
//!
//! ```text
//! record       what is read of an event
//! number       classes, activities, factors, statuses by number and by name
//! ```
//!
//! Writers differ in the version they follow: MFA Factor Enable is 10 in Account
//! Change and 12 in User Management, where 10 attaches policies. So the name
//! decides where it is given, and the number by its class where it isn't.

mod number;
mod record;

use std::borrow::Cow;

use rollcall_schemas::{
    Activity, Credential, DurationBasis, Event, Factor, FactorStep, Mfa, Outcome, Platform,
};

use super::adapter::{Adapter, Context, Output, Source};
use super::needle::needles;
use super::{address, country, json, text};
use record::{Metadata, OcsfEvent, User};

/// OCSF's row in the table of sources.
pub(super) static SOURCE: Source = Source {
    name: "ocsf",
    title: "OCSF identity events",
    documentation: "https://schema.ocsf.io/1.8.0/categories/iam",
    recognises: &recognises,
    split: Some(&|record| json::split(record, BUNDLES)),
    stateful: false,
    has_event_id: true,
    open: &|| Box::new(Ocsf),
    mapping: None,
    about: include_str!("about.toml"),
};

const BUNDLES: &[&[&str]] = &[&["events"]];

needles! { CLASS = "class_uid" }

fn recognises(record: &[u8]) -> bool {
    CLASS.is_in(record)
}

struct Ocsf;

impl Adapter for Ocsf {
    fn read(&mut self, record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
        let text = json::text(record);
        let ocsf: OcsfEvent<'_> = match json::read(&text) {
            Ok(ocsf) => ocsf,
            Err(_) if json::is_empty_bundle(record, BUNDLES) => return out.not_authentication(),
            Err(reason) => return out.reject(&reason),
        };
        let Some(class) = ocsf.class_uid.0 else {
            return out.reject("an OCSF event has a `class_uid`; there is none");
        };
        if class / 1_000 != 3 {
            return out.not_authentication();
        }
        let zone = context.zone;
        let Some(time) = ocsf.time.micros(zone).or(ocsf.time_dt.micros(zone)) else {
            return out.reject("`time` is missing or no time; ms since 1970 were expected");
        };
        out.event(&mut event(&ocsf, class, time, context));
    }
}

fn event<'a>(ocsf: &'a OcsfEvent<'_>, class: i64, time: i64, context: &Context<'_>) -> Event<'a> {
    let mut event = Event {
        time,
        source_event_id: identity(&ocsf.metadata),
        activity: number::activity(class, ocsf.activity_id.0, ocsf.activity_name.or_empty()),
        operation: ocsf
            .metadata
            .event_code
            .cow()
            .or(ocsf.type_name.cow())
            .or(ocsf.activity_name.cow()),
        platform: platform(ocsf),
        reason_raw: ocsf.status_detail.cow().or(ocsf.status_code.cow()),
        protocol: number::protocol(ocsf.auth_protocol_id.0).or(ocsf.auth_protocol.lower()),
        flow_id: ocsf.metadata.correlation_uid.cow(),
        session_id: ocsf.session.uid.cow().or(ocsf.actor.session.uid.cow()),
        ..Event::default()
    };
    (event.outcome, event.reason) = number::outcome(
        ocsf.status_id.0,
        ocsf.status.or_empty(),
        ocsf.status_detail.or_empty(),
        ocsf.status_code.or_empty(),
    );
    who(&mut event, ocsf);
    where_to(&mut event, ocsf);
    how(&mut event, ocsf, context);
    client(&mut event, ocsf);
    event
}

/// A `uid` is unique within the product that gave it: `vendor/product/uid`.
fn identity<'a>(metadata: &'a Metadata<'_>) -> Option<Cow<'a, str>> {
    let uid = metadata.uid.get()?;
    let product = &metadata.product;
    Some(match (product.vendor_name.get(), product.name.get()) {
        (None, None) => Cow::Borrowed(uid),
        (Some(one), None) | (None, Some(one)) => Cow::Owned(format!("{one}/{uid}")),
        (Some(vendor), Some(name)) => Cow::Owned(format!("{vendor}/{name}/{uid}")),
    })
}

fn who<'a>(event: &mut Event<'a>, ocsf: &'a OcsfEvent<'_>) {
    let (user, actor) = (&ocsf.user, &ocsf.actor.user);
    let is_named = user.uid.get().is_some() || user.login().is_some();
    let subject: &User<'_> = if is_named { user } else { actor };
    event.user_id = subject.uid.cow();
    event.user_name = subject.login().map(text::lower);
    event.user_type = subject.kind.cow();
    let is_another = actor.login().is_some() && actor.login() != user.login();
    if is_named && is_another {
        event.actor = actor.login().map(Cow::Borrowed);
    }
    // 1 System, 4 Batch, 5 OS Service: nobody at a keyboard. 2 Interactive, 10
    // Remote Interactive.
    event.interactive = match ocsf.logon_type_id.0 {
        Some(2 | 7 | 10 | 11 | 12) => Some(true),
        Some(1 | 4 | 5) => Some(false),
        _ => None,
    };
}

fn where_to<'a>(event: &mut Event<'a>, ocsf: &'a OcsfEvent<'_>) {
    let product = &ocsf.metadata.product;
    event.service = ocsf.service.name.cow().or(product.name.cow()).or(product.vendor_name.cow());
    let target = &ocsf.dst_endpoint;
    event.resource = target.hostname.cow().or(target.name.cow()).or(ocsf.cloud.account.uid.cow());
    if event.activity == Activity::PolicyChange {
        event.policy_id = ocsf.policy.uid.cow();
        event.policy_name = ocsf.policy.name.cow();
    }
}

/// OCSF says who the product is, not what kind of service it guards.
fn platform(ocsf: &OcsfEvent<'_>) -> Platform {
    let product = ocsf.metadata.product.name.or_empty();
    let vendor = ocsf.metadata.product.vendor_name.or_empty();
    const WORDS: &[(&str, Platform)] = &[
        ("sshd", Platform::Ssh),
        ("openssh", Platform::Ssh),
        ("okta", Platform::Idp),
        ("entra", Platform::Idp),
        ("azure ad", Platform::Idp),
        ("active directory", Platform::Idp),
        ("duo", Platform::Idp),
        ("ping", Platform::Idp),
        ("auth0", Platform::Idp),
        ("keycloak", Platform::Idp),
        ("cloudtrail", Platform::CloudConsole),
        ("google cloud", Platform::CloudConsole),
        ("vault", Platform::Secrets),
        ("github", Platform::SourceControl),
        ("gitlab", Platform::SourceControl),
        ("jenkins", Platform::CiCd),
        ("artifactory", Platform::ArtifactRegistry),
        ("vpn", Platform::Vpn),
        ("globalprotect", Platform::Vpn),
    ];
    let (product, vendor) = (text::lower(product), text::lower(vendor));
    WORDS
        .iter()
        .find(|(word, _)| product.contains(word) || vendor.contains(word))
        .map_or(Platform::Other, |(_, platform)| *platform)
}

fn how<'a>(event: &mut Event<'a>, ocsf: &'a OcsfEvent<'_>, context: &Context<'_>) {
    let factors = &ocsf.auth_factors.items;
    let factor = |step: &record::AuthFactor<'_>| {
        number::factor(step.factor_type_id.0, step.factor_type.or_empty())
    };
    let second = factors
        .iter()
        .map(factor)
        .filter(|factor| *factor != Factor::Password)
        .max_by_key(|factor| factor.strength());
    event.factor = second.or_else(|| factors.first().map(factor));
    event.phishing_resistant = event.factor.and_then(Factor::phishing_resistant);
    let succeeded = event.outcome == Outcome::Success;
    // A federated sign-in says nothing of what the identity provider asked for.
    let is_federated = event.protocol.as_deref().is_some_and(number::is_federated);
    event.mfa = match (ocsf.is_mfa.0.or(ocsf.session.is_mfa.0), event.activity) {
        (Some(true), Activity::Logon) if succeeded => Mfa::Performed,
        (Some(false), Activity::Logon) if !is_federated => Mfa::None,
        _ => Mfa::Unknown,
    };
    if factors.len() > 1 {
        event.factors = factors
            .iter()
            .map(|step| FactorStep {
                factor: factor(step),
                outcome: event.outcome,
                started: None,
                ended: None,
            })
            .collect();
    }
    let device = factors.iter().find_map(|step| step.device.uid.get());
    event.factor_id = device.map(|id| Cow::Owned((context.keyed_hash)(id)));
    let credential = ocsf.user.credential_uid.get().or(ocsf.actor.user.credential_uid.get());
    event.credential_id = credential.map(|id| Cow::Owned((context.keyed_hash)(id)));
    event.credential = match (credential, event.factor) {
        _ if ocsf.certificate.serial_number.get().is_some() => Some(Credential::Certificate),
        (Some(key), _) if key.starts_with("AKIA") => Some(Credential::AccessKey),
        (Some(key), _) if key.starts_with("ASIA") => Some(Credential::Session),
        (Some(_), _) => Some(Credential::Unknown),
        (None, Some(Factor::Password)) => Some(Credential::Password),
        _ => None,
    };
    if let Some(duration) = ocsf.duration.0.filter(|duration| *duration >= 0) {
        event.duration_ms = Some(duration);
        event.duration_basis = Some(DurationBasis::ServerTime);
    }
}

fn client<'a>(event: &mut Event<'a>, ocsf: &'a OcsfEvent<'_>) {
    let source = &ocsf.src_endpoint;
    let place = &source.location;
    event.ip = source.ip.get().and_then(address::address).map(Cow::Borrowed);
    event.country = place.country.get().and_then(country::code);
    event.region = place.region.cow();
    event.city = place.city.cow();
    (event.lat_e6, event.lon_e6) = place.position();
    event.asn = source.autonomous_system.number.narrow();
    event.as_org = source.autonomous_system.name.cow();
    event.user_agent = ocsf.http_request.user_agent.cow();
    event.os = ocsf.device.os.name.cow();
    event.device_id = ocsf.device.uid.cow();
    event.device_managed = ocsf.device.is_managed.0;
}

#[cfg(test)]
mod tests;
