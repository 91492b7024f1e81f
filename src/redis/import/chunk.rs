//! Commands packed for one transaction, and where they came from.

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use redis::{Arg, Cmd};
use tokio::sync::mpsc;

use super::repeats::Repeats;
use crate::redis::commands::written;
use crate::redis::reader::{Checked, Command, Opened, Place, Words};

/// A chunk ends after so many commands …
const COMMANDS: u64 = 20_000;
/// … or so many bytes, whichever comes first. (A single command may be larger.)
const BYTES: usize = 1 << 20;
/// Pairs of one `MSET`.
const PAIRS: usize = 1000;

/// What goes to redis as one command.
pub(super) enum Packed {
    /// A command of the file.
    One(Cmd, Place),
    /// Plain `SET`s one behind the other, as one `MSET`.
    Sets(Cmd, Vec<Place>),
}

impl Packed {
    pub(super) fn cmd(&self) -> &Cmd {
        match self {
            Self::One(cmd, _) | Self::Sets(cmd, _) => cmd,
        }
    }

    /// Commands of the file in it.
    pub(super) fn count(&self) -> u64 {
        match self {
            Self::One(..) => 1,
            Self::Sets(_, places) => places.len() as u64,
        }
    }

    /// Where the first of them stands.
    pub(super) fn place(&self) -> Place {
        match self {
            Self::One(_, place) => *place,
            Self::Sets(_, places) => places.first().copied().unwrap_or_default(),
        }
    }

    /// The commands of the file, each for itself.
    pub(super) fn apart(self) -> Vec<Self> {
        let (cmd, places) = match self {
            one @ Self::One(..) => return vec![one],
            Self::Sets(cmd, places) => (cmd, places),
        };
        let words: Vec<&[u8]> = arguments(&cmd).skip(1).collect();
        let pairs = words.chunks_exact(2).zip(places);
        let set = |(pair, place): (&[&[u8]], Place)| {
            let mut cmd = redis::cmd("SET");
            cmd.arg(pair[0]).arg(pair[1]);
            Self::One(cmd, place)
        };
        pairs.map(set).collect()
    }

    /// As a message names it: its name and its key.
    pub(super) fn label(&self) -> String {
        let mut words = arguments(self.cmd());
        let name = words.next().map(|w| String::from_utf8_lossy(w).to_ascii_uppercase()).unwrap_or_default();
        match words.next() {
            Some(key) => format!("{name} {}", crate::redis::commands::shown(key)),
            None => name,
        }
    }
}

fn arguments(cmd: &Cmd) -> impl Iterator<Item = &[u8]> {
    cmd.args_iter().filter_map(|arg| match arg {
        Arg::Simple(word) => Some(word),
        _ => None,
    })
}

/// Which keys of a chunk may have been touched before it.
#[derive(Clone)]
pub(super) enum Again {
    /// Those that come more than once.
    Some(Arc<Repeats>),
    /// Each of them.
    All,
}

/// The keys that a chunk touches, so that what they hold is kept first.
#[derive(Default)]
pub(super) struct Touched {
    /// Keys that may have been touched before.
    pub(super) often: Words,
    /// Keys that come only here.
    pub(super) once: Words,
    known: HashSet<Box<[u8]>>,
}

impl Touched {
    fn add(&mut self, words: &Words, again: &Again) {
        words.with_slices(|words| {
            for key in written(words) {
                match again {
                    Again::Some(repeats) if !repeats.has(key) => self.once.push(key),
                    _ if self.known.contains(key) => {}
                    _ => {
                        self.known.insert(key.into());
                        self.often.push(key);
                    }
                }
            }
        });
    }
}

/// What goes to redis as one transaction.
#[derive(Default)]
pub(super) struct Chunk {
    pub(super) packed: Vec<Packed>,
    /// Keys whose values are kept; none where nothing is kept.
    pub(super) touched: Touched,
    /// What was read of the file by its end: commands, and what was left out.
    pub(super) items: u64,
    /// Bytes of the file that were read by its end.
    pub(super) read: u64,
    /// Bytes of its words.
    pub(super) bytes: usize,
    commands: u64,
}

impl Chunk {
    fn full(&self) -> bool {
        self.commands >= COMMANDS || self.bytes >= BYTES
    }

