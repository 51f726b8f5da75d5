use serde_json::{Value, json};

use super::super::collect::{Verdict, context, one, read};
use super::SOURCE;

fn event(kind: &str, error: Option<&str>, details: &Value) -> Value {
    let record = json!({
        "id": "e-1", "time": 1_772_445_600_123_i64, "type": kind, "realmId": "corp",
        "clientId": "payroll", "userId": "u-1", "ipAddress": "203.0.113.9", "error": error,
        "details": details,
    });
    one(&SOURCE, &record.to_string()).row().clone()
}

fn admin(operation: &str, resource: &str, path: &str) -> Value {
    let record = json!({
        "time": 1_772_445_600_123_i64, "realmId": "corp", "operationType": operation,
        "resourceType": resource, "resourcePath": path,
        "authDetails": {"userId": "admin-1", "ipAddress": "203.0.113.9"},
    });
    one(&SOURCE, &record.to_string()).row().clone()
}

#[test]
fn a_login_that_names_no_credential_says_nothing_of_mfa() {
    for details in [
        json!({"auth_method": "openid-connect", "username": "ada"}),
        json!({"credential_type": "password"}),
        json!({"acr": "2"}),
        json!({"identity_provider": "corp-saml"}),
        json!({"x509_cert_serial_number": "4711"}),
    ] {
        assert_eq!(event("LOGIN", None, &details)["mfa"], "unknown", "{details}");
    }
}

#[test]
fn a_login_that_names_its_second_factor_had_one() {
    const CHECKED: &str = "web_authn_authenticator_user_verification_checked";
    for (details, factor, mfa) in [
        (json!({"credential_type": "otp"}), "totp", "performed"),
        (json!({"selected_credential_id": "otp-1", "code_id": "s-1"}), "totp", "performed"),
        (json!({"credential_type": "webauthn"}), "webauthn", "performed"),
        (json!({"credential_type": "recovery-authn-codes"}), "recovery_code", "performed"),
        (
            json!({"credential_type": "webauthn-passwordless", CHECKED: "true"}),
            "passkey",
            "performed",
        ),
        (
            json!({"credential_type": "webauthn-passwordless", CHECKED: "false"}),
            "passkey",
            "unknown",
        ),
    ] {
        let row = event("LOGIN", None, &details);
        assert_eq!((&row["factor"], &row["mfa"]), (&factor.into(), &mfa.into()), "{details}");
    }
    let row =
        event("LOGIN_ERROR", Some("invalid_user_credentials"), &json!({"credential_type": "otp"}));
    assert_eq!(row["mfa"], "unknown");
}

#[test]
fn what_a_required_action_did_is_no_part_of_the_sign_in_after_it() {
    for (action, credential) in [
        ("CONFIGURE_TOTP", "otp"),
        ("delete_credential", "otp"),
        ("webauthn-register", "webauthn"),
        ("UPDATE_PASSWORD", "password"),
    ] {
        let details = json!({
            "custom_required_action": action, "credential_type": credential,
            "credential_id": "c-1", "code_id": "s-1", "username": "ada",
        });
        let row = event("LOGIN", None, &details);
        assert_eq!(row["mfa"], "unknown", "{action}");
        for column in ["factor", "factor_id", "credential", "interactive"] {
            assert!(row.get(column).is_none(), "{action}: {column}");
        }
    }
}

#[test]
fn one_error_stands_for_wrong_passwords_and_wrong_codes() {
    for (details, reason) in [
        (json!({}), "unknown"),
        (json!({"credential_type": "password"}), "bad_password"),
        (json!({"credential_type": "otp"}), "factor_failed"),
        (json!({"selected_credential_id": "otp-1"}), "factor_failed"),
        (json!({"code_id": "s-1"}), "unknown"),
        (json!({"code_id": "s-1", "username": "ada"}), "bad_password"),
        (json!({"grant_type": "password", "username": "ada"}), "unknown"),
        (json!({"code_id": "s-1", "grant_type": "password", "username": "ada"}), "unknown"),
    ] {
        let row = event("LOGIN_ERROR", Some("invalid_user_credentials"), &details);
        assert_eq!((&row["outcome"], &row["reason"]), (&"failure".into(), &reason.into()));
    }
}

#[test]
fn errors_say_how_it_ended() {
    for (error, outcome, reason) in [
        ("user_not_found", "failure", Some("unknown_user")),
        ("user_disabled", "denied", Some("disabled")),
        ("user_temporarily_disabled", "denied", Some("locked")),
        ("expired_code", "failure", Some("session_expired")),
        ("access_denied", "denied", Some("not_authorized")),
        ("not_logged_in", "interrupted", None),
        ("an_error_of_next_year", "failure", Some("other")),
    ] {
        let row = event("LOGIN_ERROR", Some(error), &json!({}));
        assert_eq!(row["outcome"], outcome, "{error}");
        assert_eq!(row.get("reason").and_then(Value::as_str), reason, "{error}");
        assert_eq!(row["reason_raw"], error);
    }
}

