//! What was counted by day gives the figures that a scan of all rows gives: in any order
//! of files, after everything that changes which rows there are, and after a start.

mod lake;

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use chrono::{DateTime, Utc};

use crate::{Catalog, Dimension, Filter, Grain, Point, Session, Settings, fixture, metrics};

const AS_OF: &str = "2026-03-12T12:00:00Z";

/// Numbers that look random and are the same each time.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) % most
    }

    fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[usize::try_from(self.below(words.len() as u64)).expect("an index")]
    }
}

/// Eleven days of a small company: flows of several events, some over midnight, machines,
/// people whom nobody knows, prompts that nobody answers, policies, revisions.
pub(super) fn company() -> String {
    let mut dice = Dice::new(7);
    let mut lines = String::new();
    for (number, name) in ["ada", "bo", "cy", "di"].iter().enumerate() {
        let team = ["red", "blue"][number % 2];
        let _ = writeln!(lines, "person {name} human *:{name}@corp.example team={team}");
    }
    let _ = writeln!(lines, "person robot service *:robot");
    let mut events = 0_u64;
    let mut put = |lines: &mut String, line: String| {
        let _ = writeln!(lines, "event {line}");
        events += 1;
        events - 1
    };
    for day in 1..=11 {
        for _ in 0..14 {
            let who = dice.one_of(&["ada", "bo", "cy", "di", "eve"]);
            // Often shortly before midnight.
            let (hour, minute) = match dice.below(3) {
                0 => (23, 59),
                _ => (6 + dice.below(12), dice.below(60)),
            };
            let second = dice.below(50);
            let at = |add: u64| {
                let start: DateTime<Utc> =
                    format!("2026-03-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
                        .parse()
                        .expect("a time");
                (start + chrono::Duration::seconds(i64::try_from(add).expect("seconds")))
                    .format("%Y-%m-%dT%H:%M:%SZ")
                    .to_string()
            };
            let flow = format!("f{day}-{}", dice.below(1_000_000));
            let login = format!("{who}@corp.example");
            match dice.below(6) {
                0..=2 => {
                    let factor = dice.one_of(&["push", "totp", "passkey", "sms"]);
                    let end = dice.one_of(&["success", "success", "success", "denied"]);
                    let source = dice.one_of(&["okta", "entra"]);
                    put(
                        &mut lines,
                        format!(
                            "{} {source} {login} policy_decision interrupted flow={flow} policy=p1 policy_result=challenged",
                            at(0)
                        ),
                    );
                    put(
                        &mut lines,
                        format!(
                            "{} {source} {login} challenge unknown flow={flow} factor={factor}",
                            at(3)
                        ),
                    );
                    if dice.below(5) > 0 {
                        let ms = 2_000 + dice.below(9_000);
                        put(
                            &mut lines,
                            format!(
                                "{} {source} {login} verify {end} flow={flow} factor={factor} mfa=performed",
                                at(12)
                            ),
                        );
                        put(
                            &mut lines,
                            format!(
                                "{} {source} {login} logon {end} flow={flow} session=s{flow} ms={ms} basis=step_times service=Portal",
                                at(14)
                            ),
                        );
                    }
                }
                3 => {
                    let outcome = dice.one_of(&["success", "failure"]);
                    put(
                        &mut lines,
                        format!(
                            "{} github {login} logon {outcome} reason=bad_password service=GitHub",
                            at(0)
                        ),
                    );
                }
                4 => {
                    let first =
                        put(&mut lines, format!("{} entra {login} logon interrupted", at(0)));
                    if dice.below(2) == 0 {
                        put(
                            &mut lines,
                            format!(
                                "{} entra {login} logon success mfa=remembered revises={first}",
                                at(0)
                            ),
                        );
                    }
                }
                _ => {
                    put(
                        &mut lines,
                        format!(
                            "{} cloudtrail robot logon success credential=access_key interactive=false",
                            at(0)
                        ),
                    );
                }
            }
        }
    }
    lines
}

fn filters(metric: &crate::Metric) -> Vec<Filter> {
    let plain = Filter {
        from: "2026-03-02".parse().expect("a day"),
        to: "2026-03-12".parse().expect("a day"),
        // Days that begin within a UTC day.
        time_zone: "Asia/Kolkata".parse().expect("a zone"),
        grain: Grain::Total,
        by: None,
        only: Vec::new(),
    };
    let mut filters = vec![plain.clone()];
    if metric.grain.contains(&Grain::Day) {
        filters.push(Filter { grain: Grain::Day, ..plain.clone() });
    }
    if metric.dimensions.contains(&Dimension::Team) {
        filters.push(Filter { by: Some(Dimension::Team), ..plain.clone() });
    }
    if metric.dimensions.contains(&Dimension::Source) {
        let only = vec![(Dimension::Source, "okta".to_owned())];
        filters.push(Filter { only, grain: Grain::Week, ..plain });
    }
    filters.retain(|filter| metric.grain.contains(&filter.grain));
    filters
}

fn shown(point: &Point) -> String {
    // A mean is a sum of fractions, whose order isn't fixed.
    let round = |value: Option<f64>| value.map(|value| format!("{value:.9}"));
    let value = [point.value, point.low, point.high].map(round);
    let Point { bucket, group, figure, k, n, unknown, partial, .. } = point;
    format!("{bucket:?} {group:?} {figure} {k} {n} {unknown} {value:?} {partial}")
}

/// Every metric's answers, as text.
pub(super) async fn figures(session: &Session) -> Vec<String> {
    let session = session.clone().at(AS_OF.parse().expect("a time"));
    let mut lines = Vec::new();
    // What policies decide isn't kept on disk: when a version takes over may hang on any day.
    for metric in metrics().iter().filter(|metric| !metric.name.starts_with("policies/")) {
        for filter in filters(metric) {
            let answer = session.metric(metric.name, &filter).await;
            let answer = answer.unwrap_or_else(|error| panic!("{}: {error}", metric.name));
            for point in &answer.points {
                lines.push(format!("{} {:?} {}", metric.name, filter.grain, shown(point)));
            }
            lines.push(format!("{} {:?}", metric.name, answer.completeness));
        }
    }
    lines
}

/// All rows counted for each figure: what the others are compared with.
pub(super) fn scanning() -> Catalog {
    let settings = Settings { stand_ins: false, ..Settings::default() };
    Catalog::detached(settings).expect("a catalog")
}

/// What two answers don't have in common.
#[track_caller]
pub(super) fn assert_same(found: &[String], expected: &[String], what: &str) {
    let differ: Vec<_> =
        found.iter().zip(expected).filter(|(found, expected)| found != expected).take(5).collect();
    assert!(differ.is_empty(), "{what}: {differ:#?}");
    assert_eq!(found.len(), expected.len(), "{what}");
}

fn rows(batch: &RecordBatch, rows: impl Iterator<Item = u32>) -> Arc<RecordBatch> {
    let rows = rows.collect::<UInt32Array>();
    Arc::new(take_record_batch(batch, &rows).expect("rows"))
}

#[tokio::test]
async fn counts_by_day_give_what_a_scan_gives_in_any_order_of_files() {
    let mut world = fixture::world(&company());
    let batch = world.events[0].as_ref().clone();
    let count = u32::try_from(batch.num_rows()).expect("rows");
    let expected = figures(&scanning().session_on(world.snapshot(usize::MAX))).await;
    assert!(expected.len() > 400, "{} answers", expected.len());
    let told = expected.iter().filter(|line| line.contains("Some(\"0.")).count();
    assert!(told > 50, "{told} shares");

    let thirds = [0..count / 3, count / 3..count / 2, count / 2..count];
    let mixed = |part: u32| rows(&batch, (0..count).rev().filter(move |row| row % 5 == part));
    let layouts: [Vec<Arc<RecordBatch>>; 3] = [
        vec![Arc::new(batch.clone())],
        thirds.into_iter().rev().map(|part| rows(&batch, part)).collect(),
        [3, 0, 4, 1, 2].map(mixed).into(),
    ];
    // One catalog sees them all, as one process does what compaction makes of its files.
    let lasting = Catalog::detached(Settings::default()).expect("a catalog");
    for (number, layout) in layouts.into_iter().enumerate() {
        world.events = layout;
        // Of files whose positions are mixed, what is in none can't be told by its position.
        let halves = if number < 2 { Some(batch.num_rows() / 2) } else { None };
        for sealed in [usize::MAX].into_iter().chain(halves) {
            let found = figures(&lasting.session_on(world.snapshot(sealed))).await;
            assert_same(&found, &expected, &format!("layout {number}, {sealed} sealed"));
        }
    }
}

#[tokio::test]
async fn only_days_that_changed_are_counted_again() {
    let company = company();
    let world = fixture::world(&company);
    let catalog = Catalog::detached(Settings::default()).expect("a catalog");
    let counts = &catalog.inner.counts;
    figures(&catalog.session_on(world.snapshot(usize::MAX))).await;
    let first = counts.gone_through();
    // Tomorrow's first event.
    let later = format!("{company}event 2026-03-12T08:00:00Z okta ada@corp.example logon success");
    let later = fixture::world(&later);
    let sealed = world.events[0].num_rows();
    let found = figures(&catalog.session_on(later.snapshot(sealed))).await;
    let again = counts.gone_through() - first;
    assert!(first > 10 * again, "{first} days at first, then {again}");
    assert!(again > 0);
    let expected = figures(&scanning().session_on(later.snapshot(sealed))).await;
    assert_same(&found, &expected, "an event later");
    // Another period asks for the same days.
    let before = counts.gone_through();
    let shifted = Filter {
        from: "2026-03-04".parse().expect("a day"),
        to: "2026-03-11".parse().expect("a day"),
        time_zone: "UTC".parse().expect("a zone"),
        grain: Grain::Total,
        by: None,
        only: Vec::new(),
    };
    let session = catalog.session_on(later.snapshot(sealed)).at(AS_OF.parse().expect("a time"));
    session.metric("attempts/by_outcome", &shifted).await.expect("an answer");
    let whole = counts.gone_through();
    let wider = Filter { from: "2026-03-03".parse().expect("a day"), ..shifted };
    session.metric("attempts/by_outcome", &wider).await.expect("an answer");
    // One day more, in the metric's aggregate and in those of its completeness.
    assert!(whole - before >= 7, "{}", whole - before);
    assert!(
        (1..=3).contains(&(counts.gone_through() - whole)),
        "{}",
        counts.gone_through() - whole
    );
}
