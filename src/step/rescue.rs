//! The folder of a master's data is lost: what a replica still has, or a master that runs on without its folder, is
//! saved first, and the master makes way for a new one. Without that, the new one, empty, would be copied to the
//! replica. The step of the data itself restores it, once the new master is there; see [`owed`].

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::dataset::{Dataset, Place, Served, Unserved, copies, served};
use super::nature::{Nature, Rank};
use super::{Act, Change, In, Look, Probe, Seen, Step};
use crate::bundle;
use crate::context::{Context, Target};
use crate::error::{Problem, again, opsctl, problem};
use crate::exec::{Run, Talk};
use crate::journal::{self, Entry, History};
use crate::k8s::{apply, manifest};
use crate::node;
use crate::redis::snapshot::{self, Snapshot};
use crate::redis::{self, Role, keys};
use crate::ui::{Row, bytes};

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

/// A rescue of this data, should its folder be lost.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rescue {
    data: Dataset,
}

/// What was saved: noted before the master makes way, and recorded at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// Snapshots that are to be restored, the newest first: what an earlier one has besides comes after it.
    snapshots: Vec<PathBuf>,
    /// The UID of the namespace: in another one of that name nothing waits for them.
    namespace: Option<String>,
}

impl Saved {
    /// What an entry of a rescue says, however far it came.
    fn of(entry: &Entry) -> Option<Self> {
        let said = [entry.made.as_ref(), entry.noted(), entry.kept.as_ref()];
        said.into_iter().flatten().find_map(|value| Self::deserialize(value).ok())
    }
}

/// How the data of the master is.
enum State {
    /// As it should be, or nothing there to lose.
    Fine,
    /// Lost, but for what this one has.
    Lost(Box<Source>),
    /// Lost, and nothing can be saved; why.
    Gone(Problem),
}

/// Who still has the data.
struct Source {
    /// None: the master runs on in a folder that is gone: at its next start all would be lost. Some: the master is
    /// away; this pod of the replica had all of it.
    pod: Option<String>,
    /// Where it answers, as long as the way there lives.
    at: String,
    _way: Option<Talk>,
    /// How many keys it has.
    keys: u64,
}

impl Source {
    fn who(&self) -> &'static str {
        if self.pod.is_some() { "the replica" } else { "the running master" }
    }
}

impl Rescue {
    /// The rescue of this data; none where it has no folder of its own, or no copy.
    pub fn of(data: &Dataset) -> Option<Self> {
        (data.place().is_some() && data.copy().is_some()).then(|| Self { data: data.clone() })
    }

    fn place(&self) -> Result<&Place> {
        self.data.place().context("a rescue without a folder")
    }

    async fn on_node(&self, cx: &Context, script: &str) -> Result<String> {
        let (machine, directory) = self.place()?;
        node::script(cx, machine, script, &[directory])?.timeout(LIMIT).text().await
    }

    fn lost(&self) -> String {
        let directory = self.data.place().map_or("", |(_, directory)| directory);
        format!("the folder of the master's data, {directory}, lost its contents")
    }

    async fn state(&self, cx: &Context) -> Result<State> {
        if !matches!(cx.target, Target::Profile(_)) {
            return Ok(State::Fine);
        }
        let seen = self.on_node(cx, LOOK).await;
        if matches!(&seen, Ok(seen) if seen.trim().is_empty()) || namespace(cx, &self.data).await?.is_none() {
            return Ok(State::Fine);
        }
        let at = self.data.addr(cx).await?;
        let runs = matches!(redis::probe(&at).await, Ok(Role::Master { .. }));
        let seen = match seen {
            Err(_) if runs => return Ok(State::Fine),
            seen => seen?,
        };
        let (ns, deployment) = (self.data.namespace(), self.data.deployment());
        if runs {
            if served(cx, ns, deployment).await? != Served::Yes {
                return Ok(State::Fine);
            }
            return Ok(match keys::summary(&at).await {
                Ok(held) => State::Lost(Box::new(Source { pod: None, at, _way: None, keys: held.keys })),
                Err(e) => State::Gone(self.unreachable(&e)),
            });
        }
        let replica = self.data.copy().map_or("", |(service, _)| service);
        let Some(pod) = copies(cx, ns, replica).await?.in_step.pop() else {
            return Ok(if seen.trim() == UNMADE { State::Fine } else { State::Gone(self.no_copy()) });
        };
        let reached = async {
            let (way, at) = way_to(cx, ns, &pod).await?;
            let keys = keys::summary(&at).await?.keys;
            anyhow::Ok((way, at, keys))
        };
        Ok(match reached.await {
            Ok((way, at, keys)) => {
                State::Lost(Box::new(Source { pod: Some(pod), at, _way: Some(way), keys }))
            }
            Err(e) => State::Gone(self.unreachable(&e)),
        })
    }

