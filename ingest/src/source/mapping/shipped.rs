//! The mappings that are built in. Each is a folder beside the others, with its mapping
//! instead of code.

use std::sync::LazyLock;

use super::Mapping;
use crate::source::Source;

/// Name and text of each.
pub(in crate::source) const SHIPPED: &[(&str, &str)] = &[
    ("harbor", include_str!("../harbor/mapping.toml")),
    ("nexus", include_str!("../nexus/mapping.toml")),
];

/// Their sources. A test holds that each is in order.
pub(in crate::source) fn sources() -> &'static [&'static Source] {
    static SOURCES: LazyLock<Vec<&'static Source>> = LazyLock::new(|| {
        let read = |(name, text): &(&str, &str)| Mapping::parse(name, text).ok();
        SHIPPED.iter().filter_map(read).map(Mapping::into_source).collect()
    });
    &SOURCES
}
