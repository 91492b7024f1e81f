//! Former values of the keys that an import touches, kept in a database that nobody uses.
//!
//! Each chunk's transaction begins with one script. Of the chunk's keys it copies those that are there, with their
//! expiries, into that database, unless they have a copy already. So what a key held before the import is kept in the
//! very transaction that changes it, whoever else writes. Where nothing is there it costs a lookup for each key.
//!
//! A chunk of nothing but `SET`s costs even less: it goes as one `MSETNX`, which redis carries out only where none of its
//! keys is there. Where one is, the chunk goes once more, as above.
//!
//! A key that comes in several chunks may have been made by the first of them, and copied by another: that copy is the
//! import's own. Which these are is found out at the end: each copy is noted with where in the file its chunk began, and
//! the list of keys says whether the key comes before that.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use redis::{Cmd, Value};

use crate::redis::link::{self, KEPT, Link, NEW, REACHED};
use crate::redis::names::Reader;
use crate::redis::reader::Words;
use crate::redis::replace::{Aside, Names};

/// Keeps what the keys hold in database ARGV[1], for a chunk that begins at ARGV[4]; notes there that file ARGV[2] has
/// come to ARGV[3]. A type that `COPY` does not know goes as its dump.
const KEEP: &str = r"
local to = ARGV[1]
redis.call('SELECT', to)
if tonumber(redis.call('HGET', 'opsctl:reached', ARGV[2]) or -1) < tonumber(ARGV[3]) then
  redis.call('HSET', 'opsctl:reached', ARGV[2], ARGV[3])
end
redis.call('SELECT', 0)
local function copy(key)
  local done = redis.pcall('COPY', key, key, 'DB', to)
  if type(done) ~= 'table' then return done == 1 end
  local at, value = redis.call('PEXPIRETIME', key), redis.call('DUMP', key)
  if not value then return false end
  redis.call('SELECT', to)
  local new = redis.call('EXISTS', key) == 0
  if new then redis.call('RESTORE', key, math.max(at, 0), value, 'ABSTTL') end
  redis.call('SELECT', 0)
  return new
