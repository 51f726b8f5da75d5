//! A replay in words.

use anyhow::Result;
use rollcall_query::policy::{Answers, Replay};

use crate::output::{line, visible};

/// Prints it.
pub fn print(replay: &Replay) -> Result<()> {
    heading(replay)?;
    answers(replay)?;
    affected(replay)?;
    prompts(replay)?;
    without_factor(replay)?;
    exceptions(replay)?;
    agreement(replay)?;
    worst_hit(replay)
}

fn heading(replay: &Replay) -> Result<()> {
    let whom = match (replay.phase, replay.everyone) {
        ("pilot", false) => "binding its cohorts",
        _ => "binding everyone",
    };
    let day = |time: chrono::DateTime<chrono::Utc>| time.format("%Y-%m-%d %H:%M UTC").to_string();
    line(&format!(
        "{} version {} over {} to {}, as if it had been in force, {whom}",
        replay.policy,
        replay.version,
        day(replay.from),
        day(replay.to)
    ))?;
    line(&format!(
        "{} accesses went through; a rule is for {} of them{}",
        replay.accesses,
        replay.answers.judged(),
        match replay.not_bound {
            0 => String::new(),
            count => format!(", and for {count} of people whom the pilot doesn't bind"),
        }
    ))
}

fn answers(replay: &Replay) -> Result<()> {
    line("")?;
    let row = |name: &str, cells: [String; 6]| {
        let [pass, excepted, challenge, locked_out, deny, cannot_tell] = cells;
        format!(
            "{name:<28} {pass:>9} {excepted:>9} {challenge:>9} {locked_out:>10} {deny:>9} {cannot_tell:>11}"
        )
    };
    let names = ["pass", "excepted", "challenge", "locked out", "deny", "cannot tell"];
    line(&row("", names.map(str::to_owned)))?;
    let cells = |of: &Answers| {
        [of.pass, of.excepted, of.challenge, of.locked_out, of.deny, of.cannot_tell]
            .map(|count| count.to_string())
    };
    line(&row("all", cells(&replay.answers)))?;
    for rule in &replay.rules {
        let name = rule.name.as_deref().map(|name| format!("{} {name}", rule.rule));
        let name = name.unwrap_or_else(|| format!("rule {}", rule.rule));
        line(&row(&short(&name, 28), cells(&rule.answers)))?;
    }
    Ok(())
}

fn short(text: &str, most: usize) -> String {
    let text = visible(text);
    if text.chars().count() <= most {
        return text.into_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

fn affected(replay: &Replay) -> Result<()> {
    line("")?;
    line(&format!(
        "Challenged or stopped: {} people, {} service accounts, {} other accounts, {} pipelines",
        replay.people_affected,
        replay.services_affected,
        replay.others_affected,
        replay.pipelines_affected
    ))
}

fn prompts(replay: &Replay) -> Result<()> {
    let prompts = &replay.prompts;
    line(&format!(
        "Prompts a week: {:.0} as it was, {:.0} more{}",
        prompts.now_a_week,
        prompts.extra_a_week,
        prompts.next_week.map_or_else(String::new, |range| format!(
            "; in a further week like these {:.0} in all, between {:.0} if nobody enrols and {:.0} if everyone does (95%)",
            range.value, range.low, range.high
        ))
    ))?;
    let (measured, answered) = prompts.measured;
    line(&match (prompts.extra_minutes_a_week, prompts.mean_ms) {
        (Some(minutes), Some(ms)) => format!(
            "Minutes a week on top: {minutes:.0}, at {:.1} s from prompt to response; measured for {measured} of {answered} answered prompts",
            ms / 1000.0
        ),
        _ => format!(
            "Minutes a week on top: can't be told; of {answered} answered prompts none has its time to the response"
        ),
    })
}

fn without_factor(replay: &Replay) -> Result<()> {
    let still = replay.still_without_factor;
    line(&format!(
        "Would be locked out: {} people had no factor to answer with; {:.0} of them still have none at the end (to be expected, at 95%: {:.0} to {:.0})",
        replay.locked_out,
        still.value,
        still.low.floor(),
        still.high.ceil()
    ))?;
    if replay.factor_unknown > 0 {
        line(&format!(
            "Of {} people who would have been challenged no snapshot says whether they have a factor; they are taken to have one",
            replay.factor_unknown
        ))?;
    }
    Ok(())
}

fn exceptions(replay: &Replay) -> Result<()> {
    if replay.exceptions_needed.is_empty() {
        return Ok(());
    }
    line("")?;
    line("Exceptions that would be needed, with the accesses that would be stopped")?;
    for needed in &replay.exceptions_needed {
        line(&format!("{:>9}  {}  ({})", needed.stopped, visible(&needed.who), needed.reason))?;
    }
    Ok(())
}

fn agreement(replay: &Replay) -> Result<()> {
    if replay.agreement.is_empty() {
        return Ok(());
    }
    let all: i64 = replay.agreement.iter().map(|pair| pair.accesses).sum();
    let agree = replay.agreement.iter().filter(|pair| pair.agree);
    let agree: i64 = agree.map(|pair| pair.accesses).sum();
    line("")?;
    line(&format!(
        "The vendor's own report-only result is the same for {agree} of {all} accesses"
    ))?;
    for pair in &replay.agreement {
        line(&format!(
            "{:>9}  vendor {}, replay {}{}",
            pair.accesses,
            visible(&pair.vendor),
            pair.ours,
            if pair.agree { "" } else { "  differs" }
        ))?;
    }
    Ok(())
}

fn worst_hit(replay: &Replay) -> Result<()> {
    if replay.worst_hit.is_empty() {
        return Ok(());
    }
    line("")?;
    line(&format!("The {} worst hit: accesses stopped, challenged", replay.worst_hit.len()))?;
    for subject in &replay.worst_hit {
        let team = subject.team.as_deref().map(|team| format!(", {}", visible(team)));
        line(&format!(
            "{:>9} {:>9}  {} ({}{})",
            subject.answers.stopped(),
            subject.answers.challenge,
            visible(subject.name.as_deref().unwrap_or(&subject.who)),
            subject.account_kind,
            team.unwrap_or_default()
        ))?;
    }
    Ok(())
}
