//! `redis …` and `redis-single …`.

pub mod rescue;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use serde_json::json;

use self::rescue::Rescue;
use super::lifecycle;
use crate::check::{self, Needs};
use crate::cli;
use crate::context::{Context, node_address};
use crate::engine::Reach;
use crate::error::Problem;
use crate::exec::Run;
use crate::k8s::unrecorded;
use crate::redis;
use crate::stack;
use crate::stack::redis::status::{self, Report};
use crate::stack::report::PodLine;
use crate::step::clean::Clean;
use crate::step::dataset::master_answers;
use crate::ui::{Mark, Ui, bytes, human, wrap};

/// `redis up`.
pub async fn up(cx: &Context) -> Result<()> {
    lifecycle::target_line(cx).await;
    let findings = check::look(cx, &Needs::Nodes(2)).await;
    check::demand(cx, &findings, "opsctl redis up")?;
    let rescued = rescue::rescue(cx).await?;
    let plans: Vec<_> =
        std::iter::once(stack::redis::plan(cx)?).chain(rescued.iter().map(|r| r.plan(cx))).collect();
    if let Some(summary) = lifecycle::up(cx, &plans).await? {
        rescued.map_or(Ok(()), Rescue::end)?;
        // Where all stood already, so does the data, as a rule.
        let next = if summary.changed > 0 { "opsctl redis import" } else { "eval \"$(opsctl dev-vars)\"" };
        lifecycle::ready(cx, &summary, plans.len(), &endpoints(cx)?, next);
    }
    Ok(())
}

/// `master HOST:PORT   replica HOST:PORT`.
pub fn endpoints(cx: &Context) -> Result<String> {
    let (master, replica) = status::endpoints(cx)?;
    Ok(format!("master {master}   replica {replica}"))
}

/// `redis down`: with what leans on it.
pub async fn down(cx: &Context, args: cli::Down) -> Result<()> {
    lifecycle::target_line(cx).await;
    let plans = [stack::redis::plan(cx)?, stack::info_cron::plan()?];
    let reach = Reach::Parts(vec![stack::redis::PART, stack::info_cron::PART]);
    lifecycle::down(cx, &reach, &plans, args.discard_data).await
}

/// `redis-single up` and `down`.
pub async fn single(cx: &Context, verb: cli::RedisSingle) -> Result<()> {
    lifecycle::target_line(cx).await;
    let plans = [stack::redis_single::plan(cx)?];
    match verb {
        cli::RedisSingle::Up => {
            let findings = check::look(cx, &Needs::Nodes(1)).await;
            check::demand(cx, &findings, "opsctl redis-single up")?;
            if let Some(summary) = lifecycle::up(cx, &plans).await? {
                let addr = format!("{}:{}", node_address(&cx.profile()?)?, cx.ports.redis_single);
                let next = format!(
                    "redis-cli -h {} -p {}",
                    addr.split(':').next().unwrap_or_default(),
                    cx.ports.redis_single
                );
                lifecycle::ready(cx, &summary, 1, &format!("redis {addr}"), &next);
            }
            Ok(())
        }
        cli::RedisSingle::Down(args) => {
            let reach = Reach::Parts(vec![stack::redis_single::PART]);
            lifecycle::down(cx, &reach, &plans, args.discard_data).await
        }
    }
}

