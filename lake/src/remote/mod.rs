//! One place in an object store, by its URL: `s3://bucket/key`, or `file:///folder`
//! for another disk.
//!
//! Blocking, for threads that aren't the runtime's: notary and verification run in
//! `spawn_blocking`, and a [`Handle`] of a multi-threaded runtime is at hand.

use std::env;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, Checksum};
use object_store::client::{ClientConfigKey, HttpClient, HttpConnector};
use object_store::path::Path as StorePath;
use object_store::{
    ClientOptions, Error as StoreError, ObjectStore, ObjectStoreExt, PutMode, PutOptions,
    PutResult, Result as StoreResult, RetryConfig, UpdateVersion,
};
use tokio::runtime::Handle;
use url::Url;

use crate::store::DurableStore;

/// Longest wait for one answer. After a put without an answer it's read again, so
/// that both together take 20 seconds.
const LIMIT: Duration = Duration::from_secs(10);
/// Bytes that one object may have; checkpoints have a few hundred.
const MAX_BYTES: u64 = 64 << 10;
/// Objects that are read at the same time.
const AT_ONCE: usize = 16;

/// A place in an object store.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    store: Arc<dyn ObjectStore>,
    path: StorePath,
    url: String,
    /// A folder on a disk: it must be there, or the disk isn't mounted.
    folder: Option<PathBuf>,
    handle: Handle,
}

