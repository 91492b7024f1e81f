//! The options of commands in a data file: those that exclude each other, and values that redis would refuse. Found
//! before the first write, not among thousands of replies.

use super::commands::{shown, whole};

/// Latitudes beyond this cannot be stored.
const LATITUDE: f64 = 85.051_128_78;
const LONGITUDE: f64 = 180.0;
/// The most bits that a string has.
const BITS: i64 = 1 << 32;
/// The longest string, in bytes.
const BYTES: i64 = 512 << 20;

type Words<'a> = &'a [&'a [u8]];

/// Checks what its shape does not say of a command; the error is a sentence without its place.
pub(super) fn check(name: &str, args: Words<'_>) -> Result<(), String> {
    match name {
        "BITFIELD" => bitfield(args),
        "BITOP" => bitop(args),
        "COPY" => copy(args),
        "EXPIRE" | "PEXPIRE" | "EXPIREAT" | "PEXPIREAT" => {
            expires(name, word(args, 1), name.starts_with('P'), name.ends_with("AT"))?;
            conditions(name, args.get(2..).unwrap_or_default())
        }
        "GEOADD" => {
            let places = flags(name, args, 1, &["NX", "XX", "CH"], &[("NX", "XX")])?;
            places.chunks_exact(3).try_for_each(place)
        }
        "HEXPIRE" | "HPEXPIRE" | "HEXPIREAT" | "HPEXPIREAT" => {
            expires(name, word(args, 1), name.starts_with("HP"), name.ends_with("AT"))?;
            let rest = args.get(2..).unwrap_or_default();
            let fields = rest.iter().position(|w| is(w, "FIELDS")).unwrap_or(rest.len());
            conditions(name, &rest[..fields])?;
            counted(name, "FIELDS", &rest[fields..])
        }
        "HPERSIST" => counted(name, "FIELDS", args.get(1..).unwrap_or_default()),
        "HINCRBYFLOAT" | "ZINCRBY" => number(name, word(args, if name == "ZINCRBY" { 1 } else { 2 })),
        "INCRBYFLOAT" => number(name, word(args, 1)),
        "LINSERT" if !is(word(args, 1), "BEFORE") && !is(word(args, 1), "AFTER") => {
            Err(format!("LINSERT: {} is neither BEFORE nor AFTER", shown(word(args, 1))))
        }
        "PSETEX" | "SETEX" => expires(name, word(args, 1), name == "PSETEX", false),
        "SET" => set(args),
        "SETBIT" => {
            within(name, "offset", word(args, 1), 0..BITS)?;
            within(name, "bit", word(args, 2), 0..2)
        }
        "SETRANGE" => within(name, "offset", word(args, 1), 0..BYTES),
        "XADD" => xadd(args),
        "XGROUP" => xgroup(args.get(1..).unwrap_or_default()),
        "XTRIM" => trimming(name, args.get(1..).unwrap_or_default()).and_then(|rest| match rest {
            [] => Ok(()),
            [more, ..] => Err(format!("XTRIM: {} is not an option", shown(more))),
        }),
        "XDEL" => args.iter().skip(1).try_for_each(|id| stream_id(name, id, false)),
        "XSETID" => stream_id(name, word(args, 1), false),
        "ZADD" => {
            let exclusive = [("NX", "XX"), ("GT", "LT"), ("NX", "GT"), ("NX", "LT")];
            let rest = flags(name, args, 1, &["NX", "XX", "GT", "LT", "CH", "INCR"], &exclusive)?;
            let increments = args[1..args.len() - rest.len()].iter().any(|w| is(w, "INCR"));
            match rest.len() {
                n if increments && n > 2 => Err("ZADD INCR takes one pair of score and member".to_owned()),
                _ => Ok(()),
            }
        }
        "ZINTERSTORE" | "ZUNIONSTORE" | "ZDIFFSTORE" => combined(name, args),
        _ => Ok(()),
    }
}

fn word(args: Words<'_>, at: usize) -> &[u8] {
    args.get(at).copied().unwrap_or_default()
}

fn is(word: &[u8], name: &str) -> bool {
    word.eq_ignore_ascii_case(name.as_bytes())
}

fn number(name: &str, word: &[u8]) -> Result<(), String> {
    let number = std::str::from_utf8(word).ok().and_then(|w| w.parse::<f64>().ok());
    match number.filter(|n| !n.is_nan()) {
        Some(_) => Ok(()),
        None => Err(format!("{name}: {} is no number", shown(word))),
    }
}

fn within(name: &str, what: &str, word: &[u8], range: std::ops::Range<i64>) -> Result<(), String> {
    match whole(word).filter(|n| range.contains(n)) {
        Some(_) => Ok(()),
        None => Err(format!(
            "{name}: the {what} {} is not between {} and {}",
            shown(word),
            range.start,
            range.end - 1
        )),
    }
}

/// A time that redis can keep: in milliseconds it must fit into 64 bits, from now on where it is a duration.
fn expires(name: &str, word: &[u8], millis: bool, absolute: bool) -> Result<(), String> {
    let Some(time) = whole(word) else { return Ok(()) };
    let time = if millis { Some(time) } else { time.checked_mul(1000) };
    let now = if absolute { 0 } else { jiff::Timestamp::now().as_millisecond() };
    match time.and_then(|time| time.checked_add(now)) {
        Some(_) => Ok(()),
        None => Err(format!("{name}: the time {} is too far away", shown(word))),
    }
}

/// `NX`, `XX`, `GT`, `LT` of the expiring commands.
fn conditions(name: &str, words: Words<'_>) -> Result<(), String> {
    if let Some(other) = words.iter().find(|w| !["NX", "XX", "GT", "LT"].iter().any(|known| is(w, known))) {
        return Err(format!("{name}: {} is not an option", shown(other)));
    }
    let exclusive = [("NX", "XX"), ("NX", "GT"), ("NX", "LT"), ("GT", "LT")];
    exclude(name, words, &exclusive)
}

fn exclude(name: &str, words: Words<'_>, exclusive: &[(&str, &str)]) -> Result<(), String> {
    let has = |option: &str| words.iter().any(|w| is(w, option));
    match exclusive.iter().find(|(one, other)| has(one) && has(other)) {
        Some((one, other)) => Err(format!("{name}: {one} and {other} exclude each other")),
        None => Ok(()),
    }
}

/// What follows the flags, of which some exclude each other.
fn flags<'a>(
    name: &str,
    args: Words<'a>,
    from: usize,
    known: &[&str],
    exclusive: &[(&str, &str)],
) -> Result<Words<'a>, String> {
    let rest = args.get(from..).unwrap_or_default();
    let n = rest.iter().take_while(|w| known.iter().any(|flag| is(w, flag))).count();
    exclude(name, &rest[..n], exclusive)?;
    Ok(&rest[n..])
}

