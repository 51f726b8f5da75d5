//! What can go wrong with a question: what, to what, and what to do.

use std::time::Duration;

use datafusion::error::DataFusionError;

/// Result of this crate.
pub type Result<T, E = QueryError> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// A name that doesn't exist.
    #[error("there is no {kind} {name}{hint}")]
    Unknown {
        /// `table`, `column`, `function`, `metric`, `page` or `parameter`.
        kind: &'static str,
        /// The name as it was asked for.
        name: String,
        /// `; did you mean …?`, or which names there are; may be empty.
        hint: String,
    },
    /// A parameter that a page or metric needs, or that has the wrong type.
    #[error("parameter {name} of {of} {problem}")]
    Parameter {
        /// The parameter.
        name: String,
        /// The page or metric.
        of: String,
        /// What is wrong with it.
        problem: String,
    },
    /// SQL that does more than read.
    #[error("{what} isn't allowed here; only SELECT, VALUES and EXPLAIN are")]
    NotAllowed {
        /// The kind of statement, or the function.
        what: String,
    },
    /// SQL that doesn't parse.
    #[error("the SQL can't be read: {0}")]
    Syntax(String),
    /// SQL that parses but doesn't fit the tables.
    #[error("the SQL doesn't fit the tables: {0}")]
    Plan(String),
    /// A query that needs more memory than it may have.
    #[error(
        "the query needs more memory than its {limit_bytes} bytes; narrow the period, select fewer columns, or raise the limit in the configuration"
    )]
    Memory {
        /// The limit.
        limit_bytes: usize,
    },
    /// A query that gave nothing in its time.
    #[error(
        "the query gave no answer within {limit:?}; narrow the period, or raise the limit in the configuration"
    )]
    Time {
        /// The limit.
        limit: Duration,
    },
    /// A query that failed while it ran.
    #[error("the query failed: {0}")]
    Run(String),
    /// A query that came upon bytes that are no Parquet.
    #[error(
        "the query failed over a damaged file: {0}; `rollcall verify` names it: bring it back from a backup"
    )]
    Damaged(String),
    /// One of rollcall's own queries failed: a bug, or a damaged file.
    #[error(
        "rollcall's own query {name} failed: {source}; if it names a file, that file is damaged or gone: bring it back from a backup"
    )]
    Own {
        /// The view, page or metric.
        name: String,
        /// What the engine said.
        source: Box<DataFusionError>,
    },
    /// The engine couldn't be set up.
    #[error("the query engine can't start: {0}")]
    Engine(Box<DataFusionError>),
}

impl QueryError {
    /// For a failure of one of rollcall's own queries.
    pub(crate) fn own(name: &str) -> impl FnOnce(DataFusionError) -> Self {
        let name = name.to_owned();
        move |source| Self::Own { name, source: Box::new(source) }
    }
}
