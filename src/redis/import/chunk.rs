//! Commands packed for one transaction, and where they came from.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};
use redis::{Arg, Cmd};
use tokio::sync::mpsc;

use crate::redis::commands::written;
use crate::redis::reader::{Checked, Command, Opened, Place, Words};
use crate::redis::recent::Recent;

/// A chunk ends after so many commands …
const COMMANDS: u64 = 20_000;
/// … or so many bytes, whichever comes first. (A single command may be larger.)
const BYTES: usize = 1 << 18;
/// Pairs of one `MSET`.
const PAIRS: usize = 1000;
/// Keys that are remembered, so that what they hold is not asked for again and again.
const RECENT: usize = 1 << 15;

/// Where what goes to redis as one command stands in the file.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// A command of the file.
    One(Place),
    /// Plain `SET`s one behind the other.
    Sets(Vec<Place>),
}

impl Origin {
    /// Commands of the file in it.
    pub(super) fn count(&self) -> u64 {
        match self {
            Self::One(_) => 1,
            Self::Sets(places) => places.len() as u64,
        }
    }

    /// Where the first of them stands.
    pub(super) fn place(&self) -> Place {
        match self {
            Self::One(place) => *place,
            Self::Sets(places) => places.first().copied().unwrap_or_default(),
        }
    }

    /// Where the last of them stands.
    pub(super) fn last(&self) -> Place {
        match self {
            Self::One(place) => *place,
            Self::Sets(places) => places.last().copied().unwrap_or_default(),
        }
    }
}

/// What goes to redis as one command.
pub(super) struct Packed {
    pub(super) cmd: Cmd,
    pub(super) origin: Origin,
}

impl Packed {
    /// The commands of the file, each for itself.
    pub(super) fn apart(self) -> Vec<Self> {
        let places = match self.origin {
            Origin::One(_) => return vec![self],
            Origin::Sets(places) => places,
        };
        let set = |((key, value), place): ((&[u8], &[u8]), Place)| {
            let mut cmd = redis::cmd("SET");
            cmd.arg(key).arg(value);
            Self { cmd, origin: Origin::One(place) }
        };
        pairs(&self.cmd).zip(places).map(set).collect()
    }
}

/// As a message names a command: its name and its key.
pub(super) fn label(cmd: &Cmd) -> String {
    let mut words = arguments(cmd);
    let name = words.next().map(|w| String::from_utf8_lossy(w).to_ascii_uppercase()).unwrap_or_default();
    match words.next() {
        Some(key) => format!("{name} {}", crate::redis::commands::shown(key)),
        None => name,
    }
}

fn arguments(cmd: &Cmd) -> impl Iterator<Item = &[u8]> {
    cmd.args_iter().filter_map(|arg| match arg {
        Arg::Simple(word) => Some(word),
        _ => None,
    })
}

/// Keys and values of an `MSET` or `MSETNX`.
fn pairs(cmd: &Cmd) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut words = arguments(cmd).skip(1);
    std::iter::from_fn(move || Some((words.next()?, words.next()?)))
}

/// `SET`s of keys that are not there, as one `MSETNX`: it does nothing where one of them is.
pub(super) struct New {
    pub(super) cmd: Cmd,
    pub(super) places: Vec<Place>,
}

impl New {
    fn add(&mut self, (key, value): (&[u8], &[u8]), place: Place) {
        self.cmd.arg(key).arg(value);
        self.places.push(place);
    }
}

/// The same for keys of which some may be there, and these keys; of what is behind the last place nothing.
pub(super) fn over_others(cmd: &Cmd, places: Vec<Place>) -> (Vec<Packed>, Words) {
    let (mut packed, mut keys) = (Vec::new(), Words::default());
    for (pair, place) in pairs(cmd).zip(places) {
        keys.push(pair.0);
        add_set(&mut packed, pair, place);
    }
    (packed, keys)
}

impl Default for New {
    fn default() -> Self {
        Self { cmd: redis::cmd("MSETNX"), places: Vec::new() }
    }
}

/// Adds a `SET` to those at the end.
fn add_set(packed: &mut Vec<Packed>, (key, value): (&[u8], &[u8]), place: Place) {
    if let Some(Packed { cmd, origin: Origin::Sets(places) }) = packed.last_mut()
        && places.len() < PAIRS
    {
        cmd.arg(key).arg(value);
        places.push(place);
        return;
    }
    let mut cmd = redis::cmd("MSET");
    cmd.arg(key).arg(value);
    packed.push(Packed { cmd, origin: Origin::Sets(vec![place]) });
}

/// How what the keys of chunks hold is kept.
pub(super) struct Keep {
    /// Whether keys that are only set are likely not to be there.
    new: Arc<AtomicBool>,
    /// What was kept, or was not there.
    kept: Recent,
}

impl Keep {
    pub(super) fn new(new: &Arc<AtomicBool>) -> Self {
        Self { new: Arc::clone(new), kept: Recent::new(RECENT) }
    }
}

/// The commands of a chunk.
pub(super) enum Body {
    /// Nothing but `SET`s.
    New(New),
    /// Any, and the keys whose values are kept first; no keys where nothing is kept.
    Any(Vec<Packed>, Words),
}

impl Default for Body {
    fn default() -> Self {
        Self::Any(Vec::new(), Words::default())
    }
}

/// What goes to redis as one transaction.
#[derive(Default)]
pub(super) struct Chunk {
    pub(super) body: Body,
    /// What was read of the file before it: commands, and what was left out.
    pub(super) start: u64,
    /// The same at its end.
    pub(super) items: u64,
    /// Bytes of the file that were read by its end.
    pub(super) read: u64,
    /// Bytes of its words.
    pub(super) bytes: usize,
    /// Commands of the file.
    pub(super) commands: u64,
}