/// `FIELDS 2 a b`, or another name before a number and so many words.
fn counted(name: &str, what: &str, words: Words<'_>) -> Result<(), String> {
    match words {
        [head, n, rest @ ..]
            if is(head, what) && whole(n) == i64::try_from(rest.len()).ok() && !rest.is_empty() =>
        {
            Ok(())
        }
        _ => Err(format!("{name} takes {what}, the number of fields, and so many fields")),
    }
}

fn place(place: &[&[u8]]) -> Result<(), String> {
    let coordinate =
        |at: usize| std::str::from_utf8(word(place, at)).ok().and_then(|w| w.parse::<f64>().ok());
    let (Some(longitude), Some(latitude)) = (coordinate(0), coordinate(1)) else { return Ok(()) };
    if longitude.abs() <= LONGITUDE && latitude.abs() <= LATITUDE {
        return Ok(());
    }
    let swapped = longitude.abs() <= LATITUDE && latitude.abs() <= LONGITUDE;
    let hint = if swapped { "; the longitude comes first" } else { "" };
    Err(format!(
        "GEOADD: longitude {longitude} and latitude {latitude} are not within {LONGITUDE} and {LATITUDE}{hint}"
    ))
}

fn set(args: Words<'_>) -> Result<(), String> {
    let mut options = args.get(2..).unwrap_or_default().iter();
    let (mut lifetime, mut condition): (Option<String>, Option<String>) = (None, None);
    while let Some(option) = options.next() {
        let option = String::from_utf8_lossy(option).to_ascii_uppercase();
        let slot = match option.as_str() {
            "EX" | "PX" | "EXAT" | "PXAT" | "KEEPTTL" => &mut lifetime,
            "NX" | "XX" => &mut condition,
            _ => continue,
        };
        if let Some(before) = slot.as_ref().filter(|before| **before != option) {
            return Err(format!("SET: {before} and {option} exclude each other"));
        }
        if option.ends_with('X') && slot_is_time(&option) || option.ends_with("AT") {
            let time = options.next().copied().unwrap_or_default();
            expires("SET", time, option.starts_with('P'), option.ends_with("AT"))?;
        }
        *slot = Some(option);
    }
    Ok(())
}

fn slot_is_time(option: &str) -> bool {
    matches!(option, "EX" | "PX")
}

