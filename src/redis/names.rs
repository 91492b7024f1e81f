//! A file of the keys that an import touches, in the order in which it does.
//!
//! Behind each key stands how much of the data file is read with the command that touches it, so that of an import that
//! was cut short the keys are known that it came to. A key that the data file names often may come more than once; where it
//! comes first is always there. At the end stands the SHA-256 of all before it.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use super::recent::Recent;
use crate::error::problem;

const BEGINNING: &[u8] = b"opsctl names 1\n";
/// Bytes of the SHA-256.
const SEAL: usize = 32;
/// Keys that are remembered, so that they are not written again and again.
const RECENT: usize = 1 << 17;
/// No key is longer: redis takes none that is.
const LONGEST: u64 = super::rdb::LONGEST;

/// Writes such a file.
pub(super) struct Writer {
    file: BufWriter<Sealing>,
    items: u64,
    recent: Recent,
}

struct Sealing {
    file: NamedTempFile,
    digest: Sha256,
}

impl Write for Sealing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.digest.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl Writer {
    /// One that is gone unless it is kept.
    pub(super) fn new(folder: &Path) -> Result<Self> {
        crate::fs::private_folder(folder).with_context(|| format!("could not make {}", folder.display()))?;
        let file = tempfile::Builder::new().prefix(".part-").tempfile_in(folder);
        let file = file.with_context(|| format!("could not write to {}", folder.display()))?;
        let mut file = BufWriter::with_capacity(1 << 16, Sealing { file, digest: Sha256::new() });
        file.write_all(BEGINNING)?;
        Ok(Self { file, items: 0, recent: Recent::new(RECENT) })
    }

    /// Adds a key.
    pub(super) fn add(&mut self, key: &[u8], items: u64) -> Result<()> {
        if self.recent.add(key) {
            return Ok(());
        }
        self.number(items - self.items)?;
        self.items = items;
        self.number(key.len() as u64)?;
        self.file.write_all(key).context("could not write the names of keys")
    }

    /// Seven bits a byte, the lowest first; the eighth says that more follow.
    fn number(&mut self, mut n: u64) -> Result<()> {
        let (mut bytes, mut length) = ([0; 10], 0);
        loop {
            let low = (n & 0x7f) as u8;
            n >>= 7;
            bytes[length] = if n == 0 { low } else { low | 0x80 };
            length += 1;
            if n == 0 {
                break;
            }
        }
        self.file.write_all(&bytes[..length]).context("could not write the names of keys")
    }

    /// Ends it: on the disk, but still gone unless it is kept.
    pub(super) fn end(self) -> Result<Written> {
        let mut sealing = self.file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        let seal = sealing.digest.finalize();
        sealing.file.write_all(&seal)?;
        sealing.file.as_file().sync_all().context("could not write the names of keys to the disk")?;
        Ok(Written { file: sealing.file, items: self.items })
    }
}

/// A whole file of names, which is gone unless it is kept.
pub(super) struct Written {
    file: NamedTempFile,
    /// How much of the data file is read with the last command.
    pub(super) items: u64,
}

