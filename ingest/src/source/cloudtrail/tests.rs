use serde_json::Value;

use super::super::collect::{Collected, Verdict, one, shared, stream};
use super::SOURCE;

fn real() -> Option<Vec<Value>> {
    let folder = shared("cloudtrail")?;
    let mut rows = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
        let collected = stream(&SOURCE, [bytes.as_slice()]);
        for (_, verdict) in &collected.verdicts {
            assert!(matches!(verdict, Verdict::Row(_)), "{verdict:?}");
        }
        rows.extend(collected.rows().into_iter().cloned());
    }
    Some(rows)
}

fn count(rows: &[Value], is: impl Fn(&Value) -> bool) -> usize {
    rows.iter().filter(|row| is(row)).count()
}

#[test]
fn the_real_attack_simulations_read_as_they_were_counted() {
    let Some(rows) = real() else { return };
    assert_eq!(rows.len(), 310);
    assert_eq!(
        count(&rows, |row| {
            row["operation"] == "ConsoleLogin" && row["activity"] == "logon" && row["mfa"] == "none"
        }),
        1
    );
    let assumed: Vec<_> =
        rows.iter().filter(|row| row["operation"] == "AssumeRole").cloned().collect();
    assert_eq!(assumed.len(), 12);
    assert_eq!(count(&assumed, |row| row["outcome"] == "success"), 8);
    assert_eq!(count(&assumed, |row| row["outcome"] == "denied"), 4);
    let by_single_sign_on = |row: &Value| {
        row["user_name"].as_str().is_some_and(|name| name.ends_with("@gmail.com"))
            && ["EnableSerialConsoleAccess", "SendSerialConsoleSSHPublicKey"]
                .contains(&row["operation"].as_str().unwrap_or_default())
    };
    assert_eq!(count(&rows, |row| by_single_sign_on(row) && row["mfa"] == "unknown"), 4);
    assert_eq!(count(&rows, |row| row["credential"] == "access_key"), 240);
    assert_eq!(count(&rows, |row| row["credential"] == "session"), 69);
}

const LOGIN: &str = r#"{"eventVersion":"1.08","eventTime":"2026-03-01T10:00:00Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","eventID":"e-1","eventType":"AwsConsoleSignIn","sourceIPAddress":"203.0.113.9","awsRegion":"eu-west-1","#;

fn login(rest: &str) -> Collected {
    one(&SOURCE, &format!("{LOGIN}{rest}}}"))
}

#[test]
fn a_federated_console_login_never_says_that_there_was_no_mfa() {
    for identity in [
        r#"{"type":"AssumedRole","principalId":"AROAEXAMPLE:ada@corp.example"}"#,
        r#"{"type":"SAMLUser","principalId":"x:ada@corp.example","userName":"ada@corp.example"}"#,
        r#"{"type":"FederatedUser","principalId":"1234:ada"}"#,
        r#"{"type":"WebIdentityUser","userName":"ada"}"#,
    ] {
        let collected = login(&format!(
            r#""userIdentity":{identity},"responseElements":{{"ConsoleLogin":"Success"}},"additionalEventData":{{"MFAUsed":"No"}}"#
        ));
        assert_eq!(collected.row()["mfa"], "unknown", "{identity}");
        assert!(collected.row().get("factor").is_none(), "{identity}");
    }
}

#[test]
fn a_console_login_that_aws_checked_itself_says_what_it_says() {
    for (identity, used, mfa) in [
        ("IAMUser", "No", "none"),
        ("IAMUser", "Yes", "performed"),
        ("Root", "No", "none"),
        ("Root", "Yes", "performed"),
    ] {
        let collected = login(&format!(
            r#""userIdentity":{{"type":"{identity}","userName":"ada"}},"responseElements":{{"ConsoleLogin":"Success"}},"additionalEventData":{{"MFAUsed":"{used}"}}"#
        ));
        assert_eq!(collected.row()["mfa"], mfa, "{identity} {used}");
    }
    // Nothing said is nothing known.
    let collected = login(
        r#""userIdentity":{"type":"IAMUser","userName":"ada"},"responseElements":{"ConsoleLogin":"Success"}"#,
    );
    assert_eq!(collected.row()["mfa"], "unknown");
}

#[test]
fn a_role_of_single_sign_on_says_nothing_whatever_its_session_claims() {
    for claim in ["true", "false"] {
        let collected = one(
            &SOURCE,
            &format!(
                r#"{{"eventVersion":"1.08","eventTime":"2026-03-01T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets","awsRegion":"eu-west-1","userIdentity":{{"type":"AssumedRole","principalId":"AROAEXAMPLE:ada@corp.example","arn":"arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ada@corp.example","accessKeyId":"ASIAEXAMPLE","sessionContext":{{"attributes":{{"mfaAuthenticated":"{claim}"}},"sessionIssuer":{{"userName":"AWSReservedSSO_Admin_0123456789abcdef"}}}}}}}}"#
            ),
        );
        let row = collected.row();
        assert_eq!(row["mfa"], "unknown");
        assert_eq!(row["user_name"], "ada@corp.example");
        assert_eq!(row["credential"], "session");
    }
}

#[test]
fn what_services_do_is_not_interactive() {
    for who in [
        r#""userIdentity":{"type":"AWSService","invokedBy":"ecs.amazonaws.com"},"sourceIPAddress":"ecs.amazonaws.com""#,
        r#""userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:task","invokedBy":"AWS Internal"},"sourceIPAddress":"AWS Internal""#,
    ] {
        let collected = one(
            &SOURCE,
            &format!(
                r#"{{"eventTime":"2026-03-01T10:00:00Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRole",{who}}}"#
            ),
        );
        assert_eq!(collected.row()["interactive"], false, "{who}");
        assert!(collected.row().get("ip").is_none());
    }
}

#[test]
fn a_user_name_that_may_be_a_password_is_not_a_name() {
    let collected = login(
        r#""userIdentity":{"type":"IAMUser","userName":"HIDDEN_DUE_TO_SECURITY_REASONS"},"responseElements":{"ConsoleLogin":"Failure"},"errorMessage":"No username found in supplied account","additionalEventData":{"MFAUsed":"No"}"#,
    );
    let row = collected.row();
    assert!(row.get("user_name").is_none());
    assert_eq!((&row["outcome"], &row["reason"]), (&"failure".into(), &"unknown_user".into()));
}
