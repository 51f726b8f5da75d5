//! The sentence above a chart of what is estimated: rates, spells, a pilot against the
//! others, what a change did.

use rollcall_query::{MetricResult, Point, Shape, Unit};

use super::finding::Saying;
use crate::text;

/// The sentence, where the metric's shape has one of its own.
pub(crate) fn estimate(
    shape: Shape,
    total: &MetricResult,
    figure: &str,
    saying: &Saying,
) -> Option<String> {
    match shape {
        Shape::Counts | Shape::Histogram => None,
        Shape::Rate => Some(rates(total, saying)),
        Shape::Spells => Some(spells(total, figure, saying)),
        Shape::Compared => Some(compared(total)),
        Shape::Segmented => Some(changes(total)),
    }
}

fn value(total: &MetricResult, point: &Point) -> Option<String> {
    point.value.map(|value| text::value(value, total.unit))
}

fn sure(total: &MetricResult, point: &Point) -> String {
    match (point.low, point.high) {
        (Some(low), Some(high)) => format!(
            "; 95% interval {} to {}",
            text::value(low, total.unit),
            text::value(high, total.unit)
        ),
        _ => String::new(),
    }
}

/// The highest rates, each with its own interval: rates of unlike things don't add up.
fn rates(total: &MetricResult, saying: &Saying) -> String {
    let mut found: Vec<(&Point, f64)> =
        total.points.iter().filter_map(|point| Some((point, point.value?))).collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    let parts: Vec<_> = found
        .iter()
        .take(3)
        .filter_map(|(point, _)| {
            let name = text::words(&point.figure);
            let name = if name.is_empty() { name } else { format!("{name} ") };
            let sure = sure(total, point);
            let sure = sure.strip_prefix("; ").map(|sure| format!(" ({sure})"));
            Some(format!("{name}{}{}", value(total, point)?, sure.unwrap_or_default()))
        })
        .collect();
    let Some((first, _)) = found.first() else { return String::new() };
    format!(
        "{}: {}; of {}.",
        text::sentence(saying.phrase),
        parts.join(", "),
        text::plural(first.n, saying.one, saying.many)
    )
}

fn spells(total: &MetricResult, figure: &str, saying: &Saying) -> String {
    let lead = total.points.iter().find(|point| point.figure == figure && point.value.is_some());
    let Some(point) = lead.or_else(|| total.points.iter().find(|point| point.value.is_some()))
    else {
        return String::new();
    };
    let Some(value) = value(total, point) else { return String::new() };
    let of = text::plural(point.n, saying.one, saying.many);
    let open = match point.unknown {
        0 => String::new(),
        open => format!(", {} of them still open", text::count(open)),
    };
    let what = text::sentence(&text::words(&point.figure));
    let sure = sure(total, point);
    match total.unit {
        Unit::Milliseconds => format!("{what}: {value} ({of}{open}{sure})."),
        _ => format!("{what} {value} {} ({of}{open}{sure}).", saying.phrase),
    }
}

/// A difference in its unit, with its sign.
fn difference(value: f64, unit: Unit) -> String {
    let sign = if value < 0.0 { "−" } else { "+" };
    match unit {
        Unit::Share => format!("{sign}{:.1} points", value.abs() * 100.0),
        _ => format!("{sign}{}", text::value(value.abs(), unit)),
    }
}

fn ends(total: &MetricResult, point: &Point) -> String {
    match (point.low, point.high) {
        (Some(low), Some(high)) => format!(
            ", 95% interval {} to {}",
            difference(low, total.unit),
            difference(high, total.unit)
        ),
        _ => point.note.as_ref().map_or_else(String::new, |note| format!(", {note}")),
    }
}

