//! Where commands come from, and what kind of file that is.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read, Seek as _};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context as _, Result};
use flate2::bufread::MultiGzDecoder;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::command::{Command, Fault, Place};
use super::dump::Dump;
use super::foreign::Foreign;
use super::form::{Form, LeftOut, Step};
use super::json::Json;
use super::known::Looked;
use super::lines::Lines;
use super::resp::Resp;
use super::table::Table;
use super::template::Reading;
use crate::error::problem;

/// The sample data, as it was when opsctl was built.
pub const SAMPLE: &[u8] = include_bytes!("../../../import/redis/data.txt");

/// Where the sample data is looked for, relative to the current folder.
pub const SAMPLE_PATH: &str = "import/redis/data.txt";

/// The beginning of the name of a file that holds what came on standard input.
pub const SPOOLED: &str = "stdin-";

/// Bytes that are read at once.
const BUFFER: usize = 1 << 16;

/// Where commands come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// The sample data within opsctl.
    Embedded,
}

/// What whoever asked for a file to be read may want to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// There is none of that name.
    Missing,
    /// It can be read only once.
    Stream,
    /// It has a command that deletes all data.
    DeletesAll,
}

impl Source {
    /// The sample data: the file in the current folder if it is there, else the embedded copy.
    pub fn sample(dir: &Path) -> Self {
        let file = dir.join(SAMPLE_PATH);
        if file.is_file() { Self::File(file) } else { Self::Embedded }
    }

    /// How messages call it.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) if is_spooled(path) => "standard input".to_owned(),
            Self::File(path) => path.display().to_string(),
            Self::Embedded => format!("{SAMPLE_PATH} (embedded)"),
        }
    }

    /// Opens it; what cannot be read twice from its beginning is refused.
    pub(crate) fn open(&self, reading: &Reading) -> Result<Opened> {
        let reading = reading.clone();
        let Self::File(path) = self else {
            // Its commands need no key.
            let reading = Reading { key: None, ..reading };
            let input = Input::Bytes(Cursor::new(SAMPLE));
            return Ok(Opened { name: self.name(), reading, now: now(), ours: false, input });
        };
        let name = self.name();
        let kind = std::fs::metadata(path).map_err(|e| match e.kind() {
            ErrorKind::NotFound => problem!(Input, "{name}: there is no such file").caused_by(Unfit::Missing),
            _ => problem!(Input, "{name} cannot be read: {e}"),
        })?;
        // Looked at before it is opened: opening a FIFO waits for its writer.
        if kind.is_dir() {
            return Err(
                problem!(Input, "{name} is a folder within a folder; name it, or the files in it").into()
            );
        }
        if !kind.is_file() {
            return Err(problem!(
                Input,
                "{name} is not a regular file: it is read twice, first to check it and then to import it"
            )
            .caused_by(Unfit::Stream)
            .into());
        }
        if kind.len() == 0 {
            return Err(problem!(Input, "{name} is empty: there is nothing to import").into());
        }
        let file = File::open(path).map_err(|e| problem!(Input, "{name} cannot be read: {e}"))?;
        Ok(Opened { name, reading, now: now(), ours: is_spooled(path), input: Input::File(file) })
    }
}

fn is_spooled(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with(SPOOLED)) && path.parent().is_some_and(|p| p.ends_with("spool"))
}

/// An open source. The same open file serves the check and the import, so a file that is put in its
/// place in between is not read by mistake.
pub(crate) struct Opened {
    pub(crate) name: String,
    pub(crate) reading: Reading,
    /// The time by which keys have expired, in milliseconds since 1970: that of the check, so that none expires between
    /// the check and the import.
    pub(super) now: u64,
    /// Nobody else writes to it.
    ours: bool,
    input: Input,
}

enum Input {
    File(File),
    Bytes(Cursor<&'static [u8]>),
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Bytes(bytes) => bytes.read(buffer),
        }
    }
}

/// What was read of the file itself, packed as it may be.
#[derive(Clone, Default)]
struct Seen {
    digest: Rc<RefCell<Sha256>>,
    bytes: Rc<Cell<u64>>,
}

/// Takes note of every byte.
struct Noted<R> {
    input: R,
    seen: Seen,
}

impl<R: Read> Read for Noted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(buffer)?;
        self.seen.digest.borrow_mut().update(buffer.get(..n).unwrap_or_default());
        self.seen.bytes.set(self.seen.bytes.get() + n as u64);
        Ok(n)
    }
}

fn now() -> u64 {
    u64::try_from(Timestamp::now().as_millisecond()).unwrap_or_default()
}

impl Opened {
    /// The file as it is now; none where a change of it would not be seen.
    pub(super) fn looked(&self) -> Option<Looked> {
        let Input::File(file) = &self.input else { return None };
        Looked::at(&file.metadata().ok()?, &self.name, &self.reading, self.ours)
    }

    /// Its commands, from the beginning.
    pub(crate) fn commands(&mut self) -> Result<Commands<'_>> {
        let what = || format!("could not read {}", self.name);
        match &mut self.input {
            Input::File(file) => file.rewind().with_context(what)?,
            Input::Bytes(bytes) => bytes.set_position(0),
        }
        let seen = Seen::default();
        let mut raw = BufReader::with_capacity(BUFFER, Noted { input: &mut self.input, seen: seen.clone() });
        let begin = peeked(&mut raw).with_context(what)?;
        let (text, packed): (Box<dyn BufRead>, _) = match begin.as_slice() {
            [0x1f, 0x8b, ..] => (unpacked(MultiGzDecoder::new(raw)), Some("gzip")),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => {
                let decoder = zstd::Decoder::with_buffer(raw).with_context(what)?;
                (unpacked(decoder), Some("zstd"))
            }
            _ => (Box::new(raw), None),
        };
        let form = form(text, &self.name, packed, &self.reading, self.now).with_context(what)?;
        Ok(Commands { form, seen, packed, items: 0, left_out: BTreeMap::new(), over: false })
    }
}

