//! Compressed bodies and files, expanded under a cap: a bomb costs no more than
//! the cap.

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// How bytes are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, any number of members.
    Gzip,
    /// zstd, any number of frames.
    Zstd,
    /// zlib, or raw deflate, as HTTP's `deflate` is either in the wild.
    Deflate,
}

impl Compression {
    /// From an HTTP `Content-Encoding`.
    pub fn from_header(value: &str) -> Option<Self> {
        match value.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Some(Self::None),
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "zstd" => Some(Self::Zstd),
            "deflate" => Some(Self::Deflate),
            _ => None,
        }
    }

    /// From a file's first bytes, whatever its name says.
    pub fn of_content(bytes: &[u8]) -> Self {
        match bytes {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            _ => Self::None,
        }
    }
}

/// Why bytes couldn't be expanded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// More than the cap came out.
    #[error("it expands to more than {cap} bytes; send it in smaller pieces")]
    TooLarge {
        /// The cap, in bytes.
        cap: u64,
    },
    /// The compressed bytes are damaged or end early.
    #[error(
        "the {compression} data is damaged or cut off after {expanded} expanded bytes: {detail}"
    )]
    Damaged {
        /// The compression.
        compression: &'static str,
        /// Bytes that could be expanded.
        expanded: u64,
        /// What the library said.
        detail: String,
    },
}

/// What came out, whole or up to the damage.
#[derive(Debug)]
pub struct Expanded {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What is wrong with the rest, if anything is.
    pub damage: Option<DecodeError>,
}

/// Expands bytes. Damage isn't an error here: what came out before it is given
/// back with it, and the caller decides.
///
/// # Errors
/// If more than `cap` bytes come out.
pub fn expand(bytes: &[u8], compression: Compression, cap: u64) -> Result<Expanded, DecodeError> {
    match compression {
        Compression::None => {
            if bytes.len() as u64 > cap {
                return Err(DecodeError::TooLarge { cap });
            }
            Ok(Expanded { bytes: bytes.to_vec(), damage: None })
        }
        Compression::Gzip => read(MultiGzDecoder::new(bytes), "gzip", cap),
        Compression::Zstd => match zstd::stream::read::Decoder::new(bytes) {
            Ok(decoder) => read(decoder, "zstd", cap),
            Err(error) => Ok(damaged(Vec::new(), "zstd", &error)),
        },
        Compression::Deflate => {
            let zlib = read(ZlibDecoder::new(bytes), "deflate", cap)?;
            if zlib.damage.is_some() && zlib.bytes.is_empty() {
                return read(DeflateDecoder::new(bytes), "deflate", cap);
            }
            Ok(zlib)
        }
    }
}

fn read(decoder: impl Read, compression: &'static str, cap: u64) -> Result<Expanded, DecodeError> {
    let mut bytes = Vec::new();
    let result = decoder.take(cap + 1).read_to_end(&mut bytes);
    if bytes.len() as u64 > cap {
        return Err(DecodeError::TooLarge { cap });
    }
    Ok(match result {
        Ok(_) => Expanded { bytes, damage: None },
        Err(error) => damaged(bytes, compression, &error),
    })
}

fn damaged(bytes: Vec<u8>, compression: &'static str, error: &std::io::Error) -> Expanded {
    let expanded = bytes.len() as u64;
    let damage = DecodeError::Damaged { compression, expanded, detail: error.to_string() };
    Expanded { bytes, damage: Some(damage) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        out.write_all(bytes).expect("memory");
        out.finish().expect("memory")
    }

    #[test]
    fn several_members_are_one_stream() {
        let two = [gzip(b"one\n"), gzip(b"two\n")].concat();
        let expanded = expand(&two, Compression::Gzip, 100).expect("small");
        assert_eq!(expanded.bytes, b"one\ntwo\n");
        assert!(expanded.damage.is_none());
    }

    #[test]
    fn a_truncated_stream_gives_what_it_has_and_says_so() {
        let whole = gzip(&b"0123456789\n".repeat(10_000));
        let expanded =
            expand(&whole[..whole.len() / 2], Compression::Gzip, 1 << 20).expect("small");
        assert!(!expanded.bytes.is_empty());
        assert!(matches!(expanded.damage, Some(DecodeError::Damaged { .. })));
    }

    #[test]
    fn a_bomb_stops_at_the_cap() {
        let zeros = vec![0; 50 << 20];
        for (bomb, kind) in [
            (gzip(&zeros), Compression::Gzip),
            (zstd::encode_all(&*zeros, 1).expect("memory"), Compression::Zstd),
        ] {
            let error = expand(&bomb, kind, 1 << 20).expect_err("too large");
            assert!(matches!(error, DecodeError::TooLarge { cap: 1_048_576 }));
        }
    }

    #[test]
    fn deflate_is_zlib_or_raw() {
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(b"x").expect("memory");
        let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        raw.write_all(b"x").expect("memory");
        for bytes in [zlib.finish().expect("memory"), raw.finish().expect("memory")] {
            assert_eq!(expand(&bytes, Compression::Deflate, 10).expect("small").bytes, b"x");
        }
    }
}
