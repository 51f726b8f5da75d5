//! Panels over what the process tells of itself, its collectors and its machine. No SQL
//! is behind them: what they say is gone with the process.

use chrono_tz::Tz;

use super::context::Context;
use super::spec::{Process, Spec};
use super::table::{Cell, Table, cell};
use super::{Panel, State};
use crate::status::{CollectorNow, Measure, Reading};
use crate::text;

/// Characters of an error in a table.
const EXCERPT: usize = 200;

/// Builds one.
pub(crate) fn build(spec: &Spec, which: Process, context: &Context) -> Panel {
    let zone = context.view.zone;
    let (title, counts) = match which {
        Process::Collectors => (
            "What are the collectors of this process doing?",
            "what each collector did since the process started",
        ),
        Process::Machine => (
            "Has this machine room, and is its clock right?",
            "the machine and the process at this moment",
        ),
    };
    let footer = vec![
        ("As of", text::instant(context.now)),
        ("Counts", counts.to_owned()),
        ("Told by", "the process itself: there is no SQL behind it".to_owned()),
        ("Times in", zone.name().to_owned()),
    ];
    let bare = |state| Panel {
        footer: footer.clone(),
        ..Panel::bare(spec.id, title.to_owned(), spec.wide, state)
    };
    match which {
        Process::Collectors => {
            let collectors = context.status.collectors();
            if collectors.is_empty() {
                return bare(State::NoEvents(NO_COLLECTOR.to_owned()));
            }
            let table = Some(table_of(title, &collectors, zone));
            Panel { finding: doing(&collectors), table, open: true, ..bare(State::Whole) }
        }
        Process::Machine => {
            let readings = context.status.readings();
            if readings.is_empty() {
                return bare(State::NoEvents("The process tells nothing of itself.".to_owned()));
            }
            let troubles: Vec<String> =
                readings.iter().filter_map(|reading| reading.trouble.clone()).collect();
            let finding = match troubles.len() {
                0 => "Nothing is out of order.".to_owned(),
                n => format!(
                    "{} out of order.",
                    text::plural(i64::try_from(n).unwrap_or(i64::MAX), "thing is", "things are")
                ),
            };
            let state = if troubles.is_empty() { State::Whole } else { State::Partial(troubles) };
            let table = Some(readings_table(title, &readings, zone));
            Panel { finding, table, open: true, ..bare(state) }
        }
    }
}

const NO_COLLECTOR: &str = "This process runs no collector of its own: events are sent to it, \
    come from files, or are read by workers.";

/// How many do what, and what is wrong with those that fail.
fn doing(collectors: &[CollectorNow]) -> String {
    let mut states: Vec<(&str, i64)> = Vec::new();
    for collector in collectors {
        match states.iter_mut().find(|(state, _)| *state == collector.state) {
            Some((_, n)) => *n += 1,
            None => states.push((collector.state, 1)),
        }
    }
    let n = i64::try_from(collectors.len()).unwrap_or(i64::MAX);
    let parts: Vec<_> =
        states.iter().map(|(state, n)| format!("{} {state}", text::count(*n))).collect();
    let failing = collectors.iter().find(|collector| collector.state == "failing");
    let why = failing.and_then(|one| Some((one, one.last_error.as_ref()?))).map(|(one, error)| {
        format!(" {}: {}", text::visible(&one.name), text::short(&text::visible(&error.1), EXCERPT))
    });
    format!(
        "{}: {}.{}",
        text::plural(n, "collector", "collectors"),
        parts.join(", "),
        why.unwrap_or_default()
    )
}

fn number(n: u64) -> Cell {
    cell(text::count(i64::try_from(n).unwrap_or(i64::MAX)))
}

fn table_of(title: &str, collectors: &[CollectorNow], zone: Tz) -> Table {
    let headings = [
        "Collector",
        "How",
        "State",
        "Last stored",
        "Records#",
        "Not stored#",
        "Read up to",
        "Waits until",
        "Connections#",
        "Last went wrong",
    ];
    let mut table = Table::new(title, &headings);
    let moment = |at: Option<chrono::DateTime<chrono::Utc>>| {
        cell(at.map(|at| text::moment(at, zone)).unwrap_or_default())
    };
    for one in collectors {
        let wrong = one.last_error.as_ref().map(|(at, what)| {
            let what = text::short(&text::visible(what), EXCERPT);
            format!("{}: {what}", text::moment(*at, zone))
        });
        table.push(vec![
            cell(text::visible(&one.name)),
            cell(one.kind),
            cell(one.state),
            moment(one.last_received),
            number(one.records),
            number(one.dropped),
            moment(one.reached),
            moment(one.waits_until),
            one.connections.map(number).unwrap_or_default(),
            cell(wrong.unwrap_or_default()),
        ]);
    }
    table
}

fn readings_table(title: &str, readings: &[Reading], zone: Tz) -> Table {
    let mut table = Table::new(title, &["What", "Now", "What it means"]);
    for reading in readings {
        table.push(vec![
            cell(reading.name),
            cell(shown(&reading.value, zone)),
            cell(text::visible(reading.trouble.as_deref().unwrap_or(reading.about))),
        ]);
    }
    table
}

fn shown(value: &Measure, zone: Tz) -> String {
    match value {
        Measure::Bytes(bytes) => text::bytes(*bytes),
        Measure::BytesOf(bytes, of) => format!("{} of {}", text::bytes(*bytes), text::bytes(*of)),
        Measure::Count(n) => text::count(i64::try_from(*n).unwrap_or(i64::MAX)),
        Measure::Milliseconds(ms) => text::milliseconds(*ms),
        Measure::At(at) => text::moment(*at, zone),
        Measure::Text(words) => text::visible(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collector(name: &str, state: &'static str) -> CollectorNow {
        CollectorNow {
            name: name.to_owned(),
            kind: "pull",
            state,
            last_received: None,
            records: 1_200,
            dropped: 0,
            reached: None,
            waits_until: None,
            connections: None,
            last_error: Some((chrono::DateTime::UNIX_EPOCH, "429\u{202e} Too Many".to_owned())),
        }
    }

    #[test]
    fn collectors_are_counted_by_what_they_do_and_the_first_that_fails_says_why() {
        let all = [collector("a", "running"), collector("b", "failing"), collector("c", "running")];
        assert_eq!(doing(&all), "3 collectors: 2 running, 1 failing. b: 429⟨U+202E⟩ Too Many");
        assert_eq!(doing(&all[..1]), "1 collector: 1 running.");
        let table = table_of("x", &all, Tz::UTC);
        assert_eq!(table.rows.len(), 3);
        assert_eq!(table.rows[0][4].text, "1,200");
        assert_eq!(table.rows[0][8].text, "", "it has no connections to tell of");
    }

    #[test]
    fn readings_are_shown_in_their_unit() {
        let shown = |value| super::shown(&value, Tz::UTC);
        assert_eq!(shown(Measure::BytesOf(3 << 30, 10 << 30)), "3.0 GiB of 10.0 GiB");
        assert_eq!(shown(Measure::Bytes(512)), "512 bytes");
        assert_eq!(shown(Measure::Milliseconds(1_500.0)), "1.5 s");
        assert_eq!(shown(Measure::Count(12_345)), "12,345");
    }
}
