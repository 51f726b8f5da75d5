use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::Value;

use super::{COMPANY, SUMMARY};
use crate::Feed;

fn parsed(date: NaiveDate, feed: Feed) -> Vec<(DateTime<Utc>, Value)> {
    let records = COMPANY.day(date).into_iter().filter(|record| record.feed == feed);
    records
        .map(|record| (record.time, serde_json::from_str(&record.line).expect(&record.line)))
        .collect()
}

fn working_days() -> impl Iterator<Item = NaiveDate> {
    COMPANY.days().step_by(17)
}

#[test]
fn json_feeds_parse_and_carry_their_identity_and_time() {
    let fields = [
        (Feed::Okta, "/uuid", "/published"),
        (Feed::Entra, "/id", "/createdDateTime"),
        (Feed::GitHub, "/_document_id", "/@timestamp"),
        (Feed::CloudTrail, "/eventID", "/eventTime"),
    ];
    for date in working_days() {
        for (feed, id, time) in fields {
            for (_, event) in parsed(date, feed) {
                assert!(event.pointer(id).is_some_and(Value::is_string), "{event}");
                assert!(event.pointer(time).is_some(), "{event}");
            }
        }
    }
}

#[test]
fn sshd_lines_have_time_host_and_program() {
    for record in COMPANY.day(NaiveDate::from_ymd_opt(2026, 8, 4).unwrap()) {
        if record.feed == Feed::Sshd {
            let time = record.time.format("%b %e %H:%M:%S ").to_string();
            assert!(record.line.starts_with(&time), "{}", record.line);
            assert!(record.line.contains(" sshd["), "{}", record.line);
        }
    }
}

#[test]
fn every_kind_of_event_occurs() {
    for kind in KINDS {
        assert!(SUMMARY.kinds.contains(*kind), "{kind} never occurs");
    }
}

/// What has to occur in two quarters: event types, error codes, words.
const KINDS: &[&str] = &[
    "user.session.start",
    "user.session.end",
    "user.authentication.auth_via_mfa",
    "system.push.send_factor_verify_push",
    "policy.evaluate_sign_on",
    "user.authentication.sso",
    "user.mfa.factor.activate",
    "user.mfa.factor.deactivate",
    "user.mfa.factor.reset_all",
    "user.account.lock",
    "policy.rule.update",
    "user.account.reset_password",
    "0",
    "50126",
    "50140",
    "50074",
    "50076",
    "500121",
    "53003",
    "50053",
    "50055",
    "git.clone",
    "git.push",
    "git.fetch",
    "org.sso_response",
    "user.login",
    "user.failed_login",
    "two_factor_authentication.enabled",
    "org.enable_two_factor_requirement",
    "protected_branch.policy_override",
    "pull_request.merge",
    "workflows.created_workflow_run",
    "workflows.approve_workflow_job",
    "environment.update_protection_rule",
    "personal_access_token.access_granted",
    "ConsoleLogin",
    "AssumeRole",
    "AssumeRoleWithSAML",
    "GetSecretValue",
    "CredentialChallenge",
    "CredentialVerification",
    "UserAuthentication",
    "Accepted publickey",
    "Accepted password",
    "Accepted keyboard-interactive/pam",
    "Failed password",
    "Invalid user",
    "message repeated",
    "Connection closed",
    "session opened",
    "session closed",
];

/// The trap: CloudTrail says `MFAUsed: No`, the provider's event says better.
#[test]
fn a_federated_console_sign_in_has_its_parent() {
    let mut checked = 0;
    for date in working_days() {
        let mut parents = BTreeMap::<(String, String), Vec<DateTime<Utc>>>::new();
        for (time, event) in parsed(date, Feed::Okta) {
            if event["eventType"] == "user.authentication.sso"
                && event["target"][0]["displayName"] == "AWS IAM Identity Center"
            {
                let who = event["actor"]["alternateId"].as_str().unwrap().to_owned();
                let ip = event["client"]["ipAddress"].as_str().unwrap().to_owned();
                parents.entry((who, ip)).or_default().push(time);
            }
        }
        for (_, event) in parsed(date, Feed::Entra) {
            if event["appDisplayName"] == "AWS IAM Identity Center"
                && event["status"]["errorCode"] == 0
            {
                let who = event["userPrincipalName"].as_str().unwrap().to_owned();
                let ip = event["ipAddress"].as_str().unwrap().to_owned();
                // the last step is when the token was issued
                let steps = event["authenticationDetails"].as_array().unwrap();
                let last = steps
                    .last()
                    .map_or(&event["createdDateTime"], |step| &step["authenticationStepDateTime"]);
                let time = last.as_str().unwrap().parse().unwrap();
                parents.entry((who, ip)).or_default().push(time);
            }
        }
        for (time, event) in parsed(date, Feed::CloudTrail) {
            let arn = event["userIdentity"]["arn"].as_str().unwrap_or("");
            let early = time.time().to_string().as_str() < "01:30";
            if event["eventName"] != "ConsoleLogin" || !arn.contains("AWSReservedSSO_") || early {
                continue;
            }
            assert_eq!(event["additionalEventData"]["MFAUsed"], "No");
            let login = arn.rsplit('/').next().unwrap();
            let key = (
                format!("{login}@corp.example"),
                event["sourceIPAddress"].as_str().unwrap().to_owned(),
            );
            let written: DateTime<Utc> = event["eventTime"].as_str().unwrap().parse().unwrap();
            let near = |parent: &DateTime<Utc>| {
                let gap = written - *parent;
                gap >= TimeDelta::seconds(-1) && gap <= TimeDelta::seconds(60)
            };
            let found = parents.get(&key).is_some_and(|times| times.iter().any(near));
            assert!(found, "{key:?} {written} {:?}", parents.get(&key));
            checked += 1;
        }
    }
    assert!(checked > 300, "{checked}");
}

#[test]
fn entra_tells_some_sign_ins_again_in_a_newer_state() {
    let mut states = BTreeMap::<String, BTreeSet<String>>::new();
    for date in working_days() {
        for (_, event) in parsed(date, Feed::Entra) {
            let id = event["id"].as_str().unwrap().to_owned();
            states.entry(id).or_default().insert(event["status"].to_string());
        }
    }
    let revised = states.values().filter(|states| states.len() == 2).count();
    assert!(revised > 30 && revised * 10 < states.len(), "{revised} {}", states.len());
}
