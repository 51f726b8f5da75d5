//! Listings of people, and of what they get in by.

use super::{ALL_ROWS, Listing, Show, Takes, all, bars};
use crate::address::Address;
use crate::ask::Row;
use crate::text::{count, plural};

pub(super) const LISTINGS: &[Listing] = &[
    Listing {
        name: "weakest_ways",
        title: "What is the weakest way in that worked for each person?",
        columns: &[
            ("name", "Person", Show::Text),
            ("way", "Weakest way in", Show::Word),
            ("team", "Team", Show::Text),
            ("manager", "Manager", Show::Text),
            ("source", "Source", Show::Text),
            ("login", "Account", Show::Text),
            ("service", "Service", Show::Text),
            ("at", "Last time", Show::Instant),
            ("event", "Event", Show::Text),
            ("untold", "Not told", Show::Number),
        ],
        takes: Takes::Day,
        finding: |rows| {
            format!(
                "{} of {} got in by a single factor, a key or a token at least once.",
                count(all(rows, "all_weak")),
                plural(all(rows, ALL_ROWS), "person", "people"),
            )
        },
        counts: "people of the directory who got in anywhere in the 90 days up to the last day of the period; what they reached from a sign-in is as strong as that; not told: their sign-ins of which nothing is said",
        empty: "Nobody of the directory is known to have got in anywhere in these 90 days.",
        bars: bars("way", "all_of_way"),
        href: Some(evidence),
    },
    Listing {
        name: "dormant_factors",
        title: "Which factors are enrolled and never used?",
        columns: &[
            ("name", "Person", Show::Text),
            ("factor", "Factor", Show::Word),
            ("source", "Source", Show::Text),
            ("login", "Account", Show::Text),
            ("team", "Team", Show::Text),
            ("manager", "Manager", Show::Text),
            ("enrolled_on", "Enrolled", Show::Day),
            ("last_used", "Last used", Show::Instant),
        ],
        takes: Takes::Day,
        finding: |rows| {
            let n = plural(all(rows, ALL_ROWS), "factor is", "factors are");
            format!("{n} enrolled and weren't used in 90 days: whoever steals one isn't noticed.")
        },
        counts: "usable factors of people's accounts in the newest snapshot of 48 hours that weren't used in the 90 days up to the last day of the period, where the source's events reach back as far",
        empty: "No factor is known to lie idle. Where a source's events don't reach back 90 days it can't be told.",
        bars: bars("factor", "all_of_factor"),
        href: None,
    },
    Listing {
        name: "privileged_sign_ins",
        title: "Which privileged accounts signed in without a second factor?",
        columns: &[
            ("name", "Person", Show::Text),
            ("login", "Account", Show::Text),
            ("source", "Source", Show::Text),
            ("manager", "Manager", Show::Text),
            ("without", "Without", Show::Number),
            ("sign_ins", "Sign-ins", Show::Number),
            ("last_without", "Last time", Show::Instant),
            ("event", "Event", Show::Text),
        ],
        takes: Takes::Period,
        finding: |rows| {
            let accounts = plural(all(rows, ALL_ROWS), "privileged account", "privileged accounts");
            let times = plural(all(rows, "all_without"), "time", "times");
            format!("{accounts} signed in without a second factor, {times} in all.")
        },
        counts: "sign-ins of the period by accounts that the directory marks as privileged, where the source says that there was a single factor, that none was required, or that it was bypassed",
        empty: "No privileged account is known to have signed in without a second factor. Where MFA isn't said it can't be told.",
        bars: bars("login", "without"),
        href: Some(evidence),
    },
];

/// The event that proves a row.
fn evidence(row: Row<'_>) -> Option<String> {
    let event = row.raw("event")?;
    Some(format!("/events/{event}{}", Address::default().query()))
}

#[cfg(test)]
mod tests {
    use super::super::find;
    use crate::ask::{Cell, Rows};

    #[test]
    fn a_way_in_leads_to_the_event_that_proves_it() {
        let rows = Rows {
            columns: ["event", "all_rows", "all_weak"].map(str::to_owned).to_vec(),
            rows: vec![vec![Cell::Text("1-4711-0".to_owned()), Cell::Int(2_000), Cell::Int(1)]],
        };
        let listing = find("weakest_ways").unwrap();
        let href = listing.href.unwrap();
        assert_eq!(rows.iter().next().and_then(href).unwrap(), "/events/1-4711-0");
        assert_eq!(
            (listing.finding)(&rows),
            "1 of 2,000 people got in by a single factor, a key or a token at least once."
        );
    }
}
