//! `bundle …`: a minikube made from package registries.

use anyhow::Result;

use crate::bundle;
use crate::cli;
use crate::context::Context;
use crate::error::Problem;
use crate::ui::{bytes, table};

/// Runs the verb.
pub async fn run(cx: &Context, verb: cli::Bundle) -> Result<()> {
    match verb {
        cli::Bundle::Build => {
            bundle::build(cx).await?;
            Ok(())
        }
        cli::Bundle::Status => {
            let pieces = bundle::status(cx).await?;
            cx.ui.report(
                &pieces,
                || {
                    let rows: Vec<_> = pieces
                        .iter()
                        .map(|p| {
                            let state = format!("{:?}", p.state).to_lowercase();
                            vec![
                                p.name.clone(),
                                p.version.clone(),
                                state,
                                p.bytes.map(bytes).unwrap_or_default(),
                            ]
                        })
                        .collect();
                    table(&["PIECE", "VERSION", "STATE", "SIZE"], &rows)
                },
                || pieces.iter().map(|p| p.name.clone()).collect(),
            )
        }
        cli::Bundle::Remove => {
            if !cx.ui.confirm("Remove the bundle? Building it again takes about twelve minutes.")? {
                return Err(Problem::failure("not confirmed; nothing was touched").into());
            }
            let removed = bundle::remove(cx).await?;
            cx.ui.report(&removed, String::new, Vec::new)
        }
    }
}
