//! Which commands a data file may hold: those that write data, in the shape that redis accepts.
//!
//! Everything else is refused by name with the reason, before anything is written.

use super::options;
use crate::redis::link::{KEPT, NEW, REACHED, RECORD};

/// Keys of opsctl's own, which no file may write to.
const OWN: [&str; 4] = [RECORD, REACHED, KEPT, NEW];

/// What the words after the command's name must look like.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    /// At least, at most.
    Count(usize, usize),
    /// So many words, then pairs, at least one.
    Pairs(usize),
    /// Key, value, options of SET.
    Set,
    /// Key, flags, then score and member.
    Scores,
    /// Key, flags, then longitude, latitude and member.
    Places,
    /// Key, options, ID, then field and value.
    Stream,
    /// `CREATE` alone: the rest of XGROUP manages consumers.
    Group,
}

const MANY: usize = usize::MAX;

/// Commands that write data: name, shape, positions (from 1) of words that must be whole numbers.
const ALLOWED: &[(&str, Shape, &[usize])] = &[
    ("APPEND", Shape::Count(2, 2), &[]),
    ("BITFIELD", Shape::Count(2, MANY), &[]),
    ("BITOP", Shape::Count(3, MANY), &[]),
    ("COPY", Shape::Count(2, 5), &[]),
    ("DECR", Shape::Count(1, 1), &[]),
    ("DECRBY", Shape::Count(2, 2), &[2]),
    ("DEL", Shape::Count(1, MANY), &[]),
    ("EXPIRE", Shape::Count(2, 4), &[2]),
    ("EXPIREAT", Shape::Count(2, 4), &[2]),
    ("GEOADD", Shape::Places, &[]),
    ("GEOSEARCHSTORE", Shape::Count(7, MANY), &[]),
    ("HDEL", Shape::Count(2, MANY), &[]),
    ("HEXPIRE", Shape::Count(5, MANY), &[2]),
    ("HEXPIREAT", Shape::Count(5, MANY), &[2]),
    ("HINCRBY", Shape::Count(3, 3), &[3]),
    ("HINCRBYFLOAT", Shape::Count(3, 3), &[]),
    ("HMSET", Shape::Pairs(1), &[]),
    ("HPERSIST", Shape::Count(4, MANY), &[]),
    ("HPEXPIRE", Shape::Count(5, MANY), &[2]),
    ("HPEXPIREAT", Shape::Count(5, MANY), &[2]),
    ("HSET", Shape::Pairs(1), &[]),
    ("HSETEX", Shape::Count(4, MANY), &[]),
    ("HSETNX", Shape::Count(3, 3), &[]),
    ("INCR", Shape::Count(1, 1), &[]),
    ("INCRBY", Shape::Count(2, 2), &[2]),
    ("INCRBYFLOAT", Shape::Count(2, 2), &[]),
    ("LINSERT", Shape::Count(4, 4), &[]),
    ("LPUSH", Shape::Count(2, MANY), &[]),
    ("LPUSHX", Shape::Count(2, MANY), &[]),
    ("LREM", Shape::Count(3, 3), &[2]),
    ("LSET", Shape::Count(3, 3), &[2]),
    ("LTRIM", Shape::Count(3, 3), &[2, 3]),
    ("MSET", Shape::Pairs(0), &[]),
    ("MSETNX", Shape::Pairs(0), &[]),
    ("PERSIST", Shape::Count(1, 1), &[]),
    ("PEXPIRE", Shape::Count(2, 4), &[2]),
    ("PEXPIREAT", Shape::Count(2, 4), &[2]),
    ("PFADD", Shape::Count(1, MANY), &[]),
    ("PFMERGE", Shape::Count(1, MANY), &[]),
    ("PSETEX", Shape::Count(3, 3), &[2]),
    ("RPUSH", Shape::Count(2, MANY), &[]),
    ("RPUSHX", Shape::Count(2, MANY), &[]),
    ("SADD", Shape::Count(2, MANY), &[]),
    ("SDIFFSTORE", Shape::Count(2, MANY), &[]),
    ("SET", Shape::Set, &[]),
    ("SETBIT", Shape::Count(3, 3), &[2, 3]),
    ("SETEX", Shape::Count(3, 3), &[2]),
    ("SETNX", Shape::Count(2, 2), &[]),
    ("SETRANGE", Shape::Count(3, 3), &[2]),
    ("SINTERSTORE", Shape::Count(2, MANY), &[]),
    ("SMOVE", Shape::Count(3, 3), &[]),
    ("SREM", Shape::Count(2, MANY), &[]),
    ("SUNIONSTORE", Shape::Count(2, MANY), &[]),
    ("UNLINK", Shape::Count(1, MANY), &[]),
    ("VADD", Shape::Count(4, MANY), &[]),
    ("VREM", Shape::Count(2, 2), &[]),
    ("VSETATTR", Shape::Count(3, 3), &[]),
    ("XADD", Shape::Stream, &[]),
    ("XDEL", Shape::Count(2, MANY), &[]),
    ("XGROUP", Shape::Group, &[]),
    ("XSETID", Shape::Count(2, 6), &[]),
    ("XTRIM", Shape::Count(3, MANY), &[]),
    ("ZADD", Shape::Scores, &[]),
    ("ZDIFFSTORE", Shape::Count(3, MANY), &[2]),
    ("ZINCRBY", Shape::Count(3, 3), &[]),
    ("ZINTERSTORE", Shape::Count(3, MANY), &[2]),
    ("ZRANGESTORE", Shape::Count(4, MANY), &[]),
    ("ZREM", Shape::Count(2, MANY), &[]),
    ("ZUNIONSTORE", Shape::Count(3, MANY), &[2]),
];

