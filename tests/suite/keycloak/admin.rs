//! The administration: a realm with people and clients, and what an administrator does.

use std::cell::Cell;

use serde_json::{Value, json};

use super::browser::{back, form};
use super::server::{ADMINISTRATOR, PASSWORD};

/// Clients: one that keeps a secret, one that can't, and a service.
pub const SECRET: &str = "four-wrens-in-ivy";

/// An administrator, who signs in for each call: a token is good for a minute only.
pub struct Admin<'a> {
    address: &'a str,
    sign_ins: Cell<i64>,
}

impl<'a> Admin<'a> {
    /// An administrator of the server there.
    pub fn new(address: &'a str) -> Self {
        Self { address, sign_ins: Cell::new(0) }
    }

    /// How often it signed in.
    pub fn sign_ins(&self) -> i64 {
        self.sign_ins.get()
    }

    /// One call, which must work.
    #[track_caller]
    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let fields = [
            ("grant_type", "password"),
            ("client_id", "admin-cli"),
            ("username", ADMINISTRATOR),
            ("password", PASSWORD),
        ];
        let (status, answer) = token(self.address, "master", &fields);
        assert_eq!(status, 200, "{answer}");
        self.sign_ins.set(self.sign_ins.get() + 1);
        let bearer = format!("Bearer {}", answer["access_token"].as_str().expect("a token"));
        let headers = [("authorization", bearer), ("content-type", "application/json".to_owned())];
        let body = body.map(Value::to_string).unwrap_or_default();
        let path = format!("/admin/realms{path}");
        let (status, answer) =
            crate::http::request(self.address, method, &path, &headers, body.as_bytes())
                .expect("an answer");
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        serde_json::from_str(&answer).unwrap_or_default()
    }

    /// Makes the realm `corp`: `people` are names, with the secret of their codes where
    /// they have some, and what they have to do first.
    pub fn make_realm(&self, people: &[(&str, Option<&str>, &[&str])]) {
        let people: Vec<Value> =
            people.iter().map(|(name, codes, actions)| person(name, *codes, actions)).collect();
        let client = |id: &str| json!({"clientId": id, "redirectUris": [back(id)]});
        let with = |mut client: Value, more: &[(&str, Value)]| {
            for (key, value) in more {
                client[*key] = value.clone();
            }
            client
        };
        let realm = json!({
            "realm": "corp", "enabled": true, "sslRequired": "none",
            "eventsEnabled": true, "adminEventsEnabled": true,
            "eventsListeners": ["jboss-logging"],
            "bruteForceProtected": true, "failureFactor": 3, "waitIncrementSeconds": 900,
            "quickLoginCheckMilliSeconds": 0,
            "users": people,
            "clients": [
                with(client("payroll"), &[
                    ("secret", json!(SECRET)), ("directAccessGrantsEnabled", json!(true)),
                ]),
                with(client("wiki"), &[("publicClient", json!(true))]),
                with(client("deployer"), &[
                    ("secret", json!(SECRET)), ("serviceAccountsEnabled", json!(true)),
                    ("standardFlowEnabled", json!(false)),
                ]),
            ],
        });
        self.call("POST", "", Some(&realm));
    }

    /// The id of a person.
    #[track_caller]
    pub fn id(&self, name: &str) -> String {
        let found = self.call("GET", &format!("/corp/users?exact=true&username={name}"), None);
        found[0]["id"].as_str().unwrap_or_else(|| panic!("no {name}: {found}")).to_owned()
    }

    /// The id of a person's device for codes.
    #[track_caller]
    pub fn device(&self, id: &str) -> String {
        let found = self.call("GET", &format!("/corp/users/{id}/credentials"), None);
        let all = found.as_array().expect("a list");
        let device = all.iter().find(|one| one["type"] == "otp").expect("a device");
        device["id"].as_str().expect("an id").to_owned()
    }
}

/// Asks a realm for a token; the status and the answer.
pub fn token(address: &str, realm: &str, fields: &[(&str, &str)]) -> (u16, Value) {
    let path = format!("/realms/{realm}/protocol/openid-connect/token");
    let headers = [("content-type", "application/x-www-form-urlencoded".to_owned())];
    let (status, answer) =
        crate::http::request(address, "POST", &path, &headers, form(fields).as_bytes())
            .expect("an answer");
    (status, serde_json::from_str(&answer).unwrap_or_default())
}

/// The password of a person.
pub fn password(name: &str) -> String {
    format!("{name}-likes-long-words")
}

fn person(name: &str, codes: Option<&str>, actions: &[&str]) -> Value {
    let mut credentials =
        vec![json!({"type": "password", "value": password(name), "temporary": false})];
    if let Some(secret) = codes {
        credentials.push(json!({
            "type": "otp", "userLabel": "phone",
            "secretData": json!({"value": secret}).to_string(),
            "credentialData": json!({
                "subType": "totp", "digits": 6, "counter": 0, "period": 30,
                "algorithm": "HmacSHA1",
            }).to_string(),
        }));
    }
    json!({
        "username": name, "enabled": true, "email": format!("{name}@corp.example"),
        "emailVerified": true, "firstName": name, "lastName": "Example",
        "credentials": credentials, "requiredActions": actions,
    })
}
