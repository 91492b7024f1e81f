//! `redis import`: loads data files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::json;

use super::rejects::Rejects;
use super::spool::Spool;
use crate::command::{EXAMPLES_FIRST, lifecycle};
use crate::context::Context;
use crate::error::{Next, advice, again, cause, opsctl, problem, shell, with_next};
use crate::exec::quoted;
use crate::redis::reader::{Checked, Foreign, Kind, Reading, Source, Template, Unfit, check_and_reject};
use crate::stack;
use crate::stack::redis::status;
use crate::ui::human;

/// The flags of `redis import`.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(help_template = EXAMPLES_FIRST, before_help = "\
Examples:
  opsctl redis import                  the sample data
  opsctl redis import a.txt b.txt      in this order; all are checked first
  opsctl redis import dump.rdb         what another redis held
  opsctl redis import users.csv --key 'user:{id}'
  zcat log.gz | opsctl redis import -  what a program writes
  opsctl redis import --dry-run a.txt  checks the file, writes nothing")]
pub struct Args {
    /// Files of redis commands (a line each, or RESP), RDB, CSV or JSON Lines, also packed by gzip or zstd; folders of
    /// such; - for standard input [default: ./import/redis/data.txt, else the embedded one]
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::AnyPath)]
    pub files: Vec<PathBuf>,
    /// Load files even if they were imported before
    #[arg(long)]
    pub again: bool,
    /// The key of each record of CSV or JSON Lines, with its fields: 'user:{id}'
    #[arg(long, value_name = "TEMPLATE")]
    pub key: Option<Template>,
    /// What each record becomes: hash or string
    #[arg(
        long = "as",
        value_name = "TYPE",
        requires = "key",
        default_value = "hash",
        hide_possible_values = true
    )]
    pub kind: Kind,
    /// Leave out up to N wrong lines of each file, and write them to a file
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub skip_bad: u64,
}

impl Args {
    fn reading(&self) -> Reading {
        Reading { key: self.key.clone(), kind: self.kind, skip_bad: self.skip_bad }
    }
}

/// Checks all files, then loads them in their order.
pub async fn run(cx: &Context, args: Args) -> Result<()> {
    let reading = args.reading();
    let spool =
        args.files.iter().any(|file| file.as_os_str() == "-").then(|| Spool::of_stdin(cx)).transpose()?;
    let files = if args.files.is_empty() {
        let (files, name) = stack::data::sample(&std::env::current_dir()?);
        cx.ui.note(format!("No FILE given: {name}"));
        files
    } else {
        named(&args.files, spool.as_ref())?
    };
    // The files first: a wrong line must be told even where no cluster answers.
    let mut rejects = Rejects::new(cx);
    let mut types = BTreeMap::new();
    for file in &files {
        let source = Source::File(file.clone());
        let name = source.name();
        let checked = check_and_reject(&source, &reading, &mut |fault, text| {
            if cx.dry_run { Ok(()) } else { rejects.add(&name, fault, text) }
        })
        .map_err(|e| once_mended(e, file))?;
        told(cx, &checked);
        for (name, count) in checked.types {
            *types.entry(name).or_default() += count;
        }
    }
    if let Some((count, path)) = rejects.keep()? {
        let lines =
            if count == 1 { "1 wrong line is".to_owned() } else { format!("{count} wrong lines are") };
        cx.ui.warn(format!("{lines} left out; with place and reason in\n   {}", path.display()));
    }
    lifecycle::target_line(cx).await;
    cx.profile()?;
    status::one_address(cx).await?;
    // Said at once: the import itself would wait for a redis that nobody brings up.
    status::report(cx).await?;
    let plans = [stack::data::plan(cx, &files, &reading, args.again)];
    let Some(summary) = lifecycle::up(cx, &plans).await? else { return Ok(()) };
    if summary.changed == 0 {
        cx.ui.note(format!("Imported before; not repeated. Checked in {}", human(summary.took)));
        cx.ui.next(again().with("--again").to("load it anyway"), None);
    } else {
        cx.ui.note(by_type(&types));
        cx.ui.next(opsctl("redis cli -- dbsize"), Some(opsctl("undo")));
    }
    Ok(())
}

