//! What anchors and a sign-once file elsewhere say. Only they can tell a ledger that
//! was put back, or replaced, together with everything beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::SecondsFormat;
use rollcall_ledger::{Beginnings, Checkpoint, Head, IndexRange, PublicKeys, VerifierKey};
use tokio::runtime::Handle;

use super::finding::{Finding, FindingKind};
use super::ledger::span;
use crate::anchor::{AnchorError, Anchors, Standing, open_anchored, receipts, vouches};
use crate::error::Result;
use crate::lake::LedgerSettings;

/// Somebody outside who vouches for the ledger's beginning.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Vouched {
    /// The anchor's name in the settings; "sign-once file" for that.
    pub by: String,
    /// Entries that it vouches for.
    pub size: u64,
    /// When, in RFC 3339, where it says so.
    pub time: Option<String>,
    /// How that is known.
    pub how: String,
    /// Whether someone with root here couldn't have made it up.
    pub is_sure: bool,
}

/// What came of asking.
#[derive(Debug, Default)]
pub(super) struct Outside {
    pub(super) findings: Vec<Finding>,
    pub(super) vouched: Vec<Vouched>,
    pub(super) cannot_tell: Vec<String>,
    /// The sizes that each anchor took, by its receipts.
    taken: BTreeMap<String, BTreeSet<u64>>,
}

/// The ledger that is asked about.
pub(super) struct About {
    /// Its entries.
    pub(super) size: u64,
    /// What it was at every size, by its entries.
    pub(super) beginnings: Beginnings,
    /// Which log.
    pub(super) origin: String,
    /// Its restores: the entry of each, and the entries that it lost.
    pub(super) restored: Vec<(u64, Option<IndexRange>)>,
    /// What a sign-once file elsewhere says was signed last.
    pub(super) signed: Option<Head>,
    /// Entries of an older checkpoint that this ledger goes on from.
    pub(super) older: Option<u64>,
}

/// Checks receipts, and asks the anchors for what they hold now.
pub(super) fn ask(
    root: &Path,
    about: &About,
    settings: &LedgerSettings,
    handle: &Handle,
) -> Result<Outside> {
    let mut outside = Outside::default();
    let keys = keys(root);
    outside.receipts(root, about, settings, &keys);
    let anchors = Anchors::open(&settings.anchors, root, handle)?;
    for (name, held) in anchors.read_back() {
        match held {
            Ok(notes) => {
                let held = outside.held(&name, &notes, about, &keys);
                outside.still_holds(&name, &held);
            }
            Err(error) => {
                let words = format!("what anchor {name} holds now: {error}");
                outside.cannot_tell.push(words);
            }
        }
    }
    if let Some(signed) = about.signed {
        outside.vouched.push(Vouched {
            by: "sign-once file".to_owned(),
            size: signed.size,
            time: None,
            how: "it lies elsewhere, and says what was signed last".to_owned(),
            is_sure: true,
        });
    }
    if let Some(size) = about.older {
        outside.vouched.push(Vouched {
            by: "the older checkpoint".to_owned(),
            size,
            time: None,
            how: "it was brought along, and this ledger goes on from it".to_owned(),
            is_sure: true,
        });
    }
    outside.vouched.sort_by(|a, b| (&a.by, b.is_sure, b.size).cmp(&(&b.by, a.is_sure, a.size)));
    outside.vouched.dedup_by(|later, first| later.by == first.by);
    let size = about.size;
    let sure = outside.vouched.iter().filter(|vouched| vouched.is_sure);
    let most = sure.map(|vouched| vouched.size).max().unwrap_or_default();
    if most == 0 {
        outside.cannot_tell.push(NOBODY.to_owned());
    } else if most < size {
        outside.cannot_tell.push(format!(
            "whether {} of the ledger and everything beside were put back or replaced: nobody outside vouches for that yet",
            span(most, size)
        ));
    }
    Ok(outside)
}

const NOBODY: &str = "whether the whole directory was put back to an earlier state, or replaced as a \
    whole, together with its sign-once file and keys: nobody outside vouches for it, and an operator \
    with root could rewrite the whole history. Keep the sign-once file on another host \
    (ledger.sign_once), name anchors, or compare with a checkpoint from elsewhere (--checkpoint)";

/// The log's keys; none where they can't be read, which is a finding of its own.
fn keys(root: &Path) -> Vec<VerifierKey> {
    let text = std::fs::read_to_string(root.join("keys/log.pub")).unwrap_or_default();
    text.parse::<PublicKeys>().map(|keys| keys.verifiers()).unwrap_or_default()
}

impl About {
    /// Whether a checkpoint is of the log before a restore, and of entries that the
    /// restore says it lost.
    fn has_lost(&self, checkpoint: &Checkpoint) -> bool {
        let lost = self.restored.iter().filter_map(|(_, lost)| *lost);
        checkpoint.origin != self.origin
            && lost
                .into_iter()
                .any(|lost| lost.from < checkpoint.size && checkpoint.size <= lost.to)
    }
}

