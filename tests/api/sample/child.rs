//! The command line with the sample among its stacks, in a process of its own: this test binary, run again.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitCode, Stdio};

use tokio::process::Command;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::world::{World, stack_of};

const WORLD: &str = "OPSCTL_TEST_SAMPLE";
const WORDS: &str = "OPSCTL_TEST_WORDS";
/// What the test harness prints comes before it.
const BEGIN: &str = "the command begins\n";

/// Those that work rather than wait take turns: an API server that is overrun is slow for all.
static TURNS: Semaphore = Semaphore::const_new(5);

/// How a command ended.
#[derive(Debug)]
#[must_use = "a run whose end nobody looks at proves nothing"]
pub struct Ran {
    /// The exit code; none where it was killed.
    pub code: Option<i32>,
    /// Its data.
    pub stdout: String,
    /// Its talk.
    pub stderr: String,
}

impl Ran {
    /// Fails, with all that it said, unless it ended so.
    #[track_caller]
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Fails unless its talk has these words.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(self.stderr.contains(words), "not said: {words}\n{}", self.stderr);
        self
    }
}

impl World {
    /// Runs `opsctl` with these words.
    pub async fn opsctl(&self, words: &str) -> Ran {
        self.run(words, None).await
    }

    /// Runs `opsctl` with these words until its journal has that many records, or until it ends before.
    pub async fn killed(&self, words: &str, records: u16) -> Ran {
        self.run(words, Some(records)).await
    }

    /// Leave to keep the API server busy.
    pub async fn turn() -> SemaphorePermit<'static> {
        TURNS.acquire().await.unwrap()
    }

    async fn run(&self, words: &str, kill_at: Option<u16>) -> Ran {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "sample::child::entry", "--ignored", "--nocapture", "--test-threads=1"])
            .env_clear()
            .envs(self.variables())
            .env("PATH", "")
            .env("LANG", "C.UTF-8")
            .env("RUST_BACKTRACE", "0")
            .env(WORLD, self.name())
            .env(WORDS, words)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(records) = kill_at {
            command.env("OPSCTL_TEST_KILL_AT", records.to_string());
        }
        let turn = if words.ends_with("up") { Some(World::turn().await) } else { None };
        let output = command.output().await.unwrap();
        drop(turn);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        let (_, stdout) =
            stdout.split_once(BEGIN).unwrap_or_else(|| panic!("it never began: {stdout}{stderr}"));
        assert!(output.status.code().is_some() || output.status.signal().is_some(), "{:?}", output.status);
        Ran { code: output.status.code(), stdout: stdout.into(), stderr }
    }
}

#[test]
#[ignore = "what `World::run` starts, no rule of its own"]
fn entry() {
    let stacks = [stack_of(&std::env::var(WORLD).unwrap())];
    let words = std::env::var(WORDS).unwrap();
    let typed = ["opsctl", "--context", "api"].into_iter().chain(words.split(' ')).map(OsString::from);
    print!("{BEGIN}");
    let code = opsctl::cli::start(&stacks, typed);
    let number = (0..=u8::MAX).find(|number| ExitCode::from(*number) == code).unwrap();
    std::process::exit(number.into());
}
