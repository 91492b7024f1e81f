//! Runs tools: the status is always checked, the output always kept, one shape of error.

mod group;

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};

use crate::error::{opsctl, problem};
use group::Tool;
pub use group::end_all;

/// A command to run; nothing happens before one of the verbs below is awaited.
#[derive(Clone, Debug)]
pub struct Run {
    program: OsString,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    without: Vec<OsString>,
    dir: Option<OsString>,
    input: Option<Vec<u8>>,
    timeout: Option<Duration>,
}

/// What a tool said.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output, as text; bytes that are no UTF-8 are replaced.
    pub stdout: String,
    /// Standard error, likewise.
    pub stderr: String,
    /// The newest lines of both in the order in which they came, where they were watched.
    tail: VecDeque<String>,
}

/// Lines that are kept of a watched tool's output.
const TAIL: usize = 20;

impl Output {
    /// Whether the exit code is 0.
    pub fn ok(&self) -> bool {
        self.code == Some(0)
    }

    /// The last `n` lines that say something: of both streams where they were watched (a build tells its
    /// reason on stdout), else of stderr, else of stdout.
    pub fn last_words(&self, n: usize) -> String {
        if !self.tail.is_empty() {
            let last = self.tail.range(self.tail.len().saturating_sub(n)..);
            return last.cloned().collect::<Vec<_>>().join("\n");
        }
        let source = if self.stderr.trim().is_empty() { &self.stdout } else { &self.stderr };
        let lines: Vec<_> = source.lines().filter(|l| !l.trim().is_empty()).collect();
        lines[lines.len().saturating_sub(n)..].join("\n")
    }
}

impl Run {
    /// A command by name (looked up on PATH) or path.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            args: Vec::new(),
            env: Vec::new(),
            without: Vec::new(),
            dir: None,
            input: None,
            timeout: None,
        }
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(mut self, args: I) -> Self {
        self.args.extend(args.into_iter().map(|a| a.as_ref().to_owned()));
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.push((key.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Removes an inherited environment variable.
    #[must_use]
    pub fn without_env(mut self, key: impl AsRef<OsStr>) -> Self {
        self.without.push(key.as_ref().to_owned());
        self
    }

    /// Runs in this folder.
    #[must_use]
    pub fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.dir = Some(dir.as_ref().as_os_str().to_owned());
        self
    }

    /// Feeds these bytes to standard input, which is empty otherwise.
    #[must_use]
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = Some(bytes.into());
        self
    }

    /// Ends the tool when it takes longer. Without it there is no limit.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// The command as a person would type it.
    pub fn line(&self) -> String {
        let mut line = String::new();
        for (key, value) in &self.env {
            let _ = write!(line, "{}={} ", key.to_string_lossy(), quoted(&value.to_string_lossy()));
        }
        line.push_str(&quoted(&self.program.to_string_lossy()));
        for arg in &self.args {
            line.push(' ');
            line.push_str(&quoted(&arg.to_string_lossy()));
        }
        line
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args);
        for key in &self.without {
            command.env_remove(key);
        }
        for (key, value) in &self.env {
            command.env(key, value);
        }
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        command
    }

    fn spawn(&self, stdin: Stdio) -> Result<Tool> {
        Tool::spawn(self.command().stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()))
            .map_err(|e| not_started(&self.program, &e))
    }

    /// Runs to the end and returns whatever it said, whatever its status.
    pub async fn any(&self) -> Result<Output> {
        Ok(Output { tail: VecDeque::new(), ..self.each_line(|_| {}).await? })
    }

    /// Runs to the end; a status other than 0 is an error with the tool's last words.
    pub async fn ok(&self) -> Result<Output> {
        let output = self.any().await?;
        self.checked(output)
    }

    /// Runs to the end; its standard output without surrounding white space.
    pub async fn text(&self) -> Result<String> {
        Ok(self.ok().await?.stdout.trim().to_owned())
    }

    /// Like [`Run::ok`], and hands each line (of both streams) on as it comes.
    pub async fn watched(&self, on_line: impl FnMut(&str)) -> Result<Output> {
        let output = self.each_line(on_line).await?;
        self.checked(output)
    }

    /// Starts it in a session of its own, its output appended to `log`, and leaves it running.
    pub fn detached(&self, log: &Path) -> Result<u32> {
        let file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| format!("could not open {}", log.display()))?;
        // setsid(1) from util-linux: the daemon must outlive the terminal.
        let args = std::iter::once(&self.program).chain(&self.args).cloned().collect();
        let mut command = Self { program: "setsid".into(), args, ..self.clone() }.command();
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let child = command.spawn().map_err(|e| not_started(&self.program, &e))?;
        child.id().with_context(|| format!("{} ended at once", self.line()))
    }

    /// Takes this process's place in the terminal: all three streams inherited.
    pub async fn interactive(&self) -> Result<Option<i32>> {
        let status = self.command().status().await.map_err(|e| not_started(&self.program, &e))?;
        Ok(status.code())
    }

    /// Starts it, to be talked with line by line.
    pub fn talk(&self) -> Result<Talk> {
        let mut tool = self.spawn(Stdio::piped())?;
        let child = &mut tool.child;
        match (child.stdin.take(), child.stdout.take(), child.stderr.take()) {
            (Some(stdin), Some(out), Some(err)) => Ok(Talk {
                line: self.line(),
                tool,
                stdin,
                lines: BufReader::new(out).lines(),
                complaints: BufReader::new(err),
            }),
            _ => anyhow::bail!("{}: no pipes", self.line()),
        }
    }

    async fn each_line(&self, mut on_line: impl FnMut(&str)) -> Result<Output> {
        let stdin = if self.input.is_some() { Stdio::piped() } else { Stdio::null() };
        let mut tool = self.spawn(stdin)?;
        let child = &mut tool.child;
        let feed = child.stdin.take().zip(self.input.clone());
        let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) else {
            anyhow::bail!("{}: no pipes", self.line());
        };
        let work = async {
            let feeder = async {
                if let Some((mut stdin, bytes)) = feed {
                    // A tool that stops reading early says so with its status.
                    let _ = stdin.write_all(&bytes).await;
                }
            };
            let reader = async {
                let (mut out, mut err) = (BufReader::new(out), BufReader::new(err));
                let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
                let (mut out_open, mut err_open) = (true, true);
                let mut tail = VecDeque::new();
                let mut heard = |line: String| {
                    on_line(&line);
                    let plain = console::strip_ansi_codes(&line);
                    if !plain.trim().is_empty() {
                        tail.truncate(TAIL - 1);
                        tail.push_front(plain.trim_end().to_owned());
                    }
                };
                while out_open || err_open {
                    tokio::select! {
                        n = out.read_until(b'\n', &mut stdout), if out_open => {
                            out_open = n? > 0;
                            if out_open { heard(last_line(&stdout)); }
                        }
                        n = err.read_until(b'\n', &mut stderr), if err_open => {
                            err_open = n? > 0;
                            if err_open { heard(last_line(&stderr)); }
                        }
                    }
                }
                anyhow::Ok((stdout, stderr, tail.into_iter().rev().collect()))
            };
            let ((), read) = tokio::join!(feeder, reader);
            let (stdout, stderr, tail) = read?;
            let status = tool.wait().await?;
            anyhow::Ok(Output {
                code: status.code(),
                stdout: String::from_utf8_lossy(&stdout).into_owned(),
                stderr: String::from_utf8_lossy(&stderr).into_owned(),
                tail,
            })
        };
        match self.timeout {
            None => work.await,
            Some(limit) => match tokio::time::timeout(limit, work).await {
                Ok(done) => done,
                Err(_) => {
                    Err(problem!(ToolHangs, "`{}` did not end within {} s", self.line(), limit.as_secs())
                        .into())
                }
            },
        }
    }

    fn checked(&self, output: Output) -> Result<Output> {
        if output.ok() {
            return Ok(output);
        }
        let how = output.code.map_or("a signal".to_owned(), |c| format!("exit {c}"));
        Err(problem!(ToolFailed, "`{}` failed ({how})", shortened(&self.line()))
            .found(output.last_words(8))
            .into())
    }
}

