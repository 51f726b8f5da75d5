//! What an event's proof carries beside the log's: canonical JSON, deflated
//! (zlib, RFC 1950) because hashes in base64 twice over would not fit 4 KB.

use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::bufread::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde_json::{Map, Value};

use crate::canonical::{from_canonical, to_canonical};
use crate::entry::integer_from;
use crate::error::{LedgerError, Result};
use crate::event_proof::{EventProof, LogProof, Row, Salted};
use crate::hash::Hash;

/// Bytes that it may inflate to: a bomb stops here.
const MAX_BYTES: u64 = 64 << 20;

/// The version of this layout.
const VERSION: u64 = 1;

pub(super) fn encode(proof: &EventProof) -> Result<Vec<u8>> {
    let base64 = |bytes: &[u8]| Value::from(STANDARD.encode(bytes));
    let entry = std::str::from_utf8(&proof.entry).map_err(|_| bad("its entry isn't UTF-8"))?;
    let row = &proof.row;
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("v", VERSION.into());
    put("entry", entry.into());
    put("shard", row.shard.into());
    put("seq", row.seq.into());
    put("part", row.part.into());
    put("open", base64(&row.open));
    for (name, name_of_hash, part) in
        [("personal", "personal_hash", &row.personal), ("raw", "raw_hash", &row.raw)]
    {
        match part {
            Salted::Bytes(bytes) => put(name, base64(bytes)),
            Salted::Hash(hash) => put(name_of_hash, base64(hash)),
        };
    }
    if let Some(salt) = &row.salt {
        put("salt", base64(salt));
    }
    put("row", proof.row_index.into());
    put("rows", proof.rows.into());
    put("path", base64(&proof.row_path.concat()));
    let json = to_canonical(&Value::Object(fields))?;
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let deflated = encoder.write_all(&json).and_then(|()| encoder.finish());
    deflated.map_err(|error| bad(&format!("its extra can't be deflated: {error}")))
}

pub(super) fn decode(log: LogProof) -> Result<EventProof> {
    let extra =
        log.extra.ok_or_else(|| bad("it has no extra: it proves an entry, not an event"))?;
    let Value::Object(fields) = from_canonical(&inflate(&extra)?)? else {
        return Err(bad("its extra isn't an object"));
    };
    let fields = Fields(fields);
    if fields.integer::<u64>("v")? != VERSION {
        return Err(bad("its extra is of a version that isn't known"));
    }
    let row = Row {
        shard: fields.integer("shard")?,
        seq: fields.integer("seq")?,
        part: fields.integer("part")?,
        open: fields.bytes("open")?.ok_or_else(|| bad("its extra has no open"))?,
        personal: fields.salted("personal", "personal_hash")?,
        raw: fields.salted("raw", "raw_hash")?,
        salt: fields.hash("salt")?,
    };
    let path = fields.bytes("path")?.ok_or_else(|| bad("its extra has no path"))?;
    let (row_path, rest) = path.as_chunks::<32>();
    if !rest.is_empty() || row_path.len() > 64 {
        return Err(bad("the path in its extra isn't up to 64 hashes"));
    }
    Ok(EventProof {
        row,
        row_index: fields.integer("row")?,
        rows: fields.integer("rows")?,
        row_path: row_path.to_vec(),
        entry: fields.text("entry")?.ok_or_else(|| bad("its extra has no entry"))?.into(),
        index: log.index,
        path: log.path,
        checkpoint: log.checkpoint,
    })
}

fn inflate(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut json = Vec::new();
    let mut decoder = ZlibDecoder::new(bytes).take(MAX_BYTES + 1);
    decoder.read_to_end(&mut json).map_err(|_| bad("its extra isn't whole zlib data"))?;
    if json.len() as u64 > MAX_BYTES {
        return Err(bad("its extra inflates to over 64 MiB"));
    }
    if !decoder.into_inner().into_inner().is_empty() {
        return Err(bad("something follows the zlib data in its extra"));
    }
    Ok(json)
}

/// The object's fields; those that a newer version added are passed over.
struct Fields(Map<String, Value>);

impl Fields {
    fn integer<T: TryFrom<i128>>(&self, name: &str) -> Result<T> {
        let integer = self.0.get(name).and_then(integer_from);
        integer.ok_or_else(|| bad(&format!("{name} in its extra isn't an integer that fits")))
    }

    fn text(&self, name: &str) -> Result<Option<&str>> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(bad(&format!("{name} in its extra isn't a text"))),
        }
    }

    fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let wrong = |_| bad(&format!("{name} in its extra isn't base64"));
        STANDARD.decode(text).map(Some).map_err(wrong)
    }

    fn hash(&self, name: &str) -> Result<Option<Hash>> {
        let Some(bytes) = self.bytes(name)? else { return Ok(None) };
        let wrong = |_| bad(&format!("{name} in its extra isn't 32 bytes"));
        bytes.try_into().map(Some).map_err(wrong)
    }

    fn salted(&self, name: &str, name_of_hash: &str) -> Result<Salted> {
        match (self.bytes(name)?, self.hash(name_of_hash)?) {
            (Some(bytes), None) => Ok(Salted::Bytes(bytes)),
            (None, Some(hash)) => Ok(Salted::Hash(hash)),
            _ => Err(bad(&format!("its extra needs one of {name} and {name_of_hash}"))),
        }
    }
}

fn bad(detail: &str) -> LedgerError {
    LedgerError::BadProofFile(detail.to_owned())
}
