//! Sign-ins that came through an identity provider: what proves that they had MFA.
//! Each vendor's events are in its own format.

use crate::rollcall::Rollcall;

const ADDRESS: &str = "198.51.100.23";
const LOGIN: &str = "ada.lovell@corp.example";

/// An identity provider: its source, how it names the way into AWS and into GitHub,
/// and what it writes when Ada goes there at 09:00:20 with a second factor.
struct Provider {
    source: &'static str,
    into_aws: &'static str,
    into_github: &'static str,
    writes: fn(&str) -> String,
    /// What the events are that a proof stands on.
    proof: &'static [&'static str],
}

const PROVIDERS: [Provider; 3] = [
    Provider {
        source: "okta",
        into_aws: "AWS IAM Identity Center",
        into_github: "GitHub Enterprise Cloud - Organization",
        writes: okta_into,
        proof: &["user.authentication.auth_via_mfa", "user.authentication.sso"],
    },
    Provider {
        source: "entra",
        into_aws: "AWS Single-Account Access",
        into_github: "GitHub Enterprise Managed User",
        writes: entra_into,
        proof: &["SignInLogs"],
    },
    Provider {
        source: "keycloak",
        into_aws: "urn:amazon:webservices",
        into_github: "https://github.com/orgs/acme",
        writes: keycloak_into,
        proof: &["LOGIN", "LOGIN"],
    },
];

fn okta(uuid: u32, time: &str, kind: &str, result: &str, rest: &str) -> String {
    format!(
        r#"{{"actor":{{"id":"00u1","type":"User","alternateId":"{LOGIN}","displayName":"Ada Lovell"}},"client":{{"ipAddress":"{ADDRESS}"}},"authenticationContext":{{"externalSessionId":"sess-1","rootSessionId":"sess-1"}},"eventType":"{kind}","outcome":{{"result":"{result}"}},"published":"2026-11-02T{time}Z","severity":"INFO","legacyEventType":null,"transaction":{{"type":"WEB","id":"tx-{uuid}"}},"uuid":"0000000{uuid}-0000-4000-8000-000000000000","version":"0",{rest}}}"#
    )
}

