use serde_json::{Value, json};

use super::super::collect::one;
use super::SOURCE;

fn event(code: &str, more: &Value) -> Value {
    let mut record = json!({
        "date": "2026-03-02T10:00:00.123Z", "type": code, "log_id": "l-1", "_id": "l-1",
        "client_name": "Payroll", "ip": "203.0.113.9", "user_id": "auth0|1",
        "user_name": "Ada@corp.example",
    });
    for (key, value) in more.as_object().expect("an object") {
        record[key] = value.clone();
    }
    one(&SOURCE, &record.to_string()).row().clone()
}

fn login(details: &Value) -> Value {
    event("s", &json!({"details": details}))
}

#[test]
fn the_elapsed_time_is_kept_however_long_and_marked_as_with_idle_time() {
    // Twenty minutes.
    let row = login(&json!({"elapsedTime": 1_200_000, "prompts": [{"elapsedTime": 5}]}));
    assert_eq!(row["duration_ms"], 1_200_000);
    assert_eq!(row["duration_basis"], "elapsed_with_idle");
    let row = login(&json!({"prompts": [
        {"name": "login", "elapsedTime": 9_997},
        {"name": "prompt-authenticate", "elapsedTime": null},
        {"name": "mfa", "elapsedTime": 34_160},
    ]}));
    assert_eq!(row["duration_ms"], 44_157);
    for nothing in [json!({}), json!({"prompts": []}), json!({"elapsedTime": -1})] {
        let row = login(&nothing);
        assert!(row.get("duration_ms").is_none() && row.get("duration_basis").is_none());
    }
}

#[test]
fn a_login_says_mfa_only_where_a_prompt_performed_it() {
    let password = json!({"name": "prompt-authenticate"});
    for (prompts, mfa) in [
        (json!([]), "unknown"),
        (json!([password]), "unknown"),
        (json!([password, {"name": "mfa", "performed_amr": ["mfa"]}]), "performed"),
        // A prompt that asked for nothing: the browser is remembered.
        (json!([password, {"name": "mfa"}]), "unknown"),
        (json!([{"name": "login", "performed_amr": ["phr"]}]), "unknown"),
    ] {
        assert_eq!(login(&json!({"prompts": prompts}))["mfa"], mfa, "{prompts}");
    }
}

#[test]
fn a_federated_login_says_nothing_of_mfa() {
    for kind in ["enterprise", "social"] {
        let row = event(
            "s",
            &json!({"strategy_type": kind, "details": {"prompts": [{"name": "federated-authenticate"}]}}),
        );
        assert_eq!((&row["mfa"], &row["credential"]), (&"unknown".into(), &"session".into()));
        assert!(row.get("factor").is_none());
    }
}

#[test]
fn a_passkey_is_a_factor_that_resists_phishing() {
    let row = login(&json!({"prompts": [{"name": "login", "performed_amr": ["phr"]}]}));
    assert_eq!((&row["factor"], &row["phishing_resistant"]), (&"passkey".into(), &true.into()));
}

#[test]
fn a_second_factor_that_is_not_named_goes_before_the_password() {
    let row = login(&json!({"prompts": [
        {"name": "prompt-authenticate"},
        {"name": "mfa", "performed_amr": ["mfa"], "provider": "guardian"},
    ]}));
    assert_eq!((&row["factor"], &row["credential"]), (&"unknown".into(), &"password".into()));
    assert!(row.get("phishing_resistant").is_none());
}

#[test]
fn codes_say_what_happened_and_how_it_ended() {
    for (code, activity, outcome, reason) in [
        ("fp", "logon", "failure", Some("bad_password")),
        ("fu", "logon", "failure", Some("unknown_user")),
        ("limit_wc", "logon", "denied", Some("too_many_attempts")),
        ("pwd_leak", "policy_decision", "unknown", Some("risk")),
        ("gd_send_pn", "challenge", "success", None),
        ("gd_auth_failed", "verify", "failure", Some("factor_failed")),
        ("gd_auth_rejected", "verify", "denied", Some("factor_denied")),
        ("gd_enrollment_complete", "enroll", "success", None),
        ("gd_recovery_succeed", "recovery", "success", None),
        ("mfar", "policy_decision", "interrupted", Some("mfa_required")),
        ("slo", "logoff", "success", None),
        ("a_code_of_next_year", "access", "unknown", None),
    ] {
        let row = event(code, &json!({}));
        assert_eq!((&row["activity"], &row["outcome"]), (&activity.into(), &outcome.into()));
        assert_eq!(row.get("reason").and_then(Value::as_str), reason, "{code}");
        assert_eq!(row["user_name"], "ada@corp.example");
    }
}

