//! Listings of what came in: late, silent, rejected, reconciled, sealed.

use rollcall_query::Dimension;

use super::{ALL_ROWS, Listing, Show, Takes, all, bars};
use crate::address::Address;
use crate::ask::{Row, Rows};
use crate::text::{count, plural, seconds, short, visible};

/// Characters of a reason within a sentence.
const REASON: usize = 120;

pub(super) const LISTINGS: &[Listing] = &[
    Listing {
        name: "collectors_health",
        title: "Is any collector late, or quieter than it usually is?",
        columns: &[
            ("source", "Source", Show::Text),
            ("collector", "Collector", Show::Text),
            ("rhythm", "Rhythm", Show::Word),
            ("silent_s", "Silent for", Show::Seconds),
            ("usual_s", "Usually", Show::Seconds),
            ("weeks_heard", "Weeks heard", Show::Number),
            ("weeks", "Of weeks", Show::Number),
            ("lag_p50_s", "Lag p50", Show::Seconds),
            ("lag_p95_s", "p95", Show::Seconds),
            ("lag_p99_s", "p99", Show::Seconds),
            ("timed", "Lag of", Show::Number),
            ("last_received", "Last received", Show::Instant),
            ("last_time", "Last event", Show::Instant),
        ],
        takes: Takes::Period,
        finding: rhythm,
        counts: "lag of what each collector received in the period, without history that it caught up on; silence as of now, of all that it sent, also what was set aside; stopped: silent for longer than it was ever active, or for a week before four weeks were known; usually: time for each event in this hour of the last eight weeks; weeks heard: of the last eight, those with something in this stretch of the week",
        empty: "Nothing has come in over a live input yet, not even what was set aside: files have no rhythm.",
        bars: None,
        href: Some(|row| {
            let address = Address::default().with_only(Dimension::Source, row.raw("source"));
            Some(format!("/events{}", address.query()))
        }),
    },
    Listing {
        name: "rejects_by_reason",
        title: "Why couldn't records be read?",
        columns: &[
            ("source", "Source", Show::Text),
            ("reason", "Why", Show::Excerpt),
            ("records", "Records", Show::Number),
            ("first_received", "First", Show::Instant),
            ("last_received", "Last", Show::Instant),
        ],
        takes: Takes::Period,
        finding: |rows| {
            let records = plural(all(rows, "all_records"), "record", "records");
            let first = rows.iter().next();
            let most = first.map(|row| {
                let n = count(row.int("records").unwrap_or(0));
                format!("; most often {} ({n})", short(&row.show("reason"), REASON))
            });
            format!(
                "{records} of the period couldn't be read, for {}{}.",
                plural(all(rows, ALL_ROWS), "reason", "reasons"),
                most.unwrap_or_default()
            )
        },
        counts: "records received in the period that stand in quarantine",
        empty: "Every record of the period could be read, or was replayed since.",
        bars: bars("source", "records"),
        href: Some(held),
    },
    Listing {
        name: "reconciliations_list",
        title: "Do vendors have what is stored here?",
        columns: &[
            ("period_from", "Period from", Show::Instant),
            ("collector", "Log", Show::Text),
            ("source", "Source", Show::Text),
            ("state", "State", Show::Word),
            ("vendor", "Vendor has", Show::Number),
            ("stored", "Stored", Show::Number),
            ("missing", "Missing", Show::Number),
            ("fetched", "Then fetched", Show::Number),
            ("still_missing", "Still missing", Show::Number),
            ("extra", "Only here", Show::Number),
            ("reason", "Why not", Show::Excerpt),
            ("reconciled", "Asked", Show::Instant),
        ],
        takes: Takes::Limit,
        finding: reconciled,
        counts: "ids that a vendor's log has for a closed day, of the newest time that it was asked",
        empty: "No vendor was asked again for a closed day. Where logs are pulled, the server \
                does it each day, and rollcall reconcile on demand.",
        bars: None,
        href: None,
    },
    Listing {
        name: "streams_health",
        title: "How far is each stream sealed?",
        columns: &[
            ("kind", "Kind", Show::Word),
            ("stream", "Stream", Show::Text),
            ("shard", "Shard", Show::Number),
            ("sealed_to", "Sealed up to record", Show::Number),
            ("made_rows", "Rows", Show::Number),
            ("unchecked", "Unchecked", Show::Number),
            ("gap_records", "In gaps", Show::Number),
            ("last_received", "Received up to", Show::Instant),
            ("last_sealed", "Last sealed", Show::Instant),
            ("since_seal_s", "Since then", Show::Seconds),
        ],
        takes: Takes::Limit,
        finding: |rows| {
            format!(
                "{} of {} lie sealed; of {} it can't be told whether they are duplicates; \
                 {} never existed or were lost.",
                plural(all(rows, "all_sealed"), "row", "rows"),
                plural(all(rows, ALL_ROWS), "live stream", "live streams"),
                count(all(rows, "all_unchecked")),
                plural(all(rows, "all_gaps"), "record", "records"),
            )
        },
        counts: "records of live streams that lie in sealed files, as the commits say; imported files aside",
        empty: "Nothing has come in over a live input yet.",
        bars: None,
        href: None,
    },
];

