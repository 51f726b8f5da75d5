//! Hands work over and shows its progress.

use std::path::Path;

use anyhow::{Context, Result, bail};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::UnixStream;

use super::{Answer, Update, Work};
use crate::usage;

/// Asks the process behind a socket; the body of its answer.
pub(super) async fn post(
    stream: UnixStream,
    path: &str,
    asked: &impl Serialize,
) -> Result<Incoming> {
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = hyper::Request::post(path)
        .header("host", "rollcall")
        .header("content-type", "application/json")
        .body(Full::new(axum::body::Bytes::from(serde_json::to_vec(asked)?)))?;
    Ok(sender.send_request(request).await?.into_body())
}

/// Sends work to the process that holds the lock of a data directory.
pub async fn hand_over(data: &Path, work: &Work, tell: &(dyn Fn(String) + Sync)) -> Result<Answer> {
    let socket = data.join("rollcall.sock");
    let stream = UnixStream::connect(&socket).await.with_context(|| {
        format!(
            "{} is in use by another process, which takes no work on {}; wait for it or stop it",
            data.display(),
            socket.display()
        )
    })?;
    let mut body = post(stream, "/work", work).await?;
    let mut text = Vec::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            text.extend_from_slice(&data);
        }
        while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = text.drain(..=end).collect();
            match serde_json::from_slice(&line)? {
                Update::Progress(now) => tell(now),
                Update::Done(answer) => return Ok(answer),
                Update::Failed(reason) => bail!(reason),
                Update::Misused(reason) => return Err(usage(reason)),
            }
        }
    }
    bail!("the process on {} ended before it answered", socket.display())
}
