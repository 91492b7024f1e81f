//! A data file as a stream of checked commands, one line at a time.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read, Seek as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::commands::Effect;
use super::form::Form;
use super::{commands, words};
use crate::error::{Places, Problem, problem};

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
    /// The last line that it is about.
    last: u64,
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
    /// Lines that change nothing, so far.
    skipped: u64,
    /// Whether there was a line with anything in it.
    begun: bool,
    /// What the file is instead of commands.
    form: Option<Form>,
}

impl<R: BufRead> Commands<R> {
    pub(crate) fn new(input: R) -> Self {
        Self {
            input,
            line: 0,
            buffer: Vec::new(),
            digest: Sha256::new(),
            longest: LONGEST,
            skipped: 0,
            begun: false,
            form: None,
        }
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
            let (line, longest) = (self.line, self.longest);
            let fault = |column, what: String| Fault { line, last: line, column, what };
            if !fits {
                let mb = longest >> 20;
                return Ok(Some(Err(fault(
                    None,
                    format!("a line of more than {mb} MiB; redis takes no longer value"),
                ))));
            }
            if self.line == 1 {
                self.form = Form::of_bytes(&self.buffer);
            }
            let text = self.buffer.trim_ascii_start();
            let blank = text.is_empty() || text.starts_with(b"#");
            if self.form.is_none() && !blank && !std::mem::replace(&mut self.begun, true) {
                self.form = Form::of_line(text);
            }
            if let Some(form) = self.form {
                return Ok(Some(Err(fault(None, format!("this is {}", form.name())))));
            }
            if blank {
                continue;
            }
            if let Some(at) = self.buffer.iter().position(|b| *b == b'\r') {
                let what = "a carriage return within a line; lines end with LF or CRLF, a value has \"\\r\"";
                return Ok(Some(Err(fault(Some(at + 1), what.to_owned()))));
            }
            let mut comment = None;
            let words = match words::split_seeking(&self.buffer, &mut comment) {
                Ok(words) if words.is_empty() => continue,
                Ok(words) => words,
                Err(e) => return Ok(Some(Err(fault(Some(e.column), e.what)))),
            };
            if let Some(column) = comment {
                let what = "a comment has a line of its own; the value # stands in quotes";
                return Ok(Some(Err(fault(Some(column), what.to_owned()))));
            }
            return Ok(Some(match commands::check(&words) {
                Ok(Effect::Writes) => Ok(Command { line: self.line, words }),
                Ok(Effect::Nothing) => {
                    self.skipped += 1;
                    continue;
                }
                Err(what) => Err(fault(None, what)),
            }));
        }
    }
}

/// A source that passed the check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// As messages call it.
    pub file: String,
    /// Its commands.
    pub commands: u64,
    /// Lines of commands that change nothing, which are not sent.
    pub skipped: u64,
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
    let mut wrong = Wrong::default();
    loop {
        match commands.next().with_context(|| format!("could not read {file}"))? {
            None => break,
            Some(Ok(_)) => count += 1,
            Some(Err(fault)) => {
                // What is no text, or another kind of file, has nothing more to say.
                if commands.form.is_some() {
                    wrong.add(fault, &[]);
                    break;
                }
                wrong.add(fault, &commands.buffer);
            }
        }
    }
    if wrong.count > 0 {
        return Err(wrong.problem(&file, commands.form).into());
    }
    if count == 0 {
        return Err(problem!(Input, "{file} holds no command that writes: there is nothing to import").into());
    }
    Ok(Checked { file, commands: count, skipped: commands.skipped, sha256: commands.sha256() })
}

/// The lines that are wrong.
#[derive(Default)]
struct Wrong {
    faults: Vec<Fault>,
    count: u64,
    deletes_all: bool,
    /// A quote that was opened, in the line before, and that no line has closed yet.
    open: Option<u8>,
}