impl Written {
    /// Keeps it under this name; on the disk when this returns.
    pub(super) fn keep(self, path: &Path) -> Result<()> {
        self.file.persist(path).with_context(|| format!("could not write {}", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        File::open(folder)?.sync_all().with_context(|| format!("could not write {}", folder.display()))
    }
}

/// Reads such a file, which is proven whole first.
pub(super) struct Reader {
    input: BufReader<std::io::Take<File>>,
    left: u64,
    items: u64,
    until: u64,
}

impl Reader {
    /// The keys that were touched by the time that so much of the data file was read; none: all.
    pub(super) fn open(path: &Path, until: Option<u64>) -> Result<Self> {
        let name = path.display();
        let unread = || format!("could not read {name}");
        let mut file = File::open(path).with_context(unread)?;
        let size = file.metadata().with_context(unread)?.len();
        let damaged = || problem!(Snapshot, "{name}, the list of keys that an import touched, is damaged");
        let body = size.checked_sub((BEGINNING.len() + SEAL) as u64).ok_or_else(damaged)?;
        let mut digest = Sha256::new();
        let sealed = body + BEGINNING.len() as u64;
        std::io::copy(&mut Read::by_ref(&mut file).take(sealed), &mut digest).with_context(unread)?;
        let mut seal = [0; SEAL];
        file.read_exact(&mut seal).with_context(unread)?;
        if digest.finalize().as_slice() != seal {
            return Err(damaged().into());
        }
        std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(0)).with_context(unread)?;
        let mut input = BufReader::with_capacity(1 << 16, file.take(sealed));
        let mut beginning = [0; BEGINNING.len()];
        input.read_exact(&mut beginning).with_context(unread)?;
        if beginning != BEGINNING {
            return Err(damaged().into());
        }
        Ok(Self { input, left: body, items: 0, until: until.unwrap_or(u64::MAX) })
    }

    /// The next so many keys; empty after the last.
    pub(super) fn page(&mut self, most: usize) -> Result<Vec<Vec<u8>>> {
        Ok(self.places(most)?.into_iter().map(|(key, _)| key).collect())
    }

    /// The same, each with how much of the data file is read with the command that touches it.
    pub(super) fn places(&mut self, most: usize) -> Result<Vec<(Vec<u8>, u64)>> {
        let mut page = Vec::new();
        while page.len() < most && self.left > 0 {
            self.items += self.number()?;
            if self.items > self.until {
                self.left = 0;
                break;
            }
            let length = self.number()?;
            anyhow::ensure!(length <= LONGEST && length <= self.left, "the list of keys has one too long");
            let mut key = vec![0; usize::try_from(length)?];
            self.input.read_exact(&mut key).context("could not read the list of keys")?;
            self.left -= length;
            page.push((key, self.items));
        }
        Ok(page)
    }

    fn number(&mut self) -> Result<u64> {
        let (mut n, mut shift) = (0, 0);
        loop {
            let mut byte = [0];
            self.input.read_exact(&mut byte).context("could not read the list of keys")?;
            self.left = self.left.saturating_sub(1);
            n |= u64::from(byte[0] & 0x7f) << shift;
            if byte[0] & 0x80 == 0 {
                return Ok(n);
            }
            shift += 7;
            anyhow::ensure!(shift < 64, "the list of keys has a number too long");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(keys: &[(&[u8], u64)]) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = Writer::new(&dir.path().join("touched")).unwrap();
        for (key, items) in keys {
            writer.add(key, *items).unwrap();
        }
        let path = dir.path().join("touched/a.names");
        writer.end().unwrap().keep(&path).unwrap();
        (dir, path)
    }

    fn all(path: &Path, until: Option<u64>) -> Vec<Vec<u8>> {
        let mut reader = Reader::open(path, until).unwrap();
        std::iter::from_fn(|| Some(reader.page(2).unwrap()).filter(|page| !page.is_empty()))
            .flatten()
            .collect()
    }

    #[test]
    fn keys_come_in_their_order_up_to_where_the_import_came() {
        let long = vec![b'k'; 300];
        let (_dir, path) = written(&[(b"a", 1), (b"", 3), (&long, 3), (b"\xff\n", 900)]);
        assert_eq!(all(&path, None), [b"a".to_vec(), Vec::new(), long.clone(), b"\xff\n".to_vec()]);
        assert_eq!(all(&path, Some(899)), [b"a".to_vec(), Vec::new(), long]);
        assert_eq!(all(&path, Some(2)), [b"a"]);
        assert_eq!(all(&path, Some(0)), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn a_key_that_comes_again_and_again_is_written_where_it_came_first() {
        let keys: Vec<(&[u8], u64)> = (7..5000).map(|n| (&b"k"[..], n)).collect();
        let (_dir, path) = written(&keys);
        assert_eq!(Reader::open(&path, None).unwrap().places(9).unwrap(), [(b"k".to_vec(), 7)]);
    }

    #[test]
    fn a_file_that_is_changed_or_cut_at_any_byte_is_refused() {
        let (_dir, path) = written(&[(b"abc", 1), (b"def", 2)]);
        let whole = std::fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut other = whole.clone();
            other[at] ^= 1;
            std::fs::write(&path, &other).unwrap();
            assert!(Reader::open(&path, None).is_err(), "changed at {at}");
            std::fs::write(&path, &whole[..at]).unwrap();
            assert!(Reader::open(&path, None).is_err(), "cut at {at}");
        }
    }
}
