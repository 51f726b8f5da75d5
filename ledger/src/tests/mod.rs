//! Tests that reach over several modules, and what they share.

pub(crate) mod entries;
pub(crate) mod rows;
