//! An identity provider provisions people: durable at once, in the directory within seconds.

use serde_json::{Value, json};

use crate::http::{exchange, request};
use crate::rollcall::{Rollcall, Server, eventually};

/// A provider with a token.
struct Provider {
    token: String,
}

impl Provider {
    fn of(rollcall: &Rollcall, name: &str) -> Self {
        let token = rollcall.run(&["token", "create", name, "--scim"]).trim().to_owned();
        Self { token }
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![
            ("authorization", format!("Bearer {}", self.token)),
            ("content-type", "application/scim+json".to_owned()),
        ]
    }

    #[track_caller]
    fn ask(&self, server: &Server, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let path = format!("/scim/v2/{path}");
        let (status, text) =
            request(&server.address, method, &path, &self.headers(), body.as_bytes())
                .expect("an answer");
        let answer =
            if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect("JSON") };
        (status, answer)
    }

    /// Makes a user; returns its id.
    #[track_caller]
    fn user(&self, server: &Server, body: Value) -> String {
        let (status, answer) = self.ask(server, "POST", "Users", Some(body));
        assert_eq!(status, 201, "{answer}");
        answer["id"].as_str().expect("an id").to_owned()
    }
}

const PEOPLE: &str = "SELECT name, kind, team, logins FROM people ORDER BY name";

#[test]
fn people_are_provisioned_changed_and_taken_away() {
    let rollcall = Rollcall::new();
    let file = r#"[{"id": "p1", "name": "Bo Hart", "logins": ["okta:bo@corp.example", "github:bo-dev"], "team": "red"},
        {"id": "machines", "name": "Machines", "kind": "service", "logins": "github:svc-*"}]"#;
    let file = rollcall.file("people.json", file);
    rollcall.run(&["people", "import", file.to_str().expect("a path")]);
    let server = rollcall.serve(&[]);
    let okta = Provider::of(&rollcall, "okta-provisioning");
    let (status, config) = okta.ask(&server, "GET", "ServiceProviderConfig", None);
    assert_eq!((status, &config["patch"]["supported"]), (200, &json!(true)));
    for path in ["Schemas", "ResourceTypes", "ResourceTypes/User"] {
        assert_eq!(okta.ask(&server, "GET", path, None).0, 200, "{path}");
    }
    // A provider looks before it makes.
    let look = "Users?filter=userName%20eq%20%22ada%40corp.example%22&startIndex=1&count=100";
    assert_eq!(okta.ask(&server, "GET", look, None).1["totalResults"], 0);
    let ada = okta.user(
        &server,
        json!({"userName": "Ada@corp.example", "displayName": "Ada Lovell", "active": true}),
    );
    let bo = okta.user(&server, json!({"userName": "bo@corp.example"}));
    assert_eq!(okta.ask(&server, "GET", look, None).1["Resources"][0]["id"], ada);
    let members = json!([{"value": ada}, {"value": bo}]);
    let group = json!({"displayName": "Platform", "members": members});
    assert_eq!(okta.ask(&server, "POST", "Groups", Some(group)).0, 201);
    eventually("both are in the directory", || {
        rollcall.sql(PEOPLE)
            == ["Ada Lovell,human,Platform,1", "Bo Hart,human,Platform,3", "Machines,service,,1"]
    });
    assert_eq!(
        rollcall.sql("SELECT person FROM logins WHERE login = 'bo-dev' AND valid_to IS NULL"),
        ["p1"]
    );
    let off = json!({"Operations": [{"op": "Replace", "path": "active", "value": "False"}]});
    let (status, answer) = okta.ask(&server, "PATCH", &format!("Users/{ada}"), Some(off));
    assert_eq!((status, &answer["active"]), (200, &json!(false)), "{answer}");
    let ended = "SELECT count(*) FROM people WHERE name = 'Ada Lovell' AND valid_to IS NOT NULL";
    eventually("ada's logins end with the day", || rollcall.number(ended) == 1);
    assert_eq!(okta.ask(&server, "DELETE", &format!("Users/{bo}"), None).0, 204);
    assert_eq!(okta.ask(&server, "GET", &format!("Users/{bo}"), None).0, 404);
    // The file stands again, with who is provisioned beside it.
    server.stop();
    rollcall.run(&["people", "import", file.to_str().expect("a path")]);
    assert_eq!(
        rollcall.sql(PEOPLE),
        ["Ada Lovell,human,Platform,1", "Bo Hart,human,red,2", "Machines,service,,1"]
    );
    rollcall.run(&["verify"]);
}

