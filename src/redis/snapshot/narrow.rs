//! An RDB file of some databases of another, under other numbers.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use anyhow::{Context as _, Result};

use crate::redis::crc64;
use crate::redis::rdb::{Entry, Item, Walk};

/// Bytes that `RESTORE` wants behind a value, and an RDB file does not have: a version and a checksum.
const BEHIND: usize = 10;

/// Writes what lies in these databases of `input`, each under its new number, and all functions.
pub(super) fn narrow(
    input: impl Read,
    output: impl Write,
    databases: &BTreeMap<u64, u64>,
    left_out: &[u8],
) -> Result<()> {
    let mut walk = Walk::new(input, true)?;
    let mut out = Sealed { inner: output, crc: 0 };
    out.put(format!("REDIS{:04}", walk.version()).as_bytes())?;
    let mut current = None;
    while let Some(item) = walk.step()? {
        match item {
            Item::Aux(name, value) => {
                out.put(&[250])?;
                out.string(name.as_bytes())?;
                out.string(&value)?;
            }
            Item::Function(code) => {
                out.put(&[245])?;
                out.string(&code)?;
            }
            Item::Entry(entry) => {
                let Some(db) = databases.get(&entry.db) else { continue };
                if entry.key == left_out {
                    continue;
                }
                if current != Some(*db) {
                    out.put(&[254])?;
                    out.length(*db)?;
                    current = Some(*db);
                }
                out.entry(&entry)?;
            }
        }
    }
    out.end()
}

/// A file whose checksum is known as it is written.
struct Sealed<W> {
    inner: W,
    crc: u64,
}

impl<W: Write> Sealed<W> {
    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.crc = crc64::update(self.crc, bytes);
        self.inner.write_all(bytes).context("could not write the snapshot")
    }

    fn entry(&mut self, entry: &Entry) -> Result<()> {
        if let Some(at) = entry.expires {
            self.put(&[252])?;
            self.put(&at.to_le_bytes())?;
        }
        let (kind, value) = entry.payload.split_first().context("a value without its type")?;
        self.put(&[*kind])?;
        self.string(&entry.key)?;
        self.put(&value[..value.len() - BEHIND])
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

    fn end(mut self) -> Result<()> {
        self.put(&[255])?;
        let crc = self.crc;
        self.put(&crc.to_le_bytes())?;
        self.inner.flush().context("could not write the snapshot")
    }
}
