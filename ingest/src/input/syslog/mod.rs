//! syslog: messages of RFC 5424 and RFC 3164 by UDP, TCP and TLS.
//!
//! ```text
//! settings    one [[syslog.listeners]] of the settings, checked; its socket
//! tls         certificates and keys
//! framing     a stream of bytes into messages
//! stream      TCP and TLS: connections
//! datagrams   UDP
//! ```
//!
//! A message is a record, with its header: readers of auth logs read it themselves, and
//! before JSON it is taken off where every envelope is. Nothing answers a syslog message,
//! so none is read from a connection before those before it are in the log: whoever sends
//! more than is stored is held back by TCP itself.

mod datagrams;
mod framing;
mod settings;
mod stream;
#[cfg(test)]
mod tests;
mod tls;

pub(crate) use framing::Framing;
pub use settings::{Listener, ListenerSettings, Protocol, open};

use super::health::{CollectorKind, CollectorState};
use super::inputs::Running;
use settings::Socket;

/// Listens until inputs end.
pub async fn run(listener: Listener, with: Running) {
    let meter = with.meter(CollectorKind::Syslog, &listener.collector);
    meter.is(CollectorState::Running);
    let ended = match listener.socket {
        Socket::Datagrams(socket) => datagrams::run(socket, listener.limits, with, &meter).await,
        Socket::Stream(socket, tls) => {
            stream::run(socket, tls, listener.limits, with, &meter).await
        }
    };
    match ended {
        Ok(()) => meter.is(CollectorState::Stopped),
        Err(error) => {
            tracing::error!(collector.name = %listener.collector, error = %error,
                "a listener has ended");
            meter.failed(format!("it listens no more: {error}"));
        }
    }
}
