//! One `[[syslog.listeners]]` of the settings, checked, and its socket.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use serde::Deserialize;
use tokio_rustls::TlsAcceptor;

use super::tls;
use crate::input::error::{InputError, check_name};
use crate::input::length;
use crate::source::Sources;

/// Longest datagram where the settings don't say, bytes.
const DATAGRAM_BYTES: usize = 64 << 10;
/// Connections of one listener where the settings don't say.
const CONNECTIONS: usize = 1_000;
/// Seconds without a message after which a connection is closed: long, since a sender
/// loses what it sends into a connection that was just closed.
const IDLE_SECONDS: u64 = 24 * 3600;
/// Bytes that the system may hold of datagrams that weren't read yet.
const RECEIVE_BUFFER: usize = 16 << 20;

/// How messages come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// One a datagram (RFC 5426).
    Udp,
    /// Behind each other on a connection (RFC 6587).
    Tcp,
    /// The same within TLS (RFC 5425).
    Tls,
}

/// One address to listen on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenerSettings {
    /// Address and port.
    pub address: SocketAddr,
    /// How messages come.
    pub protocol: Protocol,
    /// The source of all messages; without it each is recognised by its content.
    #[serde(default)]
    pub source: String,
    /// What stands in the column `collector`; `syslog-PROTOCOL-PORT` where it isn't set.
    #[serde(default)]
    pub collector: Option<String>,
    /// Networks that may send, as `10.0.0.0/8` or an address. Without any, all.
    #[serde(default)]
    pub allow: Vec<String>,
    /// Longest message, bytes.
    #[serde(default)]
    pub max_message_bytes: Option<usize>,
    /// Connections that may be open at once.
    #[serde(default)]
    pub connections: Option<usize>,
    /// Seconds without a message after which a connection is closed.
    #[serde(default)]
    pub idle_seconds: Option<u64>,
    /// TLS: the file with the server's certificate, and those between it and its root.
    #[serde(default)]
    pub certificate: Option<PathBuf>,
    /// TLS: the file with its key.
    #[serde(default)]
    pub key: Option<PathBuf>,
    /// TLS: the file with the certificates that a client's must come from.
    #[serde(default)]
    pub client_ca: Option<PathBuf>,
}

/// An address that is listened on.
#[derive(Debug)]
pub struct Listener {
    /// What stands in the column `collector`.
    pub collector: String,
    pub(super) socket: Socket,
    pub(super) limits: Arc<Limits>,
}

pub(super) enum Socket {
    Datagrams(std::net::UdpSocket),
    Stream(std::net::TcpListener, Option<TlsAcceptor>),
}

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Datagrams(_) => "Datagrams",
            Self::Stream(..) => "Stream",
        })
    }
}

#[cfg(test)]
impl Listener {
    /// The address that the system gave it.
    pub(super) fn address(&self) -> SocketAddr {
        let address = match &self.socket {
            Socket::Datagrams(socket) => socket.local_addr(),
            Socket::Stream(socket, _) => socket.local_addr(),
        };
        address.expect("an address")
    }
}

/// Who may send what.
#[derive(Debug)]
pub(super) struct Limits {
    pub(super) source: String,
    pub(super) collector: String,
    pub(super) most: usize,
    pub(super) connections: usize,
    pub(super) idle: Duration,
    allow: Vec<IpNet>,
}

impl Limits {
    /// Whether an address may send.
    pub(super) fn allow(&self, from: IpAddr) -> bool {
        let from = from.to_canonical();
        self.allow.is_empty() || self.allow.iter().any(|network| network.contains(&from))
    }
}

/// Checks the settings, and listens on their addresses.
///
/// # Errors
/// What is wrong with them, or that an address can't be listened on.
pub fn open(settings: &[ListenerSettings], sources: &Sources) -> Result<Vec<Listener>, InputError> {
    let mut names = HashSet::new();
    settings
        .iter()
        .map(|one| {
            let collector = one.collector();
            if !names.insert(collector.clone()) {
                return Err(one.wrong(format!("there are two listeners named {collector:?}")));
            }
            one.open(collector, sources)
        })
        .collect()
}

