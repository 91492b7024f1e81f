//! `status`: a line a part, endpoints included.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::lifecycle;
use crate::command::minikube::status::{NodeLine, node_lines};
use crate::context::{Context, Profile, Target};
use crate::engine::{self, CutShort};
use crate::error::{opsctl, said};
use crate::journal::{self, Scope};
use crate::stack::status::Status;
use crate::stack::{self, Stack};
use crate::ui::{data_width, fit, table};

/// The environment: the cluster, and each stack with how it is.
struct Whole<'a> {
    /// Whether there is such a profile or context, answering or not.
    there: bool,
    /// The cluster's identity, if it answers.
    cluster: Option<String>,
    nodes: Vec<NodeLine>,
    stacks: Vec<(&'a Stack, Looked)>,
    /// Changes of data that came to no end.
    cut_short: Vec<CutShort>,
}

/// How a stack is; none where nothing of it is up.
type Looked = Result<Option<Status>>;

/// Shows them; exit 1 when something is not as it should be.
pub async fn run(cx: &Context, stacks: &[Stack]) -> Result<ExitCode> {
    let there = match &cx.target {
        Target::Profile(name) => Profile::read(&cx.paths, name)?.is_some(),
        Target::Context(_) => true,
    };
    let cluster = cx.cluster().await.ok().map(|c| c.uid);
    let cut_short = cut_short(cx, cluster.as_deref())?;
    let mut whole = Whole { there, cluster, nodes: Vec::new(), stacks: Vec::new(), cut_short };
    let mut healthy = whole.cluster.is_some();
    if healthy {
        let looks = stacks.iter().map(|stack| async move { (stack, (stack.status)(stack, cx).await) });
        let (nodes, looked) = tokio::join!(node_lines(cx), futures::future::join_all(looks));
        (whole.nodes, whole.stacks) = (nodes?, looked);
        healthy = whole.nodes.iter().all(|n| n.ready) && whole.stacks.iter().all(|(_, looked)| well(looked));
    }
    cx.ui.report(&report(cx, &whole, stacks), || drawn(&whole, stacks), || names(&whole))?;
    for (part, state) in long(&whole) {
        cx.ui.note(format!("{part}: {state}"));
    }
    if let Some(cut_short) = whole.cut_short.first() {
        cx.ui.next(cut_short.next.clone(), None);
    } else if whole.cluster.is_none() {
        cx.ui.next(opsctl("up"), None);
    }
    Ok(if healthy && whole.cut_short.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What was cut short with data in it; what another opsctl is about just now is not.
fn cut_short(cx: &Context, cluster: Option<&str>) -> Result<Vec<CutShort>> {
    let history = journal::read_sound(&cx.paths.state)?;
    let scope = cluster.map(|uid| Scope::Cluster(uid.to_owned()));
    if journal::is_held(&cx.paths.state) {
        return Ok(Vec::new());
    }
    Ok(engine::cut_short(&history, &journal::Target::of(cx), scope.as_ref()))
}

/// Whether a stack is as it should be, up or not; one that could not be asked is not.
fn well(looked: &Looked) -> bool {
    matches!(looked, Ok(status) if status.iter().all(|s| s.faults.is_empty()))
}

/// All of it as data: a field a stack, null where it is not up.
fn report(cx: &Context, whole: &Whole<'_>, stacks: &[Stack]) -> Value {
    let mut report = Map::new();
    report.insert("target".into(), cx.target.to_string().into());
    report.insert("there".into(), whole.there.into());
    report.insert("cluster".into(), json!(whole.cluster));
    report.insert("nodes".into(), json!(whole.nodes));
    report.insert("cut_short".into(), json!(whole.cut_short));
    let field = |stack: &Stack| stack.name.replace('-', "_");
    report.extend(stacks.iter().map(|stack| (field(stack), Value::Null)));
    for (stack, looked) in &whole.stacks {
        let value = match looked {
            Ok(status) => status.as_ref().map(|s| s.report.clone()).unwrap_or_default(),
            Err(e) => json!({"error": said(e)}),
        };
        report.insert(field(stack), value);
    }
    Value::Object(report)
}

/// What a state in the table may have at most, in characters.
const LONGEST: usize = 60;

/// The beginning of a state, in whole words, as long as a table can be read with it.
fn short(state: &str) -> String {
    let line = state.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    let cut: String = line.chars().take(LONGEST - 1).collect();
    let words = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{}…", words.trim_end_matches([',', ':', ';', '.']))
}

/// The states that the table has only the beginning of, each with its stack.
fn long<'a>(whole: &'a Whole<'_>) -> Vec<(&'a str, String)> {
    let states = |looked: &Looked| match looked {
        Ok(Some(status)) => status.rows.iter().map(|row| row.state.clone()).collect(),
        Ok(None) => Vec::new(),
        Err(e) => vec![said(e)],
    };
    let all = whole
        .stacks
        .iter()
        .flat_map(|(stack, looked)| states(looked).into_iter().map(|state| (stack.name.as_ref(), state)));
    all.filter(|(_, state)| short(state) != *state).collect()
}

/// The column that gives way on a narrow terminal.
const STATE: usize = 1;

fn names(whole: &Whole<'_>) -> Vec<String> {
    let cluster = whole.cluster.iter().map(|_| stack::minikube::PART.to_owned());
    let up = whole.stacks.iter().filter(|(_, looked)| !matches!(looked, Ok(None)));
    cluster.chain(up.map(|(stack, _)| stack.name.to_string())).collect()
}

fn drawn(whole: &Whole<'_>, stacks: &[Stack]) -> String {
    let mut rows = Vec::new();
    let cluster = match &whole.cluster {
        Some(uid) => {
            let ready = whole.nodes.iter().filter(|n| n.ready).count();
            format!("{ready} of {} nodes ready, cluster {}", whole.nodes.len(), lifecycle::short(uid))
        }
        None if whole.there => "does not answer".to_owned(),
        None => "not there".to_owned(),
    };
    let address = whole.nodes.first().map(|n| n.address.clone()).unwrap_or_default();
    rows.push(vec![stack::minikube::PART.into(), cluster, address]);
    for stack in stacks {
        let looked = whole.stacks.iter().find(|(of, _)| of.name == stack.name).map(|(_, looked)| looked);
        let own = match looked {
            Some(Ok(Some(status))) => {
                status.rows.iter().map(|r| [short(&r.state), r.endpoint.clone()]).collect()
            }
            Some(Err(e)) => vec![[short(&said(e)), String::new()]],
            Some(Ok(None)) | None => vec![["not up".to_owned(), String::new()]],
        };
        for (i, [state, endpoint]) in own.into_iter().enumerate() {
            rows.push(vec![if i == 0 { stack.name.to_string() } else { String::new() }, state, endpoint]);
        }
    }
    for CutShort { part, what, .. } in &whole.cut_short {
        rows.push(vec![part.clone(), format!("{what} was cut short"), String::new()]);
    }
    let header = ["PART", "STATE", "ENDPOINT"];
    if let Some(width) = data_width() {
        fit(&mut rows, &header, STATE, width);
    }
    table(&header, &rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::report::Fault;
    use crate::stack::status::Row;

    fn status(state: &str, faults: Vec<Fault>) -> Status {
        Status { rows: vec![Row::new(state, "192.0.2.2:1")], faults, report: Value::Null }
    }

    #[test]
    fn a_state_of_three_hundred_characters_leaves_the_table_readable_and_is_told_whole_below() {
        let stacks = stack::all();
        let whole_state =
            format!("deployment/redis: ErrImagePull {}", "rpc error: code = NotFound ".repeat(12));
        let whole_state = whole_state.trim_end();
        let whole = Whole {
            there: true,
            cluster: Some("uid".into()),
            nodes: Vec::new(),
            stacks: vec![(&stacks[0], Ok(Some(status(whole_state, Vec::new()))))],
            cut_short: Vec::new(),
        };
        let table = drawn(&whole, &stacks);
        assert!(table.lines().all(|line| line.chars().count() < 120), "{table}");
        assert!(
            table.contains("ErrImagePull") && table.contains("…") && table.contains("192.0.2.2:1"),
            "{table}"
        );
        assert_eq!(long(&whole), [(stacks[0].name.as_ref(), whole_state.to_owned())]);
        assert_eq!(short("ready"), "ready");
    }

    #[test]
    fn a_stack_with_a_fault_and_one_that_could_not_be_asked_are_no_success() {
        let fault = Fault { what: "w".into(), next: opsctl("up") };
        assert!(well(&Ok(None)) && well(&Ok(Some(status("ready", Vec::new())))));
        assert!(!well(&Ok(Some(status("ready", vec![fault])))));
        assert!(!well(&Err(anyhow::anyhow!("no answer"))));
    }
}