    fn add(&mut self, command: &Command, again: Option<&Again>) {
        let words = command.words();
        if let Some(again) = again {
            self.touched.add(words, again);
        }
        self.bytes += words.size() + 16 * words.len();
        self.commands += 1;
        if let Some((key, value)) = plain_set(words) {
            if let Some(Packed::Sets(cmd, places)) = self.packed.last_mut()
                && places.len() < PAIRS
            {
                cmd.arg(key).arg(value);
                places.push(command.place());
                return;
            }
            let mut cmd = redis::cmd("MSET");
            cmd.arg(key).arg(value);
            self.packed.push(Packed::Sets(cmd, vec![command.place()]));
            return;
        }
        let mut cmd = Cmd::with_capacity(words.len(), words.size());
        for word in words.iter() {
            cmd.arg(word);
        }
        self.packed.push(Packed::One(cmd, command.place()));
    }
}

/// Key and value of a `SET` without options: exactly what `MSET` does.
fn plain_set(words: &Words) -> Option<(&[u8], &[u8])> {
    let is = words.len() == 3 && words.get(0)?.eq_ignore_ascii_case(b"SET");
    is.then_some(())?;
    Some((words.get(1)?, words.get(2)?))
}

/// How the reading ended.
pub(super) enum End {
    /// The file is the one that was checked.
    Same,
    /// It is another one by now.
    Changed,
    /// The writer gave up, and says why.
    Unwanted,
}

/// Reads the file once more, into chunks, without its first `done` items; one chunk at most is waiting, so memory stays
/// bounded. `again`: which keys come with it, where what they hold is kept.
pub(super) fn pack(
    mut input: Opened,
    checked: &Checked,
    done: u64,
    again: Option<&Again>,
    chunks: &mpsc::Sender<Chunk>,
) -> Result<End> {
    let name = input.name.clone();
    let mut commands = input.commands()?;
    let mut command = Command::default();
    let (mut chunk, mut bad) = (Chunk::default(), 0);
    loop {
        let next = commands.next(&mut command).with_context(|| format!("could not read {name}"))?;
        let ended = next.is_none();
        match next {
            Some(Ok(())) if commands.items() > done => chunk.add(&command, again),
            Some(Ok(())) | None => {}
            Some(Err(fault)) => {
                bad += 1;
                // It passed before: a fault means that the file is another one now. Nothing unchecked is sent.
                if bad > checked.bad || fault.last {
                    return Ok(End::Changed);
                }
            }
        }
        if chunk.full() || (ended && chunk.commands > 0) {
            let ready =
                Chunk { items: commands.items(), read: commands.bytes(), ..std::mem::take(&mut chunk) };
            if chunks.blocking_send(ready).is_err() {
                return Ok(End::Unwanted);
            }
        }
        if ended {
            break;
        }
    }
    Ok(if commands.sha256() == checked.sha256 { End::Same } else { End::Changed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::reader::{Reading, Source, check};

    #[test]
    fn plain_sets_in_a_row_become_one_command_and_nothing_else_does() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data.txt");
        let text = "SET a 1\nset b 2\nSET c 3 EX 9\nSET d 4\nGET d\nSET e 5\nINCR a\nSET f 6\n";
        std::fs::write(&path, text).unwrap();
        let source = Source::File(path);
        let checked = check(&source, &Reading::default()).unwrap();
        let packed = |done: u64| {
            let (sender, mut chunks) = mpsc::channel(2);
            let input = source.open(&Reading::default()).unwrap();
            assert!(matches!(pack(input, &checked, done, None, &sender).unwrap(), End::Same));
            let chunk = chunks.try_recv().unwrap();
            assert_eq!((chunk.items, chunk.read), (8, text.len() as u64));
            chunk.packed
        };
        let said = |all: &[Packed]| {
            let words = |p: &Packed| {
                arguments(p.cmd())
                    .map(|w| String::from_utf8_lossy(w).into_owned())
                    .collect::<Vec<_>>()
                    .join(" ")
            };
            all.iter().map(words).collect::<Vec<_>>()
        };
        let expected = ["MSET a 1 b 2", "SET c 3 EX 9", "MSET d 4 e 5", "INCR a", "MSET f 6"];
        assert_eq!(said(&packed(0)), expected);
        assert_eq!(said(&packed(4)), ["MSET e 5", "INCR a", "MSET f 6"]);
        let apart: Vec<_> = packed(0).into_iter().flat_map(Packed::apart).collect();
        assert_eq!(said(&apart)[..2], ["SET a 1", "SET b 2"]);
        assert_eq!(apart[5].place(), Place::line(7));
    }
}