impl Chunk {
    fn full(&self) -> bool {
        self.commands >= COMMANDS || self.bytes >= BYTES
    }

    fn add(&mut self, command: &Command, keep: Option<&mut Keep>) {
        let (words, set) = (command.words(), plain_set(command.words()));
        if self.commands == 0 && set.is_some() && keep.as_ref().is_some_and(|k| k.new.load(Ordering::Relaxed))
        {
            self.body = Body::New(New::default());
        }
        self.bytes += words.size() + 16 * words.len();
        self.commands += 1;
        if let (Body::New(new), Some(set)) = (&mut self.body, set) {
            new.add(set, command.place());
            return;
        }
        let (mut packed, mut keys) = match std::mem::take(&mut self.body) {
            Body::New(new) => over_others(&new.cmd, new.places),
            Body::Any(packed, keys) => (packed, keys),
        };
        if let Some(keep) = keep {
            words.with_slices(|words| {
                written(words).filter(|key| !keep.kept.add(key)).for_each(|key| keys.push(key));
            });
        }
        if let Some(set) = set {
            add_set(&mut packed, set, command.place());
        } else {
            let mut cmd = Cmd::with_capacity(words.len(), words.size());
            for word in words.iter() {
                cmd.arg(word);
            }
            packed.push(Packed { cmd, origin: Origin::One(command.place()) });
        }
        self.body = Body::Any(packed, keys);
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
/// bounded. `keep`: the keys whose values are kept come with it.
pub(super) fn pack(
    mut input: Opened,
    checked: &Checked,
    done: u64,
    mut keep: Option<Keep>,
    chunks: &mpsc::Sender<Chunk>,
) -> Result<End> {
    let name = input.name.clone();
    let mut commands = input.commands()?;
    let mut command = Command::default();
    let (mut chunk, mut bad) = (Chunk { start: done, ..Chunk::default() }, 0);
    loop {
        let next = commands.next(&mut command).with_context(|| format!("could not read {name}"))?;
        let ended = next.is_none();
        match next {
            Some(Ok(())) if commands.items() > done => chunk.add(&command, keep.as_mut()),
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
            let after = Chunk { start: commands.items(), ..Chunk::default() };
            let ready = std::mem::replace(&mut chunk, after);
            let ready = Chunk { items: commands.items(), read: commands.bytes(), ..ready };
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

    fn said(cmd: &Cmd) -> String {
        arguments(cmd).map(|w| String::from_utf8_lossy(w).into_owned()).collect::<Vec<_>>().join(" ")
    }

    fn all(packed: &[Packed]) -> Vec<String> {
        packed.iter().map(|p| said(&p.cmd)).collect()
    }

    /// The only chunk of a file.
    fn chunk_of(text: &str, done: u64, keep: Option<Keep>) -> Chunk {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data.txt");
        std::fs::write(&path, text).unwrap();
        let source = Source::File(path);
        let checked = check(&source, &Reading::default()).unwrap();
        let (sender, mut chunks) = mpsc::channel(2);
        let input = source.open(&Reading::default()).unwrap();
        assert!(matches!(pack(input, &checked, done, keep, &sender).unwrap(), End::Same));
        chunks.try_recv().unwrap()
    }

    #[test]
    fn plain_sets_in_a_row_become_one_command_and_nothing_else_does() {
        let text = "SET a 1\nset b 2\nSET c 3 EX 9\nSET d 4\nGET d\nSET e 5\nINCR a\nSET f 6\n";
        let packed = |done: u64| {
            let chunk = chunk_of(text, done, None);
            assert_eq!((chunk.start, chunk.items, chunk.read), (done, 8, text.len() as u64));
            let Body::Any(packed, keys) = chunk.body else { panic!("nothing is kept") };
            assert!(keys.is_empty());
            packed
        };
        let expected = ["MSET a 1 b 2", "SET c 3 EX 9", "MSET d 4 e 5", "INCR a", "MSET f 6"];
        assert_eq!(all(&packed(0)), expected);
        assert_eq!(all(&packed(4)), ["MSET e 5", "INCR a", "MSET f 6"]);
        let apart: Vec<_> = packed(0).into_iter().flat_map(Packed::apart).collect();
        assert_eq!(all(&apart)[..2], ["SET a 1", "SET b 2"]);
        assert_eq!(apart[5].origin.place(), Place::line(7));
    }

    #[test]
    fn what_is_only_set_goes_as_new_and_the_keys_of_all_else_come_along_once() {
        let keep = |new| Some(Keep::new(&Arc::new(AtomicBool::new(new))));
        let Body::New(mut new) = chunk_of("SET a 1\nSET b 2\nSET a 3\n", 0, keep(true)).body else {
            panic!("only SETs")
        };
        assert_eq!(said(&new.cmd), "MSETNX a 1 b 2 a 3");
        new.cmd.arg("mark").arg("x");
        let (packed, keys) = over_others(&new.cmd, new.places);
        assert_eq!(all(&packed), ["MSET a 1 b 2 a 3"]);
        assert_eq!(keys.iter().collect::<Vec<_>>(), [b"a", b"b", b"a"]);
        for new in [true, false] {
            let text = "SET a 1\nSET b 2\nRPUSH c 1\nRPUSH c 2\nDEL b d\n";
            let Body::Any(packed, keys) = chunk_of(text, 0, keep(new)).body else { panic!("not only SETs") };
            assert_eq!(all(&packed), ["MSET a 1 b 2", "RPUSH c 1", "RPUSH c 2", "DEL b d"]);
            let mut keys: Vec<_> = keys.iter().collect();
            keys.dedup();
            keys.sort_unstable();
            keys.dedup();
            assert_eq!(keys, [b"a", b"b", b"c", b"d"], "{new}");
        }
    }
}
