//! A directory on a node, for a volume: made by a step of its own, removed with what it holds.

use std::time::Duration;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{Act, Change, Probe};
use crate::context::Context;
use crate::error::Problem;
use crate::node;
use crate::ui::Row;

/// A directory as it is wanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
if [ ! -e "$1.opsctl" ] && [ -n "$(ls -A "$1" 2>/dev/null)" ]; then echo "$1 was made by somebody else" >&2; exit 1; fi
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
        format!("minikube ssh -n {} -- sudo mkdir -p {}", self.machine, self.path)
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<()>> {
        Ok(match self.run(cx, LOOK).await?.as_str() {
            "ours" => Probe::Same,
            "absent" => Probe::Absent(()),
            _ => Probe::Foreign(
                Problem::conflict(format!("{} is there already, and opsctl did not make it", self.title()))
                    .found("Nothing was touched: it may hold something of value.")
                    .next(format!("minikube ssh -n {} -- sudo ls -la {}", self.machine, self.path)),
            ),
        })
    }

    async fn up(&self, cx: &Context, _: Act<'_>, (): &(), _: Option<&()>) -> Result<()> {
        self.run(cx, MAKE).await?;
        Ok(())
    }

    async fn settle(&self, _: &Context, _: &Row) -> Result<String> {
        Ok("there".into())
    }

    async fn down(&self, cx: &Context, _: Act<'_>, (): &(), _: Option<&()>) -> Result<(String, ())> {
        if self.run(cx, LOOK).await? == "foreign" {
            return Ok(("is not ours; left alone".into(), ()));
        }
        self.run(cx, REMOVE).await?;
        Ok(("removed with what it held".into(), ()))
    }
}
