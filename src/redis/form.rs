//! Files that are something else than commands, known for what they are by their first lines.

use super::commands;
use super::words::is_space;

/// What a file is instead of commands, a line each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// redis' own file of data.
    Rdb,
    /// Packed by a program of this name.
    Packed(&'static str),
    /// Text of two bytes a character.
    Utf16,
    /// The protocol between clients and redis.
    Resp,
    /// Statements of a database of tables.
    Sql,
    /// JSON.
    Json,
    /// Values between commas.
    Csv,
    /// What was typed into redis-cli, with its prompts and answers.
    Session,
}

impl Form {
    /// In a sentence that begins with "this is".
    pub fn name(self) -> String {
        match self {
            Self::Rdb => "an RDB file, not commands (opsctl snapshots are of that kind)".into(),
            Self::Packed(by) => format!("a file compressed by {by}; unpack it first"),
            Self::Utf16 => "UTF-16; save it as UTF-8".into(),
            Self::Resp => "the RESP protocol, not a command (redis-cli --pipe reads such files)".into(),
            Self::Sql => "SQL, not commands of redis".into(),
            Self::Json => "JSON, not commands of redis".into(),
            Self::Csv => "a table of values between commas, not commands of redis".into(),
            Self::Session => "a session of redis-cli, with its prompts and answers".into(),
        }
    }

    /// The form of a file that begins with these bytes, which are no text.
    pub fn of_bytes(first: &[u8]) -> Option<Self> {
        let known: [(&[u8], Self); 6] = [
            (b"REDIS0", Self::Rdb),
            (b"\x1f\x8b", Self::Packed("gzip")),
            (b"\x28\xb5\x2f\xfd", Self::Packed("zstd")),
            (b"PK\x03\x04", Self::Packed("zip")),
            (b"\xff\xfe", Self::Utf16),
            (b"\xfe\xff", Self::Utf16),
        ];
        let without_mark = matches!(first, [a, 0, b, 0, ..] | [0, a, 0, b, ..] if *a != 0 && *b != 0);
        known
            .iter()
            .find(|(magic, _)| first.starts_with(magic))
            .map(|(_, form)| *form)
            .or(without_mark.then_some(Self::Utf16))
    }

    /// The form of a file whose first line with anything in it is this one, if that is no command.
    pub fn of_line(line: &[u8]) -> Option<Self> {
        let text = line.trim_ascii();
        let word = text.split(|b| is_space(*b)).next().unwrap_or_default();
        let name = String::from_utf8_lossy(word).to_ascii_uppercase();
        let next = text[word.len()..].trim_ascii_start();
        let digits = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_digit);
        match word {
            [b'*', n @ ..] if digits(n) => Some(Self::Resp),
            [b'{' | b'[', ..] => Some(Self::Json),
            [b'-', b'-', ..] => Some(Self::Sql),
            [.., b'>'] if is_prompt(&word[..word.len() - 1]) => Some(Self::Session),
            _ if is_sql(&name, next) => Some(Self::Sql),
            _ if !commands::is_known(&name) && text.contains(&b',') => Some(Self::Csv),
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
        "SET" => next.contains(" = "),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_files_are_known_by_their_first_line_and_files_of_commands_are_none() {
        for (line, form) in [
            ("*3", Form::Resp),
            ("INSERT INTO t VALUES (1);", Form::Sql),
            ("-- MySQL dump 10.13", Form::Sql),
            ("create table t (a int);", Form::Sql),
            ("BEGIN;", Form::Sql),
            ("SET sql_mode = '';", Form::Sql),
            ("{\"a\": 1}", Form::Json),
            ("[", Form::Json),
            ("id,name,price", Form::Csv),
            ("127.0.0.1:6379> SET a 1", Form::Session),
            ("127.0.0.1:6379[3]> get a", Form::Session),
            ("redis> GET a", Form::Session),
        ] {
            assert_eq!(Form::of_line(line.as_bytes()), Some(form), "{line}");
        }
        for line in
            ["SET a 1", "SADD t a,b", "set k \"a = b\"", "SETT k v", "$3", "HSET h f {", "> x", "x> y"]
        {
            assert_eq!(Form::of_line(line.as_bytes()), None, "{line}");
        }
        assert_eq!(Form::of_bytes(b"S\0E\0T\0"), Some(Form::Utf16));
        assert_eq!(Form::of_bytes(b"\0S\0E\0T"), Some(Form::Utf16));
        assert_eq!(Form::of_bytes(b"SET a"), None);
    }
}
