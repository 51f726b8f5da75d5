//! GitHub: whether an organisation requires two-factor authentication ("Get an organization";
//! owners see it), its rulesets ("Get all organization repository rulesets") and the
//! protection of its repositories' branches ("List branches", "Get branch protection"). A
//! request a ruleset, a repository and a protected branch: at one in four seconds, 1,800 of
//! them in two hours.

use serde_json::{Value, json};

use super::{Effect, Policy, Taken, without};
use crate::input::pull::error::{PullError, PullResult};
use crate::input::pull::listing::{Pages, all, needed, one, text};
use crate::input::pull::request::encoded;
use crate::input::pull::settings::Account;

/// What a 404 says of a branch that has no protection of its own.
const UNPROTECTED: &str = "Branch not protected";
const REQUIREMENT: &str = "two_factor_requirement_enabled";

pub(super) async fn taken(account: &Account) -> PullResult<Vec<Taken>> {
    Ok(vec![
        Taken::of("two_factor_requirement", requirement(account).await)?,
        Taken::of("ruleset", rulesets(account).await)?,
        Taken::of("branch_protection", branches(account).await)?,
    ])
}

/// Of the organisation nothing else is taken: it counts members and repositories, too.
async fn requirement(account: &Account) -> PullResult<Vec<Policy>> {
    let organisation = one(account, &format!("/orgs/{}", account.organisation)).await?;
    let required = organisation.get(REQUIREMENT).and_then(Value::as_bool);
    Ok(vec![Policy {
        id: account.organisation.clone(),
        parent: None,
        name: Some("Two-factor requirement".to_owned()),
        effect: Effect::of(required),
        json: json!({ REQUIREMENT: required }),
    }])
}

async fn rulesets(account: &Account) -> PullResult<Vec<Policy>> {
    let path = format!("/orgs/{}/rulesets", account.organisation);
    let mut rulesets = Vec::new();
    for listed in all(account, &format!("{path}?per_page=100"), &[], Pages::Link).await? {
        let Some(id) = listed.get("id").and_then(Value::as_u64).map(|id| id.to_string()) else {
            let detail = "a ruleset has no id".to_owned();
            return Err(PullError::BadAnswer { place: account.client.place(), detail });
        };
        // The list leaves out what they say.
        let mut json = one(account, &format!("{path}/{id}")).await?;
        let name = text(&json, &["name"]).map(str::to_owned);
        let effect = match text(&json, &["enforcement"]) {
            Some("active" | "enabled") => Effect::Enabled,
            Some("evaluate") => Effect::ReportOnly,
            Some("disabled") => Effect::Disabled,
            _ => Effect::Unknown,
        };
        without(&mut json, is_no_part);
        rulesets.push(Policy { id, parent: None, name, effect, json });
    }
    Ok(rulesets)
}

async fn branches(account: &Account) -> PullResult<Vec<Policy>> {
    let mut protected = Vec::new();
    let path = format!("/orgs/{}/repos?per_page=100", account.organisation);
    for repository in all(account, &path, &[], Pages::Link).await? {
        if repository.get("archived").and_then(Value::as_bool) == Some(true) {
            continue;
        }
        let full_name = needed(account, &repository, &["full_name"])?;
        let (owner, name) =
            full_name.split_once('/').unwrap_or((account.organisation.as_str(), full_name));
        let path = format!("/repos/{}/{}/branches", encoded(owner), encoded(name));
        let listed = format!("{path}?protected=true&per_page=100");
        for branch in all(account, &listed, &[], Pages::Link).await? {
            // Only a ruleset protects it.
            if branch.pointer("/protection/enabled").and_then(Value::as_bool) == Some(false) {
                continue;
            }
            let branch = needed(account, &branch, &["name"])?;
            let mut json =
                match one(account, &format!("{path}/{}/protection", encoded(branch))).await {
                    // Likewise. A 404 that says less may be one that isn't shown.
                    Err(PullError::Missing { detail, .. }) if detail.contains(UNPROTECTED) => {
                        continue;
                    }
                    other => other?,
                };
            without(&mut json, is_no_part);
            protected.push(Policy {
                id: format!("{full_name}:{branch}"),
                parent: Some(full_name.to_owned()),
                name: Some(branch.to_owned()),
                effect: Effect::Enabled,
                json,
            });
        }
    }
    Ok(protected)
}

/// Addresses, and what depends on who asks.
fn is_no_part(key: &str) -> bool {
    key == "url"
        || key.ends_with("_url")
        || matches!(key, "_links" | "node_id" | "current_user_can_bypass")
}