/// Commands that delete all data.
const DELETE_ALL: &str = "FLUSHALL FLUSHDB";

/// Whether a line's command deletes all data.
pub(crate) fn deletes_all_data(line: &[u8]) -> bool {
    let word = line.split(u8::is_ascii_whitespace).find(|word| !word.is_empty()).unwrap_or_default();
    DELETE_ALL.split(' ').any(|name| word.eq_ignore_ascii_case(name.as_bytes()))
}

/// Why commands are refused, and their names.
const REFUSED: &[(&str, &str)] = &[
    ("it deletes all data", DELETE_ALL),
    (
        "it changes the server, not its data",
        "ACL BGREWRITEAOF BGSAVE CLUSTER CONFIG DEBUG FAILOVER LASTSAVE LATENCY MEMORY MODULE PFDEBUG \
         PFSELFTEST PSYNC REPLCONF REPLICAOF SAVE SHUTDOWN SLAVEOF SLOWLOG SWAPDB SYNC",
    ),
    ("it runs code on the server", "EVAL EVALSHA EVALSHA_RO EVAL_RO FCALL FCALL_RO FUNCTION SCRIPT"),
    (
        "it changes the connection, so that later replies no longer belong to their lines",
        "ASKING AUTH CLIENT HELLO MONITOR PSUBSCRIBE PUNSUBSCRIBE QUIT READONLY READWRITE RESET \
         SSUBSCRIBE SUBSCRIBE SUNSUBSCRIBE UNSUBSCRIBE",
    ),
    ("a data file is for database 0", "MOVE SELECT"),
    ("the import itself decides where a transaction begins", "DISCARD EXEC MULTI UNWATCH WATCH"),
    (
        "it blocks, and would delay all lines after it",
        "BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH BZMPOP BZPOPMAX BZPOPMIN WAIT WAITAOF XREAD XREADGROUP",
    ),
    ("a message is not data", "PUBLISH SPUBLISH"),
    (
        "serialised values fit one version of redis; opsctl keeps them as snapshots",
        "DUMP MIGRATE RESTORE RESTORE-ASKING",
    ),
    (
        "it moves or removes whatever is there; a data file states what should be there",
        "GETDEL GETEX GETSET HGETDEL HGETEX LMOVE LMPOP LPOP RENAME RENAMENX RPOP RPOPLPUSH SORT SPOP \
         XACK XAUTOCLAIM XCLAIM ZMPOP ZPOPMAX ZPOPMIN ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE",
    ),
    ("it writes where it has STORE: GEOSEARCHSTORE does so too", "GEORADIUS GEORADIUSBYMEMBER"),
];

