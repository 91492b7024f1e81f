//! Builds Go programs from locked modules, with the user's own module and build caches.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::recipe::{GO, Program};
use crate::error::{Code, Problem, opsctl, problem};
use crate::exec::Run;
use crate::ui::Row;

/// Whether the Go that is installed can build the bundle; the problem with the command that mends it, if not.
pub async fn check() -> Result<()> {
    let wanted = format!("Go {}.{} or later is needed to build the bundle", GO.0, GO.1);
    let Ok(go) = which::which("go") else {
        return Err(missing(format!("{wanted}; there is no go on PATH")).into());
    };
    let said = Run::new(&go).args(["env", "GOVERSION", "GOTOOLCHAIN"]).without_env("GOFLAGS").text().await?;
    let mut lines = said.lines();
    let version = lines.next().unwrap_or_default().trim();
    let toolchain = lines.next().unwrap_or_default().trim();
    if fits(version, toolchain) {
        return Ok(());
    }
    Err(missing(format!("{wanted}; {} is {version}", go.display())).into())
}

fn missing(what: String) -> Problem {
    Problem::new(Code::Unbuildable, what)
        .advice("install Go from your distribution's packages (Debian 13 and earlier: golang from backports)")
        .next(opsctl("bundle build"))
}

/// Since 1.21 an older Go fetches the one that a module asks for, unless it is told to stay as it is.
fn fits(version: &str, toolchain: &str) -> bool {
    let Some(have) = parse(version) else { return false };
    have >= GO || (have >= (1, 21) && toolchain != "local" && !toolchain.starts_with("go"))
}

fn parse(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.strip_prefix("go")?.split(['.', '-', ' ']);
    let major = numbers.next()?.parse().ok()?;
    // A release candidate is written as 1.26rc1.
    let minor = numbers.next()?;
    let digits: String = minor.chars().take_while(char::is_ascii_digit).collect();
    Some((major, digits.parse().ok()?))
}

/// Settings of a user's that are not for these: other targets, modules that are not the locked ones, sums unchecked.
const NOT_OURS: &[&str] = &[
    "GO111MODULE",
    "GOAMD64",
    "GOARCH",
    "GOARM64",
    "GOEXPERIMENT",
    "GOFLAGS",
    "GOINSECURE",
    "GONOSUMCHECK",
    "GONOSUMDB",
    "GOOS",
    "GOPRIVATE",
    "GOSUMDB",
    "GOVCS",
];
/// Settings of a user's that say where things are.
const WHERE: &[&str] = &["GOCACHE", "GOMODCACHE", "GONOPROXY", "GOPATH", "GOPROXY", "GOTOOLCHAIN"];

/// The same with Go's settings closed: of what the user has set, also by `go env -w`, only where things are counts.
fn closed(run: Run, places: &[String]) -> Run {
    // To Go, an empty one is not set.
    let run = NOT_OURS.iter().fold(run, |run, name| run.env(name, ""));
    let run = WHERE
        .iter()
        .zip(places)
        .filter(|(_, place)| !place.is_empty())
        .fold(run, |run, (name, place)| run.env(name, place));
    run.env("GOENV", "off").env("GOWORK", "off")
}

/// What the user has said of each of [`WHERE`].
async fn places() -> Result<Vec<String>> {
    let said = Run::new("go").arg("env").args(WHERE).without_env("GOFLAGS").text().await?;
    Ok(said.lines().map(|line| line.trim().to_owned()).collect())
}

/// Builds a program's executables into `into`, which exists; `sources` keeps the module between builds.
pub async fn build(program: &Program, sources: &Path, into: &Path, row: &Row) -> Result<Vec<PathBuf>> {
    let module = sources.join(program.module.name);
    for file in program.module.lock.iter().chain(program.module.own) {
        write_if_other(&module.join(file.path), file.text)?;
    }
    let ldflags = (program.stamps)()
        .iter()
        .fold("-s -w".to_owned(), |flags, (name, value)| format!("{flags} -X {name}={value}"));
    // One package may be named otherwise than its executable (…/server/v3 is etcd).
    let target = match program.outputs {
        [one] => into.join(one),
        _ => into.join(""),
    };
    let mut compiled = 0_usize;
    closed(Run::new("go"), &places().await?)
        .args(["build", "-v", "-mod=readonly", "-buildvcs=false", "-trimpath", "-ldflags", &ldflags])
        .args(["-tags", program.tags, "-o"])
        .arg(&target)
        .args(program.packages)
        .dir(&module)
        .env("CGO_ENABLED", if program.cgo { "1" } else { "0" })
        // Killed, it leaves its temporary files: there they go with the piece.
        .env("TMPDIR", into)
        .env("GOTMPDIR", into)
        .watched(|line| {
            if line.starts_with("go: ") {
                row.hears(line.trim_start_matches("go: "));
            } else {
                compiled += 1;
                row.hears(&format!("{compiled} packages: {line}"));
            }
        })
        .await
        .context("building from Go modules")?;
    program
        .outputs
        .iter()
        .map(|name| {
            let path = into.join(name);
            if path.is_file() {
                Ok(path)
            } else {
                Err(problem!(Bundle, "go build succeeded but did not create {name}").into())
            }
        })
        .collect()
}

/// Go rebuilds what is newer: a file that is as it should be is left alone.
fn write_if_other(path: &Path, text: &str) -> Result<()> {
    if std::fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    crate::fs::write_whole(path, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_a_users_settings_only_where_things_are_reaches_a_build() {
        let set = |run: Run, name: &&str| run.env(name, "theirs");
        let run = NOT_OURS.iter().chain(WHERE).chain(&["GOENV", "GOWORK", "CC"]).fold(Run::new("env"), set);
        let places: Vec<_> = WHERE.iter().map(|name| format!("place of {name}")).collect();
        let said = closed(run, &places).text().await.unwrap();
        let lines: Vec<_> = said.lines().collect();
        for name in NOT_OURS {
            assert!(lines.contains(&format!("{name}=").as_str()), "{name}: {said}");
        }
        for name in WHERE {
            assert!(lines.contains(&format!("{name}=place of {name}").as_str()), "{name}: {said}");
        }
        for line in ["GOENV=off", "GOWORK=off", "CC=theirs"] {
            assert!(lines.contains(&line), "{line}: {said}");
        }
    }

    #[test]
    fn an_old_go_will_do_only_when_it_may_fetch_the_newer_one() {
        assert!(fits("go1.26.8", "local"));
        assert!(fits("go1.25", "local"));
        assert!(fits("go1.27rc1", "local"));
        assert!(!fits("go1.24.9", "local"));
        assert!(fits("go1.24.9", "auto"));
        assert!(!fits("go1.24.9", "go1.24.9"));
        assert!(!fits("go1.19.8", "auto"));
        assert!(!fits("devel", "auto"));
    }
}
