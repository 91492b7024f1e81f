//! Walks through an RDB file: what it holds, where each value lies, whether it is whole.
//!
//! Values are passed over, not decoded. What `RESTORE` takes is the very bytes of a value in an RDB
//! file with its type in front and a version and a CRC-64 behind, so a walk that knows where a value
//! ends is all that is needed to put a point-in-time snapshot back through a plain connection.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::crc64;
use super::link::RECORD;
use crate::error::problem;

/// The longest string that redis takes by default, key or serialised value.
pub const LONGEST: u64 = 512 * 1024 * 1024;

/// What a walk comes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A remark of the server that wrote it, such as `redis-ver`.
    Aux(String, Vec<u8>),
    /// A library of functions, as source.
    Function(Vec<u8>),
    /// A key with its value.
    Entry(Entry),
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Number of the database.
    pub db: u64,
    /// The key.
    pub key: Vec<u8>,
    /// When it expires, in milliseconds since 1970.
    pub expires: Option<u64>,
    /// The RDB type of the value.
    pub kind: u8,
    /// Bytes of the value, without its type.
    pub bytes: u64,
    /// What `RESTORE` takes; empty when only passing over, and where that is longer than any redis takes.
    pub payload: Vec<u8>,
}

/// Keys of one database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// In all.
    pub keys: u64,
    /// Of these, the ones that expire.
    pub expiring: u64,
}

/// What an RDB file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Version of the format.
    pub rdb_version: u16,
    /// Version of the redis that wrote it.
    pub redis_version: String,
    /// Keys in all databases, opsctl's own record not counted.
    pub keys: u64,
    /// Of these, the ones that expire.
    pub expiring: u64,
    /// By database, likewise.
    pub databases: BTreeMap<u64, Keys>,
    /// By type: `string`, `list` …, likewise.
    pub types: BTreeMap<String, u64>,
    /// Libraries of functions.
    pub functions: u64,
    /// Bytes of the largest serialised value.
    pub largest: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// Whether it carries a checksum (it does, unless `rdbchecksum no`), and the checksum is right.
    pub checksum: bool,
}

/// Walks through the whole of an RDB file and checks it: every value, every count, the checksum.
///
/// The error says at which byte it is damaged.
pub fn summarise(input: impl Read) -> Result<Summary> {
    let mut walk = Walk::new(input, false)?;
    let mut summary = Summary { rdb_version: walk.version, ..Summary::default() };
    while let Some(item) = walk.step()? {
        match item {
            Item::Aux(name, value) if name == "redis-ver" => {
                summary.redis_version = String::from_utf8_lossy(&value).into_owned();
            }
            Item::Aux(..) => {}
            Item::Function(_) => summary.functions += 1,
            Item::Entry(entry) => {
                summary.largest = summary.largest.max(entry.bytes);
                if entry.db == 0 && entry.key == RECORD.as_bytes() {
                    continue;
                }
                let expiring = u64::from(entry.expires.is_some());
                summary.keys += 1;
                summary.expiring += expiring;
                let db = summary.databases.entry(entry.db).or_default();
                db.keys += 1;
                db.expiring += expiring;
                *summary.types.entry(type_name(entry.kind).to_owned()).or_default() += 1;
            }
        }
    }
    summary.bytes = walk.at;
    summary.checksum = walk.checksum;
    Ok(summary)
}

/// The type of a value as `TYPE` calls it.
pub(super) fn type_name(kind: u8) -> &'static str {
    match kind {
        0 => "string",
        1 | 10 | 14 | 18 => "list",
        2 | 11 | 20 => "set",
        3 | 5 | 12 | 17 => "zset",
        4 | 9 | 13 | 16 | 24 | 25 => "hash",
        15 | 19 | 21 => "stream",
        _ => "module",
    }
}

/// A walk from one item to the next.
#[expect(clippy::struct_excessive_bools, reason = "each is a state of its own")]
pub struct Walk<R> {
    input: R,
    version: u16,
    at: u64,
    crc: u64,
    checksum: bool,
    /// Whether values are kept for `RESTORE`.
    keep: bool,
    kept: Vec<u8>,
    keeping: bool,
    db: u64,
    /// What the server said it would write for this database, and what came.
    promised: Option<Keys>,
    came: Keys,
    over: bool,
}

