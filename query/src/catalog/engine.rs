//! DataFusion's configuration, memory and the Parquet metadata cache. One
//! engine a catalog; every context has its own tables.

use std::sync::Arc;

use datafusion::catalog::MemoryCatalogProviderList;
use datafusion::common::config::TableParquetOptions;
use datafusion::execution::cache::cache_manager::FileMetadataCache;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{GreedyMemoryPool, MemoryPool, TrackConsumersPool};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::object_store::ObjectStore;
use datafusion::prelude::{SessionConfig, SessionContext};

use super::sound::Good;
use crate::error::{QueryError, Result};
use crate::function;
use crate::settings::Settings;

/// Footers and page indexes that are kept, in bytes.
const METADATA_BYTES: usize = 512 << 20;
/// Consumers that an exhausted pool names in the log.
const NAMED_CONSUMERS: std::num::NonZeroUsize = std::num::NonZeroUsize::MIN;

/// The engine.
#[derive(Debug)]
pub(crate) struct Engine {
    runtime: Arc<RuntimeEnv>,
    threads: usize,
    planning: SessionState,
    good: Good,
}

impl Engine {
    /// Sets the engine up.
    pub(crate) fn new(settings: &Settings) -> Result<Self> {
        // Nothing spills: a pool that keeps a share for each would refuse one query
        // what the others don't use.
        let pool = GreedyMemoryPool::new(settings.memory_bytes);
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(TrackConsumersPool::new(pool, NAMED_CONSUMERS)))
            .with_metadata_cache_limit(METADATA_BYTES)
            .with_disk_manager_builder(no_files())
            .build_arc()
            .map_err(|e| QueryError::Engine(Box::new(e)))?;
        let threads = settings.threads();
        let planning = SessionStateBuilder::new()
            .with_config(config(threads))
            .with_runtime_env(Arc::clone(&runtime))
            .with_default_features()
            .build();
        let context = SessionContext::new_with_state(planning);
        function::register(&context);
        Ok(Self { runtime, threads, planning: context.state(), good: Good::default() })
    }

    /// A state without tables, for looking at filters.
    pub(crate) const fn planning(&self) -> &SessionState {
        &self.planning
    }

    /// The store that holds the files: the local file system.
    pub(crate) fn store(&self) -> Result<Arc<dyn ObjectStore>> {
        self.runtime.object_store(local()).map_err(|e| QueryError::Engine(Box::new(e)))
    }

    /// Footers and page indexes, kept between queries of all kinds.
    pub(crate) fn metadata(&self) -> Arc<FileMetadataCache> {
        self.runtime.cache_manager.get_file_metadata_cache()
    }

    /// The files whose footers were found good.
    pub(crate) fn good(&self) -> Good {
        Arc::clone(&self.good)
    }

    /// A context for rollcall's own queries, with the functions and without
    /// tables.
    pub(crate) fn trusted(&self) -> SessionContext {
        let state = SessionStateBuilder::new_from_existing(self.planning.clone())
            .with_config(self.config())
            .with_catalog_list(Arc::new(MemoryCatalogProviderList::new()))
            .build();
        SessionContext::new_with_state(state)
    }

    /// A runtime with memory of its own, for one typed query. It shares the
    /// store and the metadata cache, nothing else.
    pub(crate) fn runtime_with(&self, pool: Arc<dyn MemoryPool>) -> Result<Arc<RuntimeEnv>> {
        RuntimeEnvBuilder::from_runtime_env(&self.runtime)
            .with_memory_pool(pool)
            .with_disk_manager_builder(no_files())
            .build_arc()
            .map_err(|e| QueryError::Engine(Box::new(e)))
    }

    /// The configuration that both kinds of context start from.
    pub(crate) fn config(&self) -> SessionConfig {
        config(self.threads)
    }
}

fn config(threads: usize) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_target_partitions(threads)
        .with_information_schema(false)
        .with_create_default_catalog_and_schema(true);
    let options = config.options_mut();
    options.execution.enable_recursive_ctes = false;
    // Columns carry their number as metadata, which a union of two tables loses.
    options.execution.skip_physical_aggregate_schema_check = true;
    options.sql_parser.map_string_types_to_utf8view = true;
    config
}

/// How files are read.
pub(crate) fn parquet_options() -> TableParquetOptions {
    let mut options = TableParquetOptions::default();
    options.global.pushdown_filters = true;
    options.global.reorder_filters = true;
    options
}

/// Where the files lie.
pub(crate) fn local() -> ObjectStoreUrl {
    ObjectStoreUrl::local_filesystem()
}

/// Queries never write files: what doesn't fit in memory is refused.
fn no_files() -> DiskManagerBuilder {
    DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled)
}
