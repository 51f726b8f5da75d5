use serde_json::{Value, json};

use super::super::collect::one;
use super::SOURCE;

fn sign_in(code: i64, more: Value) -> Value {
    let mut record = json!({
        "id": "id-1", "createdDateTime": "2026-03-03T10:00:00Z", "appId": "a",
        "userPrincipalName": "carl@corp.example", "status": {"errorCode": code},
        "authenticationRequirement": "multiFactorAuthentication",
    });
    for (key, value) in more.as_object().expect("an object") {
        record[key] = value.clone();
    }
    one(&SOURCE, &record.to_string()).row().clone()
}

fn step(method: &str, time: Option<&str>, detail: &str, is_second: bool) -> Value {
    json!({
        "authenticationMethod": method, "authenticationStepDateTime": time, "succeeded": true,
        "authenticationStepResultDetail": detail,
        "authenticationStepRequirement": if is_second { "Multi-factor authentication" } else { "Primary authentication" },
    })
}

#[test]
fn null_in_mfa_detail_says_nothing() {
    let row = sign_in(0, json!({"mfaDetail": null}));
    assert_eq!(row["mfa"], "unknown");
}

#[test]
fn a_claim_in_the_token_is_no_prompt_here() {
    let by_step = json!({"authenticationDetails": [
        step("Previously satisfied", Some("2026-03-03T10:00:00Z"), "MFA requirement satisfied by claim in the token", true),
    ]});
    let row = sign_in(0, by_step);
    assert_eq!(row["mfa"], "claim_in_token");
    assert!(row.get("duration_ms").is_none());
    // The first factor's claim says nothing of the second.
    let row = sign_in(
        0,
        json!({"authenticationDetails": [
            step("Previously satisfied", None, "First factor requirement satisfied by claim in the token", false),
        ]}),
    );
    assert_eq!(row["mfa"], "unknown");
}

#[test]
fn a_duration_takes_two_dated_steps_that_someone_did() {
    let password = |time| step("Password", time, "Correct password", false);
    let push = |time| step("Mobile app notification", time, "MFA completed in Azure AD", true);
    for (steps, expected) in [
        (
            vec![push(Some("2026-03-03T10:00:12Z")), password(Some("2026-03-03T10:00:00Z"))],
            json!(12_000),
        ),
        (vec![password(Some("2026-03-03T10:00:00Z")), push(None)], Value::Null),
        (vec![password(Some("2026-03-03T10:00:00Z"))], Value::Null),
        (
            // A satisfied step keeps the time of years ago.
            vec![
                step(
                    "Previously satisfied",
                    Some("2019-03-12T16:02:15Z"),
                    "First factor requirement satisfied by claim in the token",
                    false,
                ),
                push(Some("2026-03-03T10:00:12Z")),
            ],
            Value::Null,
        ),
    ] {
        let row = sign_in(0, json!({"authenticationDetails": steps}));
        assert_eq!(row.get("duration_ms").unwrap_or(&Value::Null), &expected);
        assert_eq!(row.get("duration_basis").is_some(), !expected.is_null());
        assert_eq!(row["mfa"], if steps.len() == 1 { "unknown" } else { "performed" });
    }
}

#[test]
fn report_only_policies_never_block() {
    for (result, expected) in
        [("reportOnlyFailure", "would_deny"), ("reportOnlyInterrupted", "would_challenge")]
    {
        let row = sign_in(
            0,
            json!({"appliedConditionalAccessPolicies": [
                {"id": "p", "displayName": "Pilot", "result": result, "enforcedGrantControls": ["Block"]},
            ]}),
        );
        assert_eq!(
            (&row["policy_result"], &row["policy_mode"]),
            (&expected.into(), &"report_only".into())
        );
        assert_eq!((&row["blocked"], &row["outcome"]), (&false.into(), &"success".into()));
    }
}

#[test]
fn both_forms_of_one_sign_in_give_the_same_row() {
    let bare = json!({
        "id": "id-1", "createdDateTime": "2026-03-03T10:00:00Z", "appId": "a", "isInteractive": true,
        "userPrincipalName": "carl@corp.example", "status": {"errorCode": 50074}, "correlationId": "c-1",
    });
    let wrapped = json!({
        "time": "2026-03-03T10:00:05Z", "category": "SignInLogs", "resultType": "50074",
        "correlationId": "c-1", "properties": bare,
    });
    let bare = one(&SOURCE, &bare.to_string());
    let wrapped = one(&SOURCE, &wrapped.to_string());
    assert_eq!(bare.row(), wrapped.row());
}

#[test]
fn what_asks_for_a_further_step_is_interrupted_and_no_failure() {
    for code in [50_072, 50_074, 50_076, 50_140] {
        let row = sign_in(code, json!({}));
        assert_eq!(row["outcome"], "interrupted", "{code}");
        assert!(row.get("blocked").is_none_or(|blocked| blocked == false), "{code}");
    }
    assert_eq!(sign_in(50_126, json!({}))["outcome"], "failure");
}

#[test]
fn steps_that_come_out_of_order_are_sorted() {
    let steps = json!({"authenticationDetails": [
        step("Text message", Some("2026-03-03T10:00:12Z"), "MFA completed in Azure AD", true),
        step("Password", Some("2026-03-03T10:00:00Z"), "Correct password", false),
    ]});
    let row = sign_in(0, steps);
    let factors: Vec<_> =
        row["factors"].as_array().expect("a list").iter().map(|step| &step["type"]).collect();
    assert_eq!(factors, ["password", "sms"]);
    assert_eq!(row["duration_ms"], 12_000);
}

#[test]
fn a_sign_in_in_progress_has_the_identity_of_its_end() {
    let progress = sign_in(
        0,
        json!({"authenticationDetails": [
            step("Mobile app notification", Some("2026-03-03T10:00:12Z"), "Authentication in progress", true),
        ]}),
    );
    let end = sign_in(
        0,
        json!({"authenticationDetails": [
            step("Mobile app notification", Some("2026-03-03T10:00:12Z"), "MFA completed in Azure AD", true),
        ]}),
    );
    assert_eq!(progress["source_event_id"], end["source_event_id"]);
    assert_ne!(progress, end);
}