fn copy(args: Words<'_>) -> Result<(), String> {
    let mut options = args.get(2..).unwrap_or_default().iter();
    while let Some(option) = options.next() {
        if is(option, "DB") {
            let database = options.next().copied().unwrap_or_default();
            if whole(database) != Some(0) {
                return Err(format!(
                    "COPY into database {} is refused: a data file is for database 0",
                    shown(database)
                ));
            }
        } else if !is(option, "REPLACE") {
            return Err(format!("COPY: {} is not an option", shown(option)));
        }
    }
    if args.first() == args.get(1) {
        return Err("COPY: source and destination are the same key".to_owned());
    }
    Ok(())
}

fn bitop(args: Words<'_>) -> Result<(), String> {
    let operation = word(args, 0);
    if !["AND", "OR", "XOR", "NOT"].iter().any(|known| is(operation, known)) {
        return Err(format!("BITOP: {} is none of AND, OR, XOR and NOT", shown(operation)));
    }
    if is(operation, "NOT") && args.len() != 3 {
        return Err("BITOP NOT takes a destination and one source".to_owned());
    }
    Ok(())
}

/// `GET type offset`, `SET type offset value`, `INCRBY type offset by`, `OVERFLOW how`, one after the other.
fn bitfield(args: Words<'_>) -> Result<(), String> {
    let mut rest = args.get(1..).unwrap_or_default();
    while let Some(first) = rest.first() {
        let n = match () {
            () if is(first, "OVERFLOW") => 2,
            () if is(first, "GET") => 3,
            () if is(first, "SET") || is(first, "INCRBY") => 4,
            () => return Err(format!("BITFIELD: {} is none of GET, SET, INCRBY and OVERFLOW", shown(first))),
        };
        let Some(part) = rest.get(..n) else {
            return Err(format!("BITFIELD {} takes {} words", String::from_utf8_lossy(first), n - 1));
        };
        if n == 2 {
            if !["WRAP", "SAT", "FAIL"].iter().any(|known| is(part[1], known)) {
                return Err(format!("BITFIELD: {} is none of WRAP, SAT and FAIL", shown(part[1])));
            }
        } else {
            field(part[1], part[2])?;
            if n == 4 && whole(part[3]).is_none() {
                return Err(format!("BITFIELD: {} is no whole number", shown(part[3])));
            }
        }
        rest = &rest[n..];
    }
    Ok(())
}

/// Such as `u8` or `i64`, at a bit or, behind `#`, at a multiple of its width.
fn field(kind: &[u8], offset: &[u8]) -> Result<(), String> {
    let width = |most: i64| kind.get(1..).and_then(whole).filter(|n| (1..=most).contains(n));
    let width = match kind.first() {
        Some(b'u') => width(63),
        Some(b'i') => width(64),
        _ => None,
    };
    let Some(width) = width else {
        return Err(format!("BITFIELD: {} is no type such as u8 or i64", shown(kind)));
    };
    let at = match offset {
        [b'#', n @ ..] => whole(n).and_then(|n| n.checked_mul(width)),
        n => whole(n),
    };
    match at.filter(|at| (0..BITS).contains(at)) {
        Some(_) => Ok(()),
        None => Err(format!("BITFIELD: {} is no offset", shown(offset))),
    }
}

/// `1526919030474-55`, `1526919030474`; with `any` also `*` and `1526919030474-*`.
fn stream_id(name: &str, id: &[u8], any: bool) -> Result<(), String> {
    let part = |text: &str| text.parse::<u64>().is_ok() && !text.starts_with('+');
    let text = std::str::from_utf8(id).unwrap_or_default();
    let fits = match text.split_once('-') {
        Some((time, "*")) => any && part(time),
        Some((time, number)) => part(time) && part(number),
        None => part(text) || (any && text == "*"),
    };
    if !fits {
        return Err(format!("{name}: {} is no ID of a stream", shown(id)));
    }
    if any && matches!(text, "0" | "0-0") {
        return Err(format!("{name}: the ID must be above 0-0"));
    }
    Ok(())
}