/// A length, or the mark of a specially encoded string.
enum Length {
    Plain(u64),
    Special(u8),
}

impl<R: Read> Walk<R> {
    /// Begins a walk; `keep` makes each entry carry its payload.
    ///
    /// Reads in small pieces: `input` should be buffered.
    pub fn new(input: R, keep: bool) -> Result<Self> {
        let mut walk = Self {
            input,
            version: 0,
            at: 0,
            crc: 0,
            checksum: false,
            keep,
            kept: Vec::new(),
            keeping: false,
            db: 0,
            promised: None,
            came: Keys::default(),
            over: false,
        };
        let magic: [u8; 9] = walk.bytes()?;
        let version = magic.strip_prefix(b"REDIS").and_then(|v| std::str::from_utf8(v).ok()?.parse().ok());
        let Some(version) = version else {
            return Err(problem!(
                Snapshot,
                "this is no RDB file: it does not begin with REDIS and a version"
            )
            .into());
        };
        walk.version = version;
        Ok(walk)
    }

    /// Bytes read so far.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// The version of the format.
    pub fn version(&self) -> u16 {
        self.version
    }

    /// The next item; `None` after the last, when the checksum has been found right and nothing follows.
    pub fn step(&mut self) -> Result<Option<Item>> {
        let mut expires = None;
        while !self.over {
            let kind = self.byte()?;
            match kind {
                // Slot sizes, of a cluster.
                244 => {
                    for _ in 0..3 {
                        self.plain()?;
                    }
                }
                245 => return Ok(Some(Item::Function(self.string()?))),
                247 => {
                    self.plain()?;
                    self.module()?;
                }
                248 => {
                    self.plain()?;
                }
                249 => {
                    self.byte()?;
                }
                250 => {
                    let name = String::from_utf8_lossy(&self.string()?).into_owned();
                    return Ok(Some(Item::Aux(name, self.string()?)));
                }
                251 => self.promised = Some(Keys { keys: self.plain()?, expiring: self.plain()? }),
                252 => expires = Some(u64::from_le_bytes(self.bytes()?)),
                253 => expires = Some(u64::from(u32::from_le_bytes(self.bytes()?)) * 1000),
                254 => {
                    self.as_promised()?;
                    self.db = self.plain()?;
                }
                255 => {
                    self.as_promised()?;
                    self.end()?;
                }
                kind => return Ok(Some(Item::Entry(self.entry(kind, expires)?))),
            }
        }
        Ok(None)
    }

    fn entry(&mut self, kind: u8, expires: Option<u64>) -> Result<Entry> {
        let key = self.string()?;
        let begin = self.at;
        self.kept.clear();
        if self.keep {
            self.kept.push(kind);
            self.keeping = true;
        }
        self.value(kind).with_context(|| format!("the value of {}", super::commands::shown(&key)))?;
        let whole = std::mem::replace(&mut self.keeping, false);
        let mut payload = std::mem::take(&mut self.kept);
        if whole {
            payload.extend_from_slice(&self.version.to_le_bytes());
            let sum = crc64::update(0, &payload);
            payload.extend_from_slice(&sum.to_le_bytes());
        }
        self.came.keys += 1;
        self.came.expiring += u64::from(expires.is_some());
        Ok(Entry { db: self.db, key, expires, kind, bytes: self.at - begin, payload })
    }

