use serde_json::{Value, json};

use super::super::collect::one;
use super::SOURCE;

fn event(kind: &str, details: Value) -> Value {
    let record = json!({
        "id": 1, "author_id": 7, "author_name": "Ada Byron", "entity_id": 7, "entity_type": "User",
        "entity_path": "Ada.Byron", "target_id": 7, "target_type": "User", "target_details": "Ada Byron",
        "created_at": "2026-03-02T09:01:53.662Z", "event_type": kind, "details": details,
    });
    one(&SOURCE, &record.to_string()).row().clone()
}

#[test]
fn a_sign_in_says_what_gitlab_itself_asked_for_and_a_provider_says_nothing() {
    for (kind, with, mfa, factor) in [
        ("authenticated_with_password", "standard", "none", Some("password")),
        ("authenticated_with_two_factor", "two-factor", "performed", Some("totp")),
        (
            "authenticated_with_webauthn",
            "two-factor-via-webauthn-device",
            "performed",
            Some("webauthn"),
        ),
        ("authenticated_with_oauth", "saml", "unknown", None),
        ("authenticated_with_oauth", "google_oauth2", "unknown", None),
        ("authenticated_with_group_saml", "", "unknown", None),
        ("authenticated_with_ldap", "ldapmain", "unknown", None),
        // Before 17.11 there was no type, and the way is all there is.
        ("audit_operation", "standard", "none", Some("password")),
        ("audit_operation", "two-factor-via-u2f-device", "performed", Some("hardware_key")),
        ("audit_operation", "google_oauth2", "unknown", None),
    ] {
        let row = event(kind, json!({"with": with}));
        assert_eq!(
            (&row["activity"], &row["mfa"]),
            (&"logon".into(), &mfa.into()),
            "{kind} {with}"
        );
        assert_eq!(row.get("factor").and_then(Value::as_str), factor, "{kind} {with}");
    }
}

#[test]
fn a_failed_sign_in_says_which_step_failed_and_never_that_mfa_was_given() {
    for (kind, failed, reason) in [
        ("login_failed_with_standard_authentication", "STANDARD", "bad_password"),
        ("login_failed_with_otp_authentication", "OTP", "factor_failed"),
        ("login_failed_with_webauthn_authentication", "WEBAUTHN", "factor_failed"),
        ("omniauth_login_failed", "SAML", "unknown"),
        ("audit_operation", "STANDARD", "bad_password"),
        ("audit_operation", "LDAPMAIN", "bad_password"),
    ] {
        let row = event(kind, json!({"failed_login": failed}));
        assert_eq!(
            (&row["outcome"], &row["reason"]),
            (&"failure".into(), &reason.into()),
            "{kind}"
        );
        assert_eq!(row["mfa"], "unknown", "{kind}");
    }
}

#[test]
fn two_factor_that_someone_else_turned_off_is_a_reset() {
    assert_eq!(event("user_disable_two_factor", json!({}))["activity"], "unenroll");
    let record = json!({
        "author_id": 1, "author_name": "Administrator", "entity_id": 7, "entity_type": "User",
        "target_id": 7, "target_type": "User", "target_details": "Ada Byron",
        "entity_path": "Ada.Byron", "created_at": "2026-03-02T09:01:53.662Z",
        "event_type": "user_disable_two_factor",
    });
    let row = one(&SOURCE, &record.to_string()).row().clone();
    assert_eq!(
        (&row["activity"], &row["actor"]),
        (&"factor_reset".into(), &"Administrator".into())
    );
    assert_eq!((&row["user_id"], &row["user_name"]), (&"7".into(), &"ada.byron".into()));
}

#[test]
fn a_line_without_an_id_has_no_identity_since_a_request_writes_several() {
    let line = json!({
        "time": "2026-03-02T10:41:00.000Z", "correlation_id": "01K", "author_id": 1, "entity_id": 2,
        "entity_type": "Project", "change": "visibility", "from": "Private", "to": "Public",
    });
    let row = one(&SOURCE, &line.to_string()).row().clone();
    assert!(row.get("source_event_id").is_none());
    assert_eq!((&row["flow_id"], &row["operation"]), (&"01K".into(), &"visibility".into()));
}

#[test]
fn ids_below_zero_are_no_users() {
    for (id, class, credential) in
        [(-3, "DeployKey", "deploy_key"), (-2, "DeployToken", "access_token")]
    {
        let record = json!({
            "id": 1, "author_id": id, "author_name": "runner", "entity_id": 29, "entity_type": "Project",
            "created_at": "2026-03-02T09:01:53.662Z", "event_type": "repository_git_operation",
            "details": {"author_class": class, "custom_message": {"protocol": "ssh", "action": "git-upload-pack"}},
        });
        let row = one(&SOURCE, &record.to_string()).row().clone();
        assert!(row.get("user_id").is_none(), "{class}");
        assert_eq!((&row["credential"], &row["interactive"]), (&credential.into(), &false.into()));
    }
}

#[test]
fn deliveries_are_of_ci_and_name_their_environment() {
    let deployment = |kind: &str| {
        let record = json!({
            "id": 1, "author_id": 7, "entity_id": 29, "entity_type": "Project", "entity_path": "corp/shop",
            "target_id": 3, "target_type": "Environment", "target_details": "production",
            "created_at": "2026-03-02T09:01:53.662Z", "event_type": kind,
        });
        one(&SOURCE, &record.to_string()).row().clone()
    };
    for (kind, result, blocked) in
        [("deployment_approved", "allowed", false), ("deployment_rejected", "denied", true)]
    {
        let row = deployment(kind);
        assert_eq!(
            (&row["platform"], &row["environment"]),
            (&"ci_cd".into(), &"production".into())
        );
        assert_eq!((&row["policy_result"], &row["blocked"]), (&result.into(), &blocked.into()));
    }
}

#[test]
fn an_event_that_is_not_known_is_kept_as_an_access() {
    let row = event("quantum_entangled", json!({}));
    assert_eq!((&row["activity"], &row["outcome"]), (&"access".into(), &"success".into()));
    assert_eq!(row["user_name"], "ada.byron");
}
