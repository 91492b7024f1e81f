//! The folder of the master's data is lost: what the replica still has, or a master that runs on without its
//! folder, is kept first, and put back into the new master. Without that, the new one, empty, would be copied to
//! the replica.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use serde_json::json;

use crate::context::{Context, Target, node_address};
use crate::engine::Plan;
use crate::error::{Code, Problem, opsctl, problem};
use crate::exec::{Run, Talk};
use crate::fs::write_whole;
use crate::interrupt::Busy;
use crate::journal;
use crate::k8s::{apply, manifest, unrecorded};
use crate::node;
use crate::redis::snapshot::{self, Snapshot};
use crate::redis::{self, Role, clean};
use crate::stack;
use crate::step::Step;
use crate::step::dataset::{Dataset, Served, copies, master_answers, served};
use crate::step::restore::Restore;
use crate::ui::{Mark, bytes};

/// The port of redis inside its pod.
const PORT: u16 = 6379;
/// Of a look at the node.
const LIMIT: Duration = Duration::from_secs(30);
/// Prints `lost` where opsctl made the folder and what redis had in it is gone, [`UNMADE`] where nothing says that
/// it was ever made.
const LOOK: &str = r#"
[ ! -e "$1/appendonlydir/appendonly.aof.manifest" ] || exit 0
if [ ! -e "$1.opsctl" ]; then echo unmade; exit 0; fi
[ "$(cat "$1.opsctl")" != begun ] || exit 0
[ "$(head -n 1 "$1/.redis-volume" 2>/dev/null)" = empty ] || echo lost"#;
/// Also the mark beside the folder may be lost: a redis that has its data tells.
const UNMADE: &str = "unmade";
/// To the step that makes it, it has only been begun: it is made anew, for a redis that starts empty.
const AGAIN: &str = r#"mkdir -p "$(dirname "$1")"; echo begun > "$1.opsctl""#;

/// A copy that waits to be put back.
#[derive(Debug)]
pub struct Rescue {
    /// Says so, until it is: an `up` that is cut short is gone on with.
    note: PathBuf,
    snapshot: PathBuf,
}

impl Rescue {
    /// What puts it back, once the master is there again.
    pub fn plan(&self, cx: &Context) -> Plan {
        stack::data::one(self.step(cx))
    }

    fn step(&self, cx: &Context) -> Step {
        Restore::new(&self.snapshot, stack::redis::data(cx)).into()
    }

    /// It was put back.
    pub fn end(self) -> Result<()> {
        std::fs::remove_file(&self.note).with_context(|| format!("could not remove {}", self.note.display()))
    }
}

/// Keeps what is left of the data where the master's folder lost it. None: there is nothing to rescue.
pub async fn rescue(cx: &Context) -> Result<Option<Rescue>> {
    let (Target::Profile(_), Ok(profile)) = (&cx.target, cx.profile()) else { return Ok(None) };
    let host = node_address(&profile)?.to_owned();
    let master = format!("{host}:{}", cx.ports.get(stack::redis::MASTER_SERVICE));
    let Ok(client) = cx.client().await else { return Ok(None) };
    let spaces: Api<Namespace> = Api::all(client);
    let Ok(Some(space)) = spaces.get_opt(stack::redis::PART).await else { return Ok(None) };
    let note = folder(cx).join(format!("{}.json", space.metadata.uid.unwrap_or_default()));
    if let Some(begun) = begun(cx, &note, &master).await? {
        return Ok(Some(begun));
    }
    let (role, seen) = tokio::join!(redis::probe(&master), on_node(cx, LOOK));
    let runs = matches!(role, Ok(Role::Master { .. }));
    let seen = match seen {
        Err(_) if runs => return Ok(None),
        seen => seen?,
    };
    let lost = format!("the folder of the master's data, {}, lost its contents", stack::redis::DIRECTORY);
    let source = if seen.trim().is_empty() {
        return Ok(None);
    } else if runs {
        if served(cx, stack::redis::PART, stack::redis::MASTER).await? != Served::Yes {
            return Ok(None);
        }
        Source::Master
    } else {
        match copies(cx, stack::redis::PART, stack::redis::REPLICA).await?.in_step.pop() {
            None if seen.trim() == UNMADE => return Ok(None),
            None => return Err(no_copy(lost)),
            Some(pod) => Source::Replica(pod),
        }
    };
    let (_way, at, who) = match &source {
        Source::Master => (None, master, "the running master"),
        Source::Replica(pod) => {
            let (way, at) = way_to(cx, pod).await.map_err(|e| unreachable(&lost, &e))?;
            (Some(way), at, "the replica")
        }
    };
    let held = clean::summary(&at).await.map_err(|e| unreachable(&lost, &e))?;
    cx.ui.warn(format!("{lost}; {who} still has {} keys", held.keys));
    if cx.dry_run {
        cx.ui.note("They would be saved as a snapshot and restored into the new master.");
        return Ok(None);
    }
    let _one = journal::lock(&cx.paths.state, &cx.command)?;
    let _busy = Busy::new();
    if held.keys == 0 {
        if source == Source::Master {
            redis::paused(&at, still_empty(&at)).await?;
        }
        make_way(cx).await?;
        return Ok(None);
    }
    let snapshot = keep(cx, &source, &at, who).await?;
    if snapshot.meta.holds.keys == 0 {
        return Err(problem!(DataNotKept, "{who} had {} keys, but its copy has none", held.keys)
            .found("Nothing else was touched.")
            .next(opsctl("redis status"))
            .into());
    }
    write_whole(&note, &serde_json::to_vec(&snapshot.path)?)?;
    make_way(cx).await?;
    Ok(Some(Rescue { note, snapshot: snapshot.path }))
}

