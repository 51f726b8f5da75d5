//! What comes after the fact changes the answer and rewrites no file.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::rollcall::Rollcall;

const CONSOLE: &str = r#"{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLEID:ada.lovell@corp.example","arn":"arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Engineer_0123456789abcdef/ada.lovell@corp.example","accountId":"111122223333"},"eventTime":"2026-11-02T09:00:40Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"eu-west-1","sourceIPAddress":"198.51.100.23","userAgent":"Mozilla/5.0","requestParameters":null,"responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MobileVersion":"No","MFAUsed":"No"},"eventID":"9a1b0b9e-0000-4000-8000-000000000001","readOnly":false,"eventType":"AwsConsoleSignIn","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"}"#;

fn okta(uuid: u32, time: &str, kind: &str, rest: &str) -> String {
    format!(
        r#"{{"actor":{{"id":"00u1","type":"User","alternateId":"ada.lovell@corp.example","displayName":"Ada Lovell"}},"client":{{"ipAddress":"198.51.100.23"}},"authenticationContext":{{"externalSessionId":"sess-1","rootSessionId":"sess-1"}},"eventType":"{kind}","outcome":{{"result":"SUCCESS"}},"published":"{time}","severity":"INFO","legacyEventType":null,"transaction":{{"type":"WEB","id":"tx-{uuid}"}},"uuid":"0000000{uuid}-0000-4000-8000-000000000000","version":"0",{rest}}}"#
    )
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(folder)
        .expect("a folder")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "parquet"))
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, Sha256::digest(std::fs::read(path).expect("bytes")).to_vec())
        })
        .collect()
}

#[test]
fn a_provider_event_that_comes_late_turns_unknown_into_inherited() {
    let rollcall = Rollcall::new();
    rollcall.ingest(&rollcall.file("trail.json", CONSOLE));
    let query = "SELECT mfa, mfa_proof_kind FROM attempts WHERE operation = 'ConsoleLogin'";
    assert_eq!(rollcall.sql(query), ["unknown,"]);
    let sealed = files(&rollcall.data().join("events"));

    let push = r#""target":[{"id":"opf1","type":"AuthenticatorEnrollment","displayName":"Okta Verify","detailEntry":{"methodTypeUsed":"Get a push notification","methodUsedVerifiedProperties":"[USER_PRESENCE]"}}],"debugContext":{"debugData":{"factor":"OKTA_VERIFY_PUSH"}}"#;
    let app = application("AWS IAM Identity Center");
    let provider = [
        okta(1, "2026-11-02T09:00:05.000Z", "user.authentication.auth_via_mfa", push),
        okta(2, "2026-11-02T09:00:20.000Z", "user.authentication.sso", &app),
    ]
    .join("\n");
    rollcall.ingest(&rollcall.file("okta.ndjson", provider));
    assert_eq!(rollcall.sql(query), ["inherited,timing"]);

    // The proof names a row that is there.
    let proof = rollcall.sql("SELECT mfa_proof FROM attempts WHERE operation = 'ConsoleLogin'");
    let parts: Vec<&str> = proof[0].split('-').collect();
    let found = format!(
        "SELECT source FROM events WHERE shard = {} AND seq = {} AND part = {}",
        parts[0], parts[1], parts[2]
    );
    assert_eq!(rollcall.sql(&found), ["okta"]);

    // Sealed rows say what the source said, as before.
    assert_eq!(
        rollcall.sql("SELECT mfa FROM events WHERE operation = 'ConsoleLogin'"),
        ["unknown"]
    );
    let now = files(&rollcall.data().join("events"));
    assert!(sealed.iter().all(|(name, hash)| now.get(name) == Some(hash)), "a file was rewritten");
}

const PUSH: &str = r#""target":[],"debugContext":{"debugData":{"factor":"OKTA_VERIFY_PUSH"}}"#;

/// The target of a sign-in to an application.
fn application(name: &str) -> String {
    format!(
        r#""target":[{{"id":"0oa1","type":"AppInstance","alternateId":"{name}","displayName":"{name}"}}],"debugContext":{{"debugData":{{}}}}"#
    )
}

/// MFA at Okta, then the application at that time; what the console's sign-in of
/// 09:00:40 has by it.
fn console_after(name: &str, reached: &str) -> Vec<String> {
    let rollcall = Rollcall::new();
    let provider = [
        okta(1, "2026-11-02T08:59:00.000Z", "user.authentication.auth_via_mfa", PUSH),
        okta(2, reached, "user.authentication.sso", &application(name)),
    ];
    rollcall.ingest(&rollcall.file("okta.ndjson", provider.join("\n")));
    rollcall.ingest(&rollcall.file("trail.json", CONSOLE));
    let query = "SELECT a.mfa, a.mfa_proof_kind, e.operation FROM attempts a
        LEFT JOIN events e ON a.mfa_proof = e.shard || '-' || e.seq || '-' || e.part
        WHERE a.operation = 'ConsoleLogin'";
    rollcall.sql(query)
}

#[test]
fn more_than_a_minute_apart_proves_nothing() {
    let inherited = "inherited,timing,user.authentication.auth_via_mfa";
    for name in ["AWS IAM Identity Center", "Amazon Web Services", "AWS Account Federation"] {
        assert_eq!(console_after(name, "2026-11-02T08:59:40.000Z"), [inherited], "{name}");
        assert_eq!(console_after(name, "2026-11-02T08:59:39.000Z"), ["unknown,,"], "{name}");
    }
}

