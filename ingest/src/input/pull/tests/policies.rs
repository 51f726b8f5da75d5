//! Snapshots of vendors' policies: complete kinds, or why a vendor doesn't give one.

use arrow::array::{Array, AsArray};
use rollcall_lake::{Access, Lake, Table, read_rows};
use serde_json::{Value, json};

use super::bench::{Asked, Reply, Server};
use crate::input::pull::policies::{Taken, vendor_policies};
use crate::input::pull::settings::Account;
use crate::table::{has_policies, pull_policies};

fn in_words(taken: &[Taken]) -> Vec<String> {
    let mut words = Vec::new();
    for Taken { kind, found } in taken {
        match found {
            Err(reason) => words.push(format!("{kind} not given: {reason}")),
            Ok(found) if found.is_empty() => words.push(format!("{kind} none")),
            Ok(found) => words.extend(found.iter().map(|policy| {
                let parent = policy.parent.as_deref().unwrap_or("-");
                let name = policy.name.as_deref().unwrap_or("-");
                let (id, effect) = (&policy.id, policy.effect.as_str());
                format!("{kind} {id} of {parent}: {name:?} {effect} {}", policy.json)
            })),
        }
    }
    words
}

async fn told(account: &Account) -> Vec<String> {
    in_words(&vendor_policies(account).await.expect("a snapshot"))
}

/// Classic engine: no access policies. The second page comes by a link.
fn okta(server: &Server, asked: &Asked) -> Reply {
    let of = |id: &str, name: &str, status: &str| json!({"id": id, "name": name, "status": status, "priority": 1, "_links": {"self": {"href": server.url}}});
    match (asked.path.as_str(), asked.get("type"), asked.get("after")) {
        ("/api/v1/policies", Some("ACCESS_POLICY"), _) => Reply::status(400),
        ("/api/v1/policies", Some("OKTA_SIGN_ON"), None) => {
            let next = format!("{}/api/v1/policies?type=OKTA_SIGN_ON&after=00p1", server.url);
            Reply::json(&json!([of("00p1", "Everyone", "ACTIVE")]))
                .with("link", format!("<{next}>; rel=\"next\""))
        }
        ("/api/v1/policies", Some("OKTA_SIGN_ON"), Some("00p1")) => {
            Reply::json(&json!([of("00p2", "Contractors", "INACTIVE")]))
        }
        ("/api/v1/policies/00p1/rules", ..) => Reply::json(&json!([of("0pr1", "MFA", "ACTIVE")])),
        ("/api/v1/policies/00p2/rules", ..) => Reply::json(&json!([])),
        other => panic!("{other:?}"),
    }
}

fn entra(server: &Server, asked: &Asked) -> Reply {
    if asked.path.ends_with("/token") {
        return Reply::json(&json!({"access_token": "x", "expires_in": 3600}));
    }
    let policy = |id: &str, state: &str| json!({"id": id, "displayName": format!("CA {id}"), "state": state, "grantControls": {"builtInControls": ["mfa"], "authenticationStrength@odata.context": server.url}});
    let path = "/v1.0/identity/conditionalAccess/policies";
    match (asked.path.as_str(), asked.get("$skiptoken")) {
        (at, None) if at == path => Reply::json(&json!({
            "value": [policy("1", "enabled"), policy("2", "enabledForReportingButNotEnforced")],
            "@odata.nextLink": format!("{}{path}?$skiptoken=2", server.url)
        })),
        (at, Some("2")) if at == path => {
            Reply::json(&json!({"value": [policy("3", "disabled"), policy("4", "of next year")]}))
        }
        ("/v1.0/policies/identitySecurityDefaultsEnforcementPolicy", _) => Reply::json(
            &json!({"@odata.context": server.url, "id": "0", "displayName": "Security Defaults", "isEnabled": false}),
        ),
        other => panic!("{other:?}"),
    }
}

