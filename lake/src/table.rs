//! The tables.

use arrow::datatypes::SchemaRef;

/// The tables of the lake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// Every row ever sealed.
    Events,
    /// Every record's verdict where it gave no row.
    SetAside,
    /// What each shard number stands for.
    Shards,
    /// The directory, by import.
    People,
    /// Factor snapshots, by day.
    Factors,
    /// What vendors had when they were asked again, against what is stored.
    Reconciliations,
    /// Vendors' policies, by day.
    VendorPolicies,
    /// Policies as code, by version.
    Policies,
    /// Marked times, by import.
    Annotations,
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 9] = [
        Self::Events,
        Self::SetAside,
        Self::Shards,
        Self::People,
        Self::Factors,
        Self::Reconciliations,
        Self::VendorPolicies,
        Self::Policies,
        Self::Annotations,
    ];

    /// Its name, also its folder's.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::SetAside => "set_aside",
            Self::Shards => "shards",
            Self::People => "people",
            Self::Factors => "factors",
            Self::Reconciliations => "reconciliations",
            Self::VendorPolicies => "vendor_policies",
            Self::Policies => "policies",
            Self::Annotations => "annotations",
        }
    }

    /// Whether its rows have positions in the stream, and hashes.
    pub const fn has_positions(self) -> bool {
        matches!(self, Self::Events | Self::SetAside)
    }

    /// The table of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// Its columns.
    pub fn schema(self) -> SchemaRef {
        match self {
            Self::Events => rollcall_schemas::arrow::events_schema(),
            Self::SetAside => rollcall_schemas::arrow::set_aside_schema(),
            Self::Shards => rollcall_schemas::directory::shards_schema(),
            Self::People => rollcall_schemas::directory::people_schema(),
            Self::Factors => rollcall_schemas::directory::factors_schema(),
            Self::Reconciliations => rollcall_schemas::directory::reconciliations_schema(),
            Self::VendorPolicies => rollcall_schemas::directory::vendor_policies_schema(),
            Self::Policies => rollcall_schemas::policy::policies_schema(),
            Self::Annotations => rollcall_schemas::policy::annotations_schema(),
        }
    }
}
