//! Recognition by the keys that only one source has.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// Bytes of a record that are looked at; a key that tells a source stands early.
const HEAD: usize = 64 * 1024;

/// A JSON key, with its quotes. It can't match within a string of the record:
/// there the closing quote has a backslash before it.
pub(crate) struct Needle(LazyLock<Finder<'static>>);

impl Needle {
    /// A needle, built at first use.
    pub(crate) const fn new(build: fn() -> Finder<'static>) -> Self {
        Self(LazyLock::new(build))
    }

    /// Whether the head of the record has it.
    pub(crate) fn is_in(&self, record: &[u8]) -> bool {
        let head = record.get(..HEAD).unwrap_or(record);
        self.0.find(head).is_some()
    }
}

/// Declares needles: `needles! { ACTOR = "actor" }`.
macro_rules! needles {
    ($($name:ident = $key:literal),+ $(,)?) => {
        $(static $name: $crate::source::needle::Needle = $crate::source::needle::Needle::new(
            || memchr::memmem::Finder::new(concat!('"', $key, '"').as_bytes()),
        );)+
    };
}
pub(crate) use needles;
