//! The cluster of a minikube profile: made, started or mended; deleted only when we made it.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::nature::{Lives, Nature, Traced};
use super::{Act, Change, Look, Probe, Seen};
use crate::bundle;
use crate::context::{Context, Paths, Profile};
use crate::error::{Code, Problem, again, problem};
use crate::fs::write_whole;
use crate::k8s::{kind, manifest};
use crate::minikube::{self, Choice, ProfileState, Settings, kubeconfig};
use crate::ui::Row;

/// A profile as it is wanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// Its name.
    profile: String,
    /// Its size, and what minikube is told besides.
    settings: Settings,
}

/// What was there before.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// The state of the profile.
    profile: Was,
    /// The kubeconfig's current context.
    kubeconfig: kubeconfig::Before,
}

/// The state of a profile before, as far as its restoration needs it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Was {
    /// There was none.
    #[default]
    Absent,
    /// It was there, and stopped.
    Stopped,
    /// It was there, running or broken: a mended one is not broken again.
    There,
    /// What is there now is another one, of the same name and not ours. In no journal: it is found when ours
    /// is to go.
    Another,
}

/// What was made.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// The identity of the cluster; none where opsctl did not make it.
    uid: Option<String>,
}

/// Lies in the profile's own folder and goes with it: says that opsctl made the profile.
pub fn mark(paths: &Paths, profile: &str) -> PathBuf {
    paths.profile(profile).join("opsctl.json")
}

impl Cluster {
    /// A profile of that name and size.
    pub fn new(profile: &str, settings: Settings) -> Self {
        Self { profile: profile.to_owned(), settings }
    }

    async fn choice(&self, cx: &Context) -> Result<Choice> {
        minikube::choose(cx, &self.settings.driver).await
    }

    /// Whether the profile carries opsctl's mark, so that it can be taken down without a journal.
    pub fn marked(&self, cx: &Context) -> bool {
        self.mark(cx).is_file()
    }

    fn mark(&self, cx: &Context) -> PathBuf {
        mark(&cx.paths, &self.profile)
    }

    /// Before minikube begins: what a start that is cut short leaves behind is ours all the same.
    fn set_mark(&self, cx: &Context) -> Result<()> {
        use std::os::unix::fs::DirBuilderExt as _;
        let folder = cx.paths.profile(&self.profile);
        // As minikube makes it: keys will lie in there.
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.with_context(|| format!("could not create {}", folder.display()))?;
        let mark = serde_json::json!({"made": jiff::Timestamp::now(), "step": self.key()});
        write_whole(&self.mark(cx), mark.to_string().as_bytes())
    }

    /// Where no profile came of it, the mark goes, and the folder if nothing else is in it.
    fn remove_lone_mark(&self, cx: &Context) -> Result<()> {
        if self.is_there(cx) {
            return Ok(());
        }
        let mark = self.mark(cx);
        match std::fs::remove_file(&mark) {
            Ok(()) => {}
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(e).with_context(|| format!("could not remove {}", mark.display())),
        }
        let _ = std::fs::remove_dir(cx.paths.profile(&self.profile));
        Ok(())
    }

    /// Whether there is a profile of that name, if only a damaged one.
    fn is_there(&self, cx: &Context) -> bool {
        Profile::read(&cx.paths, &self.profile).map_or(true, |p| p.is_some())
    }

    /// Whether the profile that is there now is the one that opsctl made: by its mark, which goes with the
    /// profile's folder, or else by the cluster's identity. One that cannot be asked is nobody's to delete.
    async fn is_ours(&self, cx: &Context, made: Option<&Made>) -> bool {
        if self.marked(cx) {
            return true;
        }
        let Some(uid) = made.and_then(|m| m.uid.as_ref()) else { return false };
        cx.cluster().await.is_ok_and(|c| c.uid == *uid)
    }

    fn is_current(cx: &Context, profile: &str) -> Result<bool> {
        Ok(kubeconfig::probe(&cx.paths)?.context.as_deref() == Some(profile))
    }
}

