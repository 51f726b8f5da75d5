//! Snapshots of factors: complete, or none.

use std::sync::atomic::{AtomicUsize, Ordering};

use rollcall_lake::{Access, Lake, Table};
use serde_json::{Value, json};

use super::bench::{Asked, Reply, Server};
use crate::input::pull::factors::{Held, snapshot};
use crate::input::pull::settings::Account;
use crate::table::{has_factors, pull_factors};

fn in_words(held: Vec<Held>) -> Vec<String> {
    held.into_iter()
        .map(|one| {
            let enrolled = one.enrolled_on.map(|day| format!(" {day}")).unwrap_or_default();
            let factor = one.factor.map_or("none", |factor| factor.as_str());
            format!("{} {factor} {}{enrolled}", one.login, one.standing.as_str())
        })
        .collect()
}

async fn told(account: &Account) -> Vec<String> {
    in_words(snapshot(account).await.expect("a snapshot"))
}

fn okta(server: &Server, asked: &Asked) -> Reply {
    let user = |id: &str, login: &str| json!({"id": id, "profile": {"login": login}});
    match (asked.path.as_str(), asked.get("after")) {
        ("/api/v1/users", None) => {
            let link = format!("<{}/api/v1/users?limit=200&after=u1>; rel=\"next\"", server.url);
            Reply::json(&json!([user("u1", "Ada@corp.example")])).with("link", link)
        }
        ("/api/v1/users", Some("u1")) => Reply::json(&json!([user("u2", "ben@corp.example")])),
        ("/api/v1/users/u1/factors", _) => Reply::json(&json!([
            {"factorType": "push", "status": "ACTIVE", "created": "2025-11-02T10:00:00.000Z"},
            {"factorType": "push", "status": "ACTIVE", "created": "2025-10-01T10:00:00.000Z"},
            {"factorType": "webauthn", "status": "PENDING_ACTIVATION"}
        ])),
        ("/api/v1/users/u2/factors", _) => Reply::json(&json!([])),
        other => panic!("{other:?}"),
    }
}

fn entra(server: &Server, asked: &Asked) -> Reply {
    if asked.path.ends_with("/token") {
        return Reply::json(&json!({"access_token": "x", "expires_in": 3600}));
    }
    let path = "/v1.0/reports/authenticationMethods/userRegistrationDetails";
    assert_eq!(asked.path, path);
    let user = |name: &str, methods: Value| json!({"userPrincipalName": name, "methodsRegistered": methods});
    match asked.get("$skiptoken") {
        None => Reply::json(&json!({
            "value": [user("ada@corp.example", json!(["microsoftAuthenticatorPush", "passKeyDeviceBoundAuthenticator"]))],
            "@odata.nextLink": format!("{}{path}?$skiptoken=1", server.url)
        })),
        Some(_) => Reply::json(&json!({"value": [user("ben@corp.example", json!([]))]})),
    }
}

fn duo(_: &Server, asked: &Asked) -> Reply {
    assert_eq!(asked.path, "/admin/v1/users");
    let user = |name: &str, status: &str, phones: Value, tokens: Value| {
        json!({"username": name, "status": status, "phones": phones, "tokens": tokens,
            "u2ftokens": [], "webauthncredentials": []})
    };
    let (users, next) = match asked.get("offset") {
        None => {
            let phone = json!([{"activated": true, "capabilities": ["auto", "push", "sms"]}]);
            (json!([user("ada", "active", phone, json!([{"serial": "1"}]))]), json!(300))
        }
        Some("300") => {
            let phone = json!([{"capabilities": ["phone"]}]);
            (json!([user("ben", "disabled", phone, json!([]))]), json!(null))
        }
        other => panic!("{other:?}"),
    };
    Reply::json(&json!({"stat": "OK", "response": users, "metadata": {"next_offset": next}}))
}

fn github(_: &Server, asked: &Asked) -> Reply {
    assert_eq!(asked.path, "/orgs/acme/members");
    let all = [json!({"login": "Ada"}), json!({"login": "ben"})];
    match asked.get("filter") {
        Some("2fa_disabled") => Reply::json(&json!([all[1]])),
        _ => Reply::json(&json!(all)),
    }
}

#[tokio::test]
async fn each_vendor_tells_accounts_with_and_without_factors() {
    let scratch = tempfile::tempdir().expect("a directory");
    let server = Server::start(okta).await;
    let wanted = [
        "ada@corp.example push active 2025-10-01",
        "ada@corp.example webauthn pending",
        "ben@corp.example none active",
    ];
    let mut found = told(&server.account(&scratch, "okta", "")).await;
    found.sort();
    assert_eq!(found, wanted);

    let server = Server::start(entra).await;
    let more = format!("organisation = 't'\nclient_id = 'a'\nlogin = '{}'", server.url);
    let mut found = told(&server.account(&scratch, "entra", &more)).await;
    found.sort();
    let wanted = [
        "ada@corp.example passkey active",
        "ada@corp.example push active",
        "ben@corp.example none active",
    ];
    assert_eq!(found, wanted);

    let server = Server::start(duo).await;
    let mut found = told(&server.account(&scratch, "duo", "client_id = 'DI1'")).await;
    found.sort();
    let wanted =
        ["ada hardware_otp active", "ada push active", "ada sms active", "ben voice disabled"];
    assert_eq!(found, wanted);

    let server = Server::start(github).await;
    let account = server.account(&scratch, "github", "organisation = 'acme'");
    assert_eq!(told(&account).await, ["ada unknown active", "ben none active"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_off_is_no_snapshot_and_what_is_whole_is_one() {
    let scratch = tempfile::tempdir().expect("a directory");
    let turn = AtomicUsize::new(0);
    // The second page is missing for as long as the client is patient, then is there.
    let answer = move |server: &Server, asked: &Asked| {
        let is_second = asked.get("after").is_some();
        if is_second && turn.fetch_add(1, Ordering::SeqCst) < 6 {
            return Reply::status(500);
        }
        okta(server, asked)
    };
    let server = Server::start(answer).await;
    let account = server.account(&scratch, "okta", "");
    let lake = Lake::open(&scratch.path().join("data"), Access::Write).await.expect("a lake");
    let day = "2026-03-01".parse().expect("a day");
    let broken = pull_factors(&lake, "okta", &[&account], day).await.expect_err("half of it");
    assert!(broken.to_string().contains("500"), "{broken}");
    assert!(!has_factors(&lake, "okta", day).expect("read"));
    let report = pull_factors(&lake, "okta", &[&account], day).await.expect("whole");
    assert_eq!((report.subjects, report.rows), (2, 3));
    assert!(has_factors(&lake, "okta", day).expect("read"));
    assert_eq!(lake.snapshot().table(Table::Factors).rows(), 3);
}

#[tokio::test]
async fn nobody_at_all_is_no_snapshot() {
    let scratch = tempfile::tempdir().expect("a directory");
    let server = Server::start(|_, _| Reply::json(&json!([]))).await;
    let account = server.account(&scratch, "okta", "");
    let refused = snapshot(&account).await.expect_err("nobody").to_string();
    assert!(refused.contains("no account"), "{refused}");
}
