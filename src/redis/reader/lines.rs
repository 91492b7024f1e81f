//! One command a line, as anyone can write them.

use std::io::{self, BufRead, Read as _};

use super::command::{Command, Fault, Place};
use super::foreign::Foreign;
use super::form::{Form, Step, judged};
use super::words;

/// The longest string that redis takes (`proto-max-bulk-len`), and so the longest line that makes sense.
pub(super) const LONGEST: usize = 512 * 1024 * 1024;

/// Lines of a text, with their numbers.
pub(super) struct Numbered<R> {
    input: R,
    /// The line that was read last, from 1.
    pub(super) line: u64,
    /// Its bytes, without its end.
    pub(super) text: Vec<u8>,
    longest: usize,
}

impl<R: BufRead> Numbered<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, line: 0, text: Vec::new(), longest: LONGEST }
    }

    /// Reads the next line without its end; none at the end of the input, false where it is too long to be kept.
    pub(super) fn fill(&mut self) -> io::Result<Option<bool>> {
        self.text.clear();
        self.text.shrink_to(1 << 20);
        let limit = self.longest as u64 + 2;
        let n = (&mut self.input).take(limit).read_until(b'\n', &mut self.text)?;
        if n == 0 {
            return Ok(None);
        }
        self.line += 1;
        let mut fits = true;
        if !self.text.ends_with(b"\n") && n as u64 == limit {
            // The rest of the line is read in pieces, and forgotten.
            fits = false;
            loop {
                self.text.clear();
                let n = (&mut self.input).take(1 << 16).read_until(b'\n', &mut self.text)?;
                if n == 0 || self.text.ends_with(b"\n") {
                    break;
                }
            }
            self.text = Vec::new();
        }
        while matches!(self.text.last(), Some(b'\n' | b'\r')) {
            self.text.pop();
        }
        if self.line == 1 && self.text.starts_with(b"\xEF\xBB\xBF") {
            self.text.drain(..3);
        }
        Ok(Some(fits))
    }

    /// The line as a whole.
    pub(super) fn place(&self) -> Place {
        Place::line(self.line)
    }

    /// It is longer than any value may be.
    pub(super) fn too_long(&self) -> Fault {
        let mb = self.longest >> 20;
        Fault::new(self.place(), format!("a line of more than {mb} MiB; redis takes no longer value"))
    }
}

/// Reads commands one by one.
pub(super) struct Lines<R> {
    lines: Numbered<R>,
    /// Whether there was a line with anything in it.
    begun: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { lines: Numbered::new(input), begun: false }
    }
}

impl<R: BufRead> Form for Lines<R> {
    fn next(&mut self, command: &mut Command) -> io::Result<Step> {
        loop {
            let Some(fits) = self.lines.fill()? else { return Ok(Step::End) };
            if !fits {
                return Ok(Step::Fault(self.lines.too_long()));
            }
            let (line, text) = (self.lines.line, &self.lines.text);
            let at = |column: usize| Place::Line { line, column: Some(column) };
            let begins = text.trim_ascii_start();
            if begins.is_empty() || begins.starts_with(b"#") {
                continue;
            }
            if !std::mem::replace(&mut self.begun, true)
                && let Some(foreign) = Foreign::of_line(begins)
            {
                return Ok(Step::Fault(Fault::foreign(Place::line(line), foreign)));
            }
            if let Some(cr) = memchr::memchr(b'\r', text) {
                let what = "a carriage return within a line; lines end with LF or CRLF, a value has \"\\r\"";
                return Ok(Step::Fault(Fault::new(at(cr + 1), what)));
            }
            command.words.clear();
            command.place = Place::line(line);
            let mut comment = None;
            if let Err(fault) = words::split(text, &mut command.words, &mut comment) {
                return Ok(Step::Fault(Fault::new(at(fault.column), fault.what)));
            }
            if let Some(column) = comment {
                let what = "a comment has a line of its own; the value # stands in quotes";
                return Ok(Step::Fault(Fault::new(at(column), what)));
            }
            if command.words.is_empty() {
                continue;
            }
            return Ok(judged(command));
        }
    }

    fn raw(&self) -> Option<&[u8]> {
        Some(&self.lines.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_over_the_limit_is_a_fault_and_its_neighbours_are_read() {
        let mut bytes = b"SET a 1\nSET b ".to_vec();
        bytes.extend(std::iter::repeat_n(b'x', 200_000));
        bytes.extend_from_slice(b"\nSET c 3\nSET d ");
        bytes.extend(std::iter::repeat_n(b'x', 64_994));
        let mut lines = Lines::new(&bytes[..]);
        lines.lines.longest = 65_000;
        let mut command = Command::default();
        assert!(matches!(lines.next(&mut command).unwrap(), Step::Command));
        let Step::Fault(fault) = lines.next(&mut command).unwrap() else { panic!("no fault") };
        assert_eq!((fault.place, fault.last), (Place::line(2), false));
        assert!(matches!(lines.next(&mut command).unwrap(), Step::Command));
        assert_eq!(command.place, Place::line(3));
        assert!(matches!(lines.next(&mut command).unwrap(), Step::Command));
        assert_eq!(command.words.get(2).unwrap().len(), 64_994);
        assert!(matches!(lines.next(&mut command).unwrap(), Step::End));
    }
}