    fn no_copy(&self) -> Problem {
        problem!(DataNotBack, "{}", self.lost())
            .found("No replica has a copy. Nothing was touched.")
            .next(opsctl("snapshots list"))
            .caused_by(Unserved::Lost)
            .caused_by(In(self.data.namespace().to_owned()))
    }

    fn unreachable(&self, error: &anyhow::Error) -> Problem {
        let lost = self.lost();
        problem!(DataNotKept, "{lost}; the redis that may have the only copy does not answer")
            .found("Nothing was touched: an empty master would empty the replica too.")
            .caused_by(Unserved::Lost)
            .caused_by(In(self.data.namespace().to_owned()))
            .because(error)
    }

    /// Saves what a source has; none where it has no key.
    async fn save(&self, cx: &Context, source: &Source, row: &Row) -> Result<Option<Snapshot>> {
        let (at, who) = (&source.at, source.who());
        if source.keys == 0 {
            if source.pod.is_none() {
                redis::paused(at, still_empty(at)).await?;
            }
            return Ok(None);
        }
        row.doing(format!("saving the data of {who}"));
        let mut origin = self.data.origin(cx, "folder lost").await;
        if let Some((service, _)) = self.data.copy().filter(|_| source.pod.is_some()) {
            origin.source = format!("{}/{service}", self.data.namespace());
        }
        let progress = |n| row.doing(format!("snapshot: {}", bytes(n)));
        let folder = cx.paths.snapshots();
        let snapshot = if source.pod.is_none() {
            // What is acknowledged after the snapshot would be lost.
            redis::paused(at, snapshot::take(&folder, at, origin, progress)).await?
        } else {
            let taken = snapshot::take_orphaned(&folder, at, origin, progress).await;
            // Whatever came of it: it is to follow its master, as soon as there is one.
            let followed = follow_again(at, self.data.deployment()).await;
            let snapshot = taken?;
            followed?;
            snapshot
        };
        if snapshot.meta.holds.keys == 0 {
            return Err(problem!(DataNotKept, "{who} had {} keys, but its copy has none", source.keys)
                .found("Nothing else was touched.")
                .into());
        }
        let keys = snapshot.meta.holds.keys;
        cx.ui.note(format!("   snapshot: {keys} keys of {who} saved and verified, in"));
        cx.ui.note(format!("   {}", snapshot.path.display()));
        Ok(Some(snapshot))
    }

    /// A master that refuses to start waits longer from try to try: the steps that follow make it anew, on a folder
    /// that it accepts.
    async fn make_way(&self, cx: &Context, act: Act<'_>) -> Result<()> {
        let client = cx.client().await?;
        let object = json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": self.data.deployment(), "namespace": self.data.namespace()}});
        let ours = apply::get(&client, &object).await?.filter(|live| manifest::made_by(live).is_some());
        if let Some(uid) = ours.as_ref().and_then(|live| live["metadata"]["uid"].as_str()) {
            apply::delete(&client, &object, uid, cx.timeout, act.token).await?;
        }
        self.on_node(cx, AGAIN).await?;
        Ok(())
    }
}

