//! What `check --fix` puts onto this machine; `uninstall` takes it back.

use crate::check::{Finding, Mend};
use crate::context::Paths;
use crate::engine::{Place, Plan};
use crate::step::Step;
use crate::step::host::{DOCKER, Daemon, Kubectl, Packages};

/// The part's name.
pub const PART: &str = "host";

/// The packages that mend a finding. Docker comes with what makes a base image where no registry has one.
const PACKAGES: &[(Mend, &[&str])] = &[
    (Mend::InstallDocker, &[DOCKER, "iptables", "debootstrap", "ca-certificates"]),
    (Mend::InstallDebootstrap, &["debootstrap"]),
    (Mend::InstallCompiler, &["gcc", "libc6-dev"]),
];

/// The plan that mends these findings; none where nothing of them can be mended.
pub fn plan(paths: &Paths, findings: &[Finding]) -> Option<Plan> {
    let wanted = |mend: Mend| findings.iter().any(|f| !f.ok && f.mend == Some(mend));
    let mut waves: Vec<Vec<Step>> = Vec::new();
    let mut packages: Vec<&str> = Vec::new();
    for name in PACKAGES.iter().filter(|(mend, _)| wanted(*mend)).flat_map(|(_, names)| *names) {
        if !packages.contains(name) {
            packages.push(name);
        }
    }
    if !packages.is_empty() {
        waves.push(vec![Packages::new(&packages).into()]);
    }
    if wanted(Mend::InstallDocker) || wanted(Mend::StartDocker) {
        waves.push(vec![Step::Daemon(Daemon {})]);
    }
    if wanted(Mend::LinkKubectl) {
        waves.push(vec![Kubectl::new(Kubectl::place(paths)).into()]);
    }
    (!waves.is_empty()).then_some(Plan { part: PART.into(), place: Place::Host, waves, proof: None })
}
