//! One `[[pull]]` of the settings: whose logs, which, and with what credentials. Secrets
//! are named by where they are and never stand here.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;
use url::Url;

use rollcall_lake::Secret;

use super::auth::Credentials;
use super::client::{Client, Setup};
use super::clock::{Clock, System};
use super::collector::Reader;
use super::error::{PullError, PullResult};
use super::table::{logs, vendor};
use super::vendor::{Auth, Endpoint, Kind, Vendor};

/// How far back the first reading looks where the settings don't say, days.
const START_DAYS: u32 = 7;
/// Seconds between two readings at least.
const LEAST_SECONDS: u64 = 10;

/// The keys of one `[[pull]]`.
pub const KEYS: &[&str] = &[
    "name",
    "kind",
    "url",
    "login",
    "organisation",
    "what",
    "start_days",
    "every_seconds",
    "client_id",
    "token_env",
    "token_file",
    "factors",
    "policies",
];

/// One vendor to ask.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PullSettings {
    /// Its name; its collectors are called NAME/LOG.
    pub name: String,
    /// Whose API it is.
    pub kind: Kind,
    /// The API's address, where the vendor's customers have their own.
    #[serde(default)]
    pub url: Option<String>,
    /// Where tokens are given, where it isn't the vendor's usual place.
    #[serde(default)]
    pub login: Option<String>,
    /// GitHub: the organisation or enterprise. Entra: the tenant. Keycloak: the realm.
    #[serde(default)]
    pub organisation: Option<String>,
    /// The logs to read; the vendor's usual ones where none are named.
    #[serde(default)]
    pub what: Vec<String>,
    /// How far back the first reading looks, days.
    #[serde(default)]
    pub start_days: Option<u32>,
    /// Seconds between two readings.
    #[serde(default)]
    pub every_seconds: Option<u64>,
    /// The application's id (Entra, Auth0, Keycloak), the integration key (Duo), the
    /// administrator in whose name is asked (Google Workspace).
    #[serde(default)]
    pub client_id: Option<String>,
    /// The variable that holds the token, the application's secret or the secret key.
    #[serde(default)]
    pub token_env: Option<String>,
    /// The file that holds it.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
    /// Whether a snapshot of its accounts' factors is taken each day.
    #[serde(default)]
    pub factors: bool,
    /// Whether a snapshot of its policies is taken each day.
    #[serde(default)]
    pub policies: bool,
}

/// A vendor's account, ready to be asked.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its name in the settings.
    pub name: String,
    /// Its logs.
    pub readers: Vec<Arc<Reader>>,
    /// Whether snapshots of factors are taken.
    pub factors: bool,
    /// Whether snapshots of its policies are taken.
    pub policies: bool,
    pub(super) vendor: &'static Vendor,
    pub(super) client: Arc<Client>,
    pub(super) organisation: String,
}

impl Account {
    /// The source that its events and factors are of.
    pub const fn source(&self) -> &'static str {
        self.vendor.source
    }
}

/// Opens every vendor that the settings name.
///
/// # Errors
/// If one of them can't be used, or its secret isn't there.
pub fn open(settings: &[PullSettings]) -> PullResult<Vec<Account>> {
    open_on(settings, &(Arc::new(System) as Arc<dyn Clock>))
}

/// The same on another clock.
pub(super) fn open_on(
    settings: &[PullSettings],
    clock: &Arc<dyn Clock>,
) -> PullResult<Vec<Account>> {
    let mut names = std::collections::HashSet::new();
    if let Some(twice) = settings.iter().find(|of| !names.insert(of.name.as_str())) {
        return Err(PullError::Settings(format!("there are two [[pull]] named {:?}", twice.name)));
    }
    settings.iter().map(|of| of.open(clock)).collect()
}

impl PullSettings {
    fn open(&self, clock: &Arc<dyn Clock>) -> PullResult<Account> {
        self.account(clock).map_err(|error| match error {
            PullError::Settings(what) => {
                PullError::Settings(format!("[[pull]] {:?}: {what}", self.name))
            }
            other => other,
        })
    }

    fn account(&self, clock: &Arc<dyn Clock>) -> PullResult<Account> {
        let wrong = |what: String| PullError::Settings(what);
        if !is_plain(&self.name) {
            return Err(wrong("a name has letters, digits, - _ and . , 64 at most".to_owned()));
        }
        let Some(vendor) = vendor(self.kind) else {
            return Err(wrong("its kind can't be asked".to_owned()));
        };
        let base = match (self.url.as_deref(), vendor.url) {
            (Some(url), _) | (None, Some(url)) => address("url", url)?,
            (None, None) => return Err(wrong("set url, the address of its API".to_owned())),
        };
        if vendor.usual.is_empty() && !self.factors {
            return Err(wrong(
                "this kind is asked for factors only: set factors = true".to_owned(),
            ));
        }
        let organisation = self.organisation(vendor)?;
        let endpoints = self.endpoints()?;
        let setup = Setup {
            vendor,
            base,
            login: self.login(vendor, &organisation)?,
            credentials: self.credentials(vendor)?,
            clock: Arc::clone(clock),
        };
        let client = Arc::new(Client::new(setup)?);
        let readers = endpoints
            .into_iter()
            .map(|endpoint| {
                let days = self.start_days.unwrap_or(START_DAYS).min(endpoint.look_back_days);
                let every = self.every_seconds.unwrap_or(endpoint.every).max(LEAST_SECONDS);
                let reader = Reader {
                    collector: format!("{}/{}", self.name, endpoint.what),
                    endpoint,
                    client: Arc::clone(&client),
                    organisation: organisation.clone(),
                    start_days: days,
                    every: std::time::Duration::from_secs(every),
                };
                Arc::new(reader)
            })
            .collect();
        let Self { name, factors, policies, .. } = self;
        let (name, factors, policies) = (name.clone(), *factors, *policies);
        Ok(Account { name, readers, factors, policies, vendor, client, organisation })
    }