/// Snapshots that a rescue saved and that are still to be restored into this data, the newest first.
///
/// Whatever became of the run that saved them: an `up` that was cut short has not restored them, and what one has
/// restored that was undone is in a snapshot again, not in the data.
pub async fn owed(cx: &Context, data: &Dataset) -> Result<Vec<PathBuf>> {
    let Some(rescue) = Rescue::of(data) else { return Ok(Vec::new()) };
    let history = journal::read_sound(&cx.paths.state)?;
    let key = rescue.key();
    let mut saved: Vec<_> = history.entries().filter(|e| e.is.key == key).filter_map(Saved::of).collect();
    let before = journal::rescues_of_format_1(&cx.paths.state)?;
    if saved.is_empty() && before.is_empty() {
        return Ok(Vec::new());
    }
    let Some(namespace) = namespace(cx, data).await? else { return Ok(Vec::new()) };
    saved.retain(|saved| saved.namespace.as_ref() == Some(&namespace));
    let newest = saved.pop().map(|saved| saved.snapshots);
    let of_format_1 =
        || before.into_iter().filter(|(of, _)| *of == namespace).map(|(_, file)| file).collect();
    let mut owed: Vec<PathBuf> = Vec::new();
    for file in newest.unwrap_or_else(of_format_1).iter().flat_map(|file| data.not_back(&history, file)) {
        if !owed.contains(&file) {
            owed.push(file);
        }
    }
    Ok(owed)
}

/// Snapshots that something waits for: what was cut short goes on with them, or is taken back by them.
pub fn waited_for(history: &History) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for e in history.entries() {
        let said = [e.noted(), e.made.as_ref(), e.kept.as_ref()].into_iter().flatten();
        if e.pending() {
            all.extend(said.flat_map(snapshots_in));
        } else if let (Ok(Step::Rescue(rescue)), Some(saved)) = (Step::deserialize(&e.is.step), Saved::of(e))
        {
            all.extend(saved.snapshots.iter().flat_map(|file| rescue.data.not_back(history, file)));
        }
    }
    all
}

/// The snapshots that a value of the journal names.
pub fn snapshots_in(value: &Value) -> Vec<PathBuf> {
    match value {
        Value::String(text) if Path::new(text).extension().is_some_and(|end| end == "rdb") => {
            vec![text.into()]
        }
        Value::Array(list) => list.iter().flat_map(snapshots_in).collect(),
        Value::Object(map) => map.values().flat_map(snapshots_in).collect(),
        _ => Vec::new(),
    }
}

/// The UID of the namespace that data is served in.
pub(super) async fn namespace(cx: &Context, data: &Dataset) -> Result<Option<String>> {
    let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": data.namespace()}});
    let live = apply::get(&cx.client().await?, &object).await?;
    Ok(live.and_then(|live| live["metadata"]["uid"].as_str().map(str::to_owned)))
}

/// The redis of one pod at a port of this machine, as long as the first of the pair lives: the Service leads to any
/// of the replicas, also to one that never had the data, and that would be taken for an empty copy.
async fn way_to(cx: &Context, namespace: &str, pod: &str) -> Result<(Talk, String)> {
    cx.must_lead_here().await?;
    let context = match &cx.target {
        Target::Profile(name) | Target::Context(name) => name,
    };
    let (pod, port) = (format!("pod/{pod}"), format!(":{PORT}"));
    let mut kubectl = Run::new(bundle::kubectl(&cx.paths))
        .arg("--kubeconfig")
        .arg(&cx.paths.kubeconfig)
        .args(["--context", context, "-n", namespace, "port-forward", &pod, &port])
        .talk()?;
    // Forwarding from 127.0.0.1:36915 -> 6379
    let said = kubectl.hear().await?;
    let at = said.split_whitespace().find(|word| word.starts_with("127.0.0.1:")).map(str::to_owned);
    Ok((kubectl, at.with_context(|| format!("kubectl port-forward said: {said}"))?))
}

async fn still_empty(master: &str) -> Result<()> {
    if keys::summary(master).await?.keys == 0 {
        return Ok(());
    }
    Err(problem!(Failure, "{master} took its first write just now; nothing was touched").next(again()).into())
}

