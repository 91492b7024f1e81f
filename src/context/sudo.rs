//! Who typed `sudo`: what root does for somebody is recorded with that person.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::variable;
use crate::error::{again, problem};

/// The home folder of the user who typed `sudo`, if root acts for somebody whose home is not in `HOME`.
pub fn home() -> Result<Option<PathBuf>> {
    let Some(uid) = variable("SUDO_UID").and_then(|uid| uid.parse::<u32>().ok()) else { return Ok(None) };
    if uid == 0 || !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let theirs = |home: &Path| std::fs::metadata(home).is_ok_and(|meta| meta.uid() == uid);
    if variable("HOME").is_some_and(|home| theirs(Path::new(&home))) {
        return Ok(None);
    }
    let known = variable("SUDO_HOME").map(PathBuf::from);
    let known = known.or_else(|| in_table(&std::fs::read_to_string("/etc/passwd").ok()?, uid));
    match known.filter(|home| theirs(home)) {
        Some(home) => Ok(Some(home)),
        None => Err(problem!(Usage, "user {uid} typed sudo, and has no home folder that root can find")
            .found("opsctl keeps its record with the user for whom it changes this machine. Nothing was touched.")
            .next(again().where_set("HOME=YOUR_HOME").to("name it, after sudo"))
            .into()),
    }
}

/// The home folder of a user in a table such as `/etc/passwd`.
fn in_table(table: &str, uid: u32) -> Option<PathBuf> {
    table.lines().find_map(|line| {
        let fields: Vec<_> = line.split(':').collect();
        (fields.get(2)?.parse() == Ok(uid)).then(|| fields.get(5).map(PathBuf::from))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_is_found_by_the_users_number_and_not_by_a_groups() {
        let table =
            "root:x:0:0:root:/root:/bin/sh\nann:x:1000:7:Ann,,,:/home/ann:/bin/sh\nbob:x:7:1000::/b:\n";
        assert_eq!(in_table(table, 1000), Some("/home/ann".into()));
        assert_eq!(in_table(table, 7), Some("/b".into()));
        assert_eq!(in_table(table, 10), None);
        assert_eq!(in_table("broken", 1), None);
    }
}
