use serde_json::{Value, json};

use super::super::collect::one;
use super::SOURCE;

fn entry(kind: &str, path: &str, more: Value) -> Value {
    let mut record = json!({
        "time": "2026-03-02T08:01:11.123456789Z", "type": kind,
        "request": {"id": "7a00", "operation": "update", "path": path, "remote_address": "203.0.113.7"},
    });
    for (key, value) in more.as_object().expect("an object") {
        record[key] = value.clone();
    }
    one(&SOURCE, &record.to_string()).row().clone()
}

fn token(more: &Value) -> Value {
    let mut auth = json!({"accessor": "hmac-sha256:cd", "client_token": "hmac-sha256:ab", "display_name": "userpass-ada"});
    for (key, value) in more.as_object().expect("an object") {
        auth[key] = value.clone();
    }
    auth
}

#[test]
fn request_and_response_are_two_events_of_one_flow() {
    let request = entry("request", "auth/userpass/login/ada", json!({}));
    let response = entry(
        "response",
        "auth/userpass/login/ada",
        json!({"response": {"auth": token(&json!({}))}}),
    );
    assert_eq!(request["source_event_id"], "7a00/request");
    assert_eq!(response["source_event_id"], "7a00/response");
    assert_eq!((&request["flow_id"], &response["flow_id"]), (&"7a00".into(), &"7a00".into()));
    // Before anything is done nothing is known of how it ends.
    assert_eq!((&request["outcome"], &response["outcome"]), (&"unknown".into(), &"success".into()));
    assert!(response.get("duration_ms").is_none());
}

#[test]
fn what_vault_hashed_stays_as_it_is_and_what_it_did_not_is_hashed() {
    for (accessor, kept) in [("hmac-sha256:cd", true), ("plain0123456789", false)] {
        let row = entry(
            "response",
            "secret/data/a",
            json!({
                "auth": token(&json!({"accessor": accessor})),
                "request": {"id": "1", "operation": "read", "path": "secret/data/a", "client_token_accessor": accessor},
            }),
        );
        for column in ["credential_id", "session_id"] {
            let shown = row[column].as_str().expect("an id");
            assert_eq!(shown == accessor, kept, "{column}");
            assert!(kept || shown.len() == 32, "{column}");
        }
    }
}

#[test]
fn a_sign_in_that_was_answered_without_a_token_waits_for_a_second_factor() {
    let row = entry(
        "response",
        "auth/userpass/login/ada",
        json!({"response": {"auth": {"token_type": "default"}}}),
    );
    assert_eq!((&row["outcome"], &row["reason"]), (&"interrupted".into(), &"mfa_required".into()));
    let row =
        entry("response", "sys/mfa/validate", json!({"response": {"auth": token(&json!({}))}}));
    assert_eq!((&row["activity"], &row["mfa"]), (&"verify".into(), &"performed".into()));
    // A factor of the same request leaves no trace.
    let row = entry(
        "response",
        "auth/userpass/login/ada",
        json!({"response": {"auth": token(&json!({}))}}),
    );
    assert_eq!(row["mfa"], "unknown");
    // A wrapped token is in no `auth`.
    let row =
        entry("response", "auth/approle/login", json!({"response": {"wrap_info": {"ttl": 60}}}));
    assert_eq!(row["outcome"], "success");
}

