//! The kubeconfig's current context: remembered before a cluster is made, put back when it goes.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use kube::config::Kubeconfig;
use serde::{Deserialize, Serialize};

use crate::context::Paths;
use crate::error::{kubectl, opsctl, problem, shell};
use crate::exec::quoted;
use crate::fs::{read_if_there, rewrite};

/// How long kubectl may hold its lock: it does for as long as it writes.
const PATIENCE: Duration = Duration::from_secs(5);

/// kubectl's own lock of a kubeconfig, a file beside it; let go when dropped.
struct Lock(PathBuf);

impl Lock {
    fn take(file: &Path, patience: Duration) -> Result<Self> {
        let mut name = file.as_os_str().to_owned();
        name.push(".lock");
        let began = Instant::now();
        loop {
            match OpenOptions::new().write(true).create_new(true).open(&name) {
                Ok(_) => return Ok(Self(name.into())),
                Err(e) if e.kind() != ErrorKind::AlreadyExists => {
                    return Err(e).with_context(|| format!("could not lock {}", file.display()));
                }
                Err(_) if began.elapsed() < patience => std::thread::sleep(Duration::from_millis(20)),
                Err(_) => {
                    let name = Path::new(&name).display().to_string();
                    return Err(problem!(Kubeconfig, "{} is locked by kubectl: {name}", file.display())
                        .found("Its current context is left unchanged.")
                        .next(shell(format!("rm {}", quoted(&name))).remark("if no kubectl is running"))
                        .into());
                }
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// What the kubeconfig was before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// Whether there was a file.
    pub existed: bool,
    /// The context that was current.
    pub context: Option<String>,
}

/// Reads what the kubeconfig says now.
pub fn probe(paths: &Paths) -> Result<Before> {
    Ok(match read(&paths.kubeconfig)? {
        Some((_, config)) => Before { existed: true, context: current(&config) },
        None => Before::default(),
    })
}

/// The current context; an empty one is none.
fn current(config: &Kubeconfig) -> Option<String> {
    config.current_context.clone().filter(|name| !name.is_empty())
}

/// Makes a context current; whether that was a change. It must be in the file.
pub fn make_current(paths: &Paths, context: &str) -> Result<bool> {
    let file = &paths.kubeconfig;
    let missing =
        || problem!(Kubeconfig, "there is no kubeconfig {}", file.display()).next(opsctl("minikube up"));
    if !file.exists() {
        return Err(missing().into());
    }
    let _lock = Lock::take(file, PATIENCE)?;
    let (text, config) = read(file)?.ok_or_else(missing)?;
    if current(&config).as_deref() == Some(context) {
        return Ok(false);
    }
    if !config.contexts.iter().any(|c| c.name == context) {
        return Err(problem!(Kubeconfig, "{} has no context \"{context}\"", file.display())
            .next(shell(format!("minikube update-context -p {context}")))
            .into());
    }
    set(file, &text, Some(context))?;
    Ok(true)
}

/// Puts the former context back after the profile's cluster is gone. A context that the user has chosen since
/// stays. A file that there was not before, and that holds nothing now, goes. What is current in the end.
pub fn restore(paths: &Paths, before: &Before, profile: &str) -> Result<Option<String>> {
    let file = &paths.kubeconfig;
    if !file.exists() {
        return Ok(None);
    }
    let _lock = Lock::take(file, PATIENCE)?;
    let Some((text, config)) = read(file)? else { return Ok(None) };
    if !before.existed
        && !file.is_symlink()
        && config.clusters.is_empty()
        && config.contexts.is_empty()
        && config.auth_infos.is_empty()
    {
        std::fs::remove_file(file).with_context(|| format!("could not remove {}", file.display()))?;
        return Ok(None);
    }
    let now = current(&config);
    let dangling = now.as_ref().is_none_or(|n| n == profile || !config.contexts.iter().any(|c| &c.name == n));
    if !dangling {
        return Ok(now);
    }
    // The profile's own context may be the former one: then its cluster is gone, and so is the context.
    let former =
        before.context.as_ref().filter(|name| config.contexts.iter().any(|c| &c.name == *name)).cloned();
    if former != now {
        set(file, &text, former.as_deref())?;
    }
    Ok(former)
}

fn read(file: &Path) -> Result<Option<(String, Kubeconfig)>> {
    let Some(text) = read_if_there(file)? else { return Ok(None) };
    if text.trim().is_empty() {
        return Ok(Some((text, Kubeconfig::default())));
    }
    let config = Kubeconfig::from_yaml(&text).map_err(|e| {
        problem!(Kubeconfig, "the kubeconfig {} is damaged", file.display()).found(e.to_string())
    })?;
    Ok(Some((text, config)))
}

/// Changes that one line and nothing else; the file keeps its mode and its owner, and a link to it stays one.
fn set(file: &Path, text: &str, context: Option<&str>) -> Result<()> {
    let changed = with_current(text, context);
    let wanted = context.map(str::to_owned);
    let parsed = Kubeconfig::from_yaml(&changed).ok();
    if parsed.as_ref().map(current) != Some(wanted) {
        return Err(problem!(
            Kubeconfig,
            "{} is not in block style, so its current context is left unchanged",
            file.display()
        )
        .next(kubectl(format!("config use-context {}", context.unwrap_or_default())))
        .into());
    }
    rewrite(file, changed.as_bytes())
}

fn with_current(text: &str, context: Option<&str>) -> String {
    // In JSON's quotes, which are YAML's too, any name is safe.
    let line = format!("current-context: {}", serde_json::Value::from(context.unwrap_or_default()));
    let mut found = false;
    let mut lines: Vec<String> = text
        .lines()
        .map(|l| {
            if l.starts_with("current-context:") {
                found = true;
                line.clone()
            } else {
                l.to_owned()
            }
        })
        .collect();
    if !found {
        lines.push(line);
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "apiVersion: v1\nkind: Config\n# a comment of the user's\ncurrent-context: work\n\
        clusters:\n- {name: work, cluster: {server: 'https://a'}}\n\
        contexts:\n- {name: work, context: {cluster: work, user: u}}\n- {name: minikube, context: {cluster: work, user: u}}\n\
        users:\n- {name: u, user: {}}\n";

    fn paths(dir: &Path, text: Option<&str>) -> Paths {
        let kubeconfig = dir.join("config");
        if let Some(text) = text {
            std::fs::write(&kubeconfig, text).unwrap();
        }
        Paths { home: dir.into(), state: dir.into(), cache: dir.into(), minikube: dir.into(), kubeconfig }
    }

    #[test]
    fn the_former_context_comes_back_and_the_rest_of_the_file_is_untouched() {
        let dir = tempfile::tempdir().unwrap();
        let paths = paths(dir.path(), Some(FILE));
        let before = probe(&paths).unwrap();
        assert_eq!(before.context.as_deref(), Some("work"));
        assert!(make_current(&paths, "minikube").unwrap());
        assert!(!make_current(&paths, "minikube").unwrap());
        assert_eq!(restore(&paths, &before, "minikube").unwrap().as_deref(), Some("work"));
        let text = std::fs::read_to_string(&paths.kubeconfig).unwrap();
        assert_eq!(text, FILE.replace("current-context: work", "current-context: \"work\""));
    }

    #[test]
    fn a_link_stays_one_and_what_it_leads_to_keeps_mode_and_owner() {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().join("dot");
        std::fs::create_dir(&real).unwrap();
        let real = real.join("config");
        std::fs::write(&real, FILE).unwrap();
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
        // Only root can give it to somebody, and then it stays theirs.
        let _ = std::os::unix::fs::chown(&real, Some(65534), Some(65534));
        let was = std::fs::metadata(&real).unwrap();
        let paths = paths(dir.path(), None);
        std::os::unix::fs::symlink("dot/config", &paths.kubeconfig).unwrap();
        assert!(make_current(&paths, "minikube").unwrap());
        assert_eq!(std::fs::read_link(&paths.kubeconfig).unwrap(), Path::new("dot/config"));
        assert!(std::fs::read_to_string(&real).unwrap().contains("current-context: \"minikube\""));
        let is = std::fs::metadata(&real).unwrap();
        assert_eq!((is.mode(), is.uid(), is.gid()), (was.mode(), was.uid(), was.gid()));
    }

    #[test]
    fn what_kubectl_locks_is_left_alone_until_it_lets_go() {
        let dir = tempfile::tempdir().unwrap();
        let paths = paths(dir.path(), Some(FILE));
        let lock = dir.path().join("config.lock");
        std::fs::write(&lock, "").unwrap();
        let error = Lock::take(&paths.kubeconfig, Duration::ZERO).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("config.lock"), "{error}");
        let kubectl = std::thread::spawn({
            let (lock, file) = (lock.clone(), paths.kubeconfig.clone());
            move || {
                std::thread::sleep(Duration::from_millis(100));
                let unchanged = std::fs::read_to_string(&file).unwrap();
                std::fs::write(&file, unchanged.clone() + "# kubectl was here\n").unwrap();
                std::fs::remove_file(lock).unwrap();
                unchanged
            }
        });
        assert!(make_current(&paths, "minikube").unwrap());
        assert_eq!(kubectl.join().unwrap(), FILE, "it was changed under kubectl's lock");
        let text = std::fs::read_to_string(&paths.kubeconfig).unwrap();
        assert!(text.contains("\"minikube\"") && text.contains("# kubectl was here"), "{text}");
        assert!(!lock.exists());
    }

    #[test]
    fn a_context_chosen_since_stays() {
        let dir = tempfile::tempdir().unwrap();
        let paths = paths(dir.path(), Some(FILE));
        let before = Before { existed: true, context: Some("minikube".into()) };
        assert_eq!(restore(&paths, &before, "other").unwrap().as_deref(), Some("work"));
    }

    #[test]
    fn a_former_context_that_is_gone_leaves_none() {
        let dir = tempfile::tempdir().unwrap();
        let paths =
            paths(dir.path(), Some(&FILE.replace("current-context: work", "current-context: minikube")));
        let before = Before { existed: true, context: Some("deleted-since".into()) };
        assert_eq!(restore(&paths, &before, "minikube").unwrap(), None);
        assert_eq!(probe(&paths).unwrap().context, None);
    }

    #[test]
    fn an_empty_file_goes_when_there_was_none_before() {
        let dir = tempfile::tempdir().unwrap();
        let empty = "apiVersion: v1\nkind: Config\nclusters: null\ncontexts: null\nusers: null\ncurrent-context: \"\"\n";
        let paths = paths(dir.path(), Some(empty));
        assert_eq!(restore(&paths, &Before::default(), "minikube").unwrap(), None);
        assert!(!paths.kubeconfig.exists());
        // And once more, when it is gone already.
        assert_eq!(restore(&paths, &Before::default(), "minikube").unwrap(), None);
    }

    #[test]
    fn a_damaged_file_is_reported_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let paths = paths(dir.path(), Some("contexts: [}"));
        assert!(probe(&paths).is_err());
        assert_eq!(std::fs::read_to_string(&paths.kubeconfig).unwrap(), "contexts: [}");
    }
}
