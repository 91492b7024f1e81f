//! What the bundle is made of: versions, embedded sources, and for each piece a hash of all that it is made from.

use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::host::arch;

/// Kubernetes: later kubelets refuse cgroup v1 by default.
pub const KUBERNETES: &str = "1.34.4";
/// minikube.
pub const MINIKUBE: &str = "1.38.1";
/// etcd, as kubeadm of this Kubernetes wants it.
pub const ETCD: &str = "3.6.5";
/// `CoreDNS`, likewise.
pub const COREDNS: &str = "1.12.1";
/// The pause image's version, likewise.
pub const PAUSE: &str = "3.10.1";
/// storage-provisioner, as this minikube wants it.
pub const PROVISIONER: &str = "5";
/// The `PreloadVersion` in minikube's source: part of the tarball's name.
pub const PRELOAD: &str = "v18";
/// The Debian release of the node.
pub const SUITE: &str = "bookworm";
/// The node image.
pub const NODE_IMAGE: &str = "opsctl/node:1";
/// The pod network's image, which exists on nodes only.
pub const PODROUTES_IMAGE: &str = "localhost/podroutes:1";
/// The Go that the newest of the modules asks for.
pub const GO: (u32, u32) = (1, 25);

/// A file that travels inside opsctl.
#[derive(Clone, Copy)]
pub struct Embedded {
    /// Where it is written, below the folder that it is for.
    pub path: &'static str,
    /// What is in it.
    pub text: &'static str,
}

macro_rules! embedded {
    ($root:literal: $($path:literal),* $(,)?) => {
        &[$(Embedded { path: $path, text: include_str!(concat!("../../bundle/", $root, $path)) }),*]
    };
}

/// The node image's build context, without the programs that are built.
pub const NODE_FILES: &[Embedded] = embedded!("node/": "Dockerfile", "containerd.toml", "entrypoint");
/// The image that kube-proxy and podroutes stand on.
pub const NET_FILES: &[Embedded] = embedded!("podnet/": "Dockerfile");
/// The pod network, as minikube's `--cni` takes it.
pub const PODROUTES_YAML: Embedded =
    Embedded { path: "podroutes.yaml", text: include_str!("../../bundle/podnet/podroutes.yaml") };

/// A Go module with locked dependencies, and what is built in it.
#[derive(Clone, Copy)]
pub struct Module {
    /// Its folder.
    pub name: &'static str,
    /// `go.mod`, `go.sum` and the file that names the commands.
    pub lock: &'static [Embedded],
    /// Sources of commands of our own, a folder each.
    pub own: &'static [Embedded],
}

const KUBE: Module = Module {
    name: "kube",
    lock: embedded!("go/kube/": "go.mod", "go.sum", "commands.go"),
    own: embedded!("go/kube/": "crictl/main.go", "podroutes/main.go"),
};
const MINIKUBE_MODULE: Module =
    Module { name: "minikube", lock: embedded!("go/minikube/": "go.mod", "go.sum", "commands.go"), own: &[] };
const ETCD_MODULE: Module =
    Module { name: "etcd", lock: embedded!("go/etcd/": "go.mod", "go.sum", "commands.go"), own: &[] };
const COREDNS_MODULE: Module =
    Module { name: "coredns", lock: embedded!("go/coredns/": "go.mod", "go.sum", "main.go"), own: &[] };
const HELPERS: Module = Module {
    name: "helpers",
    lock: embedded!("go/helpers/": "go.mod"),
    own: embedded!("go/helpers/": "capshim/main.go", "pause/main.go"),
};

/// Programs that one `go build` makes.
#[derive(Clone, Copy)]
pub struct Program {
    /// The module.
    pub module: Module,
    /// What is built, as import paths; `.` and `./x` for our own.
    pub packages: &'static [&'static str],
    /// The names of the executables, in the order of the packages.
    pub outputs: &'static [&'static str],
    /// Build tags.
    pub tags: &'static str,
    /// Whether it is linked against the C library.
    pub cgo: bool,
    /// The values stamped in at link time.
    pub stamps: fn() -> Vec<(String, String)>,
}

/// How a piece comes about.
#[derive(Clone, Copy)]
pub enum Source {
    /// Built by Go.
    Go(Program),
    /// The node image, kept by Docker.
    Node,
    /// Images and programs of a node, as minikube unpacks them.
    Preload,
    /// What minikube finds in its cache instead of downloading it.
    Cache,
}

