//! What commands write, by the type of their keys.

use std::collections::BTreeMap;

use super::command::Command;
use crate::redis::rdb::type_name;

/// The types, and what else there is.
const NAMES: [&str; 8] = ["string", "list", "set", "zset", "hash", "stream", "module", "other"];

/// Counts of them.
#[derive(Default)]
pub(super) struct Types([u64; NAMES.len()]);

impl Types {
    /// Counts a command that passed the check.
    pub(super) fn count(&mut self, command: &Command) {
        let words = command.words();
        let name = words.get(0).unwrap_or_default();
        let at = match name.first().map(u8::to_ascii_uppercase) {
            // Of these, the second letter or the whole tells.
            Some(b'S') if set(name) => 2,
            Some(b'R') if name.eq_ignore_ascii_case(b"RESTORE") => {
                let kind = words.get(3).and_then(<[u8]>::first).copied().unwrap_or(u8::MAX);
                NAMES.iter().position(|known| *known == type_name(kind)).unwrap_or(NAMES.len() - 1)
            }
            Some(b'L' | b'R') => 1,
            Some(b'Z' | b'G') => 3,
            Some(b'H') => 4,
            Some(b'X') => 5,
            Some(b'V') => 6,
            // They write to keys of any type, or take them away.
            Some(b'C' | b'E' | b'U') => 7,
            Some(b'D') if name.eq_ignore_ascii_case(b"DEL") => 7,
            Some(b'P') if !is_string(name) => 7,
            _ => 0,
        };
        if let Some(count) = self.0.get_mut(at) {
            *count += 1;
        }
    }

    /// Those that there are.
    pub(super) fn by_name(&self) -> BTreeMap<&'static str, u64> {
        NAMES.into_iter().zip(self.0).filter(|(_, count)| *count > 0).collect()
    }
}

/// Of the commands that begin with S, those of sets: the others begin with `SET`.
fn set(name: &[u8]) -> bool {
    !name.get(..3).is_some_and(|begin| begin.eq_ignore_ascii_case(b"SET"))
}

/// Of the commands that begin with P, those of strings: `PSETEX`, `PFADD`, `PFMERGE`.
fn is_string(name: &[u8]) -> bool {
    matches!(name.get(1).map(u8::to_ascii_uppercase), Some(b'S' | b'F'))
}

#[cfg(test)]
mod tests {
    use super::super::commands::tests::names;
    use super::*;
    use crate::redis::testing::RedisServer;

    fn type_of(words: &[&[u8]]) -> &'static str {
        let mut command = Command::default();
        for word in words {
            command.words.push(word);
        }
        let mut types = Types::default();
        types.count(&command);
        types.by_name().into_keys().next().unwrap()
    }

    #[test]
    fn each_command_is_counted_for_the_type_that_redis_says() {
        let server = RedisServer::start(&[]);
        for name in names() {
            // `ACL CAT`'s words, as `COMMAND INFO` has them.
            let info = format!("{:?}", server.ask::<redis::Value>(&["COMMAND", "INFO", name]));
            if info == "array([nil])" {
                continue;
            }
            let has = |category: &str| info.contains(&format!("\"@{category}\""));
            let theirs = [
                ("keyspace", "other"),
                ("sortedset", "zset"),
                ("geo", "zset"),
                ("hash", "hash"),
                ("list", "list"),
                ("stream", "stream"),
                ("set", "set"),
                ("string", "string"),
                ("bitmap", "string"),
                ("hyperloglog", "string"),
            ];
            let theirs = theirs.into_iter().find(|(category, _)| has(category)).map(|(_, name)| name);
            assert_eq!(Some(type_of(&[name.as_bytes()])), theirs, "{name}: {info}");
            assert_eq!(type_of(&[name.to_ascii_lowercase().as_bytes()]), type_of(&[name.as_bytes()]));
        }
    }

    #[test]
    fn a_key_of_a_dump_is_counted_for_the_type_of_its_value() {
        for (kind, name) in
            [(0, "string"), (18, "list"), (11, "set"), (17, "zset"), (16, "hash"), (21, "stream")]
        {
            assert_eq!(type_of(&[b"RESTORE", b"k", b"0", &[kind, 1, 2]]), name);
        }
    }
}
