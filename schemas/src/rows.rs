//! Events into Arrow, column by column.

use std::borrow::Cow;
use std::sync::Arc;

use ::arrow::array::{
    ArrayRef, BinaryViewBuilder, BooleanBuilder, Int16Builder, Int32Builder, Int64Builder,
    ListArray, NullBufferBuilder, RecordBatch, StringViewBuilder, StructArray,
    TimestampMicrosecondBuilder,
};
use ::arrow::buffer::OffsetBuffer;
use ::arrow::datatypes::{DataType, Field};
use ::arrow::error::ArrowError;

use crate::column::for_each_event_column;
use crate::event::{Event, FactorStep, PolicyStep};
use crate::position::Record;
use crate::sparse::{Sparse, null_column};

macro_rules! builder_type {
    (text) => {
        Sparse<StringViewBuilder>
    };
    (word($t:ident)) => {
        Sparse<StringViewBuilder>
    };
    (opt_word($t:ident)) => {
        Sparse<StringViewBuilder>
    };
    (bool) => {
        Sparse<BooleanBuilder>
    };
    (i16) => {
        Sparse<Int16Builder>
    };
    (i32) => {
        Sparse<Int32Builder>
    };
    (i64) => {
        Sparse<Int64Builder>
    };
    (factors) => {
        FactorsBuilder
    };
    (policies) => {
        PoliciesBuilder
    };
}
macro_rules! append_field {
    ($builder:expr, $value:expr, text) => {
        match $value.as_deref() {
            Some(text) => $builder.said().append_value(text),
            None => $builder.unsaid(),
        }
    };
    ($builder:expr, $value:expr, word($t:ident)) => {
        $builder.said().append_value($value.as_str())
    };
    ($builder:expr, $value:expr, opt_word($t:ident)) => {
        match $value {
            Some(word) => $builder.said().append_value(word.as_str()),
            None => $builder.unsaid(),
        }
    };
    ($builder:expr, $value:expr, factors) => {
        $builder.append(&$value)
    };
    ($builder:expr, $value:expr, policies) => {
        $builder.append(&$value)
    };
    ($builder:expr, $value:expr, $scalar:ident) => {
        match $value {
            Some(value) => $builder.said().append_value(value),
            None => $builder.unsaid(),
        }
    };
}
macro_rules! event_rows {
    ($($id:literal $name:ident $kind:ident $(($word:ident))? $group:ident $doc:literal)+) => {
        #[derive(Debug, Default)]
        struct Body { $($name: builder_type!($kind $(($word))?),)+ }

        impl Body {
            fn push(&mut self, event: &Event<'_>) {
                $(append_field!(self.$name, event.$name, $kind $(($word))?);)+
            }

            /// The columns by name, for the schema to put in order; nothing
            /// for those in which no row says anything.
            fn finish(&mut self) -> Vec<(&'static str, Option<ArrayRef>)> {
                vec![$((stringify!($name), self.$name.finish()),)+]
            }
        }
    };
}
for_each_event_column!(event_rows);

/// Gathers events and gives them back as one batch of
/// [`crate::arrow::events_schema`].
#[derive(Debug, Default)]
pub struct EventRows {
    shard: Int32Builder,
    seq: Int64Builder,
    part: Int32Builder,
    revises_shard: Sparse<Int32Builder>,
    revises_seq: Sparse<Int64Builder>,
    revises_part: Sparse<Int32Builder>,
    source: StringViewBuilder,
    collector: StringViewBuilder,
    time: TimestampMicrosecondBuilder,
    received: TimestampMicrosecondBuilder,
    redactions: Int32Builder,
    body: Body,
    raw: BinaryViewBuilder,
    rows: usize,
}

impl EventRows {
    /// Rows gathered so far.
    pub const fn len(&self) -> usize {
        self.rows
    }

