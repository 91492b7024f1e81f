//! `redis digest`: one figure for all data, to see whether two moments or two servers hold the same.

use anyhow::Result;

use crate::context::Context;
use crate::redis::digest;
use crate::stack::redis::status;

/// The flags of `redis digest`.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Another redis than the master
    #[arg(value_name = "HOST:PORT")]
    pub at: Option<String>,
}

/// Reads all data and prints the figure; nothing is changed.
pub async fn run(cx: &Context, args: Args) -> Result<()> {
    let at = match args.at {
        Some(at) => at,
        None => status::endpoints(cx)?.0,
    };
    let row = cx.ui.row("digest", "connecting");
    let found = digest::digest(&at, |done, of| row.doing(format!("{done} of {of} keys"))).await;
    row.drop_quietly();
    let found = found?;
    let table = || {
        let databases = found.databases.len();
        let plural = if databases == 1 { "" } else { "s" };
        format!("{}  {at}  {} keys in {databases} database{plural}", found.digest, found.keys)
    };
    cx.ui.report(&found, table, || vec![found.digest.clone()])
}
