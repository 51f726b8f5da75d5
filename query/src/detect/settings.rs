//! What an operator sets of detection.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::parameter::Parameters;
use super::places::Range;
use super::registry::{detector, detectors};
use super::row::{DAY, HOUR};

/// Settings of detection.
#[derive(Debug, Clone)]
pub struct DetectSettings {
    /// Days of history that detectors learn from when they begin anew.
    pub history_days: u32,
    /// How many hours an event may lie behind the newest one to be looked at; what comes later
    /// is only learned from.
    pub late_hours: u32,
    /// Addresses behind which anyone may be anywhere: exits of VPNs and proxies.
    pub exits: Vec<Range>,
    /// Detectors that are switched off.
    pub off: Vec<String>,
    /// What was set of each detector.
    pub parameters: BTreeMap<String, BTreeMap<String, f64>>,
    /// Where what they know is kept.
    pub file: PathBuf,
    /// Something secret of this installation: numbers of texts are made with it.
    pub secret: Vec<u8>,
}

impl Default for DetectSettings {
    fn default() -> Self {
        Self {
            history_days: 90,
            late_hours: 24,
            exits: Vec::new(),
            off: Vec::new(),
            parameters: BTreeMap::new(),
            file: PathBuf::from("derived/detect/state"),
            secret: Vec::new(),
        }
    }
}

impl DetectSettings {
    /// Whether names and values fit.
    ///
    /// # Errors
    /// What doesn't, in words.
    pub fn check(&self) -> Result<(), String> {
        let names = self.parameters.keys().chain(&self.off);
        for name in names {
            if detector(name).is_none() {
                let all: Vec<&str> = detectors().iter().map(|one| one.name).collect();
                return Err(format!("there is no detector {name}; there are {}", all.join(", ")));
            }
        }
        self.each().map(drop)
    }

    /// The parameters of each detector that is on.
    pub(crate) fn each(&self) -> Result<BTreeMap<&'static str, Parameters>, String> {
        let none = BTreeMap::new();
        let on = detectors().iter().filter(|one| !self.off.iter().any(|off| off == one.name));
        on.map(|one| {
            let set = self.parameters.get(one.name).unwrap_or(&none);
            let parameters = Parameters::set(one.parameters, set)
                .map_err(|problem| format!("detect.{} {problem}", one.name))?;
            Ok((one.name, parameters))
        })
        .collect()
    }

    /// See `late_hours`, µs.
    pub(crate) fn late(&self) -> i64 {
        i64::from(self.late_hours) * HOUR
    }

    /// See `history_days`, µs.
    pub(crate) fn history(&self) -> i64 {
        i64::from(self.history_days) * DAY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_checked() {
        assert_eq!(DetectSettings::default().check(), Ok(()));
        let off = |name: &str| DetectSettings { off: vec![name.to_owned()], ..Default::default() };
        assert!(off("guessing").check().is_ok());
        assert!(off("gessing").check().expect_err("a slip").contains("guessing"));
        let set = BTreeMap::from([("failures".to_owned(), 0.0)]);
        let parameters = BTreeMap::from([("guessing".to_owned(), set)]);
        let told = DetectSettings { parameters, ..Default::default() }.check().expect_err("zero");
        assert_eq!(told, "detect.guessing failures can't be 0");
    }
}