/// A piece of the bundle.
#[derive(Clone, Copy)]
pub struct Recipe {
    /// Its name.
    pub name: &'static str,
    /// The version of what is in it.
    pub version: &'static str,
    /// How it is made.
    pub source: Source,
    /// The pieces that it is made from.
    pub from: &'static [&'static str],
    /// How long it takes on two cores with empty caches, in seconds.
    pub usual: u64,
}

/// A piece that one `go build` makes of modules alone.
const fn go(
    name: &'static str,
    version: &'static str,
    module: Module,
    packages: &'static [&'static str],
    outputs: &'static [&'static str],
    usual: u64,
) -> Recipe {
    let program = Program { module, packages, outputs, tags: "", cgo: false, stamps: Vec::new };
    Recipe { name, version, source: Source::Go(program), from: &[], usual }
}

/// All pieces, in the order in which they are built.
pub const PIECES: &[Recipe] = &[
    go("helpers", "1", HELPERS, &["./capshim", "./pause"], &["capshim", "pause"], 10),
    Recipe {
        name: "kubernetes",
        version: KUBERNETES,
        source: Source::Go(Program {
            module: KUBE,
            packages: &[
                "k8s.io/kubernetes/cmd/kubeadm",
                "k8s.io/kubernetes/cmd/kubelet",
                "k8s.io/kubernetes/cmd/kubectl",
                "k8s.io/kubernetes/cmd/kube-apiserver",
                "k8s.io/kubernetes/cmd/kube-controller-manager",
                "k8s.io/kubernetes/cmd/kube-scheduler",
                "k8s.io/kubernetes/cmd/kube-proxy",
            ],
            outputs: &[
                "kubeadm",
                "kubelet",
                "kubectl",
                "kube-apiserver",
                "kube-controller-manager",
                "kube-scheduler",
                "kube-proxy",
            ],
            tags: "",
            cgo: false,
            stamps: kubernetes_stamps,
        }),
        from: &[],
        usual: 285,
    },
    go("node-tools", "1", KUBE, &["./crictl", "./podroutes"], &["crictl", "podroutes"], 10),
    Recipe {
        name: "minikube",
        version: MINIKUBE,
        source: Source::Go(Program {
            module: MINIKUBE_MODULE,
            packages: &["k8s.io/minikube/cmd/minikube"],
            outputs: &["minikube"],
            // The kvm driver needs cgo; with this tag libvirt is looked for at run time, not when linking.
            tags: "libvirt_dlopen",
            cgo: true,
            stamps: minikube_stamps,
        }),
        from: &[],
        usual: 150,
    },
    go(
        "provisioner",
        PROVISIONER,
        MINIKUBE_MODULE,
        &["k8s.io/minikube/cmd/storage-provisioner"],
        &["storage-provisioner"],
        10,
    ),
    go("etcd", ETCD, ETCD_MODULE, &["go.etcd.io/etcd/server/v3"], &["etcd"], 30),
    go("coredns", COREDNS, COREDNS_MODULE, &["."], &["coredns"], 30),
    Recipe { name: "node", version: "1", source: Source::Node, from: &["node-tools", "helpers"], usual: 60 },
    Recipe {
        name: "preload",
        version: KUBERNETES,
        source: Source::Preload,
        from: &["kubernetes", "node-tools", "helpers", "provisioner", "etcd", "coredns", "node"],
        usual: 50,
    },
    Recipe {
        name: "cache",
        version: KUBERNETES,
        source: Source::Cache,
        from: &["kubernetes", "preload"],
        usual: 1,
    },
];

/// Without these the commands call themselves v0.0.0-master.
fn kubernetes_stamps() -> Vec<(String, String)> {
    let minor = KUBERNETES.split('.').nth(1).unwrap_or_default();
    let mut stamps = Vec::new();
    for package in ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"] {
        for (name, value) in [
            ("gitVersion", format!("v{KUBERNETES}").as_str()),
            ("gitMajor", "1"),
            ("gitMinor", minor),
            ("gitTreeState", "clean"),
            ("gitCommit", "opsctl"),
            // The same for every build of the version.
            ("buildDate", "1970-01-01T00:00:00Z"),
        ] {
            stamps.push((format!("{package}.{name}"), value.to_owned()));
        }
    }
    stamps
}

