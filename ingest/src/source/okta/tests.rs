use serde_json::Value;

use super::super::collect::{Verdict, one, stream};
use super::SOURCE;

fn event(event_type: &str, result: &str, rest: &str) -> Value {
    let record = format!(
        r#"{{"uuid":"u-1","published":"2026-03-02T10:00:00.000Z","eventType":"{event_type}","actor":{{"id":"00u1","type":"User","alternateId":"ada@corp.example"}},"outcome":{{"result":"{result}"}}{rest}}}"#
    );
    one(&SOURCE, &record).row().clone()
}

#[test]
fn a_password_that_okta_calls_a_factor_is_not_mfa() {
    for code in ["PASSWORD_AS_FACTOR", "password_as_factor"] {
        let row = event(
            "user.authentication.auth_via_mfa",
            "SUCCESS",
            &format!(r#","debugContext":{{"debugData":{{"factor":"{code}"}}}}"#),
        );
        assert_eq!((&row["mfa"], &row["factor"]), (&"unknown".into(), &"password".into()));
        assert_eq!((&row["activity"], &row["credential"]), (&"verify".into(), &"password".into()));
    }
    // Classic organisations name the authenticator only.
    let row = event(
        "user.authentication.auth_via_mfa",
        "SUCCESS",
        r#","target":[{"type":"AuthenticatorEnrollment","displayName":"Password"}]"#,
    );
    assert_eq!((&row["mfa"], &row["factor"]), (&"unknown".into(), &"password".into()));
}

#[test]
fn neither_a_started_session_nor_a_factor_that_is_not_named_is_mfa() {
    assert_eq!(event("user.session.start", "SUCCESS", "")["mfa"], "unknown");
    assert_eq!(event("user.authentication.auth_via_mfa", "SUCCESS", "")["mfa"], "unknown");
}

#[test]
fn the_push_and_the_answer_share_a_flow_though_their_transactions_differ() {
    let of = |event_type: &str, transaction: &str| {
        event(
            event_type,
            "SUCCESS",
            &format!(
                r#","transaction":{{"id":"{transaction}"}},"authenticationContext":{{"externalSessionId":"102s"}}"#
            ),
        )
    };
    let sent = of("system.push.send_factor_verify_push", "t-1");
    let answered = of("user.authentication.auth_via_mfa", "t-2");
    assert_eq!((&sent["activity"], &sent["mfa"]), (&"challenge".into(), &"unknown".into()));
    assert_eq!(sent["flow_id"], answered["flow_id"]);
    assert_eq!(sent["flow_id"], "102s");
    // No session yet: the transaction is all there is.
    let row = event(
        "user.session.start",
        "FAILURE",
        r#","transaction":{"id":"t-3"},"authenticationContext":{"externalSessionId":"unknown"}"#,
    );
    assert_eq!(row["flow_id"], "t-3");
    assert!(row.get("session_id").is_none());
}

#[test]
fn what_okta_writes_in_the_systems_name_is_about_the_target() {
    let record = br#"{"published":"2026-03-02T10:00:00Z","eventType":"system.push.send_factor_verify_push","actor":{"id":"s","type":"SystemPrincipal","alternateId":"system@okta.com"},"target":[{"id":"00u1","type":"User","alternateId":"Ada@corp.example"}],"outcome":{"result":"SUCCESS"}}"#;
    let collected = stream(&SOURCE, [&record[..]]);
    assert_eq!(collected.row()["user_name"], "ada@corp.example");
    assert_eq!(collected.row()["actor"], "system@okta.com");
}

#[test]
fn a_policy_that_is_evaluated_several_times_is_of_one_flow_and_no_sign_in() {
    for (result, outcome) in
        [("CHALLENGE", "interrupted"), ("ALLOW", "success"), ("DENY", "denied")]
    {
        let row = event("policy.evaluate_sign_on", result, "");
        assert_eq!(row["activity"], "policy_decision", "{result}");
        assert_eq!(row["outcome"], outcome, "{result}");
        assert_eq!(row["mfa"], "unknown", "{result}");
    }
}

#[test]
fn an_event_hook_without_events_says_nothing() {
    let hook = r#"{"eventType":"com.okta.event_hook","eventId":"h-1","data":{"events":[]}}"#;
    let collected = one(&SOURCE, hook);
    assert!(matches!(&collected.verdicts[..], [(_, Verdict::NotAuthentication)]));
}
