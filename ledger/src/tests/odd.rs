//! Entries and rows that are in the log and yet not as the format has them: what
//! only the log itself could have written.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::RngCore;
use serde_json::{Map, Value, json};

use crate::canonical::to_canonical;
use crate::entry::{Compaction, Entry, IndexRange, Replay};
use crate::hash::leaf_hash;
use crate::tests::rows::{list, put, row};
use crate::tests::sample::{Rows, Sample, below, segment};

/// Adds segments of one row each to a log: every field of every type with rows is
/// once missing and once of each odd value, and rows hold odd columns.
pub(crate) fn add_odd_segments(sample: &mut Sample, rng: &mut ChaCha8Rng) {
    let good = row(rng, 5, 5);
    let leaf = leaf_hash(&good.leaf().expect("salted"));
    let of_row = segment(rng, 5, &[leaf]);
    let (file, commit) = (of_row.file.clone(), of_row.commit.clone());
    let (inputs, supersedes) = (vec![IndexRange { from: 1, to: 3 }], 3);
    let supersedes_sha256 = "ab".to_owned();
    let entries = [
        Entry::new(5, of_row),
        Entry::new(5, Compaction { inputs, file: file.clone(), commit: commit.clone() }),
        Entry::new(5, Replay { supersedes, supersedes_sha256, file, commit }),
    ];
    for entry in &entries {
        let bytes = entry.to_bytes().expect("fits");
        let Ok(Value::Object(fields)) = serde_json::from_slice(&bytes) else { panic!("an object") };
        for bytes in odd_forms(&fields) {
            let index = sample.entries.len() as u64;
            sample.push(bytes);
            sample.segments.push(Rows { index, rows: vec![good.clone()], leaves: vec![leaf] });
        }
    }
    for _ in 0..300 {
        let mut row = row(rng, 5, 5);
        row.open = odd_columns(rng, 2);
        let leaf = leaf_hash(&row.leaf().expect("salted"));
        let entry = Entry::new(5, segment(rng, 5, &[leaf]));
        let index = sample.entries.len() as u64;
        sample.push(entry.to_bytes().expect("fits"));
        sample.segments.push(Rows { index, rows: vec![row], leaves: vec![leaf] });
    }
}

fn odd_forms(good: &Map<String, Value>) -> Vec<Vec<u8>> {
    let odd = [
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(""),
        json!("9007199254740992"),
        json!("9007199254740991"),
        json!("+9007199254740992"),
        json!("segment"),
        json!([]),
        json!([[1, 2]]),
        json!([{"from": 1, "to": "7"}]),
        json!({}),
        json!("AB".repeat(32)),
        json!("ab".repeat(31)),
    ];
    let mut forms = Vec::new();
    for name in good.keys() {
        let mut without = good.clone();
        without.remove(name);
        forms.push(without);
        for value in &odd {
            let mut other = good.clone();
            other.insert(name.clone(), value.clone());
            forms.push(other);
        }
    }
    let canonical = |fields| to_canonical(&Value::Object(fields)).expect("integers only");
    let mut forms: Vec<Vec<u8>> = forms.into_iter().map(canonical).collect();
    let text = String::from_utf8(canonical(good.clone())).expect("text");
    let upper = good["row_root"].as_str().expect("a root").to_uppercase();
    forms.extend([
        text.replacen("\"rows\":1", "\"rows\":1.0", 1).into_bytes(),
        text.replacen("\"rows\":1", "\"rows\":1,\"rows\":1", 1).into_bytes(),
        text.replacen("\"rows\":1", "\"rows\": 1", 1).into_bytes(),
        text.replacen("events", "\\u0065vents", 1).into_bytes(),
        text.replacen("events", "é\u{1f600}\u{7f}", 1).into_bytes(),
        text.replacen("events", "\\ud800", 1).into_bytes(),
        text.replacen("events", "\u{1}", 1).into_bytes(),
        text.replacen('{', "{\"A\":\"newer\",", 1).into_bytes(),
        text.replacen('{', &format!("{{\"A\":{}{},", "[".repeat(70), "]".repeat(70)), 1)
            .into_bytes(),
        text.replacen(good["row_root"].as_str().expect("a root"), &upper, 1).into_bytes(),
        format!("[{text}]").into_bytes(),
        format!("\u{feff}{text}").into_bytes(),
    ]);
    forms
}

/// Columns of any types with values that may not fit.
fn odd_columns(rng: &mut ChaCha8Rng, depth: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut id = 0;
    for _ in 0..1 + below(rng, 3) {
        id += u16::try_from(below(rng, 12)).expect("small");
        let kind = u8::try_from(below(rng, 10)).expect("small");
        let value = match kind {
            7 if depth > 0 => {
                let elements = [odd_columns(rng, depth - 1), Vec::new()];
                list(&[&elements[0], &elements[1]])
            }
            1 => ["a", "é", "\u{1f600}"][below(rng, 3)].as_bytes().to_vec(),
            2 => vec![rng.next_u32().to_be_bytes()[0] % 3],
            3 => vec![0; 2],
            4 => vec![0xff; 4],
            5 | 6 => rng.next_u64().to_be_bytes().to_vec(),
            _ => vec![0xff; below(rng, 5)],
        };
        put(&mut out, id, kind, &value);
    }
    if below(rng, 6) == 0 {
        let place = below(rng, out.len());
        out[place] ^= 1 << below(rng, 8);
    }
    if below(rng, 8) == 0 {
        out.truncate(below(rng, out.len()));
    }
    out
}
