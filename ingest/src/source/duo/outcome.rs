//! Results and reasons, and what they say of a second factor.

use rollcall_schemas::{Factor, Mfa, Outcome, Reason};

use super::super::text;
use super::record::AuthLog;

/// How the event ended, and why where it didn't end well.
pub(super) fn of(log: &AuthLog<'_>) -> (Outcome, Option<Reason>) {
    let result = text::lower(log.result.or_empty());
    match &*result {
        "success" => (Outcome::Success, None),
        "fraud" => (Outcome::Denied, Some(Reason::FactorDenied)),
        "error" => (Outcome::Error, Some(Reason::ServiceError)),
        "denied" => refused(log.reason.or_empty(), Outcome::Denied),
        "failure" => refused(log.reason.or_empty(), Outcome::Failure),
        _ => (Outcome::Unknown, None),
    }
}

/// Duo calls everything `denied` that didn't succeed: a wrong code, a prompt that
/// nobody answered, an error of its own. The reason tells them apart.
fn refused(reason: &str, otherwise: Outcome) -> (Outcome, Option<Reason>) {
    const REASONS: &[(&str, Outcome, Reason)] = &[
        ("user_marked_fraud", Outcome::Denied, Reason::FactorDenied),
        ("user_cancelled", Outcome::Abandoned, Reason::Abandoned),
        ("no_response", Outcome::Abandoned, Reason::FactorTimeout),
        ("no_keys_pressed", Outcome::Abandoned, Reason::FactorTimeout),
        ("call_timed_out", Outcome::Abandoned, Reason::FactorTimeout),
        ("invalid_passcode", Outcome::Failure, Reason::FactorFailed),
        ("error", Outcome::Error, Reason::ServiceError),
        ("locked_out", Outcome::Denied, Reason::Locked),
        ("user_disabled", Outcome::Denied, Reason::Disabled),
        ("deny_unenrolled_user", Outcome::Denied, Reason::NotEnrolled),
        ("no_activated_duo_mobile_account", Outcome::Denied, Reason::NotEnrolled),
        ("user_not_in_permitted_group", Outcome::Denied, Reason::NotAuthorized),
        ("anomalous_push", Outcome::Denied, Reason::Risk),
    ];
    /// Rules about places, devices, software and browsers.
    const POLICIES: &[&str] = &[
        "denied_by_policy",
        "location_restricted",
        "anonymous_ip",
        "factor_restricted",
        "platform_restricted",
        "version_restricted",
        "out_of_date",
        "software_restricted",
        "rooted_device",
        "no_screen_lock",
        "touch_id_disabled",
        "no_disk_encryption",
        "no_duo_certificate_present",
        "user_provided_invalid_certificate",
        "invalid_management_certificate_collection_state",
        "could_not_determine_if_endpoint_was_trusted",
        "endpoint_is_not_trusted",
        "endpoint_is_not_in_management_system",
        "endpoint_failed_google_verification",
        "no_referring_hostname_provided",
        "invalid_referring_hostname_provided",
        "no_web_referer_match",
    ];
    let is = |known: &str| reason.eq_ignore_ascii_case(known);
    if let Some((_, outcome, why)) = REASONS.iter().find(|(known, ..)| is(known)) {
        return (*outcome, Some(*why));
    }
    if POLICIES.iter().any(|known| is(known)) {
        return (Outcome::Denied, Some(Reason::Policy));
    }
    (otherwise, Some(if reason.is_empty() { Reason::Unknown } else { Reason::Other }))
}

/// What the event says of a second factor. A success alone isn't one: Duo lets
/// through who is remembered, who stands in a trusted place, who has a bypass,
/// and whom a policy exempts.
pub(super) fn mfa(log: &AuthLog<'_>, outcome: Outcome, factor: Option<Factor>) -> Mfa {
    match outcome {
        Outcome::Success => {}
        Outcome::Abandoned => return Mfa::Abandoned,
        _ => return Mfa::Unknown,
    }
    let reason = text::lower(log.reason.or_empty());
    if factor == Some(Factor::BypassCode) || &*reason == "bypass_user" {
        return Mfa::Bypassed;
    }
    if log.factor.is("remembered_device") || &*reason == "remembered_device" {
        return Mfa::Remembered;
    }
    match &*reason {
        "user_approved" | "valid_passcode" => Mfa::Performed,
        "trusted_network"
        | "trusted_location"
        | "allow_unenrolled_user"
        | "allow_unenrolled_user_on_trusted_network"
        | "allowed_by_policy" => Mfa::NotRequired,
        _ if log.factor.is("trusted_network") => Mfa::NotRequired,
        _ if factor.is_some_and(|factor| factor != Factor::Other) => Mfa::Performed,
        _ => Mfa::Unknown,
    }
}
