//! The Merkle log: pure bytes, knows nothing of Parquet or HTTP.
//!
//! ```text
//! hash   RFC 6962 leaf and node hashes
//! root   the root over a stream of leaves, in logarithmic memory
//! ```

mod hash;
mod root;

pub use hash::{Hash, empty_root, leaf_hash, node_hash};
pub use root::RootBuilder;
