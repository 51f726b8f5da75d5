//! Columns in which most rows say nothing: an event of one source fills a third
//! of the columns. Where no row of a batch says anything there is nothing to
//! keep but a number.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use ::arrow::array::{
    ArrayBuilder, ArrayRef, BooleanBuilder, PrimitiveBuilder, StringViewBuilder, new_null_array,
};
use ::arrow::datatypes::{ArrowPrimitiveType, DataType};

/// A builder that can be told of nulls.
pub(crate) trait Nulls: ArrayBuilder + Default {
    /// Appends one null.
    fn null(&mut self);
}

impl Nulls for StringViewBuilder {
    fn null(&mut self) {
        self.append_null();
    }
}

impl Nulls for BooleanBuilder {
    fn null(&mut self) {
        self.append_null();
    }
}

impl<T: ArrowPrimitiveType> Nulls for PrimitiveBuilder<T> {
    fn null(&mut self) {
        self.append_null();
    }
}

/// A column that is built from its first value on.
#[derive(Debug, Default)]
pub(crate) struct Sparse<B> {
    /// Nulls before the first value.
    before: usize,
    builder: Option<B>,
}

impl<B: Nulls> Sparse<B> {
    /// The builder, for a row that says something.
    pub(crate) fn said(&mut self) -> &mut B {
        let before = self.before;
        self.builder.get_or_insert_with(|| {
            let mut builder = B::default();
            (0..before).for_each(|_| builder.null());
            builder
        })
    }

    /// A row that says nothing.
    pub(crate) fn unsaid(&mut self) {
        match &mut self.builder {
            Some(builder) => builder.null(),
            None => self.before += 1,
        }
    }

    /// The column; nothing if no row said anything.
    pub(crate) fn finish(&mut self) -> Option<ArrayRef> {
        self.before = 0;
        self.builder.take().map(|mut builder| builder.finish())
    }
}

/// A column of nulls. All of a type share their memory.
pub(crate) fn null_column(data_type: &DataType, rows: usize) -> ArrayRef {
    static KEPT: LazyLock<Mutex<HashMap<DataType, ArrayRef>>> = LazyLock::new(Mutex::default);
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    match kept.get(data_type) {
        Some(column) if column.len() == rows => Arc::clone(column),
        Some(column) if column.len() > rows => column.slice(0, rows),
        _ => {
            let column = new_null_array(data_type, rows.next_power_of_two());
            kept.insert(data_type.clone(), Arc::clone(&column));
            column.slice(0, rows)
        }
    }
}

#[cfg(test)]
mod tests {
    use ::arrow::array::{Array, AsArray};

    use super::*;

    #[test]
    fn nulls_before_the_first_value_are_kept() {
        let mut column = Sparse::<StringViewBuilder>::default();
        column.unsaid();
        column.unsaid();
        column.said().append_value("push");
        column.unsaid();
        let built = column.finish().expect("a value");
        let values: Vec<_> = built.as_string_view().iter().collect();
        assert_eq!(values, [None, None, Some("push"), None]);
        // The next batch starts anew.
        column.unsaid();
        assert!(column.finish().is_none());
    }

    #[test]
    fn columns_of_nulls_have_the_length_asked_for() {
        for rows in [0, 1, 5_000, 3, 20_000] {
            let column = null_column(&DataType::Utf8View, rows);
            assert_eq!((column.len(), column.null_count()), (rows, rows));
        }
    }
}
