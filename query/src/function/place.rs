//! `place`: where an address is and whose network it is in, by the databases of
//! the user ([`crate::geo`]). All nulls where there are none.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use chrono::NaiveDate;
use datafusion::arrow::array::{
    ArrayRef, AsArray, Date32Array, Int32Array, Int64Array, StringViewArray, StructArray,
};
use datafusion::arrow::datatypes::{DataType, Date32Type, Field, Fields};
use datafusion::common::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::geo::{Databases, Place};

/// The function over the databases of one instant.
#[derive(Debug)]
struct PlaceOf {
    signature: Signature,
    databases: Arc<Databases>,
}

impl PartialEq for PlaceOf {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.databases, &other.databases)
    }
}

impl Eq for PlaceOf {}

impl Hash for PlaceOf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.databases.state().hash(state);
    }
}

/// The function, asking these databases.
pub(crate) fn place(databases: Arc<Databases>) -> ScalarUDF {
    let signature = Signature::exact(vec![DataType::Utf8View], Volatility::Stable);
    ScalarUDF::new_from_impl(PlaceOf { signature, databases })
}

fn fields() -> Fields {
    let field = |name, data_type| Field::new(name, data_type, true);
    Fields::from(vec![
        field("country", DataType::Utf8View),
        field("region", DataType::Utf8View),
        field("city", DataType::Utf8View),
        field("lat_e6", DataType::Int32),
        field("lon_e6", DataType::Int32),
        field("place_built", DataType::Date32),
        field("asn", DataType::Int64),
        field("as_org", DataType::Utf8View),
        field("as_built", DataType::Date32),
    ])
}

impl ScalarUDFImpl for PlaceOf {
    fn name(&self) -> &'static str {
        "place"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(fields()))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        // Most rows of a batch share their address with others.
        let mut known: HashMap<&str, Arc<Place>> = HashMap::new();
        let mut places: Vec<Option<Arc<Place>>> = Vec::with_capacity(args.number_rows);
        for address in arrays.iter().flat_map(|array| array.as_string_view().iter()) {
            let Some(address) = address else {
                places.push(None);
                continue;
            };
            let place = match known.get(address) {
                Some(place) => Arc::clone(place),
                None => {
                    let found = self.databases.find(address);
                    let found = found.map_err(|error| DataFusionError::External(error.into()))?;
                    let found = Arc::new(found);
                    known.insert(address, Arc::clone(&found));
                    found
                }
            };
            places.push(Some(place));
        }
        let (places_built, networks_built) = self.databases.built();
        let rows = Rows { places: &places, places_built, networks_built };
        Ok(ColumnarValue::Array(Arc::new(StructArray::try_new(fields(), rows.columns(), None)?)))
    }
}

/// What was found, row by row.
struct Rows<'a> {
    places: &'a [Option<Arc<Place>>],
    places_built: Option<NaiveDate>,
    networks_built: Option<NaiveDate>,
}

impl Rows<'_> {
    fn texts(&self, pick: impl Fn(&Place) -> Option<&str>) -> ArrayRef {
        let texts = self.places.iter().map(|place| pick(place.as_deref()?));
        Arc::new(texts.collect::<StringViewArray>())
    }

    fn days(&self, day: Option<NaiveDate>, is_told: impl Fn(&Place) -> bool) -> ArrayRef {
        let day = day.map(Date32Type::from_naive_date);
        let days = self
            .places
            .iter()
            .map(|place| place.as_deref().filter(|place| is_told(place)).and(day));
        Arc::new(days.collect::<Date32Array>())
    }

    fn columns(&self) -> Vec<ArrayRef> {
        let whole = |pick: fn(&Place) -> Option<i32>| -> ArrayRef {
            Arc::new(self.places.iter().map(|p| pick(p.as_deref()?)).collect::<Int32Array>())
        };
        let asn = self.places.iter().map(|place| place.as_deref()?.asn);
        vec![
            self.texts(|place| place.country.as_deref()),
            self.texts(|place| place.region.as_deref()),
            self.texts(|place| place.city.as_deref()),
            whole(|place| place.lat_e6),
            whole(|place| place.lon_e6),
            self.days(self.places_built, Place::has_place),
            Arc::new(asn.collect::<Int64Array>()),
            self.texts(|place| place.as_org.as_deref()),
            self.days(self.networks_built, Place::has_network),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_database_tells_says_when_it_was_built() {
        let text = |text: &str| Some(text.to_owned());
        let told = [
            Place { country: text("DE"), ..Place::default() },
            Place { region: text("Hessen"), ..Place::default() },
            Place { city: text("Frankfurt"), ..Place::default() },
            Place { lat_e6: Some(1), ..Place::default() },
            Place { lon_e6: Some(1), ..Place::default() },
            Place { asn: Some(64_496), ..Place::default() },
            Place { as_org: text("Example Broadband"), ..Place::default() },
            Place::default(),
        ];
        let places: Vec<_> = told.map(|place| Some(Arc::new(place))).to_vec();
        let day = NaiveDate::from_ymd_opt(2026, 3, 1);
        let columns = Rows { places: &places, places_built: day, networks_built: day }.columns();
        let built = |name: &str| {
            let at = fields().iter().position(|field| field.name() == name).expect("a column");
            (0..places.len()).map(|row| columns[at].is_valid(row)).collect::<Vec<_>>()
        };
        let places = [true, true, true, true, true, false, false, false];
        assert_eq!(built("place_built"), places);
        assert_eq!(built("as_built"), [false, false, false, false, false, true, true, false]);
    }
}