/// Workloads and volumes outside `kube-system` that opsctl did not make.
async fn foreign_workloads(cx: &Context) -> Result<Vec<String>> {
    let client = cx.client().await?;
    let mut found = Vec::new();
    let kinds = [
        ("apps/v1", "Deployment"),
        ("apps/v1", "StatefulSet"),
        ("batch/v1", "CronJob"),
        ("v1", "PersistentVolumeClaim"),
    ];
    for (version, kind) in kinds {
        let Some((resource, _)) = kind::known(version, kind) else { continue };
        let api: kube::Api<kube::api::DynamicObject> = kube::Api::all_with(client.clone(), &resource);
        for object in api.list(&kube::api::ListParams::default()).await? {
            let value = serde_json::to_value(&object)?;
            let ns = manifest::namespace(&value).unwrap_or_default();
            if ns != "kube-system" && manifest::made_by(&value).is_none() {
                found.push(format!(
                    "goes with the cluster, not created by opsctl: {} {ns}/{}",
                    kind.to_lowercase(),
                    manifest::name(&value)
                ));
            }
        }
    }
    Ok(found)
}

impl Change for Cluster {
    type Before = Before;
    type Made = Made;
    type Kept = ();

    fn key(&self) -> String {
        format!("profile/{}", self.profile)
    }

    fn title(&self) -> String {
        format!("minikube profile {}", self.profile)
    }

    fn command(&self) -> String {
        let s = &self.settings;
        let mut line = format!(
            "minikube start -p {} --driver {} --nodes {} --cpus {} --memory {}",
            self.profile, s.driver, s.nodes, s.cpus, s.memory
        );
        for extra in &s.extra {
            line.push(' ');
            line.push_str(&crate::exec::quoted(extra));
        }
        line
    }

    fn nature(&self) -> Nature {
        Nature { lives: Lives::Profile(self.profile.clone()), traced: Traced::Mark, ..Nature::of_host() }
    }

    fn removes(&self, before: &Before) -> bool {
        before.profile == Was::Absent
    }

    /// Where the profile that was made is gone and another one bears its name.
    async fn spares(&self, cx: &Context, before: &Before, made: Option<&Made>) -> Option<Before> {
        if before.profile != Was::Absent || !self.is_there(cx) || self.is_ours(cx, made).await {
            return None;
        }
        Some(Before { profile: Was::Another, kubeconfig: before.kubeconfig.clone() })
    }

    /// What goes with the cluster and is not ours: it cannot return.
    async fn loss(&self, cx: &Context, _: Option<&Self::Made>) -> Vec<String> {
        foreign_workloads(cx).await.unwrap_or_default()
    }

    async fn probe(&self, cx: &Context, _: &mut Look) -> Result<Probe<Before>> {
        let before = |profile| anyhow::Ok(Before { profile, kubeconfig: kubeconfig::probe(&cx.paths)? });
        if Profile::read(&cx.paths, &self.profile).is_ok_and(|p| p.is_none()) {
            return Ok(Probe::Absent(before(Was::Absent)?));
        }
        let choice = self.choice(cx).await?;
        Ok(match minikube::state(cx, &choice, &self.settings.driver, self.settings.nodes).await? {
            ProfileState::Absent => Probe::Absent(before(Was::Absent)?),
            ProfileState::Running { .. } if Self::is_current(cx, &self.profile)? => Probe::Same,
            ProfileState::Running { .. } => Probe::Differs(before(Was::There)?, "the current context".into()),
            ProfileState::WrongDriver { driver } => Probe::Foreign(
                problem!(
                    OtherCluster,
                    "the profile \"{}\" was created with the {driver} driver, not {}",
                    self.profile,
                    self.settings.driver
                )
                .found("Nothing was touched: it may hold data.")
                .next(again().with(format!("--driver {driver}")))
                .next(again().with("--profile another-name")),
            ),
            state @ ProfileState::Stopped { .. } => Probe::Differs(before(Was::Stopped)?, state.to_string()),
            state => Probe::Differs(before(Was::There)?, state.to_string()),
        })
    }

