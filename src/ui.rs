//! The only place that prints: talk on stderr, data on stdout.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use console::Style;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::json;

use crate::error::{self, Code, Next, Problem, Typed, again, code_of, opsctl};

/// How much is said on stderr.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Errors only.
    Quiet,
    /// Steps, hints, warnings.
    #[default]
    Normal,
    /// Also each step's shell command and the tools' own output.
    Verbose,
}

/// How a report is written on stdout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// One JSON document; `up` and `down` write one event a line.
    Json,
    /// The same document as YAML.
    Yaml,
    /// Names only, one a line.
    Name,
    /// `NAME=value` lines, for `dev-vars` only.
    #[value(hide = true)]
    Dotenv,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How a line's fact came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Done now, and proven.
    Done,
    /// Was so already.
    Same,
    /// Did not work.
    Fail,
    /// Not begun, or left alone.
    Skip,
}

/// What the environment says about the terminal; read once, in `context`.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How much to say.
    pub level: Level,
    /// Form of the reports.
    pub format: Format,
    /// Colours.
    pub color: Color,
    /// Answer every question with yes.
    pub yes: bool,
    /// Never ask.
    pub no_input: bool,
    /// ✓ and = instead of `ok` and `same`.
    pub emoji: bool,
    /// What was typed: suggested commands repeat it, or the flag that named the cluster.
    pub typed: Typed,
}

/// Times stand in this column at most: on a wide terminal they stay near what they belong to.
const WIDEST: usize = 100;

struct Inner {
    options: Options,
    color: bool,
    animated: bool,
    bars: MultiProgress,
    closed: AtomicBool,
}