/// Who still has the data.
#[derive(PartialEq, Eq)]
enum Source {
    /// The master runs on in a folder that is gone: at its next start all would be lost.
    Master,
    /// The master is away; this pod had all of it.
    Replica(String),
}

/// The redis of one pod at a port of this machine, as long as the first of the pair lives: the Service leads to any
/// of the replicas, also to one that never had the data, and that would be taken for an empty copy.
async fn way_to(cx: &Context, pod: &str) -> Result<(Talk, String)> {
    let context = match &cx.target {
        Target::Profile(name) | Target::Context(name) => name,
    };
    let pod = format!("pod/{pod}");
    let mut kubectl = Run::new(crate::bundle::kubectl(&cx.paths))
        .arg("--kubeconfig")
        .arg(&cx.paths.kubeconfig)
        .args(["--context", context, "-n", stack::redis::PART, "port-forward", &pod, ":6379"])
        .talk()?;
    // Forwarding from 127.0.0.1:36915 -> 6379
    let said = kubectl.hear().await?;
    let at = said.split_whitespace().find(|word| word.starts_with("127.0.0.1:")).map(str::to_owned);
    Ok((kubectl, at.with_context(|| format!("kubectl port-forward said: {said}"))?))
}

async fn still_empty(master: &str) -> Result<()> {
    if clean::summary(master).await?.keys == 0 {
        return Ok(());
    }
    Err(problem!(Failure, "{master} took its first write just now; nothing was touched")
        .next(opsctl("redis up"))
        .into())
}

fn no_copy(lost: String) -> anyhow::Error {
    Problem::new(Code::DataNotBack, lost)
        .found("No replica has a copy. Nothing was touched.")
        .next(opsctl("snapshots list"))
        .next(opsctl("redis down --discard-data").then(opsctl("redis up")).to("start without it"))
        .into()
}

async fn on_node(cx: &Context, script: &str) -> Result<String> {
    let machine = stack::machine(&cx.target);
    node::script(cx, &machine, script, &[stack::redis::DIRECTORY])?.timeout(LIMIT).text().await
}

fn folder(cx: &Context) -> PathBuf {
    cx.paths.state.join("rescues")
}

/// What an earlier `up` kept and did not come to put back; not what was put back since, nor where there is other
/// data by now.
async fn begun(cx: &Context, note: &Path, master: &str) -> Result<Option<Rescue>> {
    let Ok(bytes) = std::fs::read(note) else { return Ok(None) };
    let snapshot: PathBuf =
        serde_json::from_slice(&bytes).with_context(|| format!("{} is damaged", note.display()))?;
    let rescue = Rescue { note: note.to_owned(), snapshot };
    let step = rescue.step(cx).key();
    let done = journal::read(&cx.paths.state)?.entries().any(|e| e.is.key == step && e.made.is_some());
    let file = rescue.snapshot.display();
    let over = if done {
        None
    } else if !rescue.snapshot.exists() {
        Some(format!("{file}, which was to be restored into redis, is gone"))
    } else if served(cx, stack::redis::PART, stack::redis::MASTER).await? == Served::Yes
        && master_answers(master, LIMIT).await.is_ok()
        && clean::summary(master).await?.keys > 0
    {
        Some(format!(
            "{file} is not restored, since redis has other data by now (opsctl snapshots restore {file})"
        ))
    } else {
        return Ok(Some(rescue));
    };
    if let Some(over) = over {
        cx.ui.warn(over);
    }
    if !cx.dry_run {
        rescue.end()?;
    }
    Ok(None)
}

