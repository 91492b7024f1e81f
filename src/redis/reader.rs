//! A data file as a stream of checked commands, one line at a time.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read, Seek as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use super::{commands, words};
use crate::error::problem;

/// The sample data, as it was when opsctl was built.
pub const SAMPLE: &[u8] = include_bytes!("../../import/redis/data.txt");

/// Where the sample data is looked for, relative to the current folder.
pub const SAMPLE_PATH: &str = "import/redis/data.txt";

/// The longest string that redis takes (`proto-max-bulk-len`), and so the longest line that makes sense.
const LONGEST: usize = 512 * 1024 * 1024;

/// Faults that are shown; the rest is counted.
const SHOWN: usize = 10;

/// Where commands come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// The sample data within opsctl.
    Embedded,
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
            Self::File(path) => path.display().to_string(),
            Self::Embedded => format!("{SAMPLE_PATH} (embedded)"),
        }
    }

    /// Opens it; what cannot be read twice from its beginning is refused.
    pub(crate) fn open(&self) -> Result<Opened> {
        let Self::File(path) = self else {
            return Ok(Opened { name: self.name(), input: Input::Bytes(Cursor::new(SAMPLE)) });
        };
        let name = path.display();
        let kind = std::fs::metadata(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => {
                problem!(Input, "{name}: there is no such file").caused_by(Unfit::Missing)
            }
            _ => problem!(Input, "{name} cannot be read: {e}"),
        })?;
        // Looked at before it is opened: opening a FIFO waits for its writer.
        if kind.is_dir() {
            return Err(problem!(Input, "{name} is a folder; name the files in it").into());
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
        Ok(Opened { name: name.to_string(), input: Input::File(file) })
    }
}

/// An open source. The same open file serves the check and the import, so a file that is put in its
/// place in between is not read by mistake.
pub(crate) struct Opened {
    pub(crate) name: String,
    input: Input,
}

enum Input {
    File(File),
    Bytes(Cursor<&'static [u8]>),
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Bytes(bytes) => bytes.read(buffer),
        }
    }
}

impl Opened {
    /// Its commands, from the beginning.
    pub(crate) fn commands(&mut self) -> Result<Commands<impl BufRead + '_>> {
        match &mut self.input {
            Input::File(file) => {
                file.rewind().with_context(|| format!("could not read {} again", self.name))?;
            }
            Input::Bytes(bytes) => bytes.set_position(0),
        }
        Ok(Commands::new(BufReader::with_capacity(1 << 16, &mut self.input)))
    }
}

/// A command that passed the check. Only the reader makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its line, from 1.
    pub line: u64,
    words: Vec<Vec<u8>>,
}

impl Command {
    /// The name and the arguments.
    pub fn words(&self) -> &[Vec<u8>] {
        &self.words
    }
}

/// A line that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its line, from 1.
    pub line: u64,
    /// The character, from 1, where it is known.
    pub column: Option<usize>,
    /// What is wrong.
    pub what: String,
}

impl Fault {
    /// `file:line:column: what`.
    pub fn place(&self, file: &str) -> String {
        match self.column {
            Some(column) => format!("{file}:{}:{column}: {}", self.line, self.what),
            None => format!("{file}:{}: {}", self.line, self.what),
        }
    }
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

/// Reads commands one by one; the digest covers every byte read.
pub(crate) struct Commands<R> {
    input: R,
    line: u64,
    buffer: Vec<u8>,
    digest: Sha256,
    longest: usize,
}

impl<R: BufRead> Commands<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, line: 0, buffer: Vec::new(), digest: Sha256::new(), longest: LONGEST }
    }

    /// The sha256 of what was read, in hex.
    pub(crate) fn sha256(self) -> String {
        format!("{:x}", self.digest.finalize())
    }

    /// Reads a line into the buffer without its end; false at the end of the input.
    fn fill(&mut self) -> std::io::Result<Option<bool>> {
        self.buffer.clear();
        let limit = self.longest as u64 + 2;
        let n = (&mut self.input).take(limit).read_until(b'\n', &mut self.buffer)?;
        if n == 0 {
            return Ok(None);
        }
        self.line += 1;
        self.digest.update(&self.buffer);
        let mut fits = true;
        if !self.buffer.ends_with(b"\n") && n as u64 == limit {
            // The rest of the line is read in pieces, and forgotten.
            fits = false;
            loop {
                self.buffer.clear();
                let n = (&mut self.input).take(1 << 16).read_until(b'\n', &mut self.buffer)?;
                self.digest.update(&self.buffer);
                if n == 0 || self.buffer.ends_with(b"\n") {
                    break;
                }
            }
            self.buffer = Vec::new();
        }
        while matches!(self.buffer.last(), Some(b'\n' | b'\r')) {
            self.buffer.pop();
        }
        if self.line == 1 && self.buffer.starts_with(b"\xEF\xBB\xBF") {
            self.buffer.drain(..3);
        }
        Ok(Some(fits))
    }

    /// The next command, or what is wrong with it; `None` at the end.
    pub(crate) fn next(&mut self) -> std::io::Result<Option<Result<Command, Fault>>> {
        loop {
            let Some(fits) = self.fill()? else { return Ok(None) };
            let fault = |column, what: String| Fault { line: self.line, column, what };
            if !fits {
                let mb = self.longest >> 20;
                return Ok(Some(Err(fault(
                    None,
                    format!("a line of more than {mb} MiB; redis takes no longer value"),
                ))));
            }
            if self.line == 1
                && let Some(what) = foreign(&self.buffer)
            {
                return Ok(Some(Err(fault(None, what.to_owned()))));
            }
            let text = self.buffer.trim_ascii_start();
            if text.is_empty() || text.starts_with(b"#") {
                continue;
            }
            if let Some(at) = self.buffer.iter().position(|b| *b == b'\r') {
                let what = "a carriage return within a line; lines end with LF or CRLF, a value has \"\\r\"";
                return Ok(Some(Err(fault(Some(at + 1), what.to_owned()))));
            }
            let words = match words::split(&self.buffer) {
                Ok(words) if words.is_empty() => continue,
                Ok(words) => words,
                Err(e) => return Ok(Some(Err(fault(Some(e.column), e.what)))),
            };
            return Ok(Some(match commands::check(&words) {
                Ok(()) => Ok(Command { line: self.line, words }),
                Err(what) => Err(fault(None, what)),
            }));
        }
    }
}

