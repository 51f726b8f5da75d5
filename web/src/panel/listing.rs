//! Panels over a page's query, as data: which columns, what they say in a
//! sentence, what an empty one means. A panel has the first rows only: what a
//! sentence says of all of them comes from the query's columns `all_…`, which say
//! the same in each row.

mod adoption;
mod break_glass;
mod health;

use crate::ask::{Row, Rows};
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
    /// Whom or what it counts.
    pub(crate) counts: &'static str,
    /// What no rows mean.
    pub(crate) empty: &'static str,
    /// What is drawn as bars.
    pub(crate) bars: Option<Bars>,
    /// Where a row leads.
    pub(crate) href: Option<fn(Row<'_>) -> Option<String>>,
}

/// Bars of a listing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bars {
    /// The column with the bar's name.
    pub(crate) name: &'static str,
    /// The column with its value.
    pub(crate) value: &'static str,
}

impl Bars {
    /// Whether the value is of the name's whole group, and not of the row.
    pub(crate) fn is_of_group(self) -> bool {
        self.value.starts_with(OF_ALL)
    }
}

/// What columns begin with that say something of more rows than their own.
pub(crate) const OF_ALL: &str = "all_";

/// How many rows there are, where the query says: a list may be cut off.
pub(crate) const ALL_ROWS: &str = "all_rows";

const fn bars(name: &'static str, value: &'static str) -> Option<Bars> {
    Some(Bars { name, value })
}

const LISTINGS: &[Listing] = &[
    Listing {
        name: "missing_factors",
        title: "Who has an account without a second factor?",
        columns: &[
            ("name", "Person", Show::Text),
            ("accounts", "Accounts", Show::Text),
            ("team", "Team", Show::Text),
            ("role", "Role", Show::Text),
            ("manager", "Manager", Show::Text),
            ("cohort", "Cohort", Show::Text),
            ("invited_on", "Invited", Show::Day),
            ("last_seen", "Last seen", Show::Instant),
        ],
        takes: Takes::Day,
        finding: |rows| {
            let people = plural(all(rows, ALL_ROWS), "person has", "people have");
            let (team, most) = (named(rows, "all_most_team"), all(rows, "all_most"));
            format!(
                "{people} an account without a usable second factor; most of them in {team} ({}).",
                count(most)
            )
        },
        counts: "people of the directory with an account that a snapshot looked at and found without a usable factor",
        empty: "Nobody is known to have one. Accounts that no snapshot looked at can't be told.",
        bars: bars("team", "all_of_team"),
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
            format!(
                "{} evaluated, and stopped {}; those that only report would have stopped {} more.",
                plural(all(rows, ALL_ROWS), "policy was", "policies were"),
                plural(all(rows, "all_blocked"), "attempt", "attempts"),
                count(all(rows, "all_would_block"))
            )
        },
        counts: "attempts of the period that a named policy evaluated",
        empty: "No policy decided anything in this period, or no source names its policies.",
        bars: bars("policy_name", "blocked"),
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
            let own = all(rows, "all_sign_in");
            let others = all(rows, "all_changes").saturating_sub(own);
            format!(
                "{} of how people sign in, numbered on the charts; {} of what may be done, \
                 without a flag.",
                plural(own, "change", "changes"),
                plural(others, "change", "changes")
            )
        },
        counts: "events of the period that changed a policy, those of one kind together",
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
        counts: "every event and verdict there is, whatever the period; lag and usual gap of live input alone",
        empty: "No source has sent anything yet.",
        bars: bars("source", "events"),
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
            let n = plural(all(rows, ALL_ROWS), "account matches", "accounts match");
            let events = plural(all(rows, "all_events"), "event", "events");
            format!("{n} nobody in the directory; {events} can't be counted for a person.")
        },
        counts: "accounts that tried to sign in, whatever the period, and that the directory knew nobody for that day",
        empty: "Every account belongs to somebody in the directory.",
        bars: bars("source", "all_of_source"),
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
            let (reason, most) = (named(rows, "all_most_reason"), all(rows, "all_most"));
            let n = plural(all(rows, ALL_ROWS), "record is", "records are");
            format!(
                "{n} held back; most often: {reason} ({}). Nothing is lost: \
                 `rollcall quarantine replay` takes them in after a fix.",
                count(most)
            )
        },
        counts: "records that stand in quarantine, whatever the period; those that were replayed aside",
        empty: "Nothing is in quarantine.",
        bars: None,
        href: Some(health::held),
    },
];

