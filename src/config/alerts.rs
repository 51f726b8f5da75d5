//! `[alerts]`: where alerts go beside the dashboard.

use std::path::PathBuf;

use anyhow::Result;
use rollcall_ingest::notify::Webhook as Opened;
use rollcall_lake::Secret;
use rollcall_query::detect::Severity;

use crate::usage;

/// Where alerts go.
#[derive(Debug, confique::Config)]
pub struct Alerts {
    /// A topic of the brokers in [kafka], to which each alert and update is written.
    #[config(env = "ROLLCALL_ALERTS_TOPIC")]
    pub topic: Option<String>,
    /// The least severe alerts that are sent: low, medium, high or critical.
    #[config(default = "low", env = "ROLLCALL_ALERTS_SEVERITY")]
    pub severity: String,
    /// A signed POST for each alert and update: [alerts.webhook] (docs/detectors.md).
    #[config(nested)]
    pub webhook: Webhook,
}

/// A signed POST.
#[derive(Debug, confique::Config)]
pub struct Webhook {
    /// Where to: https, or http on this machine. Without it nothing is sent.
    #[config(env = "ROLLCALL_ALERTS_WEBHOOK_URL")]
    pub url: Option<String>,
    /// The environment variable that holds the secret which signs.
    pub secret_env: Option<String>,
    /// The file that holds it, for its owner alone.
    pub secret_file: Option<PathBuf>,
}

impl Alerts {
    /// The least severe alerts that are sent.
    pub fn least(&self) -> Result<Severity> {
        Severity::from_word(&self.severity).ok_or_else(|| {
            let words = Severity::ALL.map(Severity::as_str).join(", ");
            usage(format!("alerts.severity is {:?}; it takes {words}", self.severity))
        })
    }

    /// The webhook, if there is one.
    pub fn webhook(&self) -> Result<Option<Opened>> {
        let Webhook { url, secret_env, secret_file } = &self.webhook;
        let wrong = |reason: String| usage(format!("alerts.webhook: {reason}"));
        let secret = Secret::of("secret", secret_env.as_deref(), secret_file.as_ref());
        let secret = secret.map_err(|error| wrong(error.to_string()))?;
        match (url, secret) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(wrong("there is a secret and no url".to_owned())),
            (Some(_), None) => Err(wrong(
                "secret_env or secret_file must name the secret that signs what is sent".to_owned(),
            )),
            (Some(url), Some(secret)) => {
                Ok(Some(Opened::open(url, secret).map_err(|error| usage(error.to_string()))?))
            }
        }
    }
}
