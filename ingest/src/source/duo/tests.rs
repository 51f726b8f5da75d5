use serde_json::{Value, json};

use super::super::collect::{Collected, Verdict, one};
use super::SOURCE;

fn record(factor: &str, result: &str, reason: &str, more: &Value) -> String {
    let mut record = json!({
        "txid": "t-1", "isotimestamp": "2026-03-02T10:00:00.5+00:00", "timestamp": 1_772_445_600,
        "event_type": "authentication", "factor": factor, "result": result, "reason": reason,
        "user": {"key": "DU1", "name": "Ada@corp.example"},
        "application": {"key": "DI1", "name": "Corp VPN"},
        "access_device": {"ip": "203.0.113.9"}, "auth_device": {"key": "DP1"},
    });
    for (key, value) in more.as_object().expect("an object") {
        record[key] = value.clone();
    }
    record.to_string()
}

fn event(factor: &str, result: &str, reason: &str) -> Value {
    one(&SOURCE, &record(factor, result, reason, &json!({}))).row().clone()
}

fn with(more: &Value) -> Value {
    one(&SOURCE, &record("duo_push", "success", "user_approved", more)).row().clone()
}

#[test]
fn addresses_lose_what_duo_writes_behind_them_and_placeholders_are_none() {
    for (written, expected) in [
        ("203.0.113.9#51234", Some("203.0.113.9")),
        ("[2001:db8::7]:443", Some("2001:db8::7")),
        ("203.0.113.9 port 22", Some("203.0.113.9")),
        ("0.0.0.0", None),
        ("", None),
    ] {
        let row = with(&json!({"access_device": {"ip": written}}));
        assert_eq!(row.get("ip").and_then(Value::as_str), expected, "{written}");
    }
}

#[test]
fn no_duration_is_measured() {
    let row = event("duo_push", "success", "user_approved");
    assert!(row.get("duration_ms").is_none() && row.get("duration_basis").is_none());
}

#[test]
fn a_success_that_asked_for_nothing_is_not_mfa() {
    for (factor, reason, mfa) in [
        ("duo_push", "user_approved", "performed"),
        ("duo_mobile_passcode", "valid_passcode", "performed"),
        ("not_available", "user_approved", "performed"),
        ("remembered_device", "remembered_device", "remembered"),
        ("trusted_network", "trusted_network", "not_required"),
        ("not_available", "trusted_location", "not_required"),
        ("not_available", "allowed_by_policy", "not_required"),
        ("not_available", "allow_unenrolled_user", "not_required"),
        ("bypass_code", "valid_passcode", "bypassed"),
        ("not_available", "bypass_user", "bypassed"),
        ("not_available", "", "unknown"),
        ("a_factor_of_next_year", "a_reason_of_next_year", "unknown"),
    ] {
        let row = event(factor, "success", reason);
        assert_eq!(row["mfa"], mfa, "{factor} {reason}");
        assert_eq!(row["outcome"], "success", "{factor} {reason}");
    }
}

#[test]
fn what_duo_calls_denied_is_told_apart_by_its_reason() {
    for (result, said, outcome, reason) in [
        ("denied", "no_response", "abandoned", "factor_timeout"),
        ("denied", "call_timed_out", "abandoned", "factor_timeout"),
        ("denied", "user_cancelled", "abandoned", "abandoned"),
        ("denied", "invalid_passcode", "failure", "factor_failed"),
        ("denied", "error", "error", "service_error"),
        ("denied", "locked_out", "denied", "locked"),
        ("denied", "location_restricted", "denied", "policy"),
        ("denied", "anomalous_push", "denied", "risk"),
        ("fraud", "user_marked_fraud", "denied", "factor_denied"),
        ("denied", "a_reason_of_next_year", "denied", "other"),
        ("failure", "", "failure", "unknown"),
    ] {
        let row = event("duo_push", result, said);
        let found = (row["outcome"].as_str(), row["reason"].as_str());
        assert_eq!(found, (Some(outcome), Some(reason)), "{result} {said}");
    }
}

