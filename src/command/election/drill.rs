//! `election drill`.

use std::process::ExitCode;

use anyhow::Result;

use crate::cli;
use crate::command::lifecycle;
use crate::context::Context;
use crate::drill::fault::{self, Fault};
use crate::drill::report::{Round, seconds};
use crate::drill::{self, Plan};
use crate::error::Problem;
use crate::ui::Mark;

/// Breaks the master as often as asked; exit 1 when a promise was broken.
pub async fn run(cx: &Context, args: &cli::Drill) -> Result<ExitCode> {
    lifecycle::target_line(cx).await;
    if args.restore {
        let mended = drill::restore(cx).await?;
        for line in &mended {
            cx.ui.note(format!("taken back: {line}"));
        }
        if mended.is_empty() {
            cx.ui.note("Nothing to take back.");
        }
        return Ok(ExitCode::SUCCESS);
    }
    let plan = plan(args);
    for fault in &plan.faults {
        cx.ui.note(format!("  {:<15} {} x  {}", fault.to_string(), plan.rounds, fault::told(*fault)));
    }
    if cx.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    cx.ui.prose("Masters of the election on this cluster will fail; other things on its nodes may feel it.");
    if !cx.ui.confirm("Go on?")? {
        return Err(Problem::failure("not confirmed; nothing was touched").into());
    }
    let report = drill::run(cx, &plan, |round| {
        let mark = if round.overlaps + round.promoted == 0 { Mark::Done } else { Mark::Fail };
        cx.ui.fact(mark, "drill", &format!("{} {}: {}", round.fault, round.number, fact(round)), None);
    })
    .await
    .inspect_err(|_| cx.ui.note("Should a node still be cut off: opsctl election drill --restore"))?;
    cx.ui.report(&report, || report.drawn(), || plan.faults.iter().map(ToString::to_string).collect())?;
    if report.kept() {
        return Ok(ExitCode::SUCCESS);
    }
    Err(Problem::failure(format!(
        "promises were broken: {} overlaps, {} acknowledged writes lost, {} promoted without an API server",
        report.overlaps, report.writes.lost, report.promoted
    ))
    .next("kubectl -n election logs -l app.kubernetes.io/name=redis --prefix --tail 50")
    .into())
}

fn plan(args: &cli::Drill) -> Plan {
    let mut faults: Vec<Fault> = Vec::new();
    for choice in &args.fault {
        match choice {
            cli::FaultChoice::All => faults.extend(Fault::all()),
            cli::FaultChoice::One(fault) => faults.push(*fault),
        }
    }
    Plan { faults, rounds: args.rounds, hold: args.hold, writers: usize::from(args.writers) }
}

fn fact(round: &Round) -> String {
    let time = |name: &str, ms: Option<u64>| ms.map(|ms| format!("{name} {}", seconds(ms)));
    let count = |n: usize, what: &str| (n > 0).then(|| format!("{n} {what}"));
    let parts = [
        time("lease", round.lease_ms),
        time("agreed", round.agreed_ms),
        time("write", round.write_ms),
        time("again", Some(round.again_ms).filter(|_| !round.fault.hold().is_zero())),
        (round.changes != 1).then(|| format!("{} changes", round.changes)),
        count(round.reads_failed, "reads failed"),
        count(round.plain, "plain"),
        count(round.overlaps, "OVERLAPS"),
        count(round.promoted, "PROMOTED"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
