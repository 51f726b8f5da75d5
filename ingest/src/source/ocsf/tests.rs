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
fn a_federated_sign_in_without_mfa_says_nothing_of_it() {
    for (protocol, expected) in [
        (json!({"auth_protocol_id": 5}), "unknown"),
        (json!({"auth_protocol_id": 4}), "unknown"),
        (json!({"auth_protocol": "OAUTH 2.0"}), "unknown"),
        (json!({"auth_protocol": "WS-Federation", "auth_protocol_id": 99}), "unknown"),
        (json!({"auth_protocol_id": 2}), "none"),
        (json!({"auth_protocol": "LDAP"}), "none"),
    ] {
        let mut more = protocol.clone();
        more["is_mfa"] = json!(false);
        assert_eq!(event(3002, 1, more.clone())["mfa"], expected, "{protocol}");
        more["is_mfa"] = json!(true);
        assert_eq!(event(3002, 1, more)["mfa"], "performed", "{protocol}");
    }
}

#[test]
fn an_id_is_its_products() {
    for (product, expected) in [
        (json!({"name": "Door", "vendor_name": "Acme"}), "Acme/Door/1001"),
        (json!({"name": "Gate"}), "Gate/1001"),
        (json!({"vendor_name": "Acme"}), "Acme/1001"),
        (json!({}), "1001"),
        (Value::Null, "1001"),
    ] {
        let metadata = json!({"metadata": {"uid": "1001", "product": product}});
        assert_eq!(event(3002, 1, metadata)["source_event_id"], expected);
    }
    let none = json!({"metadata": {"product": {"name": "Door"}}});
    assert_eq!(event(3002, 1, none)["source_event_id"], Value::Null);
}

#[test]
fn an_unexpected_type_means_not_said() {
    let at = |path: &[&str], odd: &Value| {
        path.iter().rev().fold(odd.clone(), |inner, key| json!({*key: inner}))
    };
    let paths: &[&[&str]] = &[
        &["src_endpoint", "location", "coordinates"],
        &["src_endpoint", "location", "lat"],
        &["src_endpoint", "location"],
        &["src_endpoint", "autonomous_system"],
        &["src_endpoint", "autonomous_system", "number"],
        &["dst_endpoint"],
        &["actor"],
        &["actor", "user"],
        &["actor", "session", "is_mfa"],
        &["session"],
        &["session", "uid"],
        &["device"],
        &["device", "os", "name"],
        &["cloud", "account"],
        &["http_request"],
        &["certificate"],
        &["policy"],
        &["service"],
        &["auth_factors"],
        &["metadata"],
        &["metadata", "product"],
        &["user"],
        &["user", "name"],
        &["activity_name"],
        &["auth_protocol"],
        &["auth_protocol_id"],
        &["logon_type_id"],
        &["is_mfa"],
        &["duration"],
        &["status"],
        &["status_code"],
        &["time_dt"],
        &["type_name"],
    ];
    for &path in paths {
        for odd in [
            Value::Null,
            json!({"type": "Point", "coordinates": [1, 2]}),
            json!([]),
            json!([[1, {"a": 2}], null]),
            json!("x"),
            json!(true),
            json!(-7),
            json!(1.5),
            json!(u64::MAX),
        ] {
            let row = event(3002, 1, at(path, &odd));
            assert_eq!(row["activity"], "logon", "{path:?} {odd}");
        }
    }
    let place = json!({"src_endpoint": {"location": {"coordinates": null, "lat": 1.5}}});
    assert_eq!(event(3002, 1, place)["lat_e6"], 1_500_000);
}

#[test]
fn other_categories_are_not_authentication() {
    let collected = one(&SOURCE, r#"{"class_uid":4001,"time":1772618400000}"#);
    assert_eq!(collected.verdicts[0].1, Verdict::NotAuthentication);
}
