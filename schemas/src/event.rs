//! One event as an adapter gives it: what the source said, nothing judged.

use std::borrow::Cow;

use crate::Position;
use crate::column::for_each_event_column;
use crate::vocabulary::{
    Activity, Credential, DurationBasis, Factor, Mfa, Outcome, Platform, PolicyMode, PolicyResult,
    Reason,
};

/// One step of a sign-in, where the source lists its steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorStep {
    /// The factor that was tried.
    pub factor: Factor,
    /// How the step ended.
    pub outcome: Outcome,
    /// When it was asked for, µs since 1970 UTC.
    pub started: Option<i64>,
    /// When it was answered, µs since 1970 UTC.
    pub ended: Option<i64>,
}

/// One policy's decision, where the source lists several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyStep<'a> {
    /// The vendor's id of the policy.
    pub id: Option<Cow<'a, str>>,
    /// Its name.
    pub name: Option<Cow<'a, str>>,
    /// Whether it binds.
    pub mode: PolicyMode,
    /// What it decided.
    pub result: PolicyResult,
}

macro_rules! field_type {
    ($a:lifetime text) => { Option<Cow<$a, str>> };
    ($a:lifetime word($t:ident)) => { $t };
    ($a:lifetime opt_word($t:ident)) => { Option<$t> };
    ($a:lifetime bool) => { Option<bool> };
    ($a:lifetime i16) => { Option<i16> };
    ($a:lifetime i32) => { Option<i32> };
    ($a:lifetime i64) => { Option<i64> };
    ($a:lifetime factors) => { Vec<FactorStep> };
    ($a:lifetime policies) => { Vec<PolicyStep<$a>> };
}

macro_rules! event_struct {
    ($($id:literal $name:ident $kind:ident $(($word:ident))? $group:ident $doc:literal)+) => {
        /// One event, before it has a position. Text borrows from the record
        /// where it can.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct Event<'a> {
            /// When it happened, µs since 1970 UTC.
            pub time: i64,
            /// The row that this one replaces.
            pub revises: Option<Position>,
            $(#[doc = $doc] pub $name: field_type!('a $kind $(($word))?),)+
        }
    };
}
for_each_event_column!(event_struct);
