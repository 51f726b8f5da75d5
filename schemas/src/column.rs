//! The static table of columns. Everything that knows an event's columns (the
//! Arrow and Delta schemas, the builders, the row hash, the console's help)
//! is made from this table.

/// How a column is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// One word of a closed vocabulary, stored as text.
    Word,
    /// True, false or not said.
    Bool,
    /// 16-bit integer.
    I16,
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// Microseconds since 1970 UTC.
    Time,
    /// Bytes.
    Bytes,
    /// List of factor steps.
    Factors,
    /// List of policy decisions.
    Policies,
}

/// Where a column goes in `rollcall-row-v1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Part of the row's identity, hashed as such.
    Position,
    /// Can't identify anyone.
    Open,
    /// Can identify someone; salted before hashing, erasable.
    Personal,
    /// The record itself; salted before hashing, erasable.
    Raw,
    /// Filled by an erasure; not hashed.
    Evidence,
}

/// One column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Numeric field id, never reused, in Parquet, Delta and the row hash.
    pub id: u16,
    /// Name in SQL.
    pub name: &'static str,
    /// How it is stored.
    pub kind: Kind,
    /// Where it goes in the row hash.
    pub group: Group,
    /// Whether it may be null.
    pub nullable: bool,
    /// What it means, for people.
    pub doc: &'static str,
}

/// Calls a macro with the table of an event's own columns (those that an
/// adapter fills). `id name kind group doc`; kinds are those of [`Kind`].
macro_rules! for_each_event_column {
    ($callback:ident) => {
        $callback! {
            8 source_event_id text Personal "The source's own identity of the event, where it has one."
            13 activity word(Activity) Open "What happened."
            14 outcome word(Outcome) Open "How it ended."
            15 reason opt_word(Reason) Open "Why it failed, in one vocabulary for all sources."
            16 reason_raw text Personal "The reason in the source's own words."
            17 operation text Open "The vendor's name of the action."
            18 interactive bool Open "Whether a person was at the keyboard."
            19 user_id text Personal "The account's id at the source."
            20 user_name text Personal "Login or e-mail, lower-cased."
            21 user_type text Open "Kind of account as the source has it."
            22 actor text Personal "Who acted, where that is not the user."
            23 platform word(Platform) Open "What kind of service was signed in to."
            24 service text Open "The service or application."
            25 resource text Personal "What was accessed: repository, role, secret, host."
            26 environment text Open "Environment, for instance production."
            27 pipeline text Open "The pipeline or workflow."
            28 ticket text Personal "A change or incident ticket."
            29 protocol text Open "saml, oidc, ssh2, oauth2, …"
            30 credential opt_word(Credential) Open "What was shown to get in."
            31 credential_id text Personal "Keyed hash of the credential's id."
            32 mfa word(Mfa) Open "What the source says of a second factor; unknown is not no."
            33 factor opt_word(Factor) Open "The strongest factor of this event."
            34 factor_id text Personal "Keyed hash of the factor's id."
            35 factors factors Open "Every step with its factor, outcome, start and end."
            36 phishing_resistant bool Open "Whether the factor binds to the site."
            37 duration_ms i64 Open "Milliseconds to authenticate, where this event itself says it."
            38 duration_basis opt_word(DurationBasis) Open "How duration_ms was measured."
            39 flow_id text Personal "The source's key of one sign-in flow."
            40 session_id text Personal "The source's session."
            41 score i16 Open "A person's score of the sign-in (feedback)."
            42 policy_id text Open "The policy that decided."
            43 policy_name text Open "Its name."
            44 policy_mode opt_word(PolicyMode) Open "Whether it binds or only reports."
            45 policy_result opt_word(PolicyResult) Open "What it decided."
            46 policies policies Open "Every policy that was evaluated, where several were."
            47 blocked bool Open "Whether a policy stopped the access."
            48 ip text Personal "Client address."
            49 country text Open "Country as the source says, ISO 3166-1 alpha-2."
            50 region text Personal "Region as the source says."
            51 city text Personal "City as the source says."
            52 lat_e6 i32 Personal "Latitude in millionths of a degree."
            53 lon_e6 i32 Personal "Longitude in millionths of a degree."
            54 asn i32 Open "Autonomous system number."
            55 as_org text Open "Its organisation."
            56 is_proxy bool Open "Whether the source calls the address a proxy."
            57 user_agent text Personal "User agent."
            58 browser text Open "Browser as the source says."
            59 os text Open "Operating system as the source says."
            60 device_id text Personal "The source's device id."
            61 device_managed bool Open "Whether the device is managed."
        }
    };
}
pub(crate) use for_each_event_column;

macro_rules! kind_of {
    (text) => {
        Kind::Text
    };
    (word($t:ident)) => {
        Kind::Word
    };
    (opt_word($t:ident)) => {
        Kind::Word
    };
    (bool) => {
        Kind::Bool
    };
    (i16) => {
        Kind::I16
    };
    (i32) => {
        Kind::I32
    };
    (i64) => {
        Kind::I64
    };
    (factors) => {
        Kind::Factors
    };
    (policies) => {
        Kind::Policies
    };
}
pub(crate) use kind_of;
macro_rules! nullable {
    (word($t:ident)) => {
        false
    };
    ($($other:tt)+) => {
        true
    };
}
macro_rules! event_columns {
    ($($id:literal $name:ident $kind:ident $(($word:ident))? $group:ident $doc:literal)+) => {
        const EVENT_COLUMNS: &[Column] = &[$(Column {
            id: $id, name: stringify!($name), kind: kind_of!($kind $(($word))?),
            group: Group::$group, nullable: nullable!($kind $(($word))?), doc: $doc,
        },)+];
    };
}
for_each_event_column!(event_columns);

