//! A docker, its node containers and a minikube, as one script over a folder of small files.

use std::path::PathBuf;
use std::process::Command;

use super::Docker;

/// host/NAME holds what `docker image inspect` prints, NODE/NAME an ID; slashes in names become `%`.
const SCRIPT: &str = r#"#!/bin/sh
s=$(dirname "$0")
line=$*
[ "${0##*/}" = minikube ] && line="minikube $line"
line=$(printf '%s' "$line" | tr '\n' ' ')
printf '%s \n' "$line" >>"$s/calls" # one write: calls side by side must not tear each other's lines
[ "${0##*/}" = minikube ] && exit 0
[ -e "$s/dead" ] && { echo "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?" >&2; exit 1; }
file() { printf '%s' "$1" | tr / %; }
inspect() {
  sep='['; rc=0
  for n; do
    if [ -e "$s/host/$(file "$n")" ]; then printf '%s' "$sep"; cat "$s/host/$(file "$n")"; sep=,
    else f=$(grep -l "\"Id\":\"$n\"" "$s"/host/* 2>/dev/null | head -1)
      if [ -n "$f" ]; then printf '%s' "$sep"; cat "$f"; sep=,; else echo "Error: No such image: $n" >&2; rc=1; fi
    fi
  done
  [ "$sep" = '[' ] && printf '['
  echo ']'; return $rc
}
listing() {
  sep=; printf '{"images":['
  for id in $(cat "$s/$node"/* 2>/dev/null | sort -u); do
    printf '%s{"id":"sha256:%s","repoTags":[' "$sep" "$id"; sep=; in=
    for f in $(grep -l "$id" "$s/$node"/*); do printf '%s"%s"' "$in" "$(basename "$f" | tr % /)"; in=,; done
    printf ']}'; sep=,
  done; echo ']}'
}
case "$1 $2" in
  "version --format") cat "$s/version";;
  "image inspect") shift 2; inspect "$@";;
  "image rm") rm "$s/host/$(file "$3")";;
  "image tag") f=$(grep -l "\"Id\":\"$3\"" "$s"/host/* | head -1); cp "$f" "$s/host/$(file "$4")";;
  build\ *)
    while [ $# -gt 0 ]; do case $1 in --tag) tag=$2;; --label) label=${2#*=};; esac; shift; done
    cat >"$s/context.tar"; echo "Step 1/1"; [ -e "$s/broken" ] && { echo "no space left" >&2; exit 1; }
    id=$(printf '%s' "$label" | cut -c1-64)
    printf '{"Id":"sha256:%s","RepoTags":["%s"],"Size":7,"Config":{"Labels":{"dev.opsctl.recipe":"%s"}},"GraphDriver":{"Name":"overlay2"}}' "$id" "$tag" "$label" >"$s/host/$(file "$tag")";;
  save\ *)
    if [ -e "$s/archive.tar" ]; then cat "$s/archive.tar"; exit; fi
    shift; [ "$1" = --platform ] && shift 2
    for n; do sed 's/.*"Id":"sha256:\([^"]*\)".*/\1/' "$s/host/$(file "$n")" | sed "s|^|docker.io/$n |"; echo; done;;
  exec\ *)
    shift; [ "$1" = -i ] && shift; node=$1; shift
    [ -e "$s/$node.stopped" ] && { echo "Error response from daemon: container $node is not running" >&2; exit 1; }
    case "$1 $2" in
      "crictl images") listing;;
      "crictl rmi") for f in $(grep -l "${3#sha256:}" "$s/$node"/*); do rm "$f"; done;;
      "ctr -n") case $5 in
          rm) rm "$s/$node/$(file "$6")";;
          tag) f=$(grep -l "${6#sha256:}" "$s/$node"/* | head -1); [ -n "$f" ] && cp "$f" "$s/$node/$(file "$7")";;
        esac;;
      "sh -c") while read -r name id; do [ -n "$name" ] && printf '%s\n' "$id" >"$s/$node/$(file "$name")"; done; listing;;
      *) echo "unknown: $*" >&2; exit 9;;
    esac;;
  *) echo "unknown: $*" >&2; exit 9;;
esac
"#;

/// The folder of one test's tools; gone with it.
pub struct Fake(tempfile::TempDir);

impl Fake {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["host", "p", "p-m02"] {
            std::fs::create_dir(dir.path().join(folder)).unwrap();
        }
        // Written by another process: a file this one has open for writing, and so a child that another test
        // is just forking, could not be run ("text file busy").
        let wrote = Command::new("sh")
            .args(["-c", "printf %s \"$1\" >docker && chmod +x docker && cp docker minikube", "sh", SCRIPT])
            .current_dir(dir.path())
            .status();
        assert!(wrote.unwrap().success());
        std::fs::write(dir.path().join("version"), "1.41\n").unwrap();
        Self(dir)
    }

    pub fn docker(&self) -> Docker {
        Docker::at(self.program(), self.path("cache"))
    }

    pub fn program(&self) -> PathBuf {
        self.path("docker")
    }

    pub fn minikube(&self) -> PathBuf {
        self.path("minikube")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// An image in the classic store.
    pub fn host(&self, name: &str, hex: &str) {
        self.described(
            name,
            &format!(r#"{{"Id":"sha256:{hex}","RepoTags":["{name}"],"Size":7,"GraphDriver":{{"Name":"overlay2"}}}}"#),
        );
    }

    /// An image as `docker image inspect` describes it.
    pub fn described(&self, name: &str, json: &str) {
        std::fs::write(self.path("host").join(name.replace('/', "%")), json).unwrap();
    }

    pub fn node(&self, node: &str, name: &str, hex: &str) {
        std::fs::write(self.path(node).join(name.replace('/', "%")), format!("{hex}\n")).unwrap();
    }

    pub fn stop(&self, node: &str) {
        std::fs::write(self.path(&format!("{node}.stopped")), "").unwrap();
    }

    pub fn kill_engine(&self) {
        std::fs::write(self.path("dead"), "").unwrap();
    }

    /// Every command line so far.
    pub fn calls(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.path("calls")).unwrap_or_default();
        text.lines().map(|l| l.trim_end().to_owned()).collect()
    }
}
