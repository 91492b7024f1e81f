//! The bundle's container images, made by Docker; each bears a label with its name, by which it is known as ours.

use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::part::Part;
use super::recipe::{Embedded, SUITE};
use crate::context::Context;
use crate::error::{again, opsctl, problem, shell, sudo_opsctl};
use crate::exec::{Run, fan_out};
use crate::fs::try_lock;
use crate::host::docker;
use crate::ui::{Mark, Row};

/// An image of ours has this label, and its own name as the value. What others build on it inherits the
/// label, but not the name.
pub const LABEL: &str = "dev.opsctl.bundle.image";

/// What Debian's packages are signed with.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Suites of Debian with the oldest packages that can be had, for what wants Alpine 3.10.
const NEAREST: [&str; 2] = ["bullseye", "bookworm"];

/// An image's ID, `None` where Docker has none of that name.
pub async fn id(tag: &str) -> Result<Option<String>> {
    let output = docker::run(["image", "inspect", "--format", "{{.Id}}", tag]).any().await?;
    Ok(output.ok().then(|| output.stdout.trim().to_owned()))
}

/// An image's size in bytes.
pub async fn size(tag: &str) -> Result<u64> {
    let text = docker::run(["image", "inspect", "--format", "{{.Size}}", tag]).text().await?;
    text.parse().with_context(|| format!("docker reported \"{text}\" as the size of {tag}"))
}

/// Whether the bundle made the image of that name.
pub async fn is_ours(tag: &str) -> Result<bool> {
    let format = format!("{{{{index .Config.Labels \"{LABEL}\"}}}}");
    let output = docker::run(["image", "inspect", "--format", &format, tag]).any().await?;
    Ok(output.ok() && output.stdout.trim() == tag)
}

/// All images that the bundle made, by name.
pub async fn ours() -> Result<Vec<String>> {
    let filter = format!("label={LABEL}");
    let listed = docker::run(["image", "ls", "--format", "{{.Repository}}:{{.Tag}}", "--filter", &filter]);
    let mut tags = Vec::new();
    for tag in listed.text().await?.lines() {
        if is_ours(tag).await? {
            tags.push(tag.to_owned());
        }
    }
    Ok(tags)
}

/// Takes an image's name away; whether there was one.
pub async fn untag(tag: &str) -> Result<bool> {
    let output = docker::run(["image", "rm", tag]).any().await?;
    if output.ok() {
        return Ok(true);
    }
    if id(tag).await?.is_none() {
        return Ok(false);
    }
    Err(problem!(Image, "the image {tag} could not be removed").found(output.last_words(2)).into())
}

/// Builds an image from the context in `dir`. Packages come over the host's network.
pub async fn build(tag: &str, dir: &Path, row: &Row) -> Result<()> {
    docker::run(["build", "--network", "host", "--label", &format!("{LABEL}={tag}"), "--tag", tag])
        .arg(dir)
        // An attestation would make it an image of two platforms, one of them unknown.
        .env("BUILDX_NO_DEFAULT_ATTESTATIONS", "1")
        .watched(|line| row.hears(line))
        .await
        .with_context(|| format!("building the image {tag}"))?;
    Ok(())
}

/// Writes a build context: embedded files, and programs of the bundle.
pub fn context(dir: &Path, files: &[Embedded], programs: &[&Path]) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    for file in files {
        let path = dir.join(file.path);
        std::fs::write(&path, file.text).with_context(|| format!("could not write {}", path.display()))?;
        let mode = if file.text.starts_with("#!") { 0o755 } else { 0o644 };
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode))?;
    }
    for program in programs {
        let name = program.file_name().context("a program has a name")?;
        super::link_or_copy(program, &dir.join(name))?;
    }
    Ok(())
}

