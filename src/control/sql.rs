//! SQL asked of a running server, which also sees what isn't sealed yet.
//!
//! The answer is a line of JSON ([`Head`]) and, where the query was taken, the
//! rows as an Arrow stream.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::ipc::{reader::StreamReader, writer::StreamWriter};
use axum::Json;
use axum::extract::State;
use http_body_util::BodyExt;
use rollcall_query::{Catalog, Limits, Reached};
use serde::{Deserialize, Serialize};
use tokio::net::UnixStream;

use super::client;

/// A query with the limits of whoever asks it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Query {
    text: String,
    rows: usize,
    bytes: usize,
    milliseconds: u64,
    memory_bytes: usize,
}

/// What comes before the rows.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Head {
    Rows { reached: Option<Reached> },
    Failed(String),
}

/// A result: its columns, its rows, and the limit that cut it off, if one did.
#[derive(Debug)]
pub struct Answered {
    /// The columns.
    pub schema: SchemaRef,
    /// The rows.
    pub batches: Vec<RecordBatch>,
    /// The limit that was reached.
    pub reached: Option<Reached>,
}

/// Answers a query from a catalog of this process.
pub async fn answer(catalog: &Catalog, query: &str, limits: &Limits) -> Result<Answered> {
    let typed = catalog.session().typed(query, limits).await?;
    let schema = Arc::clone(&typed.schema);
    let (batches, end) = typed.collect().await?;
    Ok(Answered { schema, batches, reached: end.and_then(|end| end.reached) })
}

/// Asks the server on a data directory; `None` where there is none.
pub async fn ask(socket: &Path, query: &str, limits: &Limits) -> Result<Option<Answered>> {
    let Ok(stream) = UnixStream::connect(socket).await else { return Ok(None) };
    let query = Query {
        text: query.to_owned(),
        rows: limits.rows,
        bytes: limits.bytes,
        milliseconds: u64::try_from(limits.time.as_millis()).unwrap_or(u64::MAX),
        memory_bytes: limits.memory_bytes,
    };
    let body = client::post(stream, "/sql", &query).await?.collect().await?.to_bytes();
    let Some(end) = body.iter().position(|byte| *byte == b'\n') else {
        bail!("the server on {} ended before it answered", socket.display())
    };
    match serde_json::from_slice(body.get(..end).unwrap_or_default())? {
        Head::Failed(reason) => bail!(reason),
        Head::Rows { reached } => {
            let rows = StreamReader::try_new(body.get(end + 1..).unwrap_or_default(), None)?;
            let schema = rows.schema();
            Ok(Some(Answered { schema, batches: rows.collect::<Result<_, _>>()?, reached }))
        }
    }
}

/// `POST /sql` on the socket.
pub(super) async fn serve(State(catalog): State<Catalog>, Json(query): Json<Query>) -> Vec<u8> {
    let limits = Limits {
        rows: query.rows,
        bytes: query.bytes,
        time: Duration::from_millis(query.milliseconds),
        memory_bytes: query.memory_bytes,
    };
    let answered = match answer(&catalog, &query.text, &limits).await {
        Ok(answered) => write(&answered),
        Err(error) => Err(error),
    };
    answered.unwrap_or_else(|error| line(&Head::Failed(format!("{error:#}"))).unwrap_or_default())
}

fn write(answered: &Answered) -> Result<Vec<u8>> {
    let mut out = line(&Head::Rows { reached: answered.reached })?;
    let mut writer = StreamWriter::try_new(&mut out, &answered.schema)?;
    for batch in &answered.batches {
        writer.write(batch)?;
    }
    writer.finish()?;
    drop(writer);
    Ok(out)
}

fn line(head: &Head) -> Result<Vec<u8>> {
    let mut line = serde_json::to_vec(head)?;
    line.push(b'\n');
    Ok(line)
}