/// What follows `MAXLEN` or `MINID` with what belongs to it, and `LIMIT`.
fn trimming<'a>(name: &str, words: Words<'a>) -> Result<Words<'a>, String> {
    let Some(first) = words.first() else { return Ok(words) };
    let by_length = is(first, "MAXLEN");
    if !by_length && !is(first, "MINID") {
        return Err(format!("{name}: {} is neither MAXLEN nor MINID", shown(first)));
    }
    let about = is(word(words, 1), "~");
    let at = if about || is(word(words, 1), "=") { 2 } else { 1 };
    let threshold = word(words, at);
    if by_length {
        within(name, "length", threshold, 0..i64::MAX)?;
    } else {
        stream_id(name, threshold, false)?;
    }
    let rest = words.get(at + 1..).unwrap_or_default();
    if !rest.first().is_some_and(|w| is(w, "LIMIT")) {
        return Ok(rest);
    }
    if !about {
        return Err(format!("{name}: LIMIT needs ~ before the threshold"));
    }
    within(name, "limit", word(rest, 1), 0..i64::MAX)?;
    Ok(rest.get(2..).unwrap_or_default())
}

fn xadd(args: Words<'_>) -> Result<(), String> {
    let mut rest = args.get(1..).unwrap_or_default();
    while let Some(first) = rest.first() {
        rest = match () {
            () if is(first, "NOMKSTREAM") || ["KEEPREF", "DELREF", "ACKED"].iter().any(|w| is(first, w)) => {
                &rest[1..]
            }
            () if is(first, "MAXLEN") || is(first, "MINID") => trimming("XADD", rest)?,
            () => break,
        };
    }
    stream_id("XADD", word(rest, 0), true)
}

/// Key, group, ID, then `MKSTREAM` and `ENTRIESREAD n`.
fn xgroup(args: Words<'_>) -> Result<(), String> {
    if word(args, 2) != b"$" {
        stream_id("XGROUP CREATE", word(args, 2), false)?;
    }
    let mut options = args.get(3..).unwrap_or_default().iter();
    while let Some(option) = options.next() {
        if is(option, "ENTRIESREAD") {
            let read = options.next().copied().unwrap_or_default();
            within("XGROUP CREATE", "number of entries read", read, -1..i64::MAX)?;
        } else if !is(option, "MKSTREAM") {
            return Err(format!("XGROUP CREATE: {} is not an option", shown(option)));
        }
    }
    Ok(())
}