    async fn up(&self, cx: &Context, act: Act<'_>, before: &Before, _: Option<&()>, _: Seen) -> Result<Made> {
        let mut choice = self.choice(cx).await?;
        if choice.must_build() {
            cx.ui.note(format!("   {}", choice.reason));
            bundle::build(cx).await?;
            choice = self.choice(cx).await?;
        }
        cx.ui.note(format!("   {}", choice.line()));
        if minikube::forced(&self.settings) {
            cx.ui.note(
                "   minikube refuses its docker driver when run as root; you are root, so opsctl adds --force",
            );
        }
        let state = minikube::state(cx, &choice, &self.settings.driver, self.settings.nodes).await?;
        cx.forget_cluster().await;
        // Between two tries of an `up` somebody may have made one: that is not ours.
        let new = before.profile == Was::Absent && !self.is_there(cx);
        if new {
            self.set_mark(cx)?;
        }
        if let Err(e) = minikube::mend(cx, &choice, &self.settings, &state, act.row).await {
            let _ = self.remove_lone_mark(cx); // the error of the start is the one to tell
            return Err(e);
        }
        if new && !self.marked(cx) {
            self.set_mark(cx)?; // minikube made the folder anew
        }
        kubeconfig::make_current(&cx.paths, &self.profile)?;
        let uid = cx.cluster().await?.uid;
        Ok(Made { uid: self.marked(cx).then_some(uid) })
    }

    async fn settle(&self, cx: &Context, row: &Row) -> Result<String> {
        let nodes = cx.profile()?.nodes.len();
        if cx.wait {
            minikube::wait_ready(cx, nodes, None, row).await?;
        }
        Ok(format!("{nodes} nodes ready, context \"{}\"", self.profile))
    }

    async fn down(
        &self,
        cx: &Context,
        act: Act<'_>,
        before: &Before,
        made: Option<&Made>,
    ) -> Result<(String, ())> {
        let there = self.is_there(cx);
        let fact = match before.profile {
            Was::Another if there => {
                let delete = format!("minikube delete -p {}", self.profile);
                return Ok((format!("left alone: opsctl did not make this one; to delete it: {delete}"), ()));
            }
            Was::Absent if there => {
                // It was ours when the way back was worked out, and what is in it was left to go with it.
                if !self.is_ours(cx, made).await {
                    let what =
                        format!("the minikube profile \"{}\" is not the one opsctl created", self.profile);
                    let problem = Problem::new(Code::OtherCluster, what).found("It was left alone.");
                    return Err(problem.next(again().to("check again")).into());
                }
                let choice = self.choice(cx).await?;
                minikube::delete(cx, &choice, act.row).await?;
                cx.forget_cluster().await;
                self.remove_lone_mark(cx)?;
                "gone"
            }
            Was::Absent | Was::Another => {
                self.remove_lone_mark(cx)?;
                "was gone already"
            }
            Was::Stopped if there => {
                let choice = self.choice(cx).await?;
                minikube::run(cx, &choice, &["stop", "-p", &self.profile])
                    .watched(|line| act.row.hears(line))
                    .await?;
                cx.forget_cluster().await;
                "stopped, as before"
            }
            Was::Stopped | Was::There => "left unchanged",
        };
        let current = match before.profile {
            Was::Absent | Was::Another | Was::Stopped => {
                kubeconfig::restore(&cx.paths, &before.kubeconfig, &self.profile)?
            }
            Was::There => match &before.kubeconfig.context {
                Some(former) if Self::is_current(cx, &self.profile)? => {
                    kubeconfig::make_current(&cx.paths, former)?;
                    Some(former.clone())
                }
                _ => kubeconfig::probe(&cx.paths)?.context,
            },
        };
        let context =
            current.map_or("no current context, as before".to_owned(), |c| format!("context \"{c}\""));
        Ok((format!("{fact}; {context}"), ()))
    }
}
