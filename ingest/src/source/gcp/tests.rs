use serde_json::{Value, json};

use super::super::collect::{Verdict, one};
use super::SOURCE;

fn entry(service: &str, method: &str, more: Value) -> Value {
    let mut record = json!({
        "insertId": "i-1", "timestamp": "2026-03-02T08:00:00.123456789Z",
        "logName": "projects/corp-prod/logs/cloudaudit.googleapis.com%2Fdata_access",
        "protoPayload": {
            "serviceName": service, "methodName": method,
            "authenticationInfo": {"principalEmail": "Ada@corp.example"},
            "requestMetadata": {"callerIp": "203.0.113.9"},
        },
    });
    for (key, value) in more.as_object().expect("an object") {
        record[key] = value.clone();
    }
    record
}

fn call(service: &str, method: &str, payload: Value) -> Value {
    let mut record = entry(service, method, json!({}));
    for (key, value) in payload.as_object().expect("an object") {
        record["protoPayload"][key] = value.clone();
    }
    one(&SOURCE, &record.to_string()).row().clone()
}

fn sign_in(method: &str, parameters: Value) -> Value {
    call(
        "login.googleapis.com",
        &format!("google.login.LoginService.{method}"),
        json!({"metadata": {"event": [{"parameter": parameters}]}}),
    )
}

fn methods(kind: &str, methods: &[&str], is_second: Option<bool>) -> Value {
    json!([
        {"name": "login_type", "value": kind},
        {"name": "login_challenge_method", "multiStrValue": methods},
        {"name": "is_second_factor", "boolValue": is_second},
    ])
}

#[test]
fn a_federated_sign_in_says_nothing_of_mfa() {
    for is_second in [None, Some(false), Some(true)] {
        let row = sign_in("loginSuccess", methods("saml", &["saml"], is_second));
        assert_eq!((&row["mfa"], &row["protocol"]), (&"unknown".into(), &"saml".into()));
    }
    for method in ["SecurityTokenService.WebSignIn", "v1.SecurityTokenService.ExchangeToken"] {
        let row = call("sts.googleapis.com", &format!("google.identity.sts.{method}"), json!({}));
        assert_eq!((&row["activity"], &row["mfa"]), (&"logon".into(), &"unknown".into()));
    }
}

#[test]
fn a_password_alone_is_no_proof_that_there_was_no_second_factor() {
    for (kind, list, is_second, mfa, factor) in [
        ("google_password", &["password"][..], None, "unknown", json!("password")),
        ("google_password", &["password"], Some(false), "none", json!("password")),
        ("google_password", &["password"], Some(true), "performed", json!("password")),
        (
            "google_password",
            &["password", "security_key"],
            None,
            "performed",
            json!("hardware_key"),
        ),
        ("google_password", &["passkey"], Some(false), "performed", json!("passkey")),
        // Asking again says nothing of the session.
        ("reauth", &["password"], Some(false), "unknown", json!("password")),
        ("google_password", &["captcha", "none"], None, "unknown", Value::Null),
    ] {
        let row = sign_in("loginSuccess", methods(kind, list, is_second));
        assert_eq!(row["mfa"], mfa, "{kind} {list:?} {is_second:?}");
        assert_eq!(row.get("factor").unwrap_or(&Value::Null), &factor, "{list:?}");
    }
    // One that failed proves nothing, whatever was asked for.
    let row =
        sign_in("loginFailure", methods("google_password", &["password", "totp"], Some(true)));
    assert_eq!((&row["mfa"], &row["outcome"]), (&"unknown".into(), &"failure".into()));
}

#[test]
fn a_challenge_is_judged_by_its_status_and_without_one_only_asked() {
    for (status, activity, outcome) in [
        (json!("passed"), "verify", "success"),
        (json!("Challenge Passed."), "verify", "success"),
        (json!("Challenge Failed."), "verify", "failure"),
        (json!("incorrect_answer_entered"), "verify", "failure"),
        (json!(""), "verify", "unknown"),
    ] {
        let row =
            sign_in("loginChallenge", json!([{"name": "login_challenge_status", "value": status}]));
        assert_eq!((&row["activity"], &row["outcome"]), (&activity.into(), &outcome.into()));
    }
    let row = sign_in("loginChallenge", json!([]));
    assert_eq!((&row["activity"], &row["outcome"]), (&"challenge".into(), &"unknown".into()));
}