/// The page of records that couldn't be read, for a row's source and reason.
pub(super) fn held(row: Row<'_>) -> Option<String> {
    let source = row.raw("source").or_else(|| row.raw("source_hint"));
    // Longer ones are no filter.
    let reason = row.raw("reason").filter(|reason| reason.chars().count() <= 200);
    let address = Address::default().with_only(Dimension::Source, source);
    Some(format!("/quarantine{}", address.with_own("reason", reason).query()))
}

/// Who is quieter than usual or has stopped, and how sure that is; else that nobody is.
fn rhythm(rows: &Rows) -> String {
    let collectors = plural(all(rows, ALL_ROWS), "collector", "collectors");
    let (quieter, stopped) = (all(rows, "all_quieter"), all(rows, "all_stopped"));
    let are = |n| if n == 1 { "is" } else { "are" };
    let have = |n| if n == 1 { "has" } else { "have" };
    // The raised ones come first, those that are quieter before those that stopped.
    let first = rows.iter().next().filter(|_| quieter > 0 || stopped > 0);
    let Some(row) = first else {
        let learning = match all(rows, "all_learning") {
            0 => String::new(),
            n => format!(
                " Of {} it can't be told yet: four weeks are needed.",
                plural(n, "silent one", "silent ones")
            ),
        };
        return format!("{collectors}; none is quieter than it usually is.{learning}");
    };
    let raised = match (quieter, stopped) {
        (0, n) => format!("{} of {collectors} {} stopped", count(n), have(n)),
        (n, 0) => format!("{} of {collectors} {} quieter than usual", count(n), are(n)),
        (n, m) => format!(
            "{} of {collectors} {} quieter than usual, {} {} stopped",
            count(n),
            are(n),
            count(m),
            have(m)
        ),
    };
    let span = |name| row.float(name).map(seconds);
    let silent = format!(
        "{raised}. {} by {}: silent for {}",
        visible(&row.show("source")),
        visible(&row.show("collector")),
        span("silent_s").unwrap_or_default(),
    );
    if quieter == 0 {
        return format!("{silent}.");
    }
    let usual = span("usual_s").map(|gap| format!(", usually one event every {gap} at this hour"));
    format!(
        "{silent}{}; something came in this stretch of the week in {} of the last {}.",
        usual.unwrap_or_default(),
        row.show("weeks_heard"),
        plural(row.int("weeks").unwrap_or(0), "week", "weeks"),
    )
}

