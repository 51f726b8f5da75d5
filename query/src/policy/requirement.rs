//! What a rule asks for.

use super::document::Keys;
use super::duration;
use super::fault::{Faults, meant};

/// How strong a verification is, on the house scale: 1 any second factor, 2 SMS or voice,
/// 3 push, TOTP or hardware OTP, 4 push with number, 5 phishing-resistant.
pub(super) type Strength = i64;

/// The strengths that can be asked for, each with everything above it.
pub(super) const STRENGTHS: &[(&str, Strength)] =
    &[("second_factor", 1), ("sms", 2), ("totp", 3), ("push_number", 4), ("phishing_resistant", 5)];

/// The strongest.
pub(super) const STRONGEST: usize = 5;

/// How long a verification counts where a rule doesn't say: as long as a session inherits
/// MFA in the view `attempts`.
pub(super) const USUAL_AGE_S: i64 = 86_400;

/// What a rule asks for. All of it has to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requirement {
    /// The weakest verification that will do.
    pub(super) strength: Option<Strength>,
    /// How old it may be, in seconds, where the rule says so.
    pub(super) max_age_s: Option<i64>,
    /// Whether the device has to be managed.
    pub(super) device_managed: bool,
}

const KEYS: [&str; 3] = ["strength", "max_age", "device_managed"];

/// Reads a strength's word.
pub(super) fn strength(word: &str) -> Result<Strength, String> {
    let found = STRENGTHS.iter().find(|(known, _)| *known == word).map(|(_, strength)| *strength);
    let known = STRENGTHS.iter().map(|(known, _)| *known);
    found.ok_or_else(|| format!("there is no strength {word:?}{}", meant(word, known)))
}

impl Requirement {
    /// Reads `require = { … }`.
    pub(super) fn read(keys: &Keys<'_, '_>, faults: &mut Faults<'_>) -> Self {
        keys.only(&KEYS, faults);
        let strength = keys.text("strength", faults).and_then(|word| match strength(word) {
            Ok(strength) => Some(strength),
            Err(what) => {
                keys.wrong("strength", what, faults);
                None
            }
        });
        let max_age_s = keys.text("max_age", faults).and_then(|text| {
            let place = keys.place_of("max_age", faults);
            duration::read(text, &place, &mut faults.found)
        });
        if max_age_s.is_some() && keys.get("strength").is_none() {
            let what = "it says how old a verification may be; add `strength`, which one is meant";
            keys.wrong("max_age", what, faults);
        }
        let device_managed = keys.truth("device_managed", faults).unwrap_or_default();
        let read = Self { strength, max_age_s, device_managed };
        if keys.get("strength").is_none() && !device_managed {
            let what = "it asks for nothing; add `strength` or `device_managed = true`";
            let fault = keys.place(faults).error(what);
            faults.found.push(fault);
        }
        read
    }

    /// How old a verification may be, in seconds.
    pub(super) fn age_s(&self) -> i64 {
        self.max_age_s.unwrap_or(USUAL_AGE_S)
    }
}

impl std::fmt::Display for Requirement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let of = |strength: &Strength| {
            let found = STRENGTHS.iter().find(|(_, known)| known == strength);
            found.map_or("", |(word, _)| *word)
        };
        if let Some(strength) = &self.strength {
            write!(f, "{} within {}", of(strength), duration::in_words(self.age_s()))?;
        }
        if self.strength.is_some() && self.device_managed {
            f.write_str(", ")?;
        }
        if self.device_managed {
            f.write_str("managed device")?;
        }
        Ok(())
    }
}
