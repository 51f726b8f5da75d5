//! Records that were cut before they were stored: what a message or a line held is one
//! record, whatever is in it.

use bytes::Bytes;

/// Records, each behind its length in bytes (`u32`, little-endian).
#[derive(Debug, Default)]
pub struct Listed {
    bytes: Vec<u8>,
    count: u32,
}

impl Listed {
    /// Adds a record; one of 4 GiB or more is cut there.
    pub fn push(&mut self, record: &[u8]) {
        let length = u32::try_from(record.len()).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(&length.to_le_bytes());
        let kept = usize::try_from(length).ok().and_then(|length| record.get(..length));
        self.bytes.extend_from_slice(kept.unwrap_or(record));
        self.count = self.count.saturating_add(1);
    }

    /// How many there are.
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes of all of them, with their lengths.
    pub const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// What lies in the log.
    pub fn into_bytes(self) -> Bytes {
        self.bytes.into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::input::records;

    proptest! {
        #[test]
        fn any_records_come_back_as_they_were(
            all in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..20)
        ) {
            let mut listed = Listed::default();
            all.iter().for_each(|record| listed.push(record));
            prop_assert_eq!(usize::try_from(listed.count()), Ok(all.len()));
            let bytes = listed.into_bytes();
            prop_assert_eq!(records::listed(&bytes).collect::<Vec<_>>(), all);
        }
    }
}
