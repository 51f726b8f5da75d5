//! What the company lives in: chance, the week, places and machines.

mod chance;
mod device;
mod place;
mod rhythm;

pub(crate) use chance::{Chance, Stream, seconds};
pub(crate) use device::Device;
pub(crate) use place::{CITIES, City, Network};
pub(crate) use rhythm::{Rhythm, is_holiday, is_weekend};
