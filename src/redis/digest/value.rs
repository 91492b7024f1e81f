//! The values of keys as bytes that do not depend on how a server stores them.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;
use redis::{Cmd, Pipeline, Value};

use super::sum::{Pieces, Sum};
use crate::error::problem;
use crate::redis::commands::shown;
use crate::redis::link::{self, Link};

/// Elements that are read in one answer.
const STEP: u64 = 1000;

/// A redis, one of its databases.
pub(super) struct Asked<'a> {
    pub(super) link: Link,
    pub(super) addr: &'a str,
    /// Whether the server knows fields of a hash that expire.
    pub(super) fields_expire: bool,
}

/// A key with a digest of its value.
pub(super) struct Key {
    pub(super) name: Vec<u8>,
    pub(super) kind: String,
    /// In milliseconds since 1970.
    pub(super) expires: Option<i64>,
    pub(super) value: Vec<u8>,
}

impl Asked<'_> {
    /// The keys of a page; those that are gone by now are left out.
    pub(super) async fn keys(&mut self, page: &[Vec<u8>]) -> Result<Vec<Key>> {
        if page.is_empty() {
            return Ok(Vec::new());
        }
        let mut ask = redis::pipe();
        for key in page {
            ask.cmd("TYPE").arg(key).cmd("PEXPIRETIME").arg(key);
        }
        let said = self.each(&ask).await?;
        let mut keys: Vec<_> = page
            .iter()
            .zip(said.chunks_exact(2))
            .filter_map(|(key, said)| {
                let kind = String::from_utf8_lossy(&text(&said[0])).into_owned();
                let expires = number(&said[1]).filter(|at| *at >= 0);
                (kind != "none").then(|| Key { name: key.clone(), kind, expires, value: Vec::new() })
            })
            .collect();
        self.values(&mut keys).await?;
        // One that expired between its type and its value has none.
        keys.retain(|key| !key.value.is_empty());
        Ok(keys)
    }

    /// Small values come together in one answer; a large one is read in pieces.
    async fn values(&mut self, keys: &mut [Key]) -> Result<()> {
        let mut sizes = redis::pipe();
        for key in &*keys {
            let size = match key.kind.as_str() {
                "string" => "STRLEN",
                "list" => "LLEN",
                "set" => "SCARD",
                "zset" => "ZCARD",
                "hash" => "HLEN",
                "stream" => "XLEN",
                other => {
                    let key = shown(&key.name);
                    return Err(problem!(
                        RedisRefused,
                        "{key} at {} is of the type {other}, which opsctl does not know",
                        self.addr
                    )
                    .into());
                }
            };
            sizes.cmd(size).arg(&key.name);
        }
        let sizes = self.each(&sizes).await?;
        let small = |key: &Key, size: &Value| {
            let most = if key.kind == "string" { 1 << 16 } else { 100 };
            key.kind != "stream" && number(size).is_some_and(|size| size <= most)
        };
        let (mut together, mut alone) = (Vec::new(), Vec::new());
        for (key, size) in keys.iter_mut().zip(&sizes) {
            if small(key, size) { together.push(key) } else { alone.push(key) }
        }
        let mut ask = redis::pipe();
        for key in &together {
            whole(&mut ask, key);
        }
        let said = if together.is_empty() { Vec::new() } else { self.each(&ask).await? };
        for (key, said) in together.into_iter().zip(&said) {
            let elements = elements(said);
            key.value = match key.kind.as_str() {
                "string" => string(said),
                _ if elements.is_empty() => Vec::new(),
                "hash" => {
                    let pairs = pairs(&elements);
                    let mut sum = Sum::default();
                    self.fields(&key.name, &pairs, &mut sum).await?;
                    sum.bytes()
                }
                "set" => summed(&elements),
                _ => ordered(&elements),
            };
        }
        for key in alone {
            key.value = match key.kind.as_str() {
                "string" => {
                    let value = self.ask(redis::cmd("GET").arg(&key.name)).await?;
                    string(&value)
                }
                "list" => self.in_order(&key.name, "LRANGE", false).await?,
                "zset" => self.in_order(&key.name, "ZRANGE", true).await?,
                "set" => self.scanned(&key.name, "SSCAN").await?,
                "hash" => self.scanned(&key.name, "HSCAN").await?,
                _ => self.stream(&key.name).await?,
            };
        }
        Ok(())
    }

    /// A list, or a sorted set, whose order is a matter of its members and scores alone.
    async fn in_order(&mut self, key: &[u8], command: &str, scores: bool) -> Result<Vec<u8>> {
        let (mut pieces, mut any) = (Pieces::new(), false);
        for from in (0..).step_by(usize::try_from(STEP).unwrap_or(1)) {
            let mut ask = redis::cmd(command);
            ask.arg(key).arg(from).arg(from + STEP - 1);
            if scores {
                ask.arg("WITHSCORES");
            }
            let elements = elements(&self.ask(&ask).await?);
            let last = elements.is_empty();
            for element in elements {
                pieces = pieces.piece(&element);
            }
            if last {
                break;
            }
            any = true;
        }
        Ok(if any { pieces.end().to_vec() } else { Vec::new() })
    }

    async fn scanned(&mut self, key: &[u8], command: &str) -> Result<Vec<u8>> {
        let hash = command == "HSCAN";
        let (mut sum, mut seen) = (Sum::default(), HashSet::new());
        let mut cursor = b"0".to_vec();
        loop {
            let said: (Vec<u8>, Vec<Vec<u8>>) = link::ask(
                &mut self.link,
                self.addr,
                redis::cmd(command).arg(key).arg(&cursor).arg("COUNT").arg(STEP),
            )
            .await?;
            cursor = said.0;
            if hash {
                let mut pairs = pairs(&said.1);
                pairs.retain(|field, _| seen.insert(Pieces::new().piece(field).short()));
                self.fields(key, &pairs, &mut sum).await?;
            } else {
                for member in said.1 {
                    if seen.insert(Pieces::new().piece(&member).short()) {
                        sum.add(&Pieces::new().piece(&member).end());
                    }
                }
            }
            if cursor == b"0" {
                return Ok(if seen.is_empty() { Vec::new() } else { sum.bytes() });
            }
        }
    }

    /// Fields of a hash, each with its own expiry.
    async fn fields(&mut self, key: &[u8], fields: &BTreeMap<Vec<u8>, Vec<u8>>, sum: &mut Sum) -> Result<()> {
        let mut times = Vec::new();
        if self.fields_expire && !fields.is_empty() {
            let mut ask = redis::cmd("HPEXPIRETIME");
            ask.arg(key).arg("FIELDS").arg(fields.len()).arg(fields.keys().collect::<Vec<_>>());
            if let Value::Array(said) = self.ask(&ask).await? {
                times = said.iter().map(|at| number(at).filter(|at| *at >= 0)).collect();
            }
        }
        for (i, (field, value)) in fields.iter().enumerate() {
            let expires =
                times.get(i).copied().flatten().map_or_else(Vec::new, |at| at.to_be_bytes().to_vec());
            sum.add(&Pieces::new().piece(field).piece(value).piece(&expires).end());
        }
        Ok(())
    }

    /// A stream: its entries, where it stands, and its groups with what each has not acknowledged. Clock times of
    /// consumers are left out: reading changes them.
    async fn stream(&mut self, key: &[u8]) -> Result<Vec<u8>> {
        let mut pieces = Pieces::new();
        let mut from = b"-".to_vec();
        loop {
            let mut ask = redis::cmd("XRANGE");
            ask.arg(key).arg(&from).arg("+").arg("COUNT").arg(STEP);
            let Value::Array(entries) = self.ask(&ask).await? else { break };
            let Some(last) = entries.last() else { break };
            from = [b"(", text(item(last, 0)).as_slice()].concat();
            for entry in &entries {
                pieces = pieces.piece(&text(item(entry, 0)));
                for word in elements(item(entry, 1)) {
                    pieces = pieces.piece(&word);
                }
            }
        }
        let info =
            self.ask(redis::cmd("XINFO").arg("STREAM").arg(key).arg("FULL").arg("COUNT").arg(0)).await?;
        for name in ["last-generated-id", "max-deleted-entry-id", "entries-added"] {
            pieces = pieces.piece(&field(&info, name).map(text).unwrap_or_default());
        }
        let mut sum = Sum::default();
        for group in array(field(&info, "groups")) {
            let mut one = Pieces::new();
            for name in ["name", "last-delivered-id", "entries-read"] {
                one = one.piece(&field(group, name).map(text).unwrap_or_default());
            }
            for pending in array(field(group, "pending")) {
                // Its id, its consumer, the time (left out), how often it was delivered.
                for at in [0, 1, 3] {
                    one = one.piece(&text(item(pending, at)));
                }
            }
            let mut consumers: Vec<_> = array(field(group, "consumers"))
                .iter()
                .map(|consumer| field(consumer, "name").map(text).unwrap_or_default())
                .collect();
            consumers.sort_unstable();
            for consumer in consumers {
                one = one.piece(&consumer);
            }
            sum.add(&one.end());
        }
        Ok(pieces.piece(&sum.bytes()).end().to_vec())
    }

    async fn ask(&mut self, command: &Cmd) -> Result<Value> {
        link::ask(&mut self.link, self.addr, command).await
    }

    async fn each(&mut self, pipeline: &Pipeline) -> Result<Vec<Value>> {
        link::each(&mut self.link, self.addr, pipeline, link::PATIENCE).await
    }
}