impl ListenerSettings {
    fn collector(&self) -> String {
        let protocol = match self.protocol {
            Protocol::Udp => "udp",
            Protocol::Tcp => "tcp",
            Protocol::Tls => "tls",
        };
        let usual = || format!("syslog-{protocol}-{}", self.address.port());
        self.collector.clone().unwrap_or_else(usual)
    }

    fn wrong(&self, detail: impl Into<String>) -> InputError {
        let name = self.address.to_string();
        InputError::Settings { table: "syslog.listeners", name, detail: detail.into() }
    }

    fn open(&self, collector: String, sources: &Sources) -> Result<Listener, InputError> {
        let limits = Arc::new(self.limits(collector.clone(), sources)?);
        let tls = self.tls()?;
        let failed = |source| InputError::Listen { address: self.address, source };
        let socket = match self.protocol {
            Protocol::Udp => Socket::Datagrams(datagrams(self.address).map_err(failed)?),
            Protocol::Tcp | Protocol::Tls => {
                Socket::Stream(std::net::TcpListener::bind(self.address).map_err(failed)?, tls)
            }
        };
        Ok(Listener { collector, socket, limits })
    }

    fn limits(&self, collector: String, sources: &Sources) -> Result<Limits, InputError> {
        check_name(&collector).map_err(|detail| self.wrong(detail))?;
        if !self.source.is_empty() {
            sources.named_of_others(&self.source).map_err(|detail| self.wrong(detail))?;
        }
        let usual = match self.protocol {
            Protocol::Udp => DATAGRAM_BYTES,
            Protocol::Tcp | Protocol::Tls => length::USUAL,
        };
        let most = length::longest("max_message_bytes", self.max_message_bytes, usual)
            .map_err(|detail| self.wrong(detail))?;
        if self.protocol == Protocol::Udp
            && (self.connections.is_some() || self.idle_seconds.is_some())
        {
            return Err(
                self.wrong("UDP has no connections: leave connections and idle_seconds out")
            );
        }
        let allow = self.allow.iter().map(|text| network(text)).collect::<Result<Vec<_>, _>>();
        let allow = allow.map_err(|detail| self.wrong(detail))?;
        if allow.is_empty() && self.client_ca.is_none() && !self.address.ip().is_loopback() {
            return Err(self.wrong(
                "whoever reaches it could write into the log: name the networks that may send, \
                 allow = [\"10.0.0.0/8\"], or, with TLS, client_ca",
            ));
        }
        Ok(Limits {
            source: self.source.clone(),
            collector,
            most,
            connections: self.connections.unwrap_or(CONNECTIONS).max(1),
            idle: Duration::from_secs(self.idle_seconds.unwrap_or(IDLE_SECONDS).max(1)),
            allow,
        })
    }

    fn tls(&self) -> Result<Option<TlsAcceptor>, InputError> {
        let named = [&self.certificate, &self.key, &self.client_ca];
        match (self.protocol, &self.certificate, &self.key) {
            (Protocol::Tls, Some(certificate), Some(key)) => {
                tls::acceptor(certificate, key, self.client_ca.as_deref()).map(Some)
            }
            (Protocol::Tls, ..) => {
                Err(self.wrong("TLS takes certificate and key, two files in PEM"))
            }
            _ if named.iter().any(|file| file.is_some()) => {
                Err(self.wrong("certificate, key and client_ca belong to protocol = \"tls\""))
            }
            _ => Ok(None),
        }
    }
}

/// A network, or an address by itself.
fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    let network = text.parse::<IpNet>().or_else(|_| address());
    network.map_err(|_| format!("allow takes networks such as 10.0.0.0/8, not {text:?}"))
}

/// A socket with as much room as the system gives it.
fn datagrams(address: SocketAddr) -> std::io::Result<std::net::UdpSocket> {
    use socket2::{Domain, Socket, Type};
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, None)?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    socket.bind(&address.into())?;
    // The system says twice what it gives, for its own bookkeeping.
    let given = socket.recv_buffer_size()? / 2;
    if given < RECEIVE_BUFFER {
        tracing::info!(listener.address = %address, given_bytes = given,
            wanted_bytes = RECEIVE_BUFFER,
            "the system gives less room for datagrams than it was asked for; sysctl net.core.rmem_max raises it");
    }
    Ok(socket.into())
}
