//! Okta: sign-on policies (the global session policies of Identity Engine) and access
//! policies of applications, with their rules (Okta, "List all policies", "List all policy
//! rules"; needs a read-only administrator's token). A request a policy.

use serde_json::Value;

use super::{Effect, Policy, Taken, without};
use crate::input::pull::error::PullResult;
use crate::input::pull::listing::{Pages, all, needed, text};
use crate::input::pull::request::encoded;
use crate::input::pull::settings::Account;

/// Our names of kinds, and Okta's.
const KINDS: &[(&str, &str)] = &[("sign_on", "OKTA_SIGN_ON"), ("access", "ACCESS_POLICY")];

pub(super) async fn taken(account: &Account) -> PullResult<Vec<Taken>> {
    let mut taken = Vec::new();
    for (kind, of_okta) in KINDS {
        taken.push(Taken::of(kind, with_rules(account, of_okta).await)?);
    }
    Ok(taken)
}

async fn with_rules(account: &Account, kind: &str) -> PullResult<Vec<Policy>> {
    let mut policies = Vec::new();
    let path = format!("/api/v1/policies?type={kind}");
    for object in all(account, &path, &[], Pages::Link).await? {
        let policy = policy(account, None, object)?;
        let path = format!("/api/v1/policies/{}/rules", encoded(&policy.id));
        let rules = all(account, &path, &[], Pages::Link).await?;
        let rules = rules.into_iter().map(|rule| self::policy(account, Some(&policy.id), rule));
        let rules = rules.collect::<PullResult<Vec<_>>>()?;
        policies.push(policy);
        policies.extend(rules);
    }
    Ok(policies)
}

fn policy(account: &Account, parent: Option<&str>, mut json: Value) -> PullResult<Policy> {
    let id = needed(account, &json, &["id"])?.to_owned();
    let name = text(&json, &["name"]).map(str::to_owned);
    let effect = Effect::of(match text(&json, &["status"]) {
        Some("ACTIVE") => Some(true),
        Some("INACTIVE") => Some(false),
        _ => None,
    });
    without(&mut json, |key| matches!(key, "_links" | "_embedded"));
    Ok(Policy { id, parent: parent.map(str::to_owned), name, effect, json })
}
