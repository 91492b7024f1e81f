//! Loads data files into a master: checked as a whole, then sent in transactions, every reply counted.
//!
//! Three parts that know nothing of one another: the reader yields checked commands, the packer makes chunks of bounded
//! size from them, the writer sends a chunk and judges its replies. A chunk and how far the import has come with it are
//! one transaction, so an import that was cut off goes on exactly where it stopped. Where it is asked for, that
//! transaction also keeps what its keys held before, see [`Former`]. Memory stays flat whatever the file's size.

mod chunk;
mod former;
mod record;
mod writer;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::commands;
use super::link::{self, Link};
use super::names::{self, Written};
use super::reader::{Checked, Opened, Reading, Source, check_opened};
use super::replace::Names;
use crate::error::{Problem, problem};
pub use former::{Former, fits, leave_former, reached};
use record::{Ids, Part};
pub use record::{Record, Remembered, already, remember, remembered};
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

/// Files that were read and checked as a whole, and can be sent.
pub struct Ready {
    files: Vec<File>,
}

/// One of them.
struct File {
    /// From 0.
    number: usize,
    checked: Checked,
    input: Opened,
    ids: Ids,
    /// The keys that it touches, unless they are kept already; none where they are not asked for.
    names: Option<Written>,
    /// What is read of it with its last command, where its keys are asked for.
    last: Option<u64>,
}

/// Reads and checks all files; nothing is sent. `folder`: the keys that they touch are written there.
pub async fn read(sources: &[Source], reading: &Reading, folder: Option<&Path>) -> Result<Ready> {
    let (sources, reading, folder) = (sources.to_vec(), reading.clone(), folder.map(Path::to_path_buf));
    let checking = tokio::task::spawn_blocking(move || {
        let mut files = Vec::new();
        for (number, source) in sources.iter().enumerate() {
            let mut input = source.open(&reading)?;
            let mut names = folder.as_deref().map(names::Writer::new).transpose()?;
            let checked = check_opened(&mut input, &mut |_, _| Ok(()), &mut |command, items| {
                let Some(names) = &mut names else { return Ok(()) };
                command
                    .words()
                    .with_slices(|words| commands::written(words).try_for_each(|key| names.add(key, items)))
            })?;
            let names = names.map(names::Writer::end).transpose()?;
            let ids = Ids::of(&checked.sha256, &reading);
            let last = names.as_ref().map(|names| names.items);
            files.push(File { number, checked, input, ids, names, last });
        }
        anyhow::Ok(Ready { files })
    });
    checking.await.context("the check of the files did not end")?
}

impl Ready {
    /// The files, each by what is in it and how it is read.
    pub fn ids(&self) -> Vec<String> {
        self.files.iter().map(|file| file.ids.of_file().to_owned()).collect()
    }

    /// An error unless a master that can read them is at `addr`; how many replicas it has.
    pub async fn fits(&self, addr: &str) -> Result<usize> {
        let mut link = link::connect(addr).await?;
        let replicas = link::must_be_master(&mut link, addr, "import").await?;
        for File { checked, .. } in &self.files {
            if let Some(version) = checked.rdb_version {
                let what = format!("{} is", checked.file);
                super::snapshot::readable_version(&mut link, addr, version, &what).await?;
            }
        }
        Ok(replicas)
    }

    /// What the target remembers of them so far.
    pub async fn remembered(&self, addr: &str) -> Result<Remembered> {
        remembered(addr, self.files.iter().flat_map(|file| file.ids.fields())).await
    }

    /// Whether the target has a part of one of them already.
    pub async fn is_begun(&self, addr: &str) -> Result<bool> {
        let mut link = link::connect(addr).await?;
        for file in &self.files {
            if record::part(&mut link, addr, &file.ids).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Keeps the names of the keys that each file touches; on the disk when this returns.
    pub fn keep_names(&mut self, kept: &[Names]) -> Result<()> {
        for (file, names) in self.files.iter_mut().zip(kept) {
            if let Some(written) = file.names.take() {
                written.keep(&names.file)?;
            }
        }
        Ok(())
    }

    /// Whether no key is sent again that an earlier try of the same import has sent; `reached`: how far it came with
    /// each file.
    pub async fn goes_on(&self, addr: &str, again: bool, reached: &BTreeMap<usize, u64>) -> Result<bool> {
        let mut link = link::connect(addr).await?;
        for file in &self.files {
            let came_to = reached.get(&file.number).copied().unwrap_or(0);
            if let Todo::From(part) = file.todo(&mut link, addr, again, Some(came_to)).await?
                && part.map_or(0, |part| part.items) < came_to
            {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// What there is to do about a file.
enum Todo {
    /// It is imported.
    Nothing,
    /// It is sent, behind what an earlier try has sent of it.
    From(Option<Part>),
}

impl File {
    /// `came_to`: how far this import came with it before.
    async fn todo(&self, link: &mut Link, addr: &str, again: bool, came_to: Option<u64>) -> Result<Todo> {
        let part = record::part(link, addr, &self.ids).await?;
        if part.is_some() {
            return Ok(Todo::From(part));
        }
        // This import has come to its end.
        let again = again && came_to.is_none_or(|items| self.last.is_none_or(|last| items < last));
        let ended = record::finished(link, addr, &self.ids).await?.is_some();
        Ok(if again || !ended { Todo::From(None) } else { Todo::Nothing })
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
    progress: impl FnMut(Progress),
) -> Result<Imported> {
    send(read(sources, &options.reading, None).await?, addr, options, None, progress).await
}

/// The same with files that were read. `former`: where what the keys held is kept.
pub async fn send(
    ready: Ready,
    addr: &str,
    options: &Options,
    former: Option<&Former>,
    mut progress: impl FnMut(Progress),
) -> Result<Imported> {
    let replicas = ready.fits(addr).await?;
    let link = link::connect(addr).await?;
    let came_to = match former {
        Some(former) => former.reached(addr).await?,
        None => BTreeMap::new(),
    };
    let mut writer = Writer::new(link, addr, replicas, former);
    let mut todo = Vec::new();
    for file in ready.files {
        let came_to = came_to.get(&file.number).copied();
        if let Todo::From(part) = file.todo(writer.link(), addr, options.again, came_to).await? {
            writer.expect(&file.checked);
            todo.push((file, part));
        }
    }
    progress(writer.progress());
    for (file, part) in todo {
        writer.file(file, part, &mut progress).await?;
    }
    writer.end(options.wait).await
}

#[cfg(test)]
mod tests;
