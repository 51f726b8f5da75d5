//! One place in an object store, by its URL: `s3://bucket/key`, or `file:///folder`
//! for another disk.
//!
//! Blocking, for threads that aren't the runtime's: notary and verification run in
//! `spawn_blocking`, and a [`Handle`] of a multi-threaded runtime is at hand.

use std::env;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, Checksum};
use object_store::client::{ClientConfigKey, HttpClient, HttpConnector};
use object_store::path::Path as StorePath;
use object_store::{
    ClientOptions, Error as StoreError, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutResult,
    Result as StoreResult, RetryConfig, UpdateVersion,
};
use tokio::runtime::Handle;
use url::Url;

use crate::store::DurableStore;

/// Longest wait for one answer.
const LIMIT: Duration = Duration::from_secs(20);
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
        let store: Arc<dyn ObjectStore> = match (url.scheme(), url.host_str()) {
            ("s3", Some(bucket)) => Arc::new(s3(bucket, prefix)?),
            ("file", None) => Arc::new(DurableStore::new(Arc::new(AtomicBool::new(false)))),
            _ => return Err(format!("{text} should be s3://bucket/name or file:///folder")),
        };
        Ok(Self { store, path, url: text.to_owned(), handle })
    }

    #[cfg(test)]
    pub(crate) fn of(store: Arc<dyn ObjectStore>, path: &str, handle: Handle) -> Self {
        Self { store, path: path.into(), url: format!("memory:///{path}"), handle }
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

/// An object store's words, short enough for a message.
pub(crate) fn first_line(error: &StoreError) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().chars().take(300).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::VecDeque;
    use std::fmt;
    use std::ops::Range;
    use std::sync::{Mutex, PoisonError};

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use futures::stream::BoxStream;
    use object_store::memory::InMemory;
    use object_store::{
        CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
        PutMultipartOptions, PutPayload,
    };
    use rollcall_ledger::Head;

    use super::*;

    /// What befalls one put.
    #[derive(Debug, Clone, Copy)]
    pub(crate) enum Fault {
        None,
        /// Not done, 503.
        Only503,
        /// Done, and then 503: the answer was lost.
        DoneThen503,
        /// Done, tried again below, and told that it came second.
        DoneThenSecond,
        /// Another wrote this head just before.
        OtherFirst(Head),
    }

    /// A store in memory, with faults.
    #[derive(Debug)]
    pub(crate) struct Faulty {
        inner: InMemory,
        faults: Mutex<VecDeque<Fault>>,
        puts: std::sync::atomic::AtomicUsize,
    }

    impl Faulty {
        pub(crate) fn new(faults: &[Fault]) -> Self {
            Self {
                inner: InMemory::new(),
                faults: Mutex::new(faults.iter().copied().collect()),
                puts: 0.into(),
            }
        }

        pub(crate) fn puts(&self) -> usize {
            self.puts.load(std::sync::atomic::Ordering::SeqCst)
        }

        fn next(&self) -> Fault {
            let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
            faults.pop_front().unwrap_or(Fault::None)
        }
    }

    impl fmt::Display for Faulty {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Faulty")
        }
    }

    #[async_trait::async_trait]
    impl ObjectStore for Faulty {
        async fn put_opts(
            &self,
            location: &StorePath,
            payload: PutPayload,
            options: PutOptions,
        ) -> StoreResult<PutResult> {
            self.puts.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let fault = self.next();
            match fault {
                Fault::Only503 => return Err(generic("503".to_owned())),
                Fault::OtherFirst(head) => {
                    let text = format!("{}\n{}\n", head.size, STANDARD.encode(head.root));
                    self.inner.put(location, text.into()).await?;
                }
                _ => {}
            }
            let done = self.inner.put_opts(location, payload, options).await?;
            match fault {
                Fault::DoneThen503 => Err(generic("503".to_owned())),
                Fault::DoneThenSecond => Err(StoreError::Precondition {
                    path: location.to_string(),
                    source: "412".into(),
                }),
                _ => Ok(done),
            }
        }

        async fn put_multipart_opts(
            &self,
            location: &StorePath,
            options: PutMultipartOptions,
        ) -> StoreResult<Box<dyn MultipartUpload>> {
            self.inner.put_multipart_opts(location, options).await
        }

        async fn get_opts(
            &self,
            location: &StorePath,
            options: GetOptions,
        ) -> StoreResult<GetResult> {
            self.inner.get_opts(location, options).await
        }

        async fn get_ranges(
            &self,
            location: &StorePath,
            ranges: &[Range<u64>],
        ) -> StoreResult<Vec<Bytes>> {
            self.inner.get_ranges(location, ranges).await
        }

        fn delete_stream(
            &self,
            locations: BoxStream<'static, StoreResult<StorePath>>,
        ) -> BoxStream<'static, StoreResult<StorePath>> {
            self.inner.delete_stream(locations)
        }

        fn list(&self, prefix: Option<&StorePath>) -> BoxStream<'static, StoreResult<ObjectMeta>> {
            self.inner.list(prefix)
        }

        async fn list_with_delimiter(&self, prefix: Option<&StorePath>) -> StoreResult<ListResult> {
            self.inner.list_with_delimiter(prefix).await
        }

        async fn copy_opts(
            &self,
            from: &StorePath,
            to: &StorePath,
            options: CopyOptions,
        ) -> StoreResult<()> {
            self.inner.copy_opts(from, to, options).await
        }
    }

    /// A runtime whose handle the blocking code waits on.
    pub(crate) fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime")
    }
}
