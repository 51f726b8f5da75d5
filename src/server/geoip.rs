//! Databases of places: whole when the server starts, and taken anew when they change.

use std::time::Duration;

use anyhow::Result;
use rollcall_query::Catalog;

use super::Stopping;
use crate::config::Config;

/// Time between two looks at the files.
const EVERY: Duration = Duration::from_secs(5);

/// Reads the databases once, so that a damaged one stops the start, and follows their
/// changes until the process ends.
pub async fn keep(catalog: &Catalog, config: &Config, stopping: &Stopping) -> Result<()> {
    if config.geoip.places.is_none() && config.geoip.networks.is_none() {
        return Ok(());
    }
    let all = catalog.clone();
    tokio::task::spawn_blocking(move || all.verify_geoip()).await??;
    for database in catalog.geoip().databases {
        tracing::info!(geoip.kind = database.kind, geoip.built = ?database.built,
            "a GeoIP database is in use");
    }
    let (catalog, stopping) = (catalog.clone(), stopping.clone());
    tokio::spawn(async move {
        let mut clock = tokio::time::interval(EVERY);
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !stopping.is_stopping() {
            clock.tick().await;
            let catalog = catalog.clone();
            match tokio::task::spawn_blocking(move || catalog.look_for_geoip()).await {
                Ok(Ok(true)) => tracing::info!("a new GeoIP database is in use"),
                Ok(Ok(false)) => {}
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the GeoIP database from before stays in use");
                }
                // The process is ending.
                Err(_) => return,
            }
        }
    });
    Ok(())
}