/// Commands that change nothing: their lines are skipped, and counted.
const READS: &str = "BITCOUNT BITFIELD_RO BITPOS COMMAND DBSIZE ECHO EXISTS EXPIRETIME GEODIST GEOHASH GEOPOS \
         GEORADIUSBYMEMBER_RO GEORADIUS_RO GEOSEARCH GET GETBIT GETRANGE \
         HEXISTS HEXPIRETIME HGET HGETALL HKEYS HLEN HMGET HPEXPIRETIME HPTTL HRANDFIELD HSCAN HSTRLEN \
         HTTL HVALS INFO KEYS LCS LINDEX LLEN LOLWUT LPOS LRANGE MGET OBJECT PEXPIRETIME PFCOUNT PING \
         PTTL PUBSUB RANDOMKEY ROLE SCAN SCARD SDIFF SINTER SINTERCARD SISMEMBER SMEMBERS SMISMEMBER \
         SORT_RO SRANDMEMBER SSCAN STRLEN SUBSTR SUNION TIME TOUCH TTL TYPE VCARD VDIM VEMB VGETATTR \
         VINFO VISMEMBER VLINKS VRANDMEMBER VSIM XINFO XLEN XPENDING XRANGE XREVRANGE ZCARD ZCOUNT ZDIFF \
         ZINTER ZINTERCARD ZLEXCOUNT ZMSCORE ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANK ZREVRANGE \
         ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE ZUNION";

/// What a command of a data file does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It writes data.
    Writes,
    /// Nothing that lasts: it need not be sent.
    Nothing,
}

/// Commands of modules, by what their names begin with.
const MODULES: &[(&str, &str)] = &[
    ("BF.", "RedisBloom"),
    ("CF.", "RedisBloom"),
    ("CMS.", "RedisBloom"),
    ("FT.", "RediSearch"),
    ("GRAPH.", "RedisGraph"),
    ("JSON.", "RedisJSON"),
    ("TDIGEST.", "RedisBloom"),
    ("TOPK.", "RedisBloom"),
    ("TS.", "RedisTimeSeries"),
];

/// Checks one command; the error is a sentence without its place.
pub fn check(words: &[&[u8]]) -> Result<Effect, String> {
    let Some((first, args)) = words.split_first() else { return Err("no command".to_owned()) };
    let mut room = [0; LONGEST_NAME];
    let Some((name, shape, numbers)) = upper(first, &mut room).and_then(allowed) else {
        return otherwise(first, args);
    };
    fits(name, *shape, args)?;
    if let Some(word) = args.iter().find(|word| typographic(word)) {
        return Err(format!(
            "{} begins with a quotation mark that redis does not know; use \" or '",
            shown(word)
        ));
    }
    for position in *numbers {
        if let Some(word) = args.get(position - 1)
            && whole(word).is_none()
        {
            return Err(format!("{name}: {} is no whole number", shown(word)));
        }
    }
    if matches!(*name, "SETEX" | "PSETEX") && args.get(1).and_then(|w| whole(w)).is_some_and(|n| n <= 0) {
        return Err(format!("{name}: the time to live must be above 0"));
    }
    options::check(name, args)?;
    for own in OWN {
        if keys(name, args).any(|key| key == own.as_bytes()) {
            return Err(format!("{own} is where opsctl records its imports"));
        }
    }
    Ok(Effect::Writes)
}