fn unpacked<'a>(decoder: impl Read + 'a) -> Box<dyn BufRead + 'a> {
    Box::new(BufReader::with_capacity(BUFFER, decoder))
}

/// The first bytes, which stay to be read: more than one read where a read brings few.
fn peeked(input: &mut impl BufRead) -> io::Result<Vec<u8>> {
    Ok(input.fill_buf()?.iter().copied().take(16).collect())
}

/// The form of a text, by its first bytes.
fn form<'a>(
    mut text: Box<dyn BufRead + 'a>,
    name: &str,
    packed: Option<&'static str>,
    reading: &Reading,
    now: u64,
) -> io::Result<Box<dyn Form + 'a>> {
    let begin = match peeked(&mut text) {
        Ok(begin) => begin,
        Err(error) if packed.is_some() && is_damage(&error) => {
            let fault = Fault::last(Place::line(1), damaged(packed, &error));
            return Ok(Box::new(Unreadable(Some(fault))));
        }
        Err(error) => return Err(error),
    };
    if let Some(foreign) = Foreign::of_bytes(&begin) {
        return Ok(unfit(foreign));
    }
    let text_begins = begin.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&begin).trim_ascii_start();
    let named = |end: &str| name.trim_end_matches(".gz").trim_end_matches(".zst").ends_with(end);
    Ok(match (text_begins, &reading.key) {
        ([b'R', b'E', b'D', b'I', b'S', b'0'..=b'9', ..] | [b'*', b'0'..=b'9' | b'-', ..], Some(_)) => {
            unfit(Foreign::Keyed)
        }
        ([b'R', b'E', b'D', b'I', b'S', b'0'..=b'9', ..], None) => Box::new(Dump::new(text, now)),
        ([b'*', b'0'..=b'9' | b'-', ..], None) => Box::new(Resp::new(text)),
        ([b'[', ..], _) => unfit(Foreign::Array),
        ([b'{', ..], Some(key)) => Box::new(Json::new(text, key.clone(), reading.kind)),
        ([b'{', ..], None) => unfit(Foreign::Keyless),
        (_, Some(key)) => Box::new(Table::new(text, key.clone(), reading.kind)?),
        (_, None) if named(".csv") || named(".tsv") => unfit(Foreign::Keyless),
        (_, None) => Box::new(Lines::new(text)),
    })
}

/// A file of which nothing can be read.
struct Unreadable(Option<Fault>);

impl Form for Unreadable {
    fn next(&mut self, _: &mut Command) -> io::Result<Step> {
        Ok(self.0.take().map_or(Step::End, Step::Fault))
    }
}

fn unfit<'a>(foreign: Foreign) -> Box<dyn Form + 'a> {
    Box::new(Unreadable(Some(Fault::foreign(Place::line(1), foreign))))
}

/// Whether that error means the file, not the disk.
fn is_damage(error: &io::Error) -> bool {
    error.raw_os_error().is_none()
}

fn damaged(packed: Option<&str>, error: &io::Error) -> String {
    match packed {
        Some(packed) => format!("what {packed} packed is damaged or cut short here: {error}"),
        None => error.to_string(),
    }
}

/// Reads commands one by one.
pub(crate) struct Commands<'a> {
    form: Box<dyn Form + 'a>,
    seen: Seen,
    packed: Option<&'static str>,
    items: u64,
    /// What was left out on purpose so far.
    pub(crate) left_out: BTreeMap<LeftOut, u64>,
    over: bool,
}

impl Commands<'_> {
    /// The next command, or what is wrong with it; `None` at the end.
    pub(crate) fn next(&mut self, command: &mut Command) -> io::Result<Option<Result<(), Fault>>> {
        while !self.over {
            let next = self.form.next(command);
            self.items += u64::from(!matches!(next, Ok(Step::End)));
            match next {
                Ok(Step::Command) => return Ok(Some(Ok(()))),
                Ok(Step::LeftOut(what)) => *self.left_out.entry(what).or_default() += 1,
                Ok(Step::Fault(fault)) => {
                    self.over = fault.last;
                    return Ok(Some(Err(fault)));
                }
                Ok(Step::End) => self.over = true,
                Err(error) if is_damage(&error) => {
                    self.over = true;
                    return Ok(Some(Err(Fault::last(command.place, damaged(self.packed, &error)))));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// What was read so far: commands, and what is none or wrong.
    pub(crate) fn items(&self) -> u64 {
        self.items
    }

    /// The text of what was read last, where it is one.
    pub(crate) fn raw(&self) -> Option<&[u8]> {
        self.form.raw()
    }

    /// The version of the RDB format; none where it is no RDB file.
    pub(crate) fn rdb_version(&self) -> Option<u16> {
        self.form.rdb_version()
    }

    /// Bytes of the file that were read so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.seen.bytes.get()
    }

    /// The sha256 of these, in hex.
    pub(crate) fn sha256(&self) -> String {
        format!("{:x}", self.seen.digest.borrow().clone().finalize())
    }
}