    /// Passes over a value.
    fn value(&mut self, kind: u8) -> Result<()> {
        match kind {
            // One string: plain, or a packed list, set, sorted set or hash.
            0 | 9 | 10 | 11 | 12 | 13 | 16 | 17 | 20 => self.pass_string(),
            // As many strings as there are elements, or packed nodes.
            1 | 2 | 14 => self.times(Self::pass_string),
            3 => self.times(|w| {
                w.pass_string()?;
                // A score as text; 253 and above stand for what is no number.
                let n = w.byte()?;
                w.pass(if n < 253 { u64::from(n) } else { 0 })
            }),
            4 => self.times(|w| {
                w.pass_string()?;
                w.pass_string()
            }),
            5 => self.times(|w| {
                w.pass_string()?;
                w.pass(8)
            }),
            7 => {
                self.plain()?;
                self.module()
            }
            18 => self.times(|w| {
                w.plain()?;
                w.pass_string()
            }),
            15 | 19 | 21 => self.stream(kind),
            // Hashes whose fields expire: the earliest time, then time, field and value; or packed.
            24 => {
                self.pass(8)?;
                self.times(|w| {
                    w.plain()?;
                    w.pass_string()?;
                    w.pass_string()
                })
            }
            25 => {
                self.pass(8)?;
                self.pass_string()
            }
            other => Err(self.damaged(&format!("a value of the unknown type {other}"))),
        }
    }

    fn stream(&mut self, kind: u8) -> Result<()> {
        self.times(|w| {
            w.pass_string()?;
            w.pass_string()
        })?;
        // Length and last ID; since redis 7 also the first ID, the highest deleted one, all ever added.
        for _ in 0..if kind == 15 { 3 } else { 8 } {
            self.plain()?;
        }
        self.times(|w| {
            w.pass_string()?;
            for _ in 0..if kind == 15 { 2 } else { 3 } {
                w.plain()?;
            }
            // Pending entries of the group: ID, time, count of deliveries.
            w.times(|w| {
                w.pass(24)?;
                w.plain().map(drop)
            })?;
            w.times(|w| {
                w.pass_string()?;
                w.pass(if kind == 21 { 16 } else { 8 })?;
                w.times(|w| w.pass(16))
            })
        })
    }

    /// A module's value says of each part what it is.
    fn module(&mut self) -> Result<()> {
        loop {
            match self.plain()? {
                0 => return Ok(()),
                1 | 2 => self.plain().map(drop)?,
                3 => self.pass(4)?,
                4 => self.pass(8)?,
                5 => self.pass_string()?,
                other => return Err(self.damaged(&format!("a module's part of the unknown kind {other}"))),
            }
        }
    }

    fn times(&mut self, mut each: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        for _ in 0..self.plain()? {
            each(self)?;
        }
        Ok(())
    }

    /// The server announces the size of each database: a walk that met with less is damaged.
    fn as_promised(&mut self) -> Result<()> {
        let came = std::mem::take(&mut self.came);
        match self.promised.take() {
            Some(promised) if promised != came => Err(self.damaged(&format!(
                "database {} was to have {} keys, {} of them expiring, and has {}, {} of them expiring",
                self.db, promised.keys, promised.expiring, came.keys, came.expiring
            ))),
            _ => Ok(()),
        }
    }

    fn end(&mut self) -> Result<()> {
        self.over = true;
        let computed = self.crc;
        let stored = u64::from_le_bytes(self.bytes()?);
        self.checksum = stored != 0;
        if self.checksum && stored != computed {
            return Err(self.damaged("the checksum is wrong"));
        }
        let mut more = [0];
        match self.input.read(&mut more) {
            Ok(0) => Ok(()),
            Ok(_) => Err(self.damaged("there is data after the end")),
            Err(e) => Err(e).context("could not read the RDB file"),
        }
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<()> {
        if let Err(e) = self.input.read_exact(buffer) {
            if e.kind() == std::io::ErrorKind::UnexpectedEof {
                return Err(self.damaged("it is cut short"));
            }
            return Err(e).context("could not read the RDB file");
        }
        self.at += buffer.len() as u64;
        self.crc = crc64::update(self.crc, buffer);
        if self.keeping {
            self.kept.extend_from_slice(buffer);
            // No redis takes it: what is not kept need not be held.
            if self.kept.len() as u64 > LONGEST {
                self.keeping = false;
                self.kept = Vec::new();
            }
        }
        Ok(())
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.bytes::<1>()?[0])
    }

