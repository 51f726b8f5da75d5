//! The six figures of the overview: value, how sure, change against the same
//! weekdays before, and the way there. What changed most is said in words.

use futures::future::{join_all, try_join3};
use rollcall_query::{Band, Filter, Grain, MetricResult, Point, Unit};

use crate::chart::series::{Split, base, over_time};
use crate::chart::{bucket, spark};
use crate::markup::Markup;
use crate::panel::State;
use crate::panel::context::Context;
use crate::panel::metric::failed;
use crate::panel::run::guarded;
use crate::panel::spec::Needs;
use crate::text;
use askama::Template;

/// Which figures there are.
struct Wanted {
    id: &'static str,
    label: &'static str,
    metric: &'static str,
    figure: &'static str,
    needs: Needs,
    /// Whether more is better; `None`: neither.
    more: Option<bool>,
    /// The page that says more.
    page: &'static str,
}

const WANTED: [Wanted; 6] = [
    Wanted {
        id: "f-success",
        label: "Sign-ins that succeed",
        metric: "attempts/success_rate",
        figure: "",
        needs: Needs::Events,
        more: Some(true),
        page: "#success",
    },
    Wanted {
        id: "f-enrolled",
        label: "People with a second factor",
        metric: "adoption/enrolled",
        figure: "people",
        needs: Needs::People,
        more: Some(true),
        page: "/adoption",
    },
    Wanted {
        id: "f-used",
        label: "Sign-ins with a second factor",
        metric: "adoption/used",
        figure: "used",
        needs: Needs::Events,
        more: Some(true),
        page: "/adoption",
    },
    Wanted {
        id: "f-resistant",
        label: "Phishing-resistant sign-ins",
        metric: "adoption/phishing_resistant",
        figure: "",
        needs: Needs::Events,
        more: Some(true),
        page: "/adoption",
    },
    Wanted {
        id: "f-time",
        label: "Median time to get in",
        metric: "latency/time_to_authenticate",
        figure: "p50",
        needs: Needs::Events,
        more: Some(false),
        page: "/latency",
    },
    Wanted {
        id: "f-blocked",
        label: "Blocked by a policy",
        metric: "friction/blocked",
        figure: "",
        needs: Needs::Events,
        more: None,
        page: "/friction",
    },
];

/// A figure, ready to be shown.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    pub(crate) label: &'static str,
    /// The value; empty where there is none.
    pub(crate) value: String,
    /// How sure it is.
    pub(crate) range: String,
    /// The change in words; empty where nothing can be compared.
    pub(crate) change: String,
    /// `better`, `worse` or `same`.
    pub(crate) tone: &'static str,
    pub(crate) n: String,
    pub(crate) spark: Option<Markup>,
    pub(crate) href: String,
    /// Why there is no value.
    pub(crate) note: String,
}

/// A sentence of "what changed".
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Remark {
    pub(crate) text: String,
    pub(crate) tone: &'static str,
    weight: f64,
}

/// The figures, and what changed most.
pub(crate) async fn figures(context: &Context) -> (Vec<Figure>, Vec<Remark>) {
    let made = join_all(WANTED.iter().map(|wanted| async move {
        let context = context.clone();
        guarded(wanted.id, async move { figure(wanted, &context).await })
            .await
            .unwrap_or_else(|state| (bare(wanted, &state), None))
    }))
    .await;
    let (figures, remarks): (Vec<_>, Vec<_>) = made.into_iter().unzip();
    let mut remarks: Vec<_> = remarks.into_iter().flatten().collect();
    remarks.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    remarks.truncate(4);
    (figures, remarks)
}

fn bare(wanted: &Wanted, state: &State) -> Figure {
    let note = match state {
        State::NotConfigured(_) => "Not set up yet.".to_owned(),
        State::NoEvents(why) if !why.is_empty() => why.clone(),
        State::NoEvents(_) => "Nothing in this period.".to_owned(),
        State::Failed { operation, .. } => format!("Failed: operation {operation}."),
        State::Excluded { .. } => "Nothing left by the filters.".to_owned(),
        State::Whole | State::Partial(_) => String::new(),
    };
    Figure {
        label: wanted.label,
        value: String::new(),
        range: String::new(),
        change: String::new(),
        tone: "same",
        n: String::new(),
        spark: None,
        href: String::new(),
        note,
    }
}

async fn figure(wanted: &'static Wanted, context: &Context) -> (Figure, Option<Remark>) {
    if let Some(state) = context.missing(wanted.needs).or_else(|| context.unfit(wanted.metric)) {
        return (bare(wanted, &state), None);
    }
    let buckets = Filter { by: None, ..context.view.filter() };
    let now = Filter { grain: Grain::Total, ..buckets.clone() };
    let days = context.view.days.before();
    let to = days.last.succ_opt().unwrap_or(days.last);
    let before = Filter { from: days.from, to, ..now.clone() };
    let answers = context.answers.as_ref();
    let asked = try_join3(
        answers.metric(wanted.metric, &now),
        answers.metric(wanted.metric, &before),
        answers.metric(wanted.metric, &buckets),
    );
    let (now, before, over) = match asked.await {
        Ok(answers) => answers,
        Err(failure) => return (bare(wanted, &failed(&failure, wanted.id)), None),
    };
    let Some((point, value)) = lead(&now, wanted.figure) else {
        let state = match context.view.address.only.is_empty() {
            true => State::NoEvents(String::new()),
            false => State::Excluded { filters: String::new(), href: String::new() },
        };
        return (bare(wanted, &state), None);
    };
    let change = lead(&before, wanted.figure)
        .filter(|_| context.has_data_since(days.from))
        .map(|(old, was)| Change::new(wanted, (point, value), (old, was), now.unit, now.band));
    let figure = Figure {
        value: text::value(value, now.unit),
        range: range(point, now.band, now.unit),
        change: change.as_ref().map(|change| change.words.clone()).unwrap_or_default(),
        tone: change.as_ref().map_or("same", |change| change.tone),
        n: text::count(base(point, now.unit)),
        spark: spark_of(wanted, context, &buckets, &over),
        href: match wanted.page.starts_with('#') {
            true => wanted.page.to_owned(),
            false => format!("{}{}", wanted.page, context.view.address.shared().query()),
        },
        ..bare(wanted, &State::Whole)
    };
    let remark = change.filter(|change| change.weight > 0.0).map(|change| Remark {
        text: format!(
            "{}: {} → {}",
            wanted.label,
            text::value(change.was, now.unit),
            text::value(value, now.unit)
        ),
        tone: change.tone,
        weight: change.weight,
    });
    (figure, remark)
}