/// Makes the replica that follows nobody follow its master's Service again.
async fn follow_again(replica: &str, master: &str) -> Result<()> {
    let mut link = redis::connect(replica).await?;
    let mut follow = ::redis::cmd("REPLICAOF");
    Ok(follow.arg(master).arg(PORT).query_async(&mut link).await?)
}

impl Change for Rescue {
    type Before = ();
    type Made = Saved;
    type Kept = Saved;

    fn key(&self) -> String {
        format!("{}/rescue of {}", self.data.namespace(), self.data.deployment())
    }

    fn title(&self) -> String {
        format!("rescue of {}/{}", self.data.namespace(), self.data.deployment())
    }

    fn command(&self) -> String {
        let (ns, deployment) = (self.data.namespace(), self.data.deployment());
        let port = self.data.copy().map_or(self.data.port(), |(_, port)| *port);
        format!("redis-cli -p {port} --rdb snapshot.rdb && kubectl -n {ns} delete deployment {deployment}")
    }

    fn nature(&self) -> Nature {
        let content = Nature::content(self.data.namespace());
        Nature { rank: Rank::Clearing, only_if_needed: true, ..content }
    }

    fn removes(&self, (): &()) -> bool {
        true
    }

    async fn probe(&self, cx: &Context, _: &mut Look) -> Result<Probe<()>> {
        match self.state(cx).await? {
            State::Fine => Ok(Probe::Same),
            State::Lost(source) => {
                let has = format!("{}; {} still has {} keys", self.lost(), source.who(), source.keys);
                if cx.dry_run {
                    cx.ui.warn(&has);
                    cx.ui.note("They would be saved as a snapshot and restored into the new master.");
                }
                Ok(Probe::Differs((), has))
            }
            // A try that was cut short had saved it.
            State::Gone(_) if !owed(cx, &self.data).await?.is_empty() => Ok(Probe::Differs((), self.lost())),
            State::Gone(problem) => Ok(Probe::Foreign(problem)),
        }
    }

    async fn up(&self, cx: &Context, act: Act<'_>, (): &(), _: Option<&Saved>, _: Seen) -> Result<Saved> {
        // Of this try; else what an earlier rescue saved and nobody restored.
        let noted: Option<Saved> = act.note()?;
        let earlier = match &noted {
            Some(noted) => noted.snapshots.clone(),
            None => owed(cx, &self.data).await?,
        };
        let snapshots = match Box::pin(self.state(cx)).await? {
            // It had made way, and all the rest comes by itself.
            State::Fine => return Ok(noted.unwrap_or_default()),
            State::Gone(problem) if earlier.is_empty() => return Err(problem.into()),
            State::Gone(_) => earlier,
            // A replica without a master takes no writes: it has no more than it had.
            State::Lost(source) if noted.is_some() && source.pod.is_some() => earlier,
            State::Lost(source) => {
                cx.ui.warn(format!("{}; {} still has {} keys", self.lost(), source.who(), source.keys));
                let now = Box::pin(self.save(cx, &source, act.row)).await?;
                // A master that runs on has what it had at the first try, and what was written since.
                let stays = if noted.is_some() && now.is_some() { Vec::new() } else { earlier };
                now.map(|s| s.path).into_iter().chain(stays).collect()
            }
        };
        let saved = Saved { snapshots, namespace: namespace(cx, &self.data).await? };
        act.set_note(&saved)?;
        self.make_way(cx, act).await?;
        Ok(saved)
    }

    async fn settle(&self, _: &Context, _: &Row) -> Result<String> {
        Ok("made way for a new master".into())
    }

    async fn down(
        &self,
        _: &Context,
        act: Act<'_>,
        (): &(),
        made: Option<&Saved>,
    ) -> Result<(String, Saved)> {
        let saved = match made {
            Some(made) => made.clone(),
            None => act.note()?.unwrap_or_default(),
        };
        let files: Vec<_> = saved.snapshots.iter().map(|file| file.display().to_string()).collect();
        let fact = if files.is_empty() {
            "nothing was saved".to_owned()
        } else {
            format!("what it saved stays in {}", files.join(", "))
        };
        Ok((fact, saved))
    }
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