/// Asks for a small value as a whole.
fn whole(ask: &mut Pipeline, key: &Key) {
    let name = &key.name;
    match key.kind.as_str() {
        "string" => ask.cmd("GET").arg(name),
        "list" => ask.cmd("LRANGE").arg(name).arg(0).arg(-1),
        "set" => ask.cmd("SMEMBERS").arg(name),
        "zset" => ask.cmd("ZRANGE").arg(name).arg(0).arg(-1).arg("WITHSCORES"),
        _ => ask.cmd("HGETALL").arg(name),
    };
}

/// None for a key that is gone.
fn string(said: &Value) -> Vec<u8> {
    match said {
        Value::BulkString(bytes) => Pieces::new().piece(bytes).end().to_vec(),
        _ => Vec::new(),
    }
}

fn ordered(elements: &[Vec<u8>]) -> Vec<u8> {
    elements.iter().fold(Pieces::new(), |pieces, element| pieces.piece(element)).end().to_vec()
}

fn summed(elements: &[Vec<u8>]) -> Vec<u8> {
    let mut sum = Sum::default();
    for element in elements {
        sum.add(&Pieces::new().piece(element).end());
    }
    sum.bytes()
}

fn pairs(elements: &[Vec<u8>]) -> BTreeMap<Vec<u8>, Vec<u8>> {
    elements.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
}

fn elements(value: &Value) -> Vec<Vec<u8>> {
    array(Some(value)).iter().map(text).collect()
}

fn array(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(items) | Value::Set(items)) => items,
        _ => &[],
    }
}

fn item(value: &Value, at: usize) -> &Value {
    array(Some(value)).get(at).unwrap_or(&Value::Nil)
}

/// A field of what redis writes as names and values in turns.
pub(super) fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let named = |pair: &&[Value]| text(&pair[0]) == name.as_bytes();
    array(Some(value)).chunks_exact(2).find(named).map(|pair| &pair[1])
}

/// A reply of one word.
pub(super) fn text(value: &Value) -> Vec<u8> {
    match value {
        Value::BulkString(bytes) => bytes.clone(),
        Value::SimpleString(text) => text.clone().into_bytes(),
        Value::Int(number) => number.to_string().into_bytes(),
        Value::Okay => b"OK".to_vec(),
        _ => Vec::new(),
    }
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        _ => None,
    }
}
