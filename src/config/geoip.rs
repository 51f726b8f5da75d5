//! `[geoip]`: databases that know where addresses are.

use std::path::{Path, PathBuf};

use rollcall_query::GeoSettings;

/// Where addresses are.
#[derive(Debug, confique::Config)]
pub struct GeoIp {
    /// A City or Country database, for instance GeoLite2-City.mmdb.
    #[config(env = "ROLLCALL_GEOIP_PLACES")]
    pub places: Option<PathBuf>,
    /// An ASN database, for instance GeoLite2-ASN.mmdb.
    #[config(env = "ROLLCALL_GEOIP_NETWORKS")]
    pub networks: Option<PathBuf>,
}

impl GeoIp {
    /// Makes the paths those from where the process is; `config` is the configuration file.
    pub fn beside(&mut self, config: &Path) {
        if let Some(folder) = config.parent() {
            for path in [&mut self.places, &mut self.networks].into_iter().flatten() {
                *path = folder.join(&*path);
            }
        }
    }

    /// What the crate wants to know.
    pub fn settings(&self) -> GeoSettings {
        GeoSettings { places: self.places.clone(), networks: self.networks.clone() }
    }
}
