//! The folder of the master's data is lost: what the replica still has is kept first, and put back into the new
//! master. Without that, the new one, empty, would be copied to the replica.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use k8s_openapi::api::core::v1::{Namespace, Pod};
use kube::Api;
use kube::api::ListParams;
use serde_json::json;

use crate::context::{Context, Target, node_address, write_whole};
use crate::engine::Plan;
use crate::error::Problem;
use crate::journal;
use crate::k8s::{apply, manifest};
use crate::node;
use crate::redis::snapshot::{self, Snapshot};
use crate::redis::{self, Role, clean};
use crate::stack;
use crate::step::dataset::{Dataset, Served, served};
use crate::step::restore::Restore;
use crate::ui::{Mark, bytes};

/// The port of redis inside its pod.
const PORT: u16 = 6379;
/// Of a look at the node.
const LIMIT: Duration = Duration::from_secs(30);
/// Behind one address there may be several replicas: so often one that follows nobody is looked for.
const TRIES: usize = 100;
/// Prints `lost` where opsctl made the folder and what redis had in it is gone.
const LOOK: &str = r#"
[ -e "$1.opsctl" ] && [ "$(cat "$1.opsctl")" != begun ] || exit 0
[ ! -e "$1/appendonlydir/appendonly.aof.manifest" ] || exit 0
[ "$(head -n 1 "$1/.redis-volume" 2>/dev/null)" = empty ] || echo lost"#;
/// To the step that makes it, it has only been begun: it is made anew, for a redis that starts empty.
const AGAIN: &str = r#"echo begun > "$1.opsctl""#;

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
        stack::data::one(Restore::new(&self.snapshot, stack::redis::data(cx)).into())
    }

    /// It was put back.
    pub fn end(self) -> Result<()> {
        std::fs::remove_file(&self.note).with_context(|| format!("could not remove {}", self.note.display()))
    }
}

/// Keeps the replica's data where it is the only copy. None: there is nothing to rescue.
pub async fn rescue(cx: &Context) -> Result<Option<Rescue>> {
    let (Target::Profile(_), Ok(profile)) = (&cx.target, cx.profile()) else { return Ok(None) };
    let host = node_address(&profile)?.to_owned();
    let master = format!("{host}:{}", cx.ports.redis_master);
    if matches!(redis::probe(&master).await, Ok(Role::Master { .. })) && !left_unfinished(cx) {
        return Ok(None);
    }
    let Ok(client) = cx.client().await else { return Ok(None) };
    let spaces: Api<Namespace> = Api::all(client);
    let Ok(Some(space)) = spaces.get_opt(stack::redis::PART).await else { return Ok(None) };
    let note = folder(cx).join(format!("{}.json", space.metadata.uid.unwrap_or_default()));
    if let Some(begun) = begun(cx, &note, &master).await? {
        return Ok(Some(begun));
    }
    if !on_node(cx, LOOK).await?.contains("lost") {
        return Ok(None);
    }
    let lost = format!("the folder of the master's data, {}, lost what it held", stack::redis::DIRECTORY);
    if served(cx, stack::redis::PART, stack::redis::REPLICA).await? != Served::Yes || !was_in_step(cx).await?
    {
        return Err(Problem::failure(lost)
            .found("No replica has a copy. Nothing was touched.")
            .next("opsctl snapshots list")
            .next("opsctl redis down --discard-data, then opsctl redis up, to begin without it")
            .into());
    }
    let replica = format!("{host}:{}", cx.ports.redis_replica);
    let held = clean::summary(&replica).await.map_err(|e| unreachable(&lost, &e))?;
    cx.ui.warn(format!("{lost}; the replica still has {} keys", held.keys));
    if cx.dry_run {
        cx.ui.note("They would be kept as a snapshot, and put back into the new master.");
        return Ok(None);
    }
    let _one = journal::lock(&cx.paths.state, &cx.command)?;
    if held.keys == 0 {
        make_way(cx).await?;
        return Ok(None);
    }
    let snapshot = keep(cx, &replica).await?;
    write_whole(&note, &serde_json::to_vec(&snapshot.path)?)?;
    make_way(cx).await?;
    Ok(Some(Rescue { note, snapshot: snapshot.path }))
}

