//! Every metric against numbers worked out by hand: `query/metrics/<name>.slt`
//! holds the data, the question and the points.
//!
//! ```text
//! # how the numbers were worked out
//! event …                        (see fixture.rs)
//! as_of 2026-03-04T12:00:00Z
//! query 2026-03-02 2026-03-04 Europe/Berlin day [by=team] [only=factor:push]
//! ----
//! bucket group figure k n unknown value low high [partial] [| note]
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::header::header;
use super::metrics;
use super::registry::Shape;
use super::shape::spells;
use super::statistic::Statistic;
use crate::{
    Band, Catalog, Dimension, Filter, Grain, MetricResult, Point, Session, Settings, Unit, fixture,
};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("metrics").join(format!("{name}.slt"))
}

fn filter(words: &[&str]) -> Filter {
    let [from, to, zone, grain, rest @ ..] = words else { panic!("query: {words:?}") };
    let option = |key: &str| rest.iter().filter_map(|w| w.strip_prefix(key)).next();
    let dimension = |word: &str| Dimension::from_word(word).expect("a dimension");
    Filter {
        from: from.parse().expect("from"),
        to: to.parse().expect("to"),
        time_zone: zone.parse().expect("a zone"),
        grain: Grain::from_word(grain).expect("a grain"),
        by: option("by=").map(dimension),
        only: option("only=")
            .map(|only| only.split_once(':').expect("dimension:value"))
            .map(|(word, value)| (dimension(word), value.to_owned()))
            .into_iter()
            .collect(),
    }
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(
        || "-".to_owned(),
        |value| {
            let text = format!("{value:.4}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        },
    )
}

fn shown(point: &Point) -> String {
    let mut line = String::new();
    let bucket = point.bucket.map_or_else(|| "-".to_owned(), |day| day.to_string());
    let group = point.group.as_deref().unwrap_or("-");
    let figure = if point.figure.is_empty() { "-" } else { &point.figure };
    let _ = write!(
        line,
        "{bucket} {group} {figure} {} {} {} {} {} {}",
        point.k,
        point.n,
        point.unknown,
        number(point.value),
        number(point.low),
        number(point.high)
    );
    if point.partial {
        line.push_str(" partial");
    }
    if let Some(note) = &point.note {
        let _ = write!(line, " | {note}");
    }
    line
}

fn open(data: &str, sealed: usize) -> Session {
    let catalog = Catalog::detached(Settings::default()).expect("a catalog");
    let as_of: DateTime<Utc> = data
        .lines()
        .find_map(|line| line.strip_prefix("as_of "))
        .map_or_else(|| "2026-06-01T00:00:00Z", str::trim)
        .parse()
        .expect("as_of");
    let world = fixture::world(data);
    let snapshot = world.snapshot(sealed);
    // Files must outlive the test.
    std::mem::forget(world);
    catalog.session_on(snapshot).at(as_of)
}

async fn ask(name: &str, data: &str, query: &str, sealed: usize) -> MetricResult {
    let session = open(data, sealed);
    let words: Vec<&str> = query.split_whitespace().collect();
    session.metric(name, &filter(&words)).await.unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// What isn't as expected.
async fn check(name: &str) -> Vec<String> {
    let path = file(name);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|_| panic!("{name} has no test beside it: {}", path.display()));
    let (data, queries) = text.split_once("\nquery ").expect("a query");
    assert!(data.starts_with("# "), "{name}: the file says how its numbers were worked out");
    let mut wrong = Vec::new();
    for block in queries.split("\nquery ") {
        let (query, expected) = block.split_once("\n----\n").expect("points");
        let expected: Vec<&str> = expected
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty() && !l.starts_with('#'))
            .collect();
        // The same answer wherever the rows lie: all in the tail, the first two
        // in a file, all in a file.
        for sealed in [0, 2, usize::MAX] {
            let answer = ask(name, data, query, sealed).await;
            let found: Vec<String> = answer.points.iter().map(shown).collect();
            if found != expected {
                wrong.push(format!(
                    "{name} {query} ({sealed} rows sealed)\nfound\n{}\nexpected\n{}\n",
                    found.join("\n"),
                    expected.join("\n")
                ));
            }
        }
    }
    wrong
}

#[tokio::test]
async fn every_metric_gives_the_numbers_that_were_worked_out_by_hand() {
    let mut wrong = Vec::new();
    for metric in metrics() {
        wrong.extend(check(metric.name).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_metric_says_what_it_is() {
    for metric in metrics() {
        assert!(metric.question.ends_with('?'), "{}: a question", metric.name);
        for (what, text) in [
            ("population", metric.population),
            ("excludes", metric.excludes),
            ("columns", metric.columns),
        ] {
            assert!(!text.is_empty(), "{}: {what}", metric.name);
        }
        assert!(metric.version > 0, "{}: a version", metric.name);
        // Its sentence on a panel: a number of what, and what is true of them.
        let (one, many) = metric.counts;
        assert!(!one.is_empty() && !many.is_empty(), "{}: counts: one, many", metric.name);
        let figures_say_it = metric.unit == Unit::Count && metric.shape == Shape::Counts;
        assert!(figures_say_it || !metric.sentence.is_empty(), "{}: a sentence", metric.name);
        // Everyone is counted: an interval needs something that is sampled.
        let is_census = metric.shape == Shape::Counts;
        assert!(!is_census || metric.band != Band::Interval95, "{}: band", metric.name);
        assert!(!metric.grain.is_empty(), "{}: a grain", metric.name);
        // How sure its figures are, and what a rate is per.
        let words = header(metric.sql, "statistic");
        assert!(words.is_empty() || Statistic::from_words(words).is_some(), "{}", metric.name);
        assert!(metric.statistic.fits(metric.shape), "{}: statistic", metric.name);
        assert_eq!(metric.per.is_some(), metric.shape == Shape::Rate, "{}: per", metric.name);
        let made_of_rows = matches!(metric.shape, Shape::Counts | Shape::Rate);
        assert!(made_of_rows || !metric.figures.is_empty(), "{}: figures", metric.name);
        let of_spells = metric.shape != Shape::Spells
            || metric.figures.iter().all(|figure| spells::asked(figure).is_some());
        assert!(of_spells, "{}: figures of spells", metric.name);
        // No other metric's header comes with its rows.
        assert_eq!(metric.sql.matches("-- question: ").count(), 1, "{}", metric.name);
        assert!(metric.sql.contains("SELECT"), "{}: rows", metric.name);
    }
}

#[tokio::test]
async fn every_figure_is_explained() {
    for metric in metrics() {
        let text = std::fs::read_to_string(file(metric.name)).expect("the file");
        let (data, queries) = text.split_once("\nquery ").expect("a query");
        let query = queries.lines().next().expect("a line");
        let answer = ask(metric.name, data, query, 0).await;
        for point in &answer.points {
            let explained = answer.explained.iter().find(|one| one.figures.contains(&point.figure));
            let words = explained.map_or("", |one| one.words.as_str());
            assert!(words.len() > 20, "{} {:?}: {words}", metric.name, point.figure);
            assert!(words.ends_with('.'), "{} {:?}: {words}", metric.name, point.figure);
        }
    }
}

#[tokio::test]
async fn what_is_compared_is_said_with_its_time_and_its_filter() {
    let data = std::fs::read_to_string(file("pilot/failures")).expect("the file");
    let query = "2026-03-09 2026-03-16 UTC total only=source:okta";
    let answer = ask("pilot/failures", &data, query, 0).await;
    let words = |figure: &str| {
        let found = answer.explained.iter().find(|one| one.figures.iter().any(|f| f == figure));
        found.map(|one| one.words.as_str()).unwrap_or_default()
    };
    assert!(words("pilot").contains("the cohort `pilot`, 2026-03-09 to 2026-03-15"));
    let change = words("difference_in_differences");
    assert!(
        change.contains("(2026-03-02 to 2026-03-08) to the period (2026-03-09 to 2026-03-15)"),
        "{change}"
    );
    assert_eq!(words("*"), "Only where source is okta.");
}

#[tokio::test]
async fn groups_under_thirty_are_marked() {
    let mut data = "person ada human *:ada\nas_of 2026-03-04T12:00:00Z\n".to_owned();
    for minute in 0..59 {
        let source = if minute < 30 { "okta" } else { "github" };
        let _ = writeln!(data, "event 2026-03-02T08:{minute:02}:00Z {source} ada logon success");
    }
    let query = "2026-03-02 2026-03-04 UTC day by=source";
    let answer = ask("attempts/success_rate", &data, query, 0).await;
    let marks: Vec<_> = answer
        .points
        .iter()
        .map(|point| (point.group.as_deref().unwrap_or_default(), point.n, point.few))
        .collect();
    // What there is none of is no data, not few.
    let expected =
        [("github", 29, true), ("github", 0, false), ("okta", 30, false), ("okta", 0, false)];
    assert_eq!(marks, expected);
}

/// Figures that count persons or their days: one of them can be in two groups.
const OF_PERSONS: &[&str] = &[
    "people",
    "person_days",
    "two_factors",
    "invited",
    "enrolled",
    "used_once",
    "habitual",
    "single_factor",
    "key_or_token",
    "unnamed_factor",
    "weak_code",
    "sms_or_voice",
    "push_or_code",
    "push_number",
    "phishing_resistant",
];

/// `k` by bucket and figure, summed over groups.
fn sums(answer: &MetricResult) -> BTreeMap<(Option<NaiveDate>, &str), i64> {
    let mut sums = BTreeMap::new();
    for point in answer.points.iter().filter(|p| !OF_PERSONS.contains(&p.figure.as_str())) {
        *sums.entry((point.bucket, point.figure.as_str())).or_default() += point.k;
    }
    sums.retain(|_, k| *k > 0);
    sums
}

/// What a group's points say, without the group's name.
fn of_group(answer: &MetricResult, group: Option<&str>) -> Vec<String> {
    let points = answer.points.iter().filter(|p| group.is_none() || p.group.as_deref() == group);
    let with_data = points.filter(|point| point.n > 0);
    let mut lines: Vec<_> =
        with_data.map(|point| shown(&Point { group: None, ..point.clone() })).collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn every_metric_can_be_split_and_filtered_by_all_that_it_allows() {
    for metric in metrics() {
        let text = std::fs::read_to_string(file(metric.name)).expect("the file");
        let (data, queries) = text.split_once("\nquery ").expect("a query");
        let query = queries.lines().next().expect("a line");
        let plain: Vec<&str> = query.split_whitespace().take(4).collect();
        let whole = Filter { by: None, only: Vec::new(), ..filter(&plain) };
        let session = open(data, 2);
        let answer = async |filter: &Filter| {
            let answer = session.metric(metric.name, filter).await;
            answer.unwrap_or_else(|error| panic!("{} {filter:?}: {error}", metric.name))
        };
        for grain in &metric.grain {
            let whole = Filter { grain: *grain, ..whole.clone() };
            let all = answer(&whole).await;
            for dimension in &metric.dimensions {
                let split = answer(&Filter { by: Some(*dimension), ..whole.clone() }).await;
                if metric.shape == Shape::Counts {
                    assert_eq!(sums(&split), sums(&all), "{} by {dimension:?}", metric.name);
                }
                if *grain != Grain::Total {
                    continue;
                }
                let groups: BTreeSet<&str> =
                    split.points.iter().filter_map(|point| point.group.as_deref()).collect();
                for group in groups {
                    let only = vec![(*dimension, group.to_owned())];
                    let filtered = answer(&Filter { only, ..whole.clone() }).await;
                    let filtered = of_group(&filtered, None);
                    let name = metric.name;
                    assert_eq!(filtered, of_group(&split, Some(group)), "{name} {dimension:?}");
                }
            }
        }
    }
}

/// What comes in one after the other: a late event, a revision, people.
const GROWING: &str = "
    event 2026-03-02T08:00:00Z okta ada@corp.example logon success mfa=performed factor=push
    person ada human *:ada@corp.example team=red
    event 2026-03-02T09:00:00Z okta bo@corp.example logon failure reason=bad_password
    event 2026-03-03T09:00:00Z okta bo@corp.example logon success mfa=none
    event 2026-03-01T23:59:00Z okta ada@corp.example logon failure
    event 2026-03-03T09:00:00Z okta bo@corp.example logon denied revises=2
    person bo human *:bo@corp.example team=blue
    aside 2026-03-03T10:00:00Z okta quarantined
    factor 2026-03-03 okta bo@corp.example totp active
    event 2026-03-03T11:00:00Z github bo@corp.example policy_change success";

#[tokio::test]
async fn what_is_kept_from_earlier_snapshots_changes_no_figure() {
    let lasting = Catalog::detached(Settings::default()).expect("a catalog");
    let as_of: DateTime<Utc> = "2026-03-04T12:00:00Z".parse().expect("a time");
    let lines: Vec<&str> = GROWING.lines().collect();
    let mut answers = BTreeSet::new();
    for count in 1..=lines.len() {
        let world = fixture::world(&lines[..count].join("\n"));
        for sealed in [0, count / 2] {
            let snapshot = world.snapshot(sealed);
            let fresh = Catalog::detached(Settings::default()).expect("a catalog");
            let fresh = fresh.session_on(Arc::clone(&snapshot)).at(as_of);
            let kept = lasting.session_on(snapshot).at(as_of);
            for metric in metrics() {
                let grain = metric.grain.first().map_or("total", |grain| grain.as_str());
                let filter = filter(&["2026-03-01", "2026-03-04", "Europe/Berlin", grain]);
                let ours = kept.metric(metric.name, &filter).await.expect("kept");
                let theirs = fresh.metric(metric.name, &filter).await.expect("fresh");
                let at = format!("{} after {count} lines, {sealed} sealed", metric.name);
                assert_eq!(ours.points, theirs.points, "{at}");
                assert_eq!(ours.completeness, theirs.completeness, "{at}");
                answers.insert(format!("{} {:?}", metric.name, ours.points));
            }
        }
    }
    assert!(answers.len() > 4 * metrics().len() / 2, "the figures did change: {}", answers.len());
}