fn compared(total: &MetricResult) -> String {
    let point = |figure: &str| total.points.iter().find(|point| point.figure == figure);
    let shown = |figure: &str| point(figure).and_then(|point| value(total, point));
    let (Some(pilot), Some(control)) = (shown("pilot"), shown("control")) else {
        return "There is nobody to compare: no data on one side.".to_owned();
    };
    let parts: Vec<_> = [("difference", "difference"), ("by_team", "team by team")]
        .into_iter()
        .filter_map(|(figure, name)| {
            let point = point(figure)?;
            let value = difference(point.value?, total.unit);
            Some(format!("{name} {value}{}", ends(total, point)))
        })
        .collect();
    format!("The pilot's {pilot} against {control} of the others: {}.", parts.join("; "))
}

/// What the first changes did.
fn changes(total: &MetricResult) -> String {
    /// More are in the table.
    const MOST: usize = 2;
    let of = |group: &Option<String>, figure: &str| {
        total.points.iter().find(|point| point.group == *group && point.figure == figure)
    };
    let steps = total.points.iter().filter(|point| point.figure == "step");
    let parts = steps.take(MOST).map(|step| {
        let name = text::visible(step.group.as_deref().unwrap_or_default());
        let side = |figure: &str| of(&step.group, figure).and_then(|point| value(total, point));
        let said = match (side("before"), side("after")) {
            (Some(before), Some(after)) => format!("{before} before, {after} after"),
            _ => "no data on one side".to_owned(),
        };
        let step = match step.value {
            Some(value) => format!("; step {}{}", difference(value, total.unit), ends(total, step)),
            None => step.note.as_ref().map_or_else(String::new, |note| format!("; {note}")),
        };
        format!("{name}: {said}{step}.")
    });
    parts.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{point, result};

    const SAYING: Saying = Saying { phrase: "of episodes were over", one: "one", many: "many" };

    fn valued(figure: &str, k: i64, n: i64, value: f64, ends: Option<(f64, f64)>) -> Point {
        Point {
            value: Some(value),
            low: ends.map(|ends| ends.0),
            high: ends.map(|ends| ends.1),
            ..point(figure, k, n)
        }
    }

    #[test]
    fn rates_say_the_highest_with_its_interval() {
        let points = vec![
            valued("own/bad_password", 24, 4_000, 6.0, Some((4.0, 8.0))),
            valued("own/locked", 2, 4_000, 0.5, None),
        ];
        let saying = Saying { phrase: "failures per 1,000 attempts", ..SAYING };
        assert_eq!(
            rates(&result("x", Unit::Rate, points), &saying),
            "Failures per 1,000 attempts: own/bad password 6 (95% interval 4 to 8), \
             own/locked 0.50; of 4,000 many."
        );
    }

    #[test]
    fn shares_of_spells_say_by_when_and_how_many_are_open() {
        let mut within = valued("within_1h", 3, 5, 0.6, Some((0.25, 0.95)));
        within.unknown = 2;
        assert_eq!(
            spells(&result("x", Unit::Share, vec![within]), "within_1h", &SAYING),
            "Within 1h 60.0% of episodes were over (5 many, 2 of them still open; 95% interval \
             25.0% to 95.0%)."
        );
    }

    #[test]
    fn differences_have_a_sign_and_are_points_of_a_share() {
        let mut by_team = valued("by_team", 0, 5, -0.25, None);
        by_team.note = Some("p 0.400".to_owned());
        let points = vec![
            valued("pilot", 1, 4, 0.25, None),
            valued("control", 2, 4, 0.5, None),
            valued("difference", 3, 8, -0.25, Some((-0.6, 0.2))),
            by_team,
        ];
        assert_eq!(
            compared(&result("x", Unit::Share, points)),
            "The pilot's 25.0% against 50.0% of the others: difference −25.0 points, 95% \
             interval −60.0 points to +20.0 points; team by team −25.0 points, p 0.400."
        );
        let alone = result("x", Unit::Share, vec![valued("pilot", 1, 4, 0.25, None)]);
        assert!(compared(&alone).contains("nobody to compare"));
    }
}
