//! A day as a list of visits: planned first, without writing anything, then
//! told to the vendors that see each of them.

mod app;
mod machine;
mod noise;
mod resend;
mod visit;
mod workday;

pub(crate) use app::App;
pub(crate) use machine::{machine_day, runs};
pub(crate) use noise::noise_day;
pub(crate) use resend::resend;
pub(crate) use visit::{Scene, person_day};
pub(crate) use workday::{How, Surroundings};
