//! Changes of the waves' sign-on rules, made by an administrator.

use chrono::{DateTime, Utc};

use super::event::{ChangeDetails, DebugData, Detail, Happening, RuleState, Target};
use super::sign_in::POLICY;
use super::stage::{Actor, Stage};
use crate::people::{Cohort, Person, Phase, Rollout};
use crate::record::Outbox;
use crate::world::{Chance, Network, Stream};

/// The day's changes, each told once.
pub(crate) fn policy_changes(seed: u64, rollout: &Rollout, admin: &Person, out: &mut Outbox) {
    for (at, cohort, before, after) in rollout.changes() {
        if !out.wants(at) {
            continue;
        }
        let mut chance = Chance::new(seed, Stream::Policy, cohort as u64, after as u64);
        let session = chance.token("idx", 20);
        let network = Network::office(admin.city);
        let device = admin.laptop(at.date_naive());
        let stage = Stage::new(Actor::person(admin), &network, device, &session, &mut chance);
        let uri = format!("/api/v1/policies/{}/rules/{}", POLICY.0, cohort.rule().0);
        let happening = Happening {
            event_type: "policy.rule.update",
            display: "Update policy rule",
            legacy: Some("policy.rule.update"),
            result: "SUCCESS",
            targets: &[rule(cohort, before, after), policy()],
            debug: DebugData { request_uri: Some(&uri), ..DebugData::default() },
            ..Happening::default()
        };
        stage.write(out, at, &happening, &mut chance);
    }
}

/// Somebody switches a wave's rule off.
pub(crate) fn switched_off(
    stage: &Stage,
    out: &mut Outbox,
    at: DateTime<Utc>,
    cohort: Cohort,
    chance: &mut Chance,
) {
    let target = Target {
        id: cohort.rule().0,
        kind: "PolicyRule",
        alternate_id: "unknown",
        display_name: cohort.rule_name(),
        detail_entry: None,
        change_details: None,
    };
    let happening = Happening {
        event_type: "policy.rule.deactivate",
        display: "Deactivate policy rule",
        legacy: Some("policy.rule.deactivate"),
        result: "SUCCESS",
        targets: &[target, policy()],
        ..Happening::default()
    };
    stage.write(out, at, &happening, chance);
}

fn rule(cohort: Cohort, before: Phase, after: Phase) -> Target<'static> {
    Target {
        id: cohort.rule().0,
        kind: "PolicyRule",
        alternate_id: "unknown",
        display_name: cohort.rule_name(),
        detail_entry: Some(Detail {
            policy_rule_factor_mode: Some(mode(after)),
            rule_status: Some(after.as_str()),
            ..Detail::default()
        }),
        change_details: Some(ChangeDetails { from: state(before), to: state(after) }),
    }
}

fn policy() -> Target<'static> {
    Target {
        id: POLICY.0,
        kind: "PolicyEntity",
        alternate_id: "unknown",
        display_name: POLICY.1,
        detail_entry: Some(Detail { policy_type: Some("OktaSignOn"), ..Detail::default() }),
        change_details: None,
    }
}

fn state(phase: Phase) -> RuleState<'static> {
    RuleState { status: phase.as_str(), policy_rule_factor_mode: mode(phase) }
}

fn mode(phase: Phase) -> &'static str {
    if phase == Phase::ReportOnly { "1FA" } else { "2FA" }
}
