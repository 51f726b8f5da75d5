use serde_json::json;

use super::super::Sources;
use super::super::collect::{Verdict, one};
use super::{OWN, SOURCE};

#[test]
fn an_answer_says_nothing_of_who_gave_it() {
    let record = json!({
        "rollcall_event": "feedback", "id": "a-1", "time": "2026-03-02T10:00:00.123456Z",
        "by": "link", "score": 2, "comment": "the push never came", "flow_id": "102SESSIONada",
        "team": "platform",
    });
    let collected = one(&SOURCE, &record.to_string());
    let row = collected.row();
    assert_eq!((&row["activity"], &row["score"]), (&"feedback".into(), &2.into()));
    assert_eq!(row["reason_raw"], "the push never came");
    assert_eq!(row["flow_id"], "102SESSIONada");
    assert_eq!(row["resource"], "team:platform");
    for column in ["user_name", "user_id", "actor", "ip", "user_agent", "device_id"] {
        assert!(row.get(column).is_none(), "{column}");
    }
}

#[test]
fn a_score_is_one_to_five_or_the_answer_is_kept_aside() {
    for score in [json!(0), json!(6), json!(true), json!("much"), json!(null)] {
        let record = json!({
            "rollcall_event": "feedback", "id": "a-1", "time": "2026-03-02T10:00:00Z", "score": score,
        });
        let collected = one(&SOURCE, &record.to_string());
        assert!(matches!(&collected.verdicts[..], [(_, Verdict::Rejected(_))]), "{score}");
    }
}

#[test]
fn a_collectors_record_is_never_taken_for_rollcalls_own() {
    let record =
        br#"{"rollcall_event":"feedback","id":"a-1","time":"2026-03-02T10:00:00Z","score":1}"#;
    assert!((SOURCE.recognises)(record));
    assert!(Sources::default().recognise(record).is_none());
    assert!(Sources::default().find(OWN).is_some());
}

#[test]
fn an_alert_and_what_was_done_about_it_share_its_key_and_name_no_account() {
    let alert = json!({
        "rollcall_event": "alert", "id": "push_bombing-1-7-0/1", "time": "2026-03-02T10:00:00Z",
        "key": "push_bombing-1-7-0", "subject": "okta:ada@corp.example", "severity": "high",
        "observation": "5 prompts were refused",
    });
    let triage = json!({
        "rollcall_event": "triage", "id": "t-1", "time": "2026-03-02T10:05:00Z",
        "key": "push_bombing-1-7-0", "who": "bo", "action": "acknowledge", "note": "calling her",
    });
    let collected = one(&SOURCE, &alert.to_string());
    let row = collected.row();
    assert_eq!((&row["operation"], &row["activity"]), (&"alert".into(), &"admin".into()));
    assert_eq!(row["flow_id"], "push_bombing-1-7-0");
    assert_eq!(row["resource"], "okta:ada@corp.example");
    // Else it would count as an account of rollcall's.
    assert!(row.get("user_name").is_none() && row.get("ip").is_none());
    let collected = one(&SOURCE, &triage.to_string());
    let row = collected.row();
    assert_eq!((&row["operation"], &row["outcome"]), (&"triage".into(), &"success".into()));
    assert_eq!((&row["flow_id"], &row["actor"]), (&"push_bombing-1-7-0".into(), &"bo".into()));
    assert_eq!(row["reason_raw"], "calling her");
}
