//! Files of every form, most of them broken: sound ones with seeded changes. Whatever they claim, reading them ends, panics
//! nowhere, takes no more memory than they have bytes, and names a place that is there.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use super::*;
use crate::redis::testing::RedisServer;

/// A series of numbers that a seed decides.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n.max(1) as u64).unwrap()
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

/// Pieces that mean something in one of the forms.
const TELLING: [&[u8]; 24] = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b"\"",
    b"'",
    b"\\",
    b",",
    b"{",
    b"}",
    b"\\ud800",
    b"*",
    b"$",
    b"*1048576\r\n",
    b"$536870912\r\n",
    b"99999999999999999999",
    b"-1",
    b"\x81\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x80\x7f\xff\xff\xff",
    b"\xc3\x40\x01\x80\x10\x00\x00\x00",
    b"\xfe\x00",
    b"\xff",
    b"\xfb\x00\x00",
    b"\xef\xbb\xbf",
];

/// A few changes, each at a place of its own.
fn changed(sound: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + dice.below(40)).min(bytes.len());
        match dice.below(8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let again = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, again));
            }
            3 => {
                let piece = TELLING[dice.below(TELLING.len())];
                drop(bytes.splice(at..at, piece.iter().copied()));
            }
            4 => {
                let piece = TELLING[dice.below(TELLING.len())];
                let end = (at + piece.len()).min(bytes.len());
                drop(bytes.splice(at..end, piece.iter().copied()));
            }
            5 => bytes[at..end].fill(dice.byte()),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
        }
    }
    bytes
}

/// Sound files of each form, with whether they are read with a key.
fn sound() -> Vec<(&'static str, Vec<u8>, bool)> {
    let lines: Vec<u8> = SAMPLE.split_inclusive(|b| *b == b'\n').step_by(9).flatten().copied().collect();
    let mut resp = Vec::new();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lines.txt");
    std::fs::write(&path, &lines).unwrap();
    let mut opened = Source::File(path).open(&Reading::default()).unwrap();
    let (mut commands, mut command) = (opened.commands().unwrap(), Command::default());
    while let Some(next) = commands.next(&mut command).unwrap() {
        next.unwrap();
        resp.extend_from_slice(format!("*{}\r\n", command.words().len()).as_bytes());
        for word in command.words().iter() {
            resp.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            resp.extend_from_slice(word);
            resp.extend_from_slice(b"\r\n");
        }
    }
    let table = (0..60).fold(b"id,name,note\n".to_vec(), |mut all, n| {
        let _ = writeln!(all, "{n},\"Zo\u{eb} \"\"{n}\"\"\",\"two\nlines; and more\"");
        all
    });
    let records = (0..60).fold(Vec::new(), |mut all, n| {
        let _ = writeln!(all, r#"{{"id": {n}, "name": "Zo\u00eb", "tags": [1, {{"a": null}}], "no": null}}"#);
        all
    });
    let gzip = |bytes: &[u8]| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    };
    let mut all = vec![
        ("gzip", gzip(&resp), false),
        ("zstd", zstd::encode_all(&lines[..], 3).unwrap(), false),
        ("lines", lines, false),
        ("RESP", resp, false),
        ("CSV", table, true),
        ("JSON Lines", records, true),
    ];
    all.extend(dumps().into_iter().map(|dump| ("RDB", dump, false)));
    all
}

/// Dumps of a redis with values of every type: packed as redis likes best, and as it packs large ones.
fn dumps() -> Vec<Vec<u8>> {
    let packed: &[&str] = &[];
    let apart = &[
        "--hash-max-listpack-entries",
        "0",
        "--set-max-intset-entries",
        "0",
        "--zset-max-listpack-entries",
        "0",
        "--list-max-listpack-size",
        "1",
    ];
    let of = |options: &[&str]| {
        let server = RedisServer::start(options);
        server
            .cli(&SAMPLE.split_inclusive(|b| *b == b'\n').step_by(7).flatten().copied().collect::<Vec<_>>());
        server.cli(
            b"XADD s 1-1 f v\nXGROUP CREATE s g 0\nXREADGROUP GROUP g c STREAMS s >\nSET e 1 EX 10000000\n\
              SADD n 1 2 3\nSADD w a b\nZADD z 1.5 a 2 b\nHSET h f v g w\nRPUSH l a b c\n\
              FUNCTION LOAD \"#!lua name=l\\nredis.register_function('f', function() end)\"\n",
        );
        let file = server.dir().join("dump-of-it.rdb");
        let mut cli = Process::new("redis-cli");
        let saved = cli.args(["-p", &server.port().to_string(), "--rdb"]).arg(&file).output().unwrap();
        assert!(saved.status.success(), "{saved:?}");
        std::fs::read(&file).unwrap()
    };
    let sound: Vec<_> = [packed, apart].into_iter().map(of).collect();
    // Without a checksum a change is not found by that.
    let unsummed = sound.iter().map(|dump| [&dump[..dump.len() - 8], &[0; 8]].concat());
    unsummed.chain(sound.iter().cloned()).collect()
}