/// What an Okta event says of the factor.
fn factor(code: &str) -> String {
    format!(r#""target":[],"debugContext":{{"debugData":{{"factor":"{code}"}}}}"#)
}

const NOTHING: &str = r#""target":[],"debugContext":{"debugData":{}}"#;

fn okta_into(application: &str) -> String {
    let target = format!(
        r#""target":[{{"id":"0oa1","type":"AppInstance","alternateId":"Work","displayName":"{application}"}}],"debugContext":{{"debugData":{{"signOnMode":"SAML 2.0"}}}}"#
    );
    [
        okta(
            1,
            "08:30:00.000",
            "user.authentication.auth_via_mfa",
            "SUCCESS",
            &factor("FIDO_WEBAUTHN"),
        ),
        okta(2, "09:00:20.000", "user.authentication.sso", "SUCCESS", &target),
    ]
    .join("\n")
}

fn entra_into(application: &str) -> String {
    format!(
        r#"{{"id":"66aa0000-0000-4000-8000-000000000001","createdDateTime":"2026-11-02T09:00:20Z","userPrincipalName":"{LOGIN}","userId":"aaaa0000-0000-4000-8000-000000000001","appId":"app-1","appDisplayName":"{application}","ipAddress":"{ADDRESS}","clientAppUsed":"Browser","correlationId":"c0ffee00-0000-4000-8000-000000000001","isInteractive":true,"resourceDisplayName":"{application}","authenticationRequirement":"multiFactorAuthentication","userType":"member","authenticationProtocol":"saml20","status":{{"errorCode":0,"failureReason":"Other.","additionalDetails":"MFA requirement satisfied by claim in the token"}},"authenticationDetails":[{{"authenticationStepDateTime":"2026-11-02T09:00:20Z","authenticationMethod":"Previously satisfied","succeeded":true,"authenticationStepResultDetail":"MFA requirement satisfied by claim in the token","authenticationStepRequirement":"Multi-factor authentication"}}]}}"#
    )
}

/// A code for the first application of the session, nothing for the next.
fn keycloak_into(application: &str) -> String {
    let login = |number: u32, time: u64, client: &str, method: &str, more: &str| {
        format!(
            r#"{{"id":"0d1f6b7e-5a55-4f7e-9f7e-00000000000{number}","time":{time},"type":"LOGIN","realmId":"corp","clientId":"{client}","userId":"7c8c3984","sessionId":"8a6becd6","ipAddress":"{ADDRESS}","error":null,"details":{{"auth_method":"{method}","code_id":"8a6becd6","username":"{LOGIN}"{more}}}}}"#
        )
    };
    [
        login(1, 1_793_608_200_000, "wiki", "openid-connect", r#","credential_type":"otp""#),
        login(2, 1_793_610_020_000, application, "saml", ""),
    ]
    .join("\n")
}

const CONSOLE: &str = r#"{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLEID:ada.lovell@corp.example","arn":"arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Engineer_0123456789abcdef/ada.lovell@corp.example","accountId":"111122223333"},"eventTime":"2026-11-02T09:00:40Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"eu-west-1","sourceIPAddress":"198.51.100.23","userAgent":"Mozilla/5.0","requestParameters":null,"responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MobileVersion":"No","MFAUsed":"No"},"eventID":"9a1b0b9e-0000-4000-8000-000000000001","readOnly":false,"eventType":"AwsConsoleSignIn","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"}"#;

const SINGLE_SIGN_ON: &str = r#"{"@timestamp":1793610040500,"_document_id":"sso-1","action":"org.sso_response","actor":"ada-dev","actor_id":7,"actor_ip":"198.51.100.23","created_at":1793610040500,"operation_type":"modify","org":"Acme","org_id":42,"user":"ada-dev","external_identity_nameid":"ada.lovell@corp.example","issuer":"https://idp.corp.example"}"#;

/// Ada, with one login at GitHub and another one everywhere else.
fn with_directory() -> Rollcall {
    let rollcall = Rollcall::new();
    let people = rollcall.file(
        "people.csv",
        format!("id,name,kind,logins\np1,Ada Lovell,human,*:{LOGIN} github:ada-dev\n"),
    );
    rollcall.run(&["people", "import", people.to_str().expect("a path")]);
    rollcall
}

const ARRIVED: &str = "SELECT mfa, mfa_proof_kind FROM attempts
    WHERE operation IN ('ConsoleLogin', 'org.sso_response')";

/// Source and operation of each event that the proof stands on.
fn proof(rollcall: &Rollcall, of: &str) -> Vec<String> {
    let query = format!("SELECT mfa_proof_events FROM attempts WHERE {of}");
    let events = rollcall.sql(&query).join(" ");
    events
        .split(' ')
        .flat_map(|event| {
            let [shard, seq, part] = event.split('-').collect::<Vec<_>>()[..] else {
                panic!("no event: {event:?}")
            };
            rollcall.sql(&format!(
                "SELECT source, operation FROM events
                WHERE shard = {shard} AND seq = {seq} AND part = {part}"
            ))
        })
        .collect()
}

/// What is unknown without the provider's events is inherited once they are there.
#[track_caller]
fn inherits(provider: &Provider, application: &str, service: &str) {
    let events = (provider.writes)(application);
    let rollcall = with_directory();
    rollcall.ingest(&rollcall.file("service.ndjson", service));
    assert_eq!(rollcall.sql(ARRIVED), ["unknown,"], "{}", provider.source);
    rollcall.ingest(&rollcall.file("provider.ndjson", &events));
    assert_eq!(rollcall.sql(ARRIVED), ["inherited,timing"], "{}", provider.source);
    let expected: Vec<String> =
        provider.proof.iter().map(|operation| format!("{},{operation}", provider.source)).collect();
    let operation = "operation IN ('ConsoleLogin', 'org.sso_response')";
    assert_eq!(proof(&rollcall, operation), expected);

    // The other way round.
    let rollcall = with_directory();
    rollcall.ingest(&rollcall.file("provider.ndjson", &events));
    rollcall.ingest(&rollcall.file("service.ndjson", service));
    assert_eq!(rollcall.sql(ARRIVED), ["inherited,timing"], "{}", provider.source);
}

#[test]
fn a_console_inherits_what_okta_entra_and_keycloak_prove() {
    for provider in &PROVIDERS {
        inherits(provider, provider.into_aws, CONSOLE);
    }
}

#[test]
fn github_inherits_what_okta_entra_and_keycloak_prove() {
    for provider in &PROVIDERS {
        inherits(provider, provider.into_github, SINGLE_SIGN_ON);
    }
}

#[test]
fn the_way_into_one_service_is_none_into_the_other() {
    for provider in &PROVIDERS {
        for (application, service) in
            [(provider.into_github, CONSOLE), (provider.into_aws, SINGLE_SIGN_ON)]
        {
            let rollcall = with_directory();
            let events = (provider.writes)(application);
            rollcall.ingest(&rollcall.file("provider.ndjson", events));
            rollcall.ingest(&rollcall.file("service.ndjson", service));
            assert_eq!(rollcall.sql(ARRIVED), ["unknown,"], "{application}");
            assert_eq!(
                rollcall.sql("SELECT finding, fitting FROM federated_sign_ins"),
                ["not_found,0"],
                "{application}"
            );
        }
    }
}

#[test]
fn another_organisation_than_the_entity_id_names_proves_nothing() {
    let rollcall = with_directory();
    let events = keycloak_into("https://github.com/orgs/other");
    rollcall.ingest(&rollcall.file("provider.ndjson", events));
    rollcall.ingest(&rollcall.file("service.ndjson", SINGLE_SIGN_ON));
    assert_eq!(rollcall.sql(ARRIVED), ["unknown,"]);
}

#[test]
fn an_account_that_nobody_joined_to_the_person_stays_unknown() {
    let rollcall = Rollcall::new();
    let events = okta_into("GitHub Enterprise Cloud - Organization");
    rollcall.ingest(&rollcall.file("provider.ndjson", events));
    rollcall.ingest(&rollcall.file("service.ndjson", SINGLE_SIGN_ON));
    assert_eq!(rollcall.sql(ARRIVED), ["unknown,"]);
}

/// Okta's telling of a sign-in whose second factor Duo asks for.
fn okta_with_duo() -> String {
    let verified = "user.authentication.auth_via_mfa";
    [
        okta(1, "09:00:00.000", "policy.evaluate_sign_on", "CHALLENGE", NOTHING),
        okta(2, "09:00:04.000", verified, "SUCCESS", &factor("PASSWORD_AS_FACTOR")),
        okta(3, "09:00:15.000", verified, "SUCCESS", &factor("DUO_SECURITY")),
        okta(4, "09:00:15.200", "policy.evaluate_sign_on", "ALLOW", NOTHING),
        okta(5, "09:00:15.400", "user.session.start", "SUCCESS", NOTHING),
    ]
    .join("\n")
}

const DUO: &str = r#"{"access_device":{"browser":"Chrome","ip":"198.51.100.23","os":"Mac OS X"},"alias":"","application":{"key":"DIOKTA00000000EXAMPLE","name":"Okta"},"auth_device":{"ip":"198.51.100.200","key":"DPADAPHONE0EXAMPLE00","name":"My phone (202-555-0143)"},"email":"ada.lovell@corp.example","event_type":"authentication","factor":"duo_push","isotimestamp":"2026-11-02T09:00:14.314482+00:00","reason":"user_approved","result":"success","timestamp":1793610014,"trusted_endpoint_status":"trusted","txid":"340a23e3-23f3-4c1a-87dc-000000000001","user":{"groups":[],"key":"DUADA00000000EXAMPLE","name":"ada.lovell@corp.example"}}"#;

#[test]
fn okta_with_duo_behind_it_is_one_attempt_with_one_prompt() {
    let attempts = "SELECT source, outcome, mfa, factor, prompts, duration_ms FROM attempts";
    let rollcall = with_directory();
    rollcall.ingest(&rollcall.file("duo.ndjson", DUO));
    assert_eq!(rollcall.sql(attempts), ["duo,success,performed,push,1,"]);
    rollcall.ingest(&rollcall.file("okta.ndjson", okta_with_duo()));
    assert_eq!(rollcall.sql(attempts), ["okta,success,performed,push,1,15400"]);
    let verified = "okta,user.authentication.auth_via_mfa";
    assert_eq!(proof(&rollcall, "source = 'okta'"), ["duo,authentication", verified]);
    // Both are still told as they were.
    assert_eq!(rollcall.number("SELECT sum(prompts) FROM tries"), 2);

    let rollcall = with_directory();
    rollcall.ingest(&rollcall.file("okta.ndjson", okta_with_duo()));
    assert_eq!(rollcall.sql(attempts), ["okta,success,performed,other,1,15400"]);
    rollcall.ingest(&rollcall.file("duo.ndjson", DUO));
    assert_eq!(rollcall.sql(attempts), ["okta,success,performed,push,1,15400"]);
}

#[test]
fn duos_prompt_for_okta_stands_behind_the_console_too() {
    let rollcall = with_directory();
    let reached = r#""target":[{"id":"0oa1","type":"AppInstance","alternateId":"Work","displayName":"AWS Account Federation"}],"debugContext":{"debugData":{}}"#;
    let reached = okta(6, "09:00:30.000", "user.authentication.sso", "SUCCESS", reached);
    rollcall.ingest(&rollcall.file("duo.ndjson", DUO));
    rollcall.ingest(&rollcall.file("okta.ndjson", okta_with_duo() + "\n" + &reached));
    rollcall.ingest(&rollcall.file("trail.json", CONSOLE));
    assert_eq!(rollcall.sql(ARRIVED), ["inherited,timing"]);
    assert_eq!(
        proof(&rollcall, "operation = 'ConsoleLogin'"),
        ["duo,authentication", "okta,user.authentication.sso"]
    );
}
