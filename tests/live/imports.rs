//! Imports that are cut short in every way, and go on.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use redis::Connection;

use crate::rig::{MASTER_PORT, Rig, ask, ended, on_node, run, secs};

/// Rounds of the file: each has two commands that tell when they were carried out twice, and some a third. They take
/// seconds, so that a connection can be cut meanwhile; in the soak long enough for a pod to go.
fn rounds(rig: &Rig) -> usize {
    if rig.soak { 1_000_000 } else { 300_000 }
}

/// What cuts it short.
#[derive(Clone, Copy, Debug)]
enum Cut {
    /// opsctl, killed.
    Killed,
    /// Its connection, closed by redis.
    Closed,
    /// Its connection, reset on the way.
    Reset,
    /// The master, deleted.
    Master,
}

const ALL: [Cut; 4] = [Cut::Killed, Cut::Closed, Cut::Reset, Cut::Master];

fn text(rounds: usize) -> String {
    (0..rounds).fold(String::new(), |mut text, n| {
        let _ = writeln!(text, "INCR total\nRPUSH list:{} {n}", n % 50);
        if n % 10 == 0 {
            let _ = writeln!(text, "SET value:{n} \"number {n}\"");
        }
        text
    })
}

fn digest(rig: &Rig) -> String {
    rig.opsctl(&["redis", "digest"]).ok().out
}

/// How often `INCR` was carried out.
fn total(link: &mut Connection) -> usize {
    ask::<Option<usize>>(link, "GET total").unwrap_or(0)
}

/// Cuts an import short once so many rounds are in the redis. How many there were when it had ended.
fn cut(rig: &Rig, file: &str, cut: Cut, rounds: usize) -> usize {
    let mut link = rig.redis(MASTER_PORT);
    let began = Instant::now();
    let mut opsctl = rig.command(&["redis", "import", file]);
    let opsctl = opsctl.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped());
    let mut opsctl = opsctl.stderr(std::process::Stdio::piped()).spawn().expect("opsctl");
    while total(&mut link) < rounds {
        assert!(began.elapsed() < Duration::from_mins(1), "{cut:?}: not yet {rounds} rounds");
        assert!(opsctl.try_wait().expect("a child").is_none(), "{cut:?}: it has ended before");
    }
    let node = &rig.nodes()[0];
    let reset = |how: &str| {
        let rule = ["-p", "tcp", "--dport", "6379", "-j", "REJECT", "--reject-with", "tcp-reset"];
        on_node(node, &[&["iptables", how, "FORWARD"], &rule[..]].concat()).ok();
    };
    match cut {
        Cut::Killed => opsctl.kill().expect("it runs"),
        Cut::Closed => ask::<()>(&mut link, "CLIENT KILL TYPE normal SKIPME yes"),
        Cut::Reset => reset("-I"),
        Cut::Master => {
            let pod = rig.pod("master");
            rig.kubectl(&["-n", "redis", "delete", "pod", &pod, "--wait=false", "--grace-period=1"]).ok();
        }
    }
    let output = opsctl.wait_with_output().expect("it ends");
    if matches!(cut, Cut::Reset) {
        reset("-D");
    }
    let ran = ended("opsctl redis import", &output, began.elapsed());
    match cut {
        Cut::Killed => assert_eq!(ran.code, None),
        _ => drop(ran.code(6).says(&["was cut off", "commands were answered", "to go on from there"])),
    }
    rig.redis_is_well();
    total(&mut rig.redis(MASTER_PORT))
}

pub fn an_import_that_is_cut_short_goes_on_exactly_there(rig: &Rig, facts: &mut Vec<String>) {
    rig.redis_stands();
    rig.opsctl(&["redis", "clean", "--yes"]).ok();
    let mut link = rig.redis(MASTER_PORT);
    // Some of its keys are there before.
    for line in ["SET value:70 mine", "RPUSH list:3 mine", "SET other mine"] {
        let () = ask(&mut link, line);
    }
    let before = digest(rig);
    let file = rig.root.join("cut.txt");
    let all = rounds(rig);
    std::fs::write(&file, text(all)).expect("a file");
    let file = file.display().to_string();
    rig.opsctl(&["redis", "import", &file]).ok();
    let whole = digest(rig);
    assert_ne!(whole, before);
    rig.opsctl(&["undo", "--yes"]).ok();
    assert_eq!(digest(rig), before);

    let cuts = if rig.soak { &ALL.repeat(5)[..] } else { &ALL[..3] };
    let mut seed =
        run(std::process::Command::new("date").arg("+%s%N")).ok().out.trim().parse().unwrap_or(7_u64);
    let mut came = Vec::new();
    for how in cuts.iter().copied() {
        // Somewhere in the first half.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from(seed >> 33).unwrap_or(0) % (all / 2);
        let left = cut(rig, &file, how, at + 1);
        assert!(left < all, "{how:?}: it was over");
        let began = Instant::now();
        rig.opsctl(&["redis", "import", &file]).ok();
        let took = began.elapsed();
        assert_eq!(total(&mut rig.redis(MASTER_PORT)), all, "{how:?} at {left}");
        assert_eq!(digest(rig), whole, "{how:?} at {left}");
        rig.opsctl(&["undo", "--yes"]).ok();
        assert_eq!(digest(rig), before, "{how:?} at {left}, undone");
        came.push(format!("{how:?} at {left} of {all}, resumed in {}", secs(took)));
    }
    facts.push(came.join("; "));
    rig.opsctl(&["redis", "clean", "--yes"]).ok();
}