/// Reads a file in a way of its own, and judges how that ended.
fn read(path: &Path, form: &str, bytes: &[u8], keyed: bool, dice: &mut Dice) {
    let kind = if dice.below(2) == 0 { Kind::Hash } else { Kind::String };
    let key = keyed.then(|| "u:{id}".parse().unwrap());
    let reading = Reading { key, kind, skip_bad: dice.next() % 3 };
    std::fs::write(path, bytes).unwrap();
    let source = Source::File(path.to_owned());
    let lines = memchr::memchr_iter(b'\n', bytes).count() as u64 + 1;
    let packed = matches!(bytes, [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..]);
    let mut places = Vec::new();
    let checked = check_and_reject(&source, &reading, &mut |fault, _| {
        places.push(fault.place);
        Ok(())
    });
    match checked {
        Ok(checked) => assert_eq!(checked.bytes, bytes.len() as u64, "{form}: not read to its end"),
        Err(error) => {
            let problem = error.downcast_ref::<crate::error::Problem>();
            assert!(problem.is_some(), "{form}: {error:#}");
        }
    }
    for place in places.iter().filter(|_| !packed) {
        match *place {
            Place::Line { line, .. } => {
                assert!((1..=lines).contains(&line), "{form}: line {line} of {lines}");
            }
            Place::Record { byte, .. } => {
                assert!(byte <= bytes.len() as u64, "{form}: byte {byte}");
            }
        }
    }
}

/// The most memory that this process has had, in KiB; none where the system does not tell.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?.trim().strip_suffix(" kB")?.trim().parse().ok()
}

/// What one process may take more than at its beginning, in KiB: buffers, windows of zstd, and no claimed length.
const MOST: u64 = 48 * 1024;

const CHILD: &str = "OPSCTL_GENERATED_CHILD";

/// `OPSCTL_GENERATED_SECONDS` says for how long, `OPSCTL_SEED` from where; 4 s from a fixed one without. In a process of
/// its own, whose memory is that of the reading alone.
#[test]
fn generated_files_of_every_form_end_well_whatever_they_claim() {
    let number = |name: &str| std::env::var(name).ok().map(|n| n.parse::<u64>().expect("a number"));
    let seconds = number("OPSCTL_GENERATED_SECONDS").unwrap_or(4);
    if std::env::var_os(CHILD).is_some() {
        return generate(number("OPSCTL_SEED").unwrap_or(1), Duration::from_secs(seconds));
    }
    let me = std::thread::current().name().expect("the test's name").to_owned();
    let child = Process::new(std::env::current_exe().unwrap())
        .args(["--exact", &me, "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{said}\n{}", String::from_utf8_lossy(&child.stderr));
    assert!(said.contains("files read"), "{said}");
}

fn generate(seed: u64, limit: Duration) {
    let sound = sound();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data");
    // What is sound is read first, so that its memory is not counted.
    for (form, bytes, keyed) in &sound {
        let key = keyed.then(|| "u:{id}".parse().unwrap());
        std::fs::write(&path, bytes).unwrap();
        let checked = check(&Source::File(path.clone()), &Reading { key, ..Reading::default() });
        assert!(checked.is_ok(), "{form}: {:#}", checked.unwrap_err());
    }
    let before = most_memory();
    let (began, mut n) = (Instant::now(), 0_u64);
    while began.elapsed() < limit {
        for (form, bytes, keyed) in &sound {
            // Each file has a seed of its own, by which it comes again.
            let mut dice = Dice(seed.wrapping_mul(0x1_0000_0001).wrapping_add(n));
            n += 1;
            let bytes = changed(bytes, &mut dice);
            // Which file it was, should it panic.
            let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                read(&path, form, &bytes, *keyed, &mut dice);
            }));
            assert!(told.is_ok(), "{form}, seed {seed}, file {n}: {}", bytes.escape_ascii());
        }
    }
    if let (Some(before), Some(after)) = (before, most_memory()) {
        assert!(after - before <= MOST, "{n} files: {before} KiB became {after} KiB");
        #[expect(clippy::print_stdout, reason = "its parent reads it")]
        {
            println!("{n} files read, {before} KiB became {after} KiB");
        }
    }
}