/// The keys of a checked command that it may change. Keys that it only reads are left out; those that it names twice come
/// twice.
pub(crate) fn written<'a>(words: &'a [&'a [u8]]) -> impl Iterator<Item = &'a [u8]> {
    let (first, args) = words.split_first().map_or((&[][..], words), |(first, args)| (*first, args));
    let mut room = [0; LONGEST_NAME];
    // The first word of these is no key, or only read.
    let (from, step, most) = match upper(first, &mut room) {
        Some(b"BITOP" | b"COPY" | b"XGROUP") => (1, 1, 1),
        Some(b"SMOVE") => (0, 1, 2),
        Some(b"MSET" | b"MSETNX") => (0, 2, usize::MAX),
        Some(b"DEL" | b"UNLINK") => (0, 1, usize::MAX),
        _ => (0, 1, 1),
    };
    args.iter().skip(from).step_by(step).take(most).copied()
}

/// No name of a command is longer.
const LONGEST_NAME: usize = 24;

/// A name in capitals; none where it is longer than any.
fn upper<'a>(name: &[u8], room: &'a mut [u8; LONGEST_NAME]) -> Option<&'a [u8]> {
    let room = room.get_mut(..name.len())?;
    room.copy_from_slice(name);
    room.make_ascii_uppercase();
    Some(room)
}

/// Where the commands of each letter begin in [`ALLOWED`], and where those of Z end.
const LETTERS: [usize; 27] = {
    let mut begins = [0; 27];
    let (mut letter, mut at) = (0, 0);
    while letter < begins.len() {
        while at < ALLOWED.len() && ((ALLOWED[at].0.as_bytes()[0] - b'A') as usize) < letter {
            at += 1;
        }
        begins[letter] = at;
        letter += 1;
    }
    begins
};

/// A command that writes data, by its name in capitals.
fn allowed(name: &[u8]) -> Option<&'static (&'static str, Shape, &'static [usize])> {
    let letter = usize::from(name.first()?.checked_sub(b'A')?);
    let of_letter = ALLOWED.get(*LETTERS.get(letter)?..*LETTERS.get(letter + 1)?)?;
    of_letter.iter().find(|(known, ..)| known.as_bytes() == name)
}

/// What is none of those that write data.
fn otherwise(first: &[u8], args: &[&[u8]]) -> Result<Effect, String> {
    let name = String::from_utf8_lossy(first).to_ascii_uppercase();
    // `SELECT 0` is the database that a data file is for anyway.
    if READS.split_whitespace().any(|reads| reads == name) || (name == "SELECT" && args == [b"0"]) {
        return Ok(Effect::Nothing);
    }
    Err(refusal(first, &name))
}

