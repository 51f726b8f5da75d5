//! A replay as rows: a section, what it is about, a figure, its value.

use std::sync::Arc;

use anyhow::Result;
use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use rollcall_query::policy::{Answers, Range, Replay};

/// Rows in the order in which they are pushed.
#[derive(Default)]
struct Rows {
    sections: Vec<&'static str>,
    names: Vec<String>,
    figures: Vec<String>,
    values: Vec<Option<f64>>,
}

/// The rows of a replay.
pub fn of(replay: &Replay) -> Result<RecordBatch> {
    let mut rows = Rows::default();
    rows.totals(replay);
    rows.answers("answers", &replay.policy, &replay.answers);
    for rule in &replay.rules {
        let name = rule.name.clone().unwrap_or_else(|| format!("rule {}", rule.rule));
        rows.answers("rule", &name, &rule.answers);
    }
    for subject in &replay.worst_hit {
        rows.answers("worst_hit", &subject.who, &subject.answers);
    }
    for needed in &replay.exceptions_needed {
        rows.count("exception_needed", &needed.who, "stopped", needed.stopped);
    }
    for week in &replay.weeks {
        let from = week.from.date_naive().to_string();
        rows.answers("week", &from, &week.answers);
        rows.count("week", &from, "prompts_now", week.prompts_now);
        rows.count("week", &from, "extra_prompts", week.extra_prompts);
        rows.count("week", &from, "prompts_if_enrolled", week.prompts_if_enrolled);
    }
    for pair in &replay.agreement {
        rows.count("agreement", &format!("vendor {}", pair.vendor), pair.ours, pair.accesses);
    }
    rows.finish()
}

impl Rows {
    fn push(&mut self, section: &'static str, name: &str, figure: &str, value: Option<f64>) {
        self.sections.push(section);
        self.names.push(name.to_owned());
        self.figures.push(figure.to_owned());
        self.values.push(value);
    }

    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    fn count(&mut self, section: &'static str, name: &str, figure: &str, count: i64) {
        self.push(section, name, figure, Some(count as f64));
    }

    fn answers(&mut self, section: &'static str, name: &str, answers: &Answers) {
        for (figure, count) in answers.by_name() {
            self.count(section, name, figure, count);
        }
    }

    fn range(&mut self, name: &str, figure: &str, range: Option<Range>) {
        self.push("totals", name, figure, range.map(|range| range.value));
        self.push("totals", name, &format!("{figure}_low"), range.map(|range| range.low));
        self.push("totals", name, &format!("{figure}_high"), range.map(|range| range.high));
    }

    fn totals(&mut self, replay: &Replay) {
        let name = replay.policy.as_str();
        let (measured, answered) = replay.prompts.measured;
        for (figure, count) in [
            ("version", i64::from(replay.version)),
            ("accesses", replay.accesses),
            ("not_bound", replay.not_bound),
            ("people_affected", replay.people_affected),
            ("services_affected", replay.services_affected),
            ("others_affected", replay.others_affected),
            ("pipelines_affected", replay.pipelines_affected),
            ("locked_out", replay.locked_out),
            ("factor_unknown", replay.factor_unknown),
            ("prompts_measured", measured),
            ("prompts_answered", answered),
        ] {
            self.count("totals", name, figure, count);
        }
        self.range(name, "still_without_factor", Some(replay.still_without_factor));
        self.range(name, "prompts_next_week", replay.prompts.next_week);
        for (figure, value) in [
            ("prompts_now_a_week", Some(replay.prompts.now_a_week)),
            ("extra_prompts_a_week", Some(replay.prompts.extra_a_week)),
            ("prompts_if_enrolled_a_week", Some(replay.prompts.if_enrolled_a_week)),
            ("extra_minutes_a_week", replay.prompts.extra_minutes_a_week),
            ("mean_prompt_to_response_ms", replay.prompts.mean_ms),
        ] {
            self.push("totals", name, figure, value);
        }
    }

    fn finish(self) -> Result<RecordBatch> {
        let columns: [(&str, ArrayRef); 4] = [
            ("section", Arc::new(StringArray::from(self.sections))),
            ("name", Arc::new(StringArray::from(self.names))),
            ("figure", Arc::new(StringArray::from(self.figures))),
            ("value", Arc::new(Float64Array::from(self.values))),
        ];
        Ok(RecordBatch::try_from_iter(columns)?)
    }
}