#[test]
fn a_reason_that_google_leaves_out_is_not_made_up() {
    let row = sign_in("loginFailure", methods("google_password", &["password"], None));
    assert_eq!(row["reason"], "unknown");
    let typed = json!([{"name": "login_failure_type", "value": "login_failure_invalid_password"}]);
    assert_eq!(sign_in("loginFailure", typed)["reason"], "bad_password");
}

#[test]
fn parameters_come_under_a_key_for_each_type_and_events_as_an_object_too() {
    let alone = json!({"metadata": {"event": {"parameter": {
        "name": "login_challenge_method", "value": "google_prompt"}}}});
    let row = call("login.googleapis.com", "google.login.LoginService.loginSuccess", alone);
    assert_eq!((&row["factor"], &row["mfa"]), (&"push".into(), &"performed".into()));
}

#[test]
fn a_permission_that_was_not_granted_does_not_fail_the_call() {
    let payload = json!({"authorizationInfo": [{"permission": "x.list", "granted": false}]});
    assert_eq!(call("compute.googleapis.com", "v1.list", payload)["outcome"], "success");
    for (code, outcome, reason) in [
        (7, "denied", "not_authorized"),
        (8, "error", "too_many_attempts"),
        (14, "error", "service_error"),
        (16, "failure", "other"),
        (5, "failure", "other"),
    ] {
        let payload = json!({"status": {"code": code, "message": "why"}});
        let row = call("compute.googleapis.com", "v1.list", payload);
        assert_eq!((&row["outcome"], &row["reason"]), (&outcome.into(), &reason.into()));
        assert_eq!(row["reason_raw"], "why");
    }
}

#[test]
fn the_first_entry_of_a_long_operation_does_not_say_how_it_ended() {
    for (operation, outcome) in [
        (json!({"first": true}), "unknown"),
        (json!({"last": true}), "success"),
        (json!({"first": true, "last": true}), "success"),
        (json!({}), "success"),
    ] {
        let record = entry("compute.googleapis.com", "insert", json!({"operation": operation}));
        assert_eq!(one(&SOURCE, &record.to_string()).row()["outcome"], outcome, "{operation}");
    }
}

#[test]
fn a_perimeter_that_is_only_tried_out_blocks_nothing() {
    let log = "projects/corp-prod/logs/cloudaudit.googleapis.com%2Fpolicy";
    for (is_dry, mode, result, blocked, outcome) in [
        (Value::Null, "enforced", "denied", true, "denied"),
        (json!(true), "report_only", "would_deny", false, "unknown"),
    ] {
        let mut record = entry("storage.googleapis.com", "get", json!({"logName": log}));
        record["protoPayload"]["status"] = json!({"code": 7});
        record["protoPayload"]["metadata"] = json!({"violationReason": "R", "dryRun": is_dry});
        let collected = one(&SOURCE, &record.to_string());
        let row = collected.row();
        assert_eq!(row["policy_mode"], mode);
        assert_eq!((&row["policy_result"], &row["outcome"]), (&result.into(), &outcome.into()));
        assert_eq!(row["blocked"], json!(blocked));
    }
}

#[test]
fn who_stands_behind_a_service_account_is_the_actor() {
    let account = "ci@corp-prod.iam.gserviceaccount.com";
    let row = call(
        "compute.googleapis.com",
        "v1.compute.instances.list",
        json!({"authenticationInfo": {
            "principalEmail": account, "principalSubject": format!("user:{account}"),
            "serviceAccountDelegationInfo": [
                {"firstPartyPrincipal": {"principalEmail": "ada@corp.example"}},
                {"firstPartyPrincipal": {"principalEmail": "middle@corp.example"}},
            ],
        }}),
    );
    assert_eq!((&row["user_name"], &row["actor"]), (&account.into(), &"ada@corp.example".into()));
    // The subject of a service account may say `user`.
    assert_eq!(row["user_type"], "serviceAccount");
    assert_eq!((&row["interactive"], &row["credential"]), (&false.into(), &"app".into()));
}

