//! The columns of a row as `rollcall-row-v1` writes them: `u16 field id ‖ u8 type ‖
//! u32 length ‖ bytes`, ascending by id; a list holds `u32 length ‖ columns` per
//! element. Integers are big-endian.

use crate::error::{LedgerError, Result};

const LIST: u8 = 7;

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// The column's number.
    pub id: u16,
    /// The type byte, 1 to 8.
    pub kind: u8,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// What a column says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue<'a> {
    /// Type 1.
    Text(&'a str),
    /// Type 2.
    Bool(bool),
    /// Types 3, 4 and 5: integers of 16, 32 and 64 bits.
    Integer(i64),
    /// Type 6: µs since 1970 UTC.
    Time(i64),
    /// Type 7: elements, each with columns.
    List(Vec<Vec<Field<'a>>>),
    /// Type 8.
    Bytes(&'a [u8]),
}

/// Reads a list of columns, values included.
///
/// # Errors
/// If it is cut off, its ids don't ascend, or a value doesn't fit its type.
pub fn decode_fields(bytes: &[u8]) -> Result<Vec<Field<'_>>> {
    decode(bytes, true)
}

/// The format has no lists in lists, so that nothing nests without end.
fn decode(bytes: &[u8], lists: bool) -> Result<Vec<Field<'_>>> {
    let mut rest = bytes;
    let mut fields: Vec<Field<'_>> = Vec::new();
    while let Some(([a, b, kind], behind)) = rest.split_first_chunk() {
        let (value, behind) = take_counted(behind)?;
        let field = Field { id: u16::from_be_bytes([*a, *b]), kind: *kind, bytes: value };
        if fields.last().is_some_and(|before| before.id >= field.id) {
            return Err(LedgerError::BadFields(format!("column {} is out of order", field.id)));
        }
        if field.kind == LIST && !lists {
            return Err(LedgerError::BadFields(format!("column {}: a list in a list", field.id)));
        }
        field.value()?;
        fields.push(field);
        rest = behind;
    }
    if rest.is_empty() { Ok(fields) } else { Err(cut_off()) }
}

impl<'a> Field<'a> {
    /// What its bytes say.
    ///
    /// # Errors
    /// If they don't fit the type.
    pub fn value(&self) -> Result<FieldValue<'a>> {
        let wrong = || {
            let (id, kind, length) = (self.id, self.kind, self.bytes.len());
            LedgerError::BadFields(format!("column {id}: {length} bytes don't fit type {kind}"))
        };
        Ok(match self.kind {
            1 => FieldValue::Text(std::str::from_utf8(self.bytes).map_err(|_| wrong())?),
            2 if *self.bytes == [0] => FieldValue::Bool(false),
            2 if *self.bytes == [1] => FieldValue::Bool(true),
            3 => FieldValue::Integer(i16::from_be_bytes(self.array().ok_or_else(wrong)?).into()),
            4 => FieldValue::Integer(i32::from_be_bytes(self.array().ok_or_else(wrong)?).into()),
            5 => FieldValue::Integer(i64::from_be_bytes(self.array().ok_or_else(wrong)?)),
            6 => FieldValue::Time(i64::from_be_bytes(self.array().ok_or_else(wrong)?)),
            LIST => FieldValue::List(self.elements()?),
            8 => FieldValue::Bytes(self.bytes),
            _ => return Err(wrong()),
        })
    }

    fn array<const N: usize>(&self) -> Option<[u8; N]> {
        self.bytes.try_into().ok()
    }

    fn elements(&self) -> Result<Vec<Vec<Field<'a>>>> {
        let mut rest = self.bytes;
        let mut elements = Vec::new();
        while !rest.is_empty() {
            let (element, behind) = take_counted(rest)?;
            elements.push(decode(element, false)?);
            rest = behind;
        }
        Ok(elements)
    }
}

/// The bytes behind a u32 length, and what follows them.
fn take_counted(bytes: &[u8]) -> Result<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk().ok_or_else(cut_off)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| cut_off())?;
    rest.split_at_checked(length).ok_or_else(cut_off)
}

fn cut_off() -> LedgerError {
    LedgerError::BadFields("it is cut off".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tests::rows::{list, put};

    #[test]
    fn each_type_reads_as_it_was_written() {
        let mut bytes = Vec::new();
        put(&mut bytes, 1, 1, "Grüße".as_bytes());
        put(&mut bytes, 2, 2, &[1]);
        put(&mut bytes, 3, 3, &(-2_i16).to_be_bytes());
        put(&mut bytes, 4, 4, &(-3_i32).to_be_bytes());
        put(&mut bytes, 5, 5, &(-4_i64).to_be_bytes());
        put(&mut bytes, 6, 6, &7_i64.to_be_bytes());
        let mut step = Vec::new();
        put(&mut step, 66, 1, b"totp");
        put(&mut bytes, 7, 7, &list(&[&step, &[]]));
        put(&mut bytes, 8, 8, b"\xff");
        let step = vec![Field { id: 66, kind: 1, bytes: b"totp" }];
        let values: Vec<FieldValue<'_>> = decode_fields(&bytes)
            .expect("columns")
            .iter()
            .map(|field| field.value().expect("fits"))
            .collect();
        let expected = vec![
            FieldValue::Text("Grüße"),
            FieldValue::Bool(true),
            FieldValue::Integer(-2),
            FieldValue::Integer(-3),
            FieldValue::Integer(-4),
            FieldValue::Time(7),
            FieldValue::List(vec![step, vec![]]),
            FieldValue::Bytes(b"\xff"),
        ];
        assert_eq!(values, expected);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let one = |kind, bytes: &[u8]| {
            let mut out = Vec::new();
            put(&mut out, 1, kind, bytes);
            out
        };
        let text = one(1, b"a");
        let nested = one(7, &list(&[&one(7, &[])]));
        for bytes in [
            &text[..7],
            &text[..3],
            &one(1, b"\xff"),
            &one(2, &[2]),
            &one(3, &[0]),
            &one(6, &[0; 4]),
            &one(7, &[0, 0, 0, 1]),
            &nested,
            &one(9, &[]),
            &one(0, &[]),
            &[&*text, &*text].concat(),
        ] {
            assert!(decode_fields(bytes).is_err(), "{bytes:?}");
        }
        let mut deep = Vec::new();
        for _ in 0..2_000 {
            deep = one(LIST, &list(&[&deep]));
        }
        assert!(decode_fields(&deep).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(0_u8..10, 0..80)) {
            let _ = decode_fields(&bytes);
        }
    }
}
