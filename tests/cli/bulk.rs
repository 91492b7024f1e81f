//! Large imports through the program itself, into redis-servers of this machine. With `OPSCTL_SOAK=1` in full, and
//! their figures go where `OPSCTL_FIGURES` says; else small ones. `OPSCTL` names another build to be measured.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::redis_server::RedisServer;
use crate::sandbox::{Ran, Sandbox};

/// The full one in a soak, else the small one.
fn either<T>(full: T, small: T) -> T {
    if std::env::var_os("OPSCTL_SOAK").is_some() { full } else { small }
}

/// Appends a figure of a soak.
fn figure(what: &str, figure: &str) {
    let append = || {
        let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/bench/figure"));
        assert!(command.args(["soak", what, figure]).status().unwrap().success());
    };
    either::<&dyn Fn()>(&append, &|| {})();
}

/// How opsctl ran.
struct Watched {
    took: Duration,
    /// The most memory that it had, in KiB; none where the system does not tell.
    most: Option<u64>,
}

impl Watched {
    fn told(&self) -> String {
        let mib = self.most.map_or_else(String::new, |kib| format!(", {:.1} MiB", to_f64(kib) / 1024.0));
        format!("{:.1} s{mib}", self.took.as_secs_f64())
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures are told in a few digits")]
fn to_f64(n: u64) -> f64 {
    n as f64
}

/// Runs opsctl to its good end, and watches its memory.
fn watched(sandbox: &Sandbox, args: &[&str], stdin: Option<&Path>) -> Watched {
    let program = std::env::var_os("OPSCTL").unwrap_or_else(|| env!("CARGO_BIN_EXE_opsctl").into());
    let input = stdin.map_or_else(Stdio::null, |path| File::open(path).unwrap().into());
    let began = Instant::now();
    let mut command = sandbox.command(program);
    let child =
        command.args(args).stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    // The system keeps the most of it, until the process has ended.
    let watch = std::thread::spawn(move || {
        let mut most = None;
        while let Ok(text) = std::fs::read_to_string(&status) {
            let Some(line) = text.lines().find_map(|l| l.strip_prefix("VmHWM:")) else { break };
            most = line.trim().strip_suffix(" kB").and_then(|kib| kib.trim().parse().ok()).or(most);
            std::thread::sleep(Duration::from_millis(5));
        }
        most
    });
    let output = child.wait_with_output().unwrap();
    let took = began.elapsed();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let ran = Ran { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) };
    let _ = ran.ends(0);
    Watched { took, most: watch.join().unwrap() }
}

fn digest(sandbox: &Sandbox, server: &RedisServer) -> String {
    sandbox.opsctl(&["redis", "digest", &server.addr()]).ends(0).stdout
}

/// Writes lines to a file of the sandbox's home until it has so many commands.
fn written(sandbox: &Sandbox, name: &str, count: u64, mut line: impl FnMut(&mut String, u64)) -> String {
    let path = sandbox.home().join(name);
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&path).unwrap());
    let mut text = String::new();
    for n in 0..count {
        text.clear();
        line(&mut text, n);
        file.write_all(text.as_bytes()).unwrap();
    }
    file.flush().unwrap();
    path.display().to_string()
}

#[test]
fn many_keys_that_are_imported_cleaned_and_undone_are_what_they_were() {
    let count = either(10_000_000, 30_000);
    let server = RedisServer::start(&[]);
    let sandbox = Sandbox::new().with_redis(&server, None);
    // The judge of so many is redis itself.
    let digest = || server.cli(b"DEBUG DIGEST\n");
    let empty = digest();
    let file = written(&sandbox, "keys.txt", count, |text, n| {
        writeln!(text, "SET key:{n:08} value-{}", n.wrapping_mul(7919)).unwrap();
    });
    let mut told = Vec::new();
    let mut run = |what: &str, args: &[&str]| {
        let ran = watched(&sandbox, &[args, &["--yes"]].concat(), None);
        told.push(format!("{what} {}", ran.told()));
        digest()
    };
    let whole = run("imported in", &["redis", "import", &file]);
    assert_ne!(whole, empty);
    assert_eq!(server.ask::<u64>(&["DBSIZE"]), count + 1, "the keys and the record");
    assert_eq!(run("cleaned in", &["redis", "clean"]), empty);
    assert_eq!(run("the clean undone in", &["undo"]), whole);
    assert_eq!(run("the import undone in", &["undo"]), empty);
    assert_eq!(server.ask::<u64>(&["DBSIZE"]), 0);
    figure(
        &format!("{count} keys on a redis of this machine"),
        &format!("{}; digests equal", told.join("; ")),
    );
}

/// What opsctl may take, in KiB.
const MOST: u64 = 32 * 1024;
/// What of it an import of any size may take more than that of a line: the rest is the program itself, which is larger
/// where the compiler was to be quick.
const MORE: u64 = 12 * 1024;