/// What was written, by type.
fn by_type(types: &BTreeMap<&str, u64>) -> String {
    let counted: Vec<_> = types.iter().map(|(name, count)| format!("{name} {count}")).collect();
    format!("Commands by type: {}", counted.join(", "))
}

/// What a file holds, and what it leaves out.
fn told(cx: &Context, checked: &Checked) {
    let left_out: BTreeMap<_, _> =
        checked.left_out.iter().map(|(what, count)| (what.name(), count)).collect();
    cx.ui.event(&json!({"event": "checked", "file": checked.file, "commands": checked.commands,
        "types": checked.types, "left_out": left_out, "bad": checked.bad}));
    for (what, count) in &checked.left_out {
        cx.ui.note(format!("{}: {} left out", checked.file, what.told(*count)));
    }
    if cx.dry_run && checked.bad > 0 {
        cx.ui.note(format!("{}: {} wrong lines would be left out", checked.file, checked.bad));
    }
}

/// The files that these words name, each with its whole path: a folder stands for the files in it, by name.
fn named(words: &[PathBuf], spool: Option<&Spool>) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for word in words {
        if let Some(spool) = spool.filter(|_| word.as_os_str() == "-") {
            files.push(spool.path().to_owned());
            continue;
        }
        let path = std::path::absolute(word).with_context(|| format!("could not find {}", word.display()))?;
        if !path.is_dir() {
            files.push(path);
            continue;
        }
        let unread = |e: std::io::Error| problem!(Input, "{} cannot be read: {e}", path.display());
        let mut within = Vec::new();
        for entry in std::fs::read_dir(&path).map_err(unread)? {
            let entry = entry.map_err(unread)?;
            if !entry.file_name().as_encoded_bytes().starts_with(b".") {
                within.push(entry.path());
            }
        }
        if within.is_empty() {
            let empty = problem!(Input, "{} is an empty folder: there is nothing to import", path.display());
            return Err(empty.next(again().remark("once files are in it")).into());
        }
        within.sort();
        files.extend(within);
    }
    Ok(files)
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

/// How to get from a file that is something else to one that can be imported.
fn way_from(foreign: Foreign, file: &str) -> Next {
    let line = "write one command of redis in each line, such as HSET user:1 name Ann";
    match foreign {
        Foreign::Packed(by) => advice(format!("unpack it with {by}, and import what is in it")),
        Foreign::Utf16 => shell(format!("iconv -f UTF-16 -t UTF-8 {file} | opsctl redis import -")),
        Foreign::Session => shell(format!("sed -nE 's/^[^ ]+> //p' {file} | opsctl redis import -"))
            .remark("without prompts and answers"),
        Foreign::Array => shell(format!("jq -c '.[]' {file} | opsctl redis import - --key 'user:{{id}}'")),
        Foreign::Keyless => again().with("--key 'user:{id}'").remark("by fields of yours"),
        Foreign::Keyed => advice("leave --key out"),
        Foreign::Sql => advice(line),
    }
}

/// A fault in a file: after it is mended the same command is the next one.
fn once_mended(error: anyhow::Error, file: &Path) -> anyhow::Error {
    let fixed = again().remark("once that is fixed");
    if let Some(foreign) = cause::<Foreign>(&error) {
        let way = way_from(*foreign, &quoted(&file.to_string_lossy()));
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
            with_next(error, shell(format!("cat {name} | opsctl redis import -")))
        }
        Some(Unfit::DeletesAll) => {
            let error = with_next(error, fixed);
            with_next(error, opsctl("redis clean").to("delete all data, after a snapshot"))
        }
        None => with_next(error, fixed),
    }
}
