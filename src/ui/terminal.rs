//! Talk on stderr: notes, warnings, and steps that have ended, a line each.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use console::Style;
use indicatif::MultiProgress;

use super::text::{human, wrap};
use super::{Color, Format, Level, Mark, Options};

/// Times stand in this column at most: on a wide terminal they stay near what they belong to.
const WIDEST: usize = 100;

pub(super) struct Inner {
    pub(super) options: Options,
    pub(super) color: bool,
    pub(super) animated: bool,
    pub(super) bars: MultiProgress,
    pub(super) closed: AtomicBool,
}

/// A handle to the terminal; cheap to clone.
#[derive(Clone)]
pub struct Ui(pub(super) Arc<Inner>);

impl Ui {
    /// A handle that talks as the options say.
    pub fn new(options: Options) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let dumb = !console::Term::stderr().features().colors_supported();
        let color = match options.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !dumb,
        };
        console::set_colors_enabled_stderr(color);
        console::set_colors_enabled(color && std::io::stdout().is_terminal());
        let animated = terminal && !dumb && options.level > Level::Quiet;
        Self(Arc::new(Inner {
            options,
            color,
            animated,
            bars: MultiProgress::new(),
            closed: AtomicBool::new(false),
        }))
    }

    /// The form of reports.
    pub fn format(&self) -> Format {
        self.0.options.format
    }

    /// How much is said.
    pub fn level(&self) -> Level {
        self.0.options.level
    }

    /// Width of the terminal in columns; 80 where there is none.
    pub fn width(&self) -> usize {
        console::Term::stderr().size_checked().map_or(80, |(_, columns)| usize::from(columns).max(40))
    }

    pub(super) fn say(&self, line: &str) {
        self.0.bars.suspend(|| {
            // Talk to a closed stderr is lost; the work goes on.
            let _ = writeln!(std::io::stderr(), "{line}");
        });
    }

    /// A line of talk.
    pub fn note(&self, line: impl AsRef<str>) {
        if self.level() > Level::Quiet {
            self.say(line.as_ref());
        }
    }

    /// A sentence that may be long: broken at words where the terminal ends.
    pub fn prose(&self, text: &str) {
        self.note(self.wrapped(text, 2));
    }

    /// A line of detail, with `-v` only.
    pub fn detail(&self, line: impl AsRef<str>) {
        if self.level() == Level::Verbose {
            self.say(&self.paint(&Style::new().dim(), line.as_ref()));
        }
    }

    /// A warning.
    pub fn warn(&self, line: impl AsRef<str>) {
        if self.level() > Level::Quiet {
            self.say(&format!("{} {}", self.paint(&Style::new().yellow(), "warning:"), line.as_ref()));
        }
    }

    /// Text broken at words to the terminal's width, later lines indented; as it is where there is none.
    pub(super) fn wrapped(&self, text: &str, indent: usize) -> String {
        if std::io::stderr().is_terminal() {
            wrap(text, indent, self.width().min(WIDEST))
        } else {
            text.to_owned()
        }
    }

    /// Two facts on one line where they fit, else on lines of their own.
    pub fn note_both(&self, first: &str, second: &str) {
        let second = second.trim_start_matches('\n');
        let wide = console::measure_text_width(first) + 3 + console::measure_text_width(second);
        if second.is_empty() || (wide <= self.width() && !second.contains('\n')) {
            self.note(format!("{first}   {second}").trim_end());
        } else {
            self.note(first);
            self.note(second);
        }
    }

    /// A finished line: mark, label, fact, and how long it took (none: blank).
    pub fn fact(&self, mark: Mark, label: &str, fact: &str, took: Option<Duration>) {
        if self.level() == Level::Quiet && mark != Mark::Fail {
            return;
        }
        let (sign, style) = self.sign(mark);
        let took = took.map(human).unwrap_or_default();
        let lead = format!(" {sign} {label:<11} ");
        let indent = console::measure_text_width(&lead);
        let column = self.width().min(WIDEST).saturating_sub(indent + 8);
        let fact = if self.0.animated { wrap(fact, indent, indent + column) } else { fact.to_owned() };
        // The time stands at the end of the last line.
        let last = fact.rsplit('\n').next().unwrap_or_default();
        let used =
            console::measure_text_width(last).saturating_sub(if fact.contains('\n') { indent } else { 0 });
        let gap = column.saturating_sub(used);
        let line =
            format!("{}{}{:gap$} {:>6}", lead.replacen(sign, &self.paint(&style, sign), 1), fact, "", took);
        self.say(line.trim_end());
    }

    fn sign(&self, mark: Mark) -> (&'static str, Style) {
        let pretty = self.0.options.emoji;
        let sign = match (mark, pretty) {
            (Mark::Done, true) => "✓",
            (Mark::Same, true) => "=",
            (Mark::Fail, true) => "✗",
            (Mark::Skip, true) => "-",
            (Mark::Done, false) => "ok  ",
            (Mark::Same, false) => "same",
            (Mark::Fail, false) => "FAIL",
            (Mark::Skip, false) => "skip",
        };
        let style = match mark {
            Mark::Done => Style::new().green(),
            Mark::Same => Style::new().dim(),
            Mark::Fail => Style::new().red().bold(),
            Mark::Skip => Style::new().yellow(),
        };
        (sign, style)
    }

    pub(super) fn paint(&self, style: &Style, text: &str) -> String {
        if self.0.color {
            style.clone().for_stderr().force_styling(true).apply_to(text).to_string()
        } else {
            text.to_owned()
        }
    }

    /// Ends every spinner and shows the cursor again.
    pub fn restore(&self) {
        let _ = self.0.bars.clear();
        // A prompt hides it also where nothing is animated.
        if std::io::stderr().is_terminal() {
            let _ = console::Term::stderr().show_cursor();
        }
    }
}