impl Wrong {
    fn add(&mut self, fault: Fault, line: &[u8]) {
        self.deletes_all |= commands::deletes_all_data(line);
        let follows = self.faults.last().is_some_and(|last| last.last + 1 == fault.line);
        let word = line.split(|b| words::is_space(*b)).next().unwrap_or_default();
        let command = commands::is_known(&String::from_utf8_lossy(word).to_ascii_uppercase());
        let quotes = |quote: u8| line.iter().filter(|b| **b == quote).count();
        // The rest of a value over several lines is no fault of its own.
        if let Some(quote) = self.open.filter(|_| follows && !command) {
            if let Some(last) = self.faults.last_mut() {
                last.last = fault.line;
                if !last.what.contains(OVER_LINES) {
                    last.what.push_str(OVER_LINES);
                }
            }
            self.open = (quotes(quote) % 2 == 0).then_some(quote);
            return;
        }
        self.open = [b'"', b'\''].into_iter().find(|quote| fault.what == words::never_closed(*quote));
        self.count += 1;
        if self.faults.len() < SHOWN || self.open.is_some() {
            self.faults.push(fault);
        }
    }

    fn problem(mut self, file: &str, form: Option<Form>) -> Problem {
        self.faults.truncate(SHOWN);
        let lines =
            if self.count == 1 { "1 line is".to_owned() } else { format!("{} lines are", self.count) };
        let mut problem = match form {
            Some(form) => {
                problem!(Input, "{file} is no file of commands; nothing was written").caused_by(form)
            }
            None => problem!(Input, "{file}: {lines} wrong; nothing was written"),
        };
        for fault in &self.faults {
            problem = problem.found(fault.place(file));
        }
        if self.deletes_all {
            problem = problem.caused_by(Unfit::DeletesAll);
        }
        let shown = self.faults.len() as u64;
        if self.count > shown {
            problem = problem.found(format!("and {} more", self.count - shown));
        }
        let place = |fault: &Fault| json!({"file": file, "line": fault.line, "column": fault.column, "what": fault.what});
        problem.caused_by(Places(self.faults.iter().map(place).collect()))
    }
}

/// What is said of a value that goes on in the next line.
const OVER_LINES: &str = "; a value of several lines is one line with \"\\n\" in it";

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
        let (_, text) = problem(&b"MULTI\n".repeat(25));
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
    fn a_comment_behind_a_command_is_no_value() {
        let (_, text) = problem(b"SADD tags \"redis\" # the tags\n");
        assert!(text.contains("data.txt:1:19: a comment has a line of its own"), "{text}");
        assert_eq!(commands(b"SADD tags \"#\" the\n").len(), 1);
    }

    #[test]
    fn what_changes_nothing_is_skipped_and_counted() {
        let (_dir, source) = file(b"SELECT 0\nSET a 1\nGET a\nPING \"1 key inserted\"\n");
        let checked = check(&source).unwrap();
        assert_eq!((checked.commands, checked.skipped), (1, 3));
        assert!(problem(b"GET a\n").1.contains("no command that writes"));
    }

    #[test]
    fn a_value_over_several_lines_is_one_fault() {
        let (_, text) = problem(b"SET a 1\nSET text \"one\ntwo words\nthree\"\nSET b 2\nSET c\n");
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.starts_with("data.txt: 2 lines are wrong"), "{text}");
        assert!(
            text.contains("data.txt:2:10: this double quote is never closed; a value of several lines"),
            "{text}"
        );
        assert!(text.contains("data.txt:6: SET takes"), "{text}");
    }

    #[test]
    fn a_whole_file_of_another_form_is_said_once() {
        let rows: String = (0..152).map(|n| format!("INSERT INTO t VALUES ({n});\n")).collect();
        let (_, text) = problem(format!("# a dump\n\n{rows}").as_bytes());
        assert_eq!(
            text,
            "data.txt is no file of commands; nothing was written\ndata.txt:3: this is SQL, not commands of redis"
        );
        assert!(problem(b"*3\r\n$3\r\nSET\r\n").1.contains("RESP"));
    }

    #[test]
    fn the_places_of_faults_are_data_too() {
        let (_dir, source) = file(b"SET a 1\nSET b \"open\n");
        let error = check(&source).unwrap_err();
        let Places(places) = crate::error::cause::<Places>(&error).unwrap();
        assert_eq!(
            (places.len(), places[0]["line"].as_u64(), places[0]["column"].as_u64()),
            (1, Some(2), Some(7))
        );
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
