//! What a verification can find.

use std::fmt;

/// What kind of thing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// There is no ledger, or nothing in it.
    NoLedger,
    /// A file of the ledger is missing, damaged or contradicts the entries.
    DamagedLedger,
    /// The checkpoint doesn't fit the entries: one was signed for other entries.
    ForgedCheckpoint,
    /// The checkpoint isn't signed by the log's key.
    WrongKey,
    /// The ledger is shorter than what was signed, or another one.
    RolledBack,
    /// What was signed last is there, and its checkpoint isn't: a process was killed
    /// before it wrote it.
    UnsignedTail,
    /// A receipt of an anchor is damaged, or doesn't hold.
    BadReceipt,
    /// An older checkpoint isn't the beginning of this ledger.
    NotAppendOnly,
    /// Entries of a table don't follow each other.
    ReorderedLeaves,
    /// A commit has no entry though later ones have.
    DroppedLeaf,
    /// The ledger knows a commit that isn't there.
    MissingCommit,
    /// A commit isn't what the ledger says of it.
    AlteredCommit,
    /// A commit has no entry, and none comes after it.
    UnloggedCommit,
    /// Files were taken away against the rule that their entry names.
    UnfoundedRemoval,
    /// A file that the ledger names is not in the table: its `add` was dropped.
    DroppedAdd,
    /// A file that the table names isn't there.
    MissingFile,
    /// A file isn't the one that was sealed, and its rows can't be read.
    AlteredFile,
    /// The rows in a file aren't those that were sealed.
    AlteredRow,
    /// A file lies in a table's folder that no commit names.
    ExtraFile,
    /// Records that neither a row nor a verdict nor a stated gap accounts for, or
    /// that two do.
    Positions,
    /// A verdict points to a row that isn't there.
    FalseVerdict,
    /// The table can't be opened by its own log.
    DamagedTable,
    /// Nothing was written to the ledger for too long.
    StaleTail,
    /// The log of what isn't sealed yet is damaged.
    DamagedLog,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// Its kind.
    pub kind: FindingKind,
    /// The file, or what it is about.
    pub what: String,
    /// What was expected and what was found.
    pub detail: String,
}

impl Finding {
    pub(super) fn new(
        kind: FindingKind,
        what: impl fmt::Display,
        detail: impl fmt::Display,
    ) -> Self {
        Self { kind, what: what.to_string(), detail: detail.to_string() }
    }

    /// That the log of what isn't sealed yet can't be read as it should: the lake doesn't
    /// know that log, whoever does brings it along.
    pub fn damaged_log(what: impl fmt::Display, detail: impl fmt::Display) -> Self {
        Self::new(FindingKind::DamagedLog, what, detail)
    }
}

impl FindingKind {
    /// In words, for people.
    pub const fn as_words(self) -> &'static str {
        match self {
            Self::NoLedger => "no ledger",
            Self::DamagedLedger => "damaged ledger",
            Self::ForgedCheckpoint => "forged checkpoint",
            Self::WrongKey => "wrong key",
            Self::RolledBack => "rolled back",
            Self::UnsignedTail => "unsigned tail",
            Self::BadReceipt => "bad receipt",
            Self::NotAppendOnly => "not append-only",
            Self::ReorderedLeaves => "reordered leaves",
            Self::DroppedLeaf => "dropped leaf",
            Self::MissingCommit => "missing commit",
            Self::AlteredCommit => "altered commit",
            Self::UnloggedCommit => "unlogged commit",
            Self::UnfoundedRemoval => "unfounded removal",
            Self::DroppedAdd => "dropped add",
            Self::MissingFile => "missing file",
            Self::AlteredFile => "altered file",
            Self::AlteredRow => "altered row",
            Self::ExtraFile => "extra file",
            Self::Positions => "positions",
            Self::FalseVerdict => "false verdict",
            Self::DamagedTable => "damaged table",
            Self::StaleTail => "stale tail",
            Self::DamagedLog => "damaged log",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.kind.as_words(), self.what, self.detail)
    }
}
