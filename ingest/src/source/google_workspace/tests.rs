use serde_json::{Value, json};

use super::super::collect::{Collected, one};
use super::SOURCE;

fn activity(application: &str, events: Value) -> Collected {
    let record = json!({
        "kind": "admin#reports#activity",
        "id": {
            "time": "2026-03-02T09:01:07.512Z", "uniqueQualifier": "-48", "applicationName": application,
            "customerId": "C03",
        },
        "actor": {"callerType": "USER", "email": "Ada@corp.example", "profileId": "104"},
        "events": events,
    });
    one(&SOURCE, &record.to_string())
}

fn login(name: &str, parameters: Value) -> Value {
    let event = json!([{"type": "login", "name": name, "parameters": parameters}]);
    activity("login", event).row().clone()
}

fn methods(methods: &[&str]) -> Value {
    json!({"name": "login_challenge_method", "multiValue": methods})
}

#[test]
fn events_may_be_an_object_or_an_array() {
    let event = json!({"type": "login", "name": "logout"});
    let (alone, listed) = (activity("login", event.clone()), activity("login", json!([event])));
    assert_eq!(alone.row(), listed.row());
    assert_eq!(alone.row()["activity"], "logoff");
}

#[test]
fn parameters_are_value_multi_value_bool_value_or_int_value() {
    for value in [
        json!({"value": "security_key"}),
        json!({"multiValue": ["security_key"]}),
        json!({"multiValue": [{"value": "security_key"}]}),
    ] {
        let mut parameter = value;
        parameter["name"] = "login_challenge_method".into();
        assert_eq!(login("login_success", json!([parameter]))["factor"], "hardware_key");
    }
    for flag in [json!({"boolValue": true}), json!({"value": "true"})] {
        let mut parameter = flag;
        parameter["name"] = "is_second_factor".into();
        let status = json!({"name": "login_challenge_status", "value": "Challenge Passed."});
        let row = login("login_verification", json!([parameter, status]));
        assert_eq!(row["mfa"], "performed");
    }
}

#[test]
fn each_event_of_an_activity_is_a_row_with_an_identity_of_its_own() {
    let collected = activity(
        "login",
        json!([{"type": "login", "name": "login_verification"}, {"type": "login", "name": "login_success"}]),
    );
    let ids: Vec<_> = collected
        .rows()
        .iter()
        .map(|row| row["source_event_id"].as_str().expect("an id"))
        .collect();
    let first = "C03/login/2026-03-02T09:01:07.512Z/-48";
    assert_eq!(ids, [first, &format!("{first}/1")]);
}

#[test]
fn a_sign_in_by_saml_says_nothing_of_mfa() {
    for challenge in [&["saml"][..], &["none"], &["password"], &["saml", "google_prompt"]] {
        let by_saml = json!({"name": "login_type", "value": "saml"});
        let row = login("login_success", json!([by_saml, methods(challenge)]));
        assert_eq!((&row["mfa"], &row["protocol"]), (&"unknown".into(), &"saml".into()));
    }
    let through_google = json!([{"type": "login", "name": "login_success", "parameters": [
        {"name": "application_name", "value": "Salesforce"},
    ]}]);
    let row = activity("saml", through_google).row().clone();
    assert_eq!((&row["mfa"], &row["service"]), (&"unknown".into(), &"Salesforce".into()));
}

#[test]
fn only_a_list_of_nothing_but_passwords_says_that_there_was_one_factor() {
    for (challenges, expected) in [
        (methods(&["password"]), "none"),
        (methods(&["password", "password"]), "none"),
        (methods(&["password", "captcha"]), "none"),
        (methods(&["password", "google_prompt"]), "performed"),
        (methods(&["passkey"]), "performed"),
        // What Google calls none is that nothing odd had to be cleared up.
        (methods(&["none"]), "unknown"),
        (methods(&["password", "knowledge_employee_id"]), "unknown"),
        (methods(&["password", "a_method_of_the_future"]), "unknown"),
        (methods(&[]), "unknown"),
        (json!({"name": "login_challenge_method", "value": "password"}), "unknown"),
        (json!({"name": "login_challenge_method", "value": "none"}), "unknown"),
    ] {
        let row = login("login_success", json!([challenges]));
        assert_eq!(row["mfa"], expected, "{challenges}");
    }
    let failed = login("login_failure", json!([methods(&["password"])]));
    assert_eq!(failed["mfa"], "unknown");
}

#[test]
fn of_several_challenges_the_last_is_the_one_that_counts() {
    let passed = json!({"name": "login_challenge_status", "value": "Challenge Passed."});
    let failed = json!({"name": "login_challenge_status", "value": "Challenge Failed."});
    // The key was given up and a code from the drawer taken: not phishing-resistant.
    let row = login(
        "login_challenge",
        json!([methods(&["password", "security_key", "backup_code"]), passed]),
    );
    assert_eq!(
        (&row["factor"], &row["phishing_resistant"]),
        (&"recovery_code".into(), &false.into())
    );
    let outcomes: Vec<_> =
        row["factors"].as_array().expect("steps").iter().map(|step| &step["outcome"]).collect();
    assert_eq!(outcomes, ["unknown", "unknown", "success"]);
    for (challenges, reason) in [
        (&["password", "google_prompt"][..], "factor_failed"),
        (&["password"], "bad_password"),
        (&["login_location"], "unknown"),
    ] {
        let row = login("login_challenge", json!([methods(challenges), failed]));
        assert_eq!((&row["outcome"], &row["reason"]), (&"failure".into(), &reason.into()));
    }
    let row = login(
        "login_challenge",
        json!([methods(&["password"]), {"name": "login_challenge_status", "value": ""}]),
    );
    assert_eq!(row["outcome"], "unknown");
}

#[test]
fn a_suspicious_login_was_stopped_and_an_odd_one_that_worked_is_a_success() {
    let stopped = json!([{"type": "account_warning", "name": "suspicious_login", "parameters": [
        {"name": "affected_email_address", "value": "Bela@corp.example"},
        {"name": "login_timestamp", "intValue": "1772442000123456"},
    ]}]);
    let row = activity("login", stopped).row().clone();
    assert_eq!((&row["outcome"], &row["reason"]), (&"denied".into(), &"risk".into()));
    assert_eq!(
        (&row["user_name"], &row["actor"]),
        (&"bela@corp.example".into(), &"Ada@corp.example".into())
    );
    assert!(row.get("user_id").is_none());
    let odd = login("login_success", json!([{"name": "is_suspicious", "boolValue": true}]));
    assert_eq!(odd["outcome"], "success");
}

#[test]
fn a_sender_who_was_blocked_is_not_the_user() {
    let blocked = json!([{"type": "blocked_sender_change", "name": "blocked_sender", "parameters": [
        {"name": "affected_email_address", "value": "spam@example.com"},
    ]}]);
    assert_eq!(activity("login", blocked).row()["user_name"], "ada@corp.example");
}

#[test]
fn a_failure_whose_type_isnt_said_has_an_unknown_reason() {
    let row = login("login_failure", json!([methods(&["password"])]));
    assert_eq!((&row["outcome"], &row["reason"]), (&"failure".into(), &"unknown".into()));
}

#[test]
fn an_event_that_is_not_known_is_kept_as_an_access() {
    for application in ["login", "user_accounts", "drive", "meet"] {
        let row = activity(application, json!([{"type": "x", "name": "quantum_entangled"}]))
            .row()
            .clone();
        assert_eq!(
            (&row["activity"], &row["user_name"]),
            (&"access".into(), &"ada@corp.example".into())
        );
    }
}
