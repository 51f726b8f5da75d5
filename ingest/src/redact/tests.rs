use super::*;

#[track_caller]
fn check(input: &str, expected: &str, count: i32) {
    let (out, redactions) = redact(input.as_bytes());
    assert_eq!((&*String::from_utf8_lossy(&out), redactions), (expected, count));
    // Twice changes nothing: a replay redacts what was redacted.
    assert_eq!(redact(&out).1, 0, "{expected}");
    if serde_json::from_str::<serde_json::Value>(input).is_ok() {
        let read = serde_json::from_slice::<serde_json::Value>(&out);
        assert!(read.is_ok(), "no longer JSON: {expected}");
    }
}

#[track_caller]
fn stays(input: &str) {
    check(input, input, 0);
}

#[test]
fn secrets_go_by_key_name() {
    check(
        r#"{"user":"ada","client_secret" : "s3\"cr","n":1}"#,
        r#"{"user":"ada","client_secret" : "[redacted]","n":1}"#,
        1,
    );
    check(
        r#"{"a":{"Password":"x"},"accessToken":"y"}"#,
        r#"{"a":{"Password":"[redacted]"},"accessToken":"[redacted]"}"#,
        2,
    );
    check(
        r#"{"recoveryCodes":["a1","b2"]}"#,
        r#"{"recoveryCodes":["[redacted]","[redacted]"]}"#,
        2,
    );
    stays(r#"{"password":""}"#);
}

#[test]
fn every_key_is_found_alone_and_in_any_spelling() {
    let before = |end: &str| [format!("x_{end}"), format!("X_{}", end.to_uppercase())];
    let ends = key::ENDS.iter().flat_map(|end| before(end));
    let names = key::NAMES.iter().flat_map(|name| [(*name).to_owned(), name.to_uppercase()]);
    let spelled = [
        "API_KEY",
        "api-key",
        "Private-Key",
        "recovery_code",
        "backup_codes",
        "SAML_Response",
        "one_time_password",
        "mfa_code",
        "pass-phrase",
        "Set-Cookie",
        "secret_access_key",
    ];
    for key in names.chain(ends).chain(spelled.map(str::to_owned)) {
        check(&format!(r#"{{"{key}":"v4lue"}}"#), &format!(r#"{{"{key}":"[redacted]"}}"#), 1);
        check(
            &format!("a {key}=v4lue b"),
            &match key.to_lowercase() {
                name if name.ends_with("cookie") => format!("a {key}=[redacted]"),
                _ => format!("a {key}=[redacted] b"),
            },
            1,
        );
    }
    check(r#"{"otp":"123456"}"#, r#"{"otp":"[redacted]"}"#, 1);
}

#[test]
fn what_only_sounds_like_a_secret_stays() {
    for harmless in [
        r#"{"hashed_token":"abc=","token_id":7,"authenticationMethod":"Password"}"#,
        r#"{"secretId":"prod/db","password":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#,
        r#"{"passwordPolicy":{"minLength":12},"eventType":"user.account.reset_password"}"#,
        r#"{"credentialType":"PASSWORD","tokenIssuerType":"AzureAD","nextToken":"AAE="}"#,
        r#"{"PasswordLastUsed": "2026-11-25T10:00:00Z", "operation": "passwordReset"}"#,
        r#"{"authorization":{"action":"Microsoft.Storage/listKeys/action","scope":"/s/1"}}"#,
        r#"{"failureReason":"Invalid username or password or Invalid on-premise username."}"#,
        r#"{"tokenValue": "Value hidden due to security reasons."}"#,
        r#"{"eventName":"PasswordRecoveryRequested","password":null,"token":true}"#,
        "Failed password for invalid user admin from 198.51.100.7 port 4711 ssh2",
        "Invalid user DOMAIN\\svc-backup from 198.51.100.7",
        "sudo: ada : TTY=pts/0 ; PWD=/home/ada ; USER=root ; COMMAND=/usr/bin/id",
        "sudo: ada : TTY=unknown ; PWD=unknown ; USER=root ; COMMAND=/usr/bin/id",
        "chpasswd: pam_unix(chpasswd:chauthtok): password changed for ada",
        "passwd: pam_unix(passwd:chauthtok): password changed for ada",
        "gdm-password]: pam_unix(gdm-password:session): session opened for user ada",
        "a token (classic), no secret; 3 passwords, an otp",
    ] {
        stays(harmless);
    }
}

#[test]
fn secrets_go_by_shape() {
    let token = format!("ghp_{}", "a1B2".repeat(9));
    check(&format!(r#"{{"note":"used {token} today"}}"#), r#"{"note":"used [redacted] today"}"#, 1);
    check(&format!(r#"{{"{token}":1}}"#), r#"{"[redacted]":1}"#, 1);
    let jwt = format!("eyJ{0}.eyJ{0}.{0}", "abcdefgh1234");
    check(&format!("x {jwt} y"), "x [redacted] y", 1);
    for token in ["xoxa-1234567890", "xoxr-1234567890", "xoxs-1234567890"] {
        check(&format!("x {token} y"), "x [redacted] y", 1);
    }
    // Cut off, it takes its string and no more.
    check(
        r#"{"k":"a -----BEGIN RSA PRIVATE KEY-----\nMIIE","user":"ada"}"#,
        r#"{"k":"a [redacted]","user":"ada"}"#,
        1,
    );
}

#[test]
fn secrets_go_from_plain_text() {
    for (input, expected, count) in [
        (
            "sudo: ada : COMMAND=/usr/bin/mysql --password=hunter2 -u root",
            "sudo: ada : COMMAND=/usr/bin/mysql --password=[redacted] -u root",
            1,
        ),
        ("mysql --password hunter2 -u root", "mysql --password [redacted] -u root", 1),
        ("mysql --password -u root", "mysql --password -u root", 0),
        (
            "sshd[7]: Invalid user Summer#2024x from 198.51.100.7",
            "sshd[7]: Invalid user [redacted] from 198.51.100.7",
            1,
        ),
        (
            "Connection closed by invalid user Summer#2024x 198.51.100.7 port 4711 [preauth]",
            "Connection closed by invalid user [redacted] 198.51.100.7 port 4711 [preauth]",
            1,
        ),
        (
            "env PGPASSWORD=a DB_PASSWORD='b c' AWS_SECRET_ACCESS_KEY=\"d\" GITHUB_TOKEN=e DB_PASS=f x",
            "env PGPASSWORD=[redacted] DB_PASSWORD='[redacted]' AWS_SECRET_ACCESS_KEY=\"[redacted]\" GITHUB_TOKEN=[redacted] DB_PASS=[redacted] x",
            5,
        ),
        (
            "API_KEY=a PWD=hunter2 TOKEN: b",
            "API_KEY=[redacted] PWD=[redacted] TOKEN: [redacted]",
            3,
        ),
        (
            "GET /cb?state=1&token=ab%2Bc&password=d HTTP/1.1",
            "GET /cb?state=1&token=[redacted]&password=[redacted] HTTP/1.1",
            2,
        ),
        ("to=%2Fcb%3Ftoken%3Dabc%26next%3D1 x", "to=%2Fcb%3Ftoken%3D[redacted]%26next%3D1 x", 1),
        ("Cookie: sid=a; csrf=b\nHost: x", "Cookie: [redacted]\nHost: x", 1),
        (
            "app: {\"user\":\"ada\",\"password\":\"a\\\"b\",\"otp\":123456}",
            "app: {\"user\":\"ada\",\"password\":\"[redacted]\",\"otp\":\"[redacted]\"}",
            2,
        ),
        (
            r#"app: {\"user\":\"ada\",\"password\":\"ab\"}"#,
            r#"app: {\"user\":\"ada\",\"password\":\"[redacted]\"}"#,
            1,
        ),
        (
            "[2026-11-25] login password=\"hunter2\"",
            "[2026-11-25] login password=\"[redacted]\"",
            1,
        ),
        ("{\"a\":1} password=hunter2", "{\"a\":1} password=[redacted]", 1),
    ] {
        check(input, expected, count);
    }
}

#[test]
fn a_scheme_takes_its_credentials_along() {
    for (input, expected) in [
        ("Authorization: Bearer abcdefghijklmnop1234", "Authorization: [redacted]"),
        ("Authorization: Basic dXNlcjpodW50ZXIy x", "Authorization: [redacted] x"),
        ("authorization: SSWS 00abc", "authorization: [redacted]"),
        ("Authorization: Splunk 1-2", "Authorization: [redacted]"),
        ("Authorization=token abc,x", "Authorization=[redacted],x"),
        (
            "Authorization: Digest username=\"ada\", response=\"6629\"\r\nHost: x",
            "Authorization: [redacted]\r\nHost: x",
        ),
        ("curl -H 'Authorization: Basic dXNl' x", "curl -H 'Authorization: [redacted]' x"),
    ] {
        check(input, expected, 1);
    }
    check(
        r#"{"headers":"Host: x\r\nAuthorization: Basic dXNl\r\nAccept: *"}"#,
        r#"{"headers":"Host: x\r\nAuthorization: [redacted]\r\nAccept: *"}"#,
        1,
    );
}

#[test]
fn strings_in_json_are_looked_at_as_text() {
    check(
        r#"{"MESSAGE":"Invalid user Summer#2024x from 198.51.100.7 port 1","_PID":"7"}"#,
        r#"{"MESSAGE":"Invalid user [redacted] from 198.51.100.7 port 1","_PID":"7"}"#,
        1,
    );
    check(
        r#"{"MESSAGE":"ada : PWD=/srv ; COMMAND=/bin/sh -c \"x --password=\\\"a b\\\" \\u00e9\" TOKEN=c\u0026d=e"}"#,
        r#"{"MESSAGE":"ada : PWD=/srv ; COMMAND=/bin/sh -c \"x --password=\\\"[redacted]\\\" \\u00e9\" TOKEN=[redacted]\u0026d=e"}"#,
        2,
    );
    check(
        r#"{"url": "https://x/cb?token=a&password=b&c=d", "user": "é"}"#,
        r#"{"url": "https://x/cb?token=[redacted]&password=[redacted]&c=d", "user": "é"}"#,
        2,
    );
    check(
        r#"{"body":"{\"user\":\"ada\",\"password\":\"x\\\"y\",\"otp\":1234}"}"#,
        r#"{"body":"{\"user\":\"ada\",\"password\":\"[redacted]\",\"otp\":\"[redacted]\"}"}"#,
        2,
    );
    check(r#"{"m":"app: {\"otp\":1234}"}"#, r#"{"m":"app: {\"otp\":\"[redacted]\"}"}"#, 1);
    check("\u{feff} {\"m\":\"token=a\"}", "\u{feff} {\"m\":\"token=[redacted]\"}", 1);
}

#[test]
fn of_an_object_or_a_list_each_scalar_goes() {
    check(
        r#"{"password":{"value":"x","rounds":10,"set":true,"more":["y",{"z":"a]"}]},"b":"c"}"#,
        r#"{"password":{"value":"[redacted]","rounds":"[redacted]","set":true,"more":["[redacted]",{"z":"[redacted]"}]},"b":"c"}"#,
        4,
    );
    check(r#"{"otp":[1234, 5678]}"#, r#"{"otp":["[redacted]", "[redacted]"]}"#, 2);
}

#[test]
fn a_number_as_a_secret_is_cut_and_counted() {
    check(r#"{"password":"x","otp":123456}"#, r#"{"password":"[redacted]","otp":"[redacted]"}"#, 2);
}

#[test]
fn what_is_cut_off_or_nested_too_deep_ends() {
    for odd in [
        r#"{"password"#,
        r#"{"password":"#,
        r#"{"password":"abc"#,
        r#"{"password":{"a":"b"#,
        "{\"",
        r#"{"token":["#,
        "password=",
        "password=\"",
        "password=\\",
        "token=%",
        "%3token%3D",
        "[\"\\",
        "{\"a\":\"password=\\\\",
        "authorization: basic",
        "--token ",
    ] {
        let _ = redact(odd.as_bytes());
    }
    let many = "password=".repeat(200_000);
    assert_eq!(redact(many.as_bytes()).1, 1);
    let open = format!("{{\"password\":{}", "[".repeat(200_000));
    assert_eq!(redact(open.as_bytes()).1, 0);
    let unfinished = "invalid user cookie: password='\\".repeat(50_000);
    let _ = redact(unfinished.as_bytes());
}
