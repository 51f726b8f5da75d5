//! Tells most keys that a file doesn't hold without reading the file.

/// A blocked Bloom filter: 16 bits a key, one cache line a look-up; about one
/// false yes in a thousand (Putze, Sanders and Singler, 2007).
#[derive(Debug)]
pub(crate) struct Filter {
    blocks: Vec<[u64; 8]>,
}

impl Filter {
    /// Room for this many keys.
    pub(crate) fn new(keys: usize) -> Self {
        Self { blocks: vec![[0; 8]; keys.div_ceil(32).max(1)] }
    }

    /// The block and, in each of its eight words, one bit of the key.
    fn place(&self, id: u128) -> (usize, [u64; 8]) {
        #[expect(clippy::cast_possible_truncation, reason = "halves of a hash")]
        let (high, low) = ((id >> 64) as u64, id as u64);
        let blocks = self.blocks.len() as u128;
        let block = usize::try_from((u128::from(high) * blocks) >> 64).unwrap_or_default();
        let mut bits = [0; 8];
        for (bit, shift) in bits.iter_mut().zip((0..).step_by(6)) {
            *bit = 1 << ((low >> shift) & 63);
        }
        (block, bits)
    }

    /// Adds a key.
    pub(crate) fn insert(&mut self, id: u128) {
        let (block, bits) = self.place(id);
        if let Some(words) = self.blocks.get_mut(block) {
            for (word, bit) in words.iter_mut().zip(bits) {
                *word |= bit;
            }
        }
    }

    /// Whether the key may be among them; no is certain.
    pub(crate) fn may_hold(&self, id: u128) -> bool {
        let (block, bits) = self.place(id);
        self.blocks
            .get(block)
            .is_some_and(|words| words.iter().zip(bits).all(|(word, bit)| word & bit != 0))
    }
}
