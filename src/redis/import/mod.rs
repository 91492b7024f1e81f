//! Loads data files into a master: checked as a whole, then sent in transactions, every reply counted.
//!
//! Three parts that know nothing of one another: the reader yields checked commands, the packer makes chunks of bounded
//! size from them, the writer sends a chunk and judges its replies. A chunk and how far the import has come with it are
//! one transaction, so an import that was cut off goes on exactly where it stopped. Memory stays flat whatever the
//! file's size.

mod chunk;
mod record;
mod writer;

use std::time::Duration;

use anyhow::{Context as _, Result};

use super::link;
use super::reader::{Checked, Opened, Reading, Source, check_opened};
use crate::error::{Problem, problem};
use record::Ids;
pub use record::{Record, already};
use writer::Writer;

/// How to import.
#[derive(Clone, Debug)]
pub struct Options {
    /// How the files are read.
    pub reading: Reading,
    /// Import a file even if the target's record says that it was imported already.
    pub again: bool,
    /// How long to wait for the replicas' acknowledgement at the end.
    pub wait: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { reading: Reading::default(), again: false, wait: Duration::from_secs(30) }
    }
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Commands answered, those of an earlier try among them.
    pub done: u64,
    /// Commands in all.
    pub total: u64,
    /// Bytes of the files that were read for them.
    pub bytes: u64,
    /// Bytes in all.
    pub bytes_total: u64,
}

/// Something that redis refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The file, and where in it: `data.txt:3`.
    pub place: String,
    /// The command's name and its key.
    pub command: String,
    /// Redis' words.
    pub reply: String,
}

impl Rejected {
    fn told(&self) -> String {
        format!("{}: {}: {}", self.place, self.command, self.reply)
    }
}

/// How an import went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Commands answered, those of an earlier try among them.
    pub commands: u64,
    /// Of these, those of an earlier try that was cut off.
    pub resumed: u64,
    /// Error replies among the answers.
    pub errors: u64,
    /// The first error replies, with their place.
    pub rejected: Vec<Rejected>,
    /// Replicas attached when it began.
    pub replicas: usize,
    /// Replicas that acknowledged all of it.
    pub replicas_acked: usize,
}

/// Why an import is in the redis in part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// redis refused some of its commands.
    Rejected,
    /// It broke off, and goes on from there.
    BrokenOff,
}

impl Imported {
    /// What is not as it should be, as an error; `None` when all went well.
    pub fn problem(&self) -> Option<Problem> {
        if self.errors > 0 {
            let mut problem = problem!(
                ImportedInPart,
                "redis refused {} of {} commands; the others are written",
                self.errors,
                self.commands
            );
            for rejected in &self.rejected {
                problem = problem.found(rejected.told());
            }
            if self.errors > self.rejected.len() as u64 {
                problem = problem.found(format!("and {} more", self.errors - self.rejected.len() as u64));
            }
            return Some(problem.caused_by(Unfinished::Rejected));
        }
        if self.replicas_acked < self.replicas {
            return Some(link::unacknowledged(self.replicas_acked, self.replicas));
        }
        None
    }
}

/// Imports files into the master at `addr`.
///
/// All files are read and checked before the first write. A file that an earlier try has sent in part goes on behind
/// that. Error replies do not end it, they are counted: see [`Imported::problem`]. A connection that breaks does, with
/// the number of commands that were answered.
pub async fn import(
    sources: &[Source],
    addr: &str,
    options: &Options,
    mut progress: impl FnMut(Progress),
) -> Result<Imported> {
    let (sources, reading) = (sources.to_vec(), options.reading.clone());
    let checking = tokio::task::spawn_blocking(move || {
        let open = |source: &Source| {
            let mut opened = source.open(&reading)?;
            anyhow::Ok((check_opened(&mut opened, &mut |_, _| Ok(()))?, opened))
        };
        sources.iter().map(open).collect::<Result<Vec<(Checked, Opened)>>>()
    });
    let opened = checking.await.context("the check of the files did not end")??;

    let mut link = link::connect(addr).await?;
    let replicas = link::must_be_master(&mut link, addr, "import").await?;
    for (checked, _) in &opened {
        if let Some(version) = checked.rdb_version {
            let what = format!("{} is", checked.file);
            super::snapshot::readable_version(&mut link, addr, version, &what).await?;
        }
    }
    let mut writer = Writer::new(link, addr, replicas);
    let mut todo = Vec::new();
    for (checked, input) in opened {
        let ids = Ids::of(&checked.sha256, &options.reading);
        let part = record::part(writer.link(), addr, &ids).await?;
        if part.is_some() || options.again || record::finished(writer.link(), addr, &ids).await?.is_none() {
            writer.expect(&checked);
            todo.push((checked, input, ids, part));
        }
    }
    progress(writer.progress());
    for (checked, input, ids, part) in todo {
        writer.file(&checked, input, &ids, part, &mut progress).await?;
    }
    writer.end(options.wait).await
}

#[cfg(test)]
mod tests;