#[test]
fn errors_say_how_it_ended() {
    for (path, error, outcome, reason) in [
        ("auth/userpass/login/ada", "invalid username or password", "failure", "bad_password"),
        // Vault says so of a sign-in whatever was wrong with it.
        ("auth/userpass/login/ada", "permission denied", "failure", "unknown"),
        (
            "secret/data/a",
            "1 error occurred:\n\t* permission denied\n\n",
            "denied",
            "not_authorized",
        ),
        ("secret/data/a", "bad token", "failure", "session_expired"),
        ("secret/data/a", "rate limit quota exceeded", "failure", "too_many_attempts"),
        (
            "sys/mfa/validate",
            "login MFA validation failed for methodID: [a]",
            "failure",
            "factor_failed",
        ),
        ("sys/mfa/validate", "push verification timed out", "abandoned", "factor_timeout"),
        ("secret/data/a", "entanglement lost", "failure", "other"),
    ] {
        let row = entry("response", path, json!({"error": error}));
        assert_eq!((&row["outcome"], &row["reason"]), (&outcome.into(), &reason.into()), "{error}");
        assert_eq!(row["reason_raw"], error);
    }
    // Beside `error` only a hash tells of one.
    let row = entry(
        "response",
        "auth/userpass/login/ada",
        json!({"response": {"data": {"error": "hmac-sha256:99"}}}),
    );
    assert_eq!((&row["outcome"], row.get("reason_raw")), (&"failure".into(), None));
}

#[test]
fn a_failed_sign_in_is_of_the_account_that_its_path_names() {
    let row = entry(
        "response",
        "auth/userpass/login/Ada",
        json!({"error": "invalid username or password"}),
    );
    assert_eq!((&row["user_name"], &row["protocol"]), (&"ada".into(), &"userpass".into()));
    assert_eq!(row["credential"], "password");
}

#[test]
fn a_mount_is_read_by_its_type_whatever_it_is_called() {
    let row = entry(
        "response",
        "auth/people/eu/login/ada",
        json!({"request": {
            "id": "1", "operation": "update", "path": "auth/people/eu/login/ada",
            "mount_point": "auth/people/eu/", "mount_type": "ldap",
        }}),
    );
    assert_eq!((&row["activity"], &row["protocol"]), (&"logon".into(), &"ldap".into()));
    assert_eq!(row["user_name"], "ada");
}

#[test]
fn policies_that_granted_are_named_else_all_of_the_token() {
    let auth = |more: Value| json!({"auth": token(&more)});
    let granted = entry(
        "response",
        "secret/data/a",
        auth(json!({
            "policies": ["default", "dev"],
            "policy_results": {"allowed": true, "granting_policies": [{"name": "dev", "type": "acl"}]},
        })),
    );
    assert_eq!((&granted["policy_name"], &granted["blocked"]), (&"dev".into(), &false.into()));
    assert_eq!(granted["policies"].as_array().map(Vec::len), Some(1));
    let old = entry("response", "secret/data/a", auth(json!({"policies": ["default", "dev"]})));
    assert!(old.get("policy_result").is_none() && old.get("blocked").is_none());
    assert_eq!(old["policies"][1]["result"], "unknown");
}

#[test]
fn who_changes_anothers_account_is_the_actor() {
    let auth = json!({"auth": token(&json!({"entity_id": "0d3c"}))});
    for (path, activity, user) in [
        ("auth/userpass/users/Bela", "account_change", Some("bela")),
        ("sys/locked-users/auth_userpass_1a2b/unlock/bela", "recovery", Some("bela")),
        ("identity/mfa/method/totp/admin-destroy", "factor_reset", None),
        ("identity/mfa/method/totp/admin-generate", "enroll", None),
    ] {
        let row = entry("response", path, auth.clone());
        assert_eq!((&row["activity"], &row["actor"]), (&activity.into(), &"userpass-ada".into()));
        assert_eq!(row.get("user_name").and_then(Value::as_str), user, "{path}");
        assert!(row.get("user_id").is_none(), "{path}");
    }
    let own = entry("response", "identity/mfa/method/totp/generate", auth);
    assert_eq!((&own["user_name"], own.get("actor")), (&"userpass-ada".into(), None));
}

#[test]
fn a_path_that_is_not_known_is_kept_as_an_access() {
    let row = entry("response", "quantum/entangle", json!({"auth": token(&json!({}))}));
    assert_eq!(
        (&row["activity"], &row["resource"]),
        (&"access".into(), &"quantum/entangle".into())
    );
}
