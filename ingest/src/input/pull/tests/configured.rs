//! Settings: what is taken, and what is refused with a word on what would be right.

use std::sync::Arc;

use crate::input::pull::clock::{Clock, System};
use crate::input::pull::settings::{Account, KEYS, PullSettings, open_on};

fn open(text: &str) -> Result<Vec<Account>, String> {
    let clock: Arc<dyn Clock> = Arc::new(System);
    let settings: PullSettings = toml::from_str(text).map_err(|error| error.to_string())?;
    open_on(&[settings], &clock).map_err(|error| error.to_string())
}

fn with_token(text: &str) -> Result<Vec<Account>, String> {
    let scratch = tempfile::tempdir().expect("a directory");
    let token = scratch.path().join("token");
    std::fs::write(&token, "abc").expect("a file");
    open(&format!("token_file = '{}'\n{text}", token.display()))
}

#[test]
fn each_kind_opens_its_usual_logs() {
    for (text, wanted) in [
        ("name='o'\nkind='okta'\nurl='corp.okta.example'", &["o/system"][..]),
        ("name='g'\nkind='github'\norganisation='acme'", &["g/organisation"]),
        (
            "name='e'\nkind='entra'\norganisation='t'\nclient_id='a'",
            &["e/directory", "e/non_interactive", "e/service_principal", "e/sign_ins"],
        ),
        (
            "name='d'\nkind='duo'\nurl='api-1.duosecurity.example'\nclient_id='DI1'",
            &["d/authentication"],
        ),
        ("name='a'\nkind='auth0'\nurl='https://t.auth0.example'\nclient_id='a'", &["a/tenant"]),
    ] {
        let accounts = with_token(text).expect(text);
        let collectors: Vec<&str> =
            accounts[0].readers.iter().map(|reader| reader.collector.as_str()).collect();
        assert_eq!(collectors, wanted);
    }
}

#[test]
fn what_is_wrong_is_said_with_the_name() {
    for (text, why) in [
        ("name='o'\nkind='okta'", "set url"),
        ("name='o'\nkind='okta'\nurl='http://corp.okta.example'", "https://"),
        ("name='o'\nkind='okta'\nurl='https://a:b@corp.okta.example'", "no user"),
        ("name='o'\nkind='okta'\nurl='x.example'\nwhat=['sytem']", "there are system"),
        ("name='o'\nkind='okta'\nurl='x.example'\norganisation='a'", "no organisation"),
        ("name='g'\nkind='github'", "set organisation"),
        ("name='g'\nkind='github'\norganisation='a/../b'", "letters"),
        ("name='e'\nkind='entra'\norganisation='t'", "client_id"),
        ("name='l'\nkind='gitlab'\nurl='x.example'", "set factors = true"),
        (
            "name='l'\nkind='gitlab'\nurl='x.example'\nfactors=true\nwhat=['audit']",
            "no log can be asked for",
        ),
        ("name='k'\nkind='keycloak'\nurl='x.example'\nfactors=true", "the realm"),
        ("name='a b'\nkind='okta'\nurl='x.example'", "a name has"),
    ] {
        let refused = with_token(text).expect_err(text);
        assert!(refused.contains(why) && refused.contains("[[pull]]"), "{text}: {refused}");
    }
    let without = open("name='o'\nkind='okta'\nurl='x.example'").expect_err("no token");
    assert!(without.contains("token_env or token_file"), "{without}");
    let unset = "name='o'\nkind='okta'\nurl='x.example'\ntoken_env='ROLLCALL_TEST_NOT_SET'";
    assert!(open(unset).expect_err("unset").contains("isn't set"));
}

#[test]
fn the_list_of_keys_is_complete() {
    // What isn't a key is refused, and all keys are taken.
    let text = "name='o'\nkind='okta'\ntoken='abc'";
    assert!(toml::from_str::<PullSettings>(text).is_err());
    let values = |key: &str| match key {
        "kind" => "'okta'".to_owned(),
        "what" => "[]".to_owned(),
        "start_days" | "every_seconds" => "1".to_owned(),
        "factors" | "policies" => "true".to_owned(),
        _ => "'x'".to_owned(),
    };
    let all: String = KEYS.iter().map(|key| format!("{key} = {}\n", values(key))).collect();
    toml::from_str::<PullSettings>(&all).expect("all keys");
}
