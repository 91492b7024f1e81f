//! Container images: built by the Docker engine here, brought onto every node, taken away again.
//!
//! - [`recipe`]: what an image is made of, and the hash that says when it must be made again;
//! - [`docker`]: the engine on this side: look, build, remove;
//! - [`own`]: the image of opsctl itself, from the running executable;
//! - [`nodes`]: what the nodes hold, and [`load`](nodes::Nodes::load) and its inverse.
//!
//! An image is the same in two places when its *configuration digest* is: Kubernetes calls that the
//! image ID, and so does Docker's classic store. Docker's containerd store calls the digest of the
//! manifest (or of an index over several platforms) the ID; [`docker::Docker::config_digest`] finds the
//! configuration's there too.

pub mod docker;
pub mod embedded;
#[cfg(test)]
mod fake;
pub mod nodes;
pub mod own;
pub mod recipe;

pub use docker::{Built, Docker, Held, Taken};
pub use embedded::{HAPROXY, NGINX, REDIS};
pub use nodes::{Loaded, NodeLoad, NodePresence, Nodes, Nowhere, Unloaded};
pub use recipe::Recipe;

use serde::{Deserialize, Serialize};

/// What was there before an image was built and loaded; enough to say what can be put back.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// The ID that Docker had under this name. It can be put back while Docker still keeps that image.
    pub docker: Option<String>,
    /// For each node, the ID it had under this name. It can be put back while the node still keeps that image.
    pub nodes: Vec<(String, Option<String>)>,
}

/// What was made: enough to remove just that.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// The image's ID as Docker says it.
    pub id: String,
    /// The image's ID as the nodes say it.
    pub config: String,
    /// Whether it was built, not merely found.
    pub built: bool,
    /// The nodes that it was brought onto, with the ID they show for it; those that had it already are not
    /// ours to clean.
    pub nodes: Vec<(String, String)>,
}

impl Loaded {
    /// What is to be recorded of it; `built` when the image was built for it, not merely found.
    pub fn made(&self, built: bool) -> Made {
        let ours = self.nodes.iter().filter(|n| n.loaded).map(|n| (n.node.clone(), n.id.clone())).collect();
        Made { id: self.id.clone(), config: self.config.clone(), built, nodes: ours }
    }
}

/// A name as the nodes keep it: `opsctl/redis:8.0` is `docker.io/opsctl/redis:8.0` there.
pub fn reference(name: &str) -> String {
    let (repository, rest) = match name.find('@') {
        Some(at) => name.split_at(at),
        // A colon after the last slash begins the tag; one before it belongs to a registry's port.
        None => match name.rfind(':').filter(|colon| !name[*colon..].contains('/')) {
            Some(colon) => name.split_at(colon),
            None => (name, ":latest"),
        },
    };
    let full = match repository.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => repository.to_owned(),
        Some(_) => format!("docker.io/{repository}"),
        None => format!("docker.io/library/{repository}"),
    };
    format!("{full}{rest}")
}

/// An ID with its algorithm: CRI-O leaves `sha256:` away.
fn digest(id: &str) -> String {
    if id.is_empty() || id.contains(':') { id.to_owned() } else { format!("sha256:{id}") }
}

/// The first twelve digits of an ID, as Docker prints it.
pub fn short(id: &str) -> &str {
    let hex = id.rsplit(':').next().unwrap_or(id);
    hex.get(..12).unwrap_or(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_what_the_nodes_call_them() {
        for (name, full) in [
            ("opsctl/redis:8.0", "docker.io/opsctl/redis:8.0"),
            ("debian", "docker.io/library/debian:latest"),
            ("debian:trixie-slim", "docker.io/library/debian:trixie-slim"),
            ("localhost/podroutes:1", "localhost/podroutes:1"),
            ("localhost:5000/a/b", "localhost:5000/a/b:latest"),
            ("registry.k8s.io/pause:3.10.1", "registry.k8s.io/pause:3.10.1"),
            ("docker.io/opsctl/redis:8.0", "docker.io/opsctl/redis:8.0"),
            ("a/b@sha256:00", "docker.io/a/b@sha256:00"),
        ] {
            assert_eq!(reference(name), full);
        }
    }

    #[test]
    fn short_ids_are_twelve_digits() {
        assert_eq!(short("sha256:0123456789abcdef"), "0123456789ab");
        assert_eq!(short("é"), "é");
        assert_eq!(digest("0123"), "sha256:0123");
    }
}