end
for low = 1, #KEYS, 1000 do
  local high = math.min(low + 999, #KEYS)
  if redis.call('EXISTS', unpack(KEYS, low, high)) > 0 then
    redis.call('SELECT', to)
    local there = redis.call('EXISTS', unpack(KEYS, low, high))
    redis.call('SELECT', 0)
    if there <= high - low then
      local kept = {}
      for i = low, high do
        if copy(KEYS[i]) then
          kept[#kept + 1] = KEYS[i]
          kept[#kept + 1] = ARGV[4]
        end
      end
      if #kept > 0 then
        redis.call('SELECT', to)
        redis.call('HSET', 'opsctl:kept', unpack(kept))
        redis.call('SELECT', 0)
      end
    end
  end
end";

/// Behind a chunk that goes only where none of its keys is there: whether it went, as its last key says, and then how far
/// the import has come.
const NOTE: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
redis.call('SELECT', ARGV[4])
redis.call('HSET', 'opsctl:reached', ARGV[5], ARGV[6])
return 1";

/// Keys of one page of names.
const PAGE: usize = 1000;

/// Bytes that redis takes for the note of a copy, besides its key.
const NOTED: u64 = 100;

/// Where former values are kept, and of which try.
#[derive(Clone, Debug)]
pub struct Former {
    aside: Aside,
    db: u64,
    /// Of the files of earlier tries, how many there are.
    before: usize,
}

impl Former {
    /// In the database that was chosen. `before`: how many files of earlier tries there are.
    pub fn new(aside: &Aside, before: usize) -> Option<Self> {
        Some(Self { aside: aside.clone(), db: aside.of_main()?, before })
    }

    /// Claims the database, and tries what each chunk will do; redis' words where it refuses.
    pub async fn claim(&self, addr: &str) -> Result<Option<String>> {
        let mut link = link::connect_db(addr, self.db).await?;
        let mut tried = redis::pipe();
        let mut keys = Words::default();
        keys.push(NEW.as_bytes());
        // The name is opsctl's own, so that nothing is copied; in that database there is nothing at all.
        tried.add_command(self.keep(&keys, 0, 0..0));
        tried.cmd("COPY").arg(NEW).arg(NEW).arg("DB").arg(0);
        for name in ["DUMP", "PEXPIRETIME", "GET", "DEL"] {
            tried.cmd(name).arg(NEW);
        }
        for reply in link::each(&mut link, addr, &tried, link::PATIENCE).await? {
            if let Value::ServerError(error) = reply {
                let why = error
                    .details()
                    .map_or_else(|| error.code().to_owned(), |d| format!("{} {d}", error.code()));
                return Ok(Some(why));
            }
        }
        Ok(None)
    }

    /// The command that keeps what these keys hold before a chunk, with which the import goes so far in a file.
    pub(super) fn keep(&self, keys: &Words, file: usize, chunk: std::ops::Range<u64>) -> Cmd {
        let file = self.before + file;
        let mut cmd = redis::cmd("EVAL");
        cmd.arg(KEEP).arg(keys.len());
        for key in keys.iter() {
            cmd.arg(key);
        }
        cmd.arg(self.db).arg(file).arg(chunk.end).arg(At { file, items: chunk.start }.told());
        cmd
    }

    /// The command that looks whether `token` is at [`NEW`], and then notes how far the import has come.
    pub(super) fn note(&self, token: u64, (field, part): (&str, &str), file: usize, items: u64) -> Cmd {
        let mut cmd = redis::cmd("EVAL");
        cmd.arg(NOTE).arg(2).arg(NEW).arg(link::RECORD).arg(token).arg(field).arg(part);
        cmd.arg(self.db).arg(self.before + file).arg(items);
        cmd
    }

    /// How far this try came before with each of its files.
    pub(super) async fn reached(&self, addr: &str) -> Result<BTreeMap<usize, u64>> {
        let all = reached(addr, &self.aside).await?;
        Ok(all
            .into_iter()
            .filter_map(|(file, items)| Some((file.checked_sub(self.before)?, items)))
            .collect())
    }
}

/// A place in the files of all tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct At {
    file: usize,
    items: u64,
}

impl At {
    fn told(self) -> String {
        format!("{}:{}", self.file, self.items)
    }

    fn read(text: &str) -> Option<Self> {
        let (file, items) = text.split_once(':')?;
        Some(Self { file: file.parse().ok()?, items: items.parse().ok()? })
    }
}

/// Of what lies aside deletes the values that the import itself had written by the time they were copied: their keys come
/// in the lists before that. What is left is what was there before it.
pub async fn leave_former(addr: &str, aside: &Aside, names: &[Names]) -> Result<()> {
    let Some(db) = aside.of_main() else { return Ok(()) };
    let mut link = link::connect_db(addr, db).await?;
    let kept: u64 = link::ask(&mut link, addr, redis::cmd("HLEN").arg(KEPT)).await?;
    if kept == 0 {
        return Ok(());
    }
    for (file, names) in names.iter().enumerate() {
        let mut reader = names.open().await?;
        loop {
            let page = reader.places(PAGE)?;
            if page.is_empty() {
                break;
            }
            let mut ask = redis::cmd("HMGET");
            ask.arg(KEPT);
            for (key, _) in &page {
                ask.arg(key);
            }
            let copied: Vec<Option<String>> = link::ask(&mut link, addr, &ask).await?;
            let mut away = redis::pipe();
            for ((key, items), copied) in page.into_iter().zip(copied) {
                let Some(copied) = copied else { continue };
                let copied = At::read(&copied).context("a note of another kind about a former value")?;
                if (At { file, items }) <= copied {
                    away.cmd("UNLINK").arg(&key).cmd("HDEL").arg(KEPT).arg(&key);
                }
            }
            if !away.is_empty() {
                link::each(&mut link, addr, &away, link::PATIENCE).await?;
            }
        }
    }
    Ok(())
}

/// Whether what these keys hold fits into the memory of the redis twice.
pub async fn fits(addr: &str, names: &[Names]) -> Result<bool> {
    let mut link = link::connect(addr).await?;
    let info = link::info(&mut link, addr, "memory").await?;
    let number = |name| info.number(name).unwrap_or(0);
    let (limit, mut used) = (number("maxmemory"), number("used_memory"));
    if limit == 0 || used + number("used_memory_dataset") <= limit {
        return Ok(true);
    }
    for names in names {
        let mut names = Reader::open(&names.file, names.until)?;
        loop {
            let page = names.page(PAGE)?;
            if page.is_empty() {
                break;
            }
            let mut ask = redis::pipe();
            for key in &page {
                ask.cmd("MEMORY").arg("USAGE").arg(key);
            }
            for reply in link::each(&mut link, addr, &ask, link::PATIENCE).await? {
                match reply {
                    Value::Int(bytes) => used += u64::try_from(bytes).unwrap_or(0) + NOTED,
                    Value::Nil => {}
                    _ => return Ok(false),
                }
            }
            if used > limit {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// How much of each file, by its number, is written with its former values kept; none where nothing was kept yet.
pub async fn reached(addr: &str, aside: &Aside) -> Result<BTreeMap<usize, u64>> {
    let Some(db) = aside.of_main() else { return Ok(BTreeMap::new()) };
    let mut link: Link = link::connect_db(addr, db).await?;
    link::ask(&mut link, addr, redis::cmd("HGETALL").arg(REACHED)).await
}
