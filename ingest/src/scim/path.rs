//! Paths and filters of attributes (RFC 7644, sections 3.4.2.2 and 3.5.2):
//! `emails[type eq "work"].value`, `urn:…:User:department`, `userName eq "ada"`.

use serde_json::{Map, Value};

use super::fault::Fault;
use super::name::{ENTERPRISE, GROUP, USER, get, spelled, truth};

/// Where a value is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Path {
    /// The schema of an extension.
    pub(super) extension: Option<String>,
    /// The attribute; empty: the whole extension.
    pub(super) attribute: String,
    /// Which of its values.
    pub(super) filter: Option<Filter>,
    /// A part of it.
    pub(super) part: Option<String>,
}

/// Comparisons that all hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Filter(pub(super) Vec<Comparison>);

/// An attribute against a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Comparison {
    pub(super) path: Path,
    pub(super) operator: Operator,
    pub(super) value: Value,
}

/// How they are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Contains,
    StartsWith,
    EndsWith,
    Present,
}

const OPERATORS: &[(&str, Operator)] = &[
    ("eq", Operator::Equal),
    ("ne", Operator::NotEqual),
    ("co", Operator::Contains),
    ("sw", Operator::StartsWith),
    ("ew", Operator::EndsWith),
    ("pr", Operator::Present),
];

/// Longest path or filter, bytes.
const LONGEST: usize = 4096;

impl Path {
    /// Reads a path.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        let wrong = || Fault::path(format!("{text:?} is no path of an attribute"));
        if text.is_empty() || text.len() > LONGEST {
            return Err(wrong());
        }
        let (extension, rest) = schema(text);
        if extension.is_some() && rest.is_empty() {
            return Ok(Self { extension, ..Self::default() });
        }
        let (name, filter, part) = match rest.split_once('[') {
            Some((name, rest)) => {
                let (filter, rest) = rest.rsplit_once(']').ok_or_else(wrong)?;
                let part = match rest {
                    "" => None,
                    rest => Some(rest.strip_prefix('.').ok_or_else(wrong)?),
                };
                (name, Some(Filter::parse(filter)?), part)
            }
            None => match rest.split_once('.') {
                Some((name, part)) => (name, None, Some(part)),
                None => (rest, None, None),
            },
        };
        let is_name = |name: &str| {
            let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$');
            !name.is_empty() && name.chars().all(is_letter)
        };
        if !is_name(name) || !part.is_none_or(is_name) {
            return Err(wrong());
        }
        let part = part.map(|part| spelled(part).to_owned());
        Ok(Self { extension, attribute: spelled(name).to_owned(), filter, part })
    }

    /// The values that a resource has there.
    fn values<'a>(&self, body: &'a Map<String, Value>) -> Vec<&'a Value> {
        let container = match &self.extension {
            Some(extension) => get(body, extension).and_then(Value::as_object),
            None => Some(body),
        };
        let found = container.and_then(|container| get(container, &self.attribute));
        let mut values: Vec<&Value> = match found {
            Some(Value::Array(values)) => values.iter().collect(),
            Some(value) => vec![value],
            None => Vec::new(),
        };
        if let Some(filter) = &self.filter {
            values.retain(|value| value.as_object().is_some_and(|value| filter.holds(value)));
        }
        // A list without a part is compared by what its values are.
        let part = self.part.as_deref().unwrap_or("value");
        let of_part = |value: &'a Value| match value.as_object() {
            Some(object) => get(object, part),
            None => Some(value),
        };
        values.into_iter().filter_map(of_part).collect()
    }
}

/// The extension that a path begins with, and what follows.
fn schema(text: &str) -> (Option<String>, &str) {
    let begins = |schema: &str| {
        let head = text.get(..schema.len())?;
        head.eq_ignore_ascii_case(schema).then(|| text.get(schema.len()..)).flatten()
    };
    for core in [USER, GROUP] {
        if let Some(rest) = begins(core).and_then(|rest| rest.strip_prefix(':')) {
            return (None, rest);
        }
    }
    if let Some(rest) = begins(ENTERPRISE) {
        return (Some(ENTERPRISE.to_owned()), rest.strip_prefix(':').unwrap_or(rest));
    }
    if begins("urn:").is_none() {
        return (None, text);
    }
    // Another extension: its schema ends with what it is an extension of.
    let end = [":User:", ":Group:"].iter().find_map(|kind| Some(text.find(kind)? + kind.len()));
    match end {
        Some(end) => {
            let schema = text.get(..end.saturating_sub(1)).unwrap_or_default();
            (Some(schema.to_owned()), text.get(end..).unwrap_or_default())
        }
        None => (Some(text.to_owned()), ""),
    }
}

