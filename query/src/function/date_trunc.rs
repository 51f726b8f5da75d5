//! DataFusion's `date_trunc`, without its detour over the time zone where that is
//! UTC: all of our times are, and every hour of UTC is as long as the other. Ten
//! million rows take a fifth of the time.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::datatypes::{
    DataType, FieldRef, TimeUnit, TimestampMicrosecondType as Micros,
};
use datafusion::common::Result;
use datafusion::functions::datetime::date_trunc::DateTruncFunc;
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{
    ColumnarValue, Documentation, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature,
};

/// The function.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct DateTrunc(DateTruncFunc);

/// The times of an argument as UTC's clocks show them, if that is its zone.
fn in_utc(argument: Option<&ColumnarValue>) -> Option<(ArrayRef, Arc<str>)> {
    let Some(ColumnarValue::Array(times)) = argument else { return None };
    match times.data_type() {
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if zone.as_ref() == "UTC" => {
            let clocks = times.as_primitive::<Micros>().clone().with_timezone_opt(None::<Arc<str>>);
            Some((Arc::new(clocks), Arc::clone(zone)))
        }
        _ => None,
    }
}

impl ScalarUDFImpl for DateTrunc {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn aliases(&self) -> &[String] {
        self.0.aliases()
    }

    fn signature(&self) -> &Signature {
        self.0.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.0.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        self.0.return_field_from_args(args)
    }

    fn output_ordering(&self, input: &[ExprProperties]) -> Result<SortProperties> {
        self.0.output_ordering(input)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.0.documentation()
    }

    fn invoke_with_args(&self, mut args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let (Some((clocks, zone)), Some(times)) = (in_utc(args.args.get(1)), args.args.get_mut(1))
        else {
            return self.0.invoke_with_args(args);
        };
        *times = ColumnarValue::Array(clocks);
        Ok(match self.0.invoke_with_args(args)? {
            ColumnarValue::Array(cut) => {
                let cut = cut.as_primitive::<Micros>().clone().with_timezone(zone);
                ColumnarValue::Array(Arc::new(cut))
            }
            scalar @ ColumnarValue::Scalar(_) => scalar,
        })
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{ArrayRef, TimestampMicrosecondArray};
    use datafusion::arrow::datatypes::Field;
    use datafusion::common::ScalarValue;
    use datafusion::common::config::ConfigOptions;

    use super::*;

    fn cut(function: &dyn ScalarUDFImpl, unit: &str, times: &ArrayRef) -> ArrayRef {
        let argument =
            |name, value: &ColumnarValue| Arc::new(Field::new(name, value.data_type(), true));
        let unit = ColumnarValue::Scalar(ScalarValue::from(unit));
        let column = ColumnarValue::Array(Arc::clone(times));
        let arguments = ScalarFunctionArgs {
            arg_fields: vec![argument("unit", &unit), argument("time", &column)],
            return_field: argument("cut", &column),
            args: vec![unit, column],
            number_rows: times.len(),
            config_options: Arc::new(ConfigOptions::default()),
        };
        let value = function.invoke_with_args(arguments).expect("cut");
        value.into_array(times.len()).expect("an array")
    }

    #[test]
    fn it_cuts_as_datafusions_own_does() {
        // Around the epoch, a leap day, new year; every unit.
        let days = [-400, -1, 0, 1, 58, 59, 365, 20_514, 20_878];
        let times = days.iter().flat_map(|day: &i64| {
            [0, 1, 3_599_999_999, 3_600_000_000, 86_399_999_999].map(|us| day * 86_400_000_000 + us)
        });
        let mut times: Vec<Option<i64>> = times.map(Some).collect();
        times.push(None);
        let times = TimestampMicrosecondArray::from(times).with_timezone("UTC");
        let times: ArrayRef = Arc::new(times);
        for unit in ["year", "quarter", "month", "week", "day", "hour", "minute", "second"] {
            let ours = cut(&DateTrunc::default(), unit, &times);
            assert_eq!(&ours, &cut(&DateTruncFunc::default(), unit, &times), "{unit}");
        }
    }
}
