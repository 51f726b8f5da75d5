//! Opening the data directory for a command.

use std::sync::Arc;

use anyhow::Result;
use rollcall_ingest::{PipelineSettings, ReadSettings};
use rollcall_lake::{Access, Lake};

use crate::cli::Global;
use crate::config::Config;

/// Opens the lake to write.
pub async fn to_write(global: &Global, config: &Config) -> Result<Arc<Lake>> {
    Ok(Arc::new(Lake::open_with(global.data(), Access::Write, &config.ledger()).await?))
}

/// Opens the lake to read what is sealed.
pub async fn to_read(global: &Global) -> Result<Arc<Lake>> {
    Ok(Arc::new(Lake::open(global.data(), Access::Read).await?))
}

/// How records are read.
fn read_settings(lake: &Lake, config: &Config) -> Result<ReadSettings> {
    Ok(ReadSettings {
        zone: config.record_time_zone()?,
        identifier_key: lake.directory().identifier_key()?,
        sources: config.sources()?,
    })
}

/// How the pipeline behaves.
pub fn pipeline_settings(lake: &Lake, config: &Config) -> Result<PipelineSettings> {
    Ok(PipelineSettings {
        seal_rows: config.seal.rows.max(1),
        seal_bytes: config.seal.mib.max(1) << 20,
        seal_after: config.seal_after(),
        read: read_settings(lake, config)?,
    })
}

/// How rollcall's own queries behave.
pub fn query_settings(config: &Config) -> Result<rollcall_query::Settings> {
    let (time_zone, geoip) = (config.time_zone()?, config.geoip.settings());
    Ok(rollcall_query::Settings { time_zone, geoip, ..Default::default() })
}