#[test]
fn the_flow_is_the_authentication_session() {
    let failed = event("LOGIN_ERROR", Some("user_not_found"), &json!({"code_id": "s-1"}));
    let worked = event("LOGIN", None, &json!({"code_id": "s-1"}));
    assert_eq!(failed["flow_id"], "s-1");
    assert_eq!(failed["flow_id"], worked["flow_id"]);
}

#[test]
fn a_service_account_gets_a_token_and_signs_in_to_nothing() {
    let row = event(
        "CLIENT_LOGIN",
        None,
        &json!({"token_id": "t-1", "grant_type": "client_credentials"}),
    );
    assert_eq!((&row["activity"], &row["credential"]), (&"token_issue".into(), &"app".into()));
    assert_eq!(row["interactive"], false);
    assert!(row["credential_id"].as_str().is_some_and(|id| id.len() == 32 && id != "t-1"));
}

#[test]
fn credentials_that_are_set_up_or_removed_are_factors_unless_they_are_passwords() {
    for (kind, credential, activity) in [
        ("UPDATE_CREDENTIAL", "otp", "enroll"),
        ("UPDATE_CREDENTIAL", "password", "account_change"),
        ("REMOVE_CREDENTIAL", "webauthn", "unenroll"),
        ("REMOVE_CREDENTIAL", "password", "account_change"),
        // Said a second time, by the name of before.
        ("UPDATE_TOTP", "otp", "account_change"),
        ("REMOVE_TOTP", "otp", "account_change"),
        ("UPDATE_TOTP", "", "enroll"),
        ("REMOVE_TOTP", "", "unenroll"),
    ] {
        let row = event(kind, None, &json!({"credential_type": credential}));
        assert_eq!(row["activity"], activity, "{kind} {credential}");
    }
}

#[test]
fn what_an_administrator_does_to_an_account_is_about_the_account() {
    for (operation, path, activity) in [
        ("ACTION", "users/u-1/reset-password", "recovery"),
        ("ACTION", "users/u-1/credentials/c-1", "unenroll"),
        ("ACTION", "users/u-1/credentials/c-1/moveToFirst", "account_change"),
        ("ACTION", "users/u-1/disable-credential-types", "factor_reset"),
        ("ACTION", "users/u-1/logout", "logoff"),
        ("UPDATE", "users/u-1", "account_change"),
    ] {
        let row = admin(operation, "USER", path);
        assert_eq!(row["activity"], activity, "{path}");
        assert_eq!((&row["user_id"], &row["actor"]), (&"u-1".into(), &"admin-1".into()), "{path}");
    }
    let row = admin("UPDATE", "AUTH_EXECUTION", "authentication/flows/browser/executions");
    assert_eq!((&row["activity"], &row["user_id"]), (&"policy_change".into(), &"admin-1".into()));
    assert!(row.get("actor").is_none());
}

#[test]
fn a_realm_that_is_changed_is_told_by_json_only() {
    let record = json!({
        "time": 1_772_445_600_123_i64, "realmId": "corp", "operationType": "UPDATE",
        "resourceType": "REALM", "authDetails": {"realmId": "master", "userId": "admin-1"},
    });
    let collected = one(&SOURCE, &record.to_string());
    assert_eq!(collected.row()["resource"], "corp");
    let line = r#"operationType="UPDATE", realmId="f5d4", realmName="master", clientId="c-1", userId="admin-1", ipAddress="203.0.113.9", resourceType="REALM", resourcePath="null""#;
    let collected = one(&SOURCE, line);
    assert_eq!(collected.row()["operation"], "UPDATE REALM");
    assert!(collected.row().get("resource").is_none());
}

#[test]
fn text_and_json_give_the_same_row() {
    let details = json!({"auth_method": "openid-connect", "code_id": "s-1", "username": "Ada"});
    let mut json = event("LOGIN", None, &details);
    let columns = json.as_object_mut().expect("a row");
    columns.remove("source_event_id");
    for line in [
        "type=LOGIN, realmId=corp, clientId=payroll, userId=u-1, ipAddress=203.0.113.9, auth_method=openid-connect, code_id=s-1, username=Ada",
        r#"type="LOGIN", realmId="corp", clientId="payroll", userId="u-1", sessionId="null", ipAddress="203.0.113.9", auth_method="openid-connect", code_id="s-1", username="Ada""#,
    ] {
        let prefix = "2026-03-02 10:00:00,123 INFO  [org.keycloak.events] (executor-thread-1) ";
        assert_eq!(*one(&SOURCE, &format!("{prefix}{line}")).row(), json, "{line}");
    }
}

