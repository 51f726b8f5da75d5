//! Each way past the usual second factor.

use super::{ALL_ROWS, Listing, Show, Takes, all};
use crate::text::{count, plural};

pub(super) const LISTINGS: &[Listing] = &[Listing {
    name: "break_glass_uses",
    title: "Who got past the usual second factor?",
    columns: &[
        ("time", "When", Show::Instant),
        ("kind", "How", Show::Word),
        ("source", "Source", Show::Text),
        ("service", "Service", Show::Text),
        ("user_name", "Account", Show::Text),
        ("person", "Person", Show::Text),
        ("actor", "By", Show::Text),
        ("ticket", "Ticket", Show::Text),
        ("ip", "Address", Show::Text),
        ("country", "Country", Show::Text),
    ],
    takes: Takes::Period,
    finding: |rows| {
        let uses = plural(all(rows, ALL_ROWS), "use", "uses");
        format!("{uses}; {} name a ticket.", count(all(rows, "all_ticketed")))
    },
    counts: "successful sign-ins of break-glass accounts, with a recovery or bypass code or past the second factor by an administrator's bypass, and resets of an account's factors, in the period",
    empty: "Nobody did in this period.",
    bars: None,
    href: Some(|row| {
        let (shard, seq, part) = (row.int("shard")?, row.int("seq")?, row.int("part")?);
        Some(format!("/events/{shard}-{seq}-{part}"))
    }),
}];
