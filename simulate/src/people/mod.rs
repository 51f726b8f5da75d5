//! Who works here: people and service accounts, the rollout of MFA, what
//! each person enrolled when, and the two files that a directory gives.

mod directory;
mod factor;
mod names;
mod person;
mod rollout;
mod roster;
mod service;
mod timeline;

pub(crate) use directory::{factors_csv, people_csv};
pub(crate) use factor::Factor;
pub(crate) use person::{AwsAccess, Idp, Person, Role, Trip};
pub(crate) use rollout::{Cohort, Phase, Rollout, workday};
pub(crate) use roster::roster;
pub(crate) use service::{Service, Work, services};
pub(crate) use timeline::{Ending, Holding, Timeline};