#[test]
fn what_was_answered_outlives_a_kill_and_is_committed_by_the_next_start() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let entra = Provider::of(&rollcall, "entra");
    let ids: Vec<String> = (0..20)
        .map(|n| entra.user(&server, json!({"userName": format!("user{n}@corp.example")})))
        .collect();
    server.kill();
    let server = rollcall.serve(&[]);
    for id in &ids {
        assert_eq!(entra.ask(&server, "GET", &format!("Users/{id}"), None).0, 200);
    }
    eventually("all are in the directory", || rollcall.number("SELECT count(*) FROM people") == 20);
    // A backup has what the provider knows them by, and a restore gives it back.
    let backup = rollcall.folder().join("backup");
    let path = |path: &std::path::Path| path.to_str().expect("a path").to_owned();
    rollcall.run(&["backup", &path(&backup)]);
    server.stop();
    let kept = std::fs::read(rollcall.data().join("scim")).expect("the file");
    assert_eq!(std::fs::read(backup.join("scim")).expect("the copy"), kept);
    let elsewhere = Rollcall::new();
    elsewhere.run(&["restore", &path(&backup)]);
    assert_eq!(std::fs::read(elsewhere.data().join("scim")).expect("restored"), kept);
}

#[test]
fn a_token_provisions_or_sends_events_and_never_both() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let provider = Provider::of(&rollcall, "entra");
    let nobody = Provider { token: "rc_nobodys_secret".to_owned() };
    let sender = Provider { token: server.token.clone() };
    for (who, status, said) in
        [(&nobody, 401, "token create --scim"), (&sender, 403, "may not provision")]
    {
        let (answered, body) = who.ask(&server, "GET", "Users", None);
        assert_eq!(answered, status);
        assert_eq!(body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
        assert_eq!(body["status"], status.to_string());
        assert!(body["detail"].as_str().is_some_and(|detail| detail.contains(said)), "{body}");
    }
    let headers = [("authorization", format!("Bearer {}", provider.token))];
    let (status, said) =
        request(&server.address, "POST", "/v1/events?source=okta", &headers, b"{}")
            .expect("an answer");
    assert!(status == 403 && said.contains("sends no events"), "{said}");
    // Versions: a reader that has it gets nothing, a writer with an old one is refused.
    let id = provider.user(&server, json!({"userName": "ada"}));
    let path = format!("/scim/v2/Users/{id}");
    let with = |name: &'static str, version: &str| {
        let mut headers = provider.headers();
        headers.push((name, version.to_owned()));
        headers
    };
    let (head, _) = exchange(&server.address, "GET", &path, &with("if-none-match", "W/\"1\""), b"")
        .expect("an answer");
    assert!(head.starts_with("HTTP/1.1 304"), "{head}");
    let (status, _) = request(&server.address, "DELETE", &path, &with("if-match", "W/\"7\""), b"")
        .expect("an answer");
    assert_eq!(status, 412);
    assert_eq!(provider.ask(&server, "POST", "Users", Some(json!({"userName": "ADA"}))).0, 409);
    assert_eq!(provider.ask(&server, "POST", "Nothing", Some(json!({}))).0, 404);
    server.stop();
}

#[test]
fn who_is_erased_is_not_provisioned_again_by_what_was_kept() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let okta = Provider::of(&rollcall, "okta");
    okta.user(&server, json!({"userName": "ada.lovell@corp.example", "displayName": "Ada Lovell"}));
    okta.user(&server, json!({"userName": "bo.hart@corp.example", "displayName": "Bo Hart"}));
    eventually("both are there", || rollcall.number("SELECT count(*) FROM people") == 2);
    rollcall.run(&["erase", "ada.lovell@corp.example"]);
    assert_eq!(okta.ask(&server, "GET", "Users", None).1["totalResults"], 1);
    server.stop();
    assert_eq!(rollcall.sql("SELECT name FROM people"), ["Bo Hart"]);
    let kept = std::fs::read_to_string(rollcall.data().join("scim")).expect("the file");
    assert!(kept.contains("bo.hart") && !kept.to_lowercase().contains("lovell"), "{kept}");
}