fn github(server: &Server, asked: &Asked) -> Reply {
    let ruleset = json!({"id": 21, "name": "main", "enforcement": "evaluate"});
    match asked.path.as_str() {
        "/orgs/acme" => Reply::json(
            &json!({"login": "acme", "public_repos": 7, "two_factor_requirement_enabled": true}),
        ),
        "/orgs/acme/rulesets" => Reply::json(&json!([ruleset])),
        "/orgs/acme/rulesets/21" => Reply::json(&json!({"id": 21, "name": "main",
            "enforcement": "evaluate", "rules": [{"type": "deletion"}], "node_id": "R",
            "_links": {"self": {"href": server.url}}})),
        "/orgs/acme/repos" => Reply::json(&json!([
            {"full_name": "acme/web", "archived": false}, {"full_name": "acme/old", "archived": true}
        ])),
        "/repos/acme/web/branches" => {
            assert_eq!(asked.get("protected"), Some("true"));
            Reply::json(&json!([{"name": "main"}, {"name": "release/1"},
                {"name": "v2", "protection": {"enabled": false}}]))
        }
        "/repos/acme/web/branches/main/protection" => Reply::json(
            &json!({"url": server.url, "enforce_admins": {"url": "x", "enabled": true}}),
        ),
        // Protected by a ruleset only.
        "/repos/acme/web/branches/release%2F1/protection" => Reply {
            body: json!({"message": "Branch not protected", "status": "404"}).to_string(),
            ..Reply::status(404)
        },
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn okta_tells_policies_with_their_rules_and_what_it_doesnt_have() {
    let scratch = tempfile::tempdir().expect("a directory");
    let server = Server::start(okta).await;
    let told = told(&server.account(&scratch, "okta", "")).await;
    let said = |id: &str, name: &str, status: &str| {
        format!(r#"{{"id":"{id}","name":"{name}","priority":1,"status":"{status}"}}"#)
    };
    let [everyone, rule, contractors, access] = told.as_slice() else { panic!("{told:?}") };
    let wanted = said("00p1", "Everyone", "ACTIVE");
    assert_eq!(*everyone, format!("sign_on 00p1 of -: \"Everyone\" enabled {wanted}"));
    let wanted = said("0pr1", "MFA", "ACTIVE");
    assert_eq!(*rule, format!("sign_on 0pr1 of 00p1: \"MFA\" enabled {wanted}"));
    let wanted = said("00p2", "Contractors", "INACTIVE");
    assert_eq!(*contractors, format!("sign_on 00p2 of -: \"Contractors\" disabled {wanted}"));
    assert!(access.starts_with("access not given: ") && access.contains("400"), "{access}");
}

#[tokio::test]
async fn entra_tells_policies_that_only_report_apart() {
    let scratch = tempfile::tempdir().expect("a directory");
    let server = Server::start(entra).await;
    let more = format!("organisation = 't'\nclient_id = 'a'\nlogin = '{}'", server.url);
    let told = told(&server.account(&scratch, "entra", &more)).await;
    let ca = |id: &str, effect: &str, state: &str| {
        let json = json!({"id": id, "displayName": format!("CA {id}"), "state": state,
            "grantControls": {"builtInControls": ["mfa"]}});
        format!("conditional_access {id} of -: \"CA {id}\" {effect} {json}")
    };
    let defaults = json!({"id": "0", "displayName": "Security Defaults", "isEnabled": false});
    assert_eq!(
        told,
        [
            ca("1", "enabled", "enabled"),
            ca("2", "report_only", "enabledForReportingButNotEnforced"),
            ca("3", "disabled", "disabled"),
            ca("4", "unknown", "of next year"),
            format!("security_defaults 0 of -: \"Security Defaults\" disabled {defaults}"),
        ]
    );
}

#[tokio::test]
async fn github_tells_the_requirement_rulesets_and_protected_branches() {
    let scratch = tempfile::tempdir().expect("a directory");
    let server = Server::start(github).await;
    let told = told(&server.account(&scratch, "github", "organisation = 'acme'")).await;
    let ruleset: Value = json!({"id": 21, "name": "main", "enforcement": "evaluate",
        "rules": [{"type": "deletion"}]});
    assert_eq!(
        told,
        [
            r#"two_factor_requirement acme of -: "Two-factor requirement" enabled {"two_factor_requirement_enabled":true}"#.to_owned(),
            format!("ruleset 21 of -: \"main\" report_only {ruleset}"),
            r#"branch_protection acme/web:main of acme/web: "main" enabled {"enforce_admins":{"enabled":true}}"#.to_owned(),
        ]
    );
}

#[tokio::test]
async fn protection_that_isnt_shown_isnt_none() {
    let scratch = tempfile::tempdir().expect("a directory");
    let answer = |server: &Server, asked: &Asked| match asked.path.as_str() {
        "/repos/acme/web/branches/release%2F1/protection" => Reply {
            body: json!({"message": "Not Found", "status": "404"}).to_string(),
            ..Reply::status(404)
        },
        _ => github(server, asked),
    };
    let server = Server::start(answer).await;
    let told = told(&server.account(&scratch, "github", "organisation = 'acme'")).await;
    let [_, ruleset, branches] = told.as_slice() else { panic!("{told:?}") };
    assert!(ruleset.starts_with("ruleset 21 "), "{ruleset}");
    assert!(branches.starts_with("branch_protection not given: "), "{branches}");
    assert!(branches.contains("404") && branches.contains("Not Found"), "{branches}");
}

#[tokio::test]
async fn a_requirement_that_isnt_shown_is_unknown() {
    let scratch = tempfile::tempdir().expect("a directory");
    let answer = |server: &Server, asked: &Asked| match asked.path.as_str() {
        "/orgs/acme" => Reply::json(&json!({"login": "acme"})),
        "/orgs/acme/rulesets" => Reply::json(&json!([])),
        _ => github(server, asked),
    };
    let server = Server::start(answer).await;
    let told = told(&server.account(&scratch, "github", "organisation = 'acme'")).await;
    assert!(told[0].contains(" unknown "), "{told:?}");
    assert_eq!(told[1], "ruleset none");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_whole_is_stored_once_a_day_and_what_breaks_off_is_not() {
    let scratch = tempfile::tempdir().expect("a directory");
    let broken = |server: &Server, asked: &Asked| match asked.path.as_str() {
        "/api/v1/policies/00p1/rules" => Reply::status(500),
        _ => okta(server, asked),
    };
    let server = Server::start(broken).await;
    let account = server.account(&scratch, "okta", "policies = true");
    assert!(account.policies);
    let lake = Lake::open(&scratch.path().join("data"), Access::Write).await.expect("a lake");
    let day = "2026-03-01".parse().expect("a day");
    let error = pull_policies(&lake, &account, day).await.expect_err("half of it");
    assert!(error.to_string().contains("500"), "{error}");
    assert!(!has_policies(&lake, &account, day).expect("read"));

    let server = Server::start(okta).await;
    let account = server.account(&scratch, "okta", "policies = true");
    let report = pull_policies(&lake, &account, day).await.expect("whole");
    assert_eq!((report.subjects, report.rows), (3, 4));
    assert!(has_policies(&lake, &account, day).expect("read"));
    let next = "2026-03-02".parse().expect("a day");
    assert!(!has_policies(&lake, &account, next).expect("read"));
    let snapshot = lake.snapshot();
    let segments = snapshot.table(Table::VendorPolicies).segments;
    let batch =
        &read_rows(&segments[0], &["state", "raw", "sha256", "reason"], None).expect("rows")[0];
    let column = |name: &str| batch.column_by_name(name).expect("a column").as_string_view();
    let states: Vec<_> = column("state").iter().flatten().collect();
    assert_eq!(states, ["enabled", "enabled", "disabled", "unavailable"]);
    assert!(column("raw").is_null(3) && column("sha256").value(0).len() == 64);
    assert!(column("reason").value(3).contains("400") && column("reason").is_null(0));
}

#[tokio::test]
async fn nothing_at_all_is_no_snapshot() {
    let scratch = tempfile::tempdir().expect("a directory");
    let server = Server::start(|_, _| Reply::status(403)).await;
    let account = server.account(&scratch, "okta", "");
    let refused = vendor_policies(&account).await.expect_err("nothing").to_string();
    assert!(refused.contains("all of its policies"), "{refused}");
    let account = server.account(&scratch, "duo", "client_id = 'DI1'");
    let refused = vendor_policies(&account).await.expect_err("no kind").to_string();
    assert!(refused.contains("can't be asked for"), "{refused}");
}
