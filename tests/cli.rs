//! The rules of the binary as a person meets them: real processes, fake tools, no cluster.
#![allow(clippy::unwrap_used)]

#[path = "support/sandbox.rs"]
#[allow(dead_code, reason = "not every test uses all of it")]
mod sandbox;

#[path = "cli/world.rs"]
mod world;

#[path = "cli/check.rs"]
mod check;
#[path = "cli/contributing.rs"]
mod contributing;
#[path = "cli/ctrl_c.rs"]
mod ctrl_c;
#[path = "cli/dev_vars.rs"]
mod dev_vars;
#[path = "cli/elector.rs"]
mod elector;
#[path = "cli/figures.rs"]
mod figures;
#[path = "cli/help.rs"]
mod help;
#[path = "cli/import.rs"]
mod import;
#[path = "cli/make.rs"]
mod make;
#[path = "cli/output.rs"]
mod output;
#[path = "cli/profile.rs"]
mod profile;
#[path = "cli/prompt.rs"]
mod prompt;
#[path = "cli/record.rs"]
mod record;
#[path = "cli/without_cluster.rs"]
mod without_cluster;