#[test]
fn commands_over_the_same_keys_take_little_memory_from_a_file_gzip_and_standard_input() {
    let bytes = either(1_000_000_000, 20_000_000);
    let server = RedisServer::start(&["--maxmemory", "512mb", "--maxmemory-policy", "noeviction"]);
    let sandbox = Sandbox::new().with_redis(&server, None);
    let value = "v".repeat(76);
    // A hundred bytes each.
    let file = written(&sandbox, "commands.txt", bytes / 100, |text, n| {
        writeln!(text, "SET key:{:06} {n:08}{value}", n % 200_000).unwrap();
    });
    assert_eq!(std::fs::metadata(&file).unwrap().len(), bytes);
    let packed = sandbox.home().join("commands.txt.gz");
    let gzip = Command::new("gzip").args(["-1", "-c", &file]).stdout(File::create(&packed).unwrap()).status();
    assert!(gzip.unwrap().success());
    let packed = packed.display().to_string();
    let line = written(&sandbox, "line.txt", 1, |text, _| text.push_str("SET key 1\n"));
    let little = watched(&sandbox, &["redis", "import", &line], None).most;
    let most = little.map(|little| either(MOST, little + MORE));
    let mut told = Vec::new();
    let mut digests = Vec::new();
    for (what, args, stdin) in [
        ("a file", ["redis", "import", &file, "--again"], None),
        ("gzip", ["redis", "import", &packed, "--again"], None),
        ("standard input", ["redis", "import", "-", "--again"], Some(Path::new(&file))),
    ] {
        // Each begins with nothing: there is no snapshot to be saved.
        server.ask::<()>(&["FLUSHALL"]);
        let ran = watched(&sandbox, &args, stdin);
        told.push(format!("from {what} in {}", ran.told()));
        digests.push(digest(&sandbox, &server));
        assert!(ran.most <= most, "{what}: {}, a line takes {little:?} KiB", ran.told());
    }
    assert!(digests.windows(2).all(|two| two[0] == two[1]), "{digests:?}");
    let what = format!("{} MB of commands over 200000 keys, the most memory", bytes / 1_000_000);
    figure(&what, &told.join("; "));
}

/// The middle of an odd or even number of times.
fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    f64::midpoint(times[(times.len() - 1) / 2], times[times.len() / 2])
}

#[test]
fn an_import_and_a_pipe_of_redis_cli_bring_the_same_each_in_its_time() {
    let (count, rounds) = (either(1_000_000, 20_000), either(10, 2));
    let master = RedisServer::start(&[]);
    let replica = master.replica(&[]);
    let sandbox = Sandbox::new().with_redis(&master, Some(&replica));
    let key = |n: u64| format!("key:{n:07}");
    let value = |n: u64| format!("value-{n:012}-{:020}", n.wrapping_mul(7919));
    let lines = written(&sandbox, "sets.txt", count, |text, n| {
        writeln!(text, "SET {} {}", key(n), value(n)).unwrap();
    });
    let resp = written(&sandbox, "sets.resp", count, |text, n| {
        let (key, value) = (key(n), value(n));
        write!(text, "*3\r\n$3\r\nSET\r\n${}\r\n{key}\r\n${}\r\n{value}\r\n", key.len(), value.len())
            .unwrap();
    });
    let ours = |file: &str| watched(&sandbox, &["redis", "import", file, "--again"], None).took;
    let theirs = |file: &str| {
        let began = Instant::now();
        let mut cli = Command::new("redis-cli");
        cli.args(["-p", &master.port().to_string(), "--pipe"]).stdin(File::open(file).unwrap());
        assert!(cli.output().unwrap().status.success());
        began.elapsed()
    };
    let settle = |empty: bool| {
        if empty {
            master.ask::<()>(&["FLUSHALL"]);
        }
        assert_eq!(master.ask::<u64>(&["WAIT", "1", "60000"]), 1);
    };
    for (what, file, empty) in
        [("lines", &lines, true), ("RESP", &resp, true), ("lines over the same keys", &lines, false)]
    {
        let (mut us, mut them, mut digests) = (Vec::new(), Vec::new(), Vec::new());
        let mut one = |is_us: bool| {
            settle(empty);
            let took = if is_us { ours(file) } else { theirs(file) };
            if is_us { &mut us } else { &mut them }.push(took.as_secs_f64());
            // The record of imports is ours alone.
            master.ask::<()>(&["DEL", "opsctl:imports"]);
            digests.push(master.cli(b"DEBUG DIGEST\n"));
        };
        for round in 0..rounds {
            // Each side is first every other time.
            [round % 2 == 0, round % 2 != 0].into_iter().for_each(&mut one);
        }
        assert!(digests.windows(2).all(|two| two[0] == two[1]), "{digests:?}");
        let (us, them) = (median(us), median(them));
        let told =
            format!("{us:.2} s against {them:.2} s: ratio {:.2}, {rounds} rounds, digests equal", us / them);
        figure(&format!("import of {count} SETs against redis-cli --pipe on this machine, {what}"), &told);
    }
}
