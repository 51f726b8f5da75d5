use serde_json::{Value, json};

use super::super::collect::one;
use super::SOURCE;

fn event(name: &str, code: &str, more: Value) -> Value {
    let mut record = json!({
        "ei": 0, "event": name, "code": code, "uid": "b675", "time": "2026-03-02T07:01:50.628Z",
        "cluster_name": "tele.corp.example", "user": "Ada",
    });
    for (key, value) in more.as_object().expect("an object") {
        record[key] = value.clone();
    }
    one(&SOURCE, &record.to_string()).row().clone()
}

#[test]
fn a_second_factor_is_what_teleport_names_and_a_provider_names_none() {
    let device = |kind: &str| json!({"mfa_device_type": kind, "mfa_device_uuid": "d07b"});
    for (method, device, mfa, factor) in [
        ("local", device("TOTP"), "performed", Some("totp")),
        ("local", device("WebAuthn"), "performed", Some("webauthn")),
        ("local", device("Telepathy"), "performed", Some("other")),
        // Older versions name no device, whether there was one or not.
        ("local", Value::Null, "unknown", None),
        ("saml", Value::Null, "unknown", None),
        ("oidc", Value::Null, "unknown", None),
        ("github", Value::Null, "unknown", None),
    ] {
        let row = event(
            "user.login",
            "T1000I",
            json!({"success": true, "method": method, "mfa_device": device}),
        );
        assert_eq!((&row["activity"], &row["mfa"]), (&"logon".into(), &mfa.into()), "{method}");
        assert_eq!(row.get("factor").and_then(Value::as_str), factor, "{method}");
    }
    let failed = event(
        "user.login",
        "T1000W",
        json!({"success": false, "method": "local", "mfa_device": device("TOTP")}),
    );
    assert_eq!(failed["mfa"], "unknown");
}

#[test]
fn devices_are_hashed() {
    let row =
        event("mfa.add", "T1006I", json!({"mfa_device_type": "TOTP", "mfa_device_uuid": "d07b"}));
    let id = row["factor_id"].as_str().expect("an id");
    assert!(id.len() == 32 && !id.contains("d07b"));
    assert_eq!((&row["activity"], &row["factor"]), (&"enroll".into(), &"totp".into()));
}

#[test]
fn a_session_with_a_verified_certificate_is_a_claim_in_the_token() {
    let row =
        event("session.start", "T2000I", json!({"with_mfa": "d07b", "server_hostname": "web-1"}));
    assert_eq!((&row["mfa"], &row["platform"]), (&"claim_in_token".into(), &"ssh".into()));
    assert_eq!(event("session.start", "T2000I", json!({}))["mfa"], "unknown");
}

#[test]
fn where_success_is_not_said_the_code_tells() {
    for (code, outcome) in
        [("T2000I", "success"), ("T2000W", "failure"), ("T2000E", "failure"), ("T2000", "unknown")]
    {
        assert_eq!(event("future.event", code, json!({}))["outcome"], outcome, "{code}");
    }
    let row = event("user.login", "T1000I", json!({"success": false, "error": "x"}));
    assert_eq!(row["outcome"], "failure");
}

#[test]
fn teleport_does_not_say_whether_password_or_code_was_wrong() {
    let row = event(
        "user.login",
        "T1000W",
        json!({"success": false, "method": "local", "error": "invalid username, password or second factor"}),
    );
    assert_eq!((&row["outcome"], &row["reason"]), (&"failure".into(), &"unknown".into()));
}

#[test]
fn a_headless_login_that_waits_is_a_challenge_and_one_that_was_rejected_is_denied() {
    for (code, success, activity, outcome) in [
        ("T1012I", false, "challenge", "interrupted"),
        ("T1013I", true, "logon", "success"),
        ("T1013W", false, "logon", "failure"),
        ("T1014W", false, "logon", "denied"),
    ] {
        let row = event("user.login", code, json!({"method": "headless", "success": success}));
        assert_eq!(
            (&row["activity"], &row["outcome"]),
            (&activity.into(), &outcome.into()),
            "{code}"
        );
    }
}

#[test]
fn a_connector_that_is_tried_out_signs_nobody_in() {
    assert_eq!(
        event("user.login", "T1010I", json!({"success": true, "method": "saml"}))["activity"],
        "admin"
    );
}

#[test]
fn a_challenge_and_its_answer_share_no_key() {
    let asked = event(
        "mfa_auth_challenge.create",
        "T1015I",
        json!({"challenge_scope": "CHALLENGE_SCOPE_LOGIN"}),
    );
    let given = event(
        "mfa_auth_challenge.validate",
        "T1016I",
        json!({"success": true, "mfa_device": {"mfa_device_type": "WebAuthn"}}),
    );
    assert_eq!((&asked["activity"], &given["activity"]), (&"challenge".into(), &"verify".into()));
    assert_eq!((&asked["mfa"], &given["mfa"]), (&"unknown".into(), &"performed".into()));
    assert!(asked.get("flow_id").is_none() && given.get("flow_id").is_none());
}

#[test]
fn an_access_request_is_decided_by_its_review() {
    for (state, outcome, blocked) in [("APPROVED", "success", false), ("DENIED", "denied", true)] {
        let row = event(
            "access_request.review",
            "T5002I",
            json!({"user": null, "proposed_state": state, "reviewer": "Bela", "id": "r1"}),
        );
        assert_eq!(
            (&row["activity"], &row["outcome"]),
            (&"policy_decision".into(), &outcome.into())
        );
        assert_eq!((&row["actor"], &row["blocked"]), (&"Bela".into(), &blocked.into()));
        assert_eq!(row["flow_id"], "r1");
    }
    let asked = event(
        "access_request.create",
        "T5000I",
        json!({"state": "PENDING", "roles": ["prod", "db"], "id": "r1"}),
    );
    assert_eq!((&asked["activity"], &asked["outcome"]), (&"elevate".into(), &"interrupted".into()));
    assert_eq!(asked["resource"], "prod, db");
    assert_eq!(asked["flow_id"], "r1");
}

#[test]
fn a_bot_is_never_interactive_and_a_lock_is_of_whom_it_shuts_out() {
    let row =
        event("user.login", "T1000I", json!({"success": true, "method": "local", "user_kind": 2}));
    assert_eq!((&row["interactive"], &row["user_type"]), (&false.into(), &"bot".into()));
    let row =
        event("lock.created", "TLK00I", json!({"name": "lock-1", "target": {"user": "Carl"}}));
    assert_eq!((&row["user_name"], &row["actor"]), (&"carl".into(), &"Ada".into()));
    assert_eq!(row["reason"], "locked");
}

#[test]
fn an_event_that_is_not_known_is_kept_as_an_access() {
    let row = event("quantum.entangle", "TQ000I", json!({"name": "pair-1"}));
    assert_eq!((&row["activity"], &row["user_name"]), (&"access".into(), &"ada".into()));
    assert_eq!(row["resource"], "pair-1");
}
