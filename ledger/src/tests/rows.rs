//! Rows and segments for tests.

/// Adds a column as `rollcall-row-v1` writes it.
pub(crate) fn put(out: &mut Vec<u8>, id: u16, kind: u8, bytes: &[u8]) {
    out.extend_from_slice(&id.to_be_bytes());
    out.push(kind);
    out.extend_from_slice(&u32::try_from(bytes.len()).expect("short").to_be_bytes());
    out.extend_from_slice(bytes);
}

/// The value of a list column.
pub(crate) fn list(elements: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    for element in elements {
        out.extend_from_slice(&u32::try_from(element.len()).expect("short").to_be_bytes());
        out.extend_from_slice(element);
    }
    out
}