/// A conversation with a running tool, line by line. Dropped, it ends the tool and all that it has started.
#[derive(Debug)]
pub struct Talk {
    line: String,
    tool: Tool,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    complaints: BufReader<ChildStderr>,
}

impl Talk {
    /// Sends a line.
    pub async fn say(&mut self, line: &str) -> Result<()> {
        let sent = async {
            self.stdin.write_all(format!("{line}\n").as_bytes()).await?;
            self.stdin.flush().await
        };
        sent.await
            .map_err(|e| problem!(ToolFailed, "`{}` listens no more: {e}", shortened(&self.line)).into())
    }

    /// The next line; an error with the tool's last words when it ended instead.
    pub async fn hear(&mut self) -> Result<String> {
        if let Some(line) = self.lines.next_line().await? {
            return Ok(line);
        }
        let mut words = String::new();
        let _ = self.complaints.read_to_string(&mut words).await;
        let _ = self.tool.wait().await;
        Err(problem!(ToolFailed, "`{}` ended too early", shortened(&self.line)).found(words).into())
    }
}

/// A tool that runs already, and whose output waits to be read. Dropped, it is ended.
#[derive(Debug)]
pub struct Producer {
    run: Run,
    tool: Tool,
}

impl Producer {
    /// Starts it.
    pub fn begin(run: Run) -> Result<Self> {
        let tool = run.spawn(Stdio::null())?;
        Ok(Self { run, tool })
    }
}

/// Streams the producer's output into every consumer at once and waits for all.
///
/// The first failure is reported, the producer's before a consumer's.
pub async fn fan_out(producer: &Run, consumers: &[Run]) -> Result<Vec<Output>> {
    fan_out_from(Producer::begin(producer.clone())?, consumers).await
}

