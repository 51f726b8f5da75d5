//! Least squares by an orthogonal basis: Gram–Schmidt, each column made orthogonal
//! twice, which keeps the basis orthogonal to the last digits (Giraud, Langou &
//! Rozložník 2005, Computers & Mathematics with Applications 50:1069–1075).

use super::estimate::{Estimate, NotEstimable, finite};

/// What is left of a column of norm 1 that is a sum of others, but for rounding.
const NOTHING: f64 = 1e-10;

/// A fitted regression.
#[derive(Debug, Clone)]
pub(crate) struct Fit {
    /// One coefficient a column.
    pub(crate) coefficients: Vec<f64>,
    /// What the columns don't explain, one a row.
    pub(crate) residuals: Vec<f64>,
    /// Orthonormal columns that span the same space.
    basis: Vec<Vec<f64>>,
    /// Column j of the triangle: the first j+1 basis columns' shares in column j.
    triangle: Vec<Vec<f64>>,
}

/// Fits `y` by columns of the same length.
///
/// # Errors
///
/// `Invalid` if lengths differ or something is not finite, `TooFew` rows, `Collinear`
/// columns.
pub(crate) fn fit(columns: &[Vec<f64>], y: &[f64]) -> Estimate<Fit> {
    if columns.is_empty() || columns.iter().any(|column| column.len() != y.len()) {
        return Err(NotEstimable::Invalid("columns and values differ in length"));
    }
    finite(columns.iter().flatten().chain(y))?;
    if y.len() < columns.len() {
        let (have, need) = (y.len(), columns.len());
        return Err(NotEstimable::TooFew { what: "rows", have, need });
    }
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let mut triangle = Vec::new();
    for column in columns {
        let mut left = column.clone();
        let mut shares = take_out(&basis, &mut left);
        for (share, more) in shares.iter_mut().zip(take_out(&basis, &mut left)) {
            *share += more;
        }
        let norm = dot(&left, &left).sqrt();
        if norm <= NOTHING * dot(column, column).sqrt() {
            return Err(NotEstimable::Collinear);
        }
        left.iter_mut().for_each(|value| *value /= norm);
        shares.push(norm);
        basis.push(left);
        triangle.push(shares);
    }
    let mut residuals = y.to_vec();
    let mut shares = take_out(&basis, &mut residuals);
    for (share, more) in shares.iter_mut().zip(take_out(&basis, &mut residuals)) {
        *share += more;
    }
    Ok(Fit { coefficients: backward(&triangle, shares), residuals, basis, triangle })
}

impl Fit {
    /// How much each row's value moves a weighted sum of the coefficients: that sum
    /// is Σ influence · y. Its variance under any errors follows from this alone.
    pub(crate) fn influence(&self, weights: &[f64]) -> Vec<f64> {
        let mut solved: Vec<f64> = Vec::with_capacity(self.triangle.len());
        for (column, weight) in self.triangle.iter().zip(weights) {
            let known = dot(column, &solved);
            let last = column.last().copied().unwrap_or(1.0);
            solved.push((weight - known) / last);
        }
        let mut influence = vec![0.0; self.residuals.len()];
        for (column, share) in self.basis.iter().zip(&solved) {
            for (sum, value) in influence.iter_mut().zip(column) {
                *sum += share * value;
            }
        }
        influence
    }

    /// Influence on one coefficient.
    pub(crate) fn influence_on(&self, coefficient: usize) -> Vec<f64> {
        let weights: Vec<f64> = (0..self.coefficients.len())
            .map(|at| if at == coefficient { 1.0 } else { 0.0 })
            .collect();
        self.influence(&weights)
    }
}

/// Sum of products; the longer one's rest is left out.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Takes each basis column's share out of `left` and gives the shares.
fn take_out(basis: &[Vec<f64>], left: &mut [f64]) -> Vec<f64> {
    let each = basis.iter().map(|column| {
        let share = dot(column, left);
        for (value, part) in left.iter_mut().zip(column) {
            *value -= share * part;
        }
        share
    });
    each.collect()
}

/// Solves the triangle from its last column backwards.
fn backward(triangle: &[Vec<f64>], mut shares: Vec<f64>) -> Vec<f64> {
    let mut solved = Vec::with_capacity(shares.len());
    for column in triangle.iter().rev() {
        let value = shares.pop().unwrap_or(0.0) / column.last().copied().unwrap_or(1.0);
        for (share, part) in shares.iter_mut().zip(column) {
            *share -= part * value;
        }
        solved.push(value);
    }
    solved.reverse();
    solved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_line_is_found_and_influence_gives_the_coefficient() {
        let columns = vec![vec![1.0; 4], vec![1.0, 2.0, 3.0, 5.0]];
        let fit = fit(&columns, &[5.0, 7.0, 9.0, 14.0]).expect("a fit");
        // By hand: x̄ = 2.75, ȳ = 8.75, Sxy = 19.75, Sxx = 8.75.
        assert!((fit.coefficients[1] - 19.75 / 8.75).abs() < 1e-13);
        assert!((fit.coefficients[0] - (8.75 - 2.75 * 19.75 / 8.75)).abs() < 1e-13);
        let again = dot(&fit.influence_on(1), &[5.0, 7.0, 9.0, 14.0]);
        assert!((again - fit.coefficients[1]).abs() < 1e-13);
        assert!(dot(&fit.residuals, &columns[1]).abs() < 1e-12);
    }

    #[test]
    fn columns_that_say_the_same_are_refused() {
        let columns = vec![vec![1.0; 3], vec![1.0, 2.0, 3.0], vec![3.0, 5.0, 7.0]];
        assert_eq!(fit(&columns, &[1.0, 2.0, 4.0]).err(), Some(NotEstimable::Collinear));
        assert!(fit(&[vec![1.0]], &[]).is_err());
        assert!(fit(&[vec![f64::NAN]], &[1.0]).is_err());
    }
}