#[test]
fn factors_keep_their_strength_and_devices_only_a_hash() {
    for (name, factor, phishing_resistant) in [
        ("duo_push", "push", Some(false)),
        ("verified_duo_push", "push_number", Some(false)),
        ("WebAuthn Security Key", "hardware_key", Some(true)),
        ("WebAuthn Chrome Touch ID", "webauthn", Some(true)),
        ("yubikey_code", "hardware_otp", Some(false)),
        ("passcode", "other", None),
    ] {
        let row = event(name, "success", "user_approved");
        assert_eq!(row["factor"], factor, "{name}");
        assert_eq!(row.get("phishing_resistant").and_then(Value::as_bool), phishing_resistant);
        let id = row["factor_id"].as_str().expect("a hash");
        assert!(id.len() == 32 && !id.contains("DP1"), "{id}");
    }
    let row = event("remembered_device", "success", "remembered_device");
    assert!(row.get("factor").is_none() && row.get("factor_id").is_none());
}

#[test]
fn new_codes_that_were_asked_for_are_no_try() {
    let row = event("sms_refresh", "success", "");
    assert_eq!((&row["activity"], &row["mfa"]), (&"challenge".into(), &"unknown".into()));
}

#[test]
fn the_phone_is_not_where_the_access_comes_from() {
    let row = with(&json!({"auth_device": {"ip": "198.51.100.200", "key": "DP1"}}));
    assert_eq!(row["ip"], "203.0.113.9");
}

#[test]
fn low_trust_asks_only_where_the_policy_binds() {
    for (enabled, mode, result) in [
        (json!(true), "enforced", "challenged"),
        (json!(false), "report_only", "would_challenge"),
        (json!(null), "unknown", "unknown"),
    ] {
        let row = with(&json!({"adaptive_trust_assessments": {
            "more_secure_auth": {"policy_enabled": enabled, "trust_level": "LOW"}
        }}));
        let policies = row["policies"].as_array().expect("a list");
        assert_eq!(policies.len(), 1);
        assert_eq!((&policies[0]["mode"], &policies[0]["result"]), (&mode.into(), &result.into()));
        assert!(row.get("blocked").is_none());
    }
}

