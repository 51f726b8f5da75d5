use serde_json::{Value, json};

use super::super::collect::one;
use super::SOURCE;

fn entry(action: &str, more: Value) -> Value {
    let mut record = json!({
        "@timestamp": 1_772_445_600_123_i64, "_document_id": "d-1", "action": action,
        "actor": "Octo-Ada", "actor_id": 7, "org": "corp-dev",
    });
    for (key, value) in more.as_object().expect("an object") {
        record[key] = value.clone();
    }
    one(&SOURCE, &record.to_string()).row().clone()
}

#[test]
fn programmatic_access_names_the_credential_and_a_browser_names_none() {
    for (kind, credential) in [
        ("Personal access token (classic)", "access_token"),
        ("Fine-grained personal access token", "access_token"),
        ("OAuth access token", "access_token"),
        ("GitHub App user-to-server token", "access_token"),
        ("GitHub App server-to-server token", "app"),
    ] {
        let row =
            entry("git.clone", json!({"programmatic_access_type": kind, "hashed_token": "abc="}));
        assert_eq!(row["credential"], credential, "{kind}");
        // Never GitHub's own hash: it would join with leaked lists.
        assert!(
            row["credential_id"].as_str().is_some_and(|id| id.len() == 32 && !id.contains("abc"))
        );
    }
    assert!(entry("repo.create", json!({})).get("credential").is_none());
}

#[test]
fn the_hec_envelope_and_the_entry_alone_give_the_same_row() {
    let bare = json!({
        "@timestamp": 1_772_445_600_123_i64, "_document_id": "d-1", "action": "git.push",
        "actor": "ada", "actor_id": 7, "repo": "corp-dev/a",
    });
    let wrapped = json!({"event": bare, "time": 1_772_445_700.25});
    assert_eq!(one(&SOURCE, &bare.to_string()).row(), one(&SOURCE, &wrapped.to_string()).row());
    // Without a time of its own the envelope's counts.
    let wrapped =
        json!({"event": {"action": "git.push", "actor": "ada"}, "time": 1_772_445_700.25});
    assert_eq!(one(&SOURCE, &wrapped.to_string()).row()["time"], "2026-03-02T10:01:40.250Z");
}

#[test]
fn an_action_that_is_not_known_is_kept_as_an_access() {
    let row = entry("quantum.entangle", json!({"repo": "corp-dev/a"}));
    assert_eq!((&row["activity"], &row["resource"]), (&"access".into(), &"corp-dev/a".into()));
    assert_eq!(row["user_name"], "octo-ada");
}

#[test]
fn a_sign_in_through_saml_says_nothing_of_mfa() {
    let row = entry("org.sso_response", json!({}));
    assert_eq!((&row["activity"], &row["protocol"]), (&"logon".into(), &"saml".into()));
    assert_eq!(row["mfa"], "unknown");
}