#[test]
fn a_token_for_a_service_account_is_about_that_account() {
    let account = "ci@corp-prod.iam.gserviceaccount.com";
    let mut record = entry("iamcredentials.googleapis.com", "GenerateAccessToken", json!({}));
    record["resource"] = json!({"labels": {"email_id": account}});
    let collected = one(&SOURCE, &record.to_string());
    let row = collected.row();
    assert_eq!((&row["user_name"], &row["actor"]), (&account.into(), &"Ada@corp.example".into()));
    assert_eq!(row["activity"], "token_issue");
}

#[test]
fn the_name_of_a_key_is_never_a_column() {
    let key = "//iam.googleapis.com/projects/p/serviceAccounts/x/keys/0123abcd";
    let info = json!({"authenticationInfo": {"principalEmail": "x", "serviceAccountKeyName": key}});
    let row = call("storage.googleapis.com", "storage.objects.get", info);
    assert_eq!(row["credential"], "access_key");
    assert!(row["credential_id"].as_str().is_some_and(|id| id.len() == 32));
    assert!(!row.to_string().contains("0123abcd"));
}

#[test]
fn an_insert_id_is_unique_only_with_its_log_and_time() {
    let id = |record: Value| one(&SOURCE, &record.to_string()).row()["source_event_id"].clone();
    let first = entry("a", "b", json!({}));
    assert_eq!(id(first.clone()), id(first.clone()));
    let other = "projects/corp-dev/logs/cloudaudit.googleapis.com%2Fdata_access";
    assert_ne!(id(first.clone()), id(entry("a", "b", json!({"logName": other}))));
    let later = json!({"timestamp": "2026-03-02T08:00:00.123456790Z"});
    assert_ne!(id(first), id(entry("a", "b", later)));
}

#[test]
fn what_the_systems_do_by_themselves_and_other_logs_are_no_authentication() {
    let log = "projects/corp-prod/logs/cloudaudit.googleapis.com%2Fsystem_event";
    let mut record = entry("compute.googleapis.com", "preempted", json!({"logName": log}));
    record["protoPayload"]["authenticationInfo"] = json!({});
    for record in [record, json!({"logName": "projects/p/logs/syslog", "textPayload": "x"})] {
        let collected = one(&SOURCE, &record.to_string());
        assert_eq!(collected.verdicts[0].1, Verdict::NotAuthentication, "{record}");
    }
}

#[test]
fn the_hec_envelope_and_the_entry_alone_give_the_same_row() {
    let bare = entry("secretmanager.googleapis.com", "ListSecrets", json!({}));
    let wrapped = json!({"event": bare, "time": 1_772_445_700.25});
    assert_eq!(one(&SOURCE, &bare.to_string()).row(), one(&SOURCE, &wrapped.to_string()).row());
}

#[test]
fn a_method_that_is_not_known_is_kept_as_an_access() {
    let row = call("quantum.googleapis.com", "google.cloud.quantum.v1.Entangle", json!({}));
    assert_eq!((&row["activity"], &row["service"]), (&"access".into(), &"quantum".into()));
    assert_eq!(
        (&row["user_name"], &row["ip"]),
        (&"ada@corp.example".into(), &"203.0.113.9".into())
    );
}

#[test]
fn a_subject_of_another_provider_is_an_id_and_its_name_a_name() {
    for (subject, name, kind) in [
        (
            "principal://iam.googleapis.com/x/subject/Ada@corp.example",
            Some("ada@corp.example"),
            Some("principal"),
        ),
        ("user:Ada@corp.example", Some("ada@corp.example"), Some("user")),
        ("repo:corp-dev/app:ref:refs/heads/main", None, None),
        ("3Kn-example", None, None),
    ] {
        let info = json!({"authenticationInfo": {"principalSubject": subject}});
        let row = call("sts.googleapis.com", "ExchangeToken", info);
        assert_eq!(row["user_id"], subject);
        assert_eq!(row.get("user_name").and_then(Value::as_str), name, "{subject}");
        assert_eq!(row.get("user_type").and_then(Value::as_str), kind, "{subject}");
    }
}