#[test]
fn another_application_of_the_provider_proves_nothing() {
    for name in ["Slack", "Okta Dashboard", "AWS Client VPN"] {
        assert_eq!(console_after(name, "2026-11-02T09:00:10.000Z"), ["unknown,,"], "{name}");
    }
}

#[test]
fn a_way_into_aws_is_none_into_another_service() {
    let rollcall = Rollcall::new();
    let provider = [
        okta(1, "2026-11-02T09:00:05.000Z", "user.authentication.auth_via_mfa", PUSH),
        okta(
            2,
            "2026-11-02T09:00:20.000Z",
            "user.authentication.sso",
            &application("AWS IAM Identity Center"),
        ),
    ];
    rollcall.ingest(&rollcall.file("okta.ndjson", provider.join("\n")));
    let login = r#"{"@timestamp":1793610030000,"_document_id":"login-1","action":"user.login","actor":"ada.lovell@corp.example","actor_id":7,"actor_ip":"198.51.100.23","created_at":1793610030000,"org":"acme","user":"ada.lovell@corp.example"}"#;
    rollcall.ingest(&rollcall.file("github.ndjson", login));
    rollcall.ingest(&rollcall.file("trail.json", CONSOLE));
    assert_eq!(
        rollcall.sql("SELECT source, started = TIMESTAMP '2026-11-02T09:00:30Z', ip, mfa FROM attempts WHERE source <> 'okta' ORDER BY source"),
        ["cloudtrail,false,198.51.100.23,inherited", "github,true,198.51.100.23,unknown"]
    );
}

#[test]
fn a_directory_that_comes_late_names_earlier_rows() {
    let rollcall = Rollcall::new();
    rollcall.ingest(&rollcall.file("trail.json", CONSOLE));
    let query = "SELECT person, team, account_kind FROM attempts WHERE operation = 'ConsoleLogin'";
    assert_eq!(rollcall.sql(query), [",,unknown"]);
    let sealed = files(&rollcall.data().join("events"));
    let people = rollcall.file(
        "people.csv",
        "id,name,kind,logins,team\np1,Ada Lovell,human,okta:ada.lovell@corp.example cloudtrail:ada.lovell@corp.example,platform\n",
    );
    let path = people.to_str().expect("a path");
    assert_eq!(
        rollcall.run(&["people", "import", path]).split(" imported").next(),
        Some("1 people with 2 logins")
    );
    assert_eq!(rollcall.sql(query), ["p1,platform,human"]);
    assert_eq!(files(&rollcall.data().join("events")), sealed);
    assert!(rollcall.run(&["people", "import", path]).contains("nothing changed"));
}

#[test]
fn the_newest_import_stands_also_where_it_has_been_there_before() {
    let rollcall = Rollcall::new();
    let team = |team: &str| {
        let csv = format!("id,name,logins,team\np1,Ada,okta:ada@corp.example,{team}\n");
        rollcall.file(&format!("{team}.csv"), csv)
    };
    let import = |file: &Path| rollcall.run(&["people", "import", file.to_str().expect("a path")]);
    let (red, blue) = (team("red"), team("blue"));
    for (file, stands) in [(&red, "red"), (&blue, "blue"), (&red, "red")] {
        assert!(import(file).starts_with("1 people"));
        assert_eq!(rollcall.sql("SELECT team FROM people"), [stands]);
        assert!(import(file).contains("nothing changed"));
        assert_eq!(rollcall.sql("SELECT team FROM people"), [stands]);
    }
    assert_eq!(rollcall.number("SELECT count(*) FROM people_all"), 3);

    let factor = |day: &str, factor: &str| {
        let csv = format!("as_of,source,login,factor\n{day},okta,ada@corp.example,{factor}\n");
        rollcall.file(&format!("{day}-{factor}.csv"), csv)
    };
    let import = |file: &Path| rollcall.run(&["factors", "import", file.to_str().expect("a path")]);
    let (first, other) = (factor("2026-11-01", "sms"), factor("2026-11-01", "totp"));
    let later = factor("2026-11-02", "push");
    for file in [&first, &other, &later] {
        assert!(import(file).starts_with("1 accounts"));
    }
    // Another day's snapshot takes nothing from this one's.
    assert!(import(&other).contains("nothing changed"));
    assert!(import(&first).starts_with("1 accounts"));
    assert_eq!(rollcall.sql("SELECT factor FROM factors ORDER BY as_of"), ["sms", "push"]);
}

#[test]
fn a_wrong_directory_is_refused_with_its_line() {
    let rollcall = Rollcall::new();
    for (content, said) in [
        ("id,login\n1,x\n", "there is no column \"logins\""),
        ("id,logins,colour\n1,okta:x,red\n", "column \"colour\" isn't known"),
        ("id,logins\n1,ada\n", "line 2: login \"ada\" has no source"),
        ("id,logins,invited_on\n1,okta:ada,soon\n", "a date is written 2026-11-25"),
        ("id,logins,kind\n1,okta:ada,robot\n", "it may be human, service"),
    ] {
        let file = rollcall.file("people.csv", content);
        let output = rollcall.output(&["people", "import", file.to_str().expect("a path")]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{stderr}");
        assert!(stderr.contains(said), "{stderr}");
    }
}
