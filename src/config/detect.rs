//! `[detect]` and `[detect.NAME]`: what is looked for.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use rollcall_query::detect::{DetectSettings, detectors};

use crate::usage;

/// As it stands in the file: keys of detection itself, and a table a detector.
pub type Table = BTreeMap<String, toml::Value>;

/// What the crate wants to know. `file` is where what detectors know is kept, `secret`
/// something secret of this installation.
pub fn settings(table: &Table, file: PathBuf, secret: Vec<u8>) -> Result<DetectSettings> {
    let mut settings = DetectSettings { file, secret, ..DetectSettings::default() };
    for (key, value) in table {
        let wrong = |what: &str| usage(format!("detect.{key} takes {what}, not {value}"));
        match key.as_str() {
            "history_days" => {
                settings.history_days = whole(value).ok_or_else(|| wrong("days, from 1"))?;
            }
            "late_hours" => {
                settings.late_hours = whole(value).ok_or_else(|| wrong("hours, from 1"))?;
            }
            "exits" => {
                let texts = texts(value).ok_or_else(|| wrong("a list of addresses"))?;
                let ranges = texts.iter().map(|text| text.parse());
                let ranges: Result<_, String> = ranges.collect();
                settings.exits =
                    ranges.map_err(|reason| usage(format!("detect.exits: {reason}")))?;
            }
            "off" => {
                let names = texts(value).ok_or_else(|| wrong("a list of detectors"))?;
                settings.off = names.into_iter().map(str::to_owned).collect();
            }
            name if detectors().iter().any(|one| one.name == name) => {
                let set = value.as_table().ok_or_else(|| wrong("a table"))?;
                let set = set.iter().map(|(key, value)| {
                    let number = number(value).ok_or_else(|| {
                        usage(format!("detect.{name}.{key} takes a number, not {value}"))
                    })?;
                    Ok((key.clone(), number))
                });
                settings.parameters.insert(name.to_owned(), set.collect::<Result<_>>()?);
            }
            _ => {
                let names: Vec<&str> = detectors().iter().map(|one| one.name).collect();
                return Err(usage(format!(
                    "there is no detect.{key}; there are history_days, late_hours, exits, off, and the detectors {}",
                    names.join(", ")
                )));
            }
        }
    }
    settings.check().map_err(usage)?;
    Ok(settings)
}

fn whole(value: &toml::Value) -> Option<u32> {
    value.as_integer().and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0)
}

fn texts(value: &toml::Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(toml::Value::as_str).collect()
}

fn number(value: &toml::Value) -> Option<f64> {
    match value {
        toml::Value::Boolean(is) => Some(f64::from(u8::from(*is))),
        #[expect(clippy::cast_precision_loss, reason = "parameters are below a million")]
        toml::Value::Integer(number) => Some(*number as f64),
        toml::Value::Float(number) => Some(*number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<DetectSettings, String> {
        let table: Table = toml::from_str(text).expect("TOML");
        settings(&table, PathBuf::from("x"), Vec::new()).map_err(|error| error.to_string())
    }

    #[test]
    fn detectors_are_set_by_their_names() {
        let text = "history_days = 30\nexits = [\"203.0.113.0/24\"]\noff = [\"rare_hour\"]\n\
            [push_bombing]\nprompts = 4\n[guessing]\nown_networks = true\n";
        let read = read(text).expect("fits");
        assert_eq!((read.history_days, read.late_hours), (30, 24));
        assert_eq!(read.parameters["push_bombing"]["prompts"], 4.0);
        assert_eq!(read.parameters["guessing"]["own_networks"], 1.0);
    }

    #[test]
    fn slips_of_the_pen_are_told() {
        for (text, says) in [
            ("histry_days = 3", "history_days"),
            ("history_days = 0", "days, from 1"),
            ("[push_bomb]\nprompts = 4", "push_bombing"),
            ("[push_bombing]\nprompt = 4", "prompts"),
            ("[push_bombing]\nprompts = \"4\"", "a number"),
            ("push_bombing = 4", "a table"),
            ("exits = [\"here\"]", "192.0.2.0/24"),
            ("off = [\"rare_hours\"]", "rare_hour"),
        ] {
            let told = read(text).expect_err(text);
            assert!(told.contains(says), "{text}: {told}");
        }
    }
}
