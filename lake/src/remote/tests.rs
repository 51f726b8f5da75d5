//! A store in memory that can fail in every way that matters here.

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
            Fault::DoneThenSecond => {
                Err(StoreError::Precondition { path: location.to_string(), source: "412".into() })
            }
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

    async fn get_opts(&self, location: &StorePath, options: GetOptions) -> StoreResult<GetResult> {
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
