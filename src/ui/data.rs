//! Data on stdout: reports and events.

use std::io::Write as _;
use std::sync::atomic::Ordering;

use anyhow::Result;
use serde::Serialize;

use super::text::table;
use super::{Format, Ui};
use crate::error::{opsctl, problem};

impl Ui {
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
                return Err(problem!(Usage, "-o dotenv is for dev-vars only")
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
}
