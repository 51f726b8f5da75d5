//! Days at which a figure's level moved: the segmentation with the least squared
//! error plus a price for each change, found exactly by PELT. Killick, Fearnhead &
//! Eckley 2012, "Optimal detection of changepoints with a linear computational cost",
//! JASA 107:1590–1598.

use super::{
    estimate::{Estimate, NotEstimable, finite},
    size,
};

/// The best segmentation up to one place.
#[derive(Debug, Clone, Copy)]
struct Best {
    /// Its squared error and prices.
    cost: f64,
    /// Sum of the values before the place, and of their squares.
    sum: f64,
    squares: f64,
    /// Where its last segment begins.
    start: usize,
}

/// A place where the last segment might begin.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    at: usize,
    best: Best,
    /// Since where it can't win any more, once segments of their least length lie
    /// between.
    beaten: Option<usize>,
}

/// Where values take another level: the places of the first value of each new
/// segment, ascending. Segments have at least `least` values; a change must save
/// more squared error than `price` ([`price`] gives a usual one).
///
/// # Errors
///
/// `NoData`, `Invalid` if a value is not finite, the price negative or `least` zero.
pub fn changes(values: &[f64], price: f64, least: usize) -> Estimate<Vec<usize>> {
    if values.is_empty() {
        return Err(NotEstimable::NoData);
    }
    finite(values.iter().chain([&price]))?;
    if price < 0.0 || least == 0 {
        return Err(NotEstimable::Invalid("a price is negative or a segment may be empty"));
    }
    // Around the mean, so that squares don't cancel.
    let mean = values.iter().sum::<f64>() / size(values.len());
    let nothing = Best { cost: -price, sum: 0.0, squares: 0.0, start: 0 };
    let mut best = vec![nothing];
    let mut candidates: Vec<Candidate> = Vec::new();
    let (mut sum, mut squares) = (0.0, 0.0);
    for (at, value) in values.iter().enumerate() {
        sum += value - mean;
        squares += (value - mean).powi(2);
        let end = at + 1;
        if let Some(begin) = end.checked_sub(least)
            && let Some(known) = best.get(begin).filter(|known| known.cost.is_finite())
        {
            candidates.push(Candidate { at: begin, best: *known, beaten: None });
        }
        candidates.retain(|from| from.beaten.is_none_or(|beaten| end < beaten + least));
        let cost = |from: &Candidate| {
            let (sum, squares) = (sum - from.best.sum, squares - from.best.squares);
            from.best.cost + squares - sum * sum / size(end - from.at)
        };
        let winner = candidates.iter().min_by(|a, b| cost(a).total_cmp(&cost(b)));
        let (total, start) =
            winner.map_or((f64::INFINITY, 0), |winner| (cost(winner) + price, winner.at));
        for from in candidates.iter_mut().filter(|from| from.beaten.is_none()) {
            if cost(from) > total {
                from.beaten = Some(end);
            }
        }
        best.push(Best { cost: total, sum, squares, start });
    }
    let mut found: Vec<usize> = std::iter::successors(best.last(), |last| best.get(last.start))
        .map(|last| last.start)
        .take_while(|start| *start > 0)
        .collect();
    found.reverse();
    Ok(found)
}

/// A usual price of a change: twice the noise's variance times ln n (Schwarz's
/// criterion), the noise taken from the median step between neighbours, which changes
/// of level hardly touch. Where that is zero (sparse counts: most of their neighbours
/// are equal), the noise is half the mean square of the steps (von Neumann 1941,
/// "Distribution of the ratio of the mean square successive difference", Ann. Math.
/// Stat. 12:367–395), which a change of level raises, so that less is found. Only
/// values that never move give a price of zero.
///
/// # Errors
///
/// `TooFew` values, `Invalid` if one is not finite.
pub fn price(values: &[f64]) -> Estimate<f64> {
    finite(values)?;
    let mut steps: Vec<f64> =
        values.iter().zip(values.iter().skip(1)).map(|(a, b)| (b - a).abs()).collect();
    if steps.is_empty() {
        return Err(NotEstimable::TooFew { what: "values", have: values.len(), need: 2 });
    }
    steps.sort_by(f64::total_cmp);
    let middle = |at: usize| steps.get(at).copied().unwrap_or(0.0);
    let median = f64::midpoint(middle((steps.len() - 1) / 2), middle(steps.len() / 2));
    let variance = if median > 0.0 {
        // A normal step of variance 2σ² is at most 0.6745·√2·σ half the time.
        (median / (0.674_489_750_196_081_7 * std::f64::consts::SQRT_2)).powi(2)
    } else {
        steps.iter().map(|step| step * step).sum::<f64>() / size(steps.len()) / 2.0
    };
    Ok(2.0 * variance * size(values.len()).ln())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle::cases;

    #[test]
    fn changes_agree_with_ruptures() {
        for case in cases(include_str!("oracle/change_points.json"), "pelt") {
            let least = usize::try_from(case.whole("least")).expect("a length");
            let found = changes(&case.numbers("values"), case.number("price"), least);
            let found: Vec<i64> = found
                .expect("changes")
                .into_iter()
                .map(|at| i64::try_from(at).expect("a place"))
                .collect();
            assert_eq!(found, case.wholes("changes"));
        }
    }

    #[test]
    fn a_usual_price_finds_a_step_and_nothing_else() {
        let noise = |at: usize| f64::from(u32::try_from(at * 7_919 % 101).expect("small")) / 101.0;
        let flat: Vec<f64> = (0..120).map(noise).collect();
        assert_eq!(changes(&flat, price(&flat).expect("a price"), 2), Ok(vec![]));
        let step: Vec<f64> =
            (0..120).map(|at| noise(at) + if at < 70 { 0.0 } else { 2.0 }).collect();
        assert_eq!(changes(&step, price(&step).expect("a price"), 2), Ok(vec![70]));
        assert_eq!(changes(&[], 1.0, 2), Err(NotEstimable::NoData));
        assert_eq!(changes(&[1.0], 1.0, 2), Ok(vec![]), "too short for a segment");
        assert!(price(&[1.0]).is_err());
    }

    #[test]
    fn sparse_counts_are_not_cut_at_each_of_them() {
        let sparse: Vec<f64> = (0..120).map(|at| if at % 10 == 0 { 1.0 } else { 0.0 }).collect();
        let usual = price(&sparse).expect("a price");
        // 12 ones among zeros, the first without a step up: 23 steps of 119, each 1 or -1.
        assert!((usual - 23.0 / 119.0 * 120.0_f64.ln()).abs() < 1e-12, "{usual}");
        assert_eq!(changes(&sparse, usual, 2), Ok(vec![]));
        let step: Vec<f64> =
            sparse.iter().enumerate().map(|(at, n)| if at < 70 { *n } else { n + 3.0 }).collect();
        assert_eq!(changes(&step, price(&step).expect("a price"), 2), Ok(vec![70]));
        assert_eq!(price(&[4.0; 9]), Ok(0.0), "they never move");
    }
}
