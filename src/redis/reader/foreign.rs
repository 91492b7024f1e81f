//! Files that opsctl does not read, known for what they are by how they begin.

use super::commands;
use super::words::is_space;

/// What a file is that holds no data in a form that opsctl reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// Packed by a program of this name.
    Packed(&'static str),
    /// Text of two bytes a character.
    Utf16,
    /// Statements of a database of tables.
    Sql,
    /// One JSON array.
    Array,
    /// What was typed into redis-cli, with its prompts and answers.
    Session,
    /// Records, and no key was named for them.
    Keyless,
    /// Commands, and a key was named.
    Keyed,
}

impl Foreign {
    /// In a sentence that begins with "this is".
    pub fn name(self) -> String {
        match self {
            Self::Packed(by) => format!("a file packed by {by}; unpack it, or pack it by gzip or zstd"),
            Self::Utf16 => "UTF-16; save it as UTF-8".into(),
            Self::Sql => "SQL, not commands of redis".into(),
            Self::Array => "one JSON array; records have a line each".into(),
            Self::Session => "a session of redis-cli, with its prompts and answers".into(),
            Self::Keyless => "a file of records, and each of them needs a key".into(),
            Self::Keyed => "a file of commands, which have their keys; leave --key out".into(),
        }
    }

    /// What a file is that begins with these bytes, which are no text.
    pub(super) fn of_bytes(first: &[u8]) -> Option<Self> {
        let known: [(&[u8], Self); 6] = [
            (b"\x1f\x8b", Self::Packed("gzip, twice")),
            (b"BZh", Self::Packed("bzip2")),
            (b"\xfd7zXZ", Self::Packed("xz")),
            (b"PK\x03\x04", Self::Packed("zip")),
            (b"\xff\xfe", Self::Utf16),
            (b"\xfe\xff", Self::Utf16),
        ];
        let without_mark = matches!(first, [a, 0, b, 0, ..] | [0, a, 0, b, ..] if *a != 0 && *b != 0);
        let found = known.iter().find(|(magic, _)| first.starts_with(magic)).map(|(_, foreign)| *foreign);
        found.or(without_mark.then_some(Self::Utf16))
    }

    /// What a file is whose first line with anything in it is this one, if that is no command.
    pub(super) fn of_line(line: &[u8]) -> Option<Self> {
        let text = line.trim_ascii();
        let word = text.split(|b| is_space(*b)).next().unwrap_or_default();
        let name = String::from_utf8_lossy(word).to_ascii_uppercase();
        let next = text[word.len()..].trim_ascii_start();
        match word {
            [b'[', ..] => Some(Self::Array),
            [b'{', ..] => Some(Self::Keyless),
            [b'-', b'-', ..] => Some(Self::Sql),
            [.., b'>'] if is_prompt(&word[..word.len() - 1]) => Some(Self::Session),
            _ if is_sql(&name, next) => Some(Self::Sql),
            _ if !commands::is_known(&name) && text.contains(&b',') => Some(Self::Keyless),
            _ => None,
        }
    }
}

/// `127.0.0.1:6379`, `127.0.0.1:6379[1]`, `redis`.
fn is_prompt(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let text = text.split_once('[').map_or(&*text, |(address, _)| address);
    text == "redis" || text.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok())
}

fn is_sql(word: &str, next: &[u8]) -> bool {
    let next = String::from_utf8_lossy(next).to_ascii_uppercase();
    let begins = |words: &[&str]| words.iter().any(|word| next.starts_with(word));
    match word.trim_end_matches(';') {
        "INSERT" => begins(&["INTO "]),
        "CREATE" | "DROP" | "ALTER" => begins(&["TABLE ", "DATABASE ", "INDEX ", "SCHEMA "]),
        "DELETE" => begins(&["FROM "]),
        "UPDATE" => next.contains(" SET "),
        "BEGIN" | "COMMIT" => next.is_empty() || begins(&["TRANSACTION"]),
        "SET" => next.split_whitespace().nth(1) == Some("="),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_files_are_known_by_their_first_line_and_files_of_commands_are_none() {
        for (line, foreign) in [
            ("INSERT INTO t VALUES (1);", Foreign::Sql),
            ("-- MySQL dump 10.13", Foreign::Sql),
            ("create table t (a int);", Foreign::Sql),
            ("BEGIN;", Foreign::Sql),
            ("SET sql_mode = '';", Foreign::Sql),
            ("{\"a\": 1}", Foreign::Keyless),
            ("[", Foreign::Array),
            ("id,name,price", Foreign::Keyless),
            ("127.0.0.1:6379> SET a 1", Foreign::Session),
            ("127.0.0.1:6379[3]> get a", Foreign::Session),
            ("redis> GET a", Foreign::Session),
        ] {
            assert_eq!(Foreign::of_line(line.as_bytes()), Some(foreign), "{line}");
        }
        for line in
            ["SET a 1", "SADD t a,b", "set k \"a = b\"", "SETT k v", "$3", "HSET h f {", "> x", "x> y"]
        {
            assert_eq!(Foreign::of_line(line.as_bytes()), None, "{line}");
        }
        assert_eq!(Foreign::of_bytes(b"S\0E\0T\0"), Some(Foreign::Utf16));
        assert_eq!(Foreign::of_bytes(b"\0S\0E\0T"), Some(Foreign::Utf16));
        assert_eq!(Foreign::of_bytes(b"SET a"), None);
    }
}
