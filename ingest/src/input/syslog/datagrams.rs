//! UDP: a message a datagram. Nothing holds a sender back, so that what comes in is taken
//! out of the socket at once and waits here, up to a limit, for the log. What is beyond it
//! is dropped, counted and told; what the system drops before nobody can count.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::UdpSocket;
use tokio::sync::Notify;

use super::framing::without_end;
use super::settings::Limits;
use crate::input::health::Meter;
use crate::input::inputs::Running;
use crate::input::sink::{Gatherer, Piece};
use crate::log::Batch;

/// Bytes that may wait for the log. As many may be on their way into it.
const WAITING: usize = 32 << 20;
/// Longest payload of a datagram.
const LONGEST: usize = 65_535;
/// Datagrams that are taken at once; also of those that are there when the process ends.
const AT_ONCE: usize = 4_096;
/// Wait after one couldn't be received.
const PAUSE: Duration = Duration::from_millis(100);
/// What goes wrong again and again is told so often.
const TELL: Duration = Duration::from_secs(60);

/// Receives until inputs end.
pub(super) async fn run(
    socket: std::net::UdpSocket,
    limits: Arc<Limits>,
    with: Running,
    meter: &Arc<Meter>,
) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    let socket = UdpSocket::from_std(socket)?;
    let queue = Queue::new(&limits);
    let receiving = async {
        let received = receive(&socket, &limits, &queue, &with, meter).await;
        queue.close();
        received
    };
    let (received, stored) = tokio::join!(receiving, store(&queue, &with, meter));
    stored.and(received)
}

/// What was received and isn't stored.
#[derive(Debug)]
struct Queue {
    inner: Mutex<(Gatherer, bool)>,
    has_more: Notify,
}

impl Queue {
    fn new(limits: &Limits) -> Self {
        let gatherer = Gatherer::new(&limits.source, &limits.collector);
        Self { inner: Mutex::new((gatherer, false)), has_more: Notify::new() }
    }

    /// Adds a message; returns whether there was room for it.
    fn push(&self, piece: Piece<'_>) -> bool {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = inner.0.bytes() + piece.bytes().len() <= WAITING;
        if fits {
            inner.0.push(piece);
        }
        fits
    }

    /// Nothing more comes.
    fn close(&self) {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
        self.has_more.notify_one();
    }

    /// What waits, and whether it is the last.
    fn take(&self) -> (Vec<Batch>, bool) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        (inner.0.take(), inner.1)
    }
}

async fn receive(
    socket: &UdpSocket,
    limits: &Limits,
    queue: &Queue,
    with: &Running,
    meter: &Meter,
) -> io::Result<()> {
    let mut told = Told::default();
    let mut buffer = vec![0; LONGEST];
    loop {
        let readable = tokio::select! {
            biased;
            () = with.stopped() => None,
            readable = socket.readable() => Some(readable),
        };
        let is_last = readable.is_none();
        readable.transpose()?;
        let mut left = AT_ONCE;
        while left > 0 {
            left -= 1;
            match socket.try_recv_from(&mut buffer) {
                Ok((length, from)) => {
                    let datagram = buffer.get(..length).unwrap_or_default();
                    message(datagram, from, limits, queue, meter, &mut told);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => {
                    tracing::warn!(collector.name = %limits.collector, error = %error,
                        "a datagram can't be received");
                    meter.note(format!("a datagram can't be received: {error}"));
                    tokio::time::sleep(PAUSE).await;
                    break;
                }
            }
        }
        if is_last {
            return Ok(());
        }
        queue.has_more.notify_one();
        // A flood mustn't keep the other tasks of this thread waiting.
        tokio::task::yield_now().await;
    }
}

fn message(
    datagram: &[u8],
    from: SocketAddr,
    limits: &Limits,
    queue: &Queue,
    meter: &Meter,
    told: &mut Told,
) {
    if !limits.allow(from.ip()) {
        if told.is_due(Trouble::Stranger) {
            tracing::warn!(collector.name = %limits.collector, client.address = %from.ip(),
                "datagrams from an address that may not send are passed over");
            meter.note(format!("{} may not send: `allow` doesn't name it", from.ip()));
        }
        return;
    }
    let message = without_end(datagram);
    let piece = match message.get(..limits.most) {
        Some(kept) if message.len() > limits.most => Piece::CutOff(kept),
        _ => Piece::Whole(message),
    };
    if !queue.push(piece) {
        meter.dropped(1);
        if told.is_due(Trouble::Full) {
            let reason = "more comes in by UDP than can be stored; datagrams are dropped";
            tracing::error!(collector.name = %limits.collector, "{reason}");
            meter.note(format!("{reason}: send by TCP, which waits"));
        }
    }
}

async fn store(queue: &Queue, with: &Running, meter: &Meter) -> io::Result<()> {
    let mut lost = None;
    loop {
        let (batches, is_last) = queue.take();
        let is_empty = batches.is_empty();
        for batch in batches {
            if lost.is_none() {
                lost = with.store(&batch, meter).await.err();
            }
            if lost.is_some() {
                meter.dropped(u64::from(batch.count));
            }
        }
        if is_last && is_empty {
            return lost.map_or(Ok(()), |error| {
                Err(io::Error::other(format!("what came in can't be stored: {error}")))
            });
        }
        if is_empty {
            queue.has_more.notified().await;
        }
    }
}

/// What goes wrong.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    Stranger,
    Full,
}

/// When it was told last.
#[derive(Debug, Default)]
struct Told {
    stranger: Option<Instant>,
    full: Option<Instant>,
}

impl Told {
    fn is_due(&mut self, trouble: Trouble) -> bool {
        let last = match trouble {
            Trouble::Stranger => &mut self.stranger,
            Trouble::Full => &mut self.full,
        };
        let is_due = last.is_none_or(|last| last.elapsed() >= TELL);
        if is_due {
            *last = Some(Instant::now());
        }
        is_due
    }
}