/// `redis status`: ten lines; exit 1 when something is not as it should be.
pub async fn status(cx: &Context) -> Result<ExitCode> {
    let report = status::report(cx).await?;
    cx.ui.report(&report, || drawn(&report, &cx.ui), || names(&report))?;
    Ok(if report.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn names(report: &Report) -> Vec<String> {
    report.master_pods.iter().chain(&report.replica_pods).map(|p| format!("pod/{}", p.name)).collect()
}

/// Two boxes side by side, the link between them, the faults below.
fn drawn(report: &Report, ui: &Ui) -> String {
    let master = report.servers.master.as_ref();
    let replica = report.servers.replica.as_ref();
    let describe = |server: Result<&redis::status::Server, &String>| match server {
        Ok(s) => format!("{} keys, {}", s.keys, bytes(s.memory)),
        Err(e) => e.clone(),
    };
    let persistence = match master {
        Ok(s) if s.persistence.aof && s.persistence.aof_ok => "append-only file, last write ok",
        Ok(s) if s.persistence.aof => "append-only file, LAST WRITE FAILED",
        Ok(_) => "NOT PERSISTENT",
        Err(_) => "",
    };
    let link = match replica.ok().and_then(|s| s.link.as_ref()) {
        Some(l) if l.up => format!(
            "link up, {} bytes behind, last heard {} s ago",
            report.servers.lag.map_or("?".to_owned(), |n| n.to_string()),
            l.seconds_since_io.unwrap_or(0)
        ),
        Some(l) => format!("LINK DOWN for {} s", l.seconds_down.unwrap_or(0)),
        None => "no link".to_owned(),
    };
    let width = crate::ui::data_width();
    let wrapped = |text: &str| width.map_or_else(|| text.to_owned(), |w| wrap(text, 9, w));
    let mut lines = vec![
        format!("MASTER   {:<21}  node {}", report.master_endpoint, nodes(&report.master_pods)),
        format!("         {}", pods(&report.master_pods)),
        format!("         {}", wrapped(&describe(master))),
    ];
    if !persistence.is_empty() {
        lines.push(format!("         {persistence}"));
    }
    lines.extend([
        format!("  |      {link}"),
        format!("REPLICA  {:<21}  node {}", report.replica_endpoint, nodes(&report.replica_pods)),
        format!("         {}", pods(&report.replica_pods)),
        format!("         {}", wrapped(&describe(replica))),
    ]);
    for fault in &report.faults {
        lines.push(format!("FAULT    {}", wrapped(&fault.what)));
        lines.push(format!("         next: {}", ui.addressed(&fault.next)));
    }
    lines.iter().map(|l| l.trim_end()).collect::<Vec<_>>().join("\n")
}

fn nodes(pods: &[PodLine]) -> String {
    let list: Vec<_> = pods.iter().map(|p| p.node.clone().unwrap_or_else(|| "none".into())).collect();
    if list.is_empty() { "none".into() } else { list.join(", ") }
}

fn pods(pods: &[PodLine]) -> String {
    pods.iter()
        .map(|p| {
            let state = if p.ready { "ready" } else { "NOT READY" };
            match p.restarts {
                0 => format!("{} {state}", p.name),
                n => format!("{} {state}, {n} restarts", p.name),
            }
        })
        .collect::<Vec<_>>()
        .join("; ")
}

/// `redis verify`.
pub async fn verify(cx: &Context, args: cli::Verify) -> Result<()> {
    lifecycle::target_line(cx).await;
    let report = status::report(cx).await?;
    if let Some(node) = status::shared_node(&report.master_pods, &report.replica_pods) {
        return Err(Problem::failure(format!("master and replica share the node {node}"))
            .next("opsctl redis status")
            .into());
    }
    if !report.faults.is_empty() {
        let problem = Problem::failure("redis is not as it should be, so there is nothing to verify");
        return Err(report.faults.into_iter().fold(problem, |p, f| p.found(f.what).next(f.next)).into());
    }
    cx.ui.fact(
        Mark::Done,
        "nodes",
        &format!("master on {}, replica on {}", nodes(&report.master_pods), nodes(&report.replica_pods)),
        None,
    );
    let (master, replica) = (&report.master_endpoint, &report.replica_endpoint);
    let proven = redis::verify::verify(master, replica).await?;
    cx.ui.fact(
        Mark::Done,
        "endpoints",
        &format!("{master} is master, {replica} is replica, both from this host"),
        Some(proven.roles),
    );
    let fact = format!(
        "a write was acknowledged by the replica after {} ms and read there",
        proven.acknowledged.as_millis()
    );
    cx.ui.fact(Mark::Done, "write", &fact, None);
    let mut result = json!({"nodes_differ": true, "master": master, "replica": replica, "write": proven});
    if args.disruptive {
        result["disruptive"] = disrupt(cx, &report).await?;
    }
    cx.ui.report(&result, String::new, Vec::new)
}

/// Deletes both pods together and proves that the data survived and the replica followed again.
async fn disrupt(cx: &Context, report: &Report) -> Result<serde_json::Value> {
    if !cx.ui.confirm("Delete the pods of master and replica together?")? {
        return Err(Problem::failure("not confirmed; nothing was touched").into());
    }
    let key = format!("opsctl:verify:{}", std::process::id());
    let mut link = redis::connect(&report.master_endpoint).await?;
    let value = jiff::Timestamp::now().to_string();
    let () = ::redis::cmd("SET").arg(&key).arg(&value).arg("EX").arg(3600).query_async(&mut link).await?;
    let _: i64 = ::redis::cmd("WAIT").arg(1).arg(5000).query_async(&mut link).await?;
    drop(link);
    let api: Api<Pod> = Api::namespaced(cx.client().await?, stack::redis::PART);
    let began = Instant::now();
    let names: Vec<_> =
        report.master_pods.iter().chain(&report.replica_pods).map(|p| p.name.clone()).collect();
    let row = cx.ui.row("pods", "deleting both");
    let client = cx.client().await?;
    let deleted = names.iter().map(|name| unrecorded::delete_pod(&client, stack::redis::PART, name));
    futures::future::try_join_all(deleted).await?;
    for name in &names {
        while api.get_opt(name).await?.is_some() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    let gone = began.elapsed();
    row.end(Mark::Done, "both gone");
    let row = cx.ui.row("master", "coming back");
    master_answers(&report.master_endpoint, cx.timeout).await?;
    let mut link = redis::connect(&report.master_endpoint).await?;
    let survived: Option<String> = ::redis::cmd("GET").arg(&key).query_async(&mut link).await?;
    if survived.as_deref() != Some(value.as_str()) {
        return Err(Problem::failure("the data did not survive")
            .found(format!("{key}: wrote {value}, found {survived:?}"))
            .into());
    }
    let master_back = began.elapsed();
    row.end(Mark::Done, format!("answers; the data survived ({key})"));
    let row = cx.ui.row("replica", "following again");
    let fact = status::prove(cx).await?;
    let replica_back = began.elapsed();
    row.end(Mark::Done, fact);
    let _: i64 = ::redis::cmd("DEL").arg(&key).query_async(&mut link).await?;
    let ms = |d: Duration| u64::try_from(d.as_millis()).unwrap_or(u64::MAX);
    Ok(
        json!({"pods_gone_ms": ms(gone), "master_back_ms": ms(master_back), "replica_back_ms": ms(replica_back)}),
    )
}

/// `redis import`.
pub async fn import(cx: &Context, args: &cli::Import) -> Result<()> {
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
        redis::reader::check(&redis::reader::Source::File(file.clone())).map_err(|e| once_mended(cx, e))?;
    }
    lifecycle::target_line(cx).await;
    cx.profile()?;
    // Said at once: the import itself would wait for a redis that nobody brings up.
    status::report(cx).await?;
    let plans = [stack::data::plan(cx, &files, args.again)];
    let Some(summary) = lifecycle::up(cx, &plans).await? else { return Ok(()) };
    if summary.changed == 0 {
        cx.ui.note(format!("Imported before; not repeated. Checked in {}", human(summary.took)));
        cx.ui.next("the same command with --again, to load it all the same", None);
    } else {
        cx.ui.next("opsctl redis cli -- dbsize", Some("opsctl undo"));
    }
    Ok(())
}

/// A fault in a file: after it is mended the same command is the next one.
fn once_mended(cx: &Context, error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<Problem>() {
        Ok(problem) if problem.next.is_empty() => {
            problem.next(format!("{}  # once that is mended", cx.command)).into()
        }
        Ok(problem) => problem.into(),
        Err(error) => error,
    }
}

/// `redis clean`: shows what goes, asks, keeps a snapshot, deletes, proves zero.
pub async fn clean(cx: &Context) -> Result<()> {
    lifecycle::target_line(cx).await;
    let (master, _) = status::endpoints(cx)?;
    let held = redis::clean::summary(&master).await?;
    if held.keys == 0 {
        cx.ui.note(format!("Nothing to do: {master} holds no key."));
        cx.ui.event(&json!({"event": "end", "ok": true, "changed": 0}));
        return Ok(());
    }
    let types: Vec<_> = held.types.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
    cx.ui.prose(&format!("Deletes {} keys at {master}: {}", held.keys, types.join(", ")));
    cx.ui.note(format!("A snapshot is kept first in {}", cx.paths.snapshots().display()));
    if cx.dry_run {
        cx.ui.event(&json!({"event": "preview", "would": "remove", "part": stack::data::PART,
            "title": "all redis data", "keys": held.keys, "types": held.types}));
        cx.ui.event(&json!({"event": "end", "ok": true, "changed": 0, "dry_run": true}));
        cx.ui.note("Nothing was touched.");
        return Ok(());
    }
    if !cx.ui.confirm(&format!("Delete all {} keys?", held.keys))? {
        return Err(Problem::failure("not confirmed; nothing was touched").into());
    }
    let step = Clean::new(stack::redis::data(cx), cx.ports.redis_replica);
    let summary = crate::engine::up(cx, &[stack::data::one(step.into())]).await?;
    cx.ui.note(format!("All data deleted in {}", human(summary.took)));
    cx.ui.next("opsctl redis import", Some("opsctl undo"));
    Ok(())
}

/// `redis cli`: redis-cli in the master's pod, in this terminal.
pub async fn cli(cx: &Context, args: &cli::RedisCli) -> Result<ExitCode> {
    use std::io::IsTerminal as _;
    // kubectl would speak of a context that does not exist.
    let profile = cx.profile()?;
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
    let kubectl = crate::bundle::kubectl(&cx.paths);
    let code =
        Run::new(kubectl).args(["--kubeconfig"]).arg(&cx.paths.kubeconfig).args(words).interactive().await?;
    Ok(ExitCode::from(u8::try_from(code.unwrap_or(1)).unwrap_or(1)))
}
