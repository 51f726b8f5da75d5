//! What is asked of the sources.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// Sources.
#[derive(Debug, Subcommand)]
pub enum SourceCommand {
    /// Name, what reads it, what can be measured, what it is, and the vendor's documentation
    List,
    /// Check a mapping file, or a source, with a sample: what each record would become
    Test(TestArgs),
    /// Print docs/sources.md: what is read of each source, and how its vendor is set up
    Doc,
}

/// What to test.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// A mapping file (its name is the source's), or a source's name
    #[arg(value_name = "MAPPING")]
    pub mapping: PathBuf,
    /// Records of it: a file, .gz and .zst by content, or - for standard input
    #[arg(value_name = "SAMPLE")]
    pub sample: PathBuf,
    /// How the result is written
    #[arg(long, value_enum, default_value_t = TestFormat::Table)]
    pub format: TestFormat,
}

/// How the result of a test is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TestFormat {
    /// A table for people, and what is to be said beside it
    Table,
    /// One JSON object
    Json,
}
