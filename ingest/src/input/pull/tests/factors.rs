//! Snapshots of factors: complete, or none.

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use rollcall_lake::{Access, Lake, Table};
use serde_json::{Value, json};

use super::bench::{Asked, Reply, SECOND, Server, TEN, iso};
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
    let user = |id: &str, login: &str, status: &str| json!({"id": id, "status": status, "profile": {"login": login}});
    match (asked.path.as_str(), asked.get("after")) {
        ("/api/v1/users", None) => {
            let link = format!("<{}/api/v1/users?limit=200&after=u1>; rel=\"next\"", server.url);
            Reply::json(&json!([user("u1", "Ada@corp.example", "PASSWORD_EXPIRED")]))
                .with("link", link)
        }
        ("/api/v1/users", Some("u1")) => Reply::json(&json!([
            user("u2", "ben@corp.example", "ACTIVE"),
            user("u3", "carl@corp.example", "SUSPENDED"),
            user("u4", "dora@corp.example", "SUSPENDED")
        ])),
        ("/api/v1/users/u1/factors", _) => Reply::json(&json!([
            {"factorType": "push", "status": "ACTIVE", "created": "2025-11-02T10:00:00.000Z"},
            {"factorType": "push", "status": "ACTIVE", "created": "2025-10-01T10:00:00.000Z"},
            {"factorType": "webauthn", "status": "PENDING_ACTIVATION"}
        ])),
        ("/api/v1/users/u2/factors" | "/api/v1/users/u4/factors", _) => Reply::json(&json!([])),
        ("/api/v1/users/u3/factors", _) => {
            Reply::json(&json!([{"factorType": "sms", "status": "ACTIVE"}]))
        }
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
            let off = user("carl", "disabled", json!([]), json!([]));
            (json!([user("ben", "disabled", phone, json!([])), off]), json!(null))
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
        "carl@corp.example sms disabled",
        "dora@corp.example none disabled",
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
    let wanted = [
        "ada hardware_otp active",
        "ada push active",
        "ada sms active",
        "ben voice disabled",
        "carl none disabled",
    ];
    assert_eq!(found, wanted);

    let server = Server::start(github).await;
    let account = server.account(&scratch, "github", "organisation = 'acme'");
    assert_eq!(told(&account).await, ["ada unknown active", "ben none active"]);
}

fn auth0(total: usize) -> impl Fn(&Server, &Asked) -> Reply {
    move |_, asked| {
        if asked.path == "/oauth/token" {
            return Reply::json(&json!({"access_token": "x", "expires_in": 3600}));
        }
        // A user a second; every search shows a thousand at most.
        let created = |n: usize| iso(TEN + i64::try_from(n).expect("few") * SECOND);
        if asked.path == "/api/v2/users" {
            assert_eq!(
                (asked.get("sort"), asked.get("search_engine")),
                (Some("created_at:1"), Some("v3"))
            );
            let query = asked.get("q").expect("a search");
            let since = query.strip_prefix("created_at:[").and_then(|q| q.strip_suffix(" TO *]"));
            let since = since.expect("a range").to_owned();
            let page: usize = asked.get("page").expect("a page").parse().expect("a number");
            assert!(page < 10, "page {page} is refused");
            let users = (0..total).filter(|n| since == "*" || created(*n) >= since);
            let users = users.skip(page * 100).take(100).map(|n| {
                json!({"user_id": format!("auth0|{n}"), "created_at": created(n),
                    "email": format!("u{n}@corp.example"), "blocked": n == 1 || n == 2})
            });
            return Reply::json(&users.collect::<Value>());
        }
        let user = asked.path.strip_prefix("/api/v2/users/auth0%7C").expect("a user");
        Reply::json(&match user.strip_suffix("/authentication-methods").expect("methods") {
            "0" => json!([
                {"type": "password"},
                {"type": "phone", "confirmed": true, "preferred_authentication_method": "voice"},
                {"type": "totp", "confirmed": false, "created_at": "2025-10-01T10:00:00.000Z"}
            ]),
            "1" => json!([{"type": "webauthn-roaming", "confirmed": true}]),
            _ => json!([{"type": "password"}, {"type": "email-verification"}]),
        })
    }
}