impl Outside {
    fn found(&mut self, kind: FindingKind, what: &str, detail: impl std::fmt::Display) {
        self.findings.push(Finding::new(kind, what, detail));
    }

    /// Whether a checkpoint is of a size at which the entries can't be read. Told once of
    /// each anchor.
    fn is_unread(&mut self, anchor: &str, about: &About, checkpoint: &Checkpoint) -> bool {
        let is_unread =
            checkpoint.size <= about.size && about.beginnings.root(checkpoint.size).is_none();
        let words =
            format!("whether the ledger is the one of {anchor}'s checkpoints: entries are missing");
        if is_unread && !self.cannot_tell.contains(&words) {
            self.cannot_tell.push(words);
        }
        is_unread
    }

    /// The receipts that lie beside the ledger.
    fn receipts(
        &mut self,
        root: &Path,
        about: &About,
        settings: &LedgerSettings,
        keys: &[VerifierKey],
    ) {
        let reports = match receipts(&settings.anchors, root, keys) {
            Ok(reports) => reports,
            Err(error) => return self.found(FindingKind::BadReceipt, "anchors", error),
        };
        for report in reports {
            let what = report.path.display().to_string();
            let (how, is_sure) = match report.standing {
                Standing::Verified { by } => (format!("signed by {by}"), true),
                Standing::Claimed { why } => (format!("its receipt says so: {why}"), false),
                Standing::Wrong(error) => {
                    self.found(FindingKind::BadReceipt, &what, error);
                    continue;
                }
            };
            let Some(checkpoint) = report.checkpoint else { continue };
            if about.has_lost(&checkpoint) || self.is_unread(&report.anchor, about, &checkpoint) {
                continue;
            }
            if let Err(error) = vouches(&about.beginnings, about.size, &checkpoint) {
                self.found(FindingKind::RolledBack, &what, error);
                continue;
            }
            let time = report.time.map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true));
            let (by, size) = (report.anchor, checkpoint.size);
            self.taken.entry(by.clone()).or_default().insert(size);
            self.vouched.push(Vouched { by, size, time, how, is_sure });
        }
    }

    /// What an anchor took it must hold still. A receipt that only claims so counts for
    /// nothing once the anchor was asked and doesn't hold it.
    fn still_holds(&mut self, name: &str, held: &BTreeSet<u64>) {
        let Some(taken) = self.taken.get(name) else { return };
        let missing: Vec<u64> = taken.difference(held).copied().collect();
        let (Some(newest), Some(of)) = (missing.last().copied(), taken.last()) else { return };
        self.vouched.retain(|v| v.by != name || v.is_sure || held.contains(&v.size));
        let now = match held.last() {
            None => "it holds none now".to_owned(),
            Some(largest) if largest < of => format!("the newest that it holds now has {largest}"),
            Some(_) => format!("it no longer holds {} that it took", missing.len()),
        };
        let detail = format!(
            "by a receipt it took the checkpoint of {newest} entries, and {now}: it was put back or emptied; an anchor that was moved to another place needs a new name"
        );
        self.found(FindingKind::RolledBack, &format!("anchor {name}"), detail);
    }

    /// The checkpoints that an anchor holds now; the sizes of those that are good.
    fn held(
        &mut self,
        name: &str,
        notes: &[Vec<u8>],
        about: &About,
        keys: &[VerifierKey],
    ) -> BTreeSet<u64> {
        let what = format!("anchor {name}");
        // The same complaint about many checkpoints is one.
        let mut complaints: BTreeMap<&str, (AnchorError, usize)> = BTreeMap::new();
        let mut sizes = BTreeSet::new();
        for note in notes {
            let opened = open_anchored(note, keys);
            if let Ok(checkpoint) = &opened
                && (about.has_lost(checkpoint) || self.is_unread(name, about, checkpoint))
            {
                continue;
            }
            let judged = opened.and_then(|checkpoint| {
                vouches(&about.beginnings, about.size, &checkpoint).map(|()| checkpoint.size)
            });
            match judged {
                Ok(size) => {
                    sizes.insert(size);
                }
                Err(error) => {
                    let kind = match error {
                        AnchorError::Ahead { .. } => "ahead",
                        AnchorError::OtherRoot { .. } => "other",
                        _ => "unreadable",
                    };
                    complaints.entry(kind).or_insert((error, 0)).1 += 1;
                }
            }
        }
        for (error, times) in complaints.into_values() {
            let more = if times > 1 { format!(" ({times} checkpoints)") } else { String::new() };
            self.found(FindingKind::RolledBack, &what, format!("{error}{more}"));
        }
        if let Some(size) = sizes.last().copied() {
            let how = "it holds the checkpoint now".to_owned();
            let by = name.to_owned();
            self.vouched.push(Vouched { by, size, time: None, how, is_sure: true });
        }
        sizes
    }
}