/// Files that are something else altogether, known by their first bytes.
fn foreign(first: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 5] = [
        (b"REDIS0", "this is an RDB file, not commands (opsctl snapshots are of that kind)"),
        (b"\x1f\x8b", "this file is compressed by gzip; unpack it first"),
        (b"\x28\xb5\x2f\xfd", "this file is compressed by zstd; unpack it first"),
        (b"\xff\xfe", "this file is UTF-16; save it as UTF-8"),
        (b"\xfe\xff", "this file is UTF-16; save it as UTF-8"),
    ];
    known.iter().find(|(magic, _)| first.starts_with(magic)).map(|(_, what)| *what)
}

/// A source that passed the check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// As messages call it.
    pub file: String,
    /// Its commands.
    pub commands: u64,
    /// The sha256 of its bytes, in hex.
    pub sha256: String,
}

/// Reads all of a source and checks every line; nothing is sent anywhere.
///
/// The error lists the first faults with file, line and column, and counts the rest.
pub fn check(source: &Source) -> Result<Checked> {
    check_opened(&mut source.open()?)
}

pub(crate) fn check_opened(opened: &mut Opened) -> Result<Checked> {
    let file = opened.name.clone();
    let mut commands = opened.commands()?;
    let mut count = 0;
    let mut faults = Vec::new();
    let mut wrong = 0_u64;
    let mut deletes_all = false;
    loop {
        match commands.next().with_context(|| format!("could not read {file}"))? {
            None => break,
            Some(Ok(_)) => count += 1,
            Some(Err(fault)) => {
                wrong += 1;
                deletes_all |= commands::deletes_all_data(&commands.buffer);
                // What is no text at all has nothing more to say.
                let hopeless = fault.line == 1 && foreign(&commands.buffer).is_some();
                if faults.len() < SHOWN {
                    faults.push(fault);
                }
                if hopeless {
                    break;
                }
            }
        }
    }
    if wrong > 0 {
        let lines = if wrong == 1 { "1 line is".to_owned() } else { format!("{wrong} lines are") };
        let mut problem = problem!(Input, "{file}: {lines} wrong; nothing was written");
        for fault in &faults {
            problem = problem.found(fault.place(&file));
        }
        if deletes_all {
            problem = problem.caused_by(Unfit::DeletesAll);
        }
        if wrong > faults.len() as u64 {
            problem = problem.found(format!("and {} more", wrong - faults.len() as u64));
        }
        return Err(problem.into());
    }
    if count == 0 {
        return Err(problem!(Input, "{file} holds no command: there is nothing to import").into());
    }
    Ok(Checked { file, commands: count, sha256: commands.sha256() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Class, Problem, class_of};

    fn file(bytes: &[u8]) -> (tempfile::TempDir, Source) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data.txt");
        std::fs::write(&path, bytes).unwrap();
        (dir, Source::File(path))
    }

    fn commands(bytes: &[u8]) -> Vec<(u64, Vec<String>)> {
        let mut reader = Commands::new(bytes);
        let mut all = Vec::new();
        while let Some(next) = reader.next().unwrap() {
            let command = next.unwrap();
            let words = command.words().iter().map(|w| String::from_utf8_lossy(w).into_owned()).collect();
            all.push((command.line, words));
        }
        all
    }

    /// The problem's sentence and its details, without the folder.
    fn problem(bytes: &[u8]) -> (Class, String) {
        let (dir, source) = file(bytes);
        let error = check(&source).unwrap_err();
        let problem = error.downcast_ref::<Problem>().unwrap();
        let text = format!("{}\n{}", problem.what, problem.found.join("\n"));
        (problem.code.class(), text.replace(&format!("{}/", dir.path().display()), ""))
    }

    #[test]
    fn comments_blank_lines_crlf_bom_and_a_missing_last_newline_are_fine() {
        let bytes = b"\xEF\xBB\xBFSET a 1\r\n\r\n  # SET no 1\n\t\nSET b 2\n#\nSET c \"3 # 4\"";
        let found = commands(bytes);
        let lines: Vec<_> = found.iter().map(|(line, words)| (*line, words[2].as_str())).collect();
        assert_eq!(lines, [(1, "1"), (5, "2"), (7, "3 # 4")]);
    }

    #[test]
    fn bytes_that_are_no_utf8_are_values_like_others() {
        let (_dir, source) = file(b"SET k \xff\xfe\nSET l \"\\x00\"\n");
        assert_eq!(check(&source).unwrap().commands, 2);
    }

    #[test]
    fn every_fault_is_named_with_file_line_and_column() {
        let (class, text) = problem(b"SET a 1\nSET b \"open\nFLUSHALL\n*3\n$-1\nSET c x\0y\nSET d a\rb\n");
        assert_eq!(class, Class::Usage);
        let expected = [
            "data.txt: 6 lines are wrong; nothing was written",
            "data.txt:2:7: this double quote is never closed",
            "data.txt:3: FLUSHALL is refused: it deletes all data",
            "data.txt:4: this is the RESP protocol, not a command (redis-cli --pipe reads such files)",
            "data.txt:5: this is the RESP protocol, not a command (redis-cli --pipe reads such files)",
            "data.txt:6:8: a NUL byte; write it as \"\\x00\"",
            "data.txt:7:8: a carriage return within a line; lines end with LF or CRLF, a value has \"\\r\"",
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn ten_faults_are_shown_and_the_rest_counted() {
        let (_, text) = problem(&b"KEYS *\n".repeat(25));
        assert!(text.starts_with("data.txt: 25 lines are wrong"), "{text}");
        assert_eq!(text.lines().count(), 12);
        assert!(text.ends_with("and 15 more"), "{text}");
    }

    #[test]
    fn what_cannot_be_imported_is_a_usage_error_that_says_why() {
        let dir = tempfile::tempdir().unwrap();
        let said = |path: &Path| {
            let error = check(&Source::File(path.to_owned())).unwrap_err();
            assert_eq!(class_of(&error), Class::Usage);
            error.to_string()
        };
        assert!(said(&dir.path().join("none")).contains("no such file"));
        assert!(said(dir.path()).contains("is a folder"));
        let empty = dir.path().join("empty");
        std::fs::write(&empty, b"").unwrap();
        assert!(said(&empty).contains("is empty"));
        let fifo = dir.path().join("fifo");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        assert!(said(&fifo).contains("not a regular file"));
        let blank = dir.path().join("blank");
        std::fs::write(&blank, b"# only talk\n\n").unwrap();
        assert!(said(&blank).contains("holds no command"));
    }

    #[test]
    fn files_of_another_kind_are_recognised() {
        assert!(problem(b"REDIS0011\xfa\n").1.contains("RDB file"));
        assert!(problem(b"\x1f\x8b\x08\x00\nx\nx\n").1.contains("gzip"));
        assert!(problem(b"\xff\xfeS\0E\0T\0").1.contains("UTF-16"));
    }

    #[test]
    fn a_line_over_the_limit_is_a_fault_and_its_neighbours_are_read() {
        let mut bytes = b"SET a 1\nSET b ".to_vec();
        bytes.extend(std::iter::repeat_n(b'x', 200_000));
        bytes.extend_from_slice(b"\nSET c 3\nSET d ");
        bytes.extend(std::iter::repeat_n(b'x', 64_994));
        let mut reader = Commands { longest: 65_000, ..Commands::new(&bytes[..]) };
        assert_eq!(reader.next().unwrap().unwrap().unwrap().line, 1);
        let fault = reader.next().unwrap().unwrap().unwrap_err();
        assert_eq!((fault.line, fault.column), (2, None));
        assert_eq!(reader.next().unwrap().unwrap().unwrap().line, 3);
        assert_eq!(reader.next().unwrap().unwrap().unwrap().words()[2].len(), 64_994);
        assert_eq!(reader.sha256(), format!("{:x}", Sha256::digest(&bytes)));
    }

    #[test]
    fn the_embedded_sample_passes_the_check_and_has_a_thousand_entries() {
        let checked = check(&Source::Embedded).unwrap();
        assert!(checked.commands >= 1000, "{}", checked.commands);
        assert_eq!(checked.sha256, format!("{:x}", Sha256::digest(SAMPLE)));
    }

    #[test]
    fn the_sample_is_the_file_in_the_folder_if_there_else_the_embedded_copy() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Source::sample(dir.path()), Source::Embedded);
        let path = dir.path().join(SAMPLE_PATH);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "SET a 1\n").unwrap();
        assert_eq!(Source::sample(dir.path()), Source::File(path));
    }
}