/// Destination, number of keys, keys, then `WEIGHTS` with as many numbers and `AGGREGATE how`.
fn combined(name: &str, args: Words<'_>) -> Result<(), String> {
    let keys = whole(word(args, 1)).and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
    let rest = keys.and_then(|n| args.get(2..)?.get(n..));
    let (Some(keys), Some(mut rest)) = (keys, rest) else {
        return Err(format!("{name}: {} is not the number of keys that follow", shown(word(args, 1))));
    };
    while let Some(option) = rest.first() {
        rest = if name != "ZDIFFSTORE" && is(option, "WEIGHTS") && rest.len() > keys {
            rest[1..=keys].iter().try_for_each(|weight| number(name, weight))?;
            &rest[keys + 1..]
        } else if name != "ZDIFFSTORE"
            && is(option, "AGGREGATE")
            && ["SUM", "MIN", "MAX"].iter().any(|how| is(word(rest, 1), how))
        {
            &rest[2..]
        } else {
            return Err(format!("{name}: {} is not an option here", shown(option)));
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::redis::reader::command::Words;
    use crate::redis::reader::commands::{Effect, check};
    use crate::redis::reader::words::split;
    use crate::redis::testing::RedisServer;

    fn checked(line: &str) -> Result<Effect, String> {
        let mut words = Words::default();
        split(line.as_bytes(), &mut words, &mut None).unwrap();
        words.with_slices(check)
    }

    /// Lines that redis refuses whatever it holds.
    const REFUSED: &[&str] = &[
        "BITFIELD k PUT u8 0 1",
        "BITFIELD k SET u64 0 1",
        "BITFIELD k SET i8 x 1",
        "BITFIELD k SET u8 0 one",
        "BITFIELD k OVERFLOW MAYBE",
        "BITOP NAND d a b",
        "BITOP NOT d a b",
        "COPY a b SLOWLY",
        "COPY a a",
        "EXPIRE k 10 SOON",
        "EXPIRE k 10 NX XX",
        "EXPIRE k 10 GT LT",
        "EXPIRE k 9223372036854775807",
        "PEXPIRE k 9223372036854775807",
        "EXPIREAT k 9223372036854775807",
        "GEOADD bikes 37.805186 -122.27652 station:1",
        "GEOADD bikes 181 1 a",
        "GEOADD bikes NX XX 1 1 a",
        "HINCRBYFLOAT h f one",
        "INCRBYFLOAT k one",
        "LINSERT l AROUND a b",
        "SET k v EX 10 PX 10",
        "SET k v NX XX",
        "SET k v EX 0",
        "SET k v EX 10 KEEPTTL",
        "SET k v EX 9223372036854775807",
        "SETEX k 9223372036854775807 v",
        "SETBIT k 7 2",
        "SETBIT k -1 1",
        "SETBIT k 4294967296 1",
        "SETRANGE k -1 v",
        "SETRANGE k 536870912 v",
        "XADD x one f v",
        "XADD x 0-0 f v",
        "XADD x MAXLEN many * f v",
        "XADD x MAXLEN 10 LIMIT 5 * f v",
        "XADD x MAXLEN ~ -1 * f v",
        "XGROUP CREATE x g first MKSTREAM",
        "XGROUP CREATE x g $ MKSTREAM NOW",
        "XTRIM x LENGTH 5",
        "XTRIM x MAXLEN = 5 LIMIT 1",
        "ZADD z NX XX 1 a",
        "ZADD z GT LT 1 a",
        "ZADD z NX GT 1 a",
        "ZADD z INCR 1 a 2 b",
        "ZINCRBY z one a",
        "ZUNIONSTORE d 0 a",
        "ZUNIONSTORE d 3 a b",
        "ZUNIONSTORE d 2 a b WEIGHTS 1",
        "ZUNIONSTORE d 2 a b WEIGHTS 1 x",
        "ZINTERSTORE d 1 a AGGREGATE AVG",
        "ZDIFFSTORE d 2 a b WEIGHTS 1 2",
    ];

    /// Lines that redis takes, near the former.
    const TAKEN: &[&str] = &[
        "BITFIELD k SET u8 #1 200 OVERFLOW SAT INCRBY i5 100 1 GET u63 0",
        "BITOP NOT d a",
        "BITOP XOR d a b",
        "COPY a b DB 0 REPLACE",
        "EXPIRE k 10 XX GT",
        "EXPIRE k -1",
        "GEOADD bikes -122.27652 37.805186 station:1",
        "GEOADD bikes XX CH 180 -85.05 a",
        "LINSERT l before a b",
        "SET k v NX GET PX 100",
        "SET k v KEEPTTL",
        "SETBIT k 4294967 1",
        "SETRANGE k 10 v",
        "XADD x NOMKSTREAM MAXLEN ~ 10 LIMIT 5 1-* f v",
        "XADD x MINID = 5 7-1 f v",
        "SET k v EX 10 EX 20",
        "XADD x 1526919030474 f v",
        "XDEL x 1-1 7",
        "XGROUP CREATE x g $ MKSTREAM ENTRIESREAD 1",
        "XTRIM x MINID ~ 7-0 LIMIT 10",
        "ZADD z XX GT CH 1 a 2 b",
        "ZADD z INCR inf a",
        "ZUNIONSTORE d 2 a b WEIGHTS 1 2.5 AGGREGATE MAX",
        "ZDIFFSTORE d 2 a b",
    ];

    #[test]
    fn what_redis_would_refuse_is_refused_before_the_first_write_and_nothing_else() {
        let server = RedisServer::start(&[]);
        for line in REFUSED {
            server.cli(b"FLUSHALL\n");
            let said = server.cli(format!("{line}\n").as_bytes());
            assert!(said.contains("ERR"), "redis takes {line}: {said}");
            assert!(checked(line).is_err(), "{line}: redis says {said}");
        }
        // Where there is no stream, redis does not look at the ID.
        server.cli(b"XADD x 1-1 f v\n");
        assert!(server.cli(b"XDEL x one\n").contains("ERR") && checked("XDEL x one").is_err());
        for line in TAKEN {
            server.cli(b"FLUSHALL\n");
            let said = server.cli(format!("{line}\n").as_bytes());
            assert!(!said.contains("ERR"), "{line}: {said}");
            assert_eq!(checked(line).map(|_| ()), Ok(()), "{line}");
        }
    }

    #[test]
    fn a_swapped_place_is_told_and_no_command_writes_into_another_database() {
        let said = |line: &str| checked(line).unwrap_err();
        assert!(said("GEOADD bikes 37.8 -122.2 a").contains("the longitude comes first"));
        assert!(!said("GEOADD bikes 200 -100 a").contains("comes first"));
        for line in ["COPY a b DB 1", "COPY a b REPLACE DB 5", "COPY a b DB"] {
            assert!(said(line).contains("database 0"), "{line}");
        }
        let two = "HEXPIRE h 10 NX FIELDS 2 a b";
        assert!(checked(two).is_ok());
        assert!(said("HEXPIRE h 10 NX FIELDS 3 a b").contains("number of fields"));
        assert!(said("HEXPIRE h 10 SOON FIELDS 1 a").contains("not an option"));
        assert!(said("HPERSIST h a b c").contains("FIELDS"));
    }
}
