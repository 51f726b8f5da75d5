//! docs/detectors.md, made of the table.

use std::fmt::Write;

use super::parameter::{Parameter, Unit};
use super::registry::{DetectorInfo, detectors};

/// What comes before the detectors: in a file of its own.
const HEAD: &str = include_str!("doc.md");

/// The whole document.
pub fn document() -> String {
    let mut text = HEAD.to_owned();
    for one in detectors() {
        describe(one, &mut text);
    }
    text
}

fn describe(one: &DetectorInfo, text: &mut String) {
    // Writing into memory doesn't fail.
    let _ = write!(text, "\n## {}: `{}`\n\n{}\n", one.title, one.name, one.meaning);
    if !one.forms.is_empty() {
        let _ = write!(text, "\n| form | |\n|---|---|\n");
        for (form, meaning) in one.forms {
            let _ = writeln!(text, "| `{form}` | {meaning} |");
        }
    }
    let _ = write!(
        text,
        "\n- **Severity:** {}.\n- **Evidence:** {}.\n- **Next step:** {}\n- **One incident** is over after {} hours without anything new.\n",
        one.severity,
        one.evidence,
        one.next_step,
        one.quiet / super::row::HOUR,
    );
    if one.parameters.is_empty() {
        let _ = writeln!(text, "\nNothing can be set.");
        return;
    }
    let _ = write!(text, "\n| in `[detect.{}]` | default | |\n|---|---|---|\n", one.name);
    for parameter in one.parameters {
        let _ =
            writeln!(text, "| `{}` | {} | {} |", parameter.name, default(parameter), parameter.doc);
    }
}

fn default(parameter: &Parameter) -> String {
    match parameter.unit {
        Unit::Flag => if parameter.default > 0.5 { "true" } else { "false" }.to_owned(),
        Unit::Count | Unit::Number | Unit::Share => parameter.default.to_string(),
        unit => format!("{} {}", parameter.default, unit.word()),
    }
}
