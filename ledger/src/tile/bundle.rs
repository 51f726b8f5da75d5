//! Entry bundles: entries one after the other, each behind its length as a
//! big-endian u16 (c2sp.org/tlog-tiles, "Log entries").

use crate::error::{LedgerError, Result};

/// Adds an entry to a bundle.
///
/// # Errors
/// If the entry is over 65,535 bytes.
pub fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<()> {
    let length = u16::try_from(entry.len())
        .map_err(|_| LedgerError::EntryTooLarge { bytes: entry.len() })?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The entries of a bundle; `None` if it is cut off in the midst of one.
pub fn decode_bundle(mut bundle: &[u8]) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::new();
    while let Some((length, rest)) = bundle.split_first_chunk::<2>() {
        let (entry, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        entries.push(entry);
        bundle = rest;
    }
    bundle.is_empty().then_some(entries)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bundles_read_back(entries in vec(vec(any::<u8>(), 0..300), 0..20)) {
            let mut bundle = Vec::new();
            for entry in &entries {
                push_entry(&mut bundle, entry).expect("short");
            }
            prop_assert_eq!(decode_bundle(&bundle).expect("whole"), entries);
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in vec(any::<u8>(), 0..600)) {
            if let Some(entries) = decode_bundle(&bytes) {
                prop_assert_eq!(entries.iter().map(|e| e.len() + 2).sum::<usize>(), bytes.len());
            }
        }
    }

    #[test]
    fn an_entry_of_65_535_bytes_fits_and_no_longer_one() {
        push_entry(&mut Vec::new(), &[0; 65_535]).expect("fits");
        assert!(push_entry(&mut Vec::new(), &[0; 65_536]).is_err());
    }
}