/// Where the path at the beginning of a comparison ends: a filter within it has spaces of its
/// own. None where it has no end, or filters within its filter (RFC 7644 has none).
fn path_end(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' if depth > 0 => return None,
            '[' => depth += 1,
            ']' => depth = depth.checked_sub(1)?,
            ' ' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

impl Filter {
    /// Reads a filter: comparisons joined by `and`.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let wrong = || {
            Fault::filter(format!(
                "the filter {text:?} can't be read; comparisons such as userName eq \"ada\" can, \
                 several joined by and"
            ))
        };
        if text.len() > LONGEST {
            return Err(wrong());
        }
        let mut comparisons = Vec::new();
        let mut rest = text.trim();
        loop {
            let (path, after) =
                path_end(rest).and_then(|end| rest.split_at_checked(end)).ok_or_else(wrong)?;
            let after = after.trim_start();
            let (word, after) = after.split_once(' ').unwrap_or((after, ""));
            let found = OPERATORS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
            let operator = found.map(|(_, operator)| *operator).ok_or_else(wrong)?;
            let mut after = after.trim_start();
            let mut value = Value::Null;
            if operator != Operator::Present {
                let mut values = serde_json::Deserializer::from_str(after).into_iter::<Value>();
                value = values.next().and_then(Result::ok).ok_or_else(wrong)?;
                after = after.get(values.byte_offset()..).unwrap_or_default().trim_start();
            }
            let path = Path::parse(path).map_err(|_| wrong())?;
            comparisons.push(Comparison { path, operator, value });
            if after.is_empty() {
                return Ok(Self(comparisons));
            }
            let joined = after.split_once(' ').filter(|(word, _)| word.eq_ignore_ascii_case("and"));
            rest = joined.ok_or_else(wrong)?.1.trim_start();
        }
    }

    /// Whether it holds of an object.
    pub(super) fn holds(&self, object: &Map<String, Value>) -> bool {
        self.0.iter().all(|comparison| comparison.holds(object))
    }
}

impl Comparison {
    fn holds(&self, object: &Map<String, Value>) -> bool {
        let values = self.path.values(object);
        match self.operator {
            Operator::Present => !values.is_empty(),
            Operator::NotEqual => !values.iter().any(|value| self.compares(value)),
            _ => values.iter().any(|value| self.compares(value)),
        }
    }

    fn compares(&self, value: &Value) -> bool {
        if let (Some(a), Some(b)) = (truth(value), truth(&self.value)) {
            return a == b;
        }
        let (Some(a), Some(b)) = (value.as_str(), self.value.as_str()) else {
            return value == &self.value;
        };
        let (a, b) = (a.to_lowercase(), b.to_lowercase());
        match self.operator {
            Operator::Contains => a.contains(&b),
            Operator::StartsWith => a.starts_with(&b),
            Operator::EndsWith => a.ends_with(&b),
            Operator::Equal | Operator::NotEqual | Operator::Present => a == b,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_within_a_filter_has_spaces_of_its_own_and_none_within_it() {
        let filter =
            Filter::parse("emails[type eq \"a ] b\"].value eq \"x\" and active pr").expect("read");
        assert_eq!(filter.0.len(), 2);
        assert_eq!(filter.0[0].path.part.as_deref(), Some("value"));
        for wrong in
            ["emails[type eq \"work\"", "emails]type eq 1", "emails[x[y eq 1].z eq 1].value eq 1"]
        {
            assert!(Filter::parse(wrong).is_err(), "{wrong}");
        }
        let deep = format!("{}x eq 1{}", "a[".repeat(1_000), "]".repeat(1_000));
        assert!(Filter::parse(&format!("{deep} eq 1")).is_err());
        assert!(Path::parse(&deep).is_err());
    }
}
