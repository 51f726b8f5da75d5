//! Inputs that are broken as JSON: values of other kinds, numbers beyond any, nesting
//! without end, long strings, keys twice, changed, missing, of other records.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value};

/// Stands for what `serde_json` can't write.
const RAW: &str = "(raw)";

/// Changes one place of an input that is JSON; nothing where it isn't. `other` is what
/// values are borrowed from, where it is JSON.
pub fn mutate(input: &[u8], other: &[u8], random: &mut ChaCha8Rng) -> Option<Vec<u8>> {
    let mut document: Value = serde_json::from_slice(input).ok()?;
    let places = places(&document);
    let steps = random.random_range(0..places);
    let mut left = steps;
    let place = at(&mut document, &mut left)?;
    let mut raw = None;
    match random.random_range(0..12_u32) {
        0 => *place = kind(random),
        1 | 2 => {
            raw = Some(if random.random_bool(0.5) { number(random) } else { nested(random) });
            *place = Value::from(RAW);
        }
        3 => *place = Value::from(long(random)),
        4 => *place = Value::Array(vec![place.take(); random.random_range(1..4)]),
        5 => *place = Value::from(place.to_string()),
        6 => keys(place, random),
        7 => twice(place, random, &mut raw),
        8 => {
            // The value that stands at such a key there, or any.
            let mut other: Value = serde_json::from_slice(other).ok()?;
            let mut left = random.random_range(0..self::places(&other));
            *place = at(&mut other, &mut left)?.take();
        }
        9 => {
            if let (Value::Object(ours), Ok(Value::Object(theirs))) =
                (&mut *place, serde_json::from_slice(other))
            {
                ours.extend(theirs);
            }
        }
        10 => text(place, random),
        _ => *place = Value::Null,
    }
    let Some(raw) = raw else { return Some(document.to_string().into_bytes()) };
    let quoted = format!("\"{RAW}\"");
    Some(document.to_string().replacen(&quoted, &raw, 1).into_bytes())
}

/// How many values there are in it, itself among them.
fn places(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(places).sum(),
        Value::Object(members) => members.values().map(places).sum(),
        _ => 0_usize,
    }
}

/// The value that so many others come before.
fn at<'v>(value: &'v mut Value, left: &mut usize) -> Option<&'v mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| at(item, left)),
        Value::Object(members) => members.values_mut().find_map(|member| at(member, left)),
        _ => None,
    }
}

/// A value of any kind.
fn kind(random: &mut ChaCha8Rng) -> Value {
    match random.random_range(0..7_u32) {
        0 => Value::Null,
        1 => Value::from(random.random_bool(0.5)),
        2 => Value::from(random.random::<i64>()),
        3 => Value::from(""),
        4 => Value::from(Vec::<Value>::new()),
        5 => Value::Object(Map::new()),
        _ => Value::from("2026-03-01T10:00:00Z"),
    }
}

/// A number as nobody writes one.
pub fn number(random: &mut ChaCha8Rng) -> String {
    match random.random_range(0..8_u32) {
        0 => i64::MAX.to_string(),
        1 => i64::MIN.to_string(),
        2 => u64::MAX.to_string(),
        3 => "9".repeat(random.random_range(1..400)),
        4 => format!("{}e{}", random.random_range(1..9_u32), random.random_range(-400..400_i32)),
        5 => format!("-0.{}1", "0".repeat(random.random_range(0..400))),
        6 => random.random_range(0..2_000_000_000_000_i64).to_string(),
        _ => random.random_range(0..70_i64).to_string(),
    }
}

/// Lists and objects in each other, closed or not.
fn nested(random: &mut ChaCha8Rng) -> String {
    let levels = match random.random_range(0..4_u32) {
        0 => random.random_range(100..300),
        1 => random.random_range(1_000..30_000),
        _ => random.random_range(1..40),
    };
    let (open, close) = match random.random_range(0..3_u32) {
        0 => ("[", "]"),
        1 => ("{\"a\":", "}"),
        _ => ("[{\"detail\":", "}]"),
    };
    let close = if random.random_bool(0.8) { close } else { "" };
    format!("{}0{}", open.repeat(levels), close.repeat(levels))
}

fn long(random: &mut ChaCha8Rng) -> String {
    let unit = ["x", "é", " ", "\"", "\\", "\u{0}", "a=b ", "@", "/", ",", "\u{130}"];
    let unit = unit[random.random_range(0..unit.len())];
    unit.repeat(1 << random.random_range(1..15_u32))
}

/// Takes a member out, gives it another's name, or its value to another.
fn keys(place: &mut Value, random: &mut ChaCha8Rng) {
    let Value::Object(members) = place else { return };
    let names: Vec<String> = members.keys().cloned().collect();
    if names.is_empty() {
        return;
    }
    let any = |random: &mut ChaCha8Rng| names[random.random_range(0..names.len())].clone();
    let (one, other) = (any(random), any(random));
    match random.random_range(0..3_u32) {
        0 => drop(members.remove(&one)),
        1 => {
            let value = members.remove(&one).unwrap_or_default();
            members.insert(format!("{other}x"), value);
        }
        _ => {
            let (a, b) = (members.remove(&one), members.remove(&other));
            members.extend([(one, b.unwrap_or_default()), (other, a.unwrap_or_default())]);
        }
    }
}

/// An object with a member that it has already.
fn twice(place: &mut Value, random: &mut ChaCha8Rng, raw: &mut Option<String>) {
    let Value::Object(members) = place else { return };
    let Some(name) = members.keys().nth(random.random_range(0..members.len().max(1))).cloned()
    else {
        return;
    };
    let value = members.get(&name).cloned().unwrap_or_default();
    let again = if random.random_bool(0.5) { kind(random) } else { value.clone() };
    *raw = Some(format!("{value},{}:{again}", Value::from(name.as_str())));
    members.insert(name, Value::from(RAW));
}

/// A string cut, doubled, or in other letters.
fn text(place: &mut Value, random: &mut ChaCha8Rng) {
    let Value::String(text) = place else { return };
    *text = match random.random_range(0..5_u32) {
        0 => text.chars().take(random.random_range(0..8)).collect(),
        1 => text.to_uppercase(),
        2 => text.repeat(2),
        3 => format!(" {text}\u{0}"),
        _ => text.chars().rev().collect(),
    };
}
