//! The options of `serve balancer` and `serve nginx`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::members::Source;
use crate::serve::cli::time;

/// `serve balancer`.
#[derive(Args, Clone, Debug)]
pub struct Balancer {
    /// Where the servers are found: service:NAME (its `EndpointSlice`s) or dns:NAME:PORT
    #[arg(long, value_name = "SOURCE")]
    pub members: Source,
    /// This balancer's name
    #[arg(long, env = "POD_NAME", default_value = "balancer", value_name = "NAME")]
    pub name: String,
    /// This balancer's node
    #[arg(long, env = "NODE_NAME", default_value = "", value_name = "NAME")]
    pub node: String,
    /// The port for requests
    #[arg(long, default_value_t = 8080, value_name = "PORT")]
    pub listen: u16,
    /// The port of the statistics page
    #[arg(long, default_value_t = 8404, value_name = "PORT")]
    pub stats: u16,
    /// Tell who is connected here
    #[arg(long, default_value = "0.0.0.0:8081", value_name = "ADDRESS")]
    pub list: SocketAddr,
    /// Slots for servers to begin with; they double when they run out
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=4096), value_name = "N")]
    pub slots: u16,
    /// From one check of a server to the next
    #[arg(long, default_value = "300ms", value_parser = time, value_name = "TIME")]
    pub every: Duration,
    /// How long to serve on after being asked to stop: some nodes learn of it later
    #[arg(long, default_value = "2s", value_parser = time, value_name = "TIME")]
    pub linger: Duration,
    /// How long a process of haproxy may go on after another one has taken over
    #[arg(long, default_value = "2s", value_parser = time, value_name = "TIME")]
    pub hard_stop: Duration,
    /// Threads of haproxy
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64), value_name = "N")]
    pub threads: u16,
    /// Connections at once
    #[arg(long, default_value_t = 4000, value_name = "N")]
    pub connections: u32,
    /// A folder that can be written to
    #[arg(long, default_value = "/run/web", value_name = "FOLDER")]
    pub folder: PathBuf,
}

/// `serve nginx`.
#[derive(Args, Clone, Debug)]
pub struct Nginx {
    /// A balancer's list, as HOST:PORT; the first one that is heard counts
    #[arg(long, required = true, value_name = "ADDRESS")]
    pub list: Vec<String>,
    /// This server's name
    #[arg(long, env = "POD_NAME", default_value = "nginx", value_name = "NAME")]
    pub name: String,
    /// This server's address [default: the one that leads to the list]
    #[arg(long, env = "POD_IP", value_name = "IP")]
    pub ip: Option<std::net::IpAddr>,
    /// The port for requests
    #[arg(long, default_value_t = 8080, value_name = "PORT")]
    pub listen: u16,
    /// How long to serve on after being asked to stop, while the balancers send others elsewhere
    #[arg(long, default_value = "3s", value_parser = time, value_name = "TIME")]
    pub linger: Duration,
    /// A folder that can be written to
    #[arg(long, default_value = "/run/web", value_name = "FOLDER")]
    pub folder: PathBuf,
}
