//! Every metric against numbers worked out by hand: `query/metrics/<name>.slt`
//! holds the data, the question and the points.
//!
//! ```text
//! # how the numbers were worked out
//! event …                        (see fixture.rs)
//! as_of 2026-03-04T12:00:00Z
//! query 2026-03-02 2026-03-04 Europe/Berlin day [by=team] [only=factor:push]
//! ----
//! bucket group figure k n unknown value low high [partial]
//! ```

use std::fmt::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::metrics;
use crate::{Catalog, Dimension, Filter, Grain, MetricResult, Point, Settings, fixture};

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
    line
}

async fn ask(name: &str, data: &str, query: &str, sealed: usize) -> MetricResult {
    let catalog = Catalog::detached(Settings::default()).expect("a catalog");
    let as_of: DateTime<Utc> = data
        .lines()
        .find_map(|line| line.strip_prefix("as_of "))
        .map_or_else(|| "2026-06-01T00:00:00Z", str::trim)
        .parse()
        .expect("as_of");
    let world = fixture::world(data);
    let session = catalog.session_on(world.snapshot(sealed)).at(as_of);
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
        assert!(!metric.grain.is_empty(), "{}: a grain", metric.name);
    }
}
