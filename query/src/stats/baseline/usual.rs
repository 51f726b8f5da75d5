//! What is usual for an hour before it is taken for an outbreak. An hour of the week that
//! is high in most weeks (Monday at nine) is no outbreak, also while the profile still
//! draws it towards its neighbours; without this it would weigh little each week and
//! never be learned.

use super::{WEEK, When};

/// The mean, or if that is more, the median over weeks of what this hour of the week had,
/// put at its level. The lower of two middle ones: one of two weeks is not most. Holidays
/// have their mean.
pub(super) fn usual(whens: &[When], counts: &[f64], levels: &[f64], means: &[f64]) -> Vec<f64> {
    let mut by_hour: Vec<Vec<f64>> = vec![Vec::new(); WEEK];
    for ((when, count), level) in
        whens.iter().zip(counts).zip(levels).filter(|row| !row.0.0.holiday)
    {
        if let Some(hour) = by_hour.get_mut(usize::from(when.hour_of_week)) {
            hour.push(count / level);
        }
    }
    let medians: Vec<f64> = by_hour.into_iter().map(middle).collect();
    let each = whens.iter().zip(levels).zip(means).map(|((when, level), mean)| {
        let median = medians.get(usize::from(when.hour_of_week)).copied().unwrap_or(0.0);
        if when.holiday { *mean } else { mean.max(median * level) }
    });
    each.collect()
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = values.len().saturating_sub(1) / 2;
    values.get(at).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_high_in_most_weeks_is_usual() {
        let when = |week: f64| When { hour_of_week: 9, week, holiday: false };
        let whens: Vec<When> = (0..5).map(|week| when(f64::from(week))).collect();
        let (levels, means) = (vec![1.0, 1.0, 1.0, 1.0, 2.0], vec![10.0; 5]);
        let most = usual(&whens, &[50.0, 40.0, 1.0, 45.0, 80.0], &levels, &means);
        assert_eq!(most, [40.0, 40.0, 40.0, 40.0, 80.0]);
        let once = usual(&whens, &[9.0, 400.0, 8.0, 300.0, 18.0], &levels, &means);
        assert_eq!(once, [10.0, 10.0, 10.0, 10.0, 18.0]);
        let two = usual(&whens[..2], &[9.0, 400.0], &levels[..2], &means[..2]);
        assert_eq!(two, [10.0, 10.0]);
    }
}