#[test]
fn a_typed_name_can_not_pretend_to_be_keycloaks_own_keys() {
    for line in [
        "type=LOGIN_ERROR, realmId=corp, clientId=c, userId=null, ipAddress=203.0.113.9, error=user_not_found, username='x', userId=admin, type=LOGIN, ipAddress=198.51.100.1'",
        r#"type="LOGIN_ERROR", realmId="corp", clientId="c", userId="null", ipAddress="203.0.113.9", error="user_not_found", username="x\", userId=\"admin", code_id="s-1""#,
    ] {
        let collected = one(&SOURCE, line);
        let row = collected.row();
        assert_eq!(row["operation"], "LOGIN_ERROR", "{line}");
        assert_eq!(row["ip"], "203.0.113.9", "{line}");
        assert!(row.get("user_id").is_none(), "{line}");
    }
    // A line of another logger that repeats what was typed has no event.
    let typed = "2026-03-02 10:00:00,123 WARN  [org.keycloak.services] (main) typed type=LOGIN, realmId=corp";
    assert!(!(SOURCE.recognises)(typed.as_bytes()));
    assert!(matches!(one(&SOURCE, typed).verdicts.as_slice(), [(_, Verdict::NotAuthentication)]));
}

#[test]
fn a_type_that_is_no_word_is_no_event() {
    for record in
        ["type='LOGIN, realmId=x, userId", r#"{"type":"what, then?","time":1,"realmId":"x"}"#]
    {
        let collected = one(&SOURCE, record);
        assert!(matches!(collected.verdicts.as_slice(), [(_, Verdict::Rejected(_))]), "{record}");
    }
}

#[test]
fn what_a_server_says_beside_its_log_is_no_event() {
    for line in [
        "WARNING: The server is running in an insecure context.",
        "\tat org.keycloak.models.Example.find(Example.java:12)",
        "Caused by: java.net.ConnectException: Connection refused",
        "\t... 48 more",
    ] {
        let collected = one(&SOURCE, line);
        let verdicts = collected.verdicts.as_slice();
        assert!(matches!(verdicts, [(_, Verdict::NotAuthentication)]), "{line}");
    }
    for line in ["at noon, realmId=corp", "a line of something else"] {
        let collected = one(&SOURCE, line);
        let verdicts = collected.verdicts.as_slice();
        assert!(matches!(verdicts, [(_, Verdict::Rejected(_))]), "{line}");
    }
}

fn time(prefix: &str, zone: chrono_tz::Tz) -> String {
    let line = format!("{prefix}type=LOGIN, realmId=corp, userId=u-1, ipAddress=203.0.113.9");
    let context = super::Context { zone, ..context() };
    let collected = read(&mut *(SOURCE.open)(), &SOURCE, [line.as_bytes()], &context);
    collected.row()["time"].as_str().expect("a time").to_owned()
}

#[test]
fn a_line_takes_its_time_from_what_stands_before_it_or_from_its_receipt() {
    use chrono_tz::{Europe::Berlin, Tz::UTC};
    // The tests' records are received at 2026-11-25T00:00:00Z.
    for (prefix, zone, expected) in [
        ("2026-03-02 10:00:00,123 INFO  [x] (y) ", UTC, "2026-03-02T10:00:00.123Z"),
        ("2026-03-02 10:00:00,123 INFO  [x] (y) ", Berlin, "2026-03-02T09:00:00.123Z"),
        ("<14>1 2026-03-02T10:00:00+01:00 h keycloak 1 x - ", UTC, "2026-03-02T09:00:00Z"),
        ("2026-03-02T09:00:05Z stdout F ", UTC, "2026-03-02T09:00:05Z"),
        ("23:59:59,999 INFO  [x] (y) ", UTC, "2026-11-24T23:59:59.999Z"),
        ("00:00:30,000 INFO  [x] (y) ", UTC, "2026-11-25T00:00:30Z"),
        ("00:01:30,000 INFO  [x] (y) ", UTC, "2026-11-24T00:01:30Z"),
        // In Berlin it is one o'clock.
        ("00:30:00,000 INFO  [x] (y) ", Berlin, "2026-11-24T23:30:00Z"),
        ("Mar  2 10:00:00 sso-1 keycloak[1]: ", UTC, "2026-11-25T00:00:00Z"),
        ("", UTC, "2026-11-25T00:00:00Z"),
    ] {
        assert_eq!(time(prefix, zone), expected, "{prefix}");
    }
}
