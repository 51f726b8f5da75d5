use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Date32Type;

use super::person::{self, Login, Person};
use super::rows::Rows;
use super::standing::Standing;
use super::{factors, people};
use crate::error::Result;

fn people_of(text: &str) -> Result<RecordBatch> {
    let file = Rows::of("people.csv".to_owned(), text.as_bytes())?;
    person::table(&people::people(&file)?, 0, &file.sha256)
}

fn factors_of(text: &str) -> Result<RecordBatch> {
    Ok(factors::batch(&Rows::of("factors.csv".to_owned(), text.as_bytes())?, 0)?.0)
}

#[track_caller]
fn refuses(read: Result<RecordBatch>, words: &[&str]) {
    let said = read.expect_err("it should be refused").to_string();
    assert!(words.iter().all(|word| said.contains(word)), "{said}");
}

#[test]
fn privileged_logins_are_compared_as_logins_are() {
    let rows = people_of(
        "id,logins,privileged_logins\np1,okta:Ada@corp.example sshd:ada,okta:ADA@Corp.example\n",
    );
    let rows = rows.expect("a directory");
    let privileged = rows.column_by_name("privileged").expect("a column").as_boolean();
    let told: Vec<_> = privileged.iter().collect();
    assert_eq!(told, [Some(true), Some(false)]);
}

#[test]
fn a_privileged_login_that_is_no_login_is_an_error() {
    let text = "id,logins,privileged_logins\np1,okta:ada,okta:ada\np2,okta:bo,okta:root\n";
    refuses(people_of(text), &["people.csv, line 3", "privileged_logins", "\"okta:root\""]);
}

#[test]
fn a_file_without_rows_is_an_error() {
    refuses(people_of("id,logins\n"), &["people.csv, line 1", "no rows"]);
    refuses(people_of(""), &["no rows"]);
    refuses(factors_of("as_of,source,login,factor\n\n"), &["factors.csv, line 1", "no rows"]);
}

#[test]
fn dates_are_dates_and_nothing_else() {
    let person = |date: &str| people_of(&format!("id,logins,valid_from\np1,okta:ada,{date}\n"));
    let rows = person("1970-01-02").expect("a directory");
    let column = rows.column_by_name("valid_from").expect("a column");
    assert_eq!(column.as_primitive::<Date32Type>().value(0), 1);
    for odd in [
        "2026-11-25T10:00:00Z",
        "2026-11-25x",
        "2026-11-251",
        "2026-1-5",
        "25.11.2026",
        "2026-02-30",
        "+2026-11-5",
        "2026-11- 5",
        "20261125",
    ] {
        refuses(person(odd), &["line 2", "valid_from", odd, "2026-11-25, without a time"]);
        let factor =
            |text: &str| factors_of(&format!("as_of,source,login,factor,enrolled_on\n{text}\n"));
        refuses(factor(&format!("{odd},okta,ada,totp,")), &["line 2", "as_of", odd]);
        refuses(factor(&format!("2026-11-25,okta,ada,totp,{odd}")), &["enrolled_on", odd]);
    }
}

/// As `aws iam get-credential-report` gives it, of two accounts.
const REPORT: &str = "\
user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated
<root_account>,arn:aws:iam::111122223333:root,2019-05-02T10:00:00+00:00,not_supported,2026-01-05T09:00:00+00:00,not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A
Ada,arn:aws:iam::111122223333:user/Ada,2024-02-01T08:00:00+00:00,true,2026-02-27T08:00:00+00:00,2026-01-01T08:00:00+00:00,N/A,true,true,2026-01-01T08:00:00+00:00,2026-02-27T08:00:00+00:00,eu-central-1,s3,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A
user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated
deploy,arn:aws:iam::444455556666:user/deploy,2025-02-01T08:00:00+00:00,false,N/A,N/A,N/A,false,true,2025-02-01T08:00:00+00:00,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A
";

#[test]
fn a_credential_report_is_a_snapshot() {
    let rows = factors_of(REPORT).expect("a report");
    let column = |name: &str| rows.column_by_name(name).expect("a column").as_string_view();
    let told: Vec<String> = (0..rows.num_rows())
        .map(|row| {
            let of = |name: &str| column(name).value(row).to_owned();
            [of("source"), of("login"), of("factor"), of("status")].join(" ")
        })
        .collect();
    assert_eq!(
        told,
        [
            "cloudtrail root unknown active",
            "cloudtrail ada unknown active",
            "cloudtrail deploy none active"
        ]
    );
    let second = |mfa: &str| {
        let lines: Vec<&str> = REPORT.lines().collect();
        let root = lines[1].replace("111122223333", "444455556666");
        let root = root.replace("not_supported,true,", &format!("not_supported,{mfa},"));
        format!("{REPORT}{root}\n")
    };
    assert_eq!(factors_of(&second("true")).expect("alike").num_rows(), 3);
    let hides = ["line 6", "of root is false in account 444455556666", "true in 111122223333"];
    refuses(factors_of(&second("false")), &hides);
    let odd = REPORT.replace("N/A,true,true", "N/A,perhaps,true");
    refuses(factors_of(&odd), &["line 3", "mfa_active", "perhaps"]);
}

