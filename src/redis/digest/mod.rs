//! One figure for all that a redis holds: equal for equal data, whatever its order, encoding or server.
//!
//! Each key counts as the SHA-256 of its database, name, type, value and absolute expiry; the keys' figures are added,
//! so their order does not matter. The server is read with `SCAN` and in pieces, so others are served meanwhile, and
//! what is digested is one moment only where nobody writes.

mod sum;
mod value;

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;
use redis::Value;
use serde::Serialize;

use super::keys::scan;
use super::link::{self, Link, RECORD};
use sum::{Pieces, Sum};
use value::{Asked, text};

/// What a redis holds, opsctl's own record not counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Digest {
    /// The figure: 64 hexadecimal digits.
    pub digest: String,
    /// Keys in all databases.
    pub keys: u64,
    /// Of these, the ones that expire.
    pub expiring: u64,
    /// Keys by database.
    pub databases: BTreeMap<u64, u64>,
    /// Libraries of functions.
    pub functions: u64,
}

/// Digests all that the redis at `addr` holds; a replica can be asked as well. `progress` gets keys done and keys in all.
pub async fn digest(addr: &str, mut progress: impl FnMut(u64, u64)) -> Result<Digest> {
    let mut main = link::connect(addr).await?;
    let total = link::count_keys(&mut main, addr).await?;
    let databases = link::info(&mut main, addr, "keyspace").await?.databases();
    let fields_expire = knows(&mut main, addr, "HPEXPIRETIME").await?;
    let mut found =
        Digest { digest: String::new(), keys: 0, expiring: 0, databases: BTreeMap::new(), functions: 0 };
    let mut sum = Sum::default();
    progress(0, total);
    for db in databases.into_keys() {
        let mut asked = Asked { link: link::connect_db(addr, db).await?, addr, fields_expire };
        // SCAN may return a key twice while its table is resized.
        let mut seen = HashSet::new();
        let mut cursor = 0;
        loop {
            let (next, mut page) = scan(&mut asked.link, addr, cursor).await?;
            page.retain(|key| db != 0 || key != RECORD.as_bytes());
            page.sort_unstable();
            page.dedup();
            page.retain(|key| seen.insert(Pieces::new().piece(key).short()));
            for key in asked.keys(&page).await? {
                found.keys += 1;
                found.expiring += u64::from(key.expires.is_some());
                *found.databases.entry(db).or_default() += 1;
                let expires = key.expires.map_or_else(Vec::new, |at| at.to_be_bytes().to_vec());
                let pieces =
                    [&b"key"[..], &db.to_be_bytes(), &key.name, key.kind.as_bytes(), &expires, &key.value];
                sum.add(&pieces.into_iter().fold(Pieces::new(), Pieces::piece).end());
            }
            progress(found.keys, total);
            cursor = next;
            if cursor == 0 {
                break;
            }
        }
    }
    for (name, code) in functions(&mut main, addr).await? {
        found.functions += 1;
        sum.add(&Pieces::new().piece(b"function").piece(&name).piece(&code).end());
    }
    found.digest = sum.hex();
    Ok(found)
}

/// Whether the server has this command.
async fn knows(link: &mut Link, addr: &str, command: &str) -> Result<bool> {
    let info: Value = link::ask(link, addr, redis::cmd("COMMAND").arg("INFO").arg(command)).await?;
    Ok(matches!(info, Value::Array(all) if all.iter().any(|one| matches!(one, Value::Array(_)))))
}

/// The libraries of functions: name and code. A redis before 7.0 has none.
async fn functions(link: &mut Link, addr: &str) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    if !knows(link, addr, "FUNCTION").await? {
        return Ok(Vec::new());
    }
    let libraries: Vec<Value> =
        link::ask(link, addr, redis::cmd("FUNCTION").arg("LIST").arg("WITHCODE")).await?;
    let field = |library: &Value, name: &str| value::field(library, name).map(text).unwrap_or_default();
    Ok(libraries.iter().map(|l| (field(l, "library_name"), field(l, "library_code"))).collect())
}

#[cfg(test)]
mod tests;
