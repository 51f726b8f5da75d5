//! Where to listen, and whether that is safe.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use url::Url;

use crate::config::Config;

/// The address that people use. Refuses to listen where others can reach it
/// unless a proxy that speaks TLS is said to stand in front.
pub fn base_url(listen: SocketAddr, config: &Config) -> Result<Url> {
    if !listen.ip().is_loopback() && !config.server.behind_proxy {
        bail!(
            "{listen} can be reached by others, and rollcall speaks no TLS itself: put a proxy in front and set server.behind_proxy = true (or ROLLCALL_BEHIND_PROXY=true), or listen on 127.0.0.1"
        );
    }
    match &config.server.public_url {
        Some(address) => {
            let url = Url::parse(address)
                .with_context(|| format!("server.public_url is {address:?}; it takes an address such as https://rollcall.corp.example"))?;
            if !matches!(url.scheme(), "http" | "https") {
                bail!("server.public_url must begin with https:// or http://, not {}://", url.scheme());
            }
            Ok(url)
        }
        None => Ok(Url::parse(&format!("http://localhost:{}", listen.port()))?),
    }
}
