//! Which resources of all, a page of them, and which of their attributes (RFC 7644, sections
//! 3.4.2 and 3.9).

use serde_json::{Map, Value, json};

use super::fault::Fault;
use super::path::Filter;
use super::resource::Resource;

/// Most resources of a page, and how many where nothing is asked for.
const MOST: usize = 1000;
const USUAL: usize = 100;

/// What is asked for.
#[derive(Debug, Default)]
pub(crate) struct Query {
    filter: Option<Filter>,
    /// From 1.
    start: usize,
    count: usize,
    /// Only these attributes; empty: all.
    only: Vec<String>,
    without: Vec<String>,
}

impl Query {
    /// Reads the parameters of a request.
    pub(crate) fn of(
        parameters: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Fault> {
        let mut query = Self { start: 1, count: USUAL, ..Self::default() };
        for (name, value) in parameters {
            let number = || {
                let number: i64 = value.trim().parse().map_err(|_| {
                    Fault::value(format!("{name} is {value:?}; it should be a number"))
                })?;
                Ok::<_, Fault>(usize::try_from(number.max(0)).unwrap_or(usize::MAX))
            };
            let names = || value.split(',').map(|name| name.trim().to_lowercase()).collect();
            match name.to_ascii_lowercase().as_str() {
                "filter" => query.filter = Some(Filter::parse(&value)?),
                "startindex" => query.start = number()?.max(1),
                "count" => query.count = number()?.min(MOST),
                "attributes" => query.only = names(),
                "excludedattributes" => query.without = names(),
                // Sorting is not supported, and said so in ServiceProviderConfig.
                _ => {}
            }
        }
        Ok(query)
    }

    /// A page of the resources, which come in the order in which they were made.
    pub(crate) fn page<'a>(
        &self,
        resources: impl Iterator<Item = &'a Resource>,
        base: &str,
    ) -> Value {
        let mut total = 0_usize;
        let mut page = Vec::new();
        for resource in resources {
            let shown = resource.shown(base);
            if self.filter.as_ref().is_some_and(|filter| !filter.holds(&shown)) {
                continue;
            }
            total += 1;
            if total >= self.start && page.len() < self.count {
                page.push(self.chosen(shown));
            }
        }
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": total,
            "startIndex": self.start,
            "itemsPerPage": page.len(),
            "Resources": page,
        })
    }

    /// A resource with the attributes that are asked for.
    pub(crate) fn chosen(&self, mut shown: Map<String, Value>) -> Value {
        let always = |name: &str| matches!(name, "id" | "schemas");
        let is = |list: &[String], name: &str| {
            let name = name.to_lowercase();
            list.iter().any(|one| *one == name || one.starts_with(&format!("{name}.")))
        };
        shown.retain(|name, _| {
            always(name)
                || (!self.without.iter().any(|one| one.eq_ignore_ascii_case(name))
                    && (self.only.is_empty() || is(&self.only, name)))
        });
        Value::Object(shown)
    }
}
