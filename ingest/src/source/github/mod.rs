//! GitHub audit log: as the REST API and streams give it, and in lists.
//!
//! ```text
//! record       what is read of an entry
//! activity     actions
//! ```
//!
//! A sign-in through an organisation's SAML says nothing of a second factor: the
//! identity provider asked for it. GitHub's own sign-ins don't say it either.

mod activity;
mod record;

use std::borrow::Cow;

use rollcall_schemas::{
    Activity, Credential, Event, Factor, Mfa, Outcome, Platform, PolicyMode, PolicyResult, Reason,
};

use super::adapter::{Adapter, Context, Output, Source};
use super::needle::needles;
use super::{address, country, json};
use record::Entry;

/// GitHub's row in the table of sources.
pub(super) static SOURCE: Source = Source {
    name: "github",
    title: "GitHub audit log",
    documentation: "https://docs.github.com/en/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/audit-log-events-for-your-organization",
    recognises: &recognises,
    split: Some(&|record| json::split(record, BUNDLES)),
    stateful: false,
    has_event_id: true,
    open: &|| Box::new(GitHub),
    mapping: None,
    about: include_str!("about.toml"),
};

const BUNDLES: &[&[&str]] = &[];

needles! {
    ACTION = "action",
    AT_TIMESTAMP = "@timestamp",
    CREATED = "created_at",
    DOCUMENT = "_document_id",
    ACTOR = "actor",
    ACTOR_ID = "actor_id",
    AUTHOR = "author_id",
    CLASS = "class_uid",
}

fn recognises(record: &[u8]) -> bool {
    ACTION.is_in(record)
        && (DOCUMENT.is_in(record)
            || (AT_TIMESTAMP.is_in(record) || CREATED.is_in(record))
                && (ACTOR.is_in(record) || ACTOR_ID.is_in(record)))
        && !AUTHOR.is_in(record)
        && !CLASS.is_in(record)
}

struct GitHub;

impl Adapter for GitHub {
    fn read(&mut self, record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
        let text = json::text(record);
        let entry: Entry<'_> = match json::read(&text) {
            Ok(entry) => entry,
            Err(_) if json::is_empty_bundle(record, BUNDLES) => return out.not_authentication(),
            Err(reason) => return out.reject(&reason),
        };
        if entry.action.get().is_none() {
            return out.reject("a GitHub audit log entry has an `action`; there is none");
        }
        let zone = context.zone;
        let time = entry.timestamp.micros(zone).or(entry.created_at.micros(zone)).or(context.sent);
        let Some(time) = time else {
            return out
                .reject("`@timestamp` and `created_at` are missing or no time; ms were expected");
        };
        out.event(&mut event(&entry, time, context));
    }
}

fn event<'a>(entry: &'a Entry<'_>, time: i64, context: &Context<'_>) -> Event<'a> {
    let action = entry.action.or_empty();
    let mut event = Event {
        time,
        source_event_id: entry.document_id.cow(),
        activity: activity::of(action),
        outcome: outcome(action, entry),
        operation: entry.action.cow(),
        platform: platform(action),
        service: Some(Cow::Borrowed("GitHub")),
        resource: entry.repo.cow().or(entry.org.cow()).or(entry.business.cow()),
        reason: reason(action),
        protocol: protocol(action, entry),
        ip: entry.actor_ip.get().and_then(address::address).map(Cow::Borrowed),
        country: entry.actor_location.country_code.get().and_then(country::code),
        region: entry.actor_location.region_name.cow(),
        city: entry.actor_location.city.cow(),
        user_agent: entry.user_agent.cow(),
        ..Event::default()
    };
    who(&mut event, entry);
    credential(&mut event, entry, context);
    factor(&mut event, action);
    delivery(&mut event, action, entry);
    policy(&mut event, action, entry);
    event
}

/// Whom the entry is about: who acted, but for changes of an account that account,
/// and then who acted is the actor.
fn who<'a>(event: &mut Event<'a>, entry: &'a Entry<'_>) {
    let about_user = matches!(
        event.activity,
        Activity::AccountChange
            | Activity::Enroll
            | Activity::Unenroll
            | Activity::FactorReset
            | Activity::Recovery
            | Activity::TokenIssue
    );
    let (user, actor) = (entry.user.get(), entry.actor.get());
    if about_user && user.is_some() && user != actor {
        event.user_id = entry.user_id.cow();
        event.user_name = entry.user.lower();
        event.actor = entry.actor.cow();
    } else {
        event.user_id = entry.actor_id.cow().or(entry.user_id.cow());
        event.user_name = entry.actor.lower().or(entry.user.lower());
    }
    let is_bot =
        entry.actor_is_bot.0 == Some(true) || actor.is_some_and(|name| name.ends_with("[bot]"));
    event.user_type = is_bot.then_some(Cow::Borrowed("bot"));
    event.interactive = is_bot.then_some(false);
}

