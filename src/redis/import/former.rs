//! Former values of the keys that an import touches, kept in a database that nobody uses.
//!
//! Each chunk's transaction begins with one script. Of the keys that the chunk touches first it copies those that are
//! there, with their expiries, into that database. So what a key held before the import is kept in the very transaction
//! that changes it, whoever else writes. Where nothing is there it costs a lookup for each key.
//!
//! A key that the file names once is looked at once. Of the others the script notes that they were touched: by then
//! their value is the import's own. Which they are is known from the check of the whole file.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use redis::{Cmd, Value};

use crate::redis::link::{self, Link, REACHED, TOUCHED};
use crate::redis::names::Reader;
use crate::redis::reader::Words;
use crate::redis::replace::{Aside, Names};

/// Keeps what the first ARGV[2] keys, which come more than once, and the others held, in database ARGV[1]; notes there
/// that file ARGV[3] has come to ARGV[4]. A type that `COPY` does not know goes as its dump.
const KEEP: &str = r"
local to, often = ARGV[1], tonumber(ARGV[2])
redis.call('SELECT', to)
if tonumber(redis.call('HGET', 'opsctl:reached', ARGV[3]) or -1) < tonumber(ARGV[4]) then
  redis.call('HSET', 'opsctl:reached', ARGV[3], ARGV[4])
end
local first = {}
for i = 1, often do
  if redis.call('SADD', 'opsctl:touched', KEYS[i]) == 1 then first[#first + 1] = KEYS[i] end
end
redis.call('SELECT', 0)
local function copy(key)
  local done = redis.pcall('COPY', key, key, 'DB', to)
  if type(done) ~= 'table' then return end
  local at, value = redis.call('PEXPIRETIME', key), redis.call('DUMP', key)
  if not value then return end
  redis.call('SELECT', to)
  if redis.call('EXISTS', key) == 0 then redis.call('RESTORE', key, math.max(at, 0), value, 'ABSTTL') end
  redis.call('SELECT', 0)
end
local function keep(keys, from)
  for low = from, #keys, 1000 do
    local high = math.min(low + 999, #keys)
    if redis.call('EXISTS', unpack(keys, low, high)) > 0 then
      for i = low, high do copy(keys[i]) end
    end
  end
end
keep(first, 1)
keep(KEYS, often + 1)";

/// Keys of one page of names.
const PAGE: usize = 1000;

/// Where former values are kept, and of which try.
#[derive(Clone, Debug)]
pub struct Former {
    aside: Aside,
    db: u64,
    /// Of the files of earlier tries, how many there are.
    before: usize,
    /// An earlier try has touched keys, and which of them this one touches again is not known.
    again: bool,
}

impl Former {
    /// In the database that was chosen. `before`: how many files of earlier tries there are; `again`: keys that they
    /// touched may be touched again.
    pub fn new(aside: &Aside, before: usize, again: bool) -> Option<Self> {
        Some(Self { aside: aside.clone(), db: aside.of_main()?, before, again })
    }

    /// Whether any key may have been touched before.
    pub(super) fn again(&self) -> bool {
        self.again
    }

    /// Claims the database, and tries what each chunk will do; redis' words where it refuses.
    pub async fn claim(&self, addr: &str) -> Result<Option<String>> {
        let mut link = link::connect(addr).await?;
        let mut tried = redis::pipe();
        let mut often = Words::default();
        often.push(TOUCHED.as_bytes());
        // The names are opsctl's own, so that nothing is there, and nothing is copied.
        tried.add_command(self.script(&often, &Words::default(), 0, 0));
        for name in ["COPY", "DUMP", "PEXPIRETIME"] {
            let cmd = tried.cmd(name).arg(TOUCHED);
            if name == "COPY" {
                cmd.arg(TOUCHED).arg("DB").arg(self.db);
            }
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

    /// The command that keeps what these keys hold before a chunk; with it file `file` has come to `items`.
    pub(super) fn script(&self, often: &Words, once: &Words, file: usize, items: u64) -> Cmd {
        let mut cmd = redis::cmd("EVAL");
        cmd.arg(KEEP).arg(often.len() + once.len());
        for key in often.iter().chain(once.iter()) {
            cmd.arg(key);
        }
        cmd.arg(self.db).arg(often.len()).arg(self.before + file).arg(items);
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

    /// Notes that the keys of these names were touched.
    pub async fn mark(&self, addr: &str, names: &Path, until: u64) -> Result<()> {
        let mut link = link::connect_db(addr, self.db).await?;
        let mut names = Reader::open(names, Some(until))?;
        loop {
            let page = names.page(PAGE)?;
            if page.is_empty() {
                return Ok(());
            }
            let _: Value = link::ask(&mut link, addr, redis::cmd("SADD").arg(TOUCHED).arg(page)).await?;
        }
    }
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
                    Value::Int(bytes) => used += u64::try_from(bytes).unwrap_or(0),
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
