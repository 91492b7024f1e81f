//! `election drill`: breaks the master on purpose, and measures.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::command::{DryRun, EXAMPLES_FIRST, duration, lifecycle};
use crate::context::Context;
use crate::drill::fault::{self, Fault};
use crate::drill::report::{Round, seconds};
use crate::drill::{self, Plan};
use crate::error::{kubectl, problem};
use crate::journal;
use crate::ui::Mark;

/// The flags of `election drill`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl election drill                 deletes, kills, freezes it: 3 rounds
  opsctl election drill --fault pause --rounds 10
  opsctl election drill --fault all --yes -o json
  opsctl election drill --restore       after a drill that was itself killed")]
pub struct Args {
    /// Fault to inject; may be repeated. `all`, or one of: delete, kill, freeze, freeze-elector,
    /// freeze-redis, pause, unplug, partition, loss-5, loss-30, apiserver-kill, apiserver-away,
    /// lease-deleted
    #[arg(long, value_name = "NAME", hide_possible_values = true, hide_default_value = true,
          default_values = ["delete", "kill", "freeze"], value_parser = faults())]
    pub fault: Vec<Vec<Fault>>,
    /// Rounds of each fault
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub rounds: u32,
    /// How long a fault lasts, such as 8s [default: 10 s to 60 s, depending on the fault]
    #[arg(long, value_parser = duration, value_name = "TIME")]
    pub hold: Option<Duration>,
    /// Clients that write during the faults
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=50))]
    pub writers: u8,
    /// Only undo what a killed drill left behind
    #[arg(long)]
    pub restore: bool,
}

/// What each name stands for: a fault, or `all` of them.
fn faults() -> impl TypedValueParser<Value = Vec<Fault>> {
    let all = PossibleValue::new("all").help("Every fault");
    let each = Fault::value_variants().iter().filter_map(Fault::to_possible_value);
    PossibleValuesParser::new(std::iter::once(all).chain(each))
        .map(|name| Fault::from_str(&name, false).map_or_else(|_| Fault::all(), |fault| vec![fault]))
}

impl Args {
    /// It shows the faults that it would make; what `--restore` takes back is known only once it is done.
    pub fn dry_run(&self) -> DryRun {
        if self.restore { DryRun::Refuses } else { DryRun::Shows }
    }
}

/// Breaks the master as often as asked; exit 1 when a promise was broken.
pub async fn run(cx: &Context, args: Args) -> Result<ExitCode> {
    // Two drills would mend each other's faults.
    let _lock = if cx.dry_run { None } else { Some(journal::lock(&cx.paths.state, &cx.command)?) };
    lifecycle::target_line(cx).await;
    if args.restore {
        let mended = drill::restore(cx).await?;
        for line in &mended {
            cx.ui.note(format!("undone: {line}"));
        }
        if mended.is_empty() {
            cx.ui.note("Nothing to undo.");
        }
        return Ok(ExitCode::SUCCESS);
    }
    let writers = usize::from(args.writers);
    let plan = Plan { faults: args.fault.concat(), rounds: args.rounds, hold: args.hold, writers };
    for fault in &plan.faults {
        cx.ui.note(format!("  {:<15} {} x  {}", fault.to_string(), plan.rounds, fault::told(*fault)));
    }
    if cx.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    cx.ui
        .prose("Masters of this cluster's election will fail; other workloads on its nodes may be affected.");
    cx.ui.confirm("Continue?")?;
    let report = drill::run(cx, &plan, |round| {
        let mark = if round.overlaps + round.promoted == 0 { Mark::Done } else { Mark::Fail };
        cx.ui.fact(mark, "drill", &format!("{} {}: {}", round.fault, round.number, fact(round)), None);
    })
    .await
    .inspect_err(|_| cx.ui.note("If a node is still disconnected: opsctl election drill --restore"))?;
    cx.ui.report(&report, || report.drawn(), || plan.faults.iter().map(ToString::to_string).collect())?;
    if report.kept() {
        return Ok(ExitCode::SUCCESS);
    }
    Err(problem!(
        Promise,
        "promises were broken: {} overlaps, {} acknowledged writes lost, {} promoted without an API server",
        report.overlaps,
        report.writes.lost,
        report.promoted
    )
    .next(kubectl("-n election logs -l app.kubernetes.io/name=redis --prefix --tail 50"))
    .into())
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