impl Remote {
    /// The place that a URL names. S3's settings come from the variables
    /// `<prefix>AWS_…`, and where there are none, from `AWS_…`.
    ///
    /// # Errors
    /// What is wrong with the URL or the variables.
    pub(crate) fn open(text: &str, prefix: &str, handle: Handle) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("{text:?} isn't a URL: {error}"))?;
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err(format!(
                "{}:// takes no user, password, ? or #; credentials come from variables",
                url.scheme()
            ));
        }
        let path = StorePath::from_url_path(url.path())
            .map_err(|error| format!("{text} names no place: {error}"))?;
        if path.as_ref().is_empty() {
            return Err(format!("{text} needs a name behind the /"));
        }
        let mut folder = None;
        let store: Arc<dyn ObjectStore> = match (url.scheme(), url.host_str()) {
            ("s3", Some(bucket)) => Arc::new(s3(bucket, prefix)?),
            ("file", None) => {
                folder = url.to_file_path().ok();
                Arc::new(DurableStore::new(Arc::new(AtomicBool::new(false))))
            }
            _ => return Err(format!("{text} should be s3://bucket/name or file:///folder")),
        };
        Ok(Self { store, path, url: text.to_owned(), folder, handle })
    }

    #[cfg(test)]
    pub(crate) fn of(store: Arc<dyn ObjectStore>, path: &str, handle: Handle) -> Self {
        let url = format!("memory:///{path}");
        Self { store, path: path.into(), url, folder: None, handle }
    }

    /// Its URL, for messages; holds no secret.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A place below this one.
    pub(crate) fn below(&self, name: &str) -> Self {
        Self {
            path: self.path.clone().join(name),
            url: format!("{}/{name}", self.url.trim_end_matches('/')),
            ..self.clone()
        }
    }

    /// What lies there, with the version to replace it by; `None` if nothing does.
    pub(crate) fn read(&self) -> StoreResult<Option<(Bytes, UpdateVersion)>> {
        let (store, path) = (Arc::clone(&self.store), self.path.clone());
        self.wait(async move {
            let found = match store.get(&path).await {
                Ok(found) => found,
                Err(StoreError::NotFound { .. }) => return Ok(None),
                Err(error) => return Err(error),
            };
            if found.meta.size > MAX_BYTES {
                return Err(generic(format!("it has {} bytes, too many", found.meta.size)));
            }
            let (e_tag, version) = (found.meta.e_tag.clone(), found.meta.version.clone());
            Ok(Some((found.bytes().await?, UpdateVersion { e_tag, version })))
        })
    }

    /// Whether there is anything to put into: a folder that is made here could lie on
    /// the wrong disk.
    pub(crate) fn check_folder(&self) -> StoreResult<()> {
        match &self.folder {
            Some(folder) if !folder.is_dir() => {
                Err(generic("there is no such folder; mount the disk, or make it".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Puts bytes there, if nothing lies there (`None`) or only what was read.
    pub(crate) fn put(
        &self,
        bytes: Vec<u8>,
        replaces: Option<UpdateVersion>,
    ) -> StoreResult<PutResult> {
        let (store, path) = (Arc::clone(&self.store), self.path.clone());
        let mode = replaces.map_or(PutMode::Create, PutMode::Update);
        self.wait(async move {
            let options = PutOptions { mode, ..PutOptions::default() };
            store.put_opts(&path, bytes.into(), options).await
        })
    }

    /// The names directly below this place.
    pub(crate) fn names(&self) -> StoreResult<Vec<String>> {
        let (store, path) = (Arc::clone(&self.store), self.path.clone());
        // As long as it takes: every answer holds a thousand names.
        let listed = self.handle.block_on(store.list_with_delimiter(Some(&path)))?;
        let names = listed.objects.iter().filter_map(|object| object.location.filename());
        Ok(names.map(str::to_owned).collect())
    }

    /// What lies under names directly below this place, in their order.
    pub(crate) fn read_all(&self, names: &[String]) -> StoreResult<Vec<Vec<u8>>> {
        let read = |name: &String| {
            let (store, path) = (Arc::clone(&self.store), self.path.clone().join(name.as_str()));
            async move {
                let found = store.get(&path).await?;
                if found.meta.size > MAX_BYTES {
                    return Err(generic(format!("{path} has {} bytes, too many", found.meta.size)));
                }
                Ok(found.bytes().await?.to_vec())
            }
        };
        let reads = futures::stream::iter(names.iter().map(read).collect::<Vec<_>>());
        self.handle.block_on(reads.buffered(AT_ONCE).try_collect())
    }

    fn wait<T>(&self, work: impl Future<Output = StoreResult<T>>) -> StoreResult<T> {
        self.handle.block_on(async {
            tokio::time::timeout(LIMIT, work)
                .await
                .unwrap_or_else(|_| Err(generic(format!("no answer in {} s", LIMIT.as_secs()))))
        })
    }
}

fn generic(detail: String) -> StoreError {
    StoreError::Generic { store: "rollcall", source: detail.into() }
}

fn s3(bucket: &str, prefix: &str) -> Result<impl ObjectStore, String> {
    let mut builder = AmazonS3Builder::new();
    // Those with the prefix last: they take the place of the others.
    let prefixes = if prefix.is_empty() { vec![""] } else { vec!["", prefix] };
    for prefix in prefixes {
        for (name, value) in variables(prefix) {
            if let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
                builder = builder.with_config(key, value);
            }
        }
    }
    let value = |key: AmazonS3ConfigKey| builder.get_config_value(&key).unwrap_or_default();
    let is_plain = value(AmazonS3ConfigKey::Endpoint).starts_with("http://");
    if is_plain && value(AmazonS3ConfigKey::Client(ClientConfigKey::AllowHttp)) != "true" {
        return Err(format!(
            "{prefix}AWS_ENDPOINT isn't https; if it is to be, set {prefix}AWS_ALLOW_HTTP=true"
        ));
    }
    builder
        .with_bucket_name(bucket)
        // Object lock asks for a checksum.
        .with_checksum_algorithm(Checksum::SHA256)
        .with_retry(RetryConfig { max_retries: 2, retry_timeout: LIMIT, ..RetryConfig::default() })
        .with_http_connector(Connector)
        .build()
        .map_err(|error| format!("s3://{bucket} can't be used: {}", first_line(&error)))
}

/// The variables `<prefix>AWS_…`, without the prefix.
fn variables(prefix: &str) -> impl Iterator<Item = (String, String)> {
    env::vars_os().filter_map(move |(name, value)| {
        let name = name.to_str()?.strip_prefix(prefix)?.to_owned();
        name.starts_with("AWS_").then_some(())?;
        Some((name, value.into_string().ok()?))
    })
}

/// HTTP without redirects and without the proxies of the environment.
#[derive(Debug)]
struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> StoreResult<HttpClient> {
        let plain = options.get_config_value(&ClientConfigKey::AllowHttp);
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .https_only(plain.as_deref() != Some("true"))
            .connect_timeout(LIMIT / 2)
            .timeout(LIMIT)
            .build()
            .map_err(|error| StoreError::Generic { store: "S3", source: error.into() })?;
        Ok(HttpClient::new(client))
    }
}

/// An object store's words, short enough for a message: the code and message of an
/// S3 error where there are some.
pub(crate) fn first_line(error: &StoreError) -> String {
    let text = match error {
        // Our own words need no name of a store before them.
        StoreError::Generic { store: "rollcall", source } => source.to_string(),
        error => error.to_string(),
    };
    let between = |tag: &str| {
        let (_, rest) = text.split_once(&format!("<{tag}>"))?;
        rest.split_once(&format!("</{tag}>")).map(|(inside, _)| inside)
    };
    let line = text.lines().next().unwrap_or_default();
    let line = match (between("Code"), between("Message")) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        _ => line.to_owned(),
    };
    line.chars().filter(|letter| !letter.is_control()).take(300).collect()
}

#[cfg(test)]
pub(crate) mod tests;
