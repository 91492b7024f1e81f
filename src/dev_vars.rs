//! `opsctl dev-vars`: where redis and the timestamp API can be reached from this host, as variables for the shell.
//!
//! Read from minikube's own profile file, checked with the servers themselves, never asked of the API server: it
//! works in a few milliseconds, and tells nothing that was not true an instant ago. No threads, no journal: three
//! sockets.

mod shell;

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub use shell::{Form, Shell, render, render_unset};

use crate::context::{Paths, Profile};
use crate::error::{Code, Problem, opsctl, problem, shell};
use crate::redis::Role;
use crate::redis::probe::{self, Refusal};
use crate::serve::timestamps::SERVER;

/// The variable of the master's address.
pub const MASTER: &str = "REDIS_MASTER_HOST_PORT";
/// The variable of the replica's address.
pub const SLAVE: &str = "REDIS_SLAVE_HOST_PORT";

/// The variable of the timestamp API's address.
pub const TIMESTAMPS: &str = "TIMESTAMPS_URL";

/// How long each server may take to say who it is.
pub const PATIENCE: Duration = Duration::from_secs(1);

/// The node ports of master and replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// The master's.
    pub master: u16,
    /// The replica's.
    pub slave: u16,
    /// The timestamp API's.
    pub timestamps: u16,
}

/// The addresses, each proven to answer in its role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vars {
    /// `HOST:PORT` of the master, and of the replica; none where nothing of redis is up.
    pub redis: Option<(String, String)>,
    /// The URL of the timestamp API; none where that is not up.
    pub timestamps: Option<String>,
}

impl Vars {
    /// Names and values.
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        let redis = self.redis.iter().flat_map(|(master, slave)| [(MASTER, &**master), (SLAVE, &**slave)]);
        redis.chain(self.timestamps.iter().map(|url| (TIMESTAMPS, &**url))).collect()
    }
}

/// The addresses in this profile's cluster, as they are now. Redis may be missing where the timestamp API is up.
///
/// A node port answers on every node: the control plane's address is taken, another node's where that one
/// cannot be reached.
pub fn collect(paths: &Paths, profile: &str, ports: Ports) -> Result<Vars> {
    let found = Profile::read(paths, profile)?.ok_or_else(|| {
        problem!(NotUp, "there is no minikube profile \"{profile}\"")
            .found(format!("looked for {}", paths.profile(profile).join("config.json").display()))
            .next(opsctl("up"))
    })?;
    let hosts = candidates(&found, std::env::consts::OS)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let all = async {
        tokio::join!(
            first(&hosts, ports.master, MASTERS),
            first(&hosts, ports.slave, REPLICAS),
            timestamps(&hosts, ports.timestamps)
        )
    };
    let (master, slave, api) = runtime.block_on(all);
    let timestamps = api.map(|at| format!("http://{at}"));
    match (master, slave) {
        (Ok(master), Ok(slave)) => {
            Ok(Vars { redis: Some((master.to_string(), slave.to_string())), timestamps })
        }
        (Err(master), Err(slave)) if timestamps.is_some() && is_nobody(&master) && is_nobody(&slave) => {
            Ok(Vars { redis: None, timestamps })
        }
        (master, slave) => Err(guidance(&found, master.err(), slave.err()).into()),
    }
}

/// Whether nothing listens at an address: what is not up is no error beside what is.
fn is_nobody(said: &[Said]) -> bool {
    let refused = |refusal: &Refusal| matches!(refusal, Refusal::Away(error) if error.kind() == ErrorKind::ConnectionRefused);
    said.iter().all(|(_, said)| said.as_ref().is_err_and(refused))
}