fn minikube_stamps() -> Vec<(String, String)> {
    let package = "k8s.io/minikube/pkg/version";
    vec![
        (format!("{package}.version"), format!("v{MINIKUBE}")),
        (format!("{package}.isoVersion"), format!("v{MINIKUBE}")),
        (format!("{package}.gitCommitID"), "opsctl".to_owned()),
        // It asks for the provisioner's image by this tag; without it, all the preload is thrown away.
        (format!("{package}.storageProvisionerVersion"), format!("v{PROVISIONER}")),
    ]
}

/// An image of the control plane or of every node: a base and one program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Image {
    /// The name by which kubeadm or minikube asks for it.
    pub tag: String,
    /// Whether it stands on the tools of the packet filter rather than on nothing.
    pub net: bool,
    /// The program, in the bundle's `bin`.
    pub program: &'static str,
    /// Where it is in the image.
    pub path: &'static str,
}

/// What the preload holds: every image that kubeadm and minikube ask for, and the pod network's.
///
/// When one of them is missing, minikube discards the others as well and begins to pull.
pub fn images() -> Vec<Image> {
    let image = |tag: String, net, program, path| Image { tag, net, program, path };
    let kube = |name: &str| format!("registry.k8s.io/{name}:v{KUBERNETES}");
    vec![
        image(kube("kube-apiserver"), false, "kube-apiserver", "/usr/local/bin/kube-apiserver"),
        image(
            kube("kube-controller-manager"),
            false,
            "kube-controller-manager",
            "/usr/local/bin/kube-controller-manager",
        ),
        image(kube("kube-scheduler"), false, "kube-scheduler", "/usr/local/bin/kube-scheduler"),
        image(kube("kube-proxy"), true, "kube-proxy", "/usr/local/bin/kube-proxy"),
        image(format!("registry.k8s.io/etcd:{ETCD}-0"), false, "etcd", "/usr/local/bin/etcd"),
        image(format!("registry.k8s.io/coredns/coredns:v{COREDNS}"), false, "coredns", "/coredns"),
        image(format!("registry.k8s.io/pause:{PAUSE}"), false, "pause", "/pause"),
        image(
            format!("gcr.io/k8s-minikube/storage-provisioner:v{PROVISIONER}"),
            false,
            "storage-provisioner",
            "/storage-provisioner",
        ),
        image(PODROUTES_IMAGE.to_owned(), true, "podroutes", "/usr/local/bin/podroutes"),
    ]
}

impl Image {
    /// Its name in Docker, while the preload is made.
    pub fn local(&self) -> String {
        format!("opsctl/part-{}:1", self.program)
    }

    /// Its Dockerfile; the program is in the build's context by its own name.
    pub fn dockerfile(&self, net: &str) -> String {
        let base = if self.net { net } else { "scratch" };
        let Self { program, path, .. } = self;
        format!("FROM {base}\nCOPY {program} {path}\nENTRYPOINT [\"{path}\"]\n")
    }
}

/// What minikube reads in the node image about how it was made.
pub fn node_version() -> String {
    let version = serde_json::json!({
        "minikube_version": format!("v{MINIKUBE}"),
        "iso_version": "opsctl",
        "kicbase_version": "opsctl",
        "commit": "opsctl",
    });
    version.to_string()
}

/// A piece by its name.
pub fn find(name: &str) -> Option<&'static Recipe> {
    PIECES.iter().find(|p| p.name == name)
}

/// The tarball's name, by which minikube finds it.
pub fn tarball() -> String {
    format!("preloaded-images-k8s-{PRELOAD}-v{KUBERNETES}-containerd-overlay2-{}.tar.lz4", arch())
}

impl Recipe {
    /// A hash of everything that the piece is made from, other pieces included.
    pub fn hash(&self) -> String {
        let mut text = format!("{}\0{}\0{}\0", self.name, self.version, arch());
        let mut add = |files: &[Embedded]| {
            for file in files {
                let _ = write!(text, "{}\0{}\0{}\0", file.path, file.text.len(), file.text);
            }
        };
        match &self.source {
            Source::Go(program) => {
                add(program.module.lock);
                // Of our own commands only those that it builds: the others may change without it.
                for file in program.module.own {
                    if program.packages.iter().any(|p| owns(p, file.path)) {
                        add(&[*file]);
                    }
                }
                let _ = write!(
                    text,
                    "{:?}{:?}{}{}{:?}",
                    program.packages,
                    program.outputs,
                    program.tags,
                    program.cgo,
                    (program.stamps)()
                );
            }
            Source::Node => {
                add(NODE_FILES);
                text.push_str(SUITE);
                text.push_str(&node_version());
            }
            Source::Preload => {
                add(NET_FILES);
                let _ = write!(text, "{:?}{PRELOAD}", images());
            }
            Source::Cache => add(&[PODROUTES_YAML]),
        }
        for name in self.from {
            if let Some(piece) = find(name) {
                text.push_str(&piece.hash());
            }
        }
        format!("{:x}", Sha256::digest(text.as_bytes()))
    }
}

