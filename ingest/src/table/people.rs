//! A file of the directory: one line a person, with every login that is theirs.

use super::person::{KINDS, Login, Person};
use super::rows::{Line, Rows};
use crate::error::Result;

const NEEDED: &[&str] = &["id", "logins"];
const OPTIONAL: &[&str] = &[
    "name",
    "kind",
    "privileged_logins",
    "team",
    "manager",
    "role",
    "cohort",
    "time_zone",
    "invited_on",
    "valid_from",
    "valid_to",
];

/// The people of a file.
pub(super) fn people(file: &Rows) -> Result<Vec<Person>> {
    file.expect(NEEDED, OPTIONAL)?;
    file.lines().map(|line| person(&line)).collect()
}

fn person(line: &Line<'_>) -> Result<Person> {
    let text = |name: &str| line.text(name).map(str::to_owned);
    let named = line.needed("logins")?;
    let privileged = privileged(line, named)?;
    let kind = line.word("kind", KINDS, "human")?;
    let logins = named.split_whitespace().map(|login| {
        let (source, name) = parts(line, login)?;
        if name.contains('*') {
            check_rule(line, kind, login, name)?;
        }
        Ok(Login {
            source: source.to_owned(),
            name: name.to_lowercase(),
            privileged: privileged.contains(&alike(login)),
        })
    });
    Ok(Person {
        id: line.needed("id")?.to_owned(),
        kind: kind.to_owned(),
        logins: logins.collect::<Result<_>>()?,
        name: text("name"),
        team: text("team"),
        manager: text("manager"),
        role: text("role"),
        cohort: text("cohort"),
        time_zone: text("time_zone"),
        invited_on: line.date("invited_on")?,
        valid_from: line.date("valid_from")?,
        valid_to: line.date("valid_to")?,
    })
}

/// Source and name of a login.
fn parts<'a>(line: &Line<'_>, login: &'a str) -> Result<(&'a str, &'a str)> {
    let parts = login.split_once(':');
    parts.filter(|(source, name)| !source.is_empty() && !name.is_empty()).ok_or_else(|| {
        line.wrong(format!(
            "login {login:?} has no source; write okta:ada@corp.example, or *:ada for any source"
        ))
    })
}

/// A rule says what kind of account a login is; a person has logins that can be named.
fn check_rule(line: &Line<'_>, kind: &str, login: &str, name: &str) -> Result<()> {
    if kind == "human" {
        return Err(line.wrong(format!(
            "login {login:?} stands for all logins of that form, and the line is one person's; \
             name each login, or set kind to service, shared, break_glass or unknown"
        )));
    }
    if name.matches('*').count() > 1 || name == "*" {
        return Err(line.wrong(format!(
            "login {login:?} should have one * with something before or behind it, as *:svc-*"
        )));
    }
    Ok(())
}

/// A line's privileged logins, each of which must be one of its logins.
fn privileged(line: &Line<'_>, logins: &str) -> Result<Vec<String>> {
    let logins: Vec<String> = logins.split_whitespace().map(alike).collect();
    let named = line.text("privileged_logins").unwrap_or_default().split_whitespace();
    named
        .map(|login| {
            Some(alike(login)).filter(|login| logins.contains(login)).ok_or_else(|| {
                line.wrong(format!(
                    "privileged_logins has {login:?}, which is none of the line's logins; name it as it stands there, or add it there"
                ))
            })
        })
        .collect()
}

/// A login as it is compared: the name in lower case, as it is stored.
fn alike(login: &str) -> String {
    match login.split_once(':') {
        Some((source, name)) => format!("{source}:{}", name.to_lowercase()),
        None => login.to_lowercase(),
    }
}