    /// Passes over so many bytes, in pieces: a damaged length must not make memory grow.
    fn pass(&mut self, mut n: u64) -> Result<()> {
        let mut piece = [0; 8192];
        while n > 0 {
            let size = usize::try_from(n).unwrap_or(usize::MAX).min(piece.len());
            self.fill(&mut piece[..size])?;
            n -= size as u64;
        }
        Ok(())
    }

    fn take(&mut self, n: u64) -> Result<Vec<u8>> {
        if n > LONGEST {
            return Err(self.damaged(&format!("a string of {n} bytes")));
        }
        let mut bytes = Vec::new();
        let mut left = usize::try_from(n).unwrap_or(usize::MAX);
        while left > 0 {
            let begin = bytes.len();
            let size = left.min(1 << 16);
            bytes.resize(begin + size, 0);
            self.fill(&mut bytes[begin..])?;
            left -= size;
        }
        Ok(bytes)
    }

    fn length(&mut self) -> Result<Length> {
        let first = self.byte()?;
        Ok(match (first >> 6, first & 0x3F) {
            (0, low) => Length::Plain(u64::from(low)),
            (1, low) => Length::Plain(u64::from(low) << 8 | u64::from(self.byte()?)),
            (2, 0) => Length::Plain(u64::from(u32::from_be_bytes(self.bytes()?))),
            (2, 1) => Length::Plain(u64::from_be_bytes(self.bytes()?)),
            (3, special @ 0..=3) => Length::Special(special),
            _ => return Err(self.damaged(&format!("a length that begins with {first:#04x}"))),
        })
    }

    fn plain(&mut self) -> Result<u64> {
        match self.length()? {
            Length::Plain(n) => Ok(n),
            Length::Special(_) => Err(self.damaged("a string where a number belongs")),
        }
    }

    fn pass_string(&mut self) -> Result<()> {
        match self.length()? {
            Length::Plain(n) => self.pass(n),
            Length::Special(3) => {
                let packed = self.plain()?;
                self.plain()?;
                self.pass(packed)
            }
            Length::Special(width) => self.pass(1 << width),
        }
    }

    fn string(&mut self) -> Result<Vec<u8>> {
        match self.length()? {
            Length::Plain(n) => self.take(n),
            Length::Special(0) => Ok(i8::from_le_bytes(self.bytes()?).to_string().into_bytes()),
            Length::Special(1) => Ok(i16::from_le_bytes(self.bytes()?).to_string().into_bytes()),
            Length::Special(2) => Ok(i32::from_le_bytes(self.bytes()?).to_string().into_bytes()),
            Length::Special(_) => {
                let (packed, size) = (self.plain()?, self.plain()?);
                let packed = self.take(packed)?;
                unpack(&packed, size).ok_or_else(|| self.damaged("a compressed string that does not unpack"))
            }
        }
    }

    fn damaged(&self, what: &str) -> anyhow::Error {
        problem!(Snapshot, "the RDB file is damaged at byte {}: {what}", self.at).into()
    }
}

