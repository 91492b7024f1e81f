//! A redis-server of the test's own: a free port, a folder that goes with it, ended with the test.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running redis-server.
pub struct RedisServer {
    child: Child,
    port: u16,
    dir: tempfile::TempDir,
}

#[allow(dead_code, reason = "not every test uses all of it")]
impl RedisServer {
    /// Starts a master; `args` are further options of redis-server.
    pub fn start(args: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().expect("a temporary folder"), args)
    }

    /// Starts one in a folder that may hold files already.
    pub fn start_in(dir: tempfile::TempDir, args: &[&str]) -> Self {
        // Another process can take the port in between: then the next one is tried.
        for _ in 0..20 {
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
                .and_then(|l| l.local_addr())
                .expect("a free port")
                .port();
            let mut child = Command::new("redis-server")
                .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--daemonize", "no"])
                .args(["--repl-diskless-sync-delay", "0", "--enable-debug-command", "yes", "--dir"])
                .arg(dir.path())
                .args(args)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("redis-server is needed: apt-get install redis-server");
            let until = Instant::now() + Duration::from_secs(20);
            while Instant::now() < until && matches!(child.try_wait(), Ok(None)) {
                if answers(port) {
                    return Self { child, port, dir };
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        panic!("redis-server did not start")
    }

    /// Starts a replica of this server and returns once it is connected.
    pub fn replica(&self, args: &[&str]) -> Self {
        let port = self.port.to_string();
        let replica = Self::start(&[&["--replicaof", "127.0.0.1", &port], args].concat());
        let until = Instant::now() + Duration::from_secs(30);
        while Instant::now() < until {
            let there = replica.cli(b"INFO replication\n").contains("master_link_status:up");
            if there && self.cli(b"INFO replication\n").contains("state=online") {
                return replica;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the replica did not connect")
    }

    /// `127.0.0.1:port`.
    pub fn addr(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Kills it (SIGKILL) and waits for its end; its port answers no more.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The process's id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What redis-cli prints when it reads these lines.
    pub fn cli(&self, lines: &[u8]) -> String {
        let mut child = Command::new("redis-cli")
            .args(["-p", &self.port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("redis-cli is needed: apt-get install redis-tools");
        let mut stdin = child.stdin.take().expect("a pipe");
        let lines = lines.to_vec();
        let feeder = std::thread::spawn(move || {
            let _ = stdin.write_all(&lines);
        });
        let output = child.wait_with_output().expect("redis-cli ends");
        feeder.join().expect("redis-cli reads");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The elements of the lists `t:0`, `t:1` and so on, so many of them, byte for byte.
    pub fn lists(&self, count: usize) -> Vec<Vec<Vec<u8>>> {
        let mut link = redis::Client::open(("127.0.0.1", self.port))
            .and_then(|c| c.get_connection())
            .expect("a connection");
        let mut pipe = redis::pipe();
        for n in 0..count {
            pipe.cmd("LRANGE").arg(format!("t:{n}")).arg(0).arg(-1);
        }
        pipe.query(&mut link).expect("lists")
    }

    /// Runs one command and returns its reply.
    pub fn ask<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        let mut link = redis::Client::open(("127.0.0.1", self.port))
            .and_then(|c| c.get_connection())
            .expect("a connection");
        let mut cmd = redis::Cmd::new();
        for word in words {
            cmd.arg(word);
        }
        cmd.query(&mut link).unwrap_or_else(|e| panic!("{words:?}: {e}"))
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Whether a redis answers PING with PONG.
fn answers(port: u16) -> bool {
    let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let Ok(mut stream) = TcpStream::connect_timeout(&addr, Duration::from_millis(500)) else { return false };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
    let mut reply = [0_u8; 7];
    stream.write_all(b"PING\r\n").is_ok() && stream.read_exact(&mut reply).is_ok() && &reply == b"+PONG\r\n"
}
