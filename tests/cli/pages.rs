//! The pages hang together: each link leads to a file, and to a heading in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every page, by its path.
fn pages() -> BTreeMap<PathBuf, String> {
    [root().to_path_buf(), root().join("docs")]
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| (path.canonicalize().unwrap(), std::fs::read_to_string(&path).unwrap()))
        .collect()
}

/// Without the lines of fenced and of indented blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence && !line.starts_with("    ")
    })
}

/// A heading's name in links, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
}

#[test]
fn each_link_of_a_page_leads_somewhere() {
    let pages = pages();
    let mut links = 0;
    for (page, text) in &pages {
        let targets = prose(text).flat_map(|line| line.split("](").skip(1));
        for target in targets.filter_map(|rest| rest.split_once(')').map(|(target, _)| target)) {
            if target.contains("://") {
                continue;
            }
            links += 1;
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = if file.is_empty() { page.clone() } else { page.with_file_name(file) };
            let path = path.canonicalize().unwrap_or_else(|e| panic!("{}: {target}: {e}", page.display()));
            if !heading.is_empty() {
                let mut headings = prose(&pages[&path]).filter(|line| line.starts_with('#'));
                let found = headings.any(|line| anchor(line.trim_start_matches('#')) == heading);
                assert!(found, "{}: {target}: no such heading", page.display());
            }
        }
    }
    assert!(links > 50, "only {links} links were found");
}

#[test]
fn each_page_is_linked_from_another_one() {
    let pages = pages();
    for page in pages.keys().filter(|page| page.starts_with(root().join("docs"))) {
        let name = page.file_name().unwrap().to_str().unwrap();
        let from = pages.iter().filter(|(path, _)| *path != page);
        let linked = from
            .into_iter()
            .any(|(_, text)| text.contains(&format!("{name})")) || text.contains(&format!("{name}#")));
        assert!(linked, "nobody finds docs/{name}");
    }
}
