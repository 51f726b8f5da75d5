//! The mappings that are built in. Each is a folder beside the others, with its mapping
//! instead of code.

use std::sync::LazyLock;

use super::Mapping;
use crate::source::Source;

/// Name, mapping and `about.toml` of each.
pub(in crate::source) const SHIPPED: &[(&str, &str, &str)] = &[
    ("harbor", include_str!("../harbor/mapping.toml"), include_str!("../harbor/about.toml")),
    ("nexus", include_str!("../nexus/mapping.toml"), include_str!("../nexus/about.toml")),
];

/// Their sources. A test holds that each is in order.
pub(in crate::source) fn sources() -> &'static [&'static Source] {
    static SOURCES: LazyLock<Vec<&'static Source>> = LazyLock::new(|| {
        let read = |(name, text, about): &(&str, &str, &'static str)| {
            Mapping::parse(name, text).ok().map(|mapping| mapping.described(about))
        };
        SHIPPED.iter().filter_map(read).collect()
    });
    &SOURCES
}