/// What was shown to get in: only said for programmatic access. A browser's
/// session is told by nothing at all, so nothing is claimed.
fn credential<'a>(event: &mut Event<'a>, entry: &'a Entry<'_>, context: &Context<'_>) {
    let kind = entry.programmatic_access_type.or_empty();
    event.credential = match kind {
        "" if entry.deploy_key_fingerprint.get().is_some() => Some(Credential::DeployKey),
        "" if entry.transport_protocol_name.is("ssh") => Some(Credential::SshKey),
        "" if entry.hashed_token.get().is_some() => Some(Credential::AccessToken),
        "" => None,
        "GitHub App server-to-server token" => Some(Credential::App),
        "Deploy key" | "deploy key" => Some(Credential::DeployKey),
        "SSH key" | "SSH certificate" => Some(Credential::SshKey),
        _ => Some(Credential::AccessToken),
    };
    let id = entry.hashed_token.get().or(entry.deploy_key_fingerprint.get());
    event.credential_id = id.map(|id| Cow::Owned((context.keyed_hash)(id)));
    if event.interactive.is_none() && event.credential == Some(Credential::App) {
        event.interactive = Some(false);
    }
}

fn factor(event: &mut Event<'_>, action: &str) {
    event.factor = match action {
        "two_factor_authentication.update_sms"
        | "two_factor_authentication.password_reset_fallback_sms"
        | "two_factor_authentication.add_sms"
        | "two_factor_authentication.remove_sms" => Some(Factor::Sms),
        _ if action.starts_with("security_key.") => Some(Factor::HardwareKey),
        _ if action.starts_with("passkey.") => Some(Factor::Passkey),
        _ if action.contains("recovery_code") => Some(Factor::RecoveryCode),
        _ => None,
    };
    event.phishing_resistant = event.factor.and_then(Factor::phishing_resistant);
    if action == "org.recovery_code_used" || action == "business.recovery_code_used" {
        // The code stands in for the identity provider and whatever it asks for.
        event.mfa = Mfa::Bypassed;
    }
}

fn outcome(action: &str, entry: &Entry<'_>) -> Outcome {
    match action {
        "user.failed_login" | "org.recovery_code_failed" | "business.recovery_code_failed" => {
            Outcome::Failure
        }
        "protected_branch.rejected_ref_update"
        | "workflows.reject_workflow_job"
        | "org.sso_denied" => Outcome::Denied,
        _ if entry.failure_reason.get().is_some() => Outcome::Failure,
        _ => Outcome::Success,
    }
}

fn reason(action: &str) -> Option<Reason> {
    match action {
        // GitHub doesn't say whether it was the password.
        "user.failed_login" => Some(Reason::Unknown),
        "org.recovery_code_failed" | "business.recovery_code_failed" => Some(Reason::FactorFailed),
        "protected_branch.rejected_ref_update" | "workflows.reject_workflow_job" => {
            Some(Reason::Policy)
        }
        _ => None,
    }
}

fn protocol<'a>(action: &str, entry: &'a Entry<'_>) -> Option<Cow<'a, str>> {
    if action.ends_with(".sso_response") {
        return Some(Cow::Borrowed("saml"));
    }
    entry.transport_protocol_name.lower()
}

fn platform(action: &str) -> Platform {
    const FAMILIES: &[(&str, Platform)] = &[
        ("workflows.", Platform::CiCd),
        ("environment.", Platform::CiCd),
        ("actions_cache.", Platform::CiCd),
        ("deployment", Platform::CiCd),
        ("packages.", Platform::ArtifactRegistry),
        ("org.register_self_hosted_runner", Platform::CiCd),
        ("org.remove_self_hosted_runner", Platform::CiCd),
        ("repo.register_self_hosted_runner", Platform::CiCd),
        ("repo.remove_self_hosted_runner", Platform::CiCd),
    ];
    FAMILIES
        .iter()
        .find(|(family, _)| action.starts_with(family))
        .map_or(Platform::SourceControl, |(_, platform)| *platform)
}

/// The environment and the pipeline of deliveries.
fn delivery<'a>(event: &mut Event<'a>, action: &str, entry: &'a Entry<'_>) {
    if action.starts_with("workflows.") {
        event.pipeline =
            entry.workflow_name.cow().or(entry.name.cow()).or(entry.job_workflow_ref.cow());
    } else if entry.job_workflow_ref.get().is_some() {
        event.pipeline = entry.job_workflow_ref.cow();
    }
    event.environment = entry.environment_name.cow().or(entry.environment.cow());
    if event.environment.is_none() && action.starts_with("environment.") {
        event.environment = entry.name.cow();
    }
}

/// Protection rules that let something through or held it back.
fn policy<'a>(event: &mut Event<'a>, action: &str, entry: &'a Entry<'_>) {
    if event.activity != Activity::PolicyDecision {
        return;
    }
    let denied = event.outcome == Outcome::Denied;
    event.policy_name =
        entry.branch.cow().or(entry.ruleset_name.cow()).or(event.environment.clone());
    event.policy_mode = Some(PolicyMode::Enforced);
    event.policy_result = Some(match denied {
        true => PolicyResult::Denied,
        false => PolicyResult::Allowed,
    });
    event.blocked = Some(denied);
    // Which rules were overridden or hurt.
    if action.starts_with("protected_branch.") {
        event.reason_raw = entry.overridden_codes.joined().or(entry.reasons.joined());
    }
}

#[cfg(test)]
mod tests;
