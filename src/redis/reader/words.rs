//! One line of redis commands into words, by the quoting rules of redis-cli.
//!
//! A word ends at a blank. Inside double quotes `\n \r \t \b \a \\ \"` and `\xHH` are understood, any
//! other escaped character stands for itself; inside single quotes only `\'`. A quote may open within
//! a word, but after the closing one the word is over: a blank or the end of the line has to follow.

use super::command::Words;

/// Why a line could not be split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where, counted in characters from 1.
    pub column: usize,
    /// What is wrong there.
    pub what: String,
}

/// Bytes that end a run of plain ones outside of quotes.
const SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let special = b"\0 \t\r\n\"'";
    let mut at = 0;
    while at < special.len() {
        table[special[at] as usize] = true;
        at += 1;
    }
    table
};

const NUL: &str = "a NUL byte; write it as \"\\x00\"";

/// Splits a line, given without its end, into words, which come behind those that are there. Finds the column of a word,
/// too, that is nothing but `#` and has no quotes: the beginning of a comment, where only a value can be.
pub fn split(line: &[u8], words: &mut Words, comment: &mut Option<usize>) -> Result<(), Fault> {
    let mut at = 0;
    loop {
        while line.get(at).is_some_and(|byte| is_space(*byte)) {
            at += 1;
        }
        if at == line.len() {
            return Ok(());
        }
        let begin = at;
        at = word(line, at, words)?;
        if line[begin] == b'#' && comment.is_none() && line[begin..at].iter().all(|b| *b == b'#') {
            *comment = Some(column(line, begin));
        }
    }
}

/// Reads a word from its first byte; where it is over.
fn word(line: &[u8], begin: usize, words: &mut Words) -> Result<usize, Fault> {
    let rest = line.get(begin..).unwrap_or_default();
    let plain = rest.iter().position(|byte| SPECIAL[usize::from(*byte)]).unwrap_or(rest.len());
    words.add(&rest[..plain]);
    let at = begin + plain;
    match line.get(at) {
        Some(0) => Err(fault(line, at, NUL)),
        Some(b'"') => double(line, at, words),
        Some(b'\'') => single(line, at, words),
        // A blank, or the end.
        _ => {
            words.end();
            Ok(at)
        }
    }
}

/// The rest of a word in double quotes that open there.
fn double(line: &[u8], open: usize, words: &mut Words) -> Result<usize, Fault> {
    let mut at = open + 1;
    loop {
        let rest = line.get(at..).unwrap_or_default();
        let Some(plain) = memchr::memchr3(b'"', b'\\', 0, rest) else {
            return Err(fault(line, open, never_closed(b'"')));
        };
        words.add(&rest[..plain]);
        at += plain;
        match &rest[plain..] {
            [b'"', ..] => return close(line, at, words),
            [b'\\', b'x', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                words.add(&[hex(*high) << 4 | hex(*low)]);
                at += 4;
            }
            [b'\\', 0, ..] => return Err(fault(line, at + 1, NUL)),
            [b'\\', escaped, ..] => {
                words.add(&[match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 8,
                    b'a' => 7,
                    other => *other,
                }]);
                at += 2;
            }
            // A backslash that ends the line stands for itself, in a quote that stays open.
            [b'\\'] => at += 1,
            _ => return Err(fault(line, at, NUL)),
        }
    }
}

/// The rest of a word in single quotes that open there.
fn single(line: &[u8], open: usize, words: &mut Words) -> Result<usize, Fault> {
    let mut at = open + 1;
    loop {
        let rest = line.get(at..).unwrap_or_default();
        let Some(plain) = memchr::memchr3(b'\'', b'\\', 0, rest) else {
            return Err(fault(line, open, never_closed(b'\'')));
        };
        words.add(&rest[..plain]);
        at += plain;
        match &rest[plain..] {
            [b'\'', ..] => return close(line, at, words),
            [b'\\', b'\'', ..] => {
                words.add(b"'");
                at += 2;
            }
            [b'\\', ..] => {
                words.add(b"\\");
                at += 1;
            }
            _ => return Err(fault(line, at, NUL)),
        }
    }
}

/// What is said of a quote that the line does not close.
pub(super) fn never_closed(quote: u8) -> &'static str {
    if quote == b'"' { "this double quote is never closed" } else { "this single quote is never closed" }
}

/// A closing quote ends its word.
fn close(line: &[u8], at: usize, words: &mut Words) -> Result<usize, Fault> {
    match line.get(at + 1) {
        Some(next) if !is_space(*next) => {
            Err(fault(line, at + 1, "after a closing quote a blank or the end of the line must follow"))
        }
        _ => {
            words.end();
            Ok(at + 1)
        }
    }
}

fn fault(line: &[u8], at: usize, what: &str) -> Fault {
    Fault { column: column(line, at), what: what.to_owned() }
}

/// What C's `isspace` takes for white space.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | 9..=13)
}

