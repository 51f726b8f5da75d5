//! The trait that answers questions, and the query crate behind it.

use std::sync::Arc;

use arrow::array::RecordBatch;
use chrono::NaiveDate;
use futures::future::BoxFuture;
use rollcall_query::{Band, Catalog, Dimension, Filter, MetricResult, QueryError, Session, Unit};

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureKind {
    /// There is no such metric or query.
    Unknown,
    /// The data that it needs isn't there yet.
    NotConfigured,
    /// Anything else.
    Failed,
}

/// No answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Why.
    pub kind: FailureKind,
    /// In words.
    pub message: String,
}

/// A parameter of a page's query.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text, or none.
    Text(Option<String>),
    /// A whole number, or none.
    Int(Option<i64>),
    /// A day.
    Date(NaiveDate),
}

/// What a metric is.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Its name, for instance `adoption/used`.
    pub name: &'static str,
    /// Its version.
    pub version: u32,
    /// Its title as a question.
    pub question: &'static str,
    /// What it is measured in.
    pub unit: Unit,
    /// What the band of its points is.
    pub band: Band,
    /// Whom or what it counts.
    pub population: &'static str,
    /// What it leaves out.
    pub excludes: &'static str,
    /// The columns that its SQL gives, and its figures.
    pub columns: &'static str,
    /// What it can be split and filtered by.
    pub dimensions: Vec<Dimension>,
    /// Its SQL.
    pub sql: &'static str,
}

/// Answers of one instant: every panel of a page sees the same rows.
pub trait Answers: Send + Sync {
    /// A metric.
    fn metric<'a>(
        &'a self,
        name: &'a str,
        filter: &'a Filter,
    ) -> BoxFuture<'a, Result<MetricResult, Failure>>;

    /// A page's query.
    fn page<'a>(
        &'a self,
        name: &'a str,
        parameters: &'a [(&'static str, Value)],
    ) -> BoxFuture<'a, Result<Vec<RecordBatch>, Failure>>;
}

/// Where answers come from.
pub trait Library: Send + Sync {
    /// Answers of this instant.
    fn open(&self) -> Arc<dyn Answers>;
    /// Every metric.
    fn definitions(&self) -> Vec<Definition>;
    /// The SQL of a page's query.
    fn page_sql(&self, name: &str) -> Option<&'static str>;
}

impl Library for Catalog {
    fn open(&self) -> Arc<dyn Answers> {
        Arc::new(self.session())
    }

    fn definitions(&self) -> Vec<Definition> {
        let definition = |metric: &rollcall_query::Metric| Definition {
            name: metric.name,
            version: metric.version,
            question: metric.question,
            unit: metric.unit,
            band: metric.band,
            population: metric.population,
            excludes: metric.excludes,
            columns: metric.columns,
            dimensions: metric.dimensions.clone(),
            sql: metric.sql,
        };
        rollcall_query::metrics().iter().map(definition).collect()
    }

    fn page_sql(&self, name: &str) -> Option<&'static str> {
        rollcall_query::pages().iter().find(|page| page.name == name).map(|page| page.sql)
    }
}

impl Answers for Session {
    fn metric<'a>(
        &'a self,
        name: &'a str,
        filter: &'a Filter,
    ) -> BoxFuture<'a, Result<MetricResult, Failure>> {
        Box::pin(async move { Session::metric(self, name, filter).await.map_err(failure) })
    }

    fn page<'a>(
        &'a self,
        name: &'a str,
        parameters: &'a [(&'static str, Value)],
    ) -> BoxFuture<'a, Result<Vec<RecordBatch>, Failure>> {
        Box::pin(async move {
            let bound: Vec<_> =
                parameters.iter().map(|(name, value)| (*name, value.to_scalar())).collect();
            Session::page(self, name, &bound).await.map_err(failure)
        })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err wants")]
fn failure(error: QueryError) -> Failure {
    Failure { kind: FailureKind::Failed, message: error.to_string() }
}

impl Value {
    /// The value as the query engine has it. The type is whatever `page` takes,
    /// so that this crate doesn't have to know the engine; a day goes as text,
    /// which `page` reads as the query's header says.
    fn to_scalar<S: for<'a> From<Option<&'a str>> + From<Option<i64>>>(&self) -> S {
        match self {
            Self::Text(text) => text.as_deref().into(),
            Self::Int(number) => (*number).into(),
            Self::Date(day) => Some(day.to_string().as_str()).into(),
        }
    }
}
