//! What can go wrong with a question: what, to what, and what to do.

use std::error::Error;
use std::io::ErrorKind;
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
    /// A file that a query was to read isn't there.
    #[error(
        "a file that the query reads is gone: {0}; if `retain` or `erase` removed it just now, ask again; if not, `rollcall verify` tells what else is missing: bring it back from a backup"
    )]
    Gone(String),
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
    /// A database that knows where addresses are can't be used.
    #[error("the GeoIP database {path} {problem}")]
    GeoIp {
        /// Its path.
        path: String,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// Detection can't run as it is set, or what it knows can't be written.
    #[error("detection can't run: {problem}; see docs/detectors.md")]
    Detect {
        /// What is wrong.
        problem: String,
    },
    /// A derived file can't be written.
    #[error("{path} {problem}; it is derived and may be removed, but its folder must be writable")]
    Derived {
        /// Its path.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The engine couldn't be set up.
    #[error("the query engine can't start: {0}")]
    Engine(Box<DataFusionError>),
}

impl QueryError {
    /// For a failure of one of rollcall's own queries.
    pub(crate) fn own(name: &str) -> impl FnOnce(DataFusionError) -> Self {
        let name = name.to_owned();
        move |source| match gone(&source) {
            Some(said) => Self::Gone(said),
            None => Self::Own { name, source: Box::new(source) },
        }
    }
}

/// What an error says of a file that isn't there, if it comes of that.
pub(crate) fn gone(error: &DataFusionError) -> Option<String> {
    let mut causes =
        std::iter::successors(Some(error as &(dyn Error + 'static)), |cause| (*cause).source());
    let is_missing = |cause: &(dyn Error + 'static)| {
        let cause = cause.downcast_ref::<std::io::Error>();
        cause.is_some_and(|error| error.kind() == ErrorKind::NotFound)
    };
    let said = || error.find_root().to_string();
    causes.any(is_missing).then(|| said().lines().next().unwrap_or_default().to_owned())
}
