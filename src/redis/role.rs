//! What a redis says of its role.

use redis::Value;
use serde::Serialize;

/// A server's role, as `ROLE` tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "role", rename_all = "kebab-case")]
pub enum Role {
    /// Takes writes.
    Master {
        /// Bytes of its replication stream.
        offset: u64,
        /// The replicas attached.
        replicas: Vec<Replica>,
    },
    /// Follows another.
    Replica {
        /// `host:port` of the master that it follows.
        master: String,
        /// `connected` when it follows; else `connect`, `connecting`, `sync`.
        state: String,
        /// Bytes of the replication stream that it has; none before the first sync.
        offset: Option<u64>,
    },
    /// No data at all.
    Sentinel,
}

/// A replica, as its master sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replica {
    /// `host:port`.
    pub addr: String,
    /// Bytes of the replication stream that it acknowledged.
    pub offset: u64,
}

impl Role {
    /// `master`, `replica` or `sentinel`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Master { .. } => "master",
            Self::Replica { .. } => "replica",
            Self::Sentinel => "sentinel",
        }
    }
}

/// Reads a reply to ROLE.
pub(crate) fn role_of(value: &Value) -> Option<Role> {
    let text = |v: &Value| match v {
        Value::BulkString(b) => Some(String::from_utf8_lossy(b).into_owned()),
        Value::SimpleString(s) => Some(s.clone()),
        Value::Int(n) => Some(n.to_string()),
        _ => None,
    };
    let number = |v: &Value| text(v)?.parse::<u64>().ok();
    let Value::Array(items) = value else { return None };
    match text(items.first()?)?.as_str() {
        "master" => {
            let Value::Array(attached) = items.get(2)? else { return None };
            let replicas = attached
                .iter()
                .map(|r| {
                    let Value::Array(r) = r else { return None };
                    let addr = format!("{}:{}", text(r.first()?)?, text(r.get(1)?)?);
                    Some(Replica { addr, offset: number(r.get(2)?)? })
                })
                .collect::<Option<_>>()?;
            Some(Role::Master { offset: number(items.get(1)?)?, replicas })
        }
        "slave" => Some(Role::Replica {
            master: format!("{}:{}", text(items.get(1)?)?, text(items.get(2)?)?),
            state: text(items.get(3)?)?,
            // −1 before the first sync.
            offset: items.get(4).and_then(number),
        }),
        "sentinel" => Some(Role::Sentinel),
        _ => None,
    }
}
