use serde_json::{Value, json};

use super::super::Sources;
use super::super::collect::{Verdict, one};
use super::SOURCE;

const METHODS: &str = "http://schemas.microsoft.com/claims/authnmethodsreferences";
const OBJECT: &str = "http://schemas.microsoft.com/identity/claims/objectidentifier";
const UPN: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn";
const PROVIDER: &str = "http://schemas.microsoft.com/identity/claims/identityprovider";

fn claims(more: Value) -> Value {
    let mut claims = json!({
        "iss": "https://sts.windows.net/t-1/", "appid": "a-1", "ipaddr": "198.51.100.7",
        OBJECT: "o-1", UPN: "Ada@corp.example", "uti": "u-1",
    });
    for (key, value) in more.as_object().expect("an object") {
        claims[key] = value.clone();
    }
    claims
}

fn rest(operation: &str, more: Value) -> Value {
    let mut record = json!({
        "eventDataId": "e-1", "eventTimestamp": "2026-03-02T09:00:00.1234567Z",
        "operationName": {"value": operation, "localizedValue": "in words"},
        "caller": "Ada@corp.example", "claims": claims(json!({})),
        "httpRequest": {"clientIpAddress": "203.0.113.9"},
        "category": {"value": "Administrative"}, "status": {"value": "Succeeded"},
        "subStatus": {"value": ""}, "resourceId": "/subscriptions/s-1/resourceGroups/RG",
    });
    for (key, value) in more.as_object().expect("an object") {
        record[key] = value.clone();
    }
    one(&SOURCE, &record.to_string()).row().clone()
}

const WRITE: &str = "Microsoft.Web/sites/write";

#[test]
fn a_record_of_entra_is_not_one_of_the_activity_log_nor_the_other_way_round() {
    let entra = json!({
        "time": "2026-03-02T09:00:00Z", "resourceId": "/tenants/t-1/providers/Microsoft.aadiam",
        "operationName": "Sign-in activity", "category": "SignInLogs", "resultType": "0",
        "callerIpAddress": "203.0.113.9", "identity": "Ada",
        "properties": {
            "id": "i", "createdDateTime": "2026-03-02T09:00:00Z", "appId": "a",
            "userPrincipalName": "ada@corp.example", "authorization": {}, "claims": {},
        },
    });
    let azure = json!({
        "time": "2026-03-02T09:00:00Z", "resourceId": "/SUBSCRIPTIONS/S-1",
        "operationName": "MICROSOFT.WEB/SITES/WRITE", "category": "Administrative",
        "resultType": "Success", "identity": {"authorization": {}, "claims": claims(json!({}))},
    });
    let name = |record: &Value| {
        Sources::default().recognise(record.to_string().as_bytes()).map(|found| found.name)
    };
    assert_eq!(name(&entra), Some("entra"));
    assert_eq!(name(&azure), Some("azure_activity"));
    let hub = |record: &Value| json!({"records": [record]});
    assert_eq!(name(&hub(&entra)), Some("entra"));
    assert_eq!(name(&hub(&azure)), Some("azure_activity"));
}

#[test]
fn both_forms_of_one_event_give_the_same_row() {
    let from_rest = json!({
        "eventTimestamp": "2026-03-02T09:00:00Z", "operationName": {"value": WRITE},
        "caller": "ada@corp.example", "claims": claims(json!({})),
        "httpRequest": {"clientIpAddress": "203.0.113.9"},
        "status": {"value": "Failed"}, "subStatus": {"value": "Forbidden"},
        "resourceId": "/subscriptions/s-1/resourceGroups/Rg",
    });
    let from_hub = json!({
        "time": "2026-03-02T09:00:00Z", "operationName": WRITE.to_uppercase(),
        "identity": {"claims": claims(json!({})), "authorization": {}},
        "callerIpAddress": "203.0.113.9", "category": "Administrative",
        "resultType": "Failure", "resultSignature": "Failed.Forbidden",
        "resourceId": "/SUBSCRIPTIONS/S-1/RESOURCEGROUPS/RG",
    });
    let (rest, hub) = (one(&SOURCE, &from_rest.to_string()), one(&SOURCE, &from_hub.to_string()));
    assert_eq!(rest.row(), hub.row());
    assert_eq!(
        (&rest.row()["outcome"], &rest.row()["reason"]),
        (&"denied".into(), &"not_authorized".into())
    );
}