/// Where the timestamp API answers; none: it is not up, or not as it should be.
async fn timestamps(hosts: &[IpAddr], port: u16) -> Option<SocketAddr> {
    for host in hosts {
        let at = SocketAddr::new(*host, port);
        match tokio::time::timeout(PATIENCE, is_api(at)).await {
            Ok(Ok(true)) => return Some(at),
            // Whoever answers here answers on the other nodes too, and so does nobody.
            Ok(Ok(false)) => return None,
            Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => return None,
            Ok(Err(_)) | Err(_) => {}
        }
    }
    None
}

/// Whether the server at an address says that it is the timestamp API. This needs no redis.
async fn is_api(at: SocketAddr) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(at).await?;
    stream.set_nodelay(true)?;
    stream.write_all(b"HEAD /openapi.json HTTP/1.0\r\n\r\n").await?;
    let mut heard = Vec::new();
    stream.take(8192).read_to_end(&mut heard).await?;
    let heard = String::from_utf8_lossy(&heard).to_ascii_lowercase();
    Ok(heard.lines().any(|line| line == format!("server: {SERVER}")))
}

/// Where the nodes' ports may be reached from here, best first.
fn candidates(profile: &Profile, os: &str) -> Result<Vec<IpAddr>> {
    let mut hosts = Vec::new();
    for node in profile.primary().into_iter().chain(&profile.nodes) {
        if node.ip.is_empty() {
            continue;
        }
        let host = node.ip.parse().map_err(|_| {
            problem!(Profile, "the minikube profile \"{}\" gives {:?} as the address of node {:?}, which is not an IP address",
                profile.name, node.ip, node.name)
            .next(opsctl("minikube status"))
        })?;
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    if hosts.is_empty() {
        return Err(problem!(
            Profile,
            "the minikube profile \"{}\" has no node with an address: it was never fully started",
            profile.name
        )
        .next(opsctl("minikube up"))
        .into());
    }
    // Only Linux has a route to the nodes of a container driver; elsewhere a forwarded port stands in.
    if os != "linux" {
        hosts.push(IpAddr::from([127, 0, 0, 1]));
    }
    Ok(hosts)
}

/// What somebody at an address had to say instead of the right role.
type Said = (SocketAddr, Result<Role, Refusal>);

/// The names of the roles that are looked for.
const MASTERS: &str = "master";
const REPLICAS: &str = "replica";

/// The first host where this port is answered in this role; else what each of them said.
async fn first(hosts: &[IpAddr], port: u16, role: &str) -> Result<SocketAddr, Vec<Said>> {
    let ask = async |host: &IpAddr| {
        let address = SocketAddr::new(*host, port);
        match probe::ask(address, PATIENCE).await {
            Ok(found) if found.name() == role => Ok(address),
            other => Err((address, other)),
        }
    };
    let Some((best, others)) = hosts.split_first() else { return Err(Vec::new()) };
    let mut said = match ask(best).await {
        Ok(address) => return Ok(address),
        Err(refused) => vec![refused],
    };
    // Whoever answers here answers on the other nodes too: those are only for a node that is out of reach.
    if is_an_answer(&said[0].1) {
        return Err(said);
    }
    for answer in futures::future::join_all(others.iter().map(ask)).await {
        match answer {
            Ok(address) => return Ok(address),
            Err(refused) => said.push(refused),
        }
    }
    Err(said)
}

/// Whether a server spoke at all.
fn is_an_answer(said: &Result<Role, Refusal>) -> bool {
    match said {
        Err(Refusal::Silent | Refusal::Away(_)) => false,
        Err(Refusal::Foreign(bytes)) => !bytes.is_empty(),
        Ok(_) | Err(Refusal::Error(_)) => true,
    }
}

/// What it said, for people.
fn told(said: &Result<Role, Refusal>) -> String {
    match said {
        Ok(role) => format!("the server there is a {}", role.name()),
        Err(Refusal::Silent) => "no answer within 1 s".into(),
        Err(Refusal::Error(text)) => format!("redis says {text:?}"),
        Err(Refusal::Foreign(bytes)) if bytes.is_empty() => "it hung up without a word".into(),
        Err(Refusal::Foreign(_)) => "what answers there is no redis".into(),
        Err(Refusal::Away(error)) => match error.kind() {
            ErrorKind::ConnectionRefused => "connection refused".into(),
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => "no route to it from here".into(),
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => "it hung up".into(),
            _ => error.to_string(),
        },
    }
}

/// What a person should know and type when redis does not answer as it should.
fn guidance(profile: &Profile, master: Option<Vec<Said>>, slave: Option<Vec<Said>>) -> Problem {
    let what = match (&master, &slave) {
        (Some(_), Some(_)) => "neither the redis master nor the replica answers as it should",
        (Some(_), None) => "the redis master does not answer as it should",
        _ => "the redis replica does not answer as it should",
    };
    let both = master.is_some() && slave.is_some();
    let asked = [(MASTERS, master), (REPLICAS, slave)];
    let said: Vec<_> = asked
        .into_iter()
        .flat_map(|(role, all)| all.into_iter().flatten().map(move |(at, said)| (role, at, said)))
        .collect();
    let silent = said.iter().any(|(_, _, said)| matches!(said, Err(Refusal::Silent)));
    let answered = said.iter().any(|(_, _, said)| is_an_answer(said));
    let code = if silent && !answered { Code::RedisSilent } else { Code::RedisAway };
    let mut problem = Problem::new(code, what);
    for (role, address, said) in &said {
        problem = problem.found(format!("{role} at {address}: {}", told(said)));
    }
    if silent {
        if matches!(profile.driver.as_str(), "docker" | "podman") {
            problem = problem.found(
                "a Docker in a virtual machine (Docker Desktop, WSL) hides its nodes: see docs/dev-vars.md",
            );
        }
        problem.next(opsctl("minikube status")).next(opsctl("up"))
    } else if both && !answered {
        problem.next(opsctl("redis up"))
    } else {
        problem.next(opsctl("redis status")).next(opsctl("redis up"))
    }
}

/// What goes to stdout: everything, or nothing at all.
pub fn output(paths: &Paths, profile: &str, ports: Ports, form: Form) -> Result<String> {
    Ok(render(&collect(paths, profile, ports)?, form))
}

/// A command with the variables set, as it will be run.
pub fn command(vars: &Vars, words: &[String]) -> Result<std::process::Command> {
    let (program, args) = words.split_first().ok_or_else(|| {
        problem!(Usage, "no command after --").next(opsctl("dev-vars -- redis-cli --version"))
    })?;
    let mut command = std::process::Command::new(program);
    command.args(args).envs(vars.pairs());
    Ok(command)
}

/// Runs a command with the variables set and returns its exit code.
///
/// Where the system can, the command takes this process's place: signals and exit code are then its own.
pub fn run(vars: &Vars, words: &[String]) -> Result<u8> {
    let mut command = command(vars, words)?;
    // Looked up first: an exec that fails would leave this process with SIGPIPE's default, death.
    if let Err(error) = which::which(command.get_program()) {
        let name = command.get_program().to_string_lossy().into_owned();
        return Err(problem!(NoTool, "could not run {name}: {error}")
            .next(shell(format!("which {name}")))
            .into());
    }
    #[cfg(unix)]
    let failed = std::os::unix::process::CommandExt::exec(&mut command);
    #[cfg(not(unix))]
    let failed = match command.status() {
        Ok(status) => return Ok(status.code().and_then(|c| u8::try_from(c).ok()).unwrap_or(1)),
        Err(error) => error,
    };
    let name = command.get_program().to_string_lossy().into_owned();
    let code = if failed.kind() == ErrorKind::NotFound { Code::NoTool } else { Code::ToolFailed };
    Err(Problem::new(code, format!("could not run {name}: {failed}"))
        .next(shell(format!("which {name}")))
        .into())
}

#[cfg(test)]
mod tests;
