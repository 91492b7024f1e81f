//! Commands in redis' own protocol, as `redis-cli --pipe` takes them: arrays of strings.

use std::io::{self, BufRead, Read as _};

use super::command::{Command, Fault, Place};
use super::form::{Form, Step, judged};
use super::lines::LONGEST;

/// The most words that redis takes in one command.
const MOST_WORDS: u64 = 1024 * 1024;

/// The most bytes that redis takes in one command (`client-query-buffer-limit`).
const LARGEST: u64 = 1024 * 1024 * 1024;

/// A header such as `$123` is no longer, with its end.
const LONGEST_HEADER: u64 = 32;

/// Reads commands one by one.
pub(super) struct Resp<R> {
    input: R,
    record: u64,
    at: u64,
    header: Vec<u8>,
    largest: u64,
}

impl<R: BufRead> Resp<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, record: 0, at: 0, header: Vec::new(), largest: LARGEST }
    }

    /// Reads `*3` or `$5` with its end; none at the end of the input.
    fn header(&mut self, mark: u8, most: u64) -> io::Result<Option<Result<u64, String>>> {
        self.header.clear();
        let n = (&mut self.input).take(LONGEST_HEADER).read_until(b'\n', &mut self.header)?;
        self.at += n as u64;
        if n == 0 {
            return Ok(None);
        }
        let what = if mark == b'*' { "the number of words" } else { "the length of a word" };
        let shown = || super::commands::shown(self.header.trim_ascii_end());
        let Some(text) = self.header.strip_suffix(b"\r\n") else {
            let why =
                if self.header.ends_with(b"\n") { "ends with LF; RESP has CRLF" } else { "does not end" };
            return Ok(Some(Err(format!("{what}, {}, {why}", shown()))));
        };
        let number = text.strip_prefix(&[mark]).filter(|digits| digits.iter().all(u8::is_ascii_digit));
        let number = number.and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<u64>().ok());
        Ok(Some(match number {
            Some(number) if number <= most => Ok(number),
            Some(number) => Err(format!("{what} is {number}; redis takes {most} at most")),
            None => Err(format!("{} stands where {what} belongs, such as {}3", shown(), char::from(mark))),
        }))
    }

    fn word(&mut self, command: &mut Command) -> io::Result<Result<(), String>> {
        let length = match self.header(b'$', LONGEST as u64)? {
            None => return Ok(Err("the file ends within a command".into())),
            Some(Err(what)) => return Ok(Err(what)),
            Some(Ok(length)) => length,
        };
        // Grows with what is there, whatever was announced.
        let n = (&mut self.input).take(length).read_to_end(command.words.bytes_mut())? as u64;
        self.at += n;
        let mut end = [0; 2];
        if n < length || self.input.read_exact(&mut end).is_err() {
            return Ok(Err("the file ends within a command".into()));
        }
        self.at += 2;
        if end != *b"\r\n" {
            return Ok(Err(format!(
                "a word of {length} bytes is longer than that, or does not end with CRLF"
            )));
        }
        command.words.end();
        Ok(Ok(()))
    }
}

