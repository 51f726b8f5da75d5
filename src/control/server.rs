//! Takes work on the socket: whoever may write to the directory may send it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use rollcall_query::Catalog;
use tokio::net::UnixListener;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

use super::{Update, Work, Worker};
use crate::is_usage;

/// Listens on the socket until the process ends.
pub fn listen(socket: &Path, worker: Worker, catalog: Catalog) -> Result<()> {
    // The lock is ours: a socket that lies there is a dead process's.
    if let Err(error) = std::fs::remove_file(socket)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        return Err(error).with_context(|| format!("can't remove {}", socket.display()));
    }
    let listener = UnixListener::bind(socket)
        .with_context(|| format!("can't listen on {}", socket.display()))?;
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o600))
        .with_context(|| format!("can't protect {}", socket.display()))?;
    let router = Router::new()
        .route("/work", post(work))
        .with_state(worker)
        .merge(Router::new().route("/sql", post(super::sql::serve)).with_state(catalog));
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(error = %error, "the control socket has ended");
        }
    });
    Ok(())
}

async fn work(State(worker): State<Worker>, Json(work): Json<Work>) -> Response {
    let (updates, inbox) = mpsc::channel::<Update>(64);
    tokio::spawn(async move {
        let tell = |text: String| {
            // Progress may be dropped; the answer may not.
            let _ = updates.try_send(Update::Progress(text));
        };
        let last = match worker.perform(work, &tell).await {
            Ok(answer) => Update::Done(answer),
            Err(error) if is_usage(&error) => Update::Misused(format!("{error:#}")),
            Err(error) => Update::Failed(format!("{error:#}")),
        };
        // A client that has gone away doesn't stop the work.
        let _ = updates.send(last).await;
    });
    let lines = ReceiverStream::new(inbox).map(|update| {
        let mut line = serde_json::to_vec(&update)?;
        line.push(b'\n');
        Ok::<_, serde_json::Error>(Bytes::from(line))
    });
    Body::from_stream(lines).into_response()
}