fn lead<'r>(result: &'r MetricResult, figure: &str) -> Option<(&'r Point, f64)> {
    let point = result.points.iter().find(|point| point.figure == figure)?;
    point.value.filter(|value| value.is_finite()).map(|value| (point, value))
}

fn range(point: &Point, band: Band, unit: Unit) -> String {
    let (Some(low), Some(high)) = (point.low, point.high) else { return String::new() };
    let show = |value| text::value(value, unit);
    match band {
        Band::None => String::new(),
        Band::Interval95 => format!("95%: {} – {}", show(low), show(high)),
        Band::Bounds if point.unknown > 0 => format!("bounds: {} – {}", show(low), show(high)),
        Band::Bounds => "all of them known".to_owned(),
    }
}

/// A change against the period before.
struct Change {
    words: String,
    tone: &'static str,
    was: f64,
    /// For the order of remarks; zero: nothing to remark.
    weight: f64,
}

impl Change {
    fn new(
        wanted: &Wanted,
        (point, value): (&Point, f64),
        (old, was): (&Point, f64),
        unit: Unit,
        band: Band,
    ) -> Self {
        let up = value > was;
        let arrow = if up { "▲" } else { "▼" };
        let size = match unit {
            Unit::Share => format!("{:.1} points", (value - was).abs() * 100.0),
            _ if was > 0.0 => text::percent((value / was - 1.0).abs()),
            _ => text::value((value - was).abs(), unit),
        };
        let weight = match unit {
            Unit::Share => (value - was).abs() * 10.0,
            _ if was > 0.0 => (value / was).ln().abs(),
            _ => 0.0,
        };
        // Two intervals that overlap don't show a change, and neither do bounds.
        let overlap = band != Band::None
            && matches!(
                (point.low, point.high, old.low, old.high),
                (Some(low), Some(high), Some(old_low), Some(old_high))
                    if low <= old_high && old_low <= high
            );
        if weight < 0.005 {
            return Self { words: "unchanged".to_owned(), tone: "same", was, weight: 0.0 };
        }
        if overlap {
            let within = match band {
                Band::Bounds => "what can't be told",
                Band::Interval95 | Band::None => "chance",
            };
            let words = format!("{arrow} {size}, within {within}");
            return Self { words, tone: "same", was, weight: 0.0 };
        }
        let tone = match wanted.more {
            None => "same",
            Some(more) if more == up => "better",
            Some(_) => "worse",
        };
        Self { words: format!("{arrow} {size}"), tone, was, weight }
    }
}

fn spark_of(
    wanted: &Wanted,
    context: &Context,
    filter: &Filter,
    over: &MetricResult,
) -> Option<Markup> {
    let buckets = bucket::buckets(filter);
    let split = [wanted.figure];
    let found = over
        .points
        .iter()
        .filter(|point| split.contains(&point.figure.as_str()))
        .cloned()
        .collect();
    let over = MetricResult { points: found, ..over.clone() };
    let (series, _) = over_time(&over, &buckets, Split::Figures(&[]));
    let series = series.first()?;
    let title = format!("{}, {}", wanted.label, context.view.period_words());
    let spark = spark::spark(wanted.id.to_owned(), title, series, over.unit);
    spark.render().ok().map(Markup)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::point;

    fn change(old: (i64, i64), new: (i64, i64), more: Option<bool>, band: Band) -> Change {
        let wanted = Wanted { more, ..WANTED[0] };
        let sure = |k, n| {
            let mut point = point("", k, n);
            let value = point.value.unwrap();
            (point.low, point.high) = (Some(value - 0.01), Some(value + 0.01));
            (point, value)
        };
        let ((old, was), (new, value)) = (sure(old.0, old.1), sure(new.0, new.1));
        Change::new(&wanted, (&new, value), (&old, was), Unit::Share, band)
    }

    #[test]
    fn a_change_within_chance_is_none() {
        let same = change((500, 1000), (510, 1000), Some(true), Band::Interval95);
        assert_eq!((same.tone, same.words.as_str()), ("same", "▲ 1.0 points, within chance"));
        let bounds = change((500, 1000), (510, 1000), Some(true), Band::Bounds);
        assert_eq!(bounds.words, "▲ 1.0 points, within what can't be told");
        let real = change((500, 1000), (530, 1000), Some(true), Band::Interval95);
        assert_eq!((real.tone, real.words.as_str()), ("better", "▲ 3.0 points"));
    }

    #[test]
    fn more_is_not_always_better() {
        assert_eq!(change((5, 10), (7, 10), Some(false), Band::None).tone, "worse");
        assert_eq!(change((5, 10), (7, 10), None, Band::None).tone, "same");
        assert_eq!(change((5, 10), (5, 10), Some(true), Band::None).words, "unchanged");
    }
}