/// Makes sure that Docker has `debian:<suite>-slim`, so that a Dockerfile can say `FROM` it: the one that is
/// there, else the registry's, else one made by debootstrap from Debian's packages.
pub async fn base_image(cx: &Context, suite: &str) -> Result<()> {
    let tag = format!("debian:{suite}-slim");
    if id(&tag).await?.is_some() {
        return Ok(());
    }
    let row = cx.ui.row("base", &format!("looking for {tag}"));
    let how = make_base(cx, suite, &row).await?;
    row.end(Mark::Done, format!("{tag}, {how}"));
    Ok(())
}

/// The same below another row; how it was had.
pub(super) async fn make_base(cx: &Context, suite: &str, row: &Row) -> Result<&'static str> {
    let tag = format!("debian:{suite}-slim");
    if id(&tag).await?.is_some() {
        return Ok("already in Docker");
    }
    if docker::registry_reachable().await {
        row.doing(format!("pulling {tag}"));
        let pulled = docker::run(["pull", "--quiet", &tag]).timeout(Duration::from_mins(2)).any().await;
        if pulled.is_ok_and(|o| o.ok()) {
            return Ok("pulled");
        }
    }
    let _turn = turn(cx, suite, row).await?;
    if id(&tag).await?.is_some() {
        return Ok("just built by another opsctl");
    }
    debootstrap(cx, suite, &tag, row).await?;
    Ok("built from Debian packages")
}

/// Makes sure that Docker has this base image of a registry's. Where no registry answers, the nearest base of Debian
/// that can be made is named instead; a pull that fails otherwise is an error.
pub async fn base_or_debian(cx: &Context, tag: &str) -> Result<Option<String>> {
    // Images are built side by side, and both may want it.
    static KNOWN: tokio::sync::Mutex<Vec<(String, Option<String>)>> =
        tokio::sync::Mutex::const_new(Vec::new());
    let mut known = KNOWN.lock().await;
    if let Some((_, base)) = known.iter().find(|(of, _)| of == tag) {
        return Ok(base.clone());
    }
    let base = nearest(cx, tag).await?;
    known.push((tag.to_owned(), base.clone()));
    Ok(base)
}

