//! What databases say of one address.

/// A place and a network; what isn't known is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// ISO 3166-1 alpha-2.
    pub(crate) country: Option<String>,
    /// The largest subdivision, by its English name.
    pub(crate) region: Option<String>,
    /// By its English name.
    pub(crate) city: Option<String>,
    /// Latitude in millionths of a degree.
    pub(crate) lat_e6: Option<i32>,
    /// Longitude in millionths of a degree.
    pub(crate) lon_e6: Option<i32>,
    /// Number of the autonomous system.
    pub(crate) asn: Option<i64>,
    /// Who runs it.
    pub(crate) as_org: Option<String>,
}

impl Place {
    /// Whether anything is told of where it is.
    pub(crate) const fn has_place(&self) -> bool {
        self.country.is_some()
            || self.region.is_some()
            || self.city.is_some()
            || self.lat_e6.is_some()
            || self.lon_e6.is_some()
    }

    /// Whether anything is told of whose network it is in.
    pub(crate) const fn has_network(&self) -> bool {
        self.asn.is_some() || self.as_org.is_some()
    }
}

/// Degrees as millionths; none where it is no place on Earth.
pub(super) fn millionths(degrees: Option<f64>, most: f64) -> Option<i32> {
    let degrees = degrees.filter(|degrees| degrees.abs() <= most)?;
    #[expect(clippy::cast_possible_truncation, reason = "at most 180 million")]
    Some((degrees * 1e6).round() as i32)
}

#[cfg(test)]
mod tests {
    use super::millionths;

    #[test]
    fn degrees_off_the_globe_are_none() {
        assert_eq!(millionths(Some(-33.868_82), 90.0), Some(-33_868_820));
        assert_eq!(millionths(Some(180.0), 180.0), Some(180_000_000));
        assert_eq!(millionths(Some(90.1), 90.0), None);
        assert_eq!(millionths(Some(f64::NAN), 90.0), None);
        assert_eq!(millionths(None, 90.0), None);
    }
}
