//! A file that a compaction made holds the rows of the files that it names, no more and
//! no less. While these are there, row by row; afterwards, by their number.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use rollcall_ledger::RootBuilder;

use super::finding::{Finding, FindingKind};
use super::history::Sealed;
use crate::encode::Leaf;
use crate::provenance::State;

/// The inputs of one compaction, as they are read.
struct Merge<'a> {
    output: &'a Sealed,
    left: usize,
    leaves: Vec<Leaf>,
}

/// Every compaction whose inputs are all there.
pub(super) struct Merges<'a> {
    merges: Vec<Mutex<Merge<'a>>>,
    /// The compaction that a file went into, by the file's number.
    of_input: HashMap<usize, usize>,
}

impl<'a> Merges<'a> {
    /// Of the files of a ledger. Sums that don't add up are found at once.
    pub(super) fn new(sealed: &'a [Sealed], findings: &mut Vec<Finding>) -> Self {
        let mut all = Self { merges: Vec::new(), of_input: HashMap::new() };
        for output in sealed.iter().filter(|file| !file.merged.is_empty()) {
            let inputs: Vec<&Sealed> =
                output.merged.iter().filter_map(|number| sealed.get(*number)).collect();
            let rows: u64 = inputs.iter().map(|input| input.file.rows).sum();
            if rows != output.file.rows {
                let detail = format!(
                    "entry {} of the ledger says that its {} rows are those of {} files, which have {rows}",
                    output.index,
                    output.file.rows,
                    inputs.len()
                );
                findings.push(Finding::new(FindingKind::AlteredRow, &output.file.path, detail));
            }
            if inputs.iter().any(|input| input.state == State::Gone) {
                continue;
            }
            let number = all.merges.len();
            all.of_input.extend(output.merged.iter().map(|input| (*input, number)));
            all.merges.push(Mutex::new(Merge { output, left: inputs.len(), leaves: Vec::new() }));
        }
        all
    }

    /// Takes the leaves of a file that is as it was sealed; when it is the last input of
    /// a compaction, tells whether the output has other rows.
    pub(super) fn take(&self, number: usize, leaves: &[Leaf]) -> Option<(&'a Sealed, String)> {
        let merge = self.merges.get(*self.of_input.get(&number)?)?;
        let mut merge = merge.lock().unwrap_or_else(PoisonError::into_inner);
        merge.leaves.extend_from_slice(leaves);
        merge.left = merge.left.saturating_sub(1);
        if merge.left > 0 {
            return None;
        }
        let mut leaves = std::mem::take(&mut merge.leaves);
        leaves.sort_unstable_by_key(|leaf| leaf.0);
        let mut root = RootBuilder::default();
        for (_, hash) in leaves {
            root.push_hash(hash);
        }
        let (root, output) = (hex::encode(root.root()), merge.output);
        let expected = output.file.row_root.as_ref();
        (expected != Some(&root)).then(|| {
            let detail = format!(
                "its rows aren't those of the {} files that entry {} of the ledger says it was merged from",
                output.merged.len(),
                output.index
            );
            (output, detail)
        })
    }
}
