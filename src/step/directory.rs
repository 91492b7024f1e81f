//! A directory on a node, for a volume: made by a step of its own, removed with what it holds.

use std::time::Duration;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::nature::{Data, Nature};
use super::{Act, Change, Look, Probe, Seen};
use crate::context::Context;
use crate::error::{problem, shell};
use crate::node;
use crate::ui::Row;

/// A directory as it is wanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// The machine, such as `minikube`.
    machine: String,
    /// Its path on the node.
    path: String,
    /// Its owner's uid; none leaves it to root, for volumes that get theirs by fsGroup.
    owner: Option<u32>,
    /// A file it begins with: name and content.
    seed: Option<(String, String)>,
}

/// Prints `absent`, `ours` or `foreign`. A mark beside the directory says that opsctl made it, or has only begun
/// to make or to remove it.
const LOOK: &str = r#"
if [ -e "$1.opsctl" ]; then [ -d "$1" ] && [ "$(cat "$1.opsctl")" != begun ] && echo ours || echo absent
elif [ -d "$1" ] && [ -z "$(ls -A "$1")" ]; then echo absent
elif [ -e "$1" ]; then echo foreign
else echo absent; fi"#;

/// The mark first: a directory without one would be foreign to the next look. One that appeared since the
/// look is left alone. One that was made and is gone is somebody's loss: what it began with would say of the new
/// one that it never held anything.
const MAKE: &str = r#"
if [ ! -e "$1.opsctl" ] && [ -n "$(ls -A "$1" 2>/dev/null)" ]; then echo "$1 was not created by opsctl" >&2; exit 1; fi
mkdir -p "$(dirname "$1")"
if [ ! -e "$1.opsctl" ] || [ "$(cat "$1.opsctl")" = begun ]; then
  [ ! -e "$1.opsctl" ] || rm -rf --one-file-system "$1"
  echo begun > "$1.opsctl"; mkdir -p "$1"
  [ -z "$3" ] || printf '%s\n' "$4" > "$1/$3"
fi
mkdir -p "$1"; chmod 0770 "$1"
[ -z "$2" ] || chown -R "$2:$2" "$1"
echo made > "$1.opsctl""#;

/// Without our mark nothing is touched, an empty directory neither.
const REMOVE: &str = r#"[ -e "$1.opsctl" ] || exit 0; echo begun > "$1.opsctl"; rm -rf --one-file-system "$1"; rm -f "$1.opsctl"; rmdir "$(dirname "$1")" 2>/dev/null || :"#;

impl Directory {
    /// A directory on a machine of the profile.
    pub fn new(machine: &str, path: &str, owner: Option<u32>) -> Self {
        Self { machine: machine.to_owned(), path: path.to_owned(), owner, seed: None }
    }

    /// The same, with a file in it from the beginning.
    #[must_use]
    pub fn with(self, name: &str, content: &str) -> Self {
        Self { seed: Some((name.to_owned(), content.to_owned())), ..self }
    }

    /// The way there for a person: the machine is the control plane's, which is named like its profile.
    fn there(&self) -> String {
        format!("minikube ssh -p {0} -n {0} -- sudo", self.machine)
    }

    async fn run(&self, cx: &Context, script: &str) -> Result<String> {
        let owner = self.owner.map(|o| o.to_string()).unwrap_or_default();
        let (name, content) = self.seed.as_ref().map_or(("", ""), |(n, c)| (n, c));
        node::script(cx, &self.machine, script, &[&self.path, &owner, name, content])?
            .timeout(Duration::from_secs(30))
            .text()
            .await
    }
}

impl Change for Directory {
    type Before = ();
    type Made = ();
    type Kept = ();

    fn key(&self) -> String {
        format!("{}:{}", self.machine, self.path)
    }

    fn title(&self) -> String {
        format!("directory {}", self.key())
    }

    fn command(&self) -> String {
        format!("{} mkdir -p {}", self.there(), self.path)
    }

    fn nature(&self) -> Nature {
        Nature::on_nodes(Data::Holds)
    }

    fn removes(&self, (): &()) -> bool {
        true
    }

