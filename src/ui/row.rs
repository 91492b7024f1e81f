//! A step in hand, on the terminal.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::{Mark, Ui};

/// A step in hand: a spinner on a terminal, nothing elsewhere, until it ends as one line.
pub struct Row {
    ui: Ui,
    label: String,
    began: Instant,
    /// What was said last.
    said: Mutex<String>,
    bar: Option<ProgressBar>,
}

impl Ui {
    /// Begins a step: its label, and what is being done for the spinner.
    pub fn row(&self, label: &str, doing: &str) -> Row {
        let bar = self.0.animated.then(|| {
            let bar = self.0.bars.add(ProgressBar::new_spinner());
            let style = ProgressStyle::with_template(" {spinner} {prefix:<11} {wide_msg} {elapsed:>5}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            bar.set_style(style);
            bar.set_prefix(label.to_owned());
            bar.set_message(doing.to_owned());
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Row { ui: self.clone(), label: label.to_owned(), began: Instant::now(), said: Mutex::default(), bar }
    }
}

impl Row {
    /// Says what is being done now; `-v` keeps it as a line, once as long as it stays the same.
    pub fn doing(&self, message: impl AsRef<str>) {
        let message = message.as_ref();
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if *said == message {
            return;
        }
        message.clone_into(&mut said);
        drop(said);
        if let Some(bar) = &self.bar {
            bar.set_message(message.to_owned());
        }
        self.ui.detail(format!("   {:<11} {message}", self.label));
    }

    /// Shows the latest line of a tool's output on the spinner; kept as a line with `-v` only.
    pub fn hears(&self, line: &str) {
        let text = console::strip_ansi_codes(line.trim());
        if !text.is_empty() {
            self.doing(text);
        }
    }

    /// Ends it as a line with its time.
    pub fn end(self, mark: Mark, fact: impl AsRef<str>) {
        let took = self.began.elapsed();
        self.clear();
        self.ui.fact(mark, &self.label, fact.as_ref(), Some(took));
    }

    /// Ends it without a line.
    pub fn drop_quietly(self) {
        self.clear();
    }

    fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Row {
    fn drop(&mut self) {
        self.clear();
    }
}
