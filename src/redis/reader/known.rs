//! Files that this process has checked: one that has not changed since need not be read again for the same answer.
//!
//! A command checks its files before it asks any cluster, and again as it looks whether they were imported before. What is
//! sent is read and checked once more in any case, and its sha256 compared.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::check::Checked;
use super::template::Reading;

/// Within this time a file may change and keep its time stamp, on a file system that counts whole seconds.
const COARSE: Duration = Duration::from_secs(2);

/// Files that are remembered; a command names few.
const MOST: usize = 64;

/// A file as it was, and how it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Looked {
    place: (u64, u64),
    bytes: u64,
    changed: [(i64, i64); 2],
    name: String,
    reading: Reading,
}

impl Looked {
    /// A file that is looked at now; none where a change of it would not be seen, unless nobody else writes to it.
    pub(super) fn at(meta: &Metadata, name: &str, reading: &Reading, ours: bool) -> Option<Self> {
        let settled = ours || meta.modified().ok()?.checked_add(COARSE)? < SystemTime::now();
        settled.then(|| Self {
            place: (meta.dev(), meta.ino()),
            bytes: meta.len(),
            changed: [(meta.mtime(), meta.mtime_nsec()), (meta.ctime(), meta.ctime_nsec())],
            name: name.to_owned(),
            reading: reading.clone(),
        })
    }
}

static KNOWN: Mutex<Vec<(Looked, Checked)>> = Mutex::new(Vec::new());

/// What was found of it.
pub(super) fn recall(looked: &Looked) -> Option<Checked> {
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.iter().find(|(of, _)| of == looked).map(|(_, checked)| checked.clone())
}

/// Remembers what was found of it.
pub(super) fn remember(looked: Looked, checked: &Checked) {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.retain(|(of, _)| *of != looked);
    if known.len() == MOST {
        known.remove(0);
    }
    known.push((looked, checked.clone()));
}

#[cfg(test)]
mod tests {
    use std::fs::{File, FileTimes};
    use std::os::unix::fs::FileExt as _;

    use super::super::{Reading, Source, check, check_and_reject};
    use super::*;

    #[test]
    fn a_file_that_stays_is_known_and_one_that_changes_or_may_have_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data.txt");
        let plain = Reading::default();
        let source = Source::File(path.clone());
        let read = || check_and_reject(&source, &plain, &mut |_, _| Ok(())).unwrap();
        let found = || check(&source, &plain).unwrap();
        let known = || KNOWN.lock().unwrap().iter().filter(|(of, _)| of.name == source.name()).count();
        std::fs::write(&path, "SET a 1\n").unwrap();
        let first = read();
        assert_eq!(known(), 0, "it may change within the same second");
        let file = File::options().write(true).open(&path).unwrap();
        let age = |seconds: u64| {
            let then = SystemTime::now() - Duration::from_secs(seconds);
            file.set_times(FileTimes::new().set_modified(then)).unwrap();
        };
        age(60);
        assert_eq!((read(), known()), (first.clone(), 1));
        // It is recalled, not read: only what is remembered says so.
        KNOWN.lock().unwrap().iter_mut().filter(|(of, _)| of.name == source.name()).for_each(|k| k.1.bad = 9);
        assert_eq!(found().bad, 9);
        assert_eq!(check(&source, &Reading { skip_bad: 1, ..plain.clone() }).unwrap().bad, 0);
        // Of the same size.
        file.write_all_at(b"SET b 2\n", 0).unwrap();
        age(60);
        let second = found();
        assert_eq!((second.bad, second.sha256 == first.sha256), (0, false));
    }
}
