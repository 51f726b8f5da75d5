use chrono_tz::Tz;
use serde_json::Value;

use super::super::adapter::Context;
use super::super::collect::{self, Verdict, one};
use super::SOURCE;

fn row(message: &str) -> Value {
    one(&SOURCE, &format!("Mar 2, 2026 9:00:00,123 AM {message}")).row().clone()
}

#[test]
fn a_request_that_was_logged_need_not_have_been_granted() {
    let row = row("/job/web/configSubmit by Ada from 203.0.113.9");
    assert_eq!((&row["activity"], &row["outcome"]), (&"admin".into(), &"unknown".into()));
    assert_eq!((&row["user_name"], &row["ip"]), (&"ada".into(), &"203.0.113.9".into()));
    assert_eq!((&row["platform"], &row["pipeline"]), (&"ci_cd".into(), &"web".into()));
}

#[test]
fn sign_ins_are_those_of_the_security_realm_and_say_nothing_of_mfa() {
    for (message, activity, outcome) in [
        ("Successful login for user 'ada'", "logon", "success"),
        ("Failed login attempt for user 'ada'", "logon", "failure"),
        ("Logout for user 'ada'", "logoff", "success"),
    ] {
        let row = row(message);
        assert_eq!((&row["activity"], &row["outcome"]), (&activity.into(), &outcome.into()));
        assert_eq!((&row["mfa"], &row["user_name"]), (&"unknown".into(), &"ada".into()));
        assert!(row.get("interactive").is_none());
    }
    assert_eq!(row("Failed login attempt for user 'ada'")["reason"], "unknown");
}

#[test]
fn nobody_is_not_a_name() {
    for message in [
        "/logout by NA from 203.0.113.9",
        "/logout by ?",
        "/logout by 203.0.113.9",
        "Failed login attempt for user '<unknown>'",
    ] {
        assert!(row(message).get("user_name").is_none(), "{message}");
    }
    assert_eq!(row("/logout by 203.0.113.9")["ip"], "203.0.113.9");
}

#[test]
fn a_name_that_imitates_a_message_stays_a_name() {
    let row = row("Failed login attempt for user 'x' by admin from 192.0.2.1'");
    assert_eq!(row["user_name"], "x' by admin from 192.0.2.1");
    assert!(row.get("ip").is_none());
}

#[test]
fn paths_tell_what_was_asked_for() {
    for (path, activity, pipeline) in [
        ("/j_spring_security_check", "logon", None),
        (
            "/user/ada/descriptorByName/jenkins.security.ApiTokenProperty/generateNewToken",
            "token_issue",
            None,
        ),
        (
            "/user/ada/descriptorByName/jenkins.security.ApiTokenProperty/revoke",
            "account_change",
            None,
        ),
        ("/securityRealm/createAccountByAdmin", "account_change", None),
        ("/securityRealm/user/bea/doDelete", "account_change", None),
        ("/manage/configureSecurity/configure", "policy_change", None),
        ("/role-strategy/strategy/addRole", "policy_change", None),
        ("/manage/credentials/store/system/domain/_/createCredentials", "admin", None),
        ("/scriptText", "admin", None),
        ("/view/all/job/web/build", "access", Some("web")),
        ("/job/folder/job/web/42/stop", "access", Some("folder/web")),
        ("/job/web/doDelete", "admin", Some("web")),
        ("/quantum/entangle", "access", None),
    ] {
        let row = row(&format!("{path} by ada from 203.0.113.9"));
        assert_eq!(row["activity"], activity, "{path}");
        assert_eq!(row.get("pipeline").and_then(Value::as_str), pipeline, "{path}");
    }
}

#[test]
fn a_build_is_one_row_and_its_end_none() {
    let begun = row("job/folder/job/web/ #7 Started by user Ada Example, Parameters:[A: {b}]");
    assert_eq!((&begun["activity"], &begun["pipeline"]), (&"access".into(), &"folder/web".into()));
    assert_eq!(begun["user_name"], "ada example");
    let over = "Mar 2, 2026 9:00:00,123 AM folder » web #7 Started by user Ada Example, Parameters:[] on node built-in started at 2026-03-02T09:00:00Z completed in 4361ms completed: FAILURE";
    assert_eq!(one(&SOURCE, over).verdicts[0].1, Verdict::NotAuthentication);
}

#[test]
fn parameters_of_a_build_change_nothing() {
    let row = row("job/web/ #7 Started by timer, Parameters:[NOTE: {x, Started by user admin}]");
    assert_eq!(row["interactive"], false);
    assert!(row.get("user_name").is_none());
}

#[test]
fn a_line_of_a_script_is_rejected_and_not_quoted() {
    for line in ["The executed script:", "println 'hunter2'", "Mar 2 hunter2"] {
        let collected = one(&SOURCE, line);
        let Verdict::Rejected(reason) = &collected.verdicts[0].1 else { panic!("{line}") };
        assert!(!reason.contains("hunter2"), "{reason}");
    }
}

#[test]
fn a_line_that_is_cut_off_is_rejected_and_an_unknown_message_is_not() {
    for message in ["", "/logout", "Failed login attempt for user '", "job/web/ #", "'web#7' (cl"] {
        let collected = one(&SOURCE, &format!("Mar 2, 2026 9:00:00,123 AM {message}"));
        assert!(matches!(collected.verdicts[0].1, Verdict::Rejected(_)), "{message}");
    }
    let collected = one(&SOURCE, "Mar 2, 2026 9:00:00,123 AM something else");
    assert_eq!(collected.verdicts[0].1, Verdict::NotAuthentication);
}

#[test]
fn an_agent_that_uses_credentials_is_no_pipeline() {
    let build = row("'folder/web#7' (class a.Run) used credentials 'key' (class a.Key).");
    assert_eq!((&build["pipeline"], &build["resource"]), (&"folder/web".into(), &"key".into()));
    let agent =
        row("'agent-1' (class hudson.slaves.DumbSlave) used credentials 'key' (class a.Key).");
    assert!(agent.get("pipeline").is_none());
}

#[test]
fn a_time_is_in_the_source_s_zone() {
    let context = Context { zone: Tz::America__New_York, ..collect::context() };
    let mut adapter = (SOURCE.open)();
    let record = b"Mar 2, 2026 5:00:00,123 AM /logout by ada from 203.0.113.9";
    let collected = collect::read(&mut *adapter, &SOURCE, [&record[..]], &context);
    assert_eq!(collected.row()["time"], "2026-03-02T10:00:00.123Z");
}

#[test]
fn the_file_s_and_the_console_s_line_give_the_same_row() {
    let file = one(&SOURCE, "Mar 2, 2026 9:00:00,123 AM/logout by ada from 203.0.113.9");
    for line in [
        "2026-03-02 09:00:00:123 - /logout by ada from 203.0.113.9",
        "2026-03-02 09:00:00:123 - audit - /logout by ada from 203.0.113.9",
        "Mar 2, 2026 9:00:00,123 AM | /logout by ada from 203.0.113.9",
    ] {
        assert!((SOURCE.recognises)(line.as_bytes()), "{line}");
        assert_eq!(one(&SOURCE, line).row(), file.row(), "{line}");
    }
}
