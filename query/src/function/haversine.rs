//! `haversine_km`: great-circle distance on a sphere of the Earth's mean radius
//! (IUGG: 6371.0088 km). Places are in millionths of a degree, as in `lat_e6`
//! and `lon_e6`.

use std::sync::Arc;

use datafusion::arrow::array::{AsArray, Float64Array};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};

use crate::stats::real;

const RADIUS_KM: f64 = 6_371.008_8;

/// The function.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct HaversineKm {
    signature: Signature,
}

impl Default for HaversineKm {
    fn default() -> Self {
        Self { signature: Signature::exact(vec![DataType::Int64; 4], Volatility::Immutable) }
    }
}

fn radians(e6: i64) -> f64 {
    (real(e6) / 1e6).to_radians()
}

fn distance([lat_a, lon_a, lat_b, lon_b]: [i64; 4]) -> f64 {
    let (lat_a, lon_a, lat_b, lon_b) =
        (radians(lat_a), radians(lon_a), radians(lat_b), radians(lon_b));
    let half = |angle: f64| (angle / 2.0).sin().powi(2);
    let chord = half(lat_b - lat_a) + lat_a.cos() * lat_b.cos() * half(lon_b - lon_a);
    2.0 * RADIUS_KM * chord.min(1.0).sqrt().asin()
}

impl ScalarUDFImpl for HaversineKm {
    fn name(&self) -> &'static str {
        "haversine_km"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let places: Vec<_> = arrays.iter().map(|a| a.as_primitive::<Int64Type>()).collect();
        let [lat_a, lon_a, lat_b, lon_b] = places.as_slice() else {
            return Ok(ColumnarValue::Array(Arc::new(Float64Array::new_null(args.number_rows))));
        };
        let from = lat_a.iter().zip(lon_a.iter());
        let to = lat_b.iter().zip(lon_b.iter());
        let km: Float64Array =
            from.zip(to).map(|((a, b), (c, d))| Some(distance([a?, b?, c?, d?]))).collect();
        Ok(ColumnarValue::Array(Arc::new(km)))
    }
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn a_quarter_of_the_equator_and_berlin_to_paris() {
        // By hand: 6371.0088 km × π ÷ 2.
        assert!((distance([0, 0, 0, 90_000_000]) - 10_007.557).abs() < 0.001);
        // geopy 2.4.1's great_circle for (52.52, 13.405), (48.8566, 2.3522).
        assert!((distance([52_520_000, 13_405_000, 48_856_600, 2_352_200]) - 877.46).abs() < 0.01);
        assert!(distance([1, 1, 1, 1]).abs() < 1e-9);
    }
}
