//! `web scale N`: another number of nginx.

use anyhow::Result;

use crate::command::lifecycle;
use crate::context::Context;
use crate::error::{kubectl, opsctl, problem};
use crate::stack::Stack;
use crate::stack::web::{PART, room, scaled, status};

/// What `web scale` takes.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct Args {
    /// Number of nginx; with 0 the balancers answer 503, with a page that says so
    #[arg(value_name = "N", value_parser = clap::value_parser!(u16), allow_negative_numbers = true)]
    pub replicas: u16,
}

/// Changes the number, as one step with its undo.
pub async fn run(cx: &Context, _: &[Stack], args: Args) -> Result<()> {
    lifecycle::target_line(cx).await;
    let client = cx.client().await?;
    let Some(fleet) = status::fleet(&client).await? else {
        return Err(problem!(NotUp, "web is not up").next(opsctl("web up")).into());
    };
    let each = &fleet["spec"]["template"]["spec"]["containers"][0]["resources"];
    let most = room::holds(&client, each).await?;
    if u64::from(args.replicas) > most && args.replicas > status::replicas(&fleet) {
        return Err(problem!(Usage, "the nodes cannot hold {} nginx, but {most}", args.replicas)
            .found("Counted by the pods, the processors and the memory that the nodes have left; nothing was touched.")
            .next(opsctl(format!("{PART} scale {most}")))
            .next(kubectl("describe nodes"))
            .into());
    }
    let before = status::replicas(&fleet);
    if let Some(summary) = lifecycle::up(cx, &[scaled(&fleet, args.replicas)]).await? {
        let told = format!("{before} to {}", args.replicas);
        let told = if summary.changed > 0 { told } else { String::new() };
        lifecycle::ready(cx, &summary, 1, &told, opsctl("web status"));
    }
    Ok(())
}
