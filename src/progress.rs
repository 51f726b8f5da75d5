//! Progress on a terminal, silence in a pipe.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A line that says how far long work is.
#[derive(Debug, Clone)]
pub struct Progress(ProgressBar);

impl Progress {
    /// Begins; nothing is drawn unless stderr is a terminal.
    pub fn begin(what: &str) -> Self {
        let bar = ProgressBar::new_spinner();
        bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(8));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}  {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(150));
        Self(bar)
    }

    /// Says something new.
    pub fn tell(&self, what: String) {
        self.0.set_message(what);
    }

    /// Ends and clears the line.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}
