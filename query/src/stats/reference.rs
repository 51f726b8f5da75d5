//! The statistics against values that scipy and statsmodels computed; the files
//! name the versions, `reference/make.py` makes them.

use super::{cluster, histogram::Histogram, poisson, wilson};

fn rows(csv: &str) -> impl Iterator<Item = Vec<&str>> {
    csv.lines().skip(2).map(|line| line.split(',').collect())
}

fn number(text: &str) -> f64 {
    text.parse().expect("a number")
}

fn close(found: f64, expected: f64, what: &str) {
    let apart = (found - expected).abs();
    assert!(apart < 1e-9 * expected.abs() || apart < 1e-15, "{what}: {found} is not {expected}");
}

#[test]
fn wilson_agrees_with_statsmodels() {
    for row in rows(include_str!("reference/wilson.csv")) {
        let (k, n) = (row[0].parse().expect("k"), row[1].parse().expect("n"));
        let (low, high) = wilson::interval(k, n).expect("an interval");
        close(low, number(row[2]), &format!("low of {k}/{n}"));
        close(high, number(row[3]), &format!("high of {k}/{n}"));
    }
    assert_eq!(wilson::interval(0, 0), None, "no data is not zero");
    assert_eq!(wilson::interval(2, 1), None);
}

#[test]
fn poisson_agrees_with_scipy() {
    for row in rows(include_str!("reference/poisson.csv")) {
        let k = row[0].parse().expect("k");
        let (low, high) = poisson::interval(k).expect("an interval");
        close(low, number(row[1]), &format!("low of {k}"));
        close(high, number(row[2]), &format!("high of {k}"));
    }
    assert_eq!(poisson::interval(-1), None);
}

#[test]
fn quantiles_agree_with_numpy_and_scipy() {
    for row in rows(include_str!("reference/quantile.csv")) {
        let mut histogram = Histogram::default();
        for value in row[0].split(' ') {
            histogram.add(value.parse().expect("a value"), 1);
        }
        let found = histogram.quantile(number(row[1])).expect("a quantile");
        let what = format!("p {} of {}", row[1], histogram.n());
        let end = |text: &str| (!text.is_empty()).then(|| number(text));
        assert_eq!(Some(found.value), end(row[2]), "{what}");
        assert_eq!(found.low, end(row[3]), "{what}, low");
        assert_eq!(found.high, end(row[4]), "{what}, high");
    }
    assert_eq!(Histogram::default().quantile(0.5), None, "no data is not zero");
}

#[test]
fn clustered_means_agree_with_statsmodels() {
    for row in rows(include_str!("reference/cluster.csv")) {
        let clusters: Vec<(i64, i64)> = row[0]
            .split(' ')
            .map(|pair| pair.split_once('/').expect("sum/n"))
            .map(|(sum, n)| (sum.parse().expect("sum"), n.parse().expect("n")))
            .collect();
        let found = cluster::mean(&clusters).expect("a mean");
        let (low, high) = found.ends.expect("an interval");
        close(found.value, number(row[1]), "mean");
        close(low, number(row[2]), "low");
        close(high, number(row[3]), "high");
    }
    assert_eq!(cluster::mean(&[]), None);
    assert_eq!(cluster::mean(&[(10, 2)]).expect("a mean").ends, None, "one person tells no spread");
}
