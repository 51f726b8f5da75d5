//! Connections: how many, how long one may take to say what it wants, and how
//! they end.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Stopping;

/// How many connections there may be, and how patient the server is.
#[derive(Debug, Clone, Copy)]
pub struct Connections {
    /// Open at once. More wait to be taken until one ends.
    pub most: usize,
    /// In which a request's head must arrive, counted from the end of the answer
    /// before it: a connection that says nothing for as long is closed.
    pub head_timeout: Duration,
}

/// Wait after a connection couldn't be taken, for want of file descriptors say.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until the process is to end, then until the requests that have begun
/// are answered.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    connections: Connections,
    stopping: Stopping,
) {
    let free = Arc::new(Semaphore::new(connections.most));
    let mut open = JoinSet::new();
    loop {
        // The semaphore is never closed.
        let Ok(permit) = Arc::clone(&free).acquire_owned().await else { break };
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            () = stopping.asked() => break,
        };
        match taken {
            Ok((stream, _)) => {
                let (router, stopping) = (router.clone(), stopping.clone());
                open.spawn(async move {
                    connection(stream, router, connections.head_timeout, stopping).await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(error = %error, "a connection can't be taken");
                tokio::time::sleep(PAUSE).await;
            }
        }
        while open.try_join_next().is_some() {}
    }
    while open.join_next().await.is_some() {}
}

async fn connection(stream: TcpStream, router: Router, head_timeout: Duration, stopping: Stopping) {
    // Answers are written whole; waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopping.asked() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // A client that goes away, or sends what isn't HTTP, is its own affair.
        tracing::debug!(error = %error, "a connection has failed");
    }
}

/// Lets the process open as many files as the system allows it, since each
/// connection is one.
pub fn raise_open_files() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(error = %error, "the limit of open files can't be raised");
    }
}
