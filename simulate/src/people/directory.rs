//! The two files that a directory gives: people, and a day's factors.

use std::fmt::Write;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::person::{AwsAccess, Idp, Person};
use super::service::{Service, Work};

/// The directory as of one instant, as CSV. Fields hold no commas or quotes.
pub(crate) fn people_csv(people: &[Person], services: &[Service], as_of: DateTime<Utc>) -> String {
    let mut csv = String::from(
        "id,name,kind,logins,privileged_logins,team,manager,role,cohort,time_zone,invited_on,valid_from,valid_to\n",
    );
    for person in people {
        if person.valid_from > as_of.date_naive() {
            continue;
        }
        let logins = person.logins();
        let all: Vec<&str> = logins.iter().map(|(login, _)| login.as_str()).collect();
        let privileged: Vec<&str> = logins
            .iter()
            .filter(|(_, privileged)| *privileged)
            .map(|(login, _)| login.as_str())
            .collect();
        let manager = person.manager.and_then(|manager| people.get(manager));
        let valid_to = person.valid_to.filter(|to| *to <= as_of.date_naive());
        line(
            &mut csv,
            &[
                &person.id,
                &person.name,
                "human",
                &all.join(" "),
                &privileged.join(" "),
                person.team,
                manager.map_or("", |manager| &manager.id),
                person.role.as_str(),
                person.cohort.as_str(),
                person.city.zone.name(),
                &person.invited_on.to_string(),
                &person.valid_from.to_string(),
                &valid_to.map_or_else(String::new, |to| to.to_string()),
            ],
        );
    }
    for service in services {
        let account = service.account();
        let owner = people.iter().find(|person| person.team == service.team);
        line(
            &mut csv,
            &[
                &format!("s{:04}", service.index + 1),
                service.login,
                service.kind(),
                &account,
                if service.privileged { &account } else { "" },
                service.team,
                owner.map_or("", |owner| &owner.id),
                "",
                "none",
                "UTC",
                "",
                &service.valid_from.to_string(),
                "",
            ],
        );
    }
    csv
}

/// The factors of all accounts at the end of that date, as CSV.
pub(crate) fn factors_csv(people: &[Person], services: &[Service], date: NaiveDate) -> String {
    let mut csv = String::from("as_of,source,login,factor,enrolled_on,status\n");
    let as_of = date.to_string();
    for person in people.iter().filter(|person| person.employed(date)) {
        idp_rows(&mut csv, &as_of, person, date);
        if let Some(github) = &person.github {
            let since = person.github_2fa;
            one(&mut csv, [&as_of, "github", github], (since <= date).then_some(("totp", since)));
        }
        if let AwsAccess::IamUser { mfa } = person.aws {
            let since = person.valid_from;
            one(&mut csv, [&as_of, "cloudtrail", &person.login], mfa.then_some(("totp", since)));
        }
        if person.aws == AwsAccess::IdentityCenter {
            let since = person.valid_from;
            one(&mut csv, [&as_of, "cloudtrail", &person.login], Some(("totp", since)));
        }
    }
    for service in services {
        let factor = match service.work {
            Work::BreakGlass => Some(("hardware_key", service.valid_from)),
            Work::Shared | Work::AccessKey => None,
            Work::Builds | Work::Deploys => continue,
        };
        let account = service.account();
        let (source, login) = account.split_once(':').unwrap_or(("", &account));
        one(&mut csv, [&as_of, source, login], factor);
    }
    csv
}

fn idp_rows(csv: &mut String, as_of: &str, person: &Person, date: NaiveDate) {
    let source = match person.idp {
        Idp::Okta => "okta",
        Idp::Entra => "entra",
    };
    let end = date.and_time(NaiveTime::MIN).and_utc() + TimeDelta::days(1);
    let mut none = true;
    for held in &person.timeline.holdings {
        let pending = held.pending.is_some_and(|from| from <= date) && held.from >= end;
        // A factor that was reset or removed is shown as disabled for a week.
        let gone = held.to.is_some_and(|(to, _)| to < end && end - to < TimeDelta::days(7));
        let status = if held.active(end) {
            "active"
        } else if pending {
            "pending"
        } else if gone {
            "disabled"
        } else {
            continue;
        };
        none = false;
        let since = held.from.date_naive();
        let since = if pending { held.pending.unwrap_or(since) } else { since };
        line(
            csv,
            &[as_of, source, &person.email, held.factor.as_str(), &since.to_string(), status],
        );
    }
    if none {
        one(csv, [as_of, source, &person.email], None);
    }
}

/// The only row of an account: a factor, or `none`.
fn one(csv: &mut String, account: [&str; 3], factor: Option<(&str, NaiveDate)>) {
    let [as_of, source, login] = account;
    match factor {
        Some((factor, since)) => {
            line(csv, &[as_of, source, login, factor, &since.to_string(), "active"]);
        }
        None => line(csv, &[as_of, source, login, "none", "", "active"]),
    }
}

fn line(csv: &mut String, fields: &[&str]) {
    // Writing to a string can't fail.
    let _ = writeln!(csv, "{}", fields.join(","));
}
