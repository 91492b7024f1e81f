//! stand-in
use std::path::PathBuf;
use crate::context::Paths;
/// p
pub fn program(paths: &Paths) -> PathBuf { crate::bundle::ready(paths).map_or_else(|| "minikube".into(), |b| b.program("minikube")) }
/// k
pub fn kubectl(paths: &Paths) -> PathBuf { which::which("kubectl").unwrap_or_else(|_| crate::bundle::ready(paths).map_or_else(|| "kubectl".into(), |b| b.program("kubectl"))) }
