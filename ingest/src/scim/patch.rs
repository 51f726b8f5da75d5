//! A PATCH's operations (RFC 7644, section 3.5.2), in the forms that vendors send: Entra
//! writes `Replace`, and paths as keys of a value without a path; both address values of
//! lists that aren't there yet, and mean that they should be.

use serde_json::{Map, Value};

use super::fault::Fault;
use super::name::{NOT_KEPT, is_list, key, spelled};
use super::path::{Operator, Path};
use super::resource::of_value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Add,
    Replace,
    Remove,
}

/// Most operations of a request.
const MOST: usize = 1000;

/// What the operations make of a body.
pub(super) fn patched(
    mut body: Map<String, Value>,
    request: &Map<String, Value>,
) -> Result<Map<String, Value>, Fault> {
    let operations = super::name::get(request, "Operations").and_then(Value::as_array);
    let operations =
        operations.ok_or_else(|| Fault::syntax("Operations should be a list of operations"))?;
    if operations.len() > MOST {
        return Err(Fault::new(413, format!("a PATCH may have {MOST} operations; send several")));
    }
    for operation in operations {
        let operation =
            operation.as_object().ok_or_else(|| Fault::syntax("an operation is an object"))?;
        apply(&mut body, operation)?;
    }
    Ok(body)
}

fn apply(body: &mut Map<String, Value>, operation: &Map<String, Value>) -> Result<(), Fault> {
    let word = super::name::text(operation, "op").unwrap_or_default();
    let action = match word.to_ascii_lowercase().as_str() {
        "add" => Action::Add,
        "replace" => Action::Replace,
        "remove" => Action::Remove,
        _ => return Err(Fault::syntax(format!("op is {word:?}; it may be add, replace, remove"))),
    };
    let value = super::name::get(operation, "value").cloned().unwrap_or(Value::Null);
    match super::name::text(operation, "path") {
        Some(path) => at(body, action, &Path::parse(path)?, value),
        None if action == Action::Remove => Err(Fault::no_target("remove needs a path")),
        None => {
            let Value::Object(values) = value else {
                return Err(Fault::value("without a path, value should be an object"));
            };
            for (name, value) in values {
                at(body, action, &Path::parse(&name)?, value)?;
            }
            Ok(())
        }
    }
}

fn at(
    body: &mut Map<String, Value>,
    action: Action,
    path: &Path,
    value: Value,
) -> Result<(), Fault> {
    if path.extension.is_none() && NOT_KEPT.contains(&&*path.attribute) {
        // Providers repeat the id; it can't be changed, and needn't be.
        return Ok(());
    }
    let Some(extension) = &path.extension else { return within(body, action, path, value) };
    let name = key(body, extension).cloned().unwrap_or_else(|| spelled(extension).to_owned());
    if path.attribute.is_empty() {
        match value {
            Value::Object(values) if action != Action::Remove => {
                for (attribute, value) in values {
                    let path = Path { extension: None, ..Path::parse(&attribute)? };
                    if let Some(object) = object_of(body, &name) {
                        within(object, action, &path, value)?;
                    }
                }
            }
            _ => {
                body.remove(&name);
            }
        }
        return Ok(());
    }
    if let Some(object) = object_of(body, &name) {
        within(object, action, path, value)?;
    }
    if body.get(&name).and_then(Value::as_object).is_some_and(Map::is_empty) {
        body.remove(&name);
    }
    Ok(())
}

/// The object under a name, made where there is none.
fn object_of<'a>(
    body: &'a mut Map<String, Value>,
    name: &str,
) -> Option<&'a mut Map<String, Value>> {
    let slot = body.entry(name.to_owned()).or_insert_with(|| Value::Object(Map::new()));
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    slot.as_object_mut()
}

