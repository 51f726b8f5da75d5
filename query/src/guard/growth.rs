//! Text functions that can make much out of little. Each one is the engine's
//! own behind a bound on what a batch of it can give; `||` is planned as the
//! bounded `concat`, with SQL's rule that null makes null.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringViewArray};
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{DFSchema, Result, ScalarValue, exec_err};
use datafusion::execution::SessionStateDefaults;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{
    Cast, ColumnarValue, Expr, ExprSchemable, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility,
};
use datafusion::sql::sqlparser::ast::BinaryOperator;

/// What one call may give, in bytes.
const MOST_BYTES: usize = 64 << 20;
/// What it may give for one row. Constants are one row: the planner computes and
/// copies them many times over.
const MOST_BYTES_A_ROW: usize = 1 << 20;

fn bounded_to(bytes: usize, rows: usize, name: &str) -> Result<()> {
    let most = MOST_BYTES.min(MOST_BYTES_A_ROW.saturating_mul(rows));
    if bytes > most {
        return exec_err!(
            "{name} could give {bytes} bytes for {rows} rows; at most {most} are given"
        );
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Growth {
    /// The result is at most as long as the arguments together.
    Sum,
    /// The result is at most as long as the first argument times the longest of
    /// the others.
    Product,
}

const BOUNDED: &[(&str, Growth)] = &[
    ("concat", Growth::Sum),
    ("concat_ws", Growth::Product),
    ("replace", Growth::Product),
    ("translate", Growth::Product),
    ("regexp_replace", Growth::Product),
];

/// The bounded functions.
pub(super) fn bounded() -> Vec<Arc<ScalarUDF>> {
    let engine = SessionStateDefaults::default_scalar_functions();
    let named = |name: &str| engine.iter().find(|f| f.name() == name).cloned();
    let bounded = BOUNDED.iter().filter_map(|(name, growth)| {
        Some(Arc::new(ScalarUDF::new_from_impl(Bounded { inner: named(name)?, growth: *growth })))
    });
    bounded.collect()
}

/// Plans `||`.
pub(super) fn planner() -> Arc<dyn ExprPlanner> {
    Arc::new(Joined)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Bounded {
    inner: Arc<ScalarUDF>,
    growth: Growth,
}

impl ScalarUDFImpl for Bounded {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        self.inner.return_type(arguments)
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs) -> Result<FieldRef> {
        self.inner.return_field_from_args(arguments)
    }

    fn coerce_types(&self, arguments: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(arguments)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        bounded_to(self.most(&args), args.number_rows, self.name())?;
        self.inner.invoke_with_args(args)
    }
}

impl Bounded {
    fn most(&self, args: &ScalarFunctionArgs) -> usize {
        let all: usize = args.args.iter().map(|a| total(a, args.number_rows)).sum();
        match self.growth {
            Growth::Sum => all,
            Growth::Product => {
                let longest = args.args.iter().skip(1).map(longest).max().unwrap_or(0);
                all.saturating_mul(longest.max(1))
            }
        }
    }
}

/// Bytes of text in an argument over all rows.
fn total(argument: &ColumnarValue, rows: usize) -> usize {
    match argument {
        ColumnarValue::Scalar(_) => longest(argument).saturating_mul(rows),
        ColumnarValue::Array(array) => lengths(array).sum(),
    }
}

/// Bytes of the longest text in an argument.
fn longest(argument: &ColumnarValue) -> usize {
    match argument {
        ColumnarValue::Scalar(
            ScalarValue::Utf8(Some(text))
            | ScalarValue::Utf8View(Some(text))
            | ScalarValue::LargeUtf8(Some(text)),
        ) => text.len(),
        ColumnarValue::Scalar(_) => 0,
        ColumnarValue::Array(array) => lengths(array).max().unwrap_or(0),
    }
}

fn lengths(array: &ArrayRef) -> Box<dyn Iterator<Item = usize> + '_> {
    let length = |text: Option<&str>| text.map_or(0, str::len);
    match array.data_type() {
        DataType::Utf8View => Box::new(array.as_string_view().iter().map(length)),
        DataType::Utf8 => Box::new(array.as_string::<i32>().iter().map(length)),
        DataType::LargeUtf8 => Box::new(array.as_string::<i64>().iter().map(length)),
        _ => Box::new(std::iter::empty()),
    }
}

/// `a || b`.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Join {
    signature: Signature,
}

impl ScalarUDFImpl for Join {
    fn name(&self) -> &'static str {
        "join_text"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let bytes: usize = args.args.iter().map(|a| total(a, args.number_rows)).sum();
        bounded_to(bytes, args.number_rows, "||")?;
        let arrays: Vec<ArrayRef> =
            args.args.iter().map(|a| a.to_array(args.number_rows)).collect::<Result<_>>()?;
        let [left, right] = arrays.as_slice() else { return exec_err!("|| joins two texts") };
        let (left, right) = (left.as_string_view(), right.as_string_view());
        let joined: StringViewArray = left
            .iter()
            .zip(right.iter())
            .map(|(left, right)| Some([left?, right?].concat()))
            .collect();
        Ok(ColumnarValue::Array(Arc::new(joined)))
    }
}

#[derive(Debug)]
struct Joined;

impl ExprPlanner for Joined {
    fn plan_binary_op(
        &self,
        expr: RawBinaryExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        let lists = [&expr.left, &expr.right]
            .into_iter()
            .any(|side| matches!(side.get_type(schema), Ok(DataType::List(_))));
        if expr.op != BinaryOperator::StringConcat || lists {
            return Ok(PlannerResult::Original(expr));
        }
        let signature = Signature::exact(vec![DataType::Utf8View; 2], Volatility::Immutable);
        let join = ScalarUDF::new_from_impl(Join { signature });
        let text = |side: Expr| Expr::Cast(Cast::new(Box::new(side), DataType::Utf8View));
        Ok(PlannerResult::Planned(join.call(vec![text(expr.left), text(expr.right)])))
    }
}