/// Unpacks LZF: runs of literal bytes, and references to what came before.
fn unpack(packed: &[u8], size: u64) -> Option<Vec<u8>> {
    let size = usize::try_from(size.min(LONGEST)).ok()?;
    let mut out: Vec<u8> = Vec::with_capacity(size.min(1 << 16));
    let mut input = packed.iter().copied();
    while let Some(control) = input.next() {
        let control = usize::from(control);
        if control < 32 {
            for _ in 0..=control {
                out.push(input.next()?);
            }
        } else {
            let mut length = control >> 5;
            if length == 7 {
                length += usize::from(input.next()?);
            }
            let distance = ((control & 31) << 8 | usize::from(input.next()?)) + 1;
            let begin = out.len().checked_sub(distance)?;
            for i in 0..length + 2 {
                out.push(out[begin + i]);
            }
        }
        if out.len() > size {
            return None;
        }
    }
    (out.len() == size).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A file of hand-made parts, its checksum right.
    fn file(body: &[u8]) -> Vec<u8> {
        let mut bytes = b"REDIS0011".to_vec();
        bytes.extend_from_slice(body);
        bytes.push(255);
        let sum = crc64::update(0, &bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        bytes
    }

    fn said(body: &[u8]) -> String {
        format!("{:#}", summarise(&file(body)[..]).unwrap_err())
    }

    #[test]
    fn lzf_is_unpacked() {
        // Four literal bytes, then a reference of nine bytes four back.
        assert_eq!(unpack(b"\x03abcd\xe0\x00\x03", 13).unwrap(), b"abcdabcdabcda");
        assert_eq!(unpack(b"\x00a\x20\x00", 4).unwrap(), b"aaaa");
        for (packed, size) in
            [(&b"\x03abc"[..], 4), (b"\x20\x05", 3), (b"\x00a\x20\x00", 5), (b"\x00a\xe0", 9)]
        {
            assert_eq!(unpack(packed, size), None, "{packed:?}");
        }
    }

    #[test]
    fn old_encodings_and_rare_opcodes_are_passed_over() {
        let mut body = Vec::new();
        body.extend_from_slice(b"\xf7\x01\x02\x02\x02\x05\x01\x07\x03ABCD\x04ABCDEFGH\x01\x05\x00"); // module aux
        body.extend_from_slice(b"\xf4\x01\x02\x03"); // slot info
        body.extend_from_slice(b"\xfe\x00\xfb\x05\x02"); // database 0: 5 keys, 2 expiring
        body.extend_from_slice(b"\xfd\x01\x00\x00\x00\xf8\x07\x00\x01a\x01v"); // seconds, idle
        body.extend_from_slice(b"\xfc\x01\x00\x00\x00\x00\x00\x00\x00\xf9\x07\x00\x01b\x01v"); // ms, frequency
        body.extend_from_slice(b"\x03\x01z\x03\x01m\x041.25\x01n\xff\x01o\xfd"); // scores as text
        body.extend_from_slice(b"\x07\x01m\x81\x00\x00\x00\x00\x00\x00\x00\x09\x02\x05\x05\x01q\x00"); // module value
        body.extend_from_slice(b"\x18\x01h\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x01f\x01v"); // fields that expire
        let summary = summarise(&file(&body)[..]).unwrap();
        assert_eq!((summary.keys, summary.expiring), (5, 2));
        assert_eq!(summary.types["module"], 1);
        assert_eq!((summary.types["zset"], summary.types["hash"], summary.types["string"]), (1, 1, 2));
    }

    #[test]
    fn a_walk_can_carry_the_payload_that_restore_takes() {
        let bytes = file(b"\xfe\x00\x00\x01k\x05value");
        let mut walk = Walk::new(&bytes[..], true).unwrap();
        let Some(Item::Entry(entry)) = walk.step().unwrap() else { panic!("no entry") };
        assert_eq!(&entry.payload[..9], b"\x00\x05value\x0b\x00");
        assert_eq!(entry.payload[9..], crc64::update(0, &entry.payload[..9]).to_le_bytes());
        assert_eq!(walk.step().unwrap(), None);
    }

    #[test]
    fn damage_is_named_with_its_place() {
        assert!(said(b"\xfe\x00\xfb\x02\x00\x00\x01a\x01v").contains("was to have 2 keys"));
        assert!(said(b"\xfe\x00\x1e\x01a\x01v").contains("unknown type 30"));
        assert!(said(b"\xfe\x00\x00\x01a\xc9").contains("begins with 0xc9"));
        assert!(
            said(b"\xfe\x00\x00\x81\xff\xff\xff\xff\xff\xff\xff\xff")
                .contains("a string of 18446744073709551615")
        );
        assert!(said(b"\xfe\x00\x00\x01a\x81\xff\xff\xff\xff\xff\xff\xff\xff").contains("cut short"));
        assert!(summarise(&b"not an rdb"[..]).unwrap_err().to_string().contains("no RDB file"));
        let mut wrong = file(b"\xfe\x00\x00\x01a\x01v");
        wrong[15] ^= 1;
        assert!(summarise(&wrong[..]).unwrap_err().to_string().contains("checksum"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_walk_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = summarise(&file(&body)[..]);
            let _ = unpack(&body, 100);
        }
    }
}