/// A handle to the terminal; cheap to clone.
#[derive(Clone)]
pub struct Ui(Arc<Inner>);

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

    fn say(&self, line: &str) {
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

    /// What to do next, for the cluster that this command was for.
    pub fn addressed(&self, next: &Next) -> String {
        next.line(&self.0.options.typed)
    }

    /// What to do next, a line each: commands, the first one as what comes next; then advice.
    pub fn ways_on<'a>(&self, ways: impl IntoIterator<Item = &'a Next>) -> Vec<(&'static str, String)> {
        let (commands, advice): (Vec<_>, Vec<_>) = ways.into_iter().partition(|next| next.is_command());
        let leads = std::iter::once("next:").chain(std::iter::repeat("  or:"));
        let commands = leads.zip(commands);
        let advice = advice.into_iter().map(|next| ("hint:", next));
        commands.chain(advice).map(|(lead, next)| (lead, self.addressed(next))).collect()
    }

    /// What to type next, and the way back.
    #[expect(clippy::needless_pass_by_value, reason = "it is made where it is handed over")]
    pub fn next(&self, next: Next, back: Option<Next>) {
        let next = self.addressed(&next);
        let back = back.map(|back| self.addressed(&back));
        let line = match back {
            Some(back) => format!("Next: {next:<39} Back: {back}"),
            None => format!("Next: {next}"),
        };
        self.note(line);
    }

    /// An error with its causes, its code, its details and what to do next.
    pub fn error(&self, error: &anyhow::Error) {
        let red = Style::new().red().bold();
        let said = error::said(error);
        let code = self.paint(&Style::new().dim(), code_of(error).name());
        let words = self.wrapped(&format!("{said}  {code}"), 7);
        self.say(&format!("{} {words}", self.paint(&red, "error:")));
        for line in error::problems(error).flat_map(|p| &p.found) {
            self.say(&format!("  {}", self.wrapped(line, 2)));
        }
        for (lead, line) in self.ways_on(error::ways_on(error)) {
            self.say(&format!("  {} {line}", self.paint(&Style::new().cyan(), lead)));
        }
    }

    /// An error as a document on stdout, where reports are documents.
    pub fn error_as_data(&self, error: &anyhow::Error) {
        let document = self.document(error);
        match self.format() {
            Format::Json => self.data(document.to_string()),
            Format::Yaml => self.data(serde_yaml::to_string(&document).unwrap_or_default().trim_end()),
            Format::Table | Format::Name | Format::Dotenv => {}
        }
    }

    /// What [`Self::error_as_data`] writes.
    fn document(&self, error: &anyhow::Error) -> serde_json::Value {
        let typed = &self.0.options.typed;
        let (commands, advice): (Vec<_>, Vec<_>) =
            error::ways_on(error).into_iter().partition(|next| next.is_command());
        let written = |ways: Vec<&Next>| ways.into_iter().map(|next| next.command(typed)).collect::<Vec<_>>();
        let code = code_of(error);
        json!({
            "event": "error",
            "code": code,
            "class": code.class(),
            "exit": code.class().code(),
            "error": error::said(error),
            "found": error::problems(error).flat_map(|p| &p.found).collect::<Vec<_>>(),
            "next": written(commands),
            "advice": written(advice),
        })
    }

    /// Text broken at words to the terminal's width, later lines indented; as it is where there is none.
    fn wrapped(&self, text: &str, indent: usize) -> String {
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

    fn paint(&self, style: &Style, text: &str) -> String {
        if self.0.color {
            style.clone().for_stderr().force_styling(true).apply_to(text).to_string()
        } else {
            text.to_owned()
        }
    }

    /// Data: one line (or more) on stdout. Once the reader has gone, the rest is dropped.
    pub fn data(&self, text: impl AsRef<str>) {
        if self.0.closed.load(Ordering::Relaxed) {
            return;
        }
        self.0.bars.suspend(|| {
            let mut out = std::io::stdout().lock();
            if writeln!(out, "{}", text.as_ref()).and_then(|()| out.flush()).is_err() {
                self.0.closed.store(true, Ordering::Relaxed);
            }
        });
    }

    /// Whether stdout's reader has gone.
    pub fn closed(&self) -> bool {
        self.0.closed.load(Ordering::Relaxed)
    }

    /// A part of stdout's terminal to draw on again and again; none where stdout is no such terminal.
    pub fn screen(&self) -> Option<Screen> {
        let term = console::Term::stdout();
        let fit = term.is_term() && term.features().colors_supported();
        fit.then(|| Screen { size: term.size(), term, drawn: 0 })
    }

    /// Whether stdout's reader has gone, found out without a word: for who waits long between two lines.
    pub fn nobody_reads(&self) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let stdout = std::io::stdout();
        let mut fds = [PollFd::new(&stdout, PollFlags::empty())];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        let gone = poll(&mut fds, Some(&now)).is_ok_and(|n| n > 0)
            && fds[0].revents().intersects(PollFlags::ERR | PollFlags::HUP);
        gone || self.closed()
    }

    /// A report in the form asked for. `table` and `names` are made only when needed.
    pub fn report<T: Serialize>(
        &self,
        value: &T,
        table: impl FnOnce() -> String,
        names: impl FnOnce() -> Vec<String>,
    ) -> Result<()> {
        match self.format() {
            Format::Table => {
                let text = table();
                if !text.is_empty() {
                    self.data(text.trim_end_matches('\n'));
                }
            }
            Format::Json => self.data(serde_json::to_string_pretty(value)?),
            Format::Yaml => self.data(serde_yaml::to_string(value)?.trim_end()),
            Format::Dotenv => {
                return Err(Problem::usage("-o dotenv is for dev-vars only")
                    .next(opsctl("dev-vars -o dotenv"))
                    .into());
            }
            Format::Name => {
                for name in names() {
                    self.data(name);
                }
            }
        }
        Ok(())
    }

    /// A report of things that are alike: a row each below a header, nothing where there are none.
    pub fn list<T: Serialize>(
        &self,
        all: &[T],
        header: &[&str],
        row: impl Fn(&T) -> Vec<String>,
        name: impl Fn(&T) -> String,
    ) -> Result<()> {
        let rows = || all.iter().map(row).collect::<Vec<_>>();
        let drawn = || if all.is_empty() { String::new() } else { table(header, &rows()) };
        self.report(&all, drawn, || all.iter().map(name).collect())
    }

    /// One event of a run, a line of JSON on stdout, only with `-o json`.
    pub fn event(&self, event: &serde_json::Value) {
        if self.format() == Format::Json {
            self.data(event.to_string());
        }
    }

    /// Asks before something that cannot be taken for granted: an error unless the answer is yes.
    ///
    /// `--yes` answers; without a terminal, or with `--no-input`, it is an error that names `--yes`.
    pub fn confirm(&self, question: &str) -> Result<()> {
        if self.0.options.yes {
            return Ok(());
        }
        let asking = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        if self.0.options.no_input || !asking {
            return Err(Problem::new(
                Code::Unanswered,
                format!("\"{question}\" needs an answer, and there is no terminal to ask on"),
            )
            .next(again().with("--yes"))
            .into());
        }
        let ask = || dialoguer::Confirm::new().with_prompt(question).default(false).interact_opt();
        match self.0.bars.suspend(ask) {
            Ok(Some(true)) => Ok(()),
            Ok(_) => Err(Problem::new(Code::NotConfirmed, "not confirmed; nothing was touched").into()),
            Err(dialoguer::Error::IO(e)) => {
                // The prompt hides the cursor, and leaves it so when it fails.
                let _ = console::Term::stderr().show_cursor();
                if e.kind() == std::io::ErrorKind::Interrupted {
                    return Err(Problem::new(Code::Interrupted, "interrupted at the question").into());
                }
                Err(anyhow::Error::new(e).context("could not ask"))
            }
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

/// Lines on stdout's terminal that are drawn anew in the place of the former ones.
pub struct Screen {
    term: console::Term,
    /// How many lines stand, and on what size of a terminal.
    drawn: usize,
    size: (u16, u16),
}

impl Screen {
    /// The terminal's height.
    pub fn rows(&self) -> usize {
        usize::from(self.term.size().0)
    }

    /// Draws the lines, cut to the terminal, over the former ones. In one write, so that nothing flickers.
    pub fn draw(&mut self, lines: &[String]) {
        let size = self.term.size();
        let (rows, columns) = (usize::from(size.0), usize::from(size.1));
        let mut text = match self.drawn {
            0 => String::new(),
            // Other widths have wrapped what stood there: nobody knows where it is.
            _ if size != self.size => "\x1b[2J\x1b[H".to_owned(),
            n => format!("\x1b[{n}A\r"),
        };
        let shown = lines.len().min(rows.saturating_sub(1));
        for line in &lines[..shown] {
            text.push_str(&console::truncate_str(line, columns, "…"));
            text.push_str("\x1b[K\r\n");
        }
        text.push_str("\x1b[J");
        (self.drawn, self.size) = (shown, size);
        // A terminal that has gone ends the process by its signal.
        let _ = self.term.write_str(&text);
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

/// Text broken at words so that no line is wider than `width`, all but the first indented. The first is
/// taken to begin behind the indent, too. A word that is wider than a line stays whole.
pub fn wrap(text: &str, indent: usize, width: usize) -> String {
    let room = width.saturating_sub(indent).max(20);
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        let both = console::measure_text_width(line) + 1 + console::measure_text_width(word);
        if line.is_empty() {
            line.push_str(word);
        } else if both <= room {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines.join(&format!("\n{:indent$}", ""))
}

/// Width of the terminal that reads our data; none where something else does.
pub fn data_width() -> Option<usize> {
    let out = console::Term::stdout();
    out.is_term().then(|| out.size_checked().map_or(80, |(_, columns)| usize::from(columns)))
}

/// A duration for people: `0.4s`, `34.0s`, `10m31s`, `3h02m`.
pub fn human(took: Duration) -> String {
    let s = took.as_secs();
    if s < 60 {
        format!("{:.1}s", took.as_secs_f64())
    } else if s < 3600 {
        format!("{}m{:02}s", s / 60, s % 60)
    } else {
        format!("{}h{:02}m", s / 3600, s % 3600 / 60)
    }
}

/// Bytes for people: `512 B`, `1.5 KiB`, `295.0 MiB`.
pub fn bytes(n: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    #[expect(clippy::cast_precision_loss, reason = "for display")]
    let mut value = n as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{n} B") } else { format!("{value:.1} {}", units[unit]) }
}

/// Rows under a header, columns padded to their widest cell; trailing space trimmed.
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = header.iter().map(|h| console::measure_text_width(h)).collect();
    for row in rows {
        for (i, cell) in row.iter().enumerate() {
            let w = console::measure_text_width(cell);
            if i < widths.len() {
                widths[i] = widths[i].max(w);
            }
        }
    }
    let line = |cells: &[String]| {
        let mut text = String::new();
        for (i, cell) in cells.iter().enumerate() {
            let pad = widths.get(i).copied().unwrap_or(0).saturating_sub(console::measure_text_width(cell));
            text.push_str(cell);
            if i + 1 < cells.len() {
                text.push_str(&" ".repeat(pad + 2));
            }
        }
        text.trim_end().to_owned()
    };
    let head: Vec<String> = header.iter().map(|h| (*h).to_owned()).collect();
    let mut out = vec![line(&head)];
    out.extend(rows.iter().map(|r| line(r)));
    out.join("\n")
}

/// Shortens one column's cells so that a table of these rows fits the width; never below ten columns.
pub fn fit(rows: &mut [Vec<String>], header: &[&str], column: usize, width: usize) {
    let widest = |i: usize, rows: &[Vec<String>]| {
        let cells = rows.iter().filter_map(|r| r.get(i)).map(|c| console::measure_text_width(c));
        cells.chain(header.get(i).map(|h| h.len())).max().unwrap_or(0)
    };
    let others: usize = (0..header.len()).filter(|i| *i != column).map(|i| widest(i, rows) + 2).sum();
    let room = width.saturating_sub(others).max(10);
    for cell in rows.iter_mut().filter_map(|r| r.get_mut(column)) {
        *cell = console::truncate_str(cell, room, "…").into_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{advice, opsctl, shell};

    #[test]
    fn durations_and_sizes_read_well() {
        assert_eq!(human(Duration::from_millis(431)), "0.4s");
        assert_eq!(human(Duration::from_secs(631)), "10m31s");
        assert_eq!(human(Duration::from_mins(182)), "3h02m");
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(295 * 1024 * 1024), "295.0 MiB");
    }

    #[test]
    fn an_error_as_data_has_its_code_and_commands_that_can_be_run() {
        let typed = Typed { opsctl: Some("-p work".into()), ..Typed::default() };
        let ui = Ui::new(Options { typed, ..Options::default() });
        let problem = Problem::new(Code::PortTaken, "taken").found("by shop").advice("choose another");
        let error = anyhow::Error::from(problem.next(opsctl("up").to("go on"))).context("redis");
        assert_eq!(
            ui.document(&error),
            json!({"event": "error", "code": "OP502", "class": "conflict", "exit": 5, "error": "redis: taken",
                "found": ["by shop"], "next": ["opsctl -p work up"], "advice": ["choose another"]})
        );
    }

    #[test]
    fn advice_is_not_taken_for_a_command() {
        let ui = Ui::new(Options::default());
        let ways = [advice("free some room"), opsctl("check"), shell("df -h")];
        let lines: Vec<_> =
            ui.ways_on(&ways).into_iter().map(|(lead, line)| format!("{lead} {line}")).collect();
        assert_eq!(lines, ["next: opsctl check", "  or: df -h", "hint: free some room"]);
    }

    #[test]
    fn text_is_broken_at_words_and_a_wide_word_stays_whole() {
        let text = "one two three four five six seven";
        assert_eq!(wrap(text, 2, 24), "one two three four\n  five six seven");
        let path = "a".repeat(60);
        assert_eq!(wrap(&format!("see {path} there"), 2, 24), format!("see\n  {path}\n  there"));
    }

    #[test]
    fn a_column_gives_way_until_the_table_fits() {
        let mut rows = vec![vec!["1".into(), "opsctl redis import some/long/file".into(), "well".into()]];
        fit(&mut rows, &["RUN", "COMMAND", "ENDED"], 1, 30);
        let text = table(&["RUN", "COMMAND", "ENDED"], &rows);
        assert_eq!(text, "RUN  COMMAND             ENDED\n1    opsctl redis impo…  well");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let text = table(&["NAME", "ROLE"], &[vec!["redis-1".into(), "master".into()]]);
        assert_eq!(text, "NAME     ROLE\nredis-1  master");
    }
}
