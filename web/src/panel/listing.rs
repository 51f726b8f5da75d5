//! Panels over a page's query, as data: which columns, what they say in a
//! sentence, what an empty one means.

use std::collections::BTreeMap;

use crate::ask::{Cell, Row, Rows};
use crate::text::{count, plural, seconds, words};

/// How a column is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    /// As text.
    Text,
    /// A word of a vocabulary.
    Word,
    /// A number.
    Number,
    /// Seconds, as a duration.
    Seconds,
    /// Seconds that an event was late, which only a live input can tell.
    Lag,
    /// An instant.
    Instant,
    /// A day.
    Day,
    /// Bytes, as the beginning of a text.
    Excerpt,
}

/// Which parameters a query takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// None.
    Nothing,
    /// `limit`.
    Limit,
    /// `from_us`, `to_us`, `limit`.
    Period,
    /// `as_of_date`, `limit`.
    Day,
}

/// One listing.
pub(crate) struct Listing {
    /// The query's name.
    pub(crate) name: &'static str,
    /// The question.
    pub(crate) title: &'static str,
    /// Column, heading, how it is shown.
    pub(crate) columns: &'static [(&'static str, &'static str, Show)],
    /// What the query takes.
    pub(crate) takes: Takes,
    /// The sentence; not asked for where there are no rows.
    pub(crate) finding: fn(&Rows) -> String,
    /// What no rows mean.
    pub(crate) empty: &'static str,
    /// A column to count rows by and draw as bars.
    pub(crate) bars: Option<Bars>,
    /// Where a row leads.
    pub(crate) href: Option<fn(Row<'_>) -> Option<String>>,
}

/// Bars of a listing.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bars {
    /// How many rows have each value of this column.
    Rows(&'static str),
    /// The second column's value for each of the first.
    Value(&'static str, &'static str),
}

const LISTINGS: &[Listing] = &[
    Listing {
        name: "missing_factors",
        title: "Who has no second factor?",
        columns: &[
            ("name", "Person", Show::Text),
            ("team", "Team", Show::Text),
            ("role", "Role", Show::Text),
            ("manager", "Manager", Show::Text),
            ("cohort", "Cohort", Show::Text),
            ("invited_on", "Invited", Show::Day),
            ("last_seen", "Last seen", Show::Instant),
        ],
        takes: Takes::Day,
        finding: |rows| {
            let n = rows.rows.len();
            let (team, most) = most_frequent(rows, "team");
            let people = plural(int(n), "person has", "people have");
            format!("{people} no usable second factor; most of them in {team} ({}).", count(most))
        },
        empty: "Everybody in the directory has a usable second factor.",
        bars: Some(Bars::Rows("team")),
        href: None,
    },
    Listing {
        name: "blocked_by_policy",
        title: "Which policies stop people, and which would?",
        columns: &[
            ("source", "Source", Show::Text),
            ("policy_name", "Policy", Show::Text),
            ("policy_mode", "Mode", Show::Word),
            ("evaluated", "Evaluated", Show::Number),
            ("blocked", "Blocked", Show::Number),
            ("would_block", "Would block", Show::Number),
            ("people", "People", Show::Number),
        ],
        takes: Takes::Period,
        finding: |rows| {
            let blocked = sum(rows, "blocked");
            let would = sum(rows, "would_block");
            format!(
                "{} stopped {}; policies that only report would have stopped {} more.",
                plural(int(rows.rows.len()), "policy", "policies"),
                plural(blocked, "attempt", "attempts"),
                count(would)
            )
        },
        empty: "No policy decided anything in this period, or no source names its policies.",
        bars: Some(Bars::Value("policy_name", "blocked")),
        href: None,
    },
    Listing {
        name: "policy_changes",
        title: "Which policies changed?",
        columns: &[
            ("time", "When", Show::Instant),
            ("source", "Source", Show::Text),
            ("policy_name", "Policy", Show::Text),
            ("operation", "What", Show::Text),
            ("actor", "By", Show::Text),
            ("changes", "Changes", Show::Number),
        ],
        takes: Takes::Period,
        finding: |rows| {
            let signing_in = |row: &Row<'_>| row.get("sign_in") == &Cell::Bool(true);
            let own = rows.iter().filter(signing_in).count();
            let all = sum(rows, "changes");
            let n = plural(int(own), "change", "changes");
            format!(
                "{n} of how people sign in, numbered on the charts; {} of what may be done, \
                 without a flag.",
                plural(all.saturating_sub(int(own)), "change", "changes")
            )
        },
        empty: "No policy changed in this period.",
        bars: None,
        href: None,
    },
    Listing {
        name: "sources_health",
        title: "Is every source still talking?",
        columns: &[
            ("source", "Source", Show::Text),
            ("events", "Events", Show::Number),
            ("imported", "Imported", Show::Number),
            ("last_received", "Last received", Show::Instant),
            ("silent_s", "Silent for", Show::Seconds),
            ("usual_gap_s", "Usual gap", Show::Seconds),
            ("lag_p50_s", "Lag p50", Show::Lag),
            ("lag_p95_s", "Lag p95", Show::Lag),
            ("duplicate", "Duplicate", Show::Number),
            ("joined", "Joined", Show::Number),
            ("quarantined", "Quarantined", Show::Number),
            ("not_authentication", "Not authentication", Show::Number),
            ("first_received", "Since", Show::Instant),
        ],
        takes: Takes::Nothing,
        finding: |rows| {
            let n = plural(int(rows.rows.len()), "source", "sources");
            let longest = rows.iter().max_by_key(|row| row.int("silent_s"));
            let quiet = longest.map(|row| {
                let silent = seconds(row.float("silent_s").unwrap_or(0.0));
                format!("; the longest silent is {}, for {silent}", words(&row.show("source")))
            });
            let held = match sum(rows, "quarantined") {
                0 => "Nothing is in quarantine.".to_owned(),
                n => format!("{} in quarantine.", plural(n, "record is", "records are")),
            };
            format!("{n}{}. {held}", quiet.unwrap_or_default())
        },
        empty: "No source has sent anything yet.",
        bars: Some(Bars::Value("source", "events")),
        href: None,
    },
    Listing {
        name: "unmatched_accounts",
        title: "Which accounts belong to nobody we know?",
        columns: &[
            ("source", "Source", Show::Text),
            ("user_name", "Account", Show::Text),
            ("events", "Events", Show::Number),
            ("last_seen", "Last seen", Show::Instant),
        ],
        takes: Takes::Limit,
        finding: |rows| {
            let n = plural(int(rows.rows.len()), "account matches", "accounts match");
            let events = plural(sum(rows, "events"), "event", "events");
            format!("{n} nobody in the directory; {events} can't be counted for a person.")
        },
        empty: "Every account belongs to somebody in the directory.",
        bars: Some(Bars::Rows("source")),
        href: Some(|row| {
            let user = row.raw("user_name")?;
            let address = crate::address::Address::default();
            Some(format!("/events{}", address.with_own("user", Some(user)).query()))
        }),
    },
    Listing {
        name: "quarantine_list",
        title: "What couldn't be read?",
        columns: &[
            ("received", "Received", Show::Instant),
            ("source", "Source", Show::Text),
            ("source_hint", "Sent as", Show::Text),
            ("reason", "Why", Show::Text),
            ("raw", "Record", Show::Excerpt),
            ("shard", "Shard", Show::Number),
            ("seq", "Seq", Show::Number),
            ("part", "Part", Show::Number),
        ],
        takes: Takes::Limit,
        finding: |rows| {
            let (reason, most) = most_frequent(rows, "reason");
            let n = plural(int(rows.rows.len()), "record is", "records are");
            format!(
                "{n} held back; most often: {reason} ({}). Nothing is lost: \
                 `rollcall quarantine replay` takes them in after a fix.",
                count(most)
            )
        },
        empty: "Nothing is in quarantine.",
        bars: None,
        href: None,
    },
];

/// The listing of that name.
pub(crate) fn find(name: &str) -> Option<&'static Listing> {
    LISTINGS.iter().find(|listing| listing.name == name)
}

fn int(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn sum(rows: &Rows, column: &str) -> i64 {
    rows.iter().filter_map(|row| row.int(column)).fold(0, i64::saturating_add)
}

/// How many rows have each value of a column, most first.
pub(crate) fn frequencies(rows: &Rows, column: &str) -> Vec<(String, i64)> {
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for row in rows.iter() {
        let value = row.show(column);
        let value = if value.is_empty() { "unknown".to_owned() } else { value };
        *counts.entry(value).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    counts
}

fn most_frequent(rows: &Rows, column: &str) -> (String, i64) {
    frequencies(rows, column).into_iter().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listing_makes_a_sentence() {
        for listing in LISTINGS {
            let columns = listing.columns.iter().map(|(name, ..)| (*name).to_owned()).collect();
            let row = listing.columns.iter().map(|(_, _, show)| match show {
                Show::Number | Show::Seconds | Show::Lag => Cell::Int(3),
                _ => Cell::Text("x".to_owned()),
            });
            let rows = Rows { columns, rows: vec![row.collect()] };
            let sentence = (listing.finding)(&rows);
            assert!(sentence.ends_with('.') && sentence.len() > 10, "{}: {sentence}", listing.name);
        }
    }
}