async fn on_node(cx: &Context, script: &str) -> Result<String> {
    let machine = stack::redis::machine(&cx.target);
    node::script(cx, &machine, script, &[stack::redis::DIRECTORY])?.timeout(LIMIT).text().await
}

fn folder(cx: &Context) -> PathBuf {
    cx.paths.state.join("rescues")
}

fn left_unfinished(cx: &Context) -> bool {
    std::fs::read_dir(folder(cx)).is_ok_and(|mut entries| entries.next().is_some())
}

/// What an earlier `up` kept and did not come to put back; not where there is other data by now.
async fn begun(cx: &Context, note: &Path, master: &str) -> Result<Option<Rescue>> {
    let Ok(bytes) = std::fs::read(note) else { return Ok(None) };
    let snapshot: PathBuf =
        serde_json::from_slice(&bytes).with_context(|| format!("{} is damaged", note.display()))?;
    let rescue = Rescue { note: note.to_owned(), snapshot };
    if clean::summary(master).await.is_ok_and(|held| held.keys > 0) {
        if !cx.dry_run {
            rescue.end()?;
        }
        return Ok(None);
    }
    Ok(Some(rescue))
}

/// Whether a replica runs that ever had its master's data: its startup probe passes only then.
async fn was_in_step(cx: &Context) -> Result<bool> {
    let pods: Api<Pod> = Api::namespaced(cx.client().await?, stack::redis::PART);
    let label = "app.kubernetes.io/name=redis,app.kubernetes.io/component=replica";
    let list = pods.list(&ListParams::default().labels(label)).await?;
    let mut containers =
        list.items.iter().flat_map(|p| p.status.iter()).flat_map(|s| s.container_statuses.iter().flatten());
    Ok(containers.any(|c| c.started == Some(true)))
}

fn unreachable(lost: &str, error: &anyhow::Error) -> anyhow::Error {
    Problem::failure(format!("{lost}; the replica, which may have the only copy, does not answer"))
        .found("Nothing was touched: an empty master would empty the replica too.")
        .next("opsctl redis status")
        .next("opsctl redis down --discard-data, then opsctl redis up, to begin without it")
        .because(error)
        .into()
}

async fn keep(cx: &Context, replica: &str) -> Result<Snapshot> {
    let row = cx.ui.row("data", "keeping what the replica has");
    let data = Dataset::new(stack::redis::PART, stack::redis::REPLICA, cx.ports.redis_replica);
    let origin = data.origin(cx, "folder lost").await;
    let progress = |n| row.doing(format!("snapshot: {}", bytes(n)));
    let taken = snapshot::take_orphaned(&cx.paths.snapshots(), replica, origin, progress).await;
    // Whatever came of it: it is to follow its master, as soon as there is one.
    let followed = follow_again(replica).await;
    let snapshot = taken?;
    followed?;
    row.end(Mark::Done, format!("{} keys of the replica kept and verified", snapshot.meta.holds.keys));
    cx.ui.note(format!("   {}", snapshot.path.display()));
    Ok(snapshot)
}

/// Makes the replica that follows nobody follow its master's Service again.
async fn follow_again(replica: &str) -> Result<()> {
    for _ in 0..TRIES {
        let mut link = redis::connect(replica).await?;
        let said: String = ::redis::cmd("INFO").arg("replication").query_async(&mut link).await?;
        if said.contains("role:master") {
            let mut follow = ::redis::cmd("REPLICAOF");
            return Ok(follow.arg(stack::redis::MASTER).arg(PORT).query_async(&mut link).await?);
        }
    }
    Ok(())
}

/// A master that refuses to start waits longer from try to try: the `up` that follows makes it anew, on a folder
/// that it accepts.
async fn make_way(cx: &Context) -> Result<()> {
    let client = cx.client().await?;
    let object = json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": stack::redis::MASTER, "namespace": stack::redis::PART}});
    let ours = apply::get(&client, &object).await?.filter(|live| manifest::made_by(live).is_some());
    if let Some(uid) = ours.as_ref().and_then(|live| live["metadata"]["uid"].as_str()) {
        apply::delete(&client, &object, uid, cx.timeout).await?;
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
        assert_eq!(look(), "", "never made");
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
