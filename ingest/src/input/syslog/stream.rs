//! TCP and TLS. Each connection is read by a task of its own, and only as fast as what it
//! sends is stored; whatever is wrong with one costs no other.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::Framing;
use super::settings::Limits;
use crate::input::health::Meter;
use crate::input::inputs::Running;
use crate::input::sink::{Gatherer, NotStored};

/// Wait after a connection couldn't be taken, for want of file descriptors say.
const PAUSE: Duration = Duration::from_millis(100);
/// Longest time for the greetings of TLS.
const GREETING: Duration = Duration::from_secs(10);
/// Silence after which the system asks whether the other end is still there.
const KEEPALIVE: Duration = Duration::from_secs(60);
/// Once the process ends: how long to wait for what is on its way, and for how long in all.
const LAST_WORD: Duration = Duration::from_millis(200);
const LAST_WORDS: Duration = Duration::from_secs(2);
/// Bytes that are read at once.
const PIECE: usize = 64 << 10;

/// Takes connections until inputs end, then ends them.
pub(super) async fn run(
    socket: std::net::TcpListener,
    tls: Option<TlsAcceptor>,
    limits: Arc<Limits>,
    with: Running,
    meter: &Arc<Meter>,
) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    let listener = TcpListener::from_std(socket)?;
    let free = Arc::new(Semaphore::new(limits.connections));
    let mut open = JoinSet::new();
    loop {
        let taken = tokio::select! {
            biased;
            () = with.stopped() => break,
            taken = take(&listener, &free) => taken,
        };
        while open.try_join_next().is_some() {}
        let (stream, from, permit) = match taken {
            Ok(Some(taken)) => taken,
            Ok(None) => break,
            Err(error) => {
                tracing::warn!(collector.name = %limits.collector, error = %error,
                    "a connection can't be taken");
                meter.note(format!("a connection can't be taken: {error}"));
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        if !limits.allow(from) {
            tracing::warn!(collector.name = %limits.collector, client.address = %from,
                "a connection from an address that may not send is closed");
            meter.note(format!("{from} may not send: `allow` doesn't name it"));
            continue;
        }
        let (tls, with, limits) = (tls.clone(), with.clone(), Arc::clone(&limits));
        let meter = Arc::clone(meter);
        open.spawn(async move {
            let connected = meter.connected();
            if let Err(error) = connection(stream, tls, &limits, &with, &meter).await {
                tracing::warn!(collector.name = %limits.collector, client.address = %from,
                    error = %error, "a connection has ended");
                meter.note(format!("the connection of {from} has ended: {error}"));
            }
            drop((connected, permit));
        });
    }
    drop(listener);
    while open.join_next().await.is_some() {}
    Ok(())
}

type Taken = (TcpStream, std::net::IpAddr, tokio::sync::OwnedSemaphorePermit);

/// The next connection, once there is room for it; none where the listener is done.
async fn take(listener: &TcpListener, free: &Arc<Semaphore>) -> io::Result<Option<Taken>> {
    // The semaphore is never closed.
    let Ok(permit) = Arc::clone(free).acquire_owned().await else { return Ok(None) };
    let (stream, from) = listener.accept().await?;
    Ok(Some((stream, from.ip(), permit)))
}

async fn connection(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    limits: &Limits,
    with: &Running,
    meter: &Meter,
) -> io::Result<()> {
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE);
    SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
    let Some(tls) = tls else { return read(stream, limits, with, meter).await };
    let greeted = tokio::select! {
        biased;
        () = with.stopped() => return Ok(()),
        greeted = tokio::time::timeout(GREETING, tls.accept(stream)) => greeted,
    };
    let stream = greeted.map_err(|_| io::Error::other("TLS took too long to begin"))??;
    read(stream, limits, with, meter).await
}

/// Reads a stream to its end; what is in the log is never more than one piece behind what
/// was read.
pub(super) async fn read(
    mut stream: impl AsyncRead + Unpin,
    limits: &Limits,
    with: &Running,
    meter: &Meter,
) -> io::Result<()> {
    let mut framing = Framing::new(limits.most);
    let mut gathered = Gatherer::new(&limits.source, &limits.collector);
    let mut piece = vec![0; PIECE];
    let mut last = None;
    // By the sender, in order: not by a limit, a broken line or this process' end.
    let mut is_ended = false;
    let ended = loop {
        let (wait, is_last) = match last {
            None => (limits.idle, false),
            Some(end) if tokio::time::Instant::now() >= end => break Ok(()),
            Some(_) => (LAST_WORD, true),
        };
        let some = tokio::select! {
            biased;
            () = with.stopped(), if !is_last => {
                last = Some(tokio::time::Instant::now() + LAST_WORDS);
                continue;
            }
            some = tokio::time::timeout(wait, stream.read(&mut piece)) => some,
        };
        let count = match some {
            Err(_) if is_last => break Ok(()),
            Err(_) => {
                let seconds = limits.idle.as_secs();
                break Err(io::Error::other(format!("nothing came for {seconds} seconds")));
            }
            Ok(Err(error)) => break Err(error),
            Ok(Ok(0)) => {
                is_ended = true;
                break Ok(());
            }
            Ok(Ok(count)) => count,
        };
        framing.push(piece.get(..count).unwrap_or_default());
        while let Some(message) = framing.message() {
            gathered.push(message);
        }
        store(&mut gathered, with, meter).await?;
    };
    if let Some(rest) = framing.end(is_ended) {
        gathered.push(rest);
    }
    store(&mut gathered, with, meter).await?;
    ended
}

async fn store(gathered: &mut Gatherer, with: &Running, meter: &Meter) -> io::Result<()> {
    let mut lost: Option<NotStored> = None;
    for batch in gathered.take() {
        if lost.is_none() {
            lost = with.store(&batch, meter).await.err();
        }
        if lost.is_some() {
            meter.dropped(u64::from(batch.count));
        }
    }
    match lost {
        None => Ok(()),
        Some(error) => Err(io::Error::other(format!("what it sent can't be stored: {error}"))),
    }
}