fn within(
    body: &mut Map<String, Value>,
    action: Action,
    path: &Path,
    value: Value,
) -> Result<(), Fault> {
    let name = key(body, &path.attribute).cloned().unwrap_or_else(|| path.attribute.clone());
    if path.filter.is_some() {
        return in_list(body, &name, action, path, value);
    }
    let Some(part) = &path.part else {
        whole(body, name, action, value);
        return Ok(());
    };
    if action == Action::Remove || value.is_null() {
        if let Some(Value::Object(object)) = body.get_mut(&name) {
            object.remove(key(object, part).cloned().as_ref().unwrap_or(part));
        }
        return Ok(());
    }
    if is_list(&name) {
        return Err(Fault::path(format!(
            "{name} is a list; say which of its values, as {name}[type eq \"work\"].{part}"
        )));
    }
    if let Some(object) = object_of(body, &name) {
        let part = key(object, part).cloned().unwrap_or_else(|| part.clone());
        object.insert(part, value);
    }
    Ok(())
}

/// An attribute as a whole.
fn whole(body: &mut Map<String, Value>, name: String, action: Action, value: Value) {
    let list = |value: Value| match value {
        Value::Array(values) => values,
        Value::Null => Vec::new(),
        value => vec![value],
    };
    match (action, body.get_mut(&name)) {
        (Action::Remove, Some(Value::Array(values))) if !value.is_null() => {
            let gone = list(value);
            let is_gone = |value: &Value| {
                let same = |other: &Value| {
                    of_value(other).unwrap_or(other) == of_value(value).unwrap_or(value)
                };
                gone.iter().any(same)
            };
            values.retain(|value| !is_gone(value));
        }
        (Action::Remove, _) => {
            body.remove(&name);
        }
        (Action::Replace, _) if value.is_null() => {
            body.remove(&name);
        }
        (Action::Add, Some(Value::Array(values))) => {
            for value in list(value) {
                let same = |other: &Value| {
                    other == &value
                        || (of_value(other).is_some() && of_value(other) == of_value(&value))
                };
                if !values.iter().any(same) {
                    values.push(value);
                }
            }
        }
        (Action::Add | Action::Replace, Some(Value::Object(object))) if value.is_object() => {
            if let Value::Object(values) = value {
                for (name, value) in values {
                    let name = key(object, &name).cloned().unwrap_or(name);
                    object.insert(name, value);
                }
            }
        }
        (Action::Add | Action::Replace, _) => {
            let value = if is_list(&name) { Value::Array(list(value)) } else { value };
            body.insert(name, value);
        }
    }
}

/// Values of a list that a filter chooses.
fn in_list(
    body: &mut Map<String, Value>,
    name: &str,
    action: Action,
    path: &Path,
    value: Value,
) -> Result<(), Fault> {
    let Some(filter) = &path.filter else { return Ok(()) };
    let slot = body.entry(name.to_owned()).or_insert_with(|| Value::Array(Vec::new()));
    let Value::Array(values) = slot else {
        return Err(Fault::path(format!("{name} is no list")));
    };
    let holds = |value: &Value| value.as_object().is_some_and(|object| filter.holds(object));
    let is_removed = action == Action::Remove || value.is_null();
    match &path.part {
        // A value of which the value goes is nothing any more.
        None if is_removed => values.retain(|value| !holds(value)),
        Some(part) if is_removed && part == "value" => values.retain(|value| !holds(value)),
        Some(part) if is_removed => {
            for object in
                values.iter_mut().filter(|value| holds(value)).filter_map(Value::as_object_mut)
            {
                object.remove(part);
            }
        }
        part => {
            if !values.iter().any(holds) {
                // What the filter asks for, of the value that isn't there yet.
                let known = filter.0.iter().filter(|one| one.operator == Operator::Equal);
                let known = known.map(|one| (one.path.attribute.clone(), one.value.clone()));
                values.push(Value::Object(known.collect()));
            }
            for object in
                values.iter_mut().filter(|value| holds(value)).filter_map(Value::as_object_mut)
            {
                match (part, &value) {
                    (Some(part), value) => {
                        object.insert(part.clone(), value.clone());
                    }
                    (None, Value::Object(new)) => object.extend(new.clone()),
                    (None, value) => {
                        object.insert("value".to_owned(), value.clone());
                    }
                }
            }
        }
    }
    if values.is_empty() {
        body.remove(name);
    }
    Ok(())
}
