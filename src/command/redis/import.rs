//! `redis import`: loads files of redis commands.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::command::{EXAMPLES_FIRST, lifecycle};
use crate::context::Context;
use crate::error::{again, cause, opsctl, shell, with_next};
use crate::exec::quoted;
use crate::redis;
use crate::redis::reader::Unfit;
use crate::stack;
use crate::stack::redis::status;
use crate::ui::human;

/// The flags of `redis import`.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl redis import                  the sample data
  opsctl redis import a.txt b.txt      in this order; all are checked first
  opsctl redis import --dry-run a.txt  checks the file, writes nothing")]
pub struct Args {
    /// Files of redis commands, one per line [default: ./import/redis/data.txt, else the embedded one]
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Load files even if they were imported before
    #[arg(long)]
    pub again: bool,
}

/// Checks all files, then loads them in their order.
pub async fn run(cx: &Context, args: Args) -> Result<()> {
    let files = if args.files.is_empty() {
        let (files, name) = stack::data::sample(&std::env::current_dir()?);
        cx.ui.note(format!("No FILE given: {name}"));
        files
    } else {
        args.files.clone()
    };
    let files: Vec<PathBuf> = files
        .iter()
        .map(|f| std::path::absolute(f).with_context(|| format!("could not find {}", f.display())))
        .collect::<Result<_>>()?;
    // The files first: a wrong line must be told even where no cluster answers.
    for file in &files {
        redis::reader::check(&redis::reader::Source::File(file.clone())).map_err(|e| once_mended(e, file))?;
    }
    lifecycle::target_line(cx).await;
    cx.profile()?;
    // Said at once: the import itself would wait for a redis that nobody brings up.
    status::report(cx).await?;
    let plans = [stack::data::plan(cx, &files, args.again)];
    let Some(summary) = lifecycle::up(cx, &plans).await? else { return Ok(()) };
    if summary.changed == 0 {
        cx.ui.note(format!("Imported before; not repeated. Checked in {}", human(summary.took)));
        cx.ui.next(again().with("--again").to("load it anyway"), None);
    } else {
        cx.ui.next(opsctl("redis cli -- dbsize"), Some(opsctl("undo")));
    }
    Ok(())
}

/// A fault in a file: after it is mended the same command is the next one.
fn once_mended(error: anyhow::Error, file: &Path) -> anyhow::Error {
    let fixed = again().remark("once that is fixed");
    match cause::<Unfit>(&error) {
        Some(Unfit::Missing) => with_next(error, opsctl("redis import").to("load the sample data")),
        Some(Unfit::Stream) => {
            let name = quoted(&file.to_string_lossy());
            let copy = shell(format!("cat {name} > data.txt"));
            with_next(error, copy.then(opsctl("redis import data.txt")))
        }
        Some(Unfit::DeletesAll) => {
            let error = with_next(error, fixed);
            with_next(error, opsctl("redis clean").to("delete all data, after a snapshot"))
        }
        None => with_next(error, fixed),
    }
}
