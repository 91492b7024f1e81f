//! `opsctl serve …` as data.

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args, Subcommand};

use super::election::action::Action;
use super::election::endpoints::Target;
use super::web;

/// What to run in a pod.
#[derive(Debug, Subcommand)]
pub enum Serve {
    /// Agree with the other pods on one leader, and run a service that knows its role
    Election(Box<Election>),
    /// A load balancer: haproxy, whose servers follow who exists
    Balancer(Box<web::cli::Balancer>),
    /// A web server: nginx, which serves the list of those connected
    Nginx(Box<web::cli::Nginx>),
    /// Answer GET /ping, and call the peers of a configuration, which may change at any time
    Peer(Peer),
    /// Make the pods of each Peering of a namespace, and what belongs to them
    Operator(Operator),
    /// An HTTP API that keeps named timestamps in redis; set up by variables `TIMESTAMPS_…`
    Timestamps {
        /// Print the settings as the environment has them, secrets not shown, and end
        #[arg(long)]
        settings: bool,
    },
    /// On a node: ask the electors named on standard input, without pause, who leads
    Witness,
    /// On a node: a proxy that forwards everything with a delay
    Delay {
        /// Address to listen on
        #[arg(long, value_name = "ADDRESS")]
        listen: SocketAddr,
        /// Address to forward to
        #[arg(long, value_name = "ADDRESS")]
        to: SocketAddr,
        /// The delay
        #[arg(long, value_parser = time, value_name = "TIME")]
        by: Duration,
    },
    /// Copy this program to a folder that the pod's containers share
    Install {
        /// The folder
        folder: PathBuf,
    },
}

/// `serve election`.
#[derive(Args, Clone, Debug)]
pub struct Election {
    /// The election: the name of its Lease
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// This pod's name
    #[arg(long, env = "POD_NAME", value_name = "NAME")]
    pub pod: String,
    /// This pod's UID
    #[arg(long, env = "POD_UID", value_name = "UID")]
    pub pod_uid: String,
    /// This pod's address
    #[arg(long, env = "POD_IP", value_name = "IP")]
    pub pod_ip: IpAddr,
    /// The other pods: a label selector. Without it, nobody is asked before leading
    #[arg(long, value_name = "SELECTOR")]
    pub peers: Option<String>,
    /// A file with the secret that the pods share: nobody else can ask them to follow
    #[arg(long, value_name = "FILE")]
    pub peer_key: Option<PathBuf>,
    /// How long the lease is valid
    #[arg(long, default_value = "3s", value_parser = time, value_name = "TIME")]
    pub lease: Duration,
    /// Time between two renewals
    #[arg(long, default_value = "700ms", value_parser = time, value_name = "TIME")]
    pub renew: Duration,
    /// Limit of each call to the API
    #[arg(long, default_value = "800ms", value_parser = time, value_name = "TIME")]
    pub call: Duration,
    /// Time limit for demoting the service; then it is killed
    #[arg(long, default_value = "300ms", value_parser = time, value_name = "TIME")]
    pub demote: Duration,
    /// Time limit for promoting the service, failed tries included; then this pod ends, so that another can lead
    #[arg(long, default_value = "10s", value_parser = time, value_name = "TIME")]
    pub promote: Duration,
    /// Kill a leading redis that has not answered for this long, so that another can lead
    #[arg(long, default_value = "5s", value_parser = time, value_name = "TIME")]
    pub unresponsive: Duration,
    /// How long to wait for pods that do not answer
    #[arg(long, default_value = "600ms", value_parser = time, value_name = "TIME")]
    pub patience: Duration,
    /// Replicas that confirm a write before it counts
    #[arg(long, default_value_t = 1, value_name = "K")]
    pub confirmations: usize,
    /// Serve /master, /healthz, /readyz, /metrics and the page here
    #[arg(long, default_value = "0.0.0.0:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// The other pods ask here; the same port in each
    #[arg(long, default_value = "0.0.0.0:8081", value_name = "ADDRESS")]
    pub peer_listen: SocketAddr,
    /// The service is a redis on this port of this pod
    #[arg(long, value_name = "PORT")]
    pub redis: Option<u16>,
    /// On leading: `exec:COMMAND`, `signal:NAME` or `http://HOST:PORT/PATH` (a POST)
    #[arg(long, value_name = "ACTION")]
    pub on_leading: Vec<Action>,
    /// On following a leader, likewise
    #[arg(long, value_name = "ACTION")]
    pub on_following: Vec<Action>,
    /// On having no role, likewise: stop writing
    #[arg(long, value_name = "ACTION")]
    pub on_idle: Vec<Action>,
    /// An `EndpointSlice` that the leader keeps: SLICE=leader:PORT, =followers:PORT or =all:PORT
    #[arg(long, value_name = "SLICE=WHO:PORT")]
    pub endpoints: Vec<Target>,
    /// Begin at the time that this file will hold (Unix, in milliseconds): for comparisons
    #[arg(long, value_name = "FILE", hide = true)]
    pub barrier: Option<PathBuf>,
    /// The service
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

/// `serve peer`.
#[derive(Args, Clone, Debug)]
#[command(group(ArgGroup::new("source").required(true)))]
pub struct Peer {
    /// This peer's name [default: host name and port]
    #[arg(long, env = "POD_NAME", value_name = "NAME")]
    pub name: Option<String>,
    /// Serve /ping, /peers, /healthz, /readyz and /metrics here
    #[arg(long, default_value = "0.0.0.0:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// The configuration: a file, read again whenever its content changes
    #[arg(long, value_name = "FILE", group = "source")]
    pub config: Option<PathBuf>,
    /// The configuration: a `ConfigMap` of this namespace, watched
    #[arg(long, value_name = "NAME", group = "source")]
    pub config_map: Option<String>,
}

/// `serve operator`.
#[derive(Args, Clone, Debug)]
pub struct Operator {
    /// The namespace [default: this pod's, or the kubeconfig's]
    #[arg(long, value_name = "NAME")]
    pub namespace: Option<String>,
    /// The image of peers that name none [default: this pod's]
    #[arg(long, value_name = "IMAGE")]
    pub image: Option<String>,
    /// This pod's name
    #[arg(long, env = "POD_NAME", value_name = "NAME")]
    pub pod: Option<String>,
    /// Act without an elector that says so
    #[arg(long)]
    pub always: bool,
    /// Serve /healthz and /metrics here
    #[arg(long, default_value = "0.0.0.0:8082", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Take the role from the elector here: POST /role?role=leading
    #[arg(long, default_value = "127.0.0.1:8083", value_name = "ADDRESS")]
    pub role_listen: SocketAddr,
}

/// `3s` or `700ms`.
pub fn time(text: &str) -> Result<Duration, String> {
    let wrong = || "use a number with s or ms, such as 3s or 700ms".to_owned();
    let (number, factor) = match text.strip_suffix("ms") {
        Some(number) => (number, 1),
        None => (text.strip_suffix('s').ok_or_else(wrong)?, 1000),
    };
    let number: u32 = number.parse().map_err(|_| wrong())?;
    Ok(Duration::from_millis(u64::from(number) * factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        assert_eq!(time("3s"), Ok(Duration::from_secs(3)));
        assert_eq!(time("700ms"), Ok(Duration::from_millis(700)));
        for bad in ["", "3", "3m", "ms", "-1s"] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }
}