#[test]
fn a_silent_request_that_finds_no_session_is_no_failure() {
    let row = event("fsa", &json!({"description": "Login required"}));
    assert_eq!((&row["outcome"], &row["interactive"]), (&"interrupted".into(), &false.into()));
    assert!(row.get("reason").is_none());
}

#[test]
fn the_sentence_tells_why_a_login_failed_where_the_code_does_not() {
    for (sentence, outcome, reason) in [
        (Some("user is blocked"), "denied", "disabled"),
        (Some("Wrong email or password."), "failure", "bad_password"),
        (Some("A sentence of next year"), "failure", "other"),
        (None, "failure", "unknown"),
    ] {
        let row = event("f", &json!({"description": sentence}));
        assert_eq!((&row["outcome"], &row["reason"]), (&outcome.into(), &reason.into()));
    }
    // What Auth0 counted isn't told again by its description.
    let row = event("fp", &json!({"description": "user is blocked"}));
    assert_eq!(row["reason"], "bad_password");
}

#[test]
fn clients_get_tokens_and_nobody_signs_in() {
    let row = event("seccft", &json!({"client_name": "deployer"}));
    assert_eq!((&row["activity"], &row["credential"]), (&"token_issue".into(), &"app".into()));
    assert_eq!(row["interactive"], false);
}

#[test]
fn what_an_administrator_does_to_an_account_is_about_the_account() {
    for (method, path, activity) in [
        ("patch", "/api/v2/users/auth0%7C2", "account_change"),
        ("delete", "/api/v2/users/auth0%7C2/multifactor/guardian", "unenroll"),
        ("delete", "/api/v2/users/auth0%7C2/authentication-methods", "factor_reset"),
        ("delete", "/api/v2/user-blocks/auth0%7C2", "recovery"),
    ] {
        let row = event(
            "sapi",
            &json!({"details": {"request": {"method": method, "path": path, "auth": {
                "user": {"user_id": "auth0|1", "email": "Root@corp.example"},
                "credentials": {"jti": "token-1"},
            }}}}),
        );
        assert_eq!(row["activity"], activity, "{path}");
        assert_eq!(row["user_id"], "auth0|2", "{path}");
        assert_eq!(row["actor"], "root@corp.example", "{path}");
        assert!(row.get("user_name").is_none());
        assert!(row["credential_id"].as_str().is_some_and(|id| id.len() == 32 && id != "token-1"));
    }
    // A factor is named, and not whose it is.
    let row = event(
        "sapi",
        &json!({"details": {"request": {"method": "delete", "path": "/api/v2/guardian/enrollments/dev_1"}}}),
    );
    assert_eq!((&row["activity"], &row["actor"]), (&"unenroll".into(), &"ada@corp.example".into()));
    assert!(row.get("user_id").is_none() && row.get("user_name").is_none());
    let row = event(
        "sapi",
        &json!({"details": {"request": {"method": "put", "path": "/api/v2/guardian/policies"}}}),
    );
    assert_eq!((&row["activity"], &row["user_id"]), (&"policy_change".into(), &"auth0|1".into()));
}

#[test]
fn streams_lists_and_envelopes_give_the_same_row() {
    let bare = r#"{"date":"2026-03-02T10:00:00Z","type":"s","log_id":"l-1","user_id":"auth0|1"}"#;
    let sent = format!(r#"{{"log_id":"l-1","data":{bare}}}"#);
    let rows = [
        bare.to_owned(),
        sent.clone(),
        format!("[{sent}]"),
        format!(r#"{{"logs":[{sent}]}}"#),
        format!(r#"{{"logs":[{bare}],"total":1}}"#),
        format!(r#"{{"detail-type":"Auth0 log","detail":{sent}}}"#),
        format!(r#"{{"time":1772445600.5,"event":{bare}}}"#),
    ]
    .map(|record| {
        assert!((SOURCE.recognises)(record.as_bytes()), "{record}");
        one(&SOURCE, &record).row().clone()
    });
    assert!(rows.iter().all(|row| *row == rows[0]), "{rows:#?}");
    assert_eq!(rows[0]["source_event_id"], "l-1");
}

#[test]
fn the_streams_id_stands_in_for_one_that_is_missing() {
    let record = r#"{"log_id":"l-2","data":{"date":"2026-03-02T10:00:00Z","type":"s"}}"#;
    assert_eq!(one(&SOURCE, record).row()["source_event_id"], "l-2");
}