#[test]
fn a_credential_report_is_of_the_day_on_which_it_was_written() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), REPORT).expect("written");
    let day = std::time::UNIX_EPOCH + std::time::Duration::from_secs(20_514 * 86_400 + 3_600);
    std::fs::File::options()
        .write(true)
        .open(file.path())
        .and_then(|open| open.set_modified(day))
        .expect("a time");
    let csv = Rows::read(file.path()).expect("a file");
    let rows = factors::batch(&csv, 0).expect("rows").0;
    let days = rows.column_by_name("as_of").expect("a column").as_primitive::<Date32Type>();
    assert_eq!(days.value(0), 20_514);
}

#[test]
fn json_says_the_same_as_csv() {
    let csv = "\
id,name,kind,logins,privileged_logins,team,invited_on
p1,Ada Lovell,,okta:Ada@corp.example github:ada,github:ada,red,2026-01-02
bots,,service,*:svc-*,,,
";
    let list = r#"[
  {"id": "p1", "name": "Ada Lovell", "logins": ["okta:Ada@corp.example", "github:ada"],
   "privileged_logins": ["github:ada"], "team": "red", "invited_on": "2026-01-02"},
  {"id": "bots", "kind": "service", "name": null, "logins": "*:svc-*"}
]"#;
    let lines = r#"{"id":"p1","name":"Ada Lovell","logins":"okta:Ada@corp.example github:ada","privileged_logins":["github:ada"],"team":"red","invited_on":"2026-01-02"}
{"id":"bots","kind":"service","logins":["*:svc-*"]}"#;
    let people = |text: &str| {
        let file = Rows::of("people".to_owned(), text.as_bytes()).expect("a file");
        people::people(&file).expect("people")
    };
    let expected = people(csv);
    assert_eq!(expected.len(), 2);
    let login = |source: &str, name: &str, privileged| {
        let (source, name) = (source.to_owned(), name.to_owned());
        Login { source, name, privileged }
    };
    assert_eq!(
        expected[0].logins,
        [login("okta", "ada@corp.example", false), login("github", "ada", true)]
    );
    assert_eq!(people(list), expected);
    assert_eq!(people(lines), expected);
    let factors =
        factors_of(r#"[{"as_of":"2026-11-25","source":"okta","login":"Ada","factor":"totp"}]"#);
    assert_eq!(factors.expect("a snapshot").num_rows(), 1);
}

#[test]
fn what_is_wrong_with_json_is_said_with_its_line() {
    refuses(people_of("[]"), &["line 1", "no rows"]);
    refuses(people_of("[\n{\"id\": \"p1\",\n}]"), &["line 3", "JSON"]);
    refuses(people_of("[\n{\"id\":\"p1\",\"logins\":[\"okta:a\"]},\n7]"), &["line 3", "object"]);
    refuses(people_of("{\"id\":\"p1\",\"logins\":[\"okta:a b\"]}"), &["line 1", "blanks"]);
    refuses(people_of("{\"id\":\"p1\",\"logins\":[7]}"), &["line 1", "logins"]);
    refuses(people_of("{\"id\":\"p1\",\"logins\":{\"okta\":\"a\"}}"), &["logins is an object"]);
    let second = "{\"id\":\"p1\",\"logins\":\"okta:a\"}\n{\"id\":\"p2\",\"logins\":\"okta:b\",\"kind\":\"robot\"}";
    refuses(people_of(second), &["line 2", "kind", "robot", "service"]);
    refuses(people_of("{\"id\":\"p1\",\"logins\":\"okta:a\",\"shoe_size\":42}"), &["shoe_size"]);
}

#[test]
fn a_rule_is_no_persons_login() {
    refuses(
        people_of("id,logins\np1,*:svc-*\n"),
        &["line 2", "*:svc-*", "one person's", "service"],
    );
    for odd in ["*:*", "*:a*b*"] {
        refuses(people_of(&format!("id,kind,logins\np1,service,{odd}\n")), &["line 2", "one *"]);
    }
    assert_eq!(
        people_of("id,kind,logins\np1,service,*:svc-* github:*-bot\n").expect("rules").num_rows(),
        2
    );
}

#[test]
fn the_directory_that_stands_is_the_latest_file_and_the_changes_since() {
    let person = |id: &str, login: &str, team: &str| Person {
        id: id.to_owned(),
        kind: "human".to_owned(),
        logins: vec![Login {
            source: "okta".to_owned(),
            name: login.to_owned(),
            privileged: false,
        }],
        team: Some(team.to_owned()),
        valid_to: Some(20_000),
        ..Person::default()
    };
    let rows = |people: &[Person], at: i64, of: &str| person::table(people, at, of).expect("rows");
    let (ada, bo, cy) =
        (person("a", "ada", "red"), person("b", "bo", "red"), person("c", "cy", "red"));
    let mut moved = person("a", "ada", "blue");
    moved.logins.push(Login { source: "*".to_owned(), name: "ada.l".to_owned(), privileged: true });
    let batches = [
        rows(&[cy], 1, "11"),
        rows(&[ada, bo.clone()], 2, "22"),
        rows(std::slice::from_ref(&moved), 3, "scim-33"),
    ];
    let standing = Standing::of(&batches);
    assert_eq!(standing.people, [moved, bo]);
    assert_eq!(standing.latest, 3);
    assert_eq!(Standing::of(&[]).people, []);
}