#[test]
fn the_answer_its_list_and_the_event_alone_give_the_same_row() {
    let bare = record("duo_push", "success", "user_approved", &json!({}));
    let rows = [
        bare.clone(),
        format!("[{bare}]"),
        format!(r#"{{"authlogs":[{bare}],"metadata":{{}}}}"#),
        format!(r#"{{"response":{{"authlogs":[{bare}],"metadata":{{}}}},"stat":"OK"}}"#),
    ]
    .map(|record| one(&SOURCE, &record).row().clone());
    assert!(rows.iter().all(|row| *row == rows[0]), "{rows:#?}");
}

fn act(name: &str, actor: &Value, target: &Value) -> Value {
    let record = json!({
        "activity_id": "a-1", "ts": "2026-03-02T10:00:00.5+00:00",
        "action": {"name": name, "details": null}, "actor": actor, "target": target,
        "outcome": null, "access_device": {"ip": {"address": "203.0.113.9"}},
    });
    one(&SOURCE, &record.to_string()).row().clone()
}

fn administrator(name: &str, object: &str, description: &str) -> Value {
    let record = json!({
        "action": name, "object": object, "username": "Grace Hopper",
        "description": description, "isotimestamp": "2026-03-02T10:00:00+00:00",
        "timestamp": 1_772_445_600,
    });
    one(&SOURCE, &record.to_string()).row().clone()
}

#[test]
fn what_is_done_to_somebody_is_theirs_and_not_the_administrators() {
    let grace = json!({"key": "DE1", "name": "Grace Hopper", "type": "admin"});
    let ada = json!({"key": "DU1", "name": "Ada", "type": "user"});
    let row = act("deregister_devices", &grace, &ada);
    assert_eq!((&row["user_name"], &row["actor"]), (&"ada".into(), &"Grace Hopper".into()));
    assert_eq!((&row["user_id"], &row["activity"]), (&"DU1".into(), &"factor_reset".into()));
    let of_bypass = json!({"key": "DU1", "name": "Ada", "type": "user_bypass"});
    let row = act("bypass_create", &grace, &of_bypass);
    assert_eq!((&row["user_name"], &row["factor"]), (&"ada".into(), &"bypass_code".into()));
    // Whose a thing is that an administrator takes away isn't said.
    let phone = json!({"key": "DP1", "name": "+12025550143", "type": "phone"});
    let row = act("phone_delete", &grace, &phone);
    assert_eq!((&row["actor"], &row["resource"]), (&"Grace Hopper".into(), &"+12025550143".into()));
    assert!(row.get("user_name").is_none(), "the phone isn't hers: {row}");
    let row = act("phone_delete", &ada, &phone);
    assert_eq!((&row["user_name"], &row["activity"]), (&"ada".into(), &"unenroll".into()));
    let row = act("admin_activate_duo_push", &grace, &json!({}));
    assert_eq!((&row["user_name"], &row["activity"]), (&"grace hopper".into(), &"enroll".into()));
    let row = act("user_update", &ada, &ada);
    assert!(row["user_name"] == "ada" && row.get("actor").is_none(), "{row}");
    let row = administrator("user_update", "Ada", "{}");
    assert_eq!((&row["user_name"], &row["actor"]), (&"ada".into(), &"Grace Hopper".into()));
}

#[test]
fn both_logs_of_acts_say_the_same_of_an_act() {
    let grace = json!({"key": "DE1", "name": "Grace Hopper", "type": "admin"});
    let thing = json!({"key": "K1", "name": "a thing", "type": "thing"});
    for name in [
        "admin_login",
        "admin_login_error",
        "admin_2fa_error",
        "webauthncredential_create",
        "u2ftoken_delete",
        "policy_update",
        "hardtoken_create",
        "ad_sync_failed",
        "an_act_of_next_year",
    ] {
        let (new, old) = (act(name, &grace, &thing), administrator(name, "a thing", "words"));
        for column in ["activity", "outcome", "reason", "factor", "mfa", "operation", "user_name"] {
            assert_eq!(new.get(column), old.get(column), "{name} {column}");
        }
    }
}

#[test]
fn an_administrators_second_factor_is_named_by_the_details_only() {
    let with = administrator("admin_login", "", r#"{"factor": "sms", "ip_address": "192.0.2.7"}"#);
    assert_eq!((&with["mfa"], &with["factor"]), (&"performed".into(), &"sms".into()));
    assert_eq!((&with["ip"], &with["activity"]), (&"192.0.2.7".into(), &"logon".into()));
    let without = administrator("admin_login", "", "words");
    assert!(without["mfa"] == "unknown" && without.get("factor").is_none(), "{without}");
    let failed = administrator("admin_2fa_error", "", r#"{"factor": "sms", "error": "Late"}"#);
    assert_eq!((&failed["mfa"], &failed["outcome"]), (&"unknown".into(), &"failure".into()));
    assert_eq!(
        (&failed["reason"], &failed["reason_raw"]),
        (&"factor_failed".into(), &"Late".into())
    );
}

#[test]
fn acts_in_pages_and_alone_give_the_same_row() {
    let act = r#"{"activity_id":"a-1","ts":"2026-03-02T10:00:00Z","action":{"name":"user_update"},"actor":{"name":"G"}}"#;
    let rows = [
        act.to_owned(),
        format!("[{act}]"),
        format!(r#"{{"items":[{act}],"metadata":{{}}}}"#),
        format!(r#"{{"stat":"OK","response":{{"items":[{act}],"metadata":{{}}}}}}"#),
    ]
    .map(|record| one(&SOURCE, &record).row().clone());
    assert!(rows.iter().all(|row| *row == rows[0]), "{rows:#?}");
}

#[test]
fn an_empty_answer_says_nothing() {
    let collected: Collected = one(&SOURCE, r#"{"response":{"authlogs":[]},"stat":"OK"}"#);
    assert!(matches!(collected.verdicts.as_slice(), [(_, Verdict::NotAuthentication)]));
}

#[test]
fn seconds_stand_in_for_a_time_that_is_missing() {
    let row = with(&json!({"isotimestamp": null}));
    assert_eq!(row["time"], "2026-03-02T10:00:00Z");
}
