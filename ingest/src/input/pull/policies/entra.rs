//! Entra: conditional access policies and security defaults (Graph, "List policies", "Get
//! identitySecurityDefaultsEnforcementPolicy"; needs Policy.Read.All).

use serde_json::Value;

use super::{Effect, Policy, Taken, without};
use crate::input::pull::error::PullResult;
use crate::input::pull::listing::{Pages, all, needed, one, text};
use crate::input::pull::settings::Account;

const CONDITIONAL_ACCESS: &str = "/v1.0/identity/conditionalAccess/policies";
const SECURITY_DEFAULTS: &str = "/v1.0/policies/identitySecurityDefaultsEnforcementPolicy";

pub(super) async fn taken(account: &Account) -> PullResult<Vec<Taken>> {
    Ok(vec![
        Taken::of("conditional_access", conditional_access(account).await)?,
        Taken::of("security_defaults", security_defaults(account).await)?,
    ])
}

async fn conditional_access(account: &Account) -> PullResult<Vec<Policy>> {
    let policies = all(account, CONDITIONAL_ACCESS, &["value"], Pages::NextLink).await?;
    let policies = policies.into_iter().map(|object| {
        let effect = match text(&object, &["state"]) {
            Some("enabled") => Effect::Enabled,
            Some("enabledForReportingButNotEnforced") => Effect::ReportOnly,
            Some("disabled") => Effect::Disabled,
            _ => Effect::Unknown,
        };
        policy(account, effect, object)
    });
    policies.collect()
}

async fn security_defaults(account: &Account) -> PullResult<Vec<Policy>> {
    let object = one(account, SECURITY_DEFAULTS).await?;
    let effect = Effect::of(object.get("isEnabled").and_then(Value::as_bool));
    Ok(vec![policy(account, effect, object)?])
}

fn policy(account: &Account, effect: Effect, mut json: Value) -> PullResult<Policy> {
    let id = needed(account, &json, &["id"])?.to_owned();
    let name = text(&json, &["displayName"]).map(str::to_owned);
    // OData's annotations name addresses and types.
    without(&mut json, |key| key.contains("@odata."));
    Ok(Policy { id, parent: None, name, effect, json })
}
