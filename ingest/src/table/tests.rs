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
