//! What the target remembers of imports: in [`RECORD`], beside the data.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::Timestamp;
use redis::{Cmd, Value};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::problem;
use crate::redis::link::{self, Link, RECORD};
use crate::redis::reader::{Checked, Reading};

/// What the target remembers of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When it ended.
    pub at: Timestamp,
    /// The file, as it was called.
    pub file: String,
    /// Its commands.
    pub commands: u64,
}

/// How far an import has come that has not ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    /// What of the file was read for it: commands, and what was left out.
    pub(super) items: u64,
    /// Commands that were carried out.
    pub(super) commands: u64,
    /// Of these, the ones that redis refused, as far as was known when this was written.
    pub(super) errors: u64,
}

/// The fields for a file as it is read.
#[derive(Clone)]
pub(super) struct Ids {
    whole: String,
    part: String,
}

impl Ids {
    /// Of a file, by its sha256 in hex. The same table under other keys is another import.
    pub(super) fn of(sha256: &str, reading: &Reading) -> Self {
        let whole = match &reading.key {
            None => sha256.to_owned(),
            Some(key) => {
                let how = format!("{sha256} {:?} {key}", reading.kind);
                format!("{:x}", Sha256::digest(how))
            }
        };
        Self { part: format!("{whole}.part"), whole }
    }

    /// Both of them.
    pub(super) fn fields(&self) -> [&String; 2] {
        [&self.whole, &self.part]
    }

    /// The file, by what is in it and how it is read.
    pub(super) fn of_file(&self) -> &str {
        &self.whole
    }

    /// The command that notes how far it has come.
    pub(super) fn come_to(&self, part: &Part) -> Result<Cmd> {
        let (field, text) = self.noted(part)?;
        let mut note = redis::cmd("HSET");
        note.arg(RECORD).arg(field).arg(text);
        Ok(note)
    }

    /// What it notes: a field, and what is in it.
    pub(super) fn noted(&self, part: &Part) -> Result<(&str, String)> {
        Ok((&self.part, serde_json::to_string(part)?))
    }

    /// The command that forgets how far it has come.
    pub(super) fn forget(&self) -> Cmd {
        let mut forget = redis::cmd("HDEL");
        forget.arg(RECORD).arg(&self.part);
        forget
    }

    /// The command that notes that it has ended well.
    pub(super) fn ended(&self, checked: &Checked) -> Result<Cmd> {
        let record = Record { at: Timestamp::now(), file: checked.file.clone(), commands: checked.commands };
        let mut note = redis::cmd("HSET");
        note.arg(RECORD).arg(&self.whole).arg(serde_json::to_string(&record)?);
        Ok(note)
    }
}

/// What the target remembers of a file; `None` when it was not imported to its end.
pub async fn already(addr: &str, sha256: &str, reading: &Reading) -> Result<Option<Record>> {
    finished(&mut link::connect(addr).await?, addr, &Ids::of(sha256, reading)).await
}

pub(super) async fn finished(link: &mut Link, addr: &str, ids: &Ids) -> Result<Option<Record>> {
    let text: Option<String> = link::ask(link, addr, redis::cmd("HGET").arg(RECORD).arg(&ids.whole)).await?;
    // A record that cannot be read is none: importing once more is the lesser harm.
    Ok(text.and_then(|t| serde_json::from_str(&t).ok()))
}

/// How far an earlier try has come; none where there was none, or it ended.
pub(super) async fn part(link: &mut Link, addr: &str, ids: &Ids) -> Result<Option<Part>> {
    let text: Option<String> = link::ask(link, addr, redis::cmd("HGET").arg(RECORD).arg(&ids.part)).await?;
    Ok(text.map(|t| serde_json::from_str(&t)).transpose()?)
}

/// What the target remembers in some fields, so that it can be restored as well.
pub type Remembered = BTreeMap<String, Option<String>>;

/// What is in these fields.
pub async fn remembered(addr: &str, fields: impl IntoIterator<Item = &String>) -> Result<Remembered> {
    let fields: Vec<&String> = fields.into_iter().collect();
    if fields.is_empty() {
        return Ok(Remembered::new());
    }
    let mut link = link::connect(addr).await?;
    let mut ask = redis::cmd("HMGET");
    ask.arg(RECORD).arg(&fields);
    let values: Vec<Option<String>> = link::ask(&mut link, addr, &ask).await?;
    Ok(fields.into_iter().cloned().zip(values).collect())
}

/// Puts these fields as they were.
pub async fn remember(addr: &str, fields: &Remembered) -> Result<()> {
    if fields.is_empty() {
        return Ok(());
    }
    let mut link = link::connect(addr).await?;
    let replicas = link::must_be_master(&mut link, addr, "undo").await?;
    let mut transaction = redis::pipe();
    transaction.cmd("MULTI");
    for (field, value) in fields {
        match value {
            Some(value) => transaction.cmd("HSET").arg(RECORD).arg(field).arg(value),
            None => transaction.cmd("HDEL").arg(RECORD).arg(field),
        };
    }
    transaction.cmd("EXEC");
    let replies = link::each(&mut link, addr, &transaction, link::PATIENCE).await?;
    match replies.into_iter().next_back() {
        Some(Value::Array(_)) => link::all_acknowledge(&mut link, addr, replicas, link::PATIENCE).await,
        other => Err(problem!(RedisRefused, "redis did not note what is imported: {other:?}").into()),
    }
}