fn unreachable(lost: &str, error: &anyhow::Error) -> anyhow::Error {
    problem!(DataNotKept, "{lost}; the redis that may have the only copy does not answer")
        .found("Nothing was touched: an empty master would empty the replica too.")
        .next(opsctl("redis status"))
        .next(opsctl("redis down --discard-data").then(opsctl("redis up")).to("start without it"))
        .because(error)
        .into()
}

async fn keep(cx: &Context, source: &Source, at: &str, who: &str) -> Result<Snapshot> {
    let row = cx.ui.row("data", &format!("saving the data of {who}"));
    let (service, port) = match source {
        Source::Master => (stack::redis::MASTER, cx.ports.get(stack::redis::MASTER_SERVICE)),
        Source::Replica(_) => (stack::redis::REPLICA, cx.ports.get(stack::redis::REPLICA_SERVICE)),
    };
    let origin = Dataset::new(stack::redis::PART, service, port).origin(cx, "folder lost").await;
    let progress = |n| row.doing(format!("snapshot: {}", bytes(n)));
    let folder = cx.paths.snapshots();
    let snapshot = match source {
        // What is acknowledged after the snapshot would be lost.
        Source::Master => redis::paused(at, snapshot::take(&folder, at, origin, progress)).await?,
        Source::Replica(_) => {
            let taken = snapshot::take_orphaned(&folder, at, origin, progress).await;
            // Whatever came of it: it is to follow its master, as soon as there is one.
            let followed = follow_again(at).await;
            let snapshot = taken?;
            followed?;
            snapshot
        }
    };
    row.end(Mark::Done, format!("{} keys of {who} saved and verified", snapshot.meta.holds.keys));
    cx.ui.note(format!("   {}", snapshot.path.display()));
    Ok(snapshot)
}

/// Makes the replica that follows nobody follow its master's Service again.
async fn follow_again(replica: &str) -> Result<()> {
    let mut link = redis::connect(replica).await?;
    let mut follow = ::redis::cmd("REPLICAOF");
    Ok(follow.arg(stack::redis::MASTER).arg(PORT).query_async(&mut link).await?)
}

/// A master that refuses to start waits longer from try to try: the `up` that follows makes it anew, on a folder
/// that it accepts.
async fn make_way(cx: &Context) -> Result<()> {
    let client = cx.client().await?;
    let object = json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": stack::redis::MASTER, "namespace": stack::redis::PART}});
    let ours = apply::get(&client, &object).await?.filter(|live| manifest::made_by(live).is_some());
    if let Some(uid) = ours.as_ref().and_then(|live| live["metadata"]["uid"].as_str()) {
        unrecorded::delete_to_make_anew(&client, &object, uid, cx.timeout).await?;
    }
    on_node(cx, AGAIN).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_lost_only_when_redis_had_something_in_it() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("redis");
        let look = || {
            let mut shell = std::process::Command::new("sh");
            let said = shell.args(["-euc", LOOK, "opsctl"]).arg(&folder).output().unwrap();
            assert!(said.status.success(), "{said:?}");
            String::from_utf8(said.stdout).unwrap().trim().to_owned()
        };
        let marked = |as_what: &str| std::fs::write(folder.join(".redis-volume"), as_what).unwrap();
        let (mark, data) = (dir.path().join("redis.opsctl"), folder.join("appendonlydir"));
        let manifest = data.join("appendonly.aof.manifest");
        assert_eq!(look(), UNMADE, "never made");
        std::fs::write(&mark, "begun\n").unwrap();
        assert_eq!(look(), "", "not yet made");
        std::fs::write(&mark, "made\n").unwrap();
        assert_eq!(look(), "lost");
        std::fs::create_dir_all(&data).unwrap();
        assert_eq!(look(), "lost", "nothing is in it");
        std::fs::write(&manifest, "").unwrap();
        assert_eq!(look(), "", "redis starts with that, marked or not");
        marked("holds-data\nmore\n");
        assert_eq!(look(), "");
        std::fs::remove_file(&manifest).unwrap();
        assert_eq!(look(), "lost", "emptied but for the mark");
        marked("empty\n");
        assert_eq!(look(), "", "redis has not begun");
    }
}