/// How many logs and periods were compared, and what differs; where none could be, only
/// that and why.
fn reconciled(rows: &Rows) -> String {
    let (asked, done) = (all(rows, ALL_ROWS), all(rows, "all_reconciled"));
    if done == 0 {
        let reason = rows.iter().map(|row| row.show("reason")).find(|reason| !reason.is_empty());
        let reason = reason.map(|reason| format!(": {}", short(&reason, REASON)));
        let asked = plural(
            asked,
            "log and period that was asked for",
            "logs and periods that were asked for",
        );
        return format!("None of {asked} could be reconciled{}.", reason.unwrap_or_default());
    }
    format!(
        "{} of {} reconciled: of {} that vendors had, {} missing still; {} only here.",
        count(done),
        plural(asked, "log and period was", "logs and periods were"),
        plural(all(rows, "all_vendor"), "event", "events"),
        plural(all(rows, "all_still_missing"), "is", "are"),
        plural(all(rows, "all_extra"), "is", "are"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::Cell;

    fn rows(cells: &[(&str, Cell)]) -> Rows {
        Rows {
            columns: cells.iter().map(|(name, _)| (*name).to_owned()).collect(),
            rows: vec![cells.iter().map(|(_, cell)| cell.clone()).collect()],
        }
    }

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn silence_is_told_with_its_rhythm_and_how_sure_that_is() {
        let one = |quieter, stopped, learning| {
            rows(&[
                ("source", text("okta")),
                ("collector", text("pull")),
                ("silent_s", Cell::Int(10_800)),
                ("usual_s", Cell::Float(240.0)),
                ("weeks_heard", Cell::Int(8)),
                ("weeks", Cell::Int(8)),
                ("all_rows", Cell::Int(5)),
                ("all_quieter", Cell::Int(quieter)),
                ("all_stopped", Cell::Int(stopped)),
                ("all_learning", Cell::Int(learning)),
            ])
        };
        assert_eq!(
            rhythm(&one(1, 0, 0)),
            "1 of 5 collectors is quieter than usual. okta by pull: silent for 3 h, usually one \
             event every 4 min at this hour; something came in this stretch of the week in 8 of \
             the last 8 weeks."
        );
        assert_eq!(rhythm(&one(0, 0, 0)), "5 collectors; none is quieter than it usually is.");
        assert!(
            rhythm(&one(0, 0, 2))
                .ends_with("Of 2 silent ones it can't be told yet: four weeks are needed.")
        );
        assert_eq!(
            rhythm(&one(0, 1, 2)),
            "1 of 5 collectors has stopped. okta by pull: silent for 3 h."
        );
        assert!(rhythm(&one(2, 3, 0)).starts_with(
            "2 of 5 collectors are quieter than usual, 3 have stopped. okta by pull: silent for \
             3 h, usually"
        ));
    }

    #[test]
    fn where_nothing_could_be_reconciled_no_figure_is_told() {
        let one = |asked, done, vendor: Cell, reason| {
            reconciled(&rows(&[
                ("reason", reason),
                ("all_rows", Cell::Int(asked)),
                ("all_reconciled", Cell::Int(done)),
                ("all_vendor", vendor.clone()),
                ("all_still_missing", vendor.clone()),
                ("all_extra", vendor),
            ]))
        };
        assert_eq!(
            one(1, 0, Cell::Null, text("forbidden")),
            "None of 1 log and period that was asked for could be reconciled: forbidden."
        );
        assert_eq!(
            one(2, 0, Cell::Null, Cell::Null),
            "None of 2 logs and periods that were asked for could be reconciled."
        );
        assert_eq!(
            one(2, 1, Cell::Int(5), text("forbidden")),
            "1 of 2 logs and periods were reconciled: of 5 events that vendors had, 5 are missing \
             still; 5 are only here."
        );
    }

    #[test]
    fn a_reason_leads_to_its_records() {
        let one = rows(&[("source", text("okta")), ("reason", text("no JSON & more"))]);
        let href = one.iter().next().and_then(held).unwrap();
        assert_eq!(href, "/quarantine?source=okta&reason=no+JSON+%26+more");
        let long = rows(&[("source_hint", text("x")), ("reason", text(&"long ".repeat(50)))]);
        assert_eq!(long.iter().next().and_then(held).unwrap(), "/quarantine?source=x");
    }
}