#[test]
fn the_token_s_methods_say_what_they_say_and_a_federated_one_says_nothing() {
    for (methods, more, mfa) in [
        (json!("pwd,mfa"), json!({}), "claim_in_token"),
        (json!("rsa,mfa"), json!({}), "claim_in_token"),
        (json!(["pwd", "mfa"]), json!({}), "claim_in_token"),
        (json!("[\"pwd\",\"mfa\"]"), json!({}), "claim_in_token"),
        (json!("pwd"), json!({}), "none"),
        (json!("pwd"), json!({PROVIDER: "https://sts.windows.net/t-1"}), "none"),
        (json!("pwd"), json!({PROVIDER: "live.com"}), "unknown"),
        (json!("pwd"), json!({PROVIDER: "https://sts.windows.net/t-2/"}), "unknown"),
        (json!("pwd,mfa"), json!({PROVIDER: "https://sts.windows.net/t-2/"}), "claim_in_token"),
        (json!("fed"), json!({}), "unknown"),
        (json!("wia"), json!({}), "unknown"),
        (json!("rsa"), json!({}), "unknown"),
        (json!("pwd,fed"), json!({}), "unknown"),
        (Value::Null, json!({}), "unknown"),
    ] {
        let mut token = claims(more.clone());
        token[METHODS] = methods.clone();
        assert_eq!(rest(WRITE, json!({"claims": token}))["mfa"], mfa, "{methods} {more}");
    }
    assert_eq!(
        rest(WRITE, json!({"claims": claims(json!({"amr": "mfa"}))}))["mfa"],
        "claim_in_token"
    );
}

#[test]
fn an_application_has_no_second_factor_and_no_name() {
    let token = json!({"iss": "i", "appid": "a-1", OBJECT: "o-9", METHODS: "pwd"});
    let row = rest(WRITE, json!({"claims": token, "caller": "o-9"}));
    assert_eq!((&row["user_id"], &row["user_type"]), (&"o-9".into(), &"servicePrincipal".into()));
    assert_eq!((&row["mfa"], &row["credential"]), (&"unknown".into(), &"app".into()));
    assert_eq!(row["interactive"], false);
    assert!(row.get("user_name").is_none());
}

#[test]
fn the_address_of_the_call_counts_before_that_of_the_token() {
    assert_eq!(rest(WRITE, json!({}))["ip"], "203.0.113.9");
    assert_eq!(rest(WRITE, json!({"httpRequest": null}))["ip"], "198.51.100.7");
}

#[test]
fn the_id_of_a_token_is_never_a_column() {
    let row = rest(WRITE, json!({"claims": claims(json!({"uti": "token-id-1"}))}));
    assert!(row["credential_id"].as_str().is_some_and(|id| id.len() == 32));
    assert!(!row.to_string().contains("token-id-1"));
}

#[test]
fn what_was_only_started_does_not_say_how_it_ended() {
    for (status, outcome) in [
        ("Started", "unknown"),
        ("Accepted", "unknown"),
        ("In Progress", "unknown"),
        ("Succeeded", "success"),
        ("Failed", "failure"),
    ] {
        let row = rest(WRITE, json!({"status": {"value": status}}));
        assert_eq!(row["outcome"], outcome, "{status}");
    }
}

#[test]
fn an_error_s_code_says_more_than_the_status() {
    for (code, sub_status, outcome, reason) in [
        ("AuthorizationFailed", "Forbidden", "denied", "not_authorized"),
        ("RequestDisallowedByPolicy", "Forbidden", "denied", "policy"),
        ("ScopeLocked", "Conflict", "denied", "policy"),
        ("ExpiredAuthenticationToken", "Unauthorized", "failure", "session_expired"),
        ("NeverHeardOf", "Forbidden", "denied", "not_authorized"),
        ("NeverHeardOf", "Conflict", "failure", "other"),
    ] {
        let message = json!({"error": {"code": code, "message": "why"}}).to_string();
        let row = rest(
            WRITE,
            json!({"status": {"value": "Failed"}, "subStatus": {"value": sub_status},
                "properties": {"statusMessage": message}}),
        );
        assert_eq!((&row["outcome"], &row["reason"]), (&outcome.into(), &reason.into()), "{code}");
        assert_eq!(row["reason_raw"], format!("{code}: why"));
        assert_eq!(row.get("blocked").is_some(), reason == "policy");
    }
}

