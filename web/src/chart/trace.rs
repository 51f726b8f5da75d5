//! Values → paths. Null breaks the line, a bucket that isn't over is dashed,
//! what rests on fewer than 30 is grey.

use std::fmt::Write;

use super::scale::Scale;
use super::series::Mark;
use super::{At, FEW};

/// How a stretch of line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// As the series is.
    Plain,
    /// In grey: few are behind it.
    Few,
    /// Dashed: the bucket isn't over.
    Partial,
}

impl Look {
    /// The class in the style.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Few => " few",
            Self::Partial => " partial",
        }
    }

    pub(super) fn of(mark: &Mark) -> Self {
        if mark.partial {
            Self::Partial
        } else if mark.n < FEW {
            Self::Few
        } else {
            Self::Plain
        }
    }
}

/// A stretch of line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stretch {
    /// The path.
    pub(crate) d: String,
    /// How it is drawn.
    pub(crate) look: Look,
}

/// A value that stands alone, or the last one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dot {
    /// Percent from the left.
    pub(crate) x: At,
    /// Pixels from the top.
    pub(crate) y: At,
    /// How it is drawn.
    pub(crate) look: Look,
}

/// The middle of a bucket, 0 … 1.
pub(crate) fn middle(i: usize, count: usize) -> f64 {
    (i as f64 + 0.5) / count.max(1) as f64
}

/// The line through the marks, in thousandths of the width.
pub(crate) fn stretches(marks: &[Option<Mark>], scale: &Scale) -> Vec<Stretch> {
    let at = |i: usize, mark: &Mark| (At(middle(i, marks.len()) * 1000.0), At(scale.y(mark.value)));
    let mut out: Vec<Stretch> = Vec::new();
    let mut before: Option<(usize, Mark)> = None;
    for (i, mark) in marks.iter().enumerate() {
        let Some(mark) = mark else {
            before = None;
            continue;
        };
        if let Some((from, last)) = before {
            let look = segment(&last, mark);
            let (x, y) = at(i, mark);
            match out.last_mut() {
                // A stretch goes on only where the last one ended here.
                Some(stretch) if stretch.look == look && ends_at(&stretch.d, at(from, &last)) => {
                    let _ = write!(stretch.d, "L{x} {y}");
                }
                _ => {
                    let (x0, y0) = at(from, &last);
                    out.push(Stretch { d: format!("M{x0} {y0}L{x} {y}"), look });
                }
            }
        }
        before = Some((i, *mark));
    }
    out
}

fn segment(from: &Mark, to: &Mark) -> Look {
    match (Look::of(from), Look::of(to)) {
        (Look::Partial, _) | (_, Look::Partial) => Look::Partial,
        (Look::Few, _) | (_, Look::Few) => Look::Few,
        _ => Look::Plain,
    }
}

fn ends_at(d: &str, (x, y): (At, At)) -> bool {
    d.ends_with(&format!("L{x} {y}"))
}

/// Dots for values that have no line: alone between gaps, and the last one.
pub(crate) fn dots(marks: &[Option<Mark>], scale: &Scale) -> Vec<Dot> {
    let there = |i: Option<usize>| i.and_then(|i| marks.get(i)).is_some_and(Option::is_some);
    let last = marks.iter().rposition(Option::is_some);
    let mut out = Vec::new();
    for (i, mark) in marks.iter().enumerate() {
        let Some(mark) = mark else { continue };
        let alone = !there(i.checked_sub(1)) && !there(Some(i + 1));
        if alone || Some(i) == last {
            let x = At(middle(i, marks.len()) * 100.0);
            out.push(Dot { x, y: At(scale.y(mark.value)), look: Look::of(mark) });
        }
    }
    out
}

/// The area between the ends of the bands, in thousandths of the width.
pub(crate) fn band(marks: &[Option<Mark>], scale: &Scale) -> String {
    let mut d = String::new();
    let mut run: Vec<(f64, f64, f64)> = Vec::new();
    let mut close = |run: &mut Vec<(f64, f64, f64)>| {
        if run.len() > 1 {
            for (i, (x, _, high)) in run.iter().enumerate() {
                let verb = if i == 0 { 'M' } else { 'L' };
                let _ = write!(d, "{verb}{} {}", At(*x), At(scale.y(*high)));
            }
            for (x, low, _) in run.iter().rev() {
                let _ = write!(d, "L{} {}", At(*x), At(scale.y(*low)));
            }
            d.push('Z');
        }
        run.clear();
    };
    for (i, mark) in marks.iter().enumerate() {
        match mark.and_then(|mark| mark.band) {
            Some((low, high)) => run.push((middle(i, marks.len()) * 1000.0, low, high)),
            None => close(&mut run),
        }
    }
    close(&mut run);
    d
}

#[cfg(test)]
mod tests {
    use rollcall_query::Unit;

    use super::*;

    fn mark(value: f64, n: i64) -> Option<Mark> {
        Some(Mark { value, band: Some((value - 1.0, value + 1.0)), k: 0, n, partial: false })
    }

    fn scale() -> Scale {
        Scale::new(0.0, 10.0, Unit::Count, 5, 0.0, 100.0)
    }

    #[test]
    fn null_breaks_the_line_and_a_lonely_value_is_a_dot() {
        let marks = [mark(1.0, 99), mark(2.0, 99), None, mark(3.0, 99), None];
        let lines = stretches(&marks, &scale());
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].d, "M100 90L300 80");
        let dots = dots(&marks, &scale());
        assert_eq!(dots.len(), 1);
        assert_eq!((dots[0].x, dots[0].y), (At(70.0), At(70.0)));
    }

    #[test]
    fn few_is_grey_and_an_open_bucket_dashed() {
        let mut marks = [mark(1.0, 30), mark(2.0, 30), mark(3.0, 29), mark(4.0, 30), mark(5.0, 30)];
        marks[4].as_mut().unwrap().partial = true;
        let looks: Vec<_> = stretches(&marks, &scale()).into_iter().map(|s| s.look).collect();
        assert_eq!(looks, [Look::Plain, Look::Few, Look::Partial]);
    }

    #[test]
    fn a_band_goes_there_and_back() {
        let marks = [mark(2.0, 99), mark(3.0, 99), None, mark(9.0, 99)];
        assert_eq!(band(&marks, &scale()), "M125 70L375 60L375 80L125 90Z");
    }

    #[test]
    fn no_data_is_no_path() {
        assert!(stretches(&[None, None], &scale()).is_empty());
        assert!(dots(&[], &scale()).is_empty());
        assert_eq!(band(&[None], &scale()), "");
    }
}
