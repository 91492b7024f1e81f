//! opsctl's own image, made from the running executable: no registry, no second build, no version skew.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context as _, Result};

use super::recipe::Recipe;
use super::short;
use crate::error::{problem, shell};
use crate::host::arch;

/// The repository of opsctl's own image.
pub const REPOSITORY: &str = "opsctl/opsctl";

/// The image that `images/opsctl/Dockerfile` makes, for where the running executable cannot serve.
pub fn released() -> String {
    format!("{REPOSITORY}:{}", env!("CARGO_PKG_VERSION"))
}

const DOCKERFILE: &str = "FROM scratch
COPY opsctl /opsctl
USER 65532:65532
ENTRYPOINT [\"/opsctl\"]
";

/// The running executable's file; on Linux also when it was replaced on disk meanwhile.
pub fn executable() -> Result<PathBuf> {
    let running = Path::new("/proc/self/exe");
    if running.exists() {
        return Ok(running.to_owned());
    }
    std::env::current_exe().context("could not find the running executable")
}

/// The recipe of opsctl's image from this executable, for nodes of this architecture (`amd64`, `arm64`).
///
/// The tag is taken from the content, so another build of opsctl never runs under this one's name.
pub fn recipe(executable: &Path, arch: &str) -> Result<Recipe> {
    let bytes =
        std::fs::read(executable).with_context(|| format!("could not read {}", executable.display()))?;
    fits(&bytes, arch).map_err(|why| {
        problem!(Unbuildable, "this opsctl cannot run in a pod: {why}")
            .found(format!("pods need a static Linux executable for {arch}"))
            .next(shell(format!("docker build -t {} -f images/opsctl/Dockerfile .", released())))
    })?;
    let recipe = Recipe::new("", &[("Dockerfile", DOCKERFILE.as_bytes())]).file("opsctl", bytes);
    let name = format!("{REPOSITORY}:{}", short(recipe.hash()));
    Ok(recipe.named(name))
}

/// The recipe of opsctl's image from the running executable, for nodes of this machine's architecture.
///
/// Read and hashed once: while a process runs, its executable stays the same.
pub fn running() -> Result<Recipe> {
    static RUNNING: OnceLock<Recipe> = OnceLock::new();
    if let Some(known) = RUNNING.get() {
        return Ok(known.clone());
    }
    let recipe = recipe(&executable()?, arch())?;
    Ok(RUNNING.get_or_init(|| recipe).clone())
}

/// The name of opsctl's image here: by its content, or the released one's where this executable cannot
/// run in a pod.
pub fn name() -> String {
    running().map_or_else(|_| released(), |recipe| recipe.name().to_owned())
}

/// Whether these bytes are a static Linux executable for the architecture; else why not.
fn fits(bytes: &[u8], arch: &str) -> Result<(), String> {
    let elf = Elf::read(bytes)?;
    if elf.arch() != arch {
        return Err(format!("it is built for {}, the nodes are {arch}", elf.arch()));
    }
    if elf.interpreted {
        return Err("it is linked dynamically, and its image holds nothing but opsctl".into());
    }
    Ok(())
}

/// The little of an ELF header that is needed here.
struct Elf {
    machine: u16,
    /// Whether it names an interpreter (`PT_INTERP`): the dynamic linker.
    interpreted: bool,
}

impl Elf {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        if !bytes.starts_with(b"\x7fELF") {
            return Err("it is not a Linux executable".into());
        }
        // 64 bits, little endian: all that Kubernetes nodes are made of.
        if bytes.get(4..6) != Some(&[2, 1]) {
            return Err("it is not a 64-bit little-endian executable".into());
        }
        let torn = || "its ELF header is damaged".to_owned();
        let half = |at: usize| number::<2>(bytes, at).map(u16::from_le_bytes).ok_or_else(torn);
        let table = number::<8>(bytes, 0x20)
            .and_then(|b| usize::try_from(u64::from_le_bytes(b)).ok())
            .ok_or_else(torn)?;
        let (size, count) = (usize::from(half(0x36)?), usize::from(half(0x38)?));
        let mut interpreted = false;
        for i in 0..count {
            let at = table.checked_add(i * size).ok_or_else(torn)?;
            let kind = number::<4>(bytes, at).map(u32::from_le_bytes).ok_or_else(torn)?;
            interpreted |= kind == 3;
        }
        Ok(Self { machine: half(0x12)?, interpreted })
    }

    /// The architecture as Docker and Kubernetes name it.
    fn arch(&self) -> String {
        match self.machine {
            62 => "amd64".into(),
            183 => "arm64".into(),
            243 => "riscv64".into(),
            other => format!("machine {other}"),
        }
    }
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Class, Problem, class_of};

    /// An ELF header with these program header types.
    fn elf(machine: u16, kinds: &[u32]) -> Vec<u8> {
        let mut bytes = vec![0_u8; 0x40];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        bytes[0x12..0x14].copy_from_slice(&machine.to_le_bytes());
        bytes[0x20..0x28].copy_from_slice(&0x40_u64.to_le_bytes());
        bytes[0x36..0x38].copy_from_slice(&56_u16.to_le_bytes());
        bytes[0x38..0x3a].copy_from_slice(&u16::try_from(kinds.len()).unwrap().to_le_bytes());
        for kind in kinds {
            bytes.extend(kind.to_le_bytes());
            bytes.extend([0_u8; 52]);
        }
        bytes
    }

    #[test]
    fn only_a_static_executable_of_the_nodes_architecture_fits() {
        assert_eq!(fits(&elf(62, &[1, 2]), "amd64"), Ok(()));
        assert_eq!(fits(&elf(183, &[1]), "arm64"), Ok(()));
        assert!(fits(&elf(62, &[6, 3]), "amd64").unwrap_err().contains("dynamically"));
        assert!(fits(&elf(62, &[1]), "arm64").unwrap_err().contains("built for amd64"));
        assert!(fits(b"\xcf\xfa\xed\xfe", "arm64").unwrap_err().contains("not a Linux executable"));
        assert!(fits(b"#!/bin/sh\n", "amd64").is_err());
    }

    #[test]
    fn damaged_headers_are_errors_never_panics() {
        let whole = elf(62, &[1, 3]);
        for end in 0..whole.len() - 52 {
            assert!(fits(&whole[..end], "amd64").is_err(), "cut at {end}");
        }
        let mut far = whole;
        far[0x20..0x28].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(fits(&far, "amd64").is_err());
    }

    #[test]
    fn the_running_executable_is_static_as_the_build_is_set_up() {
        let recipe = running().unwrap();
        assert!(recipe.name().starts_with("opsctl/opsctl:"));
        assert_eq!(recipe.name(), name());
        assert!(recipe.bases().is_empty());
    }

    #[test]
    fn what_cannot_run_in_a_pod_is_a_missing_prerequisite_with_a_way_out() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), elf(62, &[3])).unwrap();
        let error = recipe(file.path(), "amd64").unwrap_err();
        assert_eq!(class_of(&error), Class::Missing);
        assert!(error.downcast_ref::<Problem>().unwrap().next[0].to_string().contains("docker build"));
    }
}