const fn column(
    id: u16,
    name: &'static str,
    kind: Kind,
    group: Group,
    nullable: bool,
    doc: &'static str,
) -> Column {
    Column { id, name, kind, group, nullable, doc }
}

const HEAD: &[Column] = &[
    column(
        1,
        "shard",
        Kind::I32,
        Group::Position,
        false,
        "Number of the stream that the record came in.",
    ),
    column(2, "seq", Kind::I64, Group::Position, false, "The record in the stream."),
    column(3, "part", Kind::I32, Group::Position, false, "The row made from that record."),
    column(
        4,
        "revises_shard",
        Kind::I32,
        Group::Open,
        true,
        "Stream of the row that this one replaces.",
    ),
    column(
        5,
        "revises_seq",
        Kind::I64,
        Group::Open,
        true,
        "Record of the row that this one replaces.",
    ),
    column(
        6,
        "revises_part",
        Kind::I32,
        Group::Open,
        true,
        "Part of the row that this one replaces.",
    ),
    column(7, "source", Kind::Text, Group::Open, false, "The source, for instance okta or sshd."),
    column(
        9,
        "collector",
        Kind::Text,
        Group::Open,
        true,
        "Who handed the record in: a token's name, a file's name.",
    ),
    column(10, "time", Kind::Time, Group::Open, false, "When it happened, as the source says."),
    column(
        11,
        "received",
        Kind::Time,
        Group::Open,
        false,
        "When rollcall took it in; never backwards within a shard.",
    ),
    column(
        12,
        "redactions",
        Kind::I32,
        Group::Open,
        false,
        "How many secrets were cut out of the record.",
    ),
];

const TAIL: &[Column] = &[
    column(62, "raw", Kind::Bytes, Group::Raw, true, "The record after redaction."),
    column(
        63,
        "personal_hash",
        Kind::Bytes,
        Group::Evidence,
        true,
        "Salted hash of the personal columns, filled by an erasure.",
    ),
    column(
        64,
        "raw_hash",
        Kind::Bytes,
        Group::Evidence,
        true,
        "Salted hash of the record, filled by an erasure.",
    ),
];

/// Every column of `events`, in the order in which the file has them.
pub fn events() -> impl Iterator<Item = &'static Column> + Clone {
    HEAD.iter().chain(EVENT_COLUMNS).chain(TAIL)
}

/// Every column of `set_aside`, in the order in which the file has them.
/// Their field ids are `set_aside`'s own and start at 1 again.
pub const SET_ASIDE: &[Column] = &[
    column(
        1,
        "shard",
        Kind::I32,
        Group::Position,
        false,
        "Number of the stream that the record came in.",
    ),
    column(2, "seq", Kind::I64, Group::Position, false, "The record in the stream."),
    column(3, "part", Kind::I32, Group::Position, false, "The part of the record."),
    column(4, "source", Kind::Text, Group::Open, true, "The source, where it could be told."),
    column(5, "collector", Kind::Text, Group::Open, true, "Who handed the record in."),
    column(6, "received", Kind::Time, Group::Open, false, "When rollcall took it in."),
    column(
        7,
        "verdict",
        Kind::Word,
        Group::Open,
        false,
        "duplicate, joined, not_authentication or quarantined.",
    ),
    column(8, "reason", Kind::Text, Group::Open, true, "Why, in words."),
    column(
        9,
        "of_shard",
        Kind::I32,
        Group::Open,
        true,
        "Stream of the row that holds its content.",
    ),
    column(10, "of_seq", Kind::I64, Group::Open, true, "Record of the row that holds its content."),
    column(11, "of_part", Kind::I32, Group::Open, true, "Part of the row that holds its content."),
    column(
        12,
        "source_hint",
        Kind::Text,
        Group::Open,
        true,
        "The source that the sender named, for a replay.",
    ),
    column(
        13,
        "redactions",
        Kind::I32,
        Group::Open,
        false,
        "How many secrets were cut out of the record.",
    ),
    column(
        14,
        "raw",
        Kind::Bytes,
        Group::Raw,
        true,
        "The record after redaction; null where another row holds the same bytes.",
    ),
    column(
        15,
        "raw_hash",
        Kind::Bytes,
        Group::Evidence,
        true,
        "Salted hash of the record, filled by an erasure.",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn field_ids_and_names_are_unique() {
        for columns in [events().collect::<Vec<_>>(), SET_ASIDE.iter().collect()] {
            let ids: BTreeSet<_> = columns.iter().map(|c| c.id).collect();
            let names: BTreeSet<_> = columns.iter().map(|c| c.name).collect();
            assert_eq!((ids.len(), names.len()), (columns.len(), columns.len()));
        }
    }

    #[test]
    fn personal_columns_are_those_of_the_ledger_format() {
        let personal: BTreeSet<_> =
            events().filter(|c| c.group == Group::Personal).map(|c| c.name).collect();
        let expected = [
            "user_id",
            "user_name",
            "actor",
            "ip",
            "region",
            "city",
            "lat_e6",
            "lon_e6",
            "device_id",
            "user_agent",
            "session_id",
            "flow_id",
            "credential_id",
            "factor_id",
            "source_event_id",
            "reason_raw",
            "resource",
            "ticket",
        ];
        assert_eq!(personal, expected.into_iter().collect());
    }
}