impl<R: BufRead> Form for Resp<R> {
    fn next(&mut self, command: &mut Command) -> io::Result<Step> {
        command.words.clear();
        command.place = Place::Record { record: self.record + 1, byte: self.at };
        let words = match self.header(b'*', MOST_WORDS)? {
            None => return Ok(Step::End),
            // Where the next command begins is unknown.
            Some(Err(what)) => return Ok(Step::Fault(Fault::last(command.place, what))),
            Some(Ok(words)) => words,
        };
        self.record += 1;
        if words == 0 {
            return Ok(Step::Fault(Fault::new(command.place, "a command of no words")));
        }
        for _ in 0..words {
            if let Err(what) = self.word(command)? {
                return Ok(Step::Fault(Fault::last(command.place, what)));
            }
            if command.words.size() as u64 > self.largest {
                let what =
                    format!("a command of more than {} MiB; redis takes no longer one", self.largest >> 20);
                return Ok(Step::Fault(Fault::last(command.place, what)));
            }
        }
        Ok(judged(command))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::reader::command::Words;
    use proptest::prelude::*;

    fn all(bytes: &[u8]) -> (Vec<Words>, Vec<String>) {
        let mut form = Resp::new(bytes);
        let (mut commands, mut faults, mut command) = (Vec::new(), Vec::new(), Command::default());
        loop {
            match form.next(&mut command).unwrap() {
                Step::Command => commands.push(command.words.clone()),
                Step::LeftOut(_) => {}
                Step::Fault(fault) => {
                    let last = fault.last;
                    faults.push(fault.told("f"));
                    if last {
                        return (commands, faults);
                    }
                }
                Step::End => return (commands, faults),
            }
        }
    }

    #[test]
    fn commands_are_read_and_a_leading_select_of_database_0_is_left_out() {
        let bytes = b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nset\r\n$1\r\nk\r\n$4\r\n\r\n\0x\r\n";
        let (commands, faults) = all(bytes);
        assert_eq!(faults, Vec::<String>::new());
        assert_eq!(commands.len(), 1);
        assert_eq!(commands[0].get(2), Some(&b"\r\n\0x"[..]));
    }

    #[test]
    fn what_is_wrong_is_named_with_record_and_byte_and_ends_the_reading_where_the_frame_is_lost() {
        let set = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n";
        let said = |rest: &str| all(format!("{set}{rest}").as_bytes()).1.join("\n");
        for (rest, expected) in [
            ("*x\r\n", "f: record 2 at byte 27: \"*x\" stands where the number of words belongs, such as *3"),
            ("*-1\r\n", "\"*-1\" stands where the number of words belongs"),
            ("*1048577\r\n", "the number of words is 1048577; redis takes 1048576 at most"),
            ("*1\n$4\nPING\n", "the number of words, \"*1\", ends with LF; RESP has CRLF"),
            ("*3\r\n$-1\r\n", "\"$-1\" stands where the length of a word belongs, such as $3"),
            ("*1\r\n$536870913\r\n", "the length of a word is 536870913; redis takes 536870912 at most"),
            ("*1\r\n$536870912\r\nx", "the file ends within a command"),
            ("*2\r\n$3\r\nSET\r\n", "f: record 2 at byte 27: the file ends within a command"),
            ("*1\r\n$3\r\nPING\r\n", "a word of 3 bytes is longer than that, or does not end with CRLF"),
            ("*0\r\n", "a command of no words"),
            ("SET a 1\r\n", "\"SET a 1\" stands where the number of words belongs"),
            ("+OK\r\n", "\"+OK\" stands where the number of words belongs"),
            ("*1\r\n$8\r\nFLUSHALL\r\n", "f: record 2 at byte 27: FLUSHALL is refused: it deletes all data"),
            ("*2\r\n$6\r\nSELECT\r\n$1\r\n1\r\n", "SELECT is refused: a data file is for database 0"),
            ("*1111111111111111111111111111111111111111\r\n", "does not end"),
        ] {
            assert!(said(rest).contains(expected), "{rest:?}: {}", said(rest));
        }
    }

    #[test]
    fn a_command_larger_than_redis_takes_is_not_held() {
        let bytes = format!("*4\r\n{}", "$100\r\n".to_owned() + &"x".repeat(100) + "\r\n").repeat(3);
        let mut form = Resp { largest: 99, ..Resp::new(bytes.as_bytes()) };
        let Step::Fault(fault) = form.next(&mut Command::default()).unwrap() else { panic!("no fault") };
        assert!(fault.last && fault.what.contains("a command of more than"), "{fault:?}");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_hold_more_than_they_are(bytes in "([*$][0-9]{1,10}(\r\n)?|[a-z\r\n]{0,6}){0,12}") {
            let mut form = Resp::new(bytes.as_bytes());
            let mut command = Command::default();
            for _ in 0..100 {
                match form.next(&mut command).unwrap() {
                    Step::End => break,
                    Step::Fault(fault) if fault.last => break,
                    _ => {}
                }
                prop_assert!(command.words.size() <= bytes.len());
            }
        }
    }
}
