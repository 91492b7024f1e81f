//! What `check --fix` puts onto this machine; `uninstall` takes it back.

use std::path::PathBuf;

use crate::check::{Finding, Mend};
use crate::engine::{Place, Plan};
use crate::step::Step;
use crate::step::host::{Daemon, Kubectl, Packages};

/// The part's name.
pub const PART: &str = "host";

/// Docker, and what the bundle is made with.
const PACKAGES: &[&str] = &["docker.io", "iptables", "debootstrap", "lz4", "ca-certificates"];

/// The plan that mends these findings; none where nothing of them can be mended.
pub fn plan(findings: &[Finding]) -> Option<Plan> {
    let wanted = |mend: Mend| findings.iter().any(|f| !f.ok && f.mend == Some(mend));
    let mut waves: Vec<Vec<Step>> = Vec::new();
    if wanted(Mend::InstallDocker) {
        waves.push(vec![Packages::new(PACKAGES).into()]);
    }
    if wanted(Mend::InstallDocker) || wanted(Mend::StartDocker) {
        waves.push(vec![Step::Daemon(Daemon {})]);
    }
    if wanted(Mend::LinkKubectl) {
        waves.push(vec![Kubectl::new(PathBuf::from("/usr/local/bin/kubectl")).into()]);
    }
    (!waves.is_empty()).then_some(Plan { part: PART, place: Place::Host, waves, proof: None })
}
