use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Date32Type;

use super::rows::Csv;
use super::{factors, people};
use crate::error::Result;

fn people_of(text: &str) -> Result<RecordBatch> {
    Ok(people::batch(&Csv::of("people.csv".to_owned(), text.as_bytes())?, 0)?.0)
}

fn factors_of(text: &str) -> Result<RecordBatch> {
    Ok(factors::batch(&Csv::of("factors.csv".to_owned(), text.as_bytes())?, 0)?.0)
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
    let csv = Csv::read(file.path()).expect("CSV");
    let rows = factors::batch(&csv, 0).expect("rows").0;
    let days = rows.column_by_name("as_of").expect("a column").as_primitive::<Date32Type>();
    assert_eq!(days.value(0), 20_514);
}
