//! What an image is made of: a name and its build context, with a hash that changes when either does.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::error::problem;

/// The label that holds the recipe's hash.
pub const LABEL: &str = "dev.opsctl.recipe";

/// An image to build: its name and the files of its build context, `Dockerfile` among them.
#[derive(Clone, Debug)]
pub struct Recipe {
    name: String,
    files: BTreeMap<String, Cow<'static, [u8]>>,
    /// Reckoned once: one of the files may be opsctl itself.
    hash: OnceLock<String>,
}

impl Recipe {
    /// A recipe from files embedded in this binary.
    pub fn new(name: impl Into<String>, files: &[(&str, &'static [u8])]) -> Self {
        let files = files.iter().map(|(path, bytes)| ((*path).to_owned(), Cow::Borrowed(*bytes))).collect();
        Self { name: name.into(), files, hash: OnceLock::new() }
    }

    /// Adds a file, or replaces it.
    #[must_use]
    pub fn file(mut self, path: impl Into<String>, bytes: impl Into<Cow<'static, [u8]>>) -> Self {
        self.files.insert(path.into(), bytes.into());
        self.hash = OnceLock::new();
        self
    }

    /// The same recipe under another name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The image's name and tag, as Docker has it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The recipe's hash: every file's path, mode and content.
    pub fn hash(&self) -> &str {
        self.hash.get_or_init(|| self.reckoned())
    }

    fn reckoned(&self) -> String {
        let mut hash = Sha256::new();
        let mut add = |bytes: &[u8]| {
            // Lengths first, so that no two recipes can be spelt the same.
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        add(b"opsctl recipe 1");
        for (path, bytes) in &self.files {
            add(path.as_bytes());
            add(&mode(bytes).to_le_bytes());
            add(bytes);
        }
        format!("{:x}", hash.finalize())
    }

    /// The build context as a tar archive; the same recipe gives the same bytes.
    pub fn context(&self) -> Result<Vec<u8>> {
        if !self.files.contains_key("Dockerfile") {
            return Err(problem!(Usage, "the build context of {} has no Dockerfile", self.name).into());
        }
        let mut archive = tar::Builder::new(Vec::new());
        for (path, bytes) in &self.files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(mode(bytes));
            header.set_mtime(0);
            archive
                .append_data(&mut header, path, bytes.as_ref())
                .with_context(|| format!("{path}: not a path for a build context"))?;
        }
        Ok(archive.into_inner()?)
    }

    /// The images that the Dockerfile starts from: neither `scratch` nor its own stages.
    pub fn bases(&self) -> Vec<String> {
        let text = self.files.get("Dockerfile").map(|b| String::from_utf8_lossy(b)).unwrap_or_default();
        let mut args = BTreeMap::new();
        let (mut stages, mut bases) = (Vec::new(), Vec::new());
        for line in instructions(&text) {
            let mut words = line.split_whitespace();
            let keyword = words.next().unwrap_or_default().to_ascii_uppercase();
            match keyword.as_str() {
                // Only those before the first FROM count for FROM.
                "ARG" if stages.is_empty() => {
                    for word in words {
                        let (name, default) = word.split_once('=').unwrap_or((word, ""));
                        args.insert(name.to_owned(), default.trim_matches(['"', '\'']).to_owned());
                    }
                }
                "FROM" => {
                    let words: Vec<_> = words.filter(|w| !w.starts_with("--")).collect();
                    let Some(base) = words.first().map(|w| expanded(w, &args)) else { continue };
                    if base != "scratch" && !stages.contains(&base) && !bases.contains(&base) {
                        bases.push(base);
                    }
                    // An unnamed stage still ends the leading ARGs.
                    let named = words.get(1).is_some_and(|w| w.eq_ignore_ascii_case("as"));
                    stages.push(words.get(2).filter(|_| named).map_or(String::new(), |s| (*s).to_owned()));
                }
                _ => {}
            }
        }
        bases
    }
}

/// Scripts and programs may be run, everything else only read.
fn mode(bytes: &[u8]) -> u32 {
    if bytes.starts_with(b"#!") || bytes.starts_with(b"\x7fELF") { 0o755 } else { 0o644 }
}

/// The Dockerfile's instructions: comments dropped, continued lines joined.
fn instructions(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open = String::new();
    for line in text.lines().filter(|l| !l.trim_start().starts_with('#')) {
        if let Some(part) = line.trim_end().strip_suffix('\\') {
            open.push_str(part);
            open.push(' ');
        } else {
            lines.push(std::mem::take(&mut open) + line);
        }
    }
    lines.push(open);
    lines
}

/// `$X`, `${X}` and `${X:-default}` replaced.
fn expanded(word: &str, args: &BTreeMap<String, String>) -> String {
    let value = |name: &str| args.get(name).cloned().unwrap_or_default();
    let mut text = String::new();
    let mut rest = word;
    while let Some(at) = rest.find('$') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some((inner, after)) = rest.strip_prefix('{').and_then(|r| r.split_once('}')) {
            let (name, default) = inner.split_once(":-").unwrap_or((inner, ""));
            let set = value(name);
            text.push_str(if set.is_empty() { default } else { &set });
            rest = after;
        } else {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            text.push_str(&value(&rest[..end]));
            rest = &rest[end..];
        }
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    fn recipe(dockerfile: &'static str) -> Recipe {
        Recipe::new("a:1", &[("Dockerfile", dockerfile.as_bytes()), ("run.sh", b"#!/bin/sh\n")])
    }

    #[test]
    fn the_hash_changes_with_every_part_of_the_recipe_and_with_nothing_else() {
        let base = recipe("FROM scratch\n");
        assert_eq!(base.hash(), recipe("FROM scratch\n").hash());
        assert_eq!(base.hash().len(), 64);
        let others = [
            recipe("FROM scratch\n\n"),
            base.clone().file("more", b"".as_slice()),
            base.clone().file("run.sh", b"#!/bin/sh\nexit".as_slice()),
        ];
        let mut hashes: Vec<_> = others.iter().map(Recipe::hash).chain([base.hash()]).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 4);
        let former = base.hash().to_owned();
        assert_ne!(base.file("late", b"".as_slice()).hash(), former);
    }

    #[test]
    fn the_context_holds_every_file_and_scripts_can_be_run() {
        let bytes = recipe("FROM scratch\n").context().unwrap();
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut seen = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            let path = entry.path().unwrap().display().to_string();
            seen.push((path, entry.header().mode().unwrap(), text));
        }
        assert_eq!(
            seen,
            [
                ("Dockerfile".into(), 0o644, "FROM scratch\n".into()),
                ("run.sh".into(), 0o755, "#!/bin/sh\n".into())
            ]
        );
    }

    #[test]
    fn a_context_without_a_dockerfile_or_with_a_path_outside_is_refused() {
        assert!(Recipe::new("a:1", &[("other", b"")]).context().is_err());
        assert!(recipe("FROM scratch\n").file("../up", b"".as_slice()).context().is_err());
    }

    #[test]
    fn bases_are_what_must_be_there_before_the_build() {
        let text = "# comment\nARG BASE=debian:trixie-slim\nARG OTHER\nFROM --platform=linux/amd64 \\\n  $BASE AS build\n\
                    ARG BASE=not:this\nfrom build as two\nFROM scratch\nFROM ${OTHER:-alpine:3.10}\nFROM ${BASE}\n";
        assert_eq!(recipe(text).bases(), ["debian:trixie-slim", "alpine:3.10"]);
        assert!(recipe("FROM scratch\n").bases().is_empty());
    }
}
