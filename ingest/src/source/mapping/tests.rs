use serde_json::{Value, json};

use super::shipped::SHIPPED;
use super::{Fault, Mapping, Sampled};
use crate::source::Source;
use crate::source::collect::{Verdict, one};

/// A mapping as short as may be, with more lines at its end.
fn mapping(more: &str) -> Mapping {
    let text = format!("{HEAD}{more}");
    Mapping::parse("door", &text).unwrap_or_else(|faults| panic!("{faults:#?}\n{text}"))
}

const HEAD: &str = "title = 'Door'\n\
    time.at = '/at'\n\
    set.activity = 'logon'\n\
    set.platform = 'other'\n";

fn source(more: &str) -> &'static Source {
    mapping(more).into_source()
}

/// The row of a record with a time.
fn row(more: &str, record: Value) -> Value {
    let mut record = record;
    record["at"] = json!("2026-03-01T12:00:00Z");
    one(source(more), &record.to_string()).row().clone()
}

fn faults(text: &str) -> Vec<Fault> {
    Mapping::parse("door", text).err().unwrap_or_default()
}

#[test]
fn mappings_that_ship_are_in_order() {
    for (name, text, _) in SHIPPED {
        let read = Mapping::parse(name, text);
        assert!(read.is_ok(), "{name}: {:#?}", read.err());
    }
}

#[test]
fn values_get_the_form_that_their_columns_have_for_every_source() {
    let more = "set.duration_basis = 'server_time'\n\
        [columns]\n\
        user_name = '/who/name'\n\
        ip = '/from'\n\
        country = '/land'\n\
        lat_e6 = '/lat'\n\
        asn = '/as'\n\
        credential_id = '/token'\n\
        factor = '/factor'\n\
        interactive = '/human'\n\
        duration_ms = { at = '/took', unit = 's' }\n\
        resource = '/doors'\n";
    let row = row(
        more,
        json!({
            "who": {"name": "Ada@Corp.example"}, "from": "203.0.113.9:443", "land": "Germany",
            "lat": 52.52, "as": "AS64500", "token": "secret-id", "factor": "TOTP",
            "human": "yes", "took": 1.5, "doors": ["north", 7],
        }),
    );
    assert_eq!(row["user_name"], "ada@corp.example");
    assert_eq!(row["ip"], "203.0.113.9");
    assert_eq!(row["country"], "DE");
    assert_eq!(row["lat_e6"], 52_520_000);
    assert_eq!(row["asn"], 64_500);
    assert!(row["credential_id"].as_str().is_some_and(|id| id.len() == 32));
    assert_eq!((&row["factor"], &row["phishing_resistant"]), (&json!("totp"), &json!(false)));
    assert_eq!(row["interactive"], true);
    assert_eq!(row["duration_ms"], 1_500);
    assert_eq!(row["resource"], "north, 7");
}

#[test]
fn words_of_the_vendor_get_their_meaning_whatever_their_case() {
    let more = "[columns]\n\
        outcome = { at = '/result', words = { OK = 'success', 'Bad PIN' = 'failure' } }\n\
        mfa = { at = '/amr', words = { otp = 'performed' }, otherwise = 'none', missing = 'unknown' }\n\
        blocked = { at = '/code', words = { 0 = false, 7 = true } }\n";
    for (record, outcome, mfa, blocked) in [
        (
            json!({"result": "ok", "amr": ["pwd", "otp"], "code": 7}),
            "success",
            "performed",
            json!(true),
        ),
        (
            json!({"result": "bad pin", "amr": ["pwd"], "code": "0"}),
            "failure",
            "none",
            json!(false),
        ),
        (json!({"result": "jammed"}), "unknown", "unknown", Value::Null),
        (json!({"result": null, "amr": []}), "unknown", "unknown", Value::Null),
    ] {
        let row = row(more, record.clone());
        assert_eq!((&row["outcome"], &row["mfa"]), (&json!(outcome), &json!(mfa)), "{record}");
        assert_eq!(row["blocked"], blocked, "{record}");
    }
}

