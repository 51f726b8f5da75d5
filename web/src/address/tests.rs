use chrono::NaiveDate;
use chrono_tz::Tz;
use rollcall_query::{Dimension, Grain};

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> chrono::DateTime<chrono::Utc> {
    text.parse().unwrap()
}

fn view(query: &str) -> View {
    let span = Span { first: at("2025-11-02T10:00:00Z"), last: at("2026-05-20T23:30:00Z") };
    let address = Address::parse(query, &[]).unwrap();
    View::new(address, Some(span), Tz::UTC, at("2026-06-30T12:00:00Z"))
}

fn days(query: &str) -> (String, String) {
    let view = view(query);
    (view.days.from.to_string(), view.days.last.to_string())
}

#[test]
fn the_default_is_the_last_28_days_with_data() {
    assert_eq!(days(""), ("2026-04-23".to_owned(), "2026-05-20".to_owned()));
    let filter = view("").filter();
    assert_eq!((filter.from, filter.to), (day("2026-04-23"), day("2026-05-21")));
    assert_eq!(filter.grain, Grain::Day);
}

#[test]
fn presets_end_with_the_data() {
    assert_eq!(days("period=7d"), ("2026-05-14".to_owned(), "2026-05-20".to_owned()));
    assert_eq!(days("period=quarter"), ("2026-04-01".to_owned(), "2026-05-20".to_owned()));
    assert_eq!(days("period=last-quarter"), ("2026-01-01".to_owned(), "2026-03-31".to_owned()));
    assert_eq!(days("period=all"), ("2025-11-02".to_owned(), "2026-05-20".to_owned()));
}

#[test]
fn days_are_those_of_the_zone() {
    assert_eq!(days("tz=Asia/Tokyo").1, "2026-05-21", "23:30 UTC is the next morning in Tokyo");
}

#[test]
fn the_end_of_a_period_is_included() {
    let view = view("from=2026-03-01&to=2026-03-31&tz=Europe/Berlin");
    assert_eq!(view.days.count(), 31);
    let (from, to) = view.micros();
    assert_eq!(from, at("2026-02-28T23:00:00Z").timestamp_micros());
    assert_eq!(to, at("2026-03-31T22:00:00Z").timestamp_micros(), "summer time by then");
}

#[test]
fn comparison_is_moved_by_whole_weeks() {
    let days = Days { from: day("2026-03-02"), last: day("2026-03-31") };
    let before = days.before();
    assert_eq!(before.from, day("2026-01-26"));
    assert_eq!(before.count(), 30);
    assert_eq!(chrono::Datelike::weekday(&before.from), chrono::Datelike::weekday(&days.from));
}

#[test]
fn too_fine_a_grain_is_made_coarser_and_said() {
    let fine = view("period=all&grain=day");
    assert_eq!(fine.grain, Grain::Day, "exactly 200 days are shown");
    let fine = view("from=2025-01-01&to=2026-05-20&grain=day");
    assert_eq!(fine.grain, Grain::Week);
    assert_eq!(fine.notes.len(), 1);
}

#[test]
fn an_event_of_2000_leaves_room_for_todays() {
    let span = Span { first: at("2000-01-01T00:00:00Z"), last: at("2026-05-20T23:30:00Z") };
    for query in ["period=all", "period=all&grain=day", "period=all&grain=month"] {
        let address = Address::parse(query, &[]).unwrap();
        let view = View::new(address, Some(span), Tz::UTC, at("2026-06-30T12:00:00Z"));
        assert_eq!(view.grain, Grain::Quarter, "{query}");
        assert_eq!(view.notes.len(), usize::from(query.contains("grain")), "{query}");
        let buckets = crate::chart::bucket::buckets(&view.filter());
        assert_eq!(buckets.last(), Some(&day("2026-04-01")), "{query}");
        assert_eq!(buckets.first(), Some(&day("2000-01-01")), "{query}");
    }
}

#[test]
fn the_next_coarser_grain_that_fits_is_taken() {
    assert_eq!(view("from=2023-01-01&to=2026-05-20&grain=day").grain, Grain::Week);
    assert_eq!(view("from=2012-01-01&to=2026-05-20&grain=day").grain, Grain::Month);
    assert_eq!(view("from=2026-01-01&to=2026-05-20&grain=quarter").grain, Grain::Quarter);
    assert_eq!(view("from=1970-01-01&to=2026-05-20&grain=total").grain, Grain::Total);
    // 201 weeks have a day of it.
    assert_eq!(view("from=2022-01-02&to=2025-10-31&grain=week").grain, Grain::Month);
}

#[test]
fn an_address_reads_back() {
    let text = "?from=2026-03-01&to=2026-03-31&tz=Europe%2FBerlin&grain=week&by=team\
                &source=okta&service=a%26b%3D%3Cc%3E";
    let address = Address::parse(&text[1..], &[]).unwrap();
    assert_eq!(address.only(Dimension::Service), Some("a&b=<c>"));
    assert_eq!(address.query(), text);
    assert_eq!(Address::parse("", &[]).unwrap().query(), "");
}

#[test]
fn what_is_wrong_is_named_with_what_would_be_right() {
    let query = "from=yesterday&grain=hour&by=shoe&tz=Mars&period=1y&colour=red&team=a&team=b";
    let problems = Address::parse(query, &[]).unwrap_err();
    let names: Vec<_> = problems.iter().map(|problem| problem.name.as_str()).collect();
    assert_eq!(names, ["from", "grain", "by", "tz", "period", "colour", "team"]);
    assert_eq!(problems[1].hint, "day, week, month, quarter, total");
    let backwards = Address::parse("from=2026-02-02&to=2026-02-01", &[]).unwrap_err();
    assert_eq!(backwards[0].hint, "not before from, 2026-02-02");
    assert_eq!(Address::parse("from=2026-02-02", &[]).unwrap_err()[0].hint, "together with to");
    assert!(Address::parse("from=-99999-01-01&to=2026-01-01", &[]).is_err());
    let long = format!("team={}", "x".repeat(201));
    assert_eq!(Address::parse(&long, &[]).unwrap_err()[0].hint, "at most 200 characters");
}

#[test]
fn empty_form_fields_say_nothing() {
    assert_eq!(Address::parse("from=&to=&team=+&by=", &[]).unwrap(), Address::default());
}

#[test]
fn another_question_begins_at_its_first_page() {
    let address = Address::parse("user=ada&before=1.2.3.4", &["user", "before"]).unwrap();
    assert_eq!(address.with_only(Dimension::Source, Some("okta")).query(), "?source=okta&user=ada");
    assert_eq!(address.with_own("before", Some("9")).query(), "?user=ada&before=9");
    assert_eq!(address.with_own("user", None).query(), "");
}
