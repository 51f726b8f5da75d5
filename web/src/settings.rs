//! What the web server is told by the configuration.

use std::sync::Arc;

use chrono_tz::Tz;
use url::Url;

use crate::clock::{Clock, SystemClock};

/// Settings of the web server.
#[derive(Clone)]
pub struct WebSettings {
    /// The address that people use, for instance `http://localhost:8480`.
    pub base_url: Url,
    /// Further names that the server is reached by, without port.
    pub hosts: Vec<String>,
    /// The organisation's time zone: days are cut in it.
    pub time_zone: Tz,
    /// A sentence that stands on every page.
    pub notice: Option<Arc<str>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl WebSettings {
    /// Settings with the machine's clock and days in UTC.
    pub fn new(base_url: Url) -> Self {
        Self {
            base_url,
            hosts: Vec::new(),
            time_zone: Tz::UTC,
            notice: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// Whether people come over TLS: ours or a proxy's.
    pub fn is_tls(&self) -> bool {
        self.base_url.scheme() == "https"
    }
}