    /// Whether none has been gathered.
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Adds one event, made from `part` of `record`. `raw` is the record (or
    /// the part of it) after redaction. The user's name is lower-cased here, so
    /// that no adapter can forget it.
    pub fn push(
        &mut self,
        record: &Record,
        part: i32,
        source: &str,
        event: &mut Event<'_>,
        redactions: i32,
        raw: &[u8],
    ) {
        lower_case(&mut event.user_name);
        self.shard.append_value(record.shard);
        self.seq.append_value(record.seq);
        self.part.append_value(part);
        append_field!(self.revises_shard, event.revises.map(|p| p.shard), i32);
        append_field!(self.revises_seq, event.revises.map(|p| p.seq), i64);
        append_field!(self.revises_part, event.revises.map(|p| p.part), i32);
        self.source.append_value(source);
        self.collector.append_value(&*record.collector);
        self.time.append_value(event.time);
        self.received.append_value(record.received);
        self.redactions.append_value(redactions);
        self.body.push(event);
        self.raw.append_value(raw);
        self.rows += 1;
    }

    /// Takes what was gathered as one batch.
    ///
    /// # Errors
    /// Only if the builders and the schema disagree.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        let rows = std::mem::take(&mut self.rows);
        let mut named: Vec<(&'static str, Option<ArrayRef>)> = vec![
            ("shard", Some(Arc::new(self.shard.finish()))),
            ("seq", Some(Arc::new(self.seq.finish()))),
            ("part", Some(Arc::new(self.part.finish()))),
            ("revises_shard", self.revises_shard.finish()),
            ("revises_seq", self.revises_seq.finish()),
            ("revises_part", self.revises_part.finish()),
            ("source", Some(Arc::new(self.source.finish()))),
            ("collector", Some(Arc::new(self.collector.finish()))),
            ("time", Some(Arc::new(self.time.finish().with_timezone("UTC")))),
            ("received", Some(Arc::new(self.received.finish().with_timezone("UTC")))),
            ("redactions", Some(Arc::new(self.redactions.finish()))),
            ("raw", Some(Arc::new(self.raw.finish()))),
        ];
        named.extend(self.body.finish());
        let schema = crate::arrow::events_schema();
        let columns = schema
            .fields()
            .iter()
            .map(|field| {
                let found = named.iter().find(|(name, _)| name == field.name());
                let said = found.and_then(|(_, array)| array.as_ref().map(Arc::clone));
                said.unwrap_or_else(|| null_column(field.data_type(), rows))
            })
            .collect();
        RecordBatch::try_new(schema, columns)
    }
}

fn lower_case(name: &mut Option<Cow<'_, str>>) {
    if let Some(text) = name
        && text.chars().any(|c| c.is_ascii_uppercase() || (!c.is_ascii() && c.is_uppercase()))
    {
        *name = Some(Cow::Owned(text.to_lowercase()));
    }
}

/// A list column whose elements are structs, kept as flat child builders.
#[derive(Debug, Default)]
struct Lists {
    lengths: Vec<usize>,
    nulls: Option<NullBufferBuilder>,
    any: bool,
}

impl Lists {
    fn append(&mut self, elements: usize) {
        self.any |= elements > 0;
        self.lengths.push(elements);
        // An empty list can't be told from "not said" by any source: null.
        self.nulls.get_or_insert_with(|| NullBufferBuilder::new(1024)).append(elements > 0);
    }

    fn finish(&mut self, element: Field, children: Vec<ArrayRef>) -> Option<ArrayRef> {
        let any = std::mem::take(&mut self.any);
        let DataType::Struct(fields) = element.data_type().clone() else { return None };
        if !any {
            self.lengths.clear();
            self.nulls = None;
            return None;
        }
        let values = StructArray::new(fields, children, None);
        let offsets = OffsetBuffer::from_lengths(std::mem::take(&mut self.lengths));
        let nulls = self.nulls.take().and_then(|mut nulls| nulls.finish());
        Some(Arc::new(ListArray::new(Arc::new(element), offsets, Arc::new(values), nulls)))
    }
}

#[derive(Debug, Default)]
struct FactorsBuilder {
    lists: Lists,
    factor: StringViewBuilder,
    outcome: StringViewBuilder,
    started: TimestampMicrosecondBuilder,
    ended: TimestampMicrosecondBuilder,
}

impl FactorsBuilder {
    fn append(&mut self, steps: &[FactorStep]) {
        for step in steps {
            self.factor.append_value(step.factor.as_str());
            self.outcome.append_value(step.outcome.as_str());
            self.started.append_option(step.started);
            self.ended.append_option(step.ended);
        }
        self.lists.append(steps.len());
    }

    fn finish(&mut self) -> Option<ArrayRef> {
        let children: Vec<ArrayRef> = vec![
            Arc::new(self.factor.finish()),
            Arc::new(self.outcome.finish()),
            Arc::new(self.started.finish().with_timezone("UTC")),
            Arc::new(self.ended.finish().with_timezone("UTC")),
        ];
        self.lists.finish(crate::arrow::factor_element(), children)
    }
}

#[derive(Debug, Default)]
struct PoliciesBuilder {
    lists: Lists,
    id: StringViewBuilder,
    name: StringViewBuilder,
    mode: StringViewBuilder,
    result: StringViewBuilder,
}

impl PoliciesBuilder {
    fn append(&mut self, steps: &[PolicyStep<'_>]) {
        for step in steps {
            self.id.append_option(step.id.as_deref());
            self.name.append_option(step.name.as_deref());
            self.mode.append_value(step.mode.as_str());
            self.result.append_value(step.result.as_str());
        }
        self.lists.append(steps.len());
    }

    fn finish(&mut self) -> Option<ArrayRef> {
        let children: Vec<ArrayRef> = vec![
            Arc::new(self.id.finish()),
            Arc::new(self.name.finish()),
            Arc::new(self.mode.finish()),
            Arc::new(self.result.finish()),
        ];
        self.lists.finish(crate::arrow::policy_element(), children)
    }
}