    fn organisation(&self, vendor: &Vendor) -> PullResult<String> {
        match (&self.organisation, vendor.has_organisation) {
            (Some(name), true) if is_plain(name) => Ok(name.clone()),
            (Some(_), true) => Err(PullError::Settings(
                "organisation takes a name of letters, digits, - _ and . as it stands in addresses"
                    .to_owned(),
            )),
            (None, false) => Ok(String::new()),
            (None, true) => Err(PullError::Settings(
                "set organisation (GitHub: the organisation or enterprise; Entra: the tenant; \
                 Keycloak: the realm)"
                    .to_owned(),
            )),
            (Some(_), false) => {
                Err(PullError::Settings("this kind has no organisation".to_owned()))
            }
        }
    }

    fn endpoints(&self) -> PullResult<Vec<&'static Endpoint>> {
        let usual = vendor(self.kind).map_or(&[][..], |vendor| vendor.usual);
        let mut wanted: Vec<&str> = self.what.iter().map(String::as_str).collect();
        if wanted.is_empty() {
            wanted.extend(usual);
        }
        wanted.sort_unstable();
        wanted.dedup();
        wanted
            .into_iter()
            .map(|what| {
                logs(self.kind).find(|log| log.what == what).ok_or_else(|| {
                    let all: Vec<&str> = logs(self.kind).map(|log| log.what).collect();
                    PullError::Settings(match all.as_slice() {
                        [] => "of this kind no log can be asked for".to_owned(),
                        all => format!("there is no log {what:?}; there are {}", all.join(", ")),
                    })
                })
            })
            .collect()
    }

    fn login(&self, vendor: &Vendor, organisation: &str) -> PullResult<Option<Url>> {
        let (login, path) = match vendor.auth {
            Auth::ClientCredentials { login, path, .. } => (login, path),
            Auth::ServiceAccount { login, path, .. } => (Some(login), path),
            Auth::Token(_) | Auth::Duo if self.login.is_none() => return Ok(None),
            Auth::Token(_) | Auth::Duo => {
                return Err(PullError::Settings("this kind has no login".to_owned()));
            }
        };
        let given = self.login.as_deref().or(login).or(self.url.as_deref());
        let mut url = address("login", given.unwrap_or_default())?;
        let path = path.replace("{organisation}", organisation);
        url.set_path(&format!("{}{path}", url.path().trim_end_matches('/')));
        Ok(Some(url))
    }

    fn credentials(&self, vendor: &Vendor) -> PullResult<Credentials> {
        let secret = Secret::of("token", self.token_env.as_deref(), self.token_file.as_ref())?;
        let Some(secret) = secret else {
            return Err(PullError::Settings(
                "set token_env or token_file: where its token or secret is".to_owned(),
            ));
        };
        let id = match (vendor.auth, &self.client_id) {
            (Auth::Token(_), None) => String::new(),
            (Auth::Token(_), Some(_)) => {
                return Err(PullError::Settings("this kind has no client_id".to_owned()));
            }
            (_, Some(id)) if !id.is_empty() && id.bytes().all(|b| b.is_ascii_graphic()) => {
                id.clone()
            }
            _ => {
                return Err(PullError::Settings(
                    "set client_id (Entra, Auth0, Keycloak: the application's; Duo: the integration \
                     key; Google Workspace: the administrator in whose name is asked)"
                        .to_owned(),
                ));
            }
        };
        Ok(Credentials { id, secret })
    }
}

/// An address to which credentials may go: https, or http on this machine.
fn address(key: &str, text: &str) -> PullResult<Url> {
    let wrong = |what: &str| PullError::Settings(format!("{key} {what}"));
    let text = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&text).map_err(|_| wrong("isn't an address such as https://x.example"))?;
    let is_here = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(wrong("names no host")),
    };
    if !(url.scheme() == "https" || (url.scheme() == "http" && is_here)) {
        return Err(wrong("must begin with https://: credentials go there"));
    }
    let has_more = url.query().is_some() || url.fragment().is_some();
    if !url.username().is_empty() || url.password().is_some() || has_more {
        return Err(wrong("holds no user, password, ? or #"));
    }
    Ok(url)
}

/// Whether it can stand in an address and a log line as it is.
fn is_plain(name: &str) -> bool {
    let starts = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    let goes_on = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    starts && goes_on && name.len() <= 64
}