#[tokio::test]
async fn auth0_tells_all_users_although_a_search_ends_at_a_thousand() {
    let scratch = tempfile::tempdir().expect("a directory");
    let server = Server::start(auth0(2_050)).await;
    let found = told(&server.account(&scratch, "auth0", "client_id = 'a'")).await;
    assert_eq!(found.len(), 2_051, "u0 has two");
    let of = |login: &str| -> Vec<&String> {
        found.iter().filter(|one| one.starts_with(&format!("{login}@"))).collect()
    };
    let wanted = ["u0@corp.example totp pending 2025-10-01", "u0@corp.example voice active"];
    assert_eq!(of("u0"), wanted);
    assert_eq!(of("u1"), ["u1@corp.example hardware_key disabled"]);
    assert_eq!(of("u2"), ["u2@corp.example none disabled"]);
    assert_eq!(of("u2049"), ["u2049@corp.example none active"]);
}

#[tokio::test]
async fn more_users_of_a_moment_than_a_search_shows_are_an_error() {
    let scratch = tempfile::tempdir().expect("a directory");
    let answer = |server: &Server, asked: &Asked| {
        let mut reply = auth0(3_000)(server, asked);
        if asked.path == "/api/v2/users" {
            let mut users: Vec<Value> = serde_json::from_str(&reply.body).expect("JSON");
            users.iter_mut().for_each(|user| user["created_at"] = json!(iso(TEN)));
            reply.body = json!(users).to_string();
        }
        reply
    };
    let server = Server::start(answer).await;
    let account = server.account(&scratch, "auth0", "client_id = 'a'");
    let error = snapshot(&account).await.expect_err("too many").to_string();
    assert!(error.contains("at one moment"), "{error}");
}

#[tokio::test]
async fn gitlab_tells_who_has_two_factors_if_an_administrator_asks() {
    let scratch = tempfile::tempdir().expect("a directory");
    let answer = |server: &Server, asked: &Asked| {
        assert_eq!(asked.header("authorization"), "Bearer t0ps3cret");
        let user = |name: &str, state: &str, has: bool| json!({"id": 1, "username": name, "state": state, "two_factor_enabled": has});
        match asked.get("cursor") {
            None => {
                let link = format!("<{}/api/v4/users?cursor=1>; rel=\"next\"", server.url);
                Reply::json(&json!([user("Ada", "active", true), user("ben", "active", false)]))
                    .with("link", link)
            }
            Some(_) => {
                Reply::json(&json!([user("carl", "blocked", true), user("dan", "blocked", false)]))
            }
        }
    };
    let server = Server::start(answer).await;
    let account = server.account(&scratch, "gitlab", "factors = true");
    assert!(account.readers.is_empty());
    let wanted =
        ["ada unknown active", "ben none active", "carl unknown disabled", "dan none disabled"];
    assert_eq!(told(&account).await, wanted);
    let server = Server::start(|_, _| Reply::json(&json!([{"username": "ada"}]))).await;
    let account = server.account(&scratch, "gitlab", "factors = true");
    let error = snapshot(&account).await.expect_err("it can't be seen").to_string();
    assert!(error.contains("administrator"), "{error}");
}

fn keycloak(_: &Server, asked: &Asked) -> Reply {
    if asked.path == "/realms/corp/protocol/openid-connect/token" {
        assert!(asked.body.contains("grant_type=client_credentials"), "{}", asked.body);
        return Reply::json(&json!({"access_token": "x", "expires_in": 60}));
    }
    if asked.path == "/admin/realms/corp/users" {
        assert_eq!(asked.get("max"), Some("100"));
        let first: usize = asked.get("first").map_or(0, |first| first.parse().expect("a number"));
        let users = (first..250).take(100);
        let users = users.map(
            |n| json!({"id": format!("id-{n}"), "username": format!("u{n}"), "enabled": n < 248}),
        );
        return Reply::json(&users.collect::<Value>());
    }
    let of = asked.path.strip_prefix("/admin/realms/corp/users/id-").expect("a user");
    Reply::json(&match of.strip_suffix("/credentials").expect("credentials") {
        "0" => json!([
            {"id": "1", "type": "password", "createdDate": 1_772_359_200_000_i64},
            {"id": "2", "type": "otp", "createdDate": 1_772_359_200_000_i64},
            {"id": "3", "type": "webauthn-passwordless"}
        ]),
        "249" => json!([{"id": "4", "type": "recovery-authn-codes"}]),
        _ => json!([{"id": "5", "type": "password"}]),
    })
}

#[tokio::test]
async fn keycloak_tells_users_of_a_realm_over_all_pages() {
    let scratch = tempfile::tempdir().expect("a directory");
    let server = Server::start(keycloak).await;
    let more = "organisation = 'corp'\nclient_id = 'rollcall'\nfactors = true";
    let found = told(&server.account(&scratch, "keycloak", more)).await;
    assert_eq!(found.len(), 251, "u0 has two");
    let of = |login: &str| -> Vec<&String> {
        found.iter().filter(|one| one.starts_with(&format!("{login} "))).collect()
    };
    assert_eq!(of("u0"), ["u0 passkey active", "u0 totp active 2026-03-01"]);
    assert_eq!(of("u1"), ["u1 none active"]);
    assert_eq!(of("u248"), ["u248 none disabled"]);
    assert_eq!(of("u249"), ["u249 recovery_code disabled"]);
}

