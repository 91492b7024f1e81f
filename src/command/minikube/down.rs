//! `minikube down`: the cluster goes, dependents first, their data kept.

use anyhow::Result;

use crate::command::down::{Args, everything};
use crate::command::lifecycle;
use crate::context::Context;
use crate::error::{opsctl, problem, shell};
use crate::journal::{self, Scope};
use crate::minikube::Settings;
use crate::stack::Stack;
use crate::step::Step;
use crate::step::cluster::Cluster;

/// Takes it down. A profile that opsctl did not make is left alone.
pub async fn run(cx: &Context, stacks: &[Stack], args: Args) -> Result<()> {
    lifecycle::target_line(cx).await;
    let profile = cx.profile_name()?;
    let history = journal::read_sound(&cx.paths.state)?;
    let cluster = Cluster::new(profile, Settings::default());
    let mut ours = cluster.marked(cx);
    let cluster = Step::from(cluster);
    for entry in history.standing(&Scope::Profile(journal::Profile::of(&cx.paths, profile))) {
        // An entry may be about a profile of that name that is gone.
        ours = ours || cluster.spares(cx, &entry.is.before, entry.made.as_ref()).await.is_none();
    }
    if !ours && cx.paths.profile(profile).join("config.json").exists() {
        return Err(problem!(Foreign, "opsctl did not make the minikube profile \"{profile}\"")
            .found("Nothing was touched: it may hold something of value.")
            .next(opsctl("down").of(profile).remark("which removes what opsctl created in it"))
            .next(shell(format!("minikube delete -p {profile}")))
            .into());
    }
    everything(cx, stacks, args).await
}
