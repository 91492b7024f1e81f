//! The timestamp API and its redis with Docker alone, by the compose file and the lines of its head.
//!
//! Needs a Docker engine, docker-compose, 1.29 or 2, and curl: `cargo test --test image_timestamps`. With
//! `OPSCTL_SOAK=1` the API's image is built from source, on a base that is made here of this machine's toolchain: so no
//! registry is asked, and the build has no network.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "tests")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use opsctl::context::{Context, Paths, Target};
use opsctl::ui::{Level, Options, Ui};
use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/timestamps/docker-compose.yml");
/// Where the lines of the file's head reach the API.
const USUAL: &str = "http://127.0.0.1:8080";
const PATIENCE: Duration = Duration::from_mins(2);

fn run(program: &str, args: &[&str]) -> Output {
    let output = Command::new(program).args(args).current_dir(ROOT).stdin(Stdio::null()).output();
    output.unwrap_or_else(|e| panic!("{program}: {e}"))
}

#[track_caller]
fn text(program: &str, args: &[&str]) -> String {
    let output = run(program, args);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {args:?}: {said}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// An image that goes with the test.
struct Image(String);

impl Image {
    /// Builds it from a folder, with further options.
    fn build(what: &str, folder: &Path, options: &[&str]) -> Self {
        let image = Self(format!("opsctl-test/{what}:{}", std::process::id()));
        let began = Instant::now();
        let named = ["build", "-q", "-t", &image.0];
        text("docker", &[&named, options, &[folder.to_str().unwrap()]].concat());
        println!("{what}: built in {:.1} s", began.elapsed().as_secs_f64());
        image
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        run("docker", &["rmi", "-f", &self.0]);
    }
}

/// Debian's base, by the way of `redis up`: where no registry has it, and nobody has made it yet, that makes it.
fn debian() {
    let ui = Ui::new(Options { level: Level::Quiet, ..Options::default() });
    let paths = Paths::from_environment(None).unwrap();
    let cx = Context::new(ui, paths, Target::Profile("opsctl-test".into()), Duration::from_mins(10));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(opsctl::bundle::base_image(&cx, "trixie")).unwrap();
}

/// An empty folder for an image.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("image-timestamps").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The image that opsctl makes of itself.
fn of_this_build() -> Image {
    let folder = folder("opsctl");
    std::fs::copy(env!("CARGO_BIN_EXE_opsctl"), folder.join("opsctl")).unwrap();
    let lines = "FROM scratch\nCOPY opsctl /opsctl\nUSER 65532:65532\nENTRYPOINT [\"/opsctl\"]\n";
    std::fs::write(folder.join("Dockerfile"), lines).unwrap();
    Image::build("opsctl", &folder, &[])
}

/// The image from source, as images/opsctl/Dockerfile builds it, without a network. The base has what the one of a
/// registry would have, and the crates: this machine's toolchain and cargo's own copies.
fn from_source() -> Image {
    let folder = folder("rust");
    let toolchain = text("rustc", &["--print", "sysroot"]);
    std::fs::create_dir(folder.join("toolchain")).unwrap();
    let into = folder.join("toolchain");
    for part in ["bin", "lib"] {
        text("cp", &["-a", &format!("{toolchain}/{part}"), into.to_str().unwrap()]);
    }
    let vendored = text("cargo", &["vendor", "--locked", folder.join("vendor").to_str().unwrap()]);
    let place = folder.join("vendor").display().to_string();
    std::fs::write(folder.join("config.toml"), vendored.replace(&place, "/usr/local/vendor")).unwrap();
    let lines = "FROM debian:trixie-slim
        RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev
        COPY toolchain /usr/local/rust
        COPY vendor /usr/local/vendor
        COPY config.toml /usr/local/cargo/config.toml
        ENV PATH=/usr/local/rust/bin:/usr/bin:/bin CARGO_HOME=/usr/local/cargo\n";
    std::fs::write(folder.join("Dockerfile"), lines).unwrap();
    let base = Image::build("rust", &folder, &["--network", "host"]);
    std::fs::remove_dir_all(&folder).unwrap();
    let on = format!("RUST={}", base.0);
    // Quicker than a release, and the same recipe.
    let options = ["-f", "images/opsctl/Dockerfile", "--network", "none", "--build-arg", "PROFILE=dev"];
    let options = [&options[..], &["--build-arg", &on]].concat();
    // By a name of its own the first stage can be removed again: it has gigabytes.
    let _stage =
        Image::build("source-stage", Path::new("."), &[&options[..], &["--target", "build"]].concat());
    Image::build("source", Path::new("."), &options)
}

/// A project of docker-compose that goes with the test.
struct Project {
    name: String,
    api: Image,
    redis: Image,
}

impl Project {
    fn compose(&self, args: &[&str]) -> String {
        let second = run("docker", &["compose", "version"]).status.success();
        let mut command = Command::new(if second { "docker" } else { "docker-compose" });
        if second {
            command.arg("compose");
        }
        command.args(["-p", &self.name, "-f", FILE]).args(args).stdin(Stdio::null()).current_dir(ROOT);
        command.env("API_PORT", "0").env("API_IMAGE", &self.api.0).env("REDIS_IMAGE", &self.redis.0);
        let output = command.output().expect("docker-compose is needed");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// All that Docker has of it.
    fn all(&self) -> String {
        let project = format!("label=com.docker.compose.project={}", self.name);
        let kinds = [&["ps", "-aq"][..], &["volume", "ls", "-q"], &["network", "ls", "-q"]];
        kinds.map(|kind| text("docker", &[kind, &["--filter", &project]].concat())).join("")
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        // Of a test that failed.
        for kind in ["container", "network", "volume"] {
            let project = format!("label=com.docker.compose.project={}", self.name);
            let list = if kind == "container" { "ps -aq".to_owned() } else { format!("{kind} ls -q") };
            let list: Vec<&str> = list.split(' ').chain(["--filter", &project]).collect();
            for id in String::from_utf8_lossy(&run("docker", &list).stdout).lines() {
                run("docker", &[kind, "rm", "-f", id]);
            }
        }
    }
}

/// The status and the body of curl's answer.
fn curl(words: &str) -> (String, Value) {
    let line = format!("curl -sS --max-time 20 -w '\\n%{{http_code}}' {words}");
    let said = text("bash", &["-c", &line]);
    let (body, status) = said.rsplit_once('\n').unwrap();
    (status.to_owned(), serde_json::from_str(body).unwrap_or_else(|e| panic!("{e}: {said}")))
}

/// Asks until redis is there; before that there is no other answer than 503.
fn at_last(words: &str) -> (String, Value) {
    let began = Instant::now();
    loop {
        let (status, body) = curl(words);
        if status != "503" {
            return (status, body);
        }
        assert!(began.elapsed() < PATIENCE, "{words}: still {body}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn the_compose_file_serves_by_the_lines_of_its_head_and_keeps_what_it_said_it_had() {
    debian();
    let soak = std::env::var_os("OPSCTL_SOAK").is_some();
    let redis = Image::build("redis-of-timestamps", Path::new("images/redis"), &["--network", "host"]);
    let api = if soak { from_source() } else { of_this_build() };
    let project = Project { name: format!("opsctl-test-timestamps-{}", std::process::id()), api, redis };
    let began = Instant::now();
    project.compose(&["up", "-d"]);
    let port = project.compose(&["port", "api", "8080"]);
    assert!(port.starts_with("127.0.0.1:"), "{port}");
    let at = format!("http://{port}");

    // What the head of the file tells to type.
    let head = std::fs::read_to_string(FILE).unwrap();
    let lines = head.lines().filter_map(|line| line.strip_prefix("#   curl "));
    let lines: Vec<String> = lines.map(|words| words.replace(USUAL, &at)).collect();
    assert!(!lines.is_empty() && lines.iter().all(|line| line.contains(&at)), "{lines:?}");
    let mut set = Value::Null;
    for line in &lines {
        let (status, body) = at_last(line);
        assert!(status == "201" && body["name"] == "deployed", "curl {line}: {status} {body}");
        set = body;
    }
    println!("up and set in {:.1} s", began.elapsed().as_secs_f64());
    let reads = format!("{at}/timestamps/deployed");
    assert_eq!(curl(&reads), ("200".to_owned(), set.clone()));
    let smoke = run(env!("CARGO_BIN_EXE_opsctl"), &["timestamps", "smoke", &at]);
    assert!(smoke.status.success(), "{}", String::from_utf8_lossy(&smoke.stdout));

    // Redis dies, and comes back with what was acknowledged. Nobody reaches it but the API.
    let id = project.compose(&["ps", "-q", "redis"]);
    assert_eq!(text("docker", &["port", &id]), "");
    text("docker", &["kill", &id]);
    assert_eq!(curl(&reads).0, "503");
    text("docker", &["start", &id]);
    assert_eq!(at_last(&reads), ("200".to_owned(), set));

    project.compose(&["down", "-v", "-t", "5"]);
    assert_eq!(project.all(), "", "something is left");
}
