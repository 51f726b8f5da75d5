//! What the service says of itself (RFC 7644, section 4).

use serde_json::Value;

/// The documents by their path.
const DOCUMENTS: &[(&str, &str)] = &[
    ("ServiceProviderConfig", include_str!("documents/service_provider_config.json")),
    ("ResourceTypes", include_str!("documents/resource_types.json")),
    ("Schemas", include_str!("documents/schemas.json")),
];

/// A document, or of a list of them the one with the id.
pub(crate) fn document(path: &str, id: Option<&str>) -> Option<Value> {
    let (_, text) = DOCUMENTS.iter().find(|(name, _)| *name == path)?;
    let document: Value = serde_json::from_str(text).ok()?;
    let Some(id) = id else { return Some(document) };
    let resources = document.get("Resources")?.as_array()?;
    resources.iter().find(|one| one.get("id").and_then(Value::as_str) == Some(id)).cloned()
}
