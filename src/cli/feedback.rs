//! What is asked of people, by links.

use clap::{Args, Subcommand};
use rollcall_ingest::feedback::LONGEST_DAYS;

/// Feedback.
#[derive(Debug, Subcommand)]
pub enum FeedbackCommand {
    /// Print links that ask how signing in was, each good for one person's answer
    Link(LinkArgs),
}

/// Which links.
#[derive(Debug, Args)]
pub struct LinkArgs {
    /// The sign-in that it is about: its `flow_id` in the events
    #[arg(long, value_name = "ID")]
    pub flow: Option<String>,
    /// The team that is asked
    #[arg(long, value_name = "NAME")]
    pub team: Option<String>,
    /// Days until they expire, 30 at most
    #[arg(long, value_name = "DAYS", default_value_t = 14,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(LONGEST_DAYS)))]
    pub days: u32,
    /// How many, one a line
    #[arg(long, value_name = "NUMBER", default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub count: u32,
}