/// Whether a package pattern of our own (`./crictl`) is the folder that this file is in.
fn owns(package: &str, file: &str) -> bool {
    package.strip_prefix("./").is_some_and(|dir| file.starts_with(&format!("{dir}/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locked(module: Module, name: &str) -> Option<&'static str> {
        let text = module.lock.iter().find(|f| f.path == "go.mod")?.text;
        text.lines().find_map(|line| {
            let mut words = line.trim().trim_start_matches("require ").split_whitespace();
            (words.next() == Some(name)).then(|| words.next()).flatten()
        })
    }

    #[test]
    fn the_locked_modules_have_the_versions_that_are_announced() {
        assert_eq!(locked(KUBE, "k8s.io/kubernetes"), Some(format!("v{KUBERNETES}").as_str()));
        assert_eq!(locked(MINIKUBE_MODULE, "k8s.io/minikube"), Some(format!("v{MINIKUBE}").as_str()));
        assert_eq!(locked(ETCD_MODULE, "go.etcd.io/etcd/server/v3"), Some(format!("v{ETCD}").as_str()));
        assert_eq!(
            locked(COREDNS_MODULE, "github.com/coredns/coredns"),
            Some(format!("v{COREDNS}").as_str())
        );
    }

    #[test]
    fn every_module_builds_with_the_go_that_is_asked_for() {
        for module in [KUBE, MINIKUBE_MODULE, ETCD_MODULE, COREDNS_MODULE, HELPERS] {
            let text = module.lock[0].text;
            let line = text.lines().find_map(|l| l.strip_prefix("go ")).unwrap_or_default();
            let mut parts = line.split('.').map(|n| n.parse::<u32>().unwrap_or_default());
            let wanted = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            assert!(wanted.0 == 1 && wanted <= GO, "{}: {line}", module.name);
        }
    }

    #[test]
    fn a_piece_comes_after_those_that_it_is_made_from() {
        for (i, piece) in PIECES.iter().enumerate() {
            for name in piece.from {
                let at = PIECES.iter().position(|p| p.name == *name);
                assert!(at.is_some_and(|at| at < i), "{} needs {name}", piece.name);
            }
        }
    }

    #[test]
    fn a_change_of_a_source_changes_the_piece_and_what_is_made_from_it() {
        let piece = *find("node").unwrap();
        let mut other = piece;
        other.version = "2";
        assert_ne!(piece.hash(), other.hash());

        let of = |files: &'static [Embedded]| {
            let program = Program {
                module: Module { name: "x", lock: &[], own: files },
                packages: &["./a"],
                outputs: &["a"],
                tags: "",
                cgo: false,
                stamps: Vec::new,
            };
            Recipe { name: "x", version: "1", source: Source::Go(program), from: &[], usual: 1 }.hash()
        };
        let first = of(&[Embedded { path: "a/main.go", text: "one" }]);
        assert_ne!(first, of(&[Embedded { path: "a/main.go", text: "two" }]));
        assert_eq!(
            first,
            of(&[
                Embedded { path: "a/main.go", text: "one" },
                Embedded { path: "b/main.go", text: "not built by it" }
            ])
        );
        let mut derived = *find("preload").unwrap();
        let before = derived.hash();
        derived.from = &["kubernetes", "node-tools", "helpers", "provisioner", "etcd", "node"];
        assert_ne!(before, derived.hash());
    }

    #[test]
    fn every_program_of_an_image_is_built_by_some_piece() {
        let built: Vec<_> = PIECES
            .iter()
            .filter_map(|p| if let Source::Go(g) = &p.source { Some(g.outputs) } else { None })
            .flatten()
            .collect();
        for image in images() {
            assert!(built.contains(&&image.program), "{}", image.program);
        }
    }
}
