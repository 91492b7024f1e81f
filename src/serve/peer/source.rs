//! Where a configuration comes from: a file, or one `ConfigMap` of the cluster.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures::StreamExt as _;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client, Config};
use tokio::sync::mpsc::Sender;

use crate::peering::KEY;
use crate::serve::log;
use crate::serve::rewatch::Rewatch;

/// How often the file is read. By its content, because editors put another file in its place.
const LOOK: Duration = Duration::from_millis(100);

/// The longest pause until a watch that broke begins anew: a hundred peers are no burden so.
const PAUSE: Duration = Duration::from_secs(3);

/// Where a configuration comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// A `ConfigMap` in this pod's namespace.
    ConfigMap(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::ConfigMap(name) => write!(f, "the ConfigMap {name}"),
        }
    }
}

/// What is told: a configuration's text, or why there is none.
type Told = Sender<Result<String, String>>;

impl Source {
    /// The one that was named.
    pub fn of(file: Option<PathBuf>, config_map: Option<String>) -> Result<Self> {
        file.map(Self::File)
            .or(config_map.map(Self::ConfigMap))
            .context("neither --config nor --config-map says where the configuration is")
    }

    /// Tells the configuration, and each change of it, until nobody listens.
    pub async fn watch(self, told: Told) {
        match self {
            Self::File(path) => file(path, told).await,
            Self::ConfigMap(name) => {
                if let Err(error) = config_map(&name, told).await {
                    log(&format!("{name}: {error:#}"));
                }
            }
        }
    }
}

async fn file(path: PathBuf, told: Told) {
    let mut last = None;
    let mut newest = None;
    loop {
        let now = tokio::fs::read_to_string(&path).await;
        let now = now.map_err(|e| format!("could not read {}: {e}", path.display()));
        // Whoever writes a file in place empties it first: what is not the same twice may be half of it.
        if newest.as_ref() == Some(&now) && last.as_ref() != Some(&now) {
            if told.send(now.clone()).await.is_err() {
                return;
            }
            last = Some(now.clone());
        }
        newest = Some(now);
        tokio::time::sleep(LOOK).await;
    }
}

async fn config_map(name: &str, told: Told) -> Result<()> {
    let config = Config::infer().await.context("neither in a cluster nor with a kubeconfig")?;
    let namespace = config.default_namespace.clone();
    let client = Client::try_from(config).context("no client for the cluster's API")?;
    let api: Api<ConfigMap> = Api::namespaced(client, &namespace);
    let only = watcher::Config::default().fields(&format!("metadata.name={name}"));
    let mut events = std::pin::pin!(watcher(api, only).backoff(Rewatch::within(PAUSE)));
    let (mut last, mut silent, mut listed) = (None, false, false);
    while let Some(event) = events.next().await {
        let now = match event {
            Ok(watcher::Event::Apply(map) | watcher::Event::InitApply(map)) => text(name, &map),
            // Whoever deletes it cannot mean that nobody is to be called: its operator writes it again.
            Ok(watcher::Event::Delete(_)) => Err(format!("the ConfigMap {name} was deleted")),
            Ok(watcher::Event::Init) => {
                listed = false;
                continue;
            }
            Ok(watcher::Event::InitDone) if !listed => Err(format!("there is no ConfigMap {name} yet")),
            Ok(watcher::Event::InitDone) => continue,
            Err(error) => {
                if !std::mem::replace(&mut silent, true) {
                    log(&format!("the configuration cannot be watched; it stays as it is: {error}"));
                }
                continue;
            }
        };
        listed = true;
        if std::mem::replace(&mut silent, false) {
            log("the configuration is watched again");
        }
        if last.as_ref() != Some(&now) {
            if told.send(now.clone()).await.is_err() {
                return Ok(());
            }
            last = Some(now);
        }
    }
    Ok(())
}

fn text(name: &str, map: &ConfigMap) -> Result<String, String> {
    let text = map.data.as_ref().and_then(|data| data.get(KEY));
    text.cloned().ok_or_else(|| format!("the ConfigMap {name} has no key {KEY}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;

    async fn next(inbox: &mut mpsc::Receiver<Result<String, String>>) -> Result<String, String> {
        tokio::time::timeout(Duration::from_secs(20), inbox.recv()).await.expect("in time").expect("told")
    }

    #[tokio::test]
    async fn a_file_is_told_by_its_content_whoever_puts_another_in_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("peers.yaml");
        let (told, mut inbox) = mpsc::channel(4);
        let watching = tokio::spawn(Source::File(path.clone()).watch(told));
        assert!(next(&mut inbox).await.unwrap_err().contains("could not read"));
        std::fs::write(&path, "one").unwrap();
        assert_eq!(next(&mut inbox).await.unwrap(), "one");
        // As editors do; and the same content again, which is no change.
        for content in ["two", "two", "three"] {
            let beside = dir.path().join("beside");
            std::fs::write(&beside, content).unwrap();
            std::fs::rename(&beside, &path).unwrap();
            tokio::time::sleep(LOOK * 4).await;
        }
        assert_eq!(next(&mut inbox).await.unwrap(), "two");
        assert_eq!(next(&mut inbox).await.unwrap(), "three");
        std::fs::remove_file(&path).unwrap();
        assert!(next(&mut inbox).await.is_err());
        watching.abort();
    }
}
