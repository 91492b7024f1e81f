//! An RDB file of some databases of another, under other numbers.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use anyhow::{Context as _, Result};

use crate::redis::crc64;
use crate::redis::rdb::{Item, Walk};

/// Bytes that `RESTORE` wants behind a value, and an RDB file does not have: a version and a checksum.
pub(super) const BEHIND: usize = 10;

/// Writes what lies in these databases of `input`, each under its new number, and all functions.
pub(super) fn narrow(
    input: impl Read,
    output: impl Write,
    databases: &BTreeMap<u64, u64>,
    left_out: &[&str],
) -> Result<()> {
    let mut walk = Walk::new(input, true)?;
    let mut out = Sealed::begin(output, walk.version())?;
    while let Some(item) = walk.step()? {
        match item {
            Item::Aux(name, value) => out.aux(&name, &value)?,
            Item::Function(code) => {
                out.put(&[245])?;
                out.string(&code)?;
            }
            Item::Entry(entry) => {
                let Some(db) = databases.get(&entry.db) else { continue };
                if left_out.iter().any(|own| own.as_bytes() == entry.key) {
                    continue;
                }
                out.entry(*db, entry.expires, &entry.key, &entry.payload)?;
            }
        }
    }
    out.end()
}

/// A file whose checksum is known as it is written.
pub(super) struct Sealed<W> {
    inner: W,
    crc: u64,
    db: Option<u64>,
}

impl<W: Write> Sealed<W> {
    /// Of this version of the format.
    pub(super) fn begin(inner: W, version: u16) -> Result<Self> {
        let mut out = Self { inner, crc: 0, db: None };
        out.put(format!("REDIS{version:04}").as_bytes())?;
        Ok(out)
    }

    /// A remark.
    pub(super) fn aux(&mut self, name: &str, value: &[u8]) -> Result<()> {
        self.put(&[250])?;
        self.string(name.as_bytes())?;
        self.string(value)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.crc = crc64::update(self.crc, bytes);
        self.inner.write_all(bytes).context("could not write the snapshot")
    }

    /// A key of this database, with what `RESTORE` takes.
    pub(super) fn entry(&mut self, db: u64, expires: Option<u64>, key: &[u8], payload: &[u8]) -> Result<()> {
        if self.db != Some(db) {
            self.put(&[254])?;
            self.length(db)?;
            self.db = Some(db);
        }
        if let Some(at) = expires {
            self.put(&[252])?;
            self.put(&at.to_le_bytes())?;
        }
        let (kind, value) = payload.split_first().context("a value without its type")?;
        let value = value.len().checked_sub(BEHIND).and_then(|end| value.get(..end));
        self.put(&[*kind])?;
        self.string(key)?;
        self.put(value.context("a value without its version and checksum")?)
    }

    fn string(&mut self, bytes: &[u8]) -> Result<()> {
        self.length(bytes.len() as u64)?;
        self.put(bytes)
    }

    /// A length: 6, 14, 32 or 64 bits.
    #[expect(clippy::cast_possible_truncation, reason = "each arm has only as many bits")]
    fn length(&mut self, n: u64) -> Result<()> {
        match n {
            0..0x40 => self.put(&[n as u8]),
            0x40..0x4000 => self.put(&[0x40 | (n >> 8) as u8, n as u8]),
            0x4000..0x1_0000_0000 => {
                self.put(&[0x80])?;
                self.put(&(n as u32).to_be_bytes())
            }
            _ => {
                self.put(&[0x81])?;
                self.put(&n.to_be_bytes())
            }
        }
    }

    pub(super) fn end(mut self) -> Result<()> {
        self.put(&[255])?;
        let crc = self.crc;
        self.put(&crc.to_le_bytes())?;
        self.inner.flush().context("could not write the snapshot")
    }
}
