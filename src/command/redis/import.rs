//! `redis import`: loads files of redis commands.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::command::{EXAMPLES_FIRST, lifecycle};
use crate::context::Context;
use crate::error::{Next, advice, again, cause, opsctl, shell, with_next};
use crate::exec::quoted;
use crate::redis;
use crate::redis::form::Form;
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
        let source = redis::reader::Source::File(file.clone());
        let checked = redis::reader::check(&source).map_err(|e| once_mended(e, file))?;
        if checked.skipped > 0 {
            let lines = lifecycle::plural(checked.skipped, "line");
            cx.ui.note(format!("{}: {lines} that change nothing are skipped", checked.file));
        }
    }
    lifecycle::target_line(cx).await;
    cx.profile()?;
    status::one_address(cx).await?;
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

/// Files in the folder where one is missing, the first few.
fn beside(file: &Path) -> Vec<PathBuf> {
    let here = std::env::current_dir().unwrap_or_default();
    let entries = file.parent().and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten();
    let shown = |name: &std::ffi::OsStr| !name.as_encoded_bytes().starts_with(b".");
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| shown(&entry.file_name()) && entry.path().is_file())
        .map(|entry| entry.path().strip_prefix(&here).map(Path::to_path_buf).unwrap_or(entry.path()))
        .collect();
    files.sort();
    files.truncate(3);
    files
}

/// How to get from another form to commands.
fn way_from(form: Form, file: &str) -> Next {
    let line = "write one command of redis in each line, such as HSET user:1 name Ann";
    match form {
        Form::Rdb => opsctl("snapshots list").remark("the snapshots that opsctl can restore"),
        Form::Packed("gzip") => {
            shell(format!("zcat {file} > data.txt")).then(opsctl("redis import data.txt"))
        }
        Form::Packed(by) => advice(format!("unpack it with {by}, and import what is in it")),
        Form::Utf16 => {
            shell(format!("iconv -f UTF-16 -t UTF-8 {file} > data.txt")).then(opsctl("redis import data.txt"))
        }
        Form::Resp => {
            opsctl(format!("redis cli -- --pipe < {file}")).remark("unchecked, and without a way back")
        }
        Form::Session => shell(format!("sed -nE 's/^[^ ]+> //p' {file} > data.txt"))
            .then(opsctl("redis import data.txt"))
            .remark("without prompts and answers"),
        Form::Sql | Form::Json | Form::Csv => advice(line),
    }
}

/// A fault in a file: after it is mended the same command is the next one.
fn once_mended(error: anyhow::Error, file: &Path) -> anyhow::Error {
    let fixed = again().remark("once that is fixed");
    if let Some(form) = cause::<Form>(&error) {
        let way = way_from(*form, &quoted(&file.to_string_lossy()));
        return with_next(error, way);
    }
    match cause::<Unfit>(&error) {
        Some(Unfit::Missing) => {
            let beside = beside(file);
            if beside.is_empty() {
                return with_next(
                    error,
                    opsctl("redis import PATH").to("name the file; without one, the sample"),
                );
            }
            beside.iter().fold(error, |error, other| {
                with_next(error, opsctl(format!("redis import {}", quoted(&other.to_string_lossy()))))
            })
        }
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