/// The same with a producer that was started before.
pub async fn fan_out_from(producer: Producer, consumers: &[Run]) -> Result<Vec<Output>> {
    let Producer { run: producer, tool: mut source } = producer;
    let (Some(mut bytes), Some(mut words)) = (source.child.stdout.take(), source.child.stderr.take()) else {
        anyhow::bail!("{}: no pipes", producer.line());
    };
    let mut tools = Vec::new();
    let mut inputs = Vec::new();
    for consumer in consumers {
        let mut tool = consumer.spawn(Stdio::piped())?;
        inputs.push(tool.child.stdin.take());
        tools.push(tool);
    }
    let pump = async {
        let mut buffer = vec![0_u8; 1 << 18];
        loop {
            let n = bytes.read(&mut buffer).await?;
            if n == 0 {
                break;
            }
            let writes = inputs.iter_mut().map(|input| {
                let chunk = &buffer[..n];
                async move {
                    if let Some(pipe) = input
                        && pipe.write_all(chunk).await.is_err()
                    {
                        // It stopped reading: its own status will say why.
                        *input = None;
                    }
                }
            });
            futures::future::join_all(writes).await;
        }
        drop(inputs);
        anyhow::Ok(())
    };
    let said = async {
        let mut text = String::new();
        words.read_to_string(&mut text).await?;
        anyhow::Ok(text)
    };
    let ends = futures::future::join_all(tools.into_iter().map(Tool::wait_with_output));
    let (pumped, text, ended) = tokio::join!(pump, said, ends);
    pumped?;
    let status = source.wait().await?;
    producer.checked(Output { code: status.code(), stderr: text?, ..Output::default() })?;
    let mut outputs = Vec::new();
    for (consumer, end) in consumers.iter().zip(ended) {
        let end = end?;
        outputs.push(consumer.checked(Output {
            code: end.status.code(),
            stdout: String::from_utf8_lossy(&end.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&end.stderr).into_owned(),
            ..Output::default()
        })?);
    }
    Ok(outputs)
}

/// A word quoted for a POSIX shell, only where it needs it.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn last_line(buffer: &[u8]) -> String {
    let end = buffer.strip_suffix(b"\n").unwrap_or(buffer);
    let start = end.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    String::from_utf8_lossy(&end[start..]).into_owned()
}

fn shortened(line: &str) -> String {
    if line.chars().count() <= 160 {
        return line.to_owned();
    }
    line.chars().take(157).chain("...".chars()).collect()
}

fn not_started(program: &OsStr, error: &std::io::Error) -> anyhow::Error {
    let name = program.to_string_lossy();
    if error.kind() == std::io::ErrorKind::NotFound {
        problem!(NoTool, "{name} is not installed, or not on PATH").next(opsctl("check --fix")).into()
    } else {
        problem!(ToolFailed, "could not start {name}: {error}").into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Class, Problem, class_of};

    #[tokio::test]
    async fn a_failing_tool_is_an_error_with_its_last_words() {
        let error = Run::new("sh").args(["-c", "echo out; echo why >&2; exit 7"]).ok().await.unwrap_err();
        let problem = error.downcast_ref::<Problem>().unwrap();
        assert!(problem.what.contains("exit 7"), "{}", problem.what);
        assert_eq!(problem.found, ["why"]);
    }

    #[tokio::test]
    async fn a_missing_tool_has_the_class_of_a_missing_prerequisite() {
        let error = Run::new("no-such-tool-anywhere").ok().await.unwrap_err();
        assert_eq!(class_of(&error), Class::Missing);
    }

    #[tokio::test]
    async fn a_tool_that_hangs_is_ended_at_its_limit() {
        let error = Run::new("sleep").arg("60").timeout(Duration::from_millis(50)).ok().await.unwrap_err();
        assert_eq!(class_of(&error), Class::Timeout);
    }

    #[tokio::test]
    async fn every_consumer_gets_every_byte() {
        let producer = Run::new("sh").args(["-c", "head -c 1000000 /dev/zero"]);
        let counters = vec![Run::new("wc").arg("-c"), Run::new("wc").arg("-c")];
        let outputs = fan_out(&producer, &counters).await.unwrap();
        assert!(outputs.iter().all(|o| o.stdout.trim() == "1000000"));
    }

    #[tokio::test]
    async fn a_consumer_that_dies_fails_the_stream() {
        let producer = Run::new("sh").args(["-c", "head -c 1000000 /dev/zero"]);
        let consumers = vec![Run::new("wc").arg("-c"), Run::new("sh").args(["-c", "exit 3"])];
        assert!(fan_out(&producer, &consumers).await.is_err());
    }

    #[test]
    fn lines_are_quoted_for_a_shell() {
        assert_eq!(Run::new("docker").args(["run", "a b", "it's"]).line(), r"docker run 'a b' 'it'\''s'");
    }
}