/// The column of a byte: UTF-8 continuation bytes take no column of their own.
pub(super) fn column(line: &[u8], at: usize) -> usize {
    line[..at].iter().filter(|b| **b & 0xC0 != 0x80).count() + 1
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit - b'A' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::testing::RedisServer;
    use proptest::prelude::*;
    use proptest::strategy::ValueTree as _;
    use std::fmt::Write as _;

    fn split(line: &[u8]) -> Result<Vec<Vec<u8>>, Fault> {
        let mut words = Words::default();
        super::split(line, &mut words, &mut None)?;
        Ok(words.iter().map(<[u8]>::to_vec).collect())
    }

    fn words(line: &str) -> Vec<String> {
        split(line.as_bytes()).unwrap().iter().map(|w| String::from_utf8_lossy(w).into_owned()).collect()
    }

    fn fault(line: &str) -> (usize, String) {
        let fault = split(line.as_bytes()).unwrap_err();
        (fault.column, fault.what)
    }

    #[test]
    fn quotes_and_escapes_are_understood_as_redis_cli_does() {
        assert_eq!(words("  SET a  b\t"), ["SET", "a", "b"]);
        assert_eq!(words(r#"SET "a b" 'c "d" \'e\''"#), ["SET", "a b", "c \"d\" 'e'"]);
        assert_eq!(words(r#"x"y z""#), ["xy z"]);
        assert_eq!(words(r#""" ''"#), ["", ""]);
        assert_eq!(split(br#""\x00\xfF\n\r\t\b\a\\\"\q\x0g""#).unwrap(), [b"\x00\xff\n\r\t\x08\x07\\\"qx0g"]);
        assert_eq!(split(br"'\n\x41'").unwrap(), [br"\n\x41"]);
        assert_eq!(words(""), Vec::<String>::new());
    }

    #[test]
    fn a_comment_behind_a_command_is_found_and_a_hash_within_a_value_is_none() {
        let comment = |line: &str| {
            let mut comment = None;
            super::split(line.as_bytes(), &mut Words::default(), &mut comment).unwrap();
            comment
        };
        assert_eq!(comment("SADD tags \"redis\" # the tags"), Some(19));
        assert_eq!(comment("SET é 1 ##"), Some(9));
        for line in ["SADD tags \"#\" '#'", "SET colour #fff", "SET k a#", "SET a \"b # c\""] {
            assert_eq!(comment(line), None, "{line}");
        }
    }

    #[test]
    fn a_fault_names_its_column_in_characters() {
        assert_eq!(fault(r#"SET é "open"#).0, 7);
        assert_eq!(fault("SET 'open").0, 5);
        assert_eq!(fault(r#"SET "a"b c"#).0, 8);
        assert_eq!(fault("SET a\0").0, 6);
        assert_eq!(fault("SET \"\\\0\"").0, 7);
    }

    /// A word as it has to be written in a line; readable UTF-8 stays as it is.
    fn quote(word: &[u8]) -> String {
        let bare = |b: &u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'\\' | b'#');
        if !word.is_empty() && word.iter().all(bare) {
            return String::from_utf8_lossy(word).into_owned();
        }
        let mut out = String::from("\"");
        for chunk in word.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '"' => out.push_str("\\\""),
                    '\\' => out.push_str("\\\\"),
                    '\n' => out.push_str("\\n"),
                    '\r' => out.push_str("\\r"),
                    '\t' => out.push_str("\\t"),
                    c if c.is_ascii_control() => {
                        let _ = write!(out, "\\x{:02x}", u32::from(c));
                    }
                    c => out.push(c),
                }
            }
            for byte in chunk.invalid() {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
        out.push('"');
        out
    }

    proptest! {
        #[test]
        fn what_is_quoted_splits_into_the_same_words(
            words in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 0..6)
        ) {
            let line: Vec<String> = words.iter().map(|w| quote(w)).collect();
            prop_assert_eq!(split(line.join(" ").as_bytes()).unwrap(), words);
        }

        #[test]
        fn no_line_makes_the_splitter_panic(line in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = split(&line);
        }
    }

    /// Lines of quotes, escapes and blanks, dense enough to reach every rule.
    fn lines() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop::sample::select(vec![
            &b"a"[..],
            b"b",
            b" ",
            b"  ",
            b"\t",
            b"\x0b",
            b"\x0c",
            b"\"",
            b"'",
            b"\\",
            b"\\\"",
            b"\\'",
            b"\\n",
            b"\\x4",
            b"\\x41",
            b"\\xfF",
            b"\\a",
            b"\\b",
            b"\\\\",
            b"\xc3\xa9",
            b"\xff",
            b"x",
            b"\\z",
            b"#",
        ]);
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    /// Lines that go through redis-cli at once.
    const BATCH: usize = 20_000;

    /// `OPSCTL_LINES` says how many; 20,000 without.
    #[test]
    fn redis_cli_itself_splits_generated_lines_the_same_way() {
        let wanted = std::env::var("OPSCTL_LINES").map_or(BATCH, |n| n.parse().expect("a number of lines"));
        let server = RedisServer::start(&[]);
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let (mut tried, mut refused) = (0, 0);
        while tried < wanted {
            let count = BATCH.min(wanted - tried);
            let lines: Vec<_> =
                (0..count).map(|_| lines().new_tree(&mut runner).unwrap().current()).collect();
            // Each line becomes the list `t:<n>`; a line that redis-cli refuses leaves no list.
            let mut script = b"FLUSHALL\n".to_vec();
            for (n, line) in lines.iter().enumerate() {
                script.extend_from_slice(format!("RPUSH t:{n} first ").as_bytes());
                script.extend_from_slice(line);
                script.push(b'\n');
            }
            server.cli(&script);
            let theirs = server.lists(count);
            for (line, theirs) in lines.iter().zip(theirs) {
                let full = [b"RPUSH t:0 first ".as_slice(), line].concat();
                if let Ok(ours) = split(&full) {
                    assert_eq!(ours[2..], theirs, "{:?}", String::from_utf8_lossy(line));
                } else {
                    refused += 1;
                    assert!(theirs.is_empty(), "{:?}", String::from_utf8_lossy(line));
                }
            }
            tried += count;
        }
        assert_eq!(tried, wanted);
        let share = refused * 100 / tried;
        assert!((7..93).contains(&share), "{refused} of {tried} refused: the lines are one-sided");
    }
}
