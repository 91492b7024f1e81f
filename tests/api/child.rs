//! The engine in a process of its own, so that it can die: this test binary, run again.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use opsctl::engine::{self, Reach};
use serde::{Deserialize, Serialize};
use tokio::process::{Child, Command};

use crate::rescue::{self, Deed};
use crate::world::World;

const ORDER: &str = "OPSCTL_TEST_CHILD";

/// What the child does.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Act {
    /// Puts this version up.
    Up(u32),
    /// Takes the part down.
    Down,
    /// Undoes the newest run.
    Undo,
    /// Does this to a redis.
    Redis(Deed),
    /// Takes the lock and keeps it.
    Hold,
}

#[derive(Serialize, Deserialize)]
struct Order {
    act: Act,
    ns: String,
    port: u16,
    state: PathBuf,
    kubeconfig: PathBuf,
}

fn command(w: &World, act: Act, kill_at: Option<u64>) -> Command {
    let order = Order {
        act,
        ns: w.ns.clone(),
        port: w.port,
        state: w.state.clone(),
        kubeconfig: w.kubeconfig().to_owned(),
    };
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "child::entry", "--ignored", "--nocapture", "--test-threads=1"])
        .env(ORDER, serde_json::to_string(&order).unwrap())
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(n) = kill_at {
        command.env("OPSCTL_TEST_KILL_AT", n.to_string());
    }
    command
}

/// Runs the engine in a child that dies after `kill_at` journal records; how it ended, and its words.
pub async fn run(w: &World, act: Act, kill_at: Option<u64>) -> (ExitStatus, String) {
    let output = command(w, act, kill_at).output().await.unwrap();
    let words = [output.stdout, output.stderr].concat();
    (output.status, String::from_utf8_lossy(&words).into_owned())
}

/// The same with the tools of a folder before all others.
pub async fn run_with(w: &World, act: Act, kill_at: Option<u64>, tools: &Path) -> (ExitStatus, String) {
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    let output = command(w, act, kill_at).env("PATH", path).output().await.unwrap();
    let words = [output.stdout, output.stderr].concat();
    (output.status, String::from_utf8_lossy(&words).into_owned())
}

/// The same, telling its process as soon as that is there.
pub async fn run_told(w: &World, act: Act, tools: &Path, told: impl FnOnce(u32)) -> (ExitStatus, String) {
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    let child = command(w, act, None).env("PATH", path).spawn().unwrap();
    told(child.id().unwrap());
    let output = child.wait_with_output().await.unwrap();
    let words = [output.stdout, output.stderr].concat();
    (output.status, String::from_utf8_lossy(&words).into_owned())
}

/// A child that holds the lock by the time this returns.
pub async fn holder(w: &World) -> Child {
    use tokio::io::{AsyncBufReadExt as _, BufReader};
    let mut child = command(w, Act::Hold, None).stdin(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.contains("holds the lock") {
            return child;
        }
    }
    panic!("the child ended without the lock");
}

#[tokio::test]
#[ignore = "what `run` and `holder` start, no rule of its own"]
async fn entry() {
    let order: Order = serde_json::from_str(&std::env::var(ORDER).unwrap()).unwrap();
    let w = World::joined(&order.ns, order.port, &order.state, &order.kubeconfig);
    match order.act {
        Act::Up(version) => drop(w.up(version).await.unwrap()),
        Act::Down => drop(w.down().await.unwrap()),
        Act::Undo => drop(w.undo().await.unwrap()),
        Act::Redis(deed) => rescue::act(&w, deed).await,
        Act::Hold => {
            let cx = w.cx();
            let held = engine::reverse(&cx, &Reach::LastRun, &[]).await.unwrap();
            println!("holds the lock");
            std::io::read_to_string(std::io::stdin()).unwrap();
            drop(held);
        }
    }
}