/// A key and its public half, made by openssl: PKCS #8 in PEM, PKCS #1 in DER.
fn rsa_key(scratch: &tempfile::TempDir) -> (String, Vec<u8>) {
    let openssl = |arguments: &[&str]| {
        let output = std::process::Command::new("openssl").args(arguments).output();
        let output = output.expect("openssl runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let path = scratch.path().join("key.pem");
    let path = path.to_str().expect("a path");
    let pem = openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]);
    std::fs::write(path, &pem).expect("a file");
    let public = openssl(&["rsa", "-in", path, "-RSAPublicKey_out", "-outform", "DER"]);
    (String::from_utf8(pem).expect("text"), public)
}

/// The claims of a statement, if it is signed with a key.
fn claims(statement: &str, public: &[u8]) -> Value {
    let (said, signature) = statement.rsplit_once('.').expect("a signature");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64");
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public);
    key.verify(said.as_bytes(), &signature).expect("it fits");
    let (_, claims) = said.split_once('.').expect("claims");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).expect("base64")).expect("JSON")
}

#[tokio::test]
async fn google_workspace_tells_who_has_two_steps_to_a_signed_statement() {
    let scratch = tempfile::tempdir().expect("a directory");
    let (pem, public) = rsa_key(&scratch);
    let answer = move |server: &Server, asked: &Asked| {
        if asked.path == "/token" {
            let form = url::Url::parse(&format!("http://x?{}", asked.body)).expect("a form");
            let form: std::collections::BTreeMap<_, _> = form.query_pairs().into_owned().collect();
            assert_eq!(form["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
            let claims = claims(&form["assertion"], &public);
            assert_eq!(claims["aud"], format!("{}/token", server.url));
            assert_eq!(
                (&claims["iss"], &claims["sub"]),
                (&json!("r@p.example"), &json!("admin@corp.example"))
            );
            assert_eq!(claims["iat"], server.now() / SECOND);
            return Reply::json(&json!({"access_token": "t0k3n", "expires_in": 3600}));
        }
        assert_eq!(asked.header("authorization"), "Bearer t0k3n");
        assert_eq!(
            (asked.path.as_str(), asked.get("customer")),
            ("/admin/directory/v1/users", Some("my_customer"))
        );
        let user = |name: &str, has: bool, is_off: bool| json!({"primaryEmail": name, "isEnrolledIn2Sv": has, "suspended": is_off});
        Reply::json(&match asked.get("pageToken") {
            None => {
                json!({"users": [user("Ada@corp.example", true, false), user("ben@corp.example", false, false)], "nextPageToken": "a+b="})
            }
            Some("a+b=") => {
                json!({"users": [user("carl@corp.example", true, true), user("dan@corp.example", false, true)]})
            }
            other => panic!("{other:?}"),
        })
    };
    let server = Server::start(answer).await;
    let more =
        format!("login = '{}'\nclient_id = 'admin@corp.example'\nfactors = true", server.url);
    // The key file takes the place of a token.
    let account = |key: &str| {
        let file =
            json!({"type": "service_account", "client_email": "r@p.example", "private_key": key});
        let account = server.account(&scratch, "google_workspace", &more);
        std::fs::write(scratch.path().join("token"), file.to_string()).expect("a file");
        account
    };
    let wanted = [
        "ada@corp.example unknown active",
        "ben@corp.example none active",
        "carl@corp.example unknown disabled",
        "dan@corp.example none disabled",
    ];
    assert_eq!(told(&account(&pem)).await, wanted);
    let error = snapshot(&account("t0ps3cret")).await.expect_err("no key").to_string();
    assert!(error.contains("PKCS #8") && !error.contains("t0ps3cret"), "{error}");
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
    assert_eq!((report.subjects, report.rows), (4, 5));
    assert!(has_factors(&lake, "okta", day).expect("read"));
    assert_eq!(lake.snapshot().table(Table::Factors).rows(), 5);
}

#[tokio::test]
async fn nobody_at_all_is_no_snapshot() {
    let scratch = tempfile::tempdir().expect("a directory");
    let server = Server::start(|_, _| Reply::json(&json!([]))).await;
    let account = server.account(&scratch, "okta", "");
    let refused = snapshot(&account).await.expect_err("nobody").to_string();
    assert!(refused.contains("no account"), "{refused}");
}
