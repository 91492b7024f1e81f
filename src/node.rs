//! Commands on a node: through the driver's container where there is one, else minikube's ssh.

use anyhow::Result;

use crate::context::{Context, Profile};
use crate::exec::Run;

/// Names of the profile's machines, the control plane first.
pub fn machines(profile: &Profile) -> Vec<String> {
    let mut nodes: Vec<_> = profile.nodes.iter().collect();
    nodes.sort_by_key(|n| !n.control_plane);
    nodes.into_iter().map(|n| profile.machine(n)).collect()
}

/// A shell script to run as root on a machine of the profile, `args` as its `$1` and on.
pub fn script(cx: &Context, machine: &str, script: &str, args: &[&str]) -> Result<Run> {
    let profile = cx.profile()?;
    Ok(match profile.driver.as_str() {
        engine @ ("docker" | "podman") => {
            Run::new(engine).args(["exec", "-i", machine, "sh", "-euc", script, "opsctl"]).args(args)
        }
        _ => Run::new("minikube")
            .args(["ssh", "--native-ssh=false", "-p", &profile.name, "-n", machine, "--", "sudo", "sh", "-euc"])
            .arg(crate::exec::quoted(script))
            .arg("opsctl")
            .args(args.iter().map(|a| crate::exec::quoted(a))),
    })
}
