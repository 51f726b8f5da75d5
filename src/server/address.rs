//! Where to listen, and whether that is safe.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result, bail};
use url::Url;

use crate::config::Config;

/// Refuses to listen where others can reach it unless a proxy that speaks TLS is
/// said to stand in front.
pub fn check(listen: SocketAddr, config: &Config) -> Result<()> {
    if !listen.ip().is_loopback() && !config.server.behind_proxy {
        bail!(
            "{listen} can be reached by others, and rollcall speaks no TLS itself: put a proxy in front and set server.behind_proxy = true (or ROLLCALL_BEHIND_PROXY=true), or listen on 127.0.0.1"
        );
    }
    Ok(())
}

/// The name of the file that says where the running server is.
const FILE: &str = "address";

/// Leaves word of where the server is, for commands beside it.
pub fn remember(data: &Path, base_url: &Url) -> Result<()> {
    let file = data.join(FILE);
    std::fs::write(&file, base_url.as_str())
        .with_context(|| format!("can't write {}", file.display()))
}

/// The address that people use: the configured one, else the last server's on
/// this data, else the configured port on this machine.
pub fn of_last_server(data: &Path, config: &Config) -> Result<Url> {
    if config.server.public_url.is_none()
        && let Ok(text) = std::fs::read_to_string(data.join(FILE))
        && let Ok(url) = Url::parse(text.trim())
    {
        return Ok(url);
    }
    base_url(config.server.listen, config)
}

/// The address that people use.
pub fn base_url(listen: SocketAddr, config: &Config) -> Result<Url> {
    match &config.server.public_url {
        Some(address) => {
            let url = Url::parse(address)
                .with_context(|| format!("server.public_url is {address:?}; it takes an address such as https://rollcall.corp.example"))?;
            if !matches!(url.scheme(), "http" | "https") {
                bail!(
                    "server.public_url must begin with https:// or http://, not {}://",
                    url.scheme()
                );
            }
            Ok(url)
        }
        None => Ok(Url::parse(&format!("http://localhost:{}", listen.port()))?),
    }
}
