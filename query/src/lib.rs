//! Catalog, views, SQL guard, metrics.
