//! `redis cli`: redis-cli in the master's pod.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;

use crate::bundle;
use crate::context::Context;
use crate::exec::Run;

/// The arguments of `redis cli`.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Arguments of redis-cli
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub args: Vec<OsString>,
}

/// Runs it in this terminal.
pub async fn run(cx: &Context, args: Args) -> Result<ExitCode> {
    use std::io::IsTerminal as _;
    // kubectl would speak of a context that does not exist.
    let profile = cx.profile()?;
    cx.must_lead_here().await?;
    let context = profile.name.as_str();
    let tty = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let flags = if tty { "-it" } else { "-i" };
    let head = [
        "--context",
        context,
        "-n",
        "redis",
        "exec",
        flags,
        "deploy/redis",
        "--",
        "/usr/local/bin/redis-cli",
    ];
    let words: Vec<OsString> = head.iter().map(OsString::from).chain(args.args.iter().cloned()).collect();
    let kubectl = bundle::kubectl(&cx.paths);
    let code =
        Run::new(kubectl).args(["--kubeconfig"]).arg(&cx.paths.kubeconfig).args(words).interactive().await?;
    Ok(ExitCode::from(u8::try_from(code.unwrap_or(1)).unwrap_or(1)))
}