async fn nearest(cx: &Context, tag: &str) -> Result<Option<String>> {
    if id(tag).await?.is_some() {
        return Ok(None);
    }
    let row = cx.ui.row("base", &format!("looking for {tag}"));
    if docker::registry_reachable().await {
        row.doing(format!("pulling {tag}"));
        let pulled = docker::run(["pull", "--quiet", tag]).timeout(Duration::from_mins(2)).any().await?;
        if !pulled.ok() {
            return Err(problem!(Image, "docker could not pull {tag}, though a registry answers")
                .found(pulled.last_words(3))
                .next(shell(format!("docker pull {tag}")))
                .next(again().remark("then"))
                .into());
        }
        row.end(Mark::Done, format!("{tag}, pulled"));
        return Ok(None);
    }
    let mut failed = None;
    for suite in NEAREST {
        match make_base(cx, suite, &row).await {
            Ok(how) => {
                let instead = format!("debian:{suite}-slim");
                row.end(Mark::Done, format!("{instead}, {how}: no registry answers that has {tag}"));
                return Ok(Some(instead));
            }
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    Err(failed.unwrap_or_else(|| anyhow::anyhow!("no base")))
}

/// One process at a time makes a suite's base: the others wait, and find it made. Given back by the kernel when
/// the process ends.
async fn turn(cx: &Context, suite: &str, row: &Row) -> Result<File> {
    let bundle = cx.paths.bundle();
    std::fs::create_dir_all(&bundle).with_context(|| format!("could not make {}", bundle.display()))?;
    loop {
        if let Some(file) = try_lock(&bundle.join(format!("rootfs-{suite}.lock")))? {
            return Ok(file);
        }
        row.doing(format!("another opsctl is making debian:{suite}-slim"));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn debootstrap(cx: &Context, suite: &str, tag: &str, row: &Row) -> Result<()> {
    let what = format!("{tag} is unavailable from the registries, so debootstrap must build it");
    if which::which("debootstrap").is_err() {
        return Err(problem!(Unbuildable, "{what}, and it is not installed")
            .next(opsctl("check --fix"))
            .next(shell("apt-get install debootstrap"))
            .into());
    }
    if !crate::host::is_root() {
        return Err(problem!(Unbuildable, "{what}, which only root can do")
            .next(shell(format!("sudo docker pull {tag}")))
            .next(sudo_opsctl("bundle build"))
            .into());
    }
    let part = Part::new(cx, &format!("rootfs-{suite}"))?;
    let root = part.path().join("root");
    let own = mirror();
    if !Path::new(KEYRING).exists() {
        return Err(problem!(
            Unbuildable,
            "{what}, and without {KEYRING} nothing tells its packages from forged ones"
        )
        .next(shell("apt-get install debian-archive-keyring"))
        .into());
    }
    // Without the flag a keyring that it does not find is only a warning.
    Run::new("debootstrap")
        .args(["--force-check-gpg", &format!("--keyring={KEYRING}"), "--variant=minbase", suite])
        .arg(&root)
        .args(&own)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .watched(|line| row.hears(line.trim_start_matches("I: ")))
        .await
        .with_context(|| format!("building {tag} from Debian packages"))?;
    // Without a mirror of ours debootstrap took its own, and wrote it down.
    let wrote = || mirror_in(&std::fs::read_to_string(root.join("etc/apt/sources.list")).unwrap_or_default());
    let mirror = own.or_else(wrote).context("debootstrap did not say which mirror it used")?;
    slim(&root, suite, &mirror)?;
    row.doing(format!("importing {tag}"));
    let pack = Run::new("tar").arg("-C").arg(&root).args(["--numeric-owner", "-c", "."]);
    let label = format!("LABEL {LABEL}={tag}");
    let import = docker::run(["import", "--change", &label, "--change", "CMD [\"bash\"]", "-", tag]);
    fan_out(&pack, &[import]).await.with_context(|| format!("importing {tag}"))?;
    Ok(())
}

/// What the published image has beyond `minbase`: updates and security fixes; and what it has not.
fn slim(root: &Path, suite: &str, mirror: &str) -> Result<()> {
    let security = mirror.strip_suffix("/debian").map(|host| format!("{host}/debian-security"));
    let keyring = format!("Signed-By: {KEYRING}");
    let mut sources =
        format!("Types: deb\nURIs: {mirror}\nSuites: {suite} {suite}-updates\nComponents: main\n{keyring}\n");
    if let Some(security) = security {
        let _ = write!(
            sources,
            "\nTypes: deb\nURIs: {security}\nSuites: {suite}-security\nComponents: main\n{keyring}\n"
        );
    }
    let lists = root.join("etc/apt/sources.list.d");
    std::fs::create_dir_all(&lists)?;
    std::fs::write(lists.join("debian.sources"), sources)?;
    std::fs::write(root.join("etc/apt/sources.list"), "")?;
    for folder in ["var/cache/apt/archives", "var/lib/apt/lists", "usr/share/man"] {
        empty(&root.join(folder))?;
    }
    only_copyrights(&root.join("usr/share/doc"))
}

/// Leaves of the packages' documents what their licences ask for. A package's folder may be a link to
/// another's: links stay.
fn only_copyrights(documents: &Path) -> Result<()> {
    for package in std::fs::read_dir(documents).into_iter().flatten() {
        let package = package?;
        if !package.file_type()?.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(package.path())? {
            let file = file?;
            match (file.file_name().to_str(), file.file_type()?.is_dir()) {
                (Some("copyright"), _) => {}
                (_, true) => std::fs::remove_dir_all(file.path())?,
                (_, false) => std::fs::remove_file(file.path())?,
            }
        }
    }
    Ok(())
}

fn empty(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        std::fs::remove_dir_all(folder)?;
        std::fs::create_dir(folder)?;
    }
    Ok(())
}

/// The Debian mirror that this machine's own apt uses, if it is a Debian: where the usual one is not to be
/// reached, that one is.
fn mirror() -> Option<String> {
    let more = std::fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten().flatten().map(|e| e.path());
    let mut files: Vec<_> = more.collect();
    files.sort();
    files.insert(0, "/etc/apt/sources.list".into());
    let texts: Vec<_> = files.iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect();
    mirror_in(&texts.join("\n\n"))
}

/// An entry of apt's sources.
#[derive(Debug, Default)]
struct Entry {
    uris: Vec<String>,
    suites: Vec<String>,
    components: Vec<String>,
    signed_by: String,
    binary: bool,
    disabled: bool,
}

/// The suites of Debian itself, without those of updates.
const SUITES: &[&str] = &[
    "bullseye",
    "bookworm",
    "trixie",
    "forky",
    "sid",
    "oldoldstable",
    "oldstable",
    "stable",
    "testing",
    "unstable",
];

impl Entry {
    /// A line such as `deb [signed-by=…] URI SUITE COMPONENT…`.
    fn of_line(line: &str) -> Option<Self> {
        let rest = line.strip_prefix("deb ")?.trim_start();
        let (options, rest) = match rest.strip_prefix('[') {
            Some(rest) => rest.split_once(']')?,
            None => ("", rest),
        };
        let signed_by =
            options.split_whitespace().find_map(|o| o.strip_prefix("signed-by=")).unwrap_or_default();
        let mut words = rest.split_whitespace().map(str::to_owned);
        let (uri, suite) = (words.next()?, words.next()?);
        Some(Self {
            uris: vec![uri],
            suites: vec![suite],
            components: words.collect(),
            signed_by: signed_by.to_owned(),
            binary: true,
            disabled: false,
        })
    }

    /// A stanza of fields, each of which may go on in the next line.
    fn of_stanza(stanza: &str) -> Self {
        let mut entry = Self::default();
        let mut field = String::new();
        for line in stanza.lines().filter(|line| !line.starts_with('#')) {
            let value = match line.split_once(':') {
                Some((name, value)) if !line.starts_with([' ', '\t']) => {
                    field = name.to_lowercase();
                    value
                }
                _ => line,
            };
            let words = value.split_whitespace().map(str::to_owned);
            match field.as_str() {
                "uris" => entry.uris.extend(words),
                "suites" => entry.suites.extend(words),
                "components" => entry.components.extend(words),
                "signed-by" => entry.signed_by.push_str(value.trim()),
                "types" => entry.binary |= words.into_iter().any(|word| word == "deb"),
                "enabled" => {
                    entry.disabled =
                        matches!(value.trim().to_lowercase().as_str(), "no" | "false" | "0" | "off");
                }
                _ => {}
            }
        }
        entry
    }

    /// Debian's own archive on a mirror of it, the surer the higher. Others, too, end their address with `/debian`.
    fn mirrors(&self) -> Vec<(u8, &str)> {
        let suite = self.suites.iter().any(|suite| SUITES.contains(&suite.as_str()));
        let main = self.components.iter().any(|component| component == "main");
        let theirs = !self.signed_by.is_empty() && !self.signed_by.contains("debian-archive");
        if self.disabled || !self.binary || !suite || !main || theirs {
            return Vec::new();
        }
        let found = self.uris.iter().map(|uri| uri.trim_end_matches('/'));
        let found = found.filter(|uri| uri.starts_with("http") && uri.ends_with("/debian"));
        found
            .map(|uri| {
                let (_, path) =
                    uri.split_once("://").and_then(|(_, rest)| rest.split_once('/')).unwrap_or_default();
                let sure = match () {
                    () if !self.signed_by.is_empty() => 2,
                    () if path == "debian" => 1,
                    () => 0,
                };
                (sure, uri)
            })
            .collect()
    }
}

fn mirror_in(sources: &str) -> Option<String> {
    let is_stanza = |part: &&str| part.lines().any(|line| line.to_lowercase().starts_with("uris:"));
    let (stanzas, lines): (Vec<_>, Vec<_>) = sources.split("\n\n").partition(is_stanza);
    let lines = lines.into_iter().flat_map(str::lines).filter_map(|line| Entry::of_line(line.trim()));
    let entries: Vec<_> = lines.chain(stanzas.into_iter().map(Entry::of_stanza)).collect();
    let mut best: Option<(u8, &str)> = None;
    for (sure, uri) in entries.iter().flat_map(Entry::mirrors) {
        if best.is_none_or(|(before, _)| sure > before) {
            best = Some((sure, uri));
        }
    }
    best.map(|(_, uri)| uri.to_owned())
}

/// The base of the node and of the pod network's image.
pub(super) async fn node_base(cx: &Context, row: &Row) -> Result<()> {
    make_base(cx, SUITE, row).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_keeps_every_packages_copyright_also_behind_a_link() {
        let root = tempfile::tempdir().unwrap();
        let real = root.path().join("gcc-base");
        std::fs::create_dir_all(real.join("examples")).unwrap();
        std::fs::write(real.join("copyright"), "GPL").unwrap();
        std::fs::write(real.join("changelog.gz"), "long").unwrap();
        std::os::unix::fs::symlink("gcc-base", root.path().join("libatomic")).unwrap();
        only_copyrights(root.path()).unwrap();
        assert_eq!(std::fs::read_to_string(root.path().join("libatomic/copyright")).unwrap(), "GPL");
        assert_eq!(std::fs::read_dir(&real).unwrap().count(), 1);
    }

    #[test]
    fn the_mirror_is_the_one_that_apt_uses() {
        let deb822 = "Types: deb\nURIs: http://mirror.example/debian/\nSuites: bookworm\nComponents: main\n";
        assert_eq!(mirror_in(deb822).as_deref(), Some("http://mirror.example/debian"));
        let lines =
            "# deb http://old.example/debian x\ndeb [arch=amd64] http://a.example/debian bookworm main";
        assert_eq!(mirror_in(lines).as_deref(), Some("http://a.example/debian"));
        let ubuntu =
            "deb http://archive.example/ubuntu noble main\ndeb http://x.example/debian-security y main";
        assert_eq!(mirror_in(ubuntu), None);
    }

    #[test]
    fn the_mirror_is_debians_own_and_never_somebody_elses_archive() {
        let docker = "deb [arch=amd64 signed-by=/etc/apt/keyrings/docker.asc] https://docker.example/linux/debian bookworm stable";
        let gitlab = "deb [signed-by=/usr/share/keyrings/gitlab.gpg] https://gitlab.example/gitlab/gitlab-ce/debian/ bookworm main";
        let unsigned = "deb https://gitlab.example/runner/debian/ bookworm main";
        let virtualbox = "deb https://virtualbox.example/virtualbox/debian bookworm contrib";
        let off =
            "Types: deb\nURIs: http://off.example/debian\nSuites: bookworm\nComponents: main\nEnabled: no\n";
        let sources = "Types: deb-src\nURIs: http://src.example/debian\nSuites: bookworm\nComponents: main\n";
        for theirs in [docker, gitlab, virtualbox, off, sources] {
            assert_eq!(mirror_in(theirs), None, "{theirs}");
        }
        let own = "Types: deb\nURIs: http://mirror.example/pub/debian\nSuites: trixie trixie-updates\nComponents: main\n\
                   Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n";
        let all = [docker, gitlab, unsigned, virtualbox, off, sources, own].join("\n\n");
        assert_eq!(mirror_in(&all).as_deref(), Some("http://mirror.example/pub/debian"));
        let usual = format!("{unsigned}\ndeb http://mirror.example/debian trixie main");
        assert_eq!(mirror_in(&usual).as_deref(), Some("http://mirror.example/debian"));
    }
}