/// The words of a command that name keys, as far as they are written to; of commands with many keys all words.
fn keys<'a>(name: &str, args: &'a [&'a [u8]]) -> impl Iterator<Item = &'a [u8]> {
    let (from, step, most) = match name {
        "BITOP" | "XGROUP" => (1, 1, 1),
        "COPY" | "SMOVE" => (0, 1, 2),
        "MSET" | "MSETNX" => (0, 2, usize::MAX),
        "DEL" | "UNLINK" | "PFMERGE" => (0, 1, usize::MAX),
        _ => (0, 1, 1),
    };
    args.iter().skip(from).step_by(step).take(most).copied()
}

/// Whether a word begins with a quotation mark that a word processor has put there.
fn typographic(word: &[u8]) -> bool {
    if word.first().is_none_or(u8::is_ascii) {
        return false;
    }
    ["\u{201c}", "\u{201d}", "\u{201e}", "\u{2018}", "\u{201a}", "\u{ab}"]
        .iter()
        .any(|mark| word.starts_with(mark.as_bytes()))
}

/// Whether redis knows a command of that name, in capital letters.
pub(super) fn is_known(name: &str) -> bool {
    ALLOWED.iter().any(|(allowed, _, _)| *allowed == name)
        || REFUSED.iter().any(|(_, names)| names.split_whitespace().any(|refused| refused == name))
        || READS.split_whitespace().any(|reads| reads == name)
}

fn refusal(first: &[u8], name: &str) -> String {
    if let Some((reason, _)) =
        REFUSED.iter().find(|(_, names)| names.split(' ').any(|refused| refused == name))
    {
        return format!("{name} is refused: {reason}");
    }
    match first {
        [b'*' | b'$', rest @ ..] if whole(rest).is_some() => {
            "this is the RESP protocol, not a command; such a file begins with it, and holds nothing else"
                .to_owned()
        }
        _ if MODULES.iter().any(|(prefix, _)| name.starts_with(prefix)) => {
            let module =
                MODULES.iter().find(|(prefix, _)| name.starts_with(prefix)).map_or("", |(_, module)| module);
            format!("{name} is a command of the module {module}, which this redis does not have")
        }
        _ if whole(first).is_some() => format!("a command begins with its name, not with {}", shown(first)),
        _ => format!("{} is not a command that writes data", shown(first)),
    }
}

fn fits(name: &str, shape: Shape, args: &[&[u8]]) -> Result<(), String> {
    let n = args.len();
    match shape {
        Shape::Count(least, most) if (least..=most).contains(&n) => Ok(()),
        Shape::Count(least, most) => Err(format!(
            "{name} takes {}, not {}{}",
            match (least, most) {
                (l, m) if l == m => counted(l),
                (l, MANY) => format!("at least {}", counted(l)),
                (l, m) => format!("{l} to {}", counted(m)),
            },
            n,
            spaces(n > most),
        )),
        Shape::Pairs(lead) if n >= lead + 2 && (n - lead).is_multiple_of(2) => Ok(()),
        Shape::Pairs(lead) => {
            let what =
                if lead == 0 { "pairs of key and value" } else { "a key and pairs of field and value" };
            Err(format!("{name} takes {what}, not {}{}", counted(n), spaces(n > lead + 2)))
        }
        Shape::Set => set_options(args),
        Shape::Scores => {
            let rest = after_flags(args, &["NX", "XX", "GT", "LT", "CH", "INCR"]);
            if rest.is_empty() || !rest.len().is_multiple_of(2) {
                return Err(format!(
                    "ZADD takes a key and pairs of score and member{}",
                    spaces(rest.len() > 2)
                ));
            }
            each_number("ZADD", "score", rest.iter().step_by(2))
        }
        Shape::Places => {
            let rest = after_flags(args, &["NX", "XX", "CH"]);
            if rest.is_empty() || !rest.len().is_multiple_of(3) {
                let hint = spaces(rest.len() > 3);
                return Err(format!(
                    "GEOADD takes a key and triples of longitude, latitude and member{hint}"
                ));
            }
            for place in rest.chunks_exact(3) {
                each_number("GEOADD", "coordinate", place[..2].iter())?;
            }
            Ok(())
        }
        Shape::Stream => stream(args),
        Shape::Group => match args.first() {
            Some(sub) if sub.eq_ignore_ascii_case(b"CREATE") && n >= 4 => Ok(()),
            Some(sub) if sub.eq_ignore_ascii_case(b"CREATE") => {
                Err("XGROUP CREATE takes a key, a group and an ID".to_owned())
            }
            _ => Err("of XGROUP only CREATE writes data".to_owned()),
        },
    }
}

fn set_options(args: &[&[u8]]) -> Result<(), String> {
    let [_, _, options @ ..] = args else {
        return Err(format!("SET takes a key and a value, not {}", counted(args.len())));
    };
    let mut options = options.iter();
    while let Some(option) = options.next() {
        match option.to_ascii_uppercase().as_slice() {
            b"NX" | b"XX" | b"GET" | b"KEEPTTL" => {}
            b"EX" | b"PX" | b"EXAT" | b"PXAT" => {
                let time = options.next().copied().unwrap_or_default();
                if whole(time).is_none_or(|n| n <= 0) {
                    return Err(format!("SET: {} needs a whole number above 0", shown(option)));
                }
            }
            _ => return Err(format!("SET: {} is not an option{}", shown(option), spaces(true))),
        }
    }
    Ok(())
}

fn stream(args: &[&[u8]]) -> Result<(), String> {
    let mut rest = args.get(1..).unwrap_or_default();
    while let Some(word) = rest.first() {
        let skip = match word.to_ascii_uppercase().as_slice() {
            b"NOMKSTREAM" | b"KEEPREF" | b"DELREF" | b"ACKED" => 1,
            b"MAXLEN" | b"MINID" => match rest.get(1).copied() {
                Some(b"~" | b"=") => 3,
                _ => 2,
            },
            b"LIMIT" => 2,
            _ => break,
        };
        rest = rest.get(skip..).unwrap_or_default();
    }
    match rest {
        [_, pairs @ ..] if !pairs.is_empty() && pairs.len().is_multiple_of(2) => Ok(()),
        _ => Err(format!(
            "XADD takes a key, an ID (or *) and pairs of field and value{}",
            spaces(rest.len() > 3)
        )),
    }
}

fn after_flags<'a>(args: &'a [&'a [u8]], flags: &[&str]) -> &'a [&'a [u8]] {
    let mut rest = args.get(1..).unwrap_or_default();
    while let [word, tail @ ..] = rest {
        if !flags.iter().any(|f| word.eq_ignore_ascii_case(f.as_bytes())) {
            break;
        }
        rest = tail;
    }
    rest
}

fn each_number<'a>(name: &str, what: &str, words: impl Iterator<Item = &'a &'a [u8]>) -> Result<(), String> {
    for word in words {
        let number = std::str::from_utf8(word).ok().and_then(|w| w.parse::<f64>().ok());
        if number.is_none_or(f64::is_nan) {
            return Err(format!("{name}: {} is no {what}", shown(word)));
        }
    }
    Ok(())
}

/// A whole number as redis reads one: no plus sign, no leading zeros, within 64 bits.
pub(super) fn whole(word: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(word).ok()?;
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

fn counted(n: usize) -> String {
    if n == 1 { "1 word".to_owned() } else { format!("{n} words") }
}

/// The usual reason for too many words.
fn spaces(too_many: bool) -> &'static str {
    if too_many { "; a value with blanks needs quotes" } else { "" }
}

/// A word as an error shows it: quoted, and not too long.
pub(crate) fn shown(word: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(word).escape_debug().collect();
    if text.chars().count() > 40 {
        format!("\"{}…\"", text.chars().take(37).collect::<String>())
    } else {
        format!("\"{text}\"")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::redis::reader::command::Words;
    use crate::redis::reader::words::split;
    use crate::redis::testing::RedisServer;
    use proptest::prelude::*;

    fn verdict(line: &str) -> Result<Effect, String> {
        let mut words = Words::default();
        split(line.as_bytes(), &mut words, &mut None).unwrap();
        words.with_slices(check)
    }

    fn refused(line: &str) -> String {
        verdict(line).expect_err(line)
    }

    /// The names of the commands that a data file may hold, in alphabetical order.
    pub(in crate::redis::reader) fn names() -> impl Iterator<Item = &'static str> {
        ALLOWED.iter().map(|(name, _, _)| *name)
    }

    #[test]
    fn data_of_every_core_type_is_allowed() {
        for line in [
            "set k v",
            "SET k v EX 10 NX",
            "MSET a 1 b 2",
            "HSET h f v g w",
            "LPUSH l a b",
            "RPUSH l a",
            "SADD s a",
            "ZADD z NX CH 1.5 a -inf b",
            "ZADD z INCR 1 a",
            "EXPIRE k 100 NX",
            "PEXPIREAT k 1893456000000",
            "GEOADD g XX 13.36 38.11 Palermo",
            "XADD x * f v",
            "XADD x NOMKSTREAM MAXLEN ~ 100 LIMIT 5 1-1 f v g w",
            "XGROUP CREATE x workers $ MKSTREAM",
            "PFADD p a",
            "SETBIT b 7 1",
            "BITFIELD b SET u8 0 200",
            "DEL k",
        ] {
            assert_eq!(verdict(line), Ok(Effect::Writes), "{line}");
        }
    }

    #[test]
    fn what_changes_nothing_is_not_sent() {
        for line in ["PING \"2 keys inserted\"", "GET k", "keys *", "SELECT 0", "ECHO done", "DBSIZE"] {
            assert_eq!(verdict(line), Ok(Effect::Nothing), "{line}");
        }
    }

    #[test]
    fn a_command_of_a_module_names_the_module() {
        assert!(refused("JSON.SET doc $ '{}'").contains("module RedisJSON, which this redis does not have"));
        assert!(refused("bf.add b x").contains("RedisBloom"));
        assert!(refused("NO.SUCH x").contains("not a command that writes data"));
    }

    #[test]
    fn the_record_is_refused_as_a_key_and_taken_as_a_value() {
        for line in [
            "SET opsctl:imports x",
            "DEL a opsctl:imports",
            "MSET a 1 opsctl:imports 2",
            "COPY a opsctl:imports",
            "BITOP AND opsctl:imports a",
            "XGROUP CREATE opsctl:imports g $ MKSTREAM",
            "SMOVE a opsctl:imports m",
        ] {
            assert!(refused(line).contains("records its imports"), "{line}");
        }
        for line in ["SET note opsctl:imports", "SADD names opsctl:imports", "MSET a opsctl:imports"] {
            assert_eq!(verdict(line), Ok(Effect::Writes), "{line}");
        }
    }

    #[test]
    fn what_a_command_changes_is_what_the_server_says() {
        let server = RedisServer::start(&[]);
        for line in [
            "APPEND k v",
            "BITFIELD k SET u8 0 200",
            "BITOP AND k a b",
            "COPY a k REPLACE",
            "DEL k l m",
            "EXPIRE k 9",
            "GEOADD k 13.3 38.1 m",
            "GEOSEARCHSTORE k a FROMLONLAT 1 2 BYRADIUS 9 km",
            "HSET k f v",
            "LINSERT k BEFORE a b",
            "MSET k v l v",
            "MSETNX k v l v",
            "PFMERGE k a b",
            "RPUSH k v",
            "SADD k m",
            "SDIFFSTORE k a b",
            "SET k v",
            "SMOVE k l m",
            "UNLINK k l",
            "XADD k * f v",
            "XGROUP CREATE k g $ MKSTREAM",
            "XTRIM k MAXLEN 9",
            "ZADD k 1 m",
            "ZINTERSTORE k 2 a b",
            "ZRANGESTORE k a 0 9",
            "RESTORE k 0 v REPLACE ABSTTL",
        ] {
            let words: Vec<&[u8]> = line.split(' ').map(str::as_bytes).collect();
            let ours: Vec<_> = written(&words).map(|key| String::from_utf8_lossy(key).into_owned()).collect();
            let ask: Vec<&str> = ["COMMAND", "GETKEYSANDFLAGS"].into_iter().chain(line.split(' ')).collect();
            let all: Vec<(String, Vec<String>)> = server.ask(&ask);
            let changes =
                |flags: &[String]| flags.iter().any(|flag| ["OW", "RW", "RM"].contains(&flag.as_str()));
            let theirs: Vec<_> =
                all.into_iter().filter(|(_, flags)| changes(flags)).map(|(key, _)| key).collect();
            assert_eq!(ours, theirs, "{line}");
        }
    }

    #[test]
    fn a_quotation_mark_of_a_word_processor_is_no_part_of_a_value() {
        assert!(refused("RPUSH l \u{201c}two words\u{201d}").contains("quotation mark"));
        assert_eq!(verdict("SET k \"a \u{201c}b\u{201d}\""), Ok(Effect::Writes));
    }

    #[test]
    fn what_could_do_harm_is_refused_by_name_with_the_reason() {
        assert!(refused("FLUSHALL").contains("deletes all data"));
        assert!(refused("flushdb async").contains("FLUSHDB is refused"));
        assert!(refused("CONFIG SET dir /").contains("changes the server"));
        assert!(refused("EVAL 'return 1' 0").contains("runs code"));
        assert!(refused("SUBSCRIBE c").contains("connection"));
        assert!(refused("SELECT 1").contains("database 0"));
        assert!(refused("MULTI").contains("transaction"));
        assert!(refused("BLPOP l 0").contains("blocks"));
        assert!(refused("SETT k v").contains("\"SETT\" is not a command that writes data"));
        assert!(refused("*3").contains("RESP"));
        assert!(refused("$-1").contains("RESP"));
        assert!(refused("3 INCR x").contains("begins with its name"));
        assert!(refused("HSET opsctl:imports a b").contains("records its imports"));
    }

    #[test]
    fn unquoted_blanks_and_wrong_numbers_are_found_before_redis_sees_them() {
        assert!(refused("SET name John Smith").contains("needs quotes"));
        assert!(refused("HSET h name John Smith").contains("needs quotes"));
        assert!(refused("MSET a").contains("pairs"));
        assert!(refused("SET k").contains("1 word"));
        assert!(refused("SET k v EX 0").contains("above 0"));
        assert!(refused("SET k v PX").contains("above 0"));
        assert!(refused("EXPIRE k ten").contains("\"ten\" is no whole number"));
        assert!(refused("EXPIRE k 010").contains("no whole number"));
        assert!(refused("SETEX k -1 v").contains("above 0"));
        assert!(refused("ZADD z one a").contains("no score"));
        assert!(refused("ZADD z nan a").contains("no score"));
        assert!(refused("ZADD z 1").contains("pairs of score"));
        assert!(refused("GEOADD g 1 2").contains("triples"));
        assert!(refused("GEOADD g east 2 a").contains("no coordinate"));
        assert!(refused("XADD x * f").contains("pairs"));
        assert!(refused("XGROUP DESTROY x g").contains("only CREATE"));
        assert!(refused("INCR a b").contains("takes 1 word, not 2"));
    }

    #[test]
    fn each_command_is_found_by_its_letter() {
        for name in names() {
            assert_eq!(allowed(name.as_bytes()).map(|(found, ..)| *found), Some(name));
        }
        for name in ["", "A", "Z", "[", "@", "SETT", "\u{e9}"] {
            assert_eq!(allowed(name.as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn the_lists_are_sorted_and_disjoint() {
        let names: Vec<_> = names().collect();
        assert!(names.is_sorted());
        for (_, refused) in REFUSED {
            let refused: Vec<_> = refused.split(' ').collect();
            assert!(refused.is_sorted(), "{refused:?}");
            assert!(refused.iter().all(|r| !names.contains(r)));
        }
    }

    #[test]
    fn the_server_knows_every_allowed_command_and_takes_it_for_a_write() {
        let server = RedisServer::start(&[]);
        // Fields that expire came with redis 7.4, vector sets with 8.0.
        let newer =
            |n: &str| n.starts_with('V') || (n.starts_with('H') && (n.contains("EX") || n == "HPERSIST"));
        for name in names().filter(|n| *n != "XGROUP") {
            let info = format!("{:?}", server.ask::<redis::Value>(&["COMMAND", "INFO", name]));
            if info == "array([nil])" && newer(name) {
                continue;
            }
            assert!(info.contains("\"write\""), "{name}: {info}");
        }
    }

    #[test]
    fn every_command_of_the_server_is_allowed_or_refused_for_a_reason_of_its_own() {
        let server = RedisServer::start(&[]);
        let all: Vec<String> = server.ask(&["COMMAND", "LIST"]);
        assert!(all.len() > 200);
        let refused = REFUSED.iter().flat_map(|(_, names)| names.split(' '));
        let known: Vec<_> = names().chain(refused).chain(READS.split_whitespace()).collect();
        let missing: Vec<_> = all
            .iter()
            .map(|n| n.to_ascii_uppercase())
            .filter(|n| !n.contains('|') && !known.contains(&n.as_str()))
            .collect();
        assert_eq!(missing, Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn no_words_make_the_check_panic(
            name in prop::sample::select(names().collect::<Vec<_>>()),
            args in prop::collection::vec("[A-Z0-9~=.*$-]{0,7}", 0..9)
        ) {
            let mut words = vec![name.as_bytes()];
            words.extend(args.iter().map(String::as_bytes));
            let _ = check(&words);
        }
    }
}
