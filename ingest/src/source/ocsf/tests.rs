use serde_json::{Value, json};

use super::super::collect::{Verdict, one};
use super::SOURCE;

fn event(class: i64, activity: i64, more: Value) -> Value {
    let mut record = json!({
        "class_uid": class, "activity_id": activity, "time": 1_772_618_400_000_i64, "status_id": 1,
        "user": {"name": "kim@corp.example"}, "metadata": {"uid": "m-1"},
    });
    for (key, value) in more.as_object().expect("an object") {
        record[key] = value.clone();
    }
    one(&SOURCE, &record.to_string()).row().clone()
}

#[test]
fn mfa_is_enabled_under_either_number() {
    for (class, id, name, expected) in [
        (3001, 10, None, "enroll"),
        (3001, 11, None, "unenroll"),
        (3007, 12, None, "enroll"),
        (3007, 13, None, "unenroll"),
        (3007, 10, None, "account_change"),
        (3001, 12, Some("MFA Factor Enable"), "enroll"),
        (3001, 10, Some("Lock"), "account_change"),
    ] {
        let row = event(class, id, json!({"activity_name": name}));
        assert_eq!(row["activity"], expected, "{class} {id} {name:?}");
    }
}

#[test]
fn is_mfa_says_yes_no_or_nothing() {
    for (said, expected) in
        [(json!(true), "performed"), (json!(false), "none"), (Value::Null, "unknown")]
    {
        assert_eq!(event(3002, 1, json!({"is_mfa": said}))["mfa"], expected);
    }
}

#[test]
fn other_categories_are_not_authentication() {
    let collected = one(&SOURCE, r#"{"class_uid":4001,"time":1772618400000}"#);
    assert_eq!(collected.verdicts[0].1, Verdict::NotAuthentication);
}
