//! An object store on the local disk whose writes are durable. The one that
//! delta-rs brings stages and links without any fsync: after a power cut a
//! commit can be there by name and empty.
//!
//! ```text
//! directories  made, and there after a power cut
//! list         what lies below a folder, all of it
//! ```

mod directories;
mod list;

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryFutureExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path as StorePath;
use object_store::{
    CopyOptions, Error as StoreError, GetOptions, GetResult, ListResult, MultipartUpload,
    ObjectMeta, ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult,
    Result as StoreResult, UploadPart,
};

use crate::error::LakeError;
pub use directories::create_private_directory;
pub(crate) use directories::{create_directory, fsync_directory};

static STAGED: AtomicU64 = AtomicU64::new(0);

/// A local object store, rooted at `/`, whose puts are on disk when they return.
#[derive(Debug)]
pub(crate) struct DurableStore {
    inner: LocalFileSystem,
    /// An fsync has failed: what lies there by name may be gone after a power cut.
    doubtful: Arc<AtomicBool>,
}

impl DurableStore {
    /// A store that says in `doubtful` when an fsync has failed.
    pub(crate) fn new(doubtful: Arc<AtomicBool>) -> Self {
        Self { inner: LocalFileSystem::new(), doubtful }
    }

    fn path(&self, location: &StorePath) -> StoreResult<PathBuf> {
        self.inner.path_to_filesystem(location)
    }

    fn files(
        &self,
        prefix: Option<&StorePath>,
        offset: Option<StorePath>,
    ) -> BoxStream<'static, StoreResult<ObjectMeta>> {
        let folder = self.path(&prefix.cloned().unwrap_or_default());
        let listed = async move {
            let folder = folder?;
            blocking(move || list::files(&folder, offset.as_ref())).await
        };
        let files = listed.map_ok(|files| futures::stream::iter(files.into_iter().map(Ok)));
        files.try_flatten_stream().boxed()
    }
}

impl std::fmt::Display for DurableStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DurableStore")
    }
}

fn generic(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::Generic { store: "DurableStore", source: source.into() }
}

/// Write, fsync, link or rename, fsync the directory.
fn put_durably(
    path: &Path,
    chunks: &[Bytes],
    create: bool,
    doubtful: &AtomicBool,
) -> StoreResult<()> {
    let parent =
        path.parent().ok_or_else(|| generic(format!("{} has no parent", path.display())))?;
    create_directory(parent).map_err(generic)?;
    // The store leaves names that end in # and digits out of its listings.
    let number = STAGED.fetch_add(1, Ordering::Relaxed);
    let mut staged = path.as_os_str().to_owned();
    staged.push(format!("#{}{number}", std::process::id()));
    let staged = PathBuf::from(staged);
    let publish = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(&staged)?;
        for chunk in chunks {
            file.write_all(chunk)?;
        }
        file.sync_all()?;
        if create { fs::hard_link(&staged, path) } else { fs::rename(&staged, path) }
    };
    let published = publish();
    if create || published.is_err() {
        // A leftover is only litter: listings skip it and the next start removes it.
        let _ = fs::remove_file(&staged);
    }
    published.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            StoreError::AlreadyExists { path: path.display().to_string(), source: error.into() }
        }
        _ => {
            generic(LakeError::File { action: "can't write", path: path.to_owned(), source: error })
        }
    })?;
    fsync_directory(parent).map_err(|error| {
        doubtful.store(true, Ordering::SeqCst);
        generic(error)
    })
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> StoreResult<T> + Send + 'static,
) -> StoreResult<T> {
    tokio::task::spawn_blocking(work).await.map_err(generic)?
}

#[async_trait]
impl ObjectStore for DurableStore {
    async fn put_opts(
        &self,
        location: &StorePath,
        payload: PutPayload,
        options: PutOptions,
    ) -> StoreResult<PutResult> {
        let create = match options.mode {
            PutMode::Create => true,
            PutMode::Overwrite => false,
            PutMode::Update(_) => {
                return Err(StoreError::NotImplemented {
                    operation: "put if unchanged".to_owned(),
                    implementer: "DurableStore".to_owned(),
                });
            }
        };
        let path = self.path(location)?;
        let chunks: Vec<Bytes> = payload.into_iter().collect();
        let doubtful = Arc::clone(&self.doubtful);
        blocking(move || put_durably(&path, &chunks, create, &doubtful)).await?;
        Ok(PutResult { e_tag: None, version: None })
    }

    async fn put_multipart_opts(
        &self,
        location: &StorePath,
        options: PutMultipartOptions,
    ) -> StoreResult<Box<dyn MultipartUpload>> {
        let path = self.path(location)?;
        if let Some(parent) = path.parent() {
            create_directory(parent).map_err(generic)?;
        }
        let inner = self.inner.put_multipart_opts(location, options).await?;
        Ok(Box::new(DurableUpload { inner, path, doubtful: Arc::clone(&self.doubtful) }))
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
        self.files(prefix, None)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&StorePath>,
        offset: &StorePath,
    ) -> BoxStream<'static, StoreResult<ObjectMeta>> {
        self.files(prefix, Some(offset.clone()))
    }

    async fn list_with_delimiter(&self, prefix: Option<&StorePath>) -> StoreResult<ListResult> {
        let folder = self.path(&prefix.cloned().unwrap_or_default())?;
        blocking(move || list::right_below(&folder)).await
    }

    async fn copy_opts(
        &self,
        from: &StorePath,
        to: &StorePath,
        options: CopyOptions,
    ) -> StoreResult<()> {
        let bytes = self.inner.get_opts(from, GetOptions::default()).await?.bytes().await?;
        let mode = match options.mode {
            object_store::CopyMode::Create => PutMode::Create,
            object_store::CopyMode::Overwrite => PutMode::Overwrite,
        };
        self.put_opts(to, bytes.into(), PutOptions { mode, ..PutOptions::default() }).await?;
        Ok(())
    }
}

/// An upload in parts whose result is on disk when it completes.
#[derive(Debug)]
struct DurableUpload {
    inner: Box<dyn MultipartUpload>,
    path: PathBuf,
    doubtful: Arc<AtomicBool>,
}

#[async_trait]
impl MultipartUpload for DurableUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.inner.put_part(data)
    }

    async fn complete(&mut self) -> StoreResult<PutResult> {
        let result = self.inner.complete().await?;
        let path = self.path.clone();
        let synced = blocking(move || {
            File::open(&path).and_then(|file| file.sync_all()).map_err(|source| {
                generic(LakeError::File { action: "can't fsync", path: path.clone(), source })
            })?;
            path.parent().map_or(Ok(()), |parent| fsync_directory(parent).map_err(generic))
        })
        .await;
        self.doubtful.fetch_or(synced.is_err(), Ordering::SeqCst);
        synced.map(|()| result)
    }

    async fn abort(&mut self) -> StoreResult<()> {
        self.inner.abort().await
    }
}