/// Every listing.
fn every() -> impl Iterator<Item = &'static Listing> {
    LISTINGS.iter().chain(health::LISTINGS).chain(break_glass::LISTINGS).chain(adoption::LISTINGS)
}

/// The listing of that name.
pub(crate) fn find(name: &str) -> Option<&'static Listing> {
    every().find(|listing| listing.name == name)
}

fn int(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn sum(rows: &Rows, column: &str) -> i64 {
    rows.iter().filter_map(|row| row.int(column)).fold(0, i64::saturating_add)
}

/// What a column says of all rows, also of those that aren't here.
fn all(rows: &Rows, column: &str) -> i64 {
    rows.iter().next().and_then(|row| row.int(column)).unwrap_or(0)
}

fn named(rows: &Rows, column: &str) -> String {
    let name = rows.iter().next().map(|row| row.show(column)).unwrap_or_default();
    if name.is_empty() { "unknown".to_owned() } else { name }
}

/// How many rows there are in all: at least those that are here.
pub(crate) fn in_all(rows: &Rows) -> i64 {
    all(rows, ALL_ROWS).max(int(rows.rows.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::Cell;

    /// What the queries say of all rows, beside the one that is here.
    const ALL: [(&str, Cell); 9] = [
        ("all_rows", Cell::Int(5_000)),
        ("all_most", Cell::Int(3_000)),
        ("all_blocked", Cell::Int(70)),
        ("all_would_block", Cell::Int(8)),
        ("all_sign_in", Cell::Int(60)),
        ("all_changes", Cell::Int(90)),
        ("all_events", Cell::Int(9_000)),
        ("all_of_team", Cell::Int(3_000)),
        ("all_of_source", Cell::Int(4_000)),
    ];

    fn first_of_many(listing: &Listing) -> Rows {
        let own = listing.columns.iter().map(|(name, _, show)| match show {
            Show::Number | Show::Seconds | Show::Lag => (*name, Cell::Int(3)),
            _ => (*name, Cell::Text("x".to_owned())),
        });
        let words =
            ["all_most_team", "all_most_reason"].map(|name| (name, Cell::Text("red".into())));
        let cells: Vec<_> = own.chain(ALL).chain(words).collect();
        let columns = cells.iter().map(|(name, _)| (*name).to_owned()).collect();
        Rows { columns, rows: vec![cells.into_iter().map(|(_, cell)| cell).collect()] }
    }

    #[test]
    fn sentences_count_what_the_limit_left_out_too() {
        let sentence = |name: &str| {
            let listing = find(name).unwrap();
            (listing.finding)(&first_of_many(listing))
        };
        assert_eq!(
            sentence("missing_factors"),
            "5,000 people have an account without a usable second factor; most of them in red (3,000)."
        );
        assert_eq!(
            sentence("blocked_by_policy"),
            "5,000 policies were evaluated, and stopped 70 attempts; those that only report \
             would have stopped 8 more."
        );
        assert!(sentence("policy_changes").starts_with("60 changes of how"));
        assert!(sentence("policy_changes").contains("; 30 changes of what"));
        assert_eq!(
            sentence("unmatched_accounts"),
            "5,000 accounts match nobody in the directory; 9,000 events can't be counted for a person."
        );
        assert!(
            sentence("quarantine_list")
                .starts_with("5,000 records are held back; most often: red (3,000).")
        );
        assert!(sentence("sources_health").starts_with("1 source; the longest silent"));
    }

    #[test]
    fn every_query_with_a_limit_says_how_many_there_are() {
        for listing in every() {
            let page = rollcall_query::pages().iter().find(|page| page.name == listing.name);
            let sql = page.unwrap().sql;
            let says = sql.contains(&format!("AS {ALL_ROWS}"));
            assert_eq!(says, listing.takes != Takes::Nothing, "{}", listing.name);
            if let Some(bars) = listing.bars {
                assert!(sql.contains(bars.value) && sql.contains(bars.name), "{}", listing.name);
            }
        }
    }
}
