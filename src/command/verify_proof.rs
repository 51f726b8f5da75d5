//! `rollcall verify-proof`

use std::fs;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use chrono::{DateTime, SecondsFormat, Utc};
use rollcall_ledger::{Field, FieldValue, Salted, Verified, decode_fields, verify};
use serde_json::{Value, json};

use super::verify::keys;
use crate::cli::VerifyProofArgs;
use crate::{Outcome, output};

/// Verifies a proof and says what it proves.
pub fn run(args: &VerifyProofArgs) -> Result<Outcome> {
    let keys = keys(&args.key)?;
    let bytes = read(&args.file)?;
    let verified = match verify(&bytes, &keys) {
        Ok(verified) => verified,
        Err(error) => {
            if args.json {
                let result = json!({"valid": false, "error": error.to_string()});
                output::line(&result.to_string())?;
            } else {
                output::line(&format!("not proved: {}", output::visible(&error.to_string())))?;
            }
            return Ok(Outcome::Found);
        }
    };
    if args.json {
        output::line(&serde_json::to_string_pretty(&as_json(&verified)?)?)?;
    } else {
        tell(&verified)?;
    }
    Ok(Outcome::Fine)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    // Longer than any proof with the largest record that is taken in.
    const MOST: u64 = 512 << 20;
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(MOST).read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    fs::File::open(path)
        .and_then(|file| file.take(MOST).read_to_end(&mut bytes))
        .with_context(|| format!("can't read the proof {}", path.display()))?;
    Ok(bytes)
}

/// The row's columns by name, in the order of their ids.
fn columns(verified: &Verified) -> Result<Vec<(String, Value)>> {
    let row = &verified.proof.row;
    let mut fields = decode_fields(&row.open)?;
    if let Salted::Bytes(personal) = &row.personal {
        fields.extend(decode_fields(personal)?);
    }
    fields.sort_by_key(|field| field.id);
    let name = |id: u16| {
        let column = rollcall_schemas::column::events().find(|column| column.id == id);
        column.map_or_else(|| format!("column {id}"), |column| column.name.to_owned())
    };
    fields.into_iter().map(|field| Ok((name(field.id), value(&field.value()?)?))).collect()
}

fn value(value: &FieldValue<'_>) -> Result<Value> {
    Ok(match value {
        FieldValue::Text(text) => json!(text),
        FieldValue::Bool(value) => json!(value),
        FieldValue::Integer(number) => json!(number),
        FieldValue::Time(micros) => {
            let time = DateTime::from_timestamp_micros(*micros);
            let text = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
            time.map_or_else(|| json!(micros), |time| json!(text(time)))
        }
        FieldValue::Bytes(bytes) => json!(hex(bytes)),
        FieldValue::List(elements) => {
            elements.iter().map(|fields| element(fields)).collect::<Result<Value>>()?
        }
    })
}

/// An element of a list, as an object.
fn element(fields: &[Field<'_>]) -> Result<Value> {
    let mut members = serde_json::Map::new();
    for field in fields {
        let name = rollcall_schemas::arrow::element_name(field.id);
        let name = name.map_or_else(|| format!("column {}", field.id), str::to_owned);
        members.insert(name, value(&field.value()?)?);
    }
    Ok(members.into())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn as_json(verified: &Verified) -> Result<Value> {
    let proof = &verified.proof;
    let raw = match &proof.row.raw {
        Salted::Bytes(raw) => json!(String::from_utf8_lossy(raw)),
        Salted::Hash(_) => Value::Null,
    };
    Ok(json!({
        "valid": true,
        "event": format!("{}-{}-{}", proof.row.shard, proof.row.seq, proof.row.part),
        "log": verified.checkpoint.checkpoint.origin,
        "size": verified.checkpoint.checkpoint.size,
        "entry": proof.index,
        "row": proof.row_index,
        "rows": proof.rows,
        "file": verified.entry.file().map(|file| file.path.clone()),
        "columns": columns(verified)?.into_iter().collect::<serde_json::Map<_, _>>(),
        "raw": raw,
    }))
}

fn tell(verified: &Verified) -> Result<()> {
    let (proof, checkpoint) = (&verified.proof, &verified.checkpoint.checkpoint);
    let row = &proof.row;
    output::line(&format!(
        "proved: event {}-{}-{} is row {} of {} in entry {} of {}, which has {} entries",
        row.shard,
        row.seq,
        row.part,
        proof.row_index,
        proof.rows,
        proof.index,
        output::visible(&checkpoint.origin),
        checkpoint.size
    ))?;
    for (name, value) in columns(verified)? {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        output::line(&format!("  {name:<20} {}", output::visible(&text)))?;
    }
    match &row.personal {
        Salted::Hash(_) => output::line("  the personal columns were erased or left out"),
        Salted::Bytes(_) => Ok(()),
    }?;
    match &row.raw {
        Salted::Hash(_) => output::line("  the record itself was erased or left out"),
        Salted::Bytes(raw) => {
            let text = String::from_utf8_lossy(raw);
            output::line(&format!("  {:<20} {}", "raw", output::visible(&text)))
        }
    }
}