#[test]
fn a_word_without_a_meaning_is_known_to_be_none_and_an_activity_is_kept() {
    let head = HEAD.replace("set.activity = 'logon'\n", "");
    let text = format!(
        "{head}[columns]\nactivity = '/did'\nreason = '/why'\noutcome = '/how'\nservice = '/app'\n"
    );
    let source = Mapping::parse("door", &text).expect("in order").into_source();
    let of = |did: &str, why: &str| {
        let record = json!({"at": 1_772_366_400, "did": did, "why": why, "how": why, "app": why});
        one(source, &record.to_string()).row().clone()
    };
    let row = of("Logoff", "locked");
    assert_eq!((&row["activity"], &row["reason"]), (&json!("logoff"), &json!("locked")));
    let row = of("teleport", "moon");
    assert_eq!((&row["activity"], &row["reason"]), (&json!("access"), &json!("other")));
    assert_eq!((&row["outcome"], &row["service"]), (&json!("unknown"), &json!("moon")));
}

#[test]
fn the_first_rule_that_holds_counts_and_its_columns_dont_fall_back() {
    let more = "[columns]\n\
        user_name = '/by'\n\
        service = '/app'\n\
        [[rule]]\n\
        if = { '/did' = 'ping' }\n\
        not_authentication = true\n\
        [[rule]]\n\
        if = { '/did' = ['add*', '*remove'], '/n' = '*' }\n\
        unless = { '/app' = '*test*' }\n\
        set = { activity = 'account_change' }\n\
        columns = { user_name = '/account', actor = '/by' }\n\
        [[rule]]\n\
        if = { '/did' = '*' }\n\
        set = { activity = 'admin' }\n";
    let of = |record: Value| row(more, record);
    let changed = of(json!({"did": "ADD_user", "n": 0, "by": "ada", "account": "bob", "app": "x"}));
    assert_eq!(changed["activity"], "account_change");
    assert_eq!((&changed["user_name"], &changed["actor"]), (&json!("bob"), &json!("ada")));
    assert_eq!(changed["service"], "x");
    // The account isn't said: then it is nobody, and not who did it.
    assert!(of(json!({"did": "remove", "n": 0, "by": "ada"})).get("user_name").is_none());
    assert_eq!(of(json!({"did": "remove", "by": "ada"}))["activity"], "admin");
    assert_eq!(of(json!({"did": "remove", "n": 1, "app": "a TEST"}))["activity"], "admin");
    assert_eq!(of(json!({"by": "ada"}))["activity"], "logon");
    let ping = one(source(more), r#"{"did":"Ping"}"#);
    assert_eq!(ping.verdicts[0].1, Verdict::NotAuthentication);
}

#[test]
fn parts_of_a_text_and_several_pointers_make_a_value() {
    let more = "[columns]\n\
        user_name = { at = '/who', before = '/' }\n\
        ip = { at = '/who', after = '/' }\n\
        operation = { join = ['/area', '/did'], with = '.' }\n\
        service = ['/app', '/area']\n";
    let row = row(more, json!({"who": "a/b/203.0.113.9", "area": "user", "did": "add"}));
    assert_eq!((&row["user_name"], &row["ip"]), (&json!("a/b"), &json!("203.0.113.9")));
    assert_eq!((&row["operation"], &row["service"]), (&json!("user.add"), &json!("user")));
    let row = self::row(more, json!({"who": "ada", "area": "user"}));
    assert_eq!(row["user_name"], "ada");
    assert!(row.get("ip").is_none() && row.get("operation").is_none(), "{row}");
}

#[test]
fn a_bundle_is_told_by_its_first_event_and_gives_each_a_row() {
    let source = source("bundle = '/data/events'\nevent_id = '/id'\n[recognise]\n'/door' = '*'\n");
    let bundle = r#"{"data":{"events":[{"id":1,"door":"n","at":1772366400},{"id":2,"door":"s","at":1772366401}]}}"#;
    assert!((source.recognises)(bundle.as_bytes()));
    assert!((source.recognises)(br#"[{"door":"n"}]"#));
    assert!(!(source.recognises)(br#"{"data":{"events":[{"window":"n"}]}}"#));
    assert!(!(source.recognises)(br#"{"door":null}"#));
    assert!(!(source.recognises)(br#"{"door":"n""#));
    let read = one(source, bundle);
    let ids: Vec<_> = read.rows().iter().map(|row| row["source_event_id"].clone()).collect();
    assert_eq!(ids, ["1", "2"]);
    for empty in [r#"{"data":{"events":[]}}"#, "[]"] {
        assert_eq!(one(source, empty).verdicts[0].1, Verdict::NotAuthentication, "{empty}");
    }
}

#[test]
fn what_isnt_of_the_mapping_is_rejected_with_what_it_lacks() {
    let source = source("[recognise]\n'/door' = ['north', 'south']\n");
    for (record, named) in [
        (r#"{"at":1772366400}"#, "`/door`"),
        (r#"{"door":"hunter2","at":1772366400}"#, "`/door`"),
        (r#"{"door":"north"}"#, "`/at`"),
        (r#"{"door":"north","at":"hunter2"}"#, "`/at`"),
        (r#"{"door":"north","at":17"#, "JSON"),
        ("7", "object"),
        ("", "JSON"),
    ] {
        let read = one(source, record);
        let Verdict::Rejected(reason) = &read.verdicts[0].1 else { panic!("{read:?}") };
        assert!(reason.contains(named) && !reason.contains("hunter2"), "{record}: {reason}");
    }
}

#[test]
fn a_mapping_without_recognition_is_only_read_by_its_name() {
    let source = source("");
    assert!(!(source.recognises)(br#"{"at":1772366400}"#));
    assert_eq!(one(source, r#"{"at":1772366400}"#).row()["activity"], "logon");
    assert!(!source.has_event_id);
}

#[test]
fn each_fault_names_its_line_and_what_would_be_right() {
    for (more, line, named) in [
        ("titel = 'x'", 5, "\"title\""),
        ("[columns]\nusr_name = '/u'", 6, "\"user_name\""),
        ("[columns]\nuser_name = 'u'", 6, "\"/u\""),
        ("[columns]\nuser_name = 'who.name'", 6, "\"/who/name\""),
        ("[columns]\nuser_name = '/a~b'", 6, "~0"),
        ("[columns]\nuser_name = 7", 6, "text"),
        ("[columns]\nuser_name = []", 6, "no pointer"),
        ("[columns]\nuser_name = { ad = '/u' }", 6, "\"at\""),
        ("[columns]\nuser_name = { before = '/' }", 6, "`at`"),
        ("[columns]\nuser_name = { at = '/u', join = ['/v'] }", 6, "`at` already"),
        ("[columns]\nuser_name = { at = '/u', with = '.' }", 6, "`join`"),
        ("[columns]\nuser_name = { at = '/u', before = '', after = 'x' }", 6, "exclude"),
        ("[columns]\noutcome = { at = '/r', words = { ok = 'succes' } }", 6, "\"success\""),
        (
            "[columns]\noutcome = { at = '/r', words = { ok = 'success', OK = 'failure' } }",
            6,
            "case",
        ),
        ("[columns]\noutcome = { at = '/r', otherwise = 7 }", 6, "\"7\""),
        ("[columns]\nblocked = { at = '/r', missing = 'no' }", 6, "true or false"),
        ("[columns]\ntime = '/t'", 6, "[time]"),
        ("[columns]\nsource_event_id = '/t'", 6, "`event_id`"),
        ("[columns]\nfactors = '/t'", 6, "lists"),
        ("[columns]\nraw = '/t'", 6, "by itself"),
        ("[columns]\nactivity = '/a'", 6, "already"),
        ("[columns]\nduration_ms = { at = '/d', unit = 'min' }", 6, "ms"),
        ("set.mfa = 'perfomed'", 5, "\"performed\""),
        ("set.service = 7", 5, "text"),
        ("set.score = 'x'", 5, "whole number"),
        ("time.format = 'rfc'", 5, "rfc3339"),
        ("[recognise]\nuser = '*'", 6, "\"/user\""),
        ("[recognise]\n'/a' = 'x*y'", 6, "beginning or the end"),
        ("[recognise]\n'/a' = []", 6, "empty list"),
        ("[recognise]\n'/a' = { x = 1 }", 6, "text"),
        ("[[rule]]\nset = { activity = 'admin' }", 5, "`if`"),
        ("[[rule]]\nif = { '/a' = 1 }", 5, "not_authentication"),
        ("[[rule]]\nif = { '/a' = 1 }\nnot_authentication = false", 7, "true"),
        (
            "[[rule]]\nif = { '/a' = 1 }\nset = { mfa = 'none' }\nnot_authentication = true",
            8,
            "no columns",
        ),
        ("[[rule]]\nwhen = { '/a' = 1 }", 6, "if"),
        ("rule = 7", 5, "[[rule]]"),
        ("set.mfa = [", 5, ""),
    ] {
        let found = faults(&format!("{HEAD}{more}\n"));
        assert!(
            found.iter().any(|fault| fault.line == Some(line) && fault.what.contains(named)),
            "{more}: {found:#?}"
        );
    }
}

#[test]
fn what_a_mapping_lacks_is_told_without_a_line() {
    let lacks = |text: &str, named: &str| {
        let found = faults(text);
        let is = |fault: &Fault| fault.line.is_none() && fault.what.contains(named);
        assert!(found.iter().any(is), "{text}: {found:#?}");
    };
    lacks("time.at = '/t'", "`title`");
    lacks("title = 'x'", "[time]");
    lacks(&HEAD.replace("set.platform = 'other'\n", ""), "`platform`");
    lacks(&HEAD.replace("set.activity = 'logon'\n", ""), "`activity`");
    lacks(&format!("{HEAD}columns.duration_ms = '/d'\n"), "`duration_basis`");
    for (name, named) in [
        ("okta", "already"),
        ("rollcall", "already"),
        ("My Door", "lower-case"),
        ("1st", "lower-case"),
    ] {
        let found = Mapping::parse(name, HEAD).expect_err(name);
        assert!(found.iter().any(|fault| fault.what.contains(named)), "{found:#?}");
    }
}

#[test]
fn a_sample_shows_what_isnt_looked_at_or_understood() {
    let mapping = mapping(
        "event_id = '/id'\n\
         [columns]\n\
         user_name = '/who/name'\n\
         outcome = { at = '/result', words = { ok = 'success' } }\n\
         mfa = '/mfa'\n\
         service = '/app'\n\
         [[rule]]\n\
         if = { '/did' = 'ping' }\n\
         not_authentication = true\n",
    );
    let mut sampled = Sampled::default();
    for record in [
        json!({"id": 1, "at": 1, "who": {"name": "ada", "mail": "a"}, "result": "ok", "mfa": "None"}),
        json!({"id": 2, "at": 1, "who": {"mail": "b"}, "result": "jammed", "tags": ["x", {"y/z": 1}]}),
        json!({"did": "ping", "only": "here"}),
    ] {
        sampled.look(&mapping, record.to_string().as_bytes());
    }
    let unread: Vec<_> = sampled.unread.iter().map(|(at, n)| (at.as_str(), *n)).collect();
    assert_eq!(unread, [("/tags/*", 1), ("/tags/*/y~1z", 1), ("/who/mail", 2)]);
    let words: Vec<_> = sampled.unknown_words.keys().cloned().collect();
    assert_eq!(words, [("outcome".to_owned(), "jammed".to_owned())]);
}