#[test]
fn a_role_is_about_whom_it_is_given_to() {
    let body = json!({"Properties": {"PrincipalId": "o-2", "PrincipalType": "User"}}).to_string();
    let row = rest(
        "Microsoft.Authorization/roleAssignments/write",
        json!({"properties": {"requestbody": body}}),
    );
    assert_eq!((&row["activity"], &row["user_id"]), (&"account_change".into(), &"o-2".into()));
    assert_eq!((&row["actor"], &row["user_type"]), (&"Ada@corp.example".into(), &"User".into()));
    assert!(row.get("user_name").is_none());
}

#[test]
fn a_role_that_a_person_takes_on_is_elevation_and_one_that_is_assigned_is_not() {
    for (kind, activity) in [("SelfActivate", "elevate"), ("AdminAssign", "account_change")] {
        let body = json!({"properties": {"principalId": "o-1", "requestType": kind,
            "ticketInfo": {"ticketNumber": "CHG1"}}});
        let row = rest(
            "Microsoft.Authorization/roleAssignmentScheduleRequests/write",
            json!({"properties": {"requestBody": body.to_string()}}),
        );
        assert_eq!((&row["activity"], &row["ticket"]), (&activity.into(), &"CHG1".into()));
        assert_eq!(row["user_name"], "ada@corp.example");
    }
}

#[test]
fn operations_whose_answers_hold_keys_hand_out_tokens() {
    for (operation, activity) in [
        ("Microsoft.Storage/storageAccounts/listKeys/action", "token_issue"),
        ("Microsoft.Storage/storageAccounts/regenerateKey/action", "token_issue"),
        ("Microsoft.Storage/storageAccounts/listAccountSas/action", "token_issue"),
        (
            "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action",
            "token_issue",
        ),
        ("Microsoft.Web/sites/publishxml/action", "token_issue"),
        ("Microsoft.Compute/virtualMachines/start/action", "access"),
        ("Microsoft.Compute/availabilitySets/listVms/action", "access"),
        ("Microsoft.Quantum/qubits/entangle/action", "access"),
        ("Microsoft.Authorization/elevateAccess/action", "elevate"),
        ("Microsoft.Authorization/policyExemptions/write", "policy_change"),
        ("Microsoft.Insights/diagnosticSettings/delete", "admin"),
    ] {
        assert_eq!(rest(operation, json!({}))["activity"], activity, "{operation}");
    }
}

#[test]
fn a_policy_that_audits_blocks_nothing() {
    for (effect, mode, result, outcome) in [
        ("deny", "enforced", "denied", "denied"),
        ("audit", "report_only", "allowed", "success"),
        ("deployIfNotExists", "enforced", "allowed", "success"),
    ] {
        let policies = json!([{"policyAssignmentId": "p-1", "policyAssignmentName": "n"}]);
        let row = rest(
            &format!("Microsoft.Authorization/policies/{effect}/action"),
            json!({"properties": {"policies": policies.to_string()}}),
        );
        assert_eq!((&row["policy_mode"], &row["policy_result"]), (&mode.into(), &result.into()));
        assert_eq!((&row["outcome"], &row["policy_id"]), (&outcome.into(), &"p-1".into()));
        assert_eq!(row["blocked"], json!(effect == "deny"));
    }
}

#[test]
fn what_the_platform_tells_of_itself_is_no_authentication() {
    for category in ["ServiceHealth", "ResourceHealth", "Alert", "Autoscale", "Recommendation"] {
        let record = json!({
            "eventDataId": "e-1", "eventTimestamp": "2026-03-02T09:00:00Z",
            "operationName": {"value": "x/y/action"}, "category": {"value": category},
        });
        let collected = one(&SOURCE, &record.to_string());
        assert_eq!(collected.verdicts[0].1, Verdict::NotAuthentication, "{category}");
    }
}