    async fn probe(&self, cx: &Context, _: &mut Look) -> Result<Probe<()>> {
        Ok(match self.run(cx, LOOK).await?.as_str() {
            "ours" => Probe::Same,
            "absent" => Probe::Absent(()),
            _ => Probe::Foreign(
                problem!(Foreign, "{} exists already, and opsctl did not make it", self.title())
                    .found("Nothing was touched: it may hold something of value.")
                    .next(shell(format!("{} ls -la {}", self.there(), self.path))),
            ),
        })
    }

    async fn up(&self, cx: &Context, _: Act<'_>, (): &(), _: Option<&()>, _: Seen) -> Result<()> {
        self.run(cx, MAKE).await?;
        Ok(())
    }

    async fn settle(&self, _: &Context, _: &Row) -> Result<String> {
        Ok("there".into())
    }

    async fn down(&self, cx: &Context, _: Act<'_>, (): &(), _: Option<&()>) -> Result<(String, ())> {
        if self.run(cx, LOOK).await? == "foreign" {
            return Ok(("not created by opsctl; left alone".into(), ()));
        }
        self.run(cx, REMOVE).await?;
        Ok(("removed with its contents".into(), ()))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::process::Command;

    use super::*;

    /// Where a node would have it.
    struct Place(tempfile::TempDir);

    impl Place {
        fn path(&self) -> PathBuf {
            self.0.path().join("lib/redis")
        }

        fn mark(&self) -> PathBuf {
            self.0.path().join("lib/redis.opsctl")
        }

        fn seed(&self) -> Option<String> {
            std::fs::read_to_string(self.path().join(".seed")).ok()
        }

        fn run(&self, script: &str) -> (bool, String) {
            let mut shell = Command::new("sh");
            let said = shell.args(["-euc", script, "opsctl"]).arg(self.path()).args(["", ".seed", "new"]);
            let said = said.output().unwrap();
            (said.status.success(), String::from_utf8(said.stdout).unwrap().trim().to_owned())
        }

        fn look(&self) -> String {
            self.run(LOOK).1
        }
    }

    fn place() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    #[test]
    fn what_is_made_is_ours_and_goes_with_its_mark() {
        let p = place();
        assert_eq!(p.look(), "absent");
        assert!(p.run(MAKE).0);
        assert_eq!((p.look().as_str(), p.seed().as_deref()), ("ours", Some("new\n")));
        assert!(p.run(REMOVE).0);
        assert!(!p.path().exists() && !p.mark().exists() && !p.0.path().join("lib").exists());
    }

    #[test]
    fn what_somebody_else_put_there_is_left_alone() {
        let p = place();
        std::fs::create_dir_all(p.path()).unwrap();
        assert_eq!(p.look(), "absent", "an empty one is nobody's");
        std::fs::write(p.path().join("theirs"), "").unwrap();
        assert_eq!(p.look(), "foreign");
        assert!(!p.run(MAKE).0 && p.run(REMOVE).0);
        assert!(p.path().join("theirs").exists());
    }

    #[test]
    fn one_that_was_made_and_is_lost_does_not_begin_anew() {
        let p = place();
        assert!(p.run(MAKE).0);
        std::fs::remove_dir_all(p.path()).unwrap();
        assert_eq!(p.look(), "absent");
        assert!(p.run(MAKE).0);
        assert_eq!((p.look().as_str(), p.seed()), ("ours", None), "it would say that it never held anything");
    }

    #[test]
    fn one_whose_making_or_removal_was_cut_short_begins_anew() {
        let p = place();
        assert!(p.run(MAKE).0);
        std::fs::write(p.path().join("left"), "").unwrap();
        std::fs::write(p.mark(), "begun\n").unwrap();
        assert_eq!(p.look(), "absent");
        assert!(p.run(MAKE).0);
        assert_eq!(p.seed().as_deref(), Some("new\n"));
        assert!(!p.path().join("left").exists());
    }

    #[test]
    fn a_mark_of_an_earlier_opsctl_says_that_it_was_made() {
        let p = place();
        assert!(p.run(MAKE).0);
        std::fs::write(p.mark(), "").unwrap();
        assert_eq!(p.look(), "ours");
    }
}
