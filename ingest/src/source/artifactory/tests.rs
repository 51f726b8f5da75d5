use chrono_tz::Tz;
use serde_json::Value;

use super::super::collect::{self, Verdict, context, one};
use super::SOURCE;

fn row(rest: &str) -> Value {
    one(&SOURCE, &format!("2026-03-02T09:00:00.123Z [4b1b8a0b04e31b80] {rest}")).row().clone()
}

#[test]
fn a_login_that_was_denied_is_a_failure_whose_reason_is_not_said() {
    let row = row("[DENIED LOGIN]   for client : Ada / 203.0.113.9");
    assert_eq!((&row["activity"], &row["outcome"]), (&"logon".into(), &"failure".into()));
    assert_eq!((&row["reason"], &row["user_name"]), (&"unknown".into(), &"ada".into()));
}

#[test]
fn what_else_is_denied_lacks_the_rights() {
    let row = row("[DENIED DEPLOY] libs:a/b.jar  for client : ada / 203.0.113.9");
    assert_eq!((&row["activity"], &row["outcome"]), (&"access".into(), &"denied".into()));
    assert_eq!((&row["reason"], &row["resource"]), (&"not_authorized".into(), &"libs".into()));
}

#[test]
fn a_token_shows_and_a_password_does_not() {
    for (kind, credential) in [(" [token]", "access_token"), (" [apikey]", "access_token")] {
        let row = row(&format!("[ACCEPTED LOGIN]   for client : ada / 203.0.113.9{kind}"));
        assert_eq!(row["credential"], credential);
    }
    let row = row("[ACCEPTED LOGIN]   for client : ada / 203.0.113.9");
    assert!(row.get("credential").is_none());
    assert_eq!(row["mfa"], "unknown");
}

#[test]
fn services_of_the_platform_are_no_people_and_a_mail_address_is_no_service() {
    for (user, is_service) in [
        ("jffe@01jq3then4hspb10agqp6515d3", true),
        ("jfrt@01m1hjrrqqyxh90anb2daw1avp", true),
        ("_system_", true),
        ("jf@corp.example", false),
        ("jfine@corp.example", false),
        ("ada", false),
    ] {
        let row = row(&format!("[ACCEPTED LOGIN]   for client : {user} / 203.0.113.9 [token]"));
        assert_eq!(row["user_type"] == "service", is_service, "{user}");
        assert_eq!(row["interactive"] == false, is_service, "{user}");
    }
}

#[test]
fn nobody_is_not_a_name_and_anonymous_is_one() {
    for (user, name) in
        [("non_authenticated_user", None), ("NA", None), ("anonymous", Some("anonymous"))]
    {
        let row = row(&format!("[DENIED DOWNLOAD] libs:a  for client : {user} / 203.0.113.9"));
        assert_eq!(row.get("user_name").and_then(Value::as_str), name);
    }
}

#[test]
fn a_time_without_an_offset_is_in_the_source_s_zone() {
    let context = collect::context();
    let context = super::Context { zone: Tz::America__New_York, ..context };
    let mut adapter = (SOURCE.open)();
    let record = b"2026-03-02 05:00:00,456 [ACCEPTED LOGIN]   for client : ada / 203.0.113.9.";
    let collected = collect::read(&mut *adapter, &SOURCE, [&record[..]], &context);
    assert_eq!(collected.row()["time"], "2026-03-02T10:00:00.456Z");
}

#[test]
fn an_action_that_is_not_known_is_kept_as_an_access() {
    let row = row("[ACCEPTED ENTANGLE] libs:a  for client : ada / 203.0.113.9");
    assert_eq!((&row["activity"], &row["operation"]), (&"access".into(), &"ENTANGLE".into()));
}

#[test]
fn a_line_that_is_cut_off_is_rejected_and_not_quoted() {
    let whole =
        "2026-03-02T09:00:00.123Z [4b1b] [DENIED LOGIN]   for client : hunter2 / 203.0.113.9";
    for end in [10, 26, 40, 50, 66] {
        let mut adapter = (SOURCE.open)();
        let record = whole.as_bytes().get(..end).expect("shorter");
        let collected = collect::read(&mut *adapter, &SOURCE, [record], &context());
        let Verdict::Rejected(reason) = &collected.verdicts[0].1 else { panic!("{end}") };
        assert!(!reason.contains("hunter2"), "{reason}");
    }
}

#[test]
fn a_line_of_an_auth_log_is_not_one_of_artifactory() {
    let line = "2026-03-02T09:00:00Z web-1 sshd[7]: Invalid user [ACCEPTED LOGIN] for a/b from 203.0.113.9";
    assert!(!(SOURCE.recognises)(line.as_bytes()));
    assert!(
        super::super::Sources::default()
            .recognise(line.as_bytes())
            .is_some_and(|found| found.name == "sshd")
    );
}
