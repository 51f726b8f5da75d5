//! Reads the cases that other programs computed (`oracle/*.json`, made by
//! `oracle/make.py`; each file names the programs and their versions).

use serde_json::Value;

/// One case: inputs and what the oracle makes of them.
pub(crate) struct Case(Value);

/// The cases of one kind in a file; there is at least one.
pub(crate) fn cases(file: &str, kind: &str) -> Vec<Case> {
    let file: Value = serde_json::from_str(file).expect("a case file is JSON");
    let oracles = file["oracles"].as_object().expect("a case file names its oracles");
    assert!(oracles.values().all(|version| version.as_str().is_some_and(|v| v.contains('.'))));
    let cases = file[kind].as_array().expect("cases of this kind").clone();
    assert!(!cases.is_empty(), "no case of {kind}");
    cases.into_iter().map(Case).collect()
}

impl Case {
    pub(crate) fn number(&self, name: &str) -> f64 {
        self.0[name].as_f64().unwrap_or_else(|| panic!("{name} is a number"))
    }

    pub(crate) fn whole(&self, name: &str) -> i64 {
        self.0[name].as_i64().unwrap_or_else(|| panic!("{name} is whole"))
    }

    pub(crate) fn numbers(&self, name: &str) -> Vec<f64> {
        let list = self.0[name].as_array().unwrap_or_else(|| panic!("{name} is a list"));
        list.iter().map(|value| value.as_f64().expect("a number")).collect()
    }

    pub(crate) fn wholes(&self, name: &str) -> Vec<i64> {
        let list = self.0[name].as_array().unwrap_or_else(|| panic!("{name} is a list"));
        list.iter().map(|value| value.as_i64().expect("a whole number")).collect()
    }
}

/// Within `apart` of what is expected, as a share of it; near zero within 1e-14.
#[track_caller]
pub(crate) fn close(found: f64, expected: f64, apart: f64, what: &str) {
    let distance = (found - expected).abs();
    assert!(
        distance <= apart * expected.abs() || distance <= 1e-14,
        "{what}: {found} is not {expected}"
    );
}
